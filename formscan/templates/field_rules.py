"""What has to hold for the fields of a form."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from itertools import combinations
from types import MappingProxyType
from typing import Final

from formscan.model.geometry import Area
from formscan.model.template import FieldKind, FieldSpec, FormTemplate, ValueType
from formscan.templates.node import Path
from formscan.templates.page_rules import inside
from formscan.templates.parts import Placed
from formscan.templates.problem import Found

RULES: Final = frozenset(
    {
        "age_matches_birth_date",
        "citizen_id_matches_sex_and_birth",
        "admission_before_discharge",
        "transfer_order",
        "total_days",
        "death_only_if_died",
        "insurance_valid_at_admission",
        "systolic_above_diastolic",
        "sex_matches_form",
        "icd_known",
        "plausible_vital",
    }
)
"""Rules of ``pipeline.check`` a field may name."""
CATALOGUES: Final = frozenset({"ethnic", "occupation", "province", "icd10", "nationality"})
"""Code lists a field may name."""
SHARED_PT: Final = 1.0
"""Cells of two fields may share a printed line: this much in width or in height."""
_DATE: Final = frozenset({"day", "month", "year"})
_TIME: Final = frozenset({"hour", "minute"})
_NAMES: Final[Mapping[ValueType, frozenset[str]]] = MappingProxyType(
    {
        ValueType.DATE: _DATE,
        ValueType.TIME: _TIME,
        ValueType.DATETIME: _DATE | _TIME,
        ValueType.BLOOD_PRESSURE: frozenset({"systolic", "diastolic"}),
    }
)
_TYPES: Final[Mapping[FieldKind, frozenset[ValueType]]] = MappingProxyType(
    {
        FieldKind.MARK: frozenset({ValueType.BOOLEAN}),
        FieldKind.CHOICE: frozenset({ValueType.CHOICE}),
        FieldKind.SIGNATURE: frozenset({ValueType.PRESENCE}),
        FieldKind.DRAWING: frozenset({ValueType.PRESENCE}),
    }
)
_LENGTHS: Final[Mapping[ValueType, frozenset[int]]] = MappingProxyType(
    {
        ValueType.DATE: frozenset({6, 8}),
        ValueType.CITIZEN_ID: frozenset({9, 12}),
        ValueType.INSURANCE_NUMBER: frozenset({10, 15}),
        ValueType.ICD10: frozenset({3, 4, 5}),
    }
)
"""Boxes a comb of that type has: ddmmyy(yy), old and new citizen ids, social insurance number and card."""


_DIGITS_A_BOX: Final = 2


def field_problems(template: FormTemplate, fields: list[Placed]) -> Iterator[Found]:
    """Everything wrong with the fields, each by itself and among each other."""
    yield from _doubled(fields)
    for path, field in fields:
        yield from _place(template, path, field)
        if field.row not in {None, 1}:  # told once for the column
            continue
        yield from _words(path, field)
        yield from _kind(path, field)
        yield from _cells(path, field)
        if field.fhir and field.fhir.target == "Observation" and not (field.fhir.code and field.fhir.system):
            yield Found("fhir.observation_without_code", (*path, "fhir"))
    yield from _overlaps(fields)


def _doubled(fields: list[Placed]) -> Iterator[Found]:
    seen: set[str] = set()
    for path, field in fields:
        if field.id in seen:
            yield Found("field.doubled", (*path, "id"), (("id", field.id),))
        seen.add(field.id)


def _place(template: FormTemplate, path: Path, field: FieldSpec) -> Iterator[Found]:
    if field.section not in {section.id for section in template.sections}:
        yield Found("field.unknown_section", _at(path, field, "section"), (("section", field.section),))
    if not 1 <= field.page <= len(template.pages):
        yield Found("field.unknown_page", _at(path, field, "page"), (("page", str(field.page)),))
        return
    page = template.page(field.page)
    for at, cell in enumerate(field.cells):
        if not inside(cell.area, page):
            yield Found("field.off_page", _cell(path, field, at))


def _words(path: Path, field: FieldSpec) -> Iterator[Found]:
    for name in (field.label_vi, field.label_en):
        if not name.strip():
            yield Found("label.missing", (*path, "label"))
        elif unicodedata.normalize("NFC", name) != name:
            yield Found("label.not_nfc", (*path, "label"))
    for at, rule in enumerate(field.rules):
        if rule not in RULES:
            yield Found("field.unknown_rule", (*path, "rules", at), (("rule", rule),))
    if field.catalogue is not None and field.catalogue not in CATALOGUES:
        yield Found("field.unknown_catalogue", (*path, "catalogue"), (("catalogue", field.catalogue),))
    if field.catalogue is None and field.type is ValueType.CATALOGUE:
        yield Found("field.no_catalogue", (*path, "type"))


def _kind(path: Path, field: FieldSpec) -> Iterator[Found]:
    wanted = _TYPES.get(field.kind)
    if wanted and field.type not in wanted:
        yield Found("field.type_not_of_kind", (*path, "type"), (("kind", field.kind.value),))
    if field.kind is FieldKind.CHOICE:
        yield from _choices(path, field)
    elif field.kind is FieldKind.COMB and field.type is ValueType.CHOICE:
        yield from _numbered_choices(path, field)
    elif field.choices:
        yield Found("field.choices_not_of_kind", (*path, "choices"), (("kind", field.kind.value),))
    if field.kind is FieldKind.COMB:
        yield from _comb(path, field)
    elif field.groups:
        yield Found("field.groups_not_of_kind", (*path, "groups"), (("kind", field.kind.value),))
    if field.kind is FieldKind.MARK and len(field.cells) != 1:
        yield Found("mark.not_one_cell", (*path, "cells"))


def _choices(path: Path, field: FieldSpec) -> Iterator[Found]:
    values = [choice.value for choice in field.choices]
    cells = [cell.name for cell in field.cells]
    if not values:
        yield Found("choice.none", path)
    for at, value in enumerate(values):
        if value in values[:at]:
            yield Found("choice.doubled", (*path, "choices", at), (("value", value),))
        elif value not in cells:
            yield Found("choice.without_cell", (*path, "choices", at), (("value", value),))
    for at, name in enumerate(cells):
        if name not in values:
            yield Found("choice.unknown_cell", _cell(path, field, at), (("name", name),))


def _numbered_choices(path: Path, field: FieldSpec) -> Iterator[Found]:
    """Answers whose number is written into a box: each has its own number that fits.

    Where several are allowed each box takes one number, of one digit or two.
    """
    if not field.choices:
        yield Found("choice.none", path)
    numbers = [choice.code or "" for choice in field.choices]
    longest = _DIGITS_A_BOX if field.multiple else len(field.cells)
    for at, number in enumerate(numbers):
        fits = number.isascii() and number.isdigit() and len(number) <= longest
        if not fits or number in numbers[:at]:
            yield Found("choice.no_number", (*path, "choices", at), (("code", number),))


def _comb(path: Path, field: FieldSpec) -> Iterator[Found]:
    count = len(field.cells)
    if field.groups and sum(field.groups) != count:
        yield Found("comb.groups_differ", (*path, "groups"), (("cells", str(count)),))
    lengths = _LENGTHS.get(field.type)
    if lengths and count not in lengths:
        yield Found("comb.wrong_length", (*path, "cells"), (("cells", str(count)),))


def _cells(path: Path, field: FieldSpec) -> Iterator[Found]:
    names = [cell.name for cell in field.cells if cell.name]
    for at, cell in enumerate(field.cells):
        if cell.name and names.count(cell.name) > 1 and field.kind is not FieldKind.CHOICE:
            yield Found("cell.doubled_name", _cell(path, field, at), (("name", cell.name),))
    if field.kind is not FieldKind.TEXT:
        return
    allowed = _NAMES.get(field.type)
    for at, cell in enumerate(field.cells):
        if not cell.name and len(field.cells) > 1:
            yield Found("cell.no_name", _cell(path, field, at))
        elif cell.name and allowed and cell.name not in allowed:
            yield Found("cell.unknown_name", _cell(path, field, at), (("name", cell.name),))


def _overlaps(fields: list[Placed]) -> Iterator[Found]:
    pages: dict[int, list[tuple[Path, FieldSpec, Area]]] = {}
    for path, field in fields:
        for at, cell in enumerate(field.cells):
            pages.setdefault(field.page, []).append((_cell(path, field, at), field, cell.area))
    for cells in pages.values():
        for (_, one, a), (path, other, b) in combinations(cells, 2):
            across = min(a.right, b.right) - max(a.left, b.left)
            down = min(a.bottom, b.bottom) - max(a.top, b.top)
            if min(across, down) > SHARED_PT:
                yield Found("field.cells_overlap", path, (("field", other.id), ("other", one.id)))


def _at(path: Path, field: FieldSpec, key: str) -> Path:
    """A key of the field, or of the table it belongs to."""
    return (*path, key) if field.table is None else (*path[:2], key)


def _cell(path: Path, field: FieldSpec, at: int) -> Path:
    return (*path, "cells", at) if field.row is None else (*path[:2], "rows", field.row - 1)
