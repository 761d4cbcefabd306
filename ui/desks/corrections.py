"""The desk of corrections that wait for a supervisor's word."""

from __future__ import annotations

from formscan.model.people import Role
from ui.actions import Operation
from ui.desk import Desk, DeskParts
from ui.views.desk_view import DeskView


def _make(parts: DeskParts) -> DeskView:
    from ui.views.corrections_view import CorrectionsView

    return CorrectionsView(parts)


DESK = Desk(
    id="corrections",
    title="Corrections",
    keys=("Ctrl+5",),
    make=_make,
    roles=frozenset({Role.SUPERVISOR}),
    order=60,
    operations=(
        Operation("correction_approve", "Approve", ("Return", "Enter"), "corrections", "Review"),
        Operation("correction_return", "Return with a word", ("F3",), "corrections", "Review"),
        Operation("correction_all", "Show all of them", ("F4",), "corrections", "Review"),
        Operation("correction_load", "Load again", ("F5",), "corrections", "File"),
    ),
)
