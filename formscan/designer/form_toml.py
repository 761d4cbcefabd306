"""Writes a form as the text of a ``form.toml``: what is read back is the same form."""

from __future__ import annotations

import itertools
import json
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence

from formscan.designer.layer import number, pages_toml
from formscan.model.geometry import Area
from formscan.model.template import Cell, FieldSpec, FormTemplate, Section


def form_toml(
    form: FormTemplate, head_notes: Sequence[str] = (), notes: Mapping[str, Sequence[str]] | None = None
) -> str:
    """The text of a form.

    Args:
        form: Fields in reading order; cells of a table (``table``, ``row``, ``column``) stand together and
            fill every row and column of it.
        head_notes: Comments at the top, without the sign of a comment.
        notes: Comments over fields, by field id.
    """
    told = notes or {}
    parts = [_head(form, head_notes), *(_section(section) for section in form.sections)]
    tables: list[str] = []
    before = ""
    for table, run in itertools.groupby(form.fields, key=lambda f: f.table):
        fields = list(run)
        if table is None:
            parts += [_field(field, told.get(field.id, ())) for field in fields]
            before = fields[-1].id
        else:
            tables.append(_table(fields, before))
    return "\n".join([*parts, *tables, pages_toml(form.pages)])


def _head(form: FormTemplate, notes: Iterable[str]) -> str:
    lines = ["#:schema ../../form.schema.json", *(f"# {note}" for note in notes)]
    lines += [f"{key} = {text(value)}" for key, value in (("id", form.id), ("version", form.version))]
    lines += [f"code = {text(form.code)}", f"title = {_label(form.title_vi, form.title_en)}"]
    lines += [f"edition = {text(form.edition)}", f"source = {text(form.source)}", ""]
    return "\n".join(lines)


def _section(section: Section) -> str:
    label = _label(section.label_vi, section.label_en)
    return "\n".join(["[[sections]]", f"id = {text(section.id)}", f"label = {label}", ""])


def _field(field: FieldSpec, notes: Iterable[str]) -> str:
    lines = [*(f"# {note}" for note in notes), "[[fields]]", f"id = {text(field.id)}"]
    lines += [f"page = {field.page}", f"section = {text(field.section)}"]
    lines += [*_meaning(field), "cells = [", *(_cell(cell) for cell in field.cells), "]"]
    return "\n".join([*lines, *_more(field), ""])


def _meaning(field: FieldSpec) -> list[str]:
    label = _label(field.label_vi, field.label_en)
    return [f"kind = {text(field.kind.value)}", f"type = {text(field.type.value)}", f"label = {label}"]


def _more(field: FieldSpec) -> Iterator[str]:
    if field.groups:
        yield f"groups = [{', '.join(str(n) for n in field.groups)}]"
    if field.choices:
        yield "choices = ["
        for choice in field.choices:
            code = f", code = {text(choice.code)}" if choice.code else ""
            label = _label(choice.label_vi, choice.label_en)
            yield f"  {{ value = {text(choice.value)}, label = {label}{code} }},"
        yield "]"
    if field.unit:
        yield f"unit = {text(field.unit)}"
    if field.catalogue:
        yield f"catalogue = {text(field.catalogue)}"
    if field.rules:
        yield f"rules = [{', '.join(text(rule) for rule in field.rules)}]"
    for flag in ("critical", "required", "multiple"):
        if getattr(field, flag):
            yield f"{flag} = true"
    if field.fhir:
        pairs = (
            ("target", field.fhir.target),
            ("code", field.fhir.code),
            ("system", field.fhir.system),
            ("unit", field.fhir.unit),
        )
        yield f"fhir = {{ {', '.join(f'{key} = {text(value)}' for key, value in pairs if value)} }}"


def _table(fields: Sequence[FieldSpec], after: str) -> str:
    """One table: its rows from the first column, its columns from the first row."""
    first = fields[0]
    rows = [f for f in fields if f.column == first.column]
    columns = [f for f in fields if f.row == first.row]
    lines = ["[[tables]]", f"id = {text(first.table or '')}", f"page = {first.page}"]
    lines += [f"section = {text(first.section)}", *([f"after = {text(after)}"] if after else [])]
    spans = ", ".join(f"[{number(f.area.top)}, {number(f.area.bottom)}]" for f in rows)
    lines += [f"rows = [{spans}]", ""]
    for column in columns:
        lines += [
            "[[tables.columns]]",
            f"id = {text(column.column or '')}",
            *_meaning(column),
            *_more(column),
        ]
        lines += [f"left = {number(column.area.left)}", f"right = {number(column.area.right)}", ""]
    return "\n".join(lines)


def _cell(cell: Cell) -> str:
    return f"  [{_edges(cell.area)}, {text(cell.name)}]," if cell.name else f"  [{_edges(cell.area)}],"


def _edges(area: Area) -> str:
    return ", ".join(number(v) for v in (area.left, area.top, area.right, area.bottom))


def _label(vi: str, en: str) -> str:
    return f"{{ vi = {text(vi)}, en = {text(en)} }}"


def text(value: str) -> str:
    """A TOML basic string: JSON's escapes are a subset of TOML's."""
    return json.dumps(unicodedata.normalize("NFC", value), ensure_ascii=False).replace("\x7f", "")
