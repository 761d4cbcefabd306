"""What the studio proposed when a form was made there, kept beside its steps.

The steps name proposals by their handle, and proposals change as they get better; done again from the
proposals they were made with, steps give the form they gave.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from formscan.designer.studio.document import StudioDocument, StudioField
from formscan.model.geometry import Area
from formscan.model.template import Cell, Choice, FieldKind, FieldSpec, Section, ValueType


def start_text(document: StudioDocument) -> str:
    """The sections and proposals of a document nobody has worked on, one JSON array a line.

    The first line holds the sections as (id, label); then each proposal: handle, confidence, id, page,
    section, kind, type, label, unit, catalogue, groups, whether several answers fit, answers as (value,
    label, code), places as (left, top, right, bottom, name) in points.
    """
    lines = [[[s.id, s.label_vi] for s in document.sections], *(_line(f) for f in document.fields)]
    return "".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n" for line in lines)


def with_start(document: StudioDocument, text: str) -> StudioDocument:
    """The document of the same blank with the sections and proposals of :func:`start_text`.

    Raises:
        ValueError: If the text is none of these.
    """
    first, *rest = (json.loads(line) for line in text.splitlines())
    sections = tuple(Section(name, label, label) for name, label in first)
    return replace(document, sections=sections, fields=tuple(_read(rest)))


def _line(field: StudioField) -> list[Any]:
    spec = field.spec
    answers = [[c.value, c.label_vi, c.code] for c in spec.choices]
    places = [[c.area.left, c.area.top, c.area.right, c.area.bottom, c.name] for c in spec.cells]
    meant = [spec.kind.value, spec.type.value, spec.label_vi, spec.unit, spec.catalogue, spec.groups]
    head = [field.handle, field.confidence, spec.id, spec.page, spec.section]
    return [*head, *meant, spec.multiple, answers, places]


def _read(lines: list[list[Any]]) -> Iterator[StudioField]:
    for line in lines:
        handle, sure, name, page, section, kind, meant, label, unit, catalogue, groups, several = line[:12]
        spec = FieldSpec(
            id=name,
            page=page,
            section=section,
            kind=FieldKind(kind),
            type=ValueType(meant),
            label_vi=label,
            label_en=label,
            cells=tuple(Cell(Area(*place[:4]), place[4]) for place in line[13]),
            unit=unit,
            catalogue=catalogue,
            choices=tuple(Choice(value, text, text, code) for value, text, code in line[12]),
            multiple=several,
            groups=tuple(groups),
        )
        yield StudioField(handle, spec, confidence=sure)
