"""Arbitration: fields two people keyed differently."""

from __future__ import annotations

from formscan.model.people import Role
from ui.actions import Operation
from ui.desk import Desk, DeskParts
from ui.views.desk_view import DeskView

DESK_ID = "ruling"
OPERATIONS = (
    Operation("first", "The first value is right", ("Alt+1",), DESK_ID, "Field", editing=True),
    Operation("second", "The second value is right", ("Alt+2",), DESK_ID, "Field", editing=True),
    Operation("accept", "Neither: what I typed", ("Return", "Enter"), DESK_ID, "Field", editing=True),
    Operation("blank", "Blank", ("F2",), DESK_ID, "Field", editing=True),
    Operation("illegible", "Illegible", ("F3",), DESK_ID, "Field", editing=True),
    Operation("struck_out", "Struck out", ("F4",), DESK_ID, "Field", editing=True),
    Operation("covered", "Covered", ("F5",), DESK_ID, "Field", editing=True),
    Operation("not_applicable", "Not applicable", ("F6",), DESK_ID, "Field", editing=True),
    Operation("aside", "Leave this field to somebody else", ("F8",), DESK_ID, "Field", editing=True),
)


def _make(parts: DeskParts) -> DeskView:
    from ui.views.ruling_view import RulingView

    return RulingView(parts)


DESK = Desk(
    id=DESK_ID,
    title="Arbitration",
    keys=("Ctrl+3",),
    make=_make,
    roles=frozenset({Role.SUPERVISOR}),
    order=21,
    operations=OPERATIONS,
)
