"""Keeps the places of a page's fields from covering each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from formscan.designer.fitting import beside
from formscan.designer.studio.document import StudioField
from formscan.model.geometry import Area
from formscan.model.template import Cell, FieldKind, FieldSpec, PageTemplate, PrintedText

_OVER_PT: Final = 2.5
"""Writing may lie this far over the lower part of printed letters."""
BOXES: Final = frozenset({FieldKind.COMB, FieldKind.MARK, FieldKind.CHOICE})
"""Kinds whose places are printed boxes; these never give way."""


def off_print(field: StudioField, page: PageTemplate) -> StudioField:
    """A field whose writing does not lie over printed words: it starts below the words above it and beside
    those on its line."""
    if field.spec.kind is not FieldKind.TEXT:
        return field
    words = [t for t in page.texts if t.text.strip(".…/")]
    cells = tuple(replace(c, area=_off_words(c.area, words)) for c in field.spec.cells)
    return replace(field, spec=replace(field.spec, cells=cells))


def _off_words(area: Area, words: Sequence[PrintedText]) -> Area:
    for word in words:
        ink = Area(word.x, word.y - 0.45 * word.size, word.x + max(word.width, 0.1), word.y)
        across = min(area.right, ink.right) - max(area.left, ink.left)
        down = min(area.bottom, ink.bottom) - max(area.top, ink.top)
        if min(across, down) <= _OVER_PT:
            continue
        left, top, right, bottom = area.left, area.top, area.right, area.bottom
        if word.y < (area.top + area.bottom) / 2 + 1:
            top = word.y - _OVER_PT + 0.1
        elif ink.centre[0] < area.centre[0]:
            left = ink.right - _OVER_PT + 0.1
        else:
            right = ink.left + _OVER_PT - 0.1
        if right - left > 4 and bottom - top > 4:
            area = Area(round(left, 2), round(top, 2), round(right, 2), round(bottom, 2))
    return area


def apart(fields: tuple[StudioField, ...]) -> tuple[StudioField, ...]:
    """Fields none of which covers another: boxes stay, writing gives way, places to sign most."""
    kept: dict[tuple[str, int], Area] = {}
    for field in sorted(fields, key=lambda f: (_rank(f.spec.kind), not f.accepted)):
        for at, cell in enumerate(field.spec.cells):
            area: Area | None = cell.area
            for (handle, _), other in kept.items():
                if area is not None and handle != field.handle:
                    area = beside(area, other)
            if area is not None:
                kept[field.handle, at] = area
    out = []
    for field in fields:
        cells = [
            (cell, kept[field.handle, at])
            for at, cell in enumerate(field.spec.cells)
            if (field.handle, at) in kept
        ]
        if cells:
            left = tuple(Cell(area, cell.name) for cell, area in cells)
            out.append(replace(field, spec=reduced(field.spec, left)))
    return tuple(out)


def _rank(kind: FieldKind) -> int:
    return 0 if kind in BOXES else 2 if kind in {FieldKind.SIGNATURE, FieldKind.DRAWING} else 1


def reduced(spec: FieldSpec, left: Sequence[Cell]) -> FieldSpec:
    """A field with some of its places, all it says of the others left out."""
    if len(left) == len(spec.cells):
        return replace(spec, cells=tuple(left))
    names = {c.name for c in left}
    groups = spec.groups if sum(spec.groups) == len(left) else ()
    return replace(
        spec, cells=tuple(left), groups=groups, choices=tuple(c for c in spec.choices if c.value in names)
    )
