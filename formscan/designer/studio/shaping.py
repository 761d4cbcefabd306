"""How a field is made another kind of field: what changes with the kind, answers and their places."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, Final

from formscan.designer.fold import slug
from formscan.designer.numbered import Print, numbered_question
from formscan.designer.studio.operations import free_id, named_cells
from formscan.errors import StudioError
from formscan.model.template import (
    Cell,
    Choice,
    FhirItem,
    FieldKind,
    FieldSpec,
    PageTemplate,
    ValueType,
)

SYSTEMS: Final = {
    "Observation": "http://loinc.org",
    "Condition": "http://terminology.hl7.org/CodeSystem/diagnosis-role",
}
"""Code systems where the short form ``Observation:8867-4:/min`` names none."""
_FIXED: Final = {
    FieldKind.MARK: ValueType.BOOLEAN,
    FieldKind.CHOICE: ValueType.CHOICE,
    FieldKind.SIGNATURE: ValueType.PRESENCE,
    FieldKind.DRAWING: ValueType.PRESENCE,
}
_MARKED: Final = frozenset({ValueType.BOOLEAN, ValueType.PRESENCE})


def reshaped(spec: FieldSpec, aspect: str, value: Any) -> FieldSpec:
    """A field with one property changed and whatever must change with it.

    Args:
        spec: As it is.
        aspect: ``kind``, ``type``, ``choices``, ``names`` or any other attribute of a field.
        value: Of that attribute; for ``names`` the names of its places, separated by commas.

    Raises:
        StudioError: ``studio.answers`` or ``studio.names`` where there are not as many as places.
    """
    shapes: dict[str, Callable[[FieldSpec, Any], FieldSpec]] = {
        "kind": as_kind,
        "type": as_type,
        "choices": with_answers,
        "names": with_names,
    }
    return shapes[aspect](spec, value) if aspect in shapes else replace(spec, **{aspect: value})


def as_kind(spec: FieldSpec, kind: FieldKind) -> FieldSpec:
    """A field filled in another way.

    Tick boxes of a question that become a comb keep their answers: the number of one is written into a box
    (decision 105). A comb that becomes tick boxes names them after its answers, or by their number.
    """
    if kind is spec.kind:
        return spec
    meant = _FIXED.get(kind, spec.type)
    if kind is FieldKind.COMB and spec.kind is FieldKind.CHOICE:
        return with_answers(replace(spec, kind=kind, type=ValueType.CHOICE, cells=_bare(spec)), spec.choices)
    if kind is FieldKind.CHOICE:
        return _as_question(spec)
    if kind is FieldKind.CODE or (kind not in _FIXED and meant in _MARKED | {ValueType.CHOICE}):
        meant = ValueType.TEXT
    cells = named_cells(spec.cells) if kind is FieldKind.TEXT else _bare(spec)
    return replace(spec, kind=kind, type=meant, cells=cells, groups=(), choices=(), multiple=False)


def as_type(spec: FieldSpec, meant: ValueType) -> FieldSpec:
    """A field that means something else; answers go where they make no sense any more."""
    new = replace(spec, type=meant)
    keeps = meant is ValueType.CHOICE or spec.kind is FieldKind.CHOICE
    return new if keeps else replace(new, choices=(), multiple=False)


def with_answers(spec: FieldSpec, answers: Sequence[Choice]) -> FieldSpec:
    """A question with these answers.

    Args:
        spec: Tick boxes, one an answer in their order, or a comb into which numbers of answers are written.
        answers: A comb's carry their number as ``code``; where one has none it is its place in the order.

    Raises:
        StudioError: ``studio.answers`` for tick boxes that are not as many, ``studio.no_question`` for a
            field of another kind.
    """
    if spec.kind is FieldKind.COMB:
        numbered = tuple(replace(c, code=c.code or str(n)) for n, c in enumerate(answers, 1))
        multiple = spec.multiple and bool(numbered)
        return replace(spec, type=ValueType.CHOICE, choices=numbered, multiple=multiple)
    if spec.kind is not FieldKind.CHOICE:
        raise StudioError("studio.no_question", id=spec.id)
    if len(answers) != len(spec.cells):
        raise StudioError("studio.answers", answers=len(answers), places=len(spec.cells))
    cells = tuple(Cell(cell.area, one.value) for cell, one in zip(spec.cells, answers, strict=True))
    return replace(spec, type=ValueType.CHOICE, choices=tuple(answers), cells=cells)


def with_names(spec: FieldSpec, names: str) -> FieldSpec:
    """A field whose places have these names, e.g. ``day, month, year``.

    Raises:
        StudioError: ``studio.names`` where they are not as many as places.
    """
    told = [name.strip() for name in names.split(",")] if names.strip() else [""] * len(spec.cells)
    if len(told) != len(spec.cells):
        raise StudioError("studio.names", names=len(told), places=len(spec.cells))
    return replace(spec, cells=tuple(replace(c, name=n) for c, n in zip(spec.cells, told, strict=True)))


def answers_in_print(page: PageTemplate, spec: FieldSpec) -> tuple[Choice, ...]:
    """Answers as they are printed beside the places of a question: ``1. Nam 2. Nữ``.

    Returns:
        With their numbers as codes and ids made of their words; none where no numbers are printed.
    """
    prints = [Print(t.x, t.y, t.size, t.text) for t in page.texts]
    asked = numbered_question(prints, spec.area)
    return numbered_choices(asked.answers) if asked is not None else ()


def numbered_choices(answers: Iterable[str]) -> tuple[Choice, ...]:
    """Answers with the number each has by its place in the order."""
    found: list[Choice] = []
    for number, label in enumerate(answers, start=1):
        value = free_id(slug(label, 24) or f"answer_{number}", {c.value for c in found})
        found.append(Choice(value, label, label, str(number)))
    return tuple(found)


def fhir_of(text: str) -> FhirItem | None:
    """``Patient.name``, ``Observation:8867-4:/min``, ``Condition:AD``; nothing for an empty text.

    Another code system than the usual one stands behind the unit: ``Observation:1234:kg:http://...``.
    """
    target, code, unit, system = (part.strip() for part in [*text.split(":", 3), "", "", ""][:4])
    if not target:
        return None
    named = (system or SYSTEMS.get(target)) if code else None
    return FhirItem(target, code or None, named, unit or None)


def fhir_text(item: FhirItem | None) -> str:
    """The short form :func:`fhir_of` reads."""
    if item is None:
        return ""
    other = item.system if item.code and item.system != SYSTEMS.get(item.target) else None
    parts = [part or "" for part in (item.target, item.code, item.unit, other)]
    while len(parts) > 1 and not parts[-1]:
        parts.pop()
    return ":".join(parts)


def _as_question(spec: FieldSpec) -> FieldSpec:
    known = list(spec.choices) if len(spec.choices) == len(spec.cells) else []
    if len(spec.cells) == 1 and not known:
        value = slug(spec.label_vi, 24) or "answer1"
        known = [Choice(value, spec.label_vi, spec.label_en)]
    answers = known or [Choice(f"answer{n}", str(n), str(n)) for n in range(1, len(spec.cells) + 1)]
    bare = replace(spec, kind=FieldKind.CHOICE, type=ValueType.CHOICE, groups=(), multiple=spec.multiple)
    return with_answers(bare, [replace(one, code=None) for one in answers])


def _bare(spec: FieldSpec) -> tuple[Cell, ...]:
    return tuple(Cell(cell.area) for cell in spec.cells)
