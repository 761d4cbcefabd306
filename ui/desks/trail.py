"""The desk of the audit trail."""

from __future__ import annotations

from formscan.model.people import Role
from ui.actions import Operation
from ui.desk import Desk, DeskParts
from ui.views.desk_view import DeskView


def _make(parts: DeskParts) -> DeskView:
    from ui.views.trail_view import TrailView

    return TrailView(parts)


DESK = Desk(
    id="trail",
    title="Audit trail",
    keys=("Ctrl+9",),
    make=_make,
    roles=frozenset({Role.SUPERVISOR, Role.ARCHIVIST, Role.ADMINISTRATOR}),
    order=90,
    operations=(
        Operation("trail_filter", "Filter", ("Ctrl+F",), "trail", "File"),
        Operation("trail_load", "Load again", ("F5",), "trail", "File"),
        Operation("trail_check", "Check the chain", ("F6",), "trail", "File"),
        Operation("trail_csv", "Give out as CSV", ("F7",), "trail", "File"),
        Operation("trail_pdf", "Give out as PDF", ("F8",), "trail", "File"),
    ),
)
