"""The desk of the release gate: what is proven, what is on, and who switched it."""

from __future__ import annotations

from formscan.model.people import Role
from ui.actions import Operation
from ui.desk import Desk, DeskParts
from ui.views.desk_view import DeskView


def _make(parts: DeskParts) -> DeskView:
    from ui.views.gate_view import GateView

    return GateView(parts)


DESK = Desk(
    id="gate",
    title="Release gate",
    keys=("Ctrl+8",),
    make=_make,
    roles=frozenset({Role.SUPERVISOR}),
    order=66,
    operations=(
        Operation("gate_on", "Prove and switch on", ("F3",), "gate", "Review"),
        Operation("gate_off", "Switch off", ("F4",), "gate", "Review"),
        Operation("gate_load", "Load again", ("F5",), "gate", "File"),
        Operation("gate_fit", "Fit anew", ("F9",), "gate", "File"),
    ),
)
