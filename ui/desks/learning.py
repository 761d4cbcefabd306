"""The desk of the learning curve: what each adaptation was worth, which weights read, and the way back."""

from __future__ import annotations

from formscan.model.people import Role
from ui.actions import Operation
from ui.desk import Desk, DeskParts
from ui.views.desk_view import DeskView


def _make(parts: DeskParts) -> DeskView:
    from ui.views.learning_view import LearningView

    return LearningView(parts)


DESK = Desk(
    id="learning",
    title="Learning curve",
    keys=("Ctrl+Shift+L",),
    make=_make,
    roles=frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR}),
    order=67,
    operations=(
        Operation("learning_use", "Use these weights", ("F3",), "learning", "Review"),
        Operation("learning_shipped", "Use the weights that ship", ("F4",), "learning", "Review"),
        Operation("learning_load", "Load again", ("F5",), "learning", "File"),
    ),
)
