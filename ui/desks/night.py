"""The desk of the night and the morning."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from formscan.model.people import Role
from ui.actions import Operation
from ui.desk import Desk, DeskParts

if TYPE_CHECKING:
    from ui.views.night_view import NightView

_HERE: Final = "night"

OPERATIONS: Final = (
    Operation("night_likeliest", "Do the likeliest", ("Return", "Enter"), _HERE, "Review"),
    Operation("night_rotate", "Rotate to the right", ("F2",), _HERE, "Review"),
    Operation("night_form", "Choose the form", ("F3",), _HERE, "Review"),
    Operation("night_rescan", "Have it scanned again", ("F4",), _HERE, "Review"),
    Operation("night_retry", "Read it again", ("F6",), _HERE, "Review"),
    Operation("night_give_up", "Give it up", ("F7",), _HERE, "Review"),
    Operation("night_file", "File it as it is", ("F10",), _HERE, "Review"),
    Operation("night_template", "Begin a template from it", ("Shift+F10",), _HERE, "Review"),
    Operation("night_alike", "Choose all of this reason", ("Ctrl+R",), _HERE, "Review"),
    Operation("night_report", "Report or list", ("F8",), _HERE, "View"),
    Operation("night_pause", "Pause the night, or go on", ("F9",), _HERE, "File"),
    Operation("night_save", "Save the report …", ("Ctrl+S",), _HERE, "File"),
    Operation("night_load", "Load again", ("F5",), _HERE, "File"),
)


def _make(parts: DeskParts) -> NightView:
    from ui.viewmodels.night import NightModel
    from ui.viewmodels.nightly import nightly
    from ui.views.night_view import NightView

    model = NightModel(nightly(parts.backend), parts.database, parts.speech)
    view = NightView(model, parts)
    model.setParent(view)
    return view


DESK: Final = Desk(
    _HERE,
    "Night and morning",
    ("Ctrl+M",),
    _make,
    frozenset({Role.SCANNING_CLERK, Role.SUPERVISOR, Role.ARCHIVIST}),
    order=20,
    operations=OPERATIONS,
)
