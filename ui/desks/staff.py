"""People: accounts and roles; a supervisor only helps somebody who lost the device of her codes."""

from __future__ import annotations

from formscan.model.people import Role
from ui.actions import Operation
from ui.desk import Desk, DeskParts
from ui.views.desk_view import DeskView

DESK_ID = "staff"
OPERATIONS = (
    Operation("keep", "Keep the account", ("Ctrl+Return",), DESK_ID, "File", editing=True),
    Operation("new", "New account", ("Ctrl+N",), DESK_ID, "File", editing=True),
    Operation("turn", "Lock or open the account", ("F8",), DESK_ID, "File", editing=True),
    Operation("reset_codes", "Switch off her one-time codes", ("F9",), DESK_ID, "File", editing=True),
)


def _make(parts: DeskParts) -> DeskView:
    from ui.views.staff_view import StaffView

    return StaffView(parts)


DESK = Desk(
    id=DESK_ID,
    title="People",
    keys=("Ctrl+0",),
    make=_make,
    roles=frozenset({Role.ADMINISTRATOR, Role.SUPERVISOR}),
    order=80,
    operations=OPERATIONS,
)
