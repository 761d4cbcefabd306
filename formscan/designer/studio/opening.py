"""From a blank to the document a person starts with: its print, headings and proposed fields."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from formscan.designer.detect import DETECT_DPI, BlankPage, blank_pages, fields_of, take_apart
from formscan.designer.fitting import fitted
from formscan.designer.fold import fold, slug
from formscan.designer.proposed import PlaceKind, ProposedField
from formscan.designer.proposed_layer import layer_of, title_of
from formscan.designer.studio.document import FormHead, StudioDocument, StudioField
from formscan.designer.studio.shaping import numbered_choices
from formscan.model.geometry import Area
from formscan.model.template import (
    Cell,
    Choice,
    FieldKind,
    FieldSpec,
    FormTemplate,
    Section,
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
_FIXED: Final = {
    FieldKind.MARK: ValueType.BOOLEAN,
    FieldKind.CHOICE: ValueType.CHOICE,
    FieldKind.SIGNATURE: ValueType.PRESENCE,
    FieldKind.DRAWING: ValueType.PRESENCE,
    FieldKind.CODE: ValueType.TEXT,
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


@dataclass(frozen=True, slots=True)
class Opened:
    """A blank taken in.

    Attributes:
        document: With the proposals, none accepted, English labels copies of the printed ones.
        left_out: Ids and pages of proposals that other fields cover whole.
        covered: Number of covered places by handle, for fields that lost some.
        unlabelled: Handles of proposals without a label.
        places: Closed printed places, proposed or not, with their pages, points.
    """

    document: StudioDocument
    left_out: tuple[tuple[str, int], ...] = ()
    covered: tuple[tuple[str, int], ...] = ()
    unlabelled: frozenset[str] = frozenset()
    places: tuple[tuple[int, Area], ...] = ()


def open_blank(
    blank: Path,
    head: FormHead,
    dpi: float = DETECT_DPI,
    *,
    pixels_only: bool = False,
    pages: Sequence[int] | None = None,
) -> Opened:
    """Take in a blank form.

    Args:
        blank: PDF or picture.
        head: Id and version as its folder will be named, and what is known besides.
        dpi: At which PDFs without text are looked at.
        pixels_only: Look at a vector PDF as at a scan.
        pages: 1-based pages of the file that are the form, in order; all but empty last ones where ``None``.

    Returns:
        The document and what to look at.

    Raises:
        InputError: If the file is no PDF or picture.
    """
    taken = list(blank_pages(blank, dpi, pixels_only=pixels_only))
    if pages is not None:
        taken = [replace(taken[n - 1], number=at) for at, n in enumerate(pages, start=1) if n <= len(taken)]
    return open_pages(taken, head, dpi, trim=pages is None)


def open_pages(pages: Sequence[BlankPage], head: FormHead, dpi: float, *, trim: bool) -> Opened:
    """As :func:`open_blank`, for pages already taken in; ``trim`` leaves empty last pages out."""
    sheets = [take_apart(page) for page in pages]
    while trim and len(sheets) > 1 and not (sheets[-1].words or sheets[-1].leaders or sheets[-1].cells):
        sheets.pop()  # an empty last page is no page of the form
    layers = tuple(layer_of(page, sheet) for page, sheet in zip(pages, sheets, strict=False))
    proposals = fields_of(sheets, dpi)
    sections = _sections(proposals)
    fields: list[StudioField] = []
    left_out: list[tuple[str, int]] = []
    covered: list[tuple[str, int]] = []
    for sheet in sheets:
        mine = [f for f in proposals if f.page == sheet.number]
        room = fitted(mine, sheet.width, sheet.height)
        for at, proposal in enumerate(mine):
            if at not in room:
                left_out.append((proposal.id, proposal.page))
                continue
            handle = f"{proposal.page}.{proposal.order}"
            lost = len(proposal.cells) - len(room[at])
            covered += [(handle, lost)] if lost else []
            spec = _spec(proposal, room[at], sections)
            fields.append(StudioField(handle, spec, confidence=proposal.confidence))
    title = head.title or (title_of(layers[0]) if layers else "") or head.id
    bare = frozenset(f"{p.page}.{p.order}" for p in proposals if not p.label)
    named = tuple(Section(key, text or "Trang", text or "Trang") for text, key in sections.items())
    document = StudioDocument(replace(head, title=title), layers, named, tuple(fields))
    places = tuple((sheet.number, cell) for sheet in sheets for cell in sheet.cells)
    return Opened(document, tuple(left_out), tuple(covered), bare, places)


def open_form(form: FormTemplate, version: str) -> Opened:
    """Take in a form that is done, as the beginning of another edition of it.

    Args:
        form: Every field of it stands as accepted.
        version: Of the edition that is begun.
    """
    head = FormHead(form.id, version, form.code, form.title_vi, form.title_en, form.edition, form.source)
    counts: Counter[int] = Counter()
    fields: list[StudioField] = []
    for spec in form.fields:
        fields.append(StudioField(f"{spec.page}.{counts[spec.page]}", spec, accepted=True))
        counts[spec.page] += 1
    return Opened(StudioDocument(head, form.pages, form.sections, tuple(fields)))


def next_version(form: FormTemplate, known: Iterable[FormTemplate]) -> str:
    """A version no known edition of the form has: the last number of its own counted up."""
    taken = {one.version for one in known if one.id == form.id} | {form.version}
    front, number = re.fullmatch(r"(.*?)(\d*)", form.version, re.DOTALL).groups()  # type: ignore[union-attr]
    candidates = (f"{front}{n}" for n in itertools.count(int(number or 1) + 1))
    return next(one for one in candidates if one not in taken)


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


def _spec(field: ProposedField, room: Sequence[tuple[int, Area]], sections: dict[str, str]) -> FieldSpec:
    kind, names = _KINDS[field.kind], [field.cells[at].name for at, _ in room]
    meant = _type(field, kind, names)
    names = _names(kind, meant, names)
    label = field.label or field.id
    told = {c.name: c.label or c.name for c in field.cells}
    choices = tuple(Choice(n, told[n], told[n]) for n in names) if kind is FieldKind.CHOICE else ()
    whole = field.groups if kind is FieldKind.COMB and sum(field.groups) == len(room) else ()
    return FieldSpec(
        id=field.id,
        page=field.page,
        section=sections[field.section],
        kind=kind,
        type=meant,
        label_vi=label,
        label_en=label,
        cells=tuple(Cell(_rounded(area), name) for (_, area), name in zip(room, names, strict=True)),
        groups=whole,
        choices=numbered_choices(field.answers) or choices,
        multiple=bool(field.answers) and len(room) > 1,
        unit=field.unit if kind is FieldKind.TEXT else None,
        catalogue=_catalogue(field, meant),
    )


def _rounded(area: Area) -> Area:
    return Area(round(area.left, 2), round(area.top, 2), round(area.right, 2), round(area.bottom, 2))


def _type(field: ProposedField, kind: FieldKind, names: Sequence[str]) -> ValueType:
    """The proposed type, or plain text or a number where kind, boxes or parts do not allow it."""
    if kind in _FIXED:
        return _FIXED[kind]
    meant = field.type
    if field.answers:
        return ValueType.CHOICE
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
