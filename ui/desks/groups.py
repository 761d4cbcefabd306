"""The desk of look-alikes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from formscan.model.people import Role
from ui.actions import Operation
from ui.desk import Desk, DeskParts

if TYPE_CHECKING:
    from ui.views.groups_view import GroupsView

_HERE: Final = "groups"

OPERATIONS: Final = (
    Operation(
        "confirm_screen", "Confirm the whole screen", ("Return", "Enter"), _HERE, "Review", editing=True
    ),
    Operation("leave_out", "Leave this one to its document", ("Space",), _HERE, "Review"),
    Operation("correct", "Correct this one", ("F4",), _HERE, "Review"),
    Operation("undo", "Undo the last screen", ("Ctrl+Z",), _HERE, "Review"),
    Operation("context", "Show its page", ("F8",), _HERE, "View"),
    Operation("group_before", "Group before", ("PgUp",), _HERE, "View"),
    Operation("group_after", "Group after", ("PgDown",), _HERE, "View"),
    Operation("blank", "Blank", ("F2",), _HERE, "Field"),
    Operation("illegible", "Illegible", ("F3",), _HERE, "Field"),
    Operation("load", "Load again", ("F5",), _HERE, "File"),
    Operation("cancel", "Close the message", ("Esc",), _HERE, editing=True),
)


def _make(parts: DeskParts) -> GroupsView:
    from ui.viewmodels.crops import CropShelf
    from ui.viewmodels.look_alikes import LookAlikes
    from ui.views.groups_view import GroupsView

    model = LookAlikes(parts.backend, parts.database)
    crops = CropShelf(parts.backend, parts.database, parts.pixels)
    view = GroupsView(model, crops, parts)
    model.setParent(view)
    crops.setParent(view)
    return view


DESK: Final = Desk(
    _HERE,
    "Groups of look-alikes",
    ("Ctrl+G",),
    _make,
    frozenset({Role.REVIEWING_CLERK, Role.SUPERVISOR}),
    order=10,
    operations=OPERATIONS,
)
