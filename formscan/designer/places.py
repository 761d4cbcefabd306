"""All places of a page to be filled, in reading order, with the heading each stands under."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from formscan.designer.box_places import WRITTEN_PT, box_places, runs_of
from formscan.designer.cells import overlap, size_of
from formscan.designer.fold import fold
from formscan.designer.line_places import line_places
from formscan.designer.lists import listed
from formscan.designer.numbered import Print, numbered_question, question_within
from formscan.designer.open_places import open_places
from formscan.designer.phrases import question_over
from formscan.designer.printed import PrintedSheet, Word
from formscan.designer.proposed import Place, PlaceKind, ProposedCell
from formscan.designer.rows import Row, frame_at, label_of, rows_of, sheet_frames, text_of
from formscan.designer.table_places import head_over, table_places
from formscan.model.geometry import Area, enclosing

_NARROW_PT: Final = 18.0
"""Words slide into boxes narrower than this on the official forms; in wider ones they are headings."""
_NAME: Final = re.compile(r"^ho( va)? ten$|^ten$")
_UNDER_PT: Final = 120.0
_ROW_PT: Final = 7.0
_WHOLE_PT: Final = 500.0
"""A frame higher than this is the page's."""
GOES_ON: Final = " (tiếp theo)"
"""What lines that go on from the page before have behind their label."""
_LETTERS: Final = re.compile(r"[a-z]+")
_HEADING: Final = re.compile(r"^\s*(?:[IVX]{1,4}|[A-D])\s*[.)/]")


def places_of(sheet: PrintedSheet) -> list[Place]:
    """The fields of one page without their meaning, in reading order."""
    tables, used = table_places(sheet)
    boxes = [c for c in sheet.cells if _is_small(c) and c not in used and not _printed_in(c, sheet.words)]
    frames = sheet_frames(sheet)
    frames = [f for f in frames if f not in boxes]
    rows = rows_of(_words_off_lines(sheet, frames), sheet.leaders, runs_of(boxes), frames)
    lines = line_places(rows)
    written = listed([*lines.places, *box_places(rows, lines)], rows)
    places = [*(_under_head(p, sheet, frames) for p in written), *tables]
    used = [*used, *boxes]
    places += open_places(sheet, rows, used)
    places += [
        Place(PlaceKind.CODE, (ProposedCell(code.area, code.area),), "", sure=0.9) for code in sheet.codes
    ]
    headings = _headings(rows)
    ordered = _in_order(_named_signers(places), frames)
    prints = [Print(w.area.left, w.baseline, w.size, w.text) for w in sheet.words]
    return [replace(_asked(p, prints, rows), section=_section(p, headings)) for p in ordered]


def carried_on(places: Sequence[Place], last: Place | None, words: Sequence[Word]) -> list[Place]:
    """The places of a page; lines at its top, over all words, go on with the last lines of the page before.

    Args:
        places: Of the page, in reading order.
        last: Last place of the page before, ``None`` on the first page.
        words: Of the page.
    """
    first = places[0] if places else None
    if first is None or last is None or first.label or not last.label:
        return list(places)
    if not {first.kind, last.kind} <= {PlaceKind.TEXT_LINE, PlaceKind.TEXT_AREA}:
        return list(places)
    top = first.cells[0].printed.top
    if any(w.area.centre[1] < top and any(c.isalpha() for c in w.text) for w in words):
        return list(places)
    label = f"{last.label.removesuffix(GOES_ON)}{GOES_ON}"
    return [replace(first, label=label), *places[1:]]


def _under_head(place: Place, sheet: PrintedSheet, frames: Sequence[Area]) -> Place:
    """Lines without words of their own in a column of a table get the column's heading."""
    if place.label or place.kind not in {PlaceKind.TEXT_LINE, PlaceKind.TEXT_AREA}:
        return place
    at = frame_at(place.cells[0].printed, frames)
    return replace(place, label=head_over(frames[at], sheet)) if at >= 0 else place


def _asked(place: Place, prints: Sequence[Print], rows: Sequence[Row]) -> Place:
    """Boxes beside numbered answers take the number of one: a question, not a number.

    Only where what was taken for their label holds answers of it: dates and codes stand beside answers of
    other questions.
    """
    if place.kind not in {PlaceKind.COMB, PlaceKind.TICK} or not place.label:
        return place
    asked = numbered_question(prints, enclosing(cell.printed for cell in place.cells))
    if asked is None:
        return place
    within = question_within(place.label)
    told, answers = _words(place.label), _words(" ".join(asked.answers))
    own = _words(asked.label)
    if within is None and told != own and not (told & answers and told <= answers | own):
        return place
    label = (
        within
        or asked.label
        or question_over(asked.answers[0], enclosing(c.printed for c in place.cells), rows)
    )
    label = label or place.label
    return replace(place, kind=PlaceKind.COMB, label=label, answers=asked.answers)


def _words(text: str) -> set[str]:
    return set(_LETTERS.findall(fold(text)))


def _words_off_lines(sheet: PrintedSheet, frames: Sequence[Area]) -> list[Word]:
    """The words without slashes and specks in the lines themselves; a line may run into another frame."""
    return [
        w
        for w in sheet.words
        if not any(
            line.area.left < w.area.centre[0] < line.area.right and abs(w.baseline - line.baseline) < 4
            for line in sheet.leaders
            if not line.solid and frame_at(w.area, frames) == frame_at(line.area, frames)
        )
    ]


def _is_small(cell: Area) -> bool:
    return cell.width <= WRITTEN_PT[0] and cell.height <= WRITTEN_PT[1]


def _printed_in(cell: Area, words: Sequence[Word]) -> bool:
    """Whether letters fill the box: it is a heading, not a place to write."""
    held = [w for w in words if overlap(cell, w.area) > 0.75 * size_of(w.area)]
    if cell.width > _NARROW_PT and any(c.isalnum() for w in held for c in w.text):
        return True
    inside = sum(overlap(cell, w.area) for w in words if overlap(cell, w.area) > 0.75 * size_of(w.area))
    return inside > 0.25 * size_of(cell)


def _named_signers(places: Sequence[Place]) -> list[Place]:
    """Lines for a name under the place of a signature get the signer's title."""
    signed = [p for p in places if p.kind is PlaceKind.SIGNATURE]
    return [_with_title(p, signed) if _NAME.match(fold(p.label)) else p for p in places]


def _with_title(place: Place, signed: Sequence[Place]) -> Place:
    line = place.cells[0].printed
    for signer in signed:
        room = signer.cells[0].printed
        beside = min(room.right, line.right) - max(room.left, line.left - 60) > 0
        if beside and -6 < line.top - room.top < _UNDER_PT:
            return replace(place, label=f"{signer.label}: {place.label}", parent=signer.label)
    return place


def _in_order(places: Sequence[Place], frames: Sequence[Area]) -> list[Place]:
    """Frame by frame, row by row, from left to right."""
    keyed = sorted(((_frame_key(p, frames), _foot(p), p) for p in places), key=lambda k: (k[0], k[1]))
    rows: list[list[tuple[tuple[float, float], float, Place]]] = []
    for entry in keyed:
        last = rows[-1][0] if rows else None
        if (
            last is not None
            and last[0][1] == entry[0][1]
            and entry[1] - last[1] < _ROW_PT
            and (last[0] == entry[0] or entry[0][1] < 0)
        ):
            rows[-1].append(entry)
        else:
            rows.append([entry])
    return [e[2] for row in rows for e in sorted(row, key=lambda e: e[2].cells[0].printed.left)]


def _frame_key(place: Place, frames: Sequence[Area]) -> tuple[float, float]:
    """Top and left of the frame a place stands in; its own foot and -1 where it stands in none."""
    first = place.cells[0].printed
    at = frame_at(first, [f for f in frames if f.height < _WHOLE_PT])
    if at < 0:
        return _foot(place), -1.0
    frame = [f for f in frames if f.height < _WHOLE_PT][at]
    return frame.top, frame.left


def _foot(place: Place) -> float:
    first = place.cells[0].printed
    return first.bottom - 0.22 * min(first.height, 16.0)


def _headings(rows: Sequence[Row]) -> list[tuple[float, str]]:
    """Rows that start with a Roman number or a capital letter and a dot, in capitals or bold."""
    found = []
    for row in rows:
        words = [i for i in row.items if isinstance(i, Word)]
        text = text_of(words)
        if words and _HEADING.match(text) and (words[-1].bold or label_of(text).upper() == label_of(text)):
            found.append((row.baseline, label_of(text)))
    return found


def _section(place: Place, headings: Sequence[tuple[float, str]]) -> str:
    foot = place.cells[0].printed.bottom
    over = [text for baseline, text in headings if baseline <= foot]
    return over[-1] if over else ""
