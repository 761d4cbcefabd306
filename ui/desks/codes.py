"""One-time codes: everybody's own second factor."""

from __future__ import annotations

from ui.actions import Operation
from ui.desk import Desk, DeskParts
from ui.views.desk_view import DeskView

DESK_ID = "codes"
OPERATIONS = (
    Operation("begin", "Set up one-time codes", ("F2",), DESK_ID, "File", editing=True),
    Operation("kept", "I have kept the recovery codes", ("F4",), DESK_ID, "File", editing=True),
    Operation("drop", "Switch one-time codes off", ("F8",), DESK_ID, "File", editing=True),
)


def _make(parts: DeskParts) -> DeskView:
    from ui.views.codes_view import CodesView

    return CodesView(parts)


DESK = Desk(
    id=DESK_ID,
    title="One-time codes",
    keys=("Ctrl+Shift+P",),
    make=_make,
    order=85,
    operations=OPERATIONS,
)
