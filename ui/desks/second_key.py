"""The second key: critical fields keyed blind by another person."""

from __future__ import annotations

from formscan.model.people import Role
from ui.actions import Operation
from ui.desk import Desk, DeskParts
from ui.views.desk_view import DeskView

DESK_ID = "second_key"
OPERATIONS = (
    Operation("accept", "Keep and go on", ("Return", "Enter"), DESK_ID, "Field", editing=True),
    Operation("blank", "Blank", ("F2",), DESK_ID, "Field", editing=True),
    Operation("illegible", "Illegible", ("F3",), DESK_ID, "Field", editing=True),
    Operation("struck_out", "Struck out", ("F4",), DESK_ID, "Field", editing=True),
    Operation("covered", "Covered", ("F5",), DESK_ID, "Field", editing=True),
    Operation("not_applicable", "Not applicable", ("F6",), DESK_ID, "Field", editing=True),
    Operation("aside", "Leave this field to somebody else", ("F8",), DESK_ID, "Field", editing=True),
)


def _make(parts: DeskParts) -> DeskView:
    from ui.views.second_key_view import SecondKeyView

    return SecondKeyView(parts)


DESK = Desk(
    id=DESK_ID,
    title="Second key",
    keys=("Ctrl+2",),
    make=_make,
    roles=frozenset({Role.REVIEWING_CLERK, Role.SUPERVISOR}),
    order=20,
    operations=OPERATIONS,
)
