"""The desk of figures about the work."""

from __future__ import annotations

from formscan.model.people import Role
from ui.actions import Operation
from ui.desk import Desk, DeskParts
from ui.views.desk_view import DeskView


def _make(parts: DeskParts) -> DeskView:
    from ui.views.figures_view import FiguresView

    return FiguresView(parts)


DESK = Desk(
    id="figures",
    title="Figures",
    keys=("Ctrl+7",),
    make=_make,
    roles=frozenset({Role.SUPERVISOR}),
    order=64,
    operations=(
        Operation("figures_open", "Show what is behind", ("Return", "Enter"), "figures", "Review"),
        Operation("figures_back", "Back to the overview", ("F4",), "figures", "Review"),
        Operation("figures_group", "Group otherwise", ("F6",), "figures", "View"),
        Operation("figures_rate", "Set the share", ("F9",), "figures", "Review"),
        Operation("figures_load", "Load again", ("F5",), "figures", "File"),
    ),
)
