"""The desk of the scanner."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from formscan.model.people import Role
from ui.actions import Operation
from ui.desk import Desk, DeskParts

if TYPE_CHECKING:
    from ui.views.scan_view import ScanView

_HERE: Final = "scan"

OPERATIONS: Final = (
    Operation("scan_preview", "Preview", ("F8",), _HERE, "Review"),
    Operation("scan_start", "Scan the stack", ("F9",), _HERE, "Review"),
    Operation("scan_go_on", "Go on after a stop", ("F6",), _HERE, "Review"),
    Operation("scan_finish", "The stack is whole", ("F7",), _HERE, "Review"),
    Operation("scan_stop", "Stop after this sheet", ("F4",), _HERE, "Review"),
    Operation("scan_read", "Read the pages now", ("Ctrl+D",), _HERE, "File"),
    Operation("scan_look", "Look for scanners", ("F5",), _HERE, "File"),
)


def _make(parts: DeskParts) -> ScanView:
    from ui.viewmodels.scanning import ScanModel, scanning
    from ui.views.scan_view import ScanView

    model = ScanModel(scanning(parts.backend), parts.pixels)
    view = ScanView(model, parts)
    model.setParent(view)
    return view


DESK: Final = Desk(
    _HERE,
    "Scan",
    ("Ctrl+Shift+S",),
    _make,
    frozenset({Role.SCANNING_CLERK, Role.ARCHIVIST}),
    order=5,
    operations=OPERATIONS,
)
