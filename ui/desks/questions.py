"""The desk of clerks' questions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from formscan.model.people import Role
from ui.actions import Operation
from ui.desk import Desk, DeskParts

if TYPE_CHECKING:
    from ui.views.questions_view import QuestionsView


def _make(parts: DeskParts) -> QuestionsView:
    from ui.views.questions_view import QuestionsView

    return QuestionsView(parts)


DESK: Final = Desk(
    "questions",
    "Questions of the clerks",
    ("Ctrl+Shift+K",),
    _make,
    frozenset({Role.SUPERVISOR}),
    order=45,
    operations=(
        Operation("see", "See the document", ("F8",), "questions", "View"),
        Operation("load", "Load again", ("F5",), "questions", "File"),
    ),
)
