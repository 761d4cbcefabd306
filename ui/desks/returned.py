"""The desk of what a supervisor gave back."""

from __future__ import annotations

from formscan.model.people import Role
from ui.actions import Operation
from ui.desk import Desk, DeskParts
from ui.views.desk_view import DeskView


def _make(parts: DeskParts) -> DeskView:
    from ui.views.returned_view import ReturnedView

    return ReturnedView(parts)


DESK = Desk(
    id="returned",
    title="Returned to you",
    keys=("Ctrl+1",),
    make=_make,
    roles=frozenset({Role.REVIEWING_CLERK, Role.SUPERVISOR}),
    order=40,
    operations=(
        Operation("returned_answer", "Write a new version", ("F9",), "returned", "Review"),
        Operation("returned_load", "Load again", ("F5",), "returned", "File"),
    ),
)
