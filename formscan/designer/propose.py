"""A whole ``form.toml`` proposed from a blank: print, sections and fields, with notes on what to look at."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from formscan.designer.detect import DETECT_DPI, blank_pages, fields_of, take_apart
from formscan.designer.fitting import fitted
from formscan.designer.fold import fold, slug
from formscan.designer.layer import number, pages_toml
from formscan.designer.proposed import PlaceKind, ProposedField
from formscan.designer.proposed_layer import layer_of, title_of
from formscan.model.geometry import Area
from formscan.model.template import (
    FieldKind,
    PageTemplate,
    ValueType,
)

_KINDS: Final = {
    PlaceKind.TEXT_LINE: FieldKind.TEXT,
    PlaceKind.TEXT_AREA: FieldKind.TEXT,
    PlaceKind.TABLE_CELL: FieldKind.TEXT,
    PlaceKind.COMB: FieldKind.COMB,
    PlaceKind.TICK: FieldKind.MARK,
    PlaceKind.CHOICE: FieldKind.CHOICE,
    PlaceKind.SIGNATURE: FieldKind.SIGNATURE,
    PlaceKind.DRAWING: FieldKind.DRAWING,
    PlaceKind.CODE: FieldKind.CODE,
}
_LENGTHS: Final = {
    ValueType.DATE: {6, 8},
    ValueType.CITIZEN_ID: {9, 12},
    ValueType.INSURANCE_NUMBER: {10, 15},
    ValueType.ICD10: {3, 4, 5},
}
_PARTS: Final = {
    ValueType.DATE: {"day", "month", "year"},
    ValueType.TIME: {"hour", "minute"},
    ValueType.DATETIME: {"day", "month", "year", "hour", "minute"},
    ValueType.BLOOD_PRESSURE: {"systolic", "diastolic"},
}
_CATALOGUES: Final = (
    ("nghe nghiep", "occupation"),
    ("dan toc", "ethnic"),
    ("ngoai kieu", "nationality"),
    ("quoc tich", "nationality"),
    ("tinh", "province"),
)
_UNSURE: Final = 0.7


@dataclass(frozen=True, slots=True)
class FormHead:
    """What a person says about a new form."""

    id: str
    version: str = "1.0"
    code: str = ""
    title: str = ""
    edition: str = "?"
    source: str = "?"


def propose(blank: Path, head: FormHead, dpi: float = DETECT_DPI, *, pixels_only: bool = False) -> str:
    """The text of a ``form.toml`` for a blank form.

    Args:
        blank: PDF or picture.
        head: Id and version as its folder will be named, and what is known besides.
        dpi: At which PDFs without text are looked at.
        pixels_only: Look at a vector PDF as at a scan.

    Returns:
        TOML that ``formscan.templates.check_form`` accepts; lines ``# review: ...`` name what a person has
        to look at. English labels are copies of the Vietnamese ones.

    Raises:
        InputError: If the file is no PDF or picture.
    """
    pages = list(blank_pages(blank, dpi, pixels_only=pixels_only))
    sheets = [take_apart(page) for page in pages]
    while len(sheets) > 1 and not (sheets[-1].words or sheets[-1].leaders or sheets[-1].cells):
        sheets.pop()  # an empty last page is no page of the form
    fields = fields_of(sheets, dpi)
    layers = [layer_of(page, sheet) for page, sheet in zip(pages, sheets, strict=False)]
    title = title_of(layers[0]) if layers else None
    sections = _sections(fields)
    parts = [_head(head, title, layers), *(_section(key, text) for text, key in sections.items())]
    for sheet in sheets:
        mine = [f for f in fields if f.page == sheet.number]
        left = fitted(mine, sheet.width, sheet.height)
        parts += [
            _field(field, left[at], sections) if at in left else _dropped(field)
            for at, field in enumerate(mine)
        ]
    return "\n".join([*parts, pages_toml(layers)])


def _head(head: FormHead, title: str | None, layers: Sequence[PageTemplate]) -> str:
    name = head.title or title or head.id
    notes = ["# review: every field below is a proposal; English labels are copies of the printed ones"]
    notes += [f"# review: page {p.number} has no print to tell it by" for p in layers if not p.anchors]
    return "\n".join(
        [
            "#:schema ../../form.schema.json",
            *notes,
            f"id = {_text(head.id)}",
            f"version = {_text(head.version)}",
            f"code = {_text(head.code or head.id)}",
            f"title = {_label(name)}",
            f"edition = {_text(head.edition)}",
            f"source = {_text(head.source)}",
            "",
        ]
    )


def _sections(fields: Sequence[ProposedField]) -> dict[str, str]:
    """Printed headings to section ids; what stands under none is ``page``."""
    out: dict[str, str] = {}
    for field in fields:
        if field.section not in out:
            name = slug(field.section) or "page"
            name = name if name[0].isalpha() else f"part_{name}"
            while name in out.values():
                name += "_next"
            out[field.section] = name
    return out


def _section(key: str, text: str) -> str:
    return "\n".join(["[[sections]]", f"id = {_text(key)}", f"label = {_label(text or 'Trang')}", ""])


def _dropped(field: ProposedField) -> str:
    return f"# review: left out, covered by other fields: {field.id} on page {field.page}\n"


def _field(field: ProposedField, cells: Sequence[tuple[int, Area]], sections: dict[str, str]) -> str:
    kind, names = _KINDS[field.kind], [field.cells[at].name for at, _ in cells]
    meant = _type(field, kind, names)
    names = _names(kind, meant, names)
    lines = _notes(field, len(cells))
    lines += ["[[fields]]", f"id = {_text(field.id)}", f"page = {field.page}"]
    lines += [f"section = {_text(sections[field.section])}", f"kind = {_text(kind.value)}"]
    lines += [f"type = {_text(meant.value)}", f"label = {_label(field.label or field.id)}", "cells = ["]
    lines += [_cell(area, name) for (_, area), name in zip(cells, names, strict=True)]
    lines.append("]")
    if kind is FieldKind.COMB and field.groups and sum(field.groups) == len(cells):
        lines.append(f"groups = [{', '.join(str(n) for n in field.groups)}]")
    if kind is FieldKind.CHOICE:
        told = {c.name: c.label or c.name for c in field.cells}
        lines += ["choices = ["]
        lines += [f"  {{ value = {_text(n)}, label = {_label(told[n])} }}," for n in names]
        lines.append("]")
    if field.unit and kind is FieldKind.TEXT:
        lines.append(f"unit = {_text(field.unit)}")
    catalogue = _catalogue(field, meant)
    if catalogue:
        lines.append(f"catalogue = {_text(catalogue)}")
    return "\n".join([*lines, ""])


def _cell(area: Area, name: str) -> str:
    sides = ", ".join(number(v) for v in (area.left, area.top, area.right, area.bottom))
    return f"  [{sides}, {_text(name)}]," if name else f"  [{sides}],"


def _notes(field: ProposedField, left: int) -> list[str]:
    notes = []
    if not field.label:
        notes.append("# review: no label was found")
    if field.confidence < _UNSURE:
        notes.append(f"# review: unsure ({field.confidence:.2f})")
    if left < len(field.cells):
        notes.append(f"# review: {len(field.cells) - left} of its places are covered by other fields")
    return notes


def _type(field: ProposedField, kind: FieldKind, names: Sequence[str]) -> ValueType:
    """The proposed type, or plain text or a number where kind, boxes or parts do not allow it."""
    fixed = {
        FieldKind.MARK: ValueType.BOOLEAN,
        FieldKind.CHOICE: ValueType.CHOICE,
        FieldKind.SIGNATURE: ValueType.PRESENCE,
        FieldKind.DRAWING: ValueType.PRESENCE,
        FieldKind.CODE: ValueType.TEXT,
    }
    if kind in fixed:
        return fixed[kind]
    meant = field.type
    if meant in {ValueType.CHOICE, ValueType.BOOLEAN, ValueType.PRESENCE}:
        return ValueType.TEXT
    if meant is ValueType.CATALOGUE and _catalogue(field, meant) is None:
        return ValueType.TEXT
    if kind is FieldKind.COMB:
        lengths = _LENGTHS.get(meant)
        return ValueType.INTEGER if lengths and len(names) not in lengths else meant
    allowed = _PARTS.get(meant)
    return ValueType.TEXT if allowed and any(n and n not in allowed for n in names) else meant


def _names(kind: FieldKind, meant: ValueType, names: Sequence[str]) -> list[str]:
    """Names of cells as the form's rules want them: none for boxes, unique ones for several lines."""
    if kind is FieldKind.CHOICE:
        return list(names)
    if kind is not FieldKind.TEXT or len(names) == 1:
        return [n if kind is FieldKind.TEXT and n in _PARTS.get(meant, set()) else "" for n in names]
    unique = all(names) and len(set(names)) == len(names)
    return list(names) if unique else [f"part{n}" for n in range(1, len(names) + 1)]


def _catalogue(field: ProposedField, meant: ValueType) -> str | None:
    if meant is ValueType.ICD10:
        return "icd10"
    if meant is not ValueType.CATALOGUE:
        return None
    plain = fold(field.label)
    return next((name for word, name in _CATALOGUES if re.search(rf"\b{word}", plain)), None)


def _label(text: str) -> str:
    quoted = _text(text)
    return f"{{ vi = {quoted}, en = {quoted} }}"


def _text(value: str) -> str:
    """A TOML basic string: JSON's escapes are a subset of TOML's."""
    return json.dumps(unicodedata.normalize("NFC", value), ensure_ascii=False).replace("\x7f", "")
