"""What a page has in common with pages of forms that are done: their fields, moved to where the print is.

Records of the Ministry share whole blocks (head, administrative data, diagnoses, summing up) that stand a
little higher or further left from form to form. For each field of a known page the words around it vote for
the shift at which the same words stand on the new page; the field is taken over where they agree and the
proposals show places to write there.
"""

from __future__ import annotations

import heapq
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from formscan.designer.cells import overlap, size_of
from formscan.designer.fold import fold
from formscan.designer.studio.apart import BOXES, apart, reduced
from formscan.designer.studio.document import StudioDocument, StudioField
from formscan.designer.studio.operations import Adopt, free_id
from formscan.model.geometry import Area
from formscan.model.template import Cell, FieldKind, FieldSpec, FormTemplate, PageTemplate, PrintedText

_AROUND: Final = 10
_AGREE_PT: Final = 2.5
_LEAST_VOTES: Final = 4
_LEAST_SHARE: Final = 0.5
_SEEN: Final = 0.25
"""Overlap (IoU) at which a proposal shows that there is a place to write."""
_SAME: Final = 0.4
_SHARED_WORDS: Final = 12


@dataclass(frozen=True, slots=True)
class _Placed:
    """A known field where it would stand on the new page, with how many of its places were seen there."""

    spec: FieldSpec
    seen: float


def adoptions(document: StudioDocument, forms: Sequence[FormTemplate], most: int = 4) -> Iterator[Adopt]:
    """Steps that take over what the pages share with known ones, the closest relative of a page first.

    Args:
        document: As it stands; each step is made for the document after the ones before it.
        forms: Forms that are done.
        most: Relatives looked at for a page.

    Yields:
        One step a relative that has something to give.
    """
    for page in document.pages:
        for form, known in _relatives(page, forms, document.head.id)[:most]:
            step = _adopt(document, page, form, known)
            if step is not None:
                document = step.apply(document)
                yield step


def _relatives(
    page: PageTemplate, forms: Sequence[FormTemplate], own: str
) -> list[tuple[FormTemplate, PageTemplate]]:
    mine = Counter(_plain(w.text) for w in _words(page))
    scored = []
    for form in forms:
        for other in form.pages if form.id != own else ():
            shared = (mine & Counter(_plain(w.text) for w in _words(other))).total()
            if shared >= _SHARED_WORDS:
                scored.append((shared, form, other))
    return [(form, other) for _, form, other in sorted(scored, key=lambda s: -s[0])]


def _words(page: PageTemplate) -> list[PrintedText]:
    """The words with a letter: numbers of items differ from form to form."""
    return [t for t in page.texts if _plain(t.text)]


@lru_cache(maxsize=8192)
def _plain(text: str) -> str:
    """Letters alone, folded."""
    return re.sub(r"[^a-z]+", "", fold(text))


def _adopt(
    document: StudioDocument, page: PageTemplate, form: FormTemplate, known: PageTemplate
) -> Adopt | None:
    theirs = _words(known)
    mine: dict[str, list[PrintedText]] = {}
    for word in _words(page):
        mine.setdefault(_plain(word.text), []).append(word)
    standing = [f for f in document.fields if f.spec.page == page.number]
    open_ones = [f for f in standing if not f.accepted]
    taken_ids = {f.spec.id for f in document.fields if f.accepted}
    firm = [c.area for f in standing if f.accepted for c in f.spec.cells]
    found: list[FieldSpec] = []
    for spec in form.fields_of(known.number):
        if spec.table is not None or spec.id in taken_ids:
            continue
        shift = _shift(spec.area, theirs, mine)
        if shift is None:
            continue
        placed = _placed(spec, shift, open_ones, page)
        areas = [c.area for c in placed.spec.cells] if placed else []
        least = 1.0 if spec.kind in BOXES else 0.5
        if placed is None or placed.seen < least or any(_meet(a, b) for a in areas for b in firm):
            continue
        firm += areas
        found.append(placed.spec)
    found += _by_label(form.fields_of(known.number), found, taken_ids, open_ones, page.number)
    if not found:
        return None
    fields = _instead(document, standing, found, page.number)
    sections = tuple(s for s in form.sections if any(f.section == s.id for f in found))
    return Adopt(page.number, f"{form.id}/{form.version} p.{known.number}", fields, sections)


def _by_label(
    known: Sequence[FieldSpec],
    found: Sequence[FieldSpec],
    taken: set[str],
    proposals: Sequence[StudioField],
    page: int,
) -> Iterator[FieldSpec]:
    """Known fields the words around did not place, in the proposals of the same label and kind, in order."""
    ids = taken | {f.id for f in found}
    free = [p for p in proposals if not any(_covers(f, c.area) for f in found for c in p.spec.cells)]
    for spec in known:
        if spec.id in ids or spec.table is not None:
            continue
        for proposal in free:
            cells = fitting_cells(spec, proposal.spec)
            if cells and label_key(proposal.spec.label_vi) == label_key(spec.label_vi):
                free.remove(proposal)
                yield replace(spec, page=page, cells=cells)
                break


def label_key(label: str) -> str:
    """A label for comparing: letters and digits, without what stands in brackets but ``(mã)`` of a code."""
    plain = re.sub(r"\((?!ma\))[^)]*(\)|$)", " ", fold(label))
    return re.sub(r"[^a-z0-9]+", " ", plain).strip()


def fitting_cells(known: FieldSpec, proposal: FieldSpec) -> tuple[Cell, ...]:
    """The proposal's places with the known field's names; none where one does not fit the other."""
    if known.kind is not proposal.kind:
        return ()
    if known.kind is FieldKind.CHOICE:
        theirs = [label_key(c.label_vi) for c in known.choices]
        if theirs != [label_key(c.label_vi) for c in proposal.choices]:
            return ()
    if len(known.cells) == len(proposal.cells):
        pairs = zip(known.cells, proposal.cells, strict=True)
        return tuple(Cell(p.area, k.name) for k, p in pairs)
    both_lines = known.kind is FieldKind.TEXT and _is_lines(known) and _is_lines(proposal)
    return proposal.cells if both_lines and known.type is proposal.type else ()


def _shift(
    area: Area, theirs: Sequence[PrintedText], mine: Mapping[str, Sequence[PrintedText]]
) -> tuple[float, float] | None:
    """The shift most words around an area agree on, points; ``None`` where they do not."""
    near = heapq.nsmallest(_AROUND, theirs, key=lambda w: _distance(area, w))
    votes: list[tuple[int, float, float]] = []
    for at, word in enumerate(near):
        votes += [(at, m.x - word.x, m.y - word.y) for m in mine.get(_plain(word.text), ())]
    best: tuple[int, float, tuple[float, float]] = (0, 0.0, (0.0, 0.0))
    for _, dx, dy in votes:
        agree = [v for v in votes if abs(v[1] - dx) < _AGREE_PT and abs(v[2] - dy) < _AGREE_PT]
        count = len({v[0] for v in agree})
        if count > best[0]:
            mean = (sum(v[1] for v in agree) / len(agree), sum(v[2] for v in agree) / len(agree))
            best = (count, 0.0, mean)
    least = max(min(_LEAST_VOTES, len(near)), _LEAST_SHARE * len(near))
    return best[2] if best[0] >= least else None


def _distance(area: Area, word: PrintedText) -> float:
    x, y = word.x + word.width / 2, word.y - word.size / 3
    aside = max(area.left - (word.x + word.width), word.x - area.right, 0.0)
    above = max(area.top - y, y - area.bottom, 0.0)
    return aside * 0.3 + above + 0.01 * abs(x - area.left)


def _placed(
    spec: FieldSpec, shift: tuple[float, float], proposals: Sequence[StudioField], page: PageTemplate
) -> _Placed | None:
    cells: list[Cell] = []
    seen = 0
    for cell in spec.cells:
        a = cell.area
        edges = (a.left + shift[0], a.top + shift[1], a.right + shift[0], a.bottom + shift[1])
        area = Area(*(round(e, 2) for e in edges))
        if area.left < 0 or area.top < 0 or area.right > page.width or area.bottom > page.height:
            return None
        there = max(
            (c.area for f in proposals for c in f.spec.cells), key=lambda b: _iou(area, b), default=area
        )
        share = _iou(area, there) if proposals else 0.0
        seen += share >= _SEEN
        least = _SEEN if spec.kind in BOXES else _SAME
        cells.append(Cell(there if share >= least else area, cell.name))
    placed = replace(spec, page=page.number, cells=tuple(cells))
    if spec.kind is FieldKind.TEXT:
        same = _of_the_same_parts(placed, proposals)
        if same is not None:
            return _Placed(same, 1.0)
        if _is_lines(spec):
            return _on_its_lines(placed, proposals)
    if spec.kind in {FieldKind.SIGNATURE, FieldKind.DRAWING}:
        written = [c.area for f in proposals if f.spec.kind is FieldKind.TEXT for c in f.spec.cells]
        return None if any(_meet(cells[0].area, area) for area in written) else _Placed(placed, 1.0)
    return _Placed(placed, seen / len(spec.cells))


def _is_lines(spec: FieldSpec) -> bool:
    return len(spec.cells) == 1 or spec.cells[0].name == "line1"


def _of_the_same_parts(spec: FieldSpec, proposals: Sequence[StudioField]) -> FieldSpec | None:
    """The field in the places of a proposal that has the same named parts there, e.g. hour, minute, day."""
    names = [c.name for c in spec.cells]
    for field in proposals if all(names) and not _is_lines(spec) else ():
        same = [c.name for c in field.spec.cells] == names and field.spec.kind is spec.kind
        if same and _iou(field.spec.area, spec.area) >= _SEEN:
            return replace(spec, cells=field.spec.cells)
    return None


def _on_its_lines(spec: FieldSpec, proposals: Sequence[StudioField]) -> _Placed | None:
    """Free text in the lines of the proposal that starts where its first line would stand."""
    first = spec.cells[0].area
    for field in proposals:
        cells = field.spec.cells
        if (
            field.spec.kind is FieldKind.TEXT
            and _is_lines(field.spec)
            and _iou(first, cells[0].area) >= _SAME
        ):
            return _Placed(replace(spec, cells=cells), 1.0)
    return None


def _speak_alike(known: FieldSpec, proposal: FieldSpec) -> bool:
    """Whether the labels share a word; a proposal that found no label says nothing against."""
    theirs = set(label_key(proposal.label_vi).split())
    unnamed = proposal.label_vi == proposal.id
    return unnamed or not theirs or bool(theirs & set(label_key(known.label_vi).split()))


def _instead(
    document: StudioDocument, standing: Sequence[StudioField], found: Sequence[FieldSpec], page: int
) -> tuple[StudioField, ...]:
    """The fields of a page with the found ones in the place of the proposals they cover."""
    others = {f.spec.id for f in document.fields if f.spec.page != page or f.accepted}
    ids = {spec.id for spec in found} | others
    waiting = [(spec, spec.cells[0].area) for spec in found]
    out: list[StudioField] = []
    numbers = iter(range(1, 1000))
    handles = {f.handle for f in document.fields}
    for field in standing:
        if field.accepted:
            out.append(field)
            continue
        left = tuple(c for c in field.spec.cells if not any(_covers(s, c.area) for s in found))
        for spec, first in list(waiting):
            if any(_meet(first, c.area) for c in field.spec.cells):
                out.append(_taken(spec, page, numbers, handles))
                waiting.remove((spec, first))
        if len(left) == len(field.spec.cells) or (left and len(left) >= 0.5 * len(field.spec.cells)):
            fresh = free_id(field.spec.id, ids) if field.spec.id in ids else field.spec.id
            ids.add(fresh)
            out.append(replace(field, spec=reduced(replace(field.spec, id=fresh), left)))
    return apart((*out, *(_taken(spec, page, numbers, handles) for spec, _ in waiting)))


def _taken(spec: FieldSpec, page: int, numbers: Iterator[int], handles: set[str]) -> StudioField:
    handle = next(h for n in numbers if (h := f"{page}.k{n}") not in handles)
    handles.add(handle)
    return StudioField(handle, spec, accepted=True)


def _covers(spec: FieldSpec, area: Area) -> bool:
    return any(_meet(cell.area, area) for cell in spec.cells)


def _meet(a: Area, b: Area) -> bool:
    """Whether two places share a good part of the smaller one."""
    return overlap(a, b) > 0.35 * min(size_of(a), size_of(b))


def _iou(a: Area, b: Area) -> float:
    shared = overlap(a, b)
    return shared / (size_of(a) + size_of(b) - shared)
