"""Keeps the places of a page's fields from covering each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from formscan.designer.fitting import beside
from formscan.designer.studio.document import StudioField
from formscan.model.geometry import Area
from formscan.model.template import Cell, FieldKind, FieldSpec

BOXES: Final = frozenset({FieldKind.COMB, FieldKind.MARK, FieldKind.CHOICE})
"""Kinds whose places are printed boxes; these never give way."""


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
