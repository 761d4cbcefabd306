"""Writing places of neighbouring fields and lines fitted so that none covers another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from formscan.designer.proposed import PlaceKind, ProposedField
from formscan.model.geometry import Area

_SHARED_PT: Final = 0.9
_LEAST_PT: Final = 3.5
_FIRM: Final = frozenset({PlaceKind.COMB, PlaceKind.TICK, PlaceKind.CHOICE, PlaceKind.CODE})
_LAST: Final = frozenset({PlaceKind.SIGNATURE, PlaceKind.DRAWING})


@dataclass(frozen=True, slots=True)
class FittedCell:
    """A writing place of field ``field`` (index), cell ``cell`` (index), points."""

    field: int
    cell: int
    area: Area


def fitted(fields: Sequence[ProposedField], width: float, height: float) -> dict[int, list[tuple[int, Area]]]:
    """Writing places of one page by index of the field: boxes stay, lines give way, open spaces most.

    Args:
        fields: Of one page.
        width: Of the page, points.
        height: Of the page, points.

    Returns:
        For every field the (cell index, area) that are left.
    """
    order = sorted(range(len(fields)), key=lambda at: (_rank(fields[at].kind), at))
    placed: list[FittedCell] = []
    for at in order:
        for number, cell in enumerate(fields[at].cells):
            area = _on_page(cell.writing, width, height)
            for other in placed:
                if area is None:
                    break
                area = beside(area, other.area)
            if area is not None:
                placed.append(FittedCell(at, number, area))
    out: dict[int, list[tuple[int, Area]]] = {}
    for one in sorted(placed, key=lambda p: (p.field, p.cell)):
        out.setdefault(one.field, []).append((one.cell, one.area))
    return out


def _rank(kind: PlaceKind) -> int:
    return 0 if kind in _FIRM else 2 if kind in _LAST else 1


def _on_page(area: Area, width: float, height: float) -> Area | None:
    left, top = max(area.left, 0.0), max(area.top, 0.0)
    right, bottom = min(area.right, width), min(area.bottom, height)
    return _area(left, top, right, bottom)


def _area(left: float, top: float, right: float, bottom: float) -> Area | None:
    if right - left < _LEAST_PT or bottom - top < _LEAST_PT:
        return None
    return Area(left, top, right, bottom)


def beside(area: Area, other: Area) -> Area | None:
    """What is left of an area beside another one: the largest of the four rests, or the area itself."""
    across = min(area.right, other.right) - max(area.left, other.left)
    down = min(area.bottom, other.bottom) - max(area.top, other.top)
    if min(across, down) <= _SHARED_PT:
        return area
    rests = [
        _area(area.left, area.top, other.left, area.bottom),
        _area(other.right, area.top, area.right, area.bottom),
        _area(area.left, other.bottom, area.right, area.bottom),
        _area(area.left, area.top, area.right, other.top),
    ]
    return max((r for r in rests if r is not None), key=lambda r: r.width * r.height, default=None)
