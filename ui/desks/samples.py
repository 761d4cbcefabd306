"""The desk of acceptance samples."""

from __future__ import annotations

from formscan.model.people import Role
from ui.actions import Operation
from ui.desk import Desk, DeskParts
from ui.views.desk_view import DeskView


def _make(parts: DeskParts) -> DeskView:
    from ui.views.samples_view import SamplesView

    return SamplesView(parts)


DESK = Desk(
    id="samples",
    title="Samples",
    keys=("Ctrl+6",),
    make=_make,
    roles=frozenset({Role.SUPERVISOR}),
    order=62,
    operations=(
        Operation("sample_draw", "Draw the sample", ("F9",), "samples", "Review"),
        Operation("sample_right", "As released", ("F7",), "samples", "Review"),
        Operation("sample_show", "Show what was released", ("F8",), "samples", "Review"),
        Operation("sample_blank", "Blank", ("F2",), "samples", "Field"),
        Operation("sample_illegible", "Illegible", ("F3",), "samples", "Field"),
        Operation("sample_struck_out", "Struck out", ("F4",), "samples", "Field"),
        Operation("sample_covered", "Covered", ("F5",), "samples", "Field"),
        Operation("sample_not_applicable", "Not applicable", ("F6",), "samples", "Field"),
    ),
)
