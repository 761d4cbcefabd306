"""Two editions of a form side by side: what came, went, moved or means something else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from formscan.designer.cells import overlap, size_of
from formscan.model.geometry import POINTS_PER_INCH
from formscan.model.template import FieldSpec, FormTemplate

_MOVED_PT: Final = 1.0
_SAME: Final = 0.6
"""Overlap (IoU) of the areas at which a field with another id is the same one renamed."""


class ChangeKind(StrEnum):
    """What happened to a field between two editions."""

    ADDED = "added"
    REMOVED = "removed"
    RENAMED = "renamed"
    MOVED = "moved"
    RETYPED = "retyped"
    RELABELLED = "relabelled"
    RULES = "rules"
    CODED = "coded"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: ``before`` and ``after`` are what changed, in words or millimetres.

    Attributes:
        old: The field before; ``None`` for one that is new.
        new: The field now; ``None`` for one that is gone.
    """

    kind: ChangeKind
    field_id: str
    before: str = ""
    after: str = ""
    old: FieldSpec | None = None
    new: FieldSpec | None = None

    @property
    def reads_differently(self) -> bool:
        """Whether pages read with the old edition may hold other values with the new one."""
        return self.kind in {ChangeKind.ADDED, ChangeKind.MOVED, ChangeKind.RETYPED, ChangeKind.RENAMED}


def compare(old: FormTemplate, new: FormTemplate) -> list[Change]:
    """All differences, in the reading order of the new edition, what went at the end."""
    before = {f.id: f for f in old.fields}
    gone = [f for f in old.fields if f.id not in {g.id for g in new.fields}]
    out: list[Change] = []
    for field in new.fields:
        known = before.get(field.id)
        if known is None:
            known = next((f for f in gone if _in_place(f, field)), None)
            if known is None:
                out.append(Change(ChangeKind.ADDED, field.id, "", field.label_vi, None, field))
                continue
            gone.remove(known)
            out.append(Change(ChangeKind.RENAMED, field.id, known.id, field.id, known, field))
        out += _differences(known, field)
    return [*out, *(Change(ChangeKind.REMOVED, f.id, f.label_vi, "", f) for f in gone)]


def _in_place(a: FieldSpec, b: FieldSpec) -> bool:
    if a.page != b.page or a.kind is not b.kind:
        return False
    shared = overlap(a.area, b.area)
    return shared > _SAME * (size_of(a.area) + size_of(b.area) - shared)


def _differences(a: FieldSpec, b: FieldSpec) -> Iterator[Change]:
    if (a.kind, a.type, a.unit) != (b.kind, b.type, b.unit):
        yield Change(ChangeKind.RETYPED, b.id, _meant(a), _meant(b), a, b)
    moved = _moved_mm(a, b)
    if moved or a.page != b.page or len(a.cells) != len(b.cells):
        yield Change(ChangeKind.MOVED, b.id, _where(a), _where(b), a, b)
    if (a.label_vi, a.label_en) != (b.label_vi, b.label_en):
        yield Change(ChangeKind.RELABELLED, b.id, a.label_vi, b.label_vi, a, b)
    if (a.rules, a.critical, a.required) != (b.rules, b.critical, b.required):
        yield Change(ChangeKind.RULES, b.id, ", ".join(a.rules), ", ".join(b.rules), a, b)
    if (a.choices, a.catalogue, a.fhir) != (b.choices, b.catalogue, b.fhir):
        yield Change(ChangeKind.CODED, b.id, "", "", a, b)


def _meant(field: FieldSpec) -> str:
    return " ".join(part for part in (field.kind.value, field.type.value, field.unit or "") if part)


def _where(field: FieldSpec) -> str:
    mm = 25.4 / POINTS_PER_INCH
    return f"p.{field.page} {field.area.left * mm:.1f}, {field.area.top * mm:.1f} mm, {len(field.cells)}"


def _moved_mm(a: FieldSpec, b: FieldSpec) -> bool:
    edges = zip(
        (a.area.left, a.area.top, a.area.right, a.area.bottom),
        (b.area.left, b.area.top, b.area.right, b.area.bottom),
        strict=True,
    )
    return any(abs(p - q) > _MOVED_PT for p, q in edges)
