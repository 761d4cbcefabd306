"""Fields written on lines: labels tied, dates put together, lines of one answer gathered."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from formscan.designer.fold import fold
from formscan.designer.phrases import last_part, whole_label, without_unit
from formscan.designer.printed import Leader, Word
from formscan.designer.proposed import Place, PlaceKind, ProposedCell
from formscan.designer.rows import Row, label_of, starts_item, text_of
from formscan.model.geometry import Area

_BEHIND: Final = {"gio": "hour", "h": "hour", "phut": "minute", "ph": "minute"}
_BEFORE: Final = {"ngay": "day", "ng": "day", "thang": "month", "th": "month", "nam": "year"}
ROLES: Final = ("hour", "minute", "day", "month", "year")
_DATE: Final = ("day", "month", "year")
_PITCH_PT: Final = 34.0
WRITING_PT: Final = 19.5
"""Highest writing place over a line."""
_UNDER_PT: Final = 3.0
_PIECE_PT: Final = 14.0
"""White between two pieces of one line at most."""
_LEVEL_PT: Final = 4.0
_TAIL_WORDS: Final = 4


@dataclass(slots=True)
class _Line:
    row: int
    at: int
    leader: Leader
    before: list[Word]
    after: list[Word]
    role: str = ""


@dataclass(slots=True)
class LinePlaces:
    """Places made of lines, and which line belongs to which of them."""

    places: list[Place]
    owner: dict[int, int]
    """``id`` of a leader to the index of its place."""


def line_places(rows: Sequence[Row]) -> LinePlaces:
    """All fields written on lines, in the order of the rows."""
    out = LinePlaces([], {})
    for number, row in enumerate(rows):
        chain: list[_Line] = []
        for at, item in enumerate(row.items):
            if not isinstance(item, Leader):
                continue
            line = _Line(number, at, item, row.words_before(at), row.words_after(at))
            line.role = _role(line)
            if chain and _follows(chain[-1], line):
                chain.append(line)
                continue
            _close(chain, rows, out)
            chain = [line]
        _close(chain, rows, out)
    return out


def _role(line: _Line) -> str:
    """Part of a date or time the line holds by the words around it."""
    behind = _word(line.after[0].text) if line.after and _near(line) else ""
    before = _word(line.before[-1].text) if line.before else ""
    if before in _BEHIND and len(line.leader.parts) >= len(_DATE):
        return "day"
    if behind in _BEHIND:
        return _BEHIND[behind]
    if before in {"gio", "h"}:
        return "minute"
    return _BEFORE.get(before, "")


def _near(line: _Line) -> bool:
    return line.after[0].area.left - line.leader.area.right < 12


def _word(text: str) -> str:
    return re.sub(r"[^a-z]", "", fold(text))


def _follows(last: _Line, line: _Line) -> bool:
    """Whether a line is the next part of the same date."""
    if not last.role or not line.role or ROLES.index(line.role) <= ROLES.index(last.role):
        return False
    words = [_word(w.text) for w in line.before]
    return all(w in _BEHIND or w in _BEFORE or not w for w in words)


def _close(chain: list[_Line], rows: Sequence[Row], out: LinePlaces) -> None:
    if not chain:
        return
    first = chain[0]
    label, sure = _label(chain, rows)
    if not label and not first.role:
        label, sure = _beside(first, rows, out), 0.6
    if not label and not first.role:
        above = _above(first, rows)
        if isinstance(above, Leader) and id(above) in out.owner:
            at = out.owner[id(above)]
            if not any(c.name in ROLES for c in out.places[at].cells):
                out.places[at] = _grown(out.places[at], first.leader)
                out.owner[id(first.leader)] = at
                return
        elif isinstance(above, Row):
            words = [i for i in above.items if isinstance(i, Word) and i.area.left < first.leader.area.right]
            label, sure = label_of(whole_label(words, above, rows)), 0.7
    if not label:
        label, sure = _row_label(rows[first.row], first.at)
    cells = [cell for line in chain for cell in _cells(line, label)]
    place = Place(PlaceKind.TEXT_LINE, tuple(cells), label, after=text_of(chain[-1].after), sure=sure)
    for line in chain:
        out.owner[id(line.leader)] = len(out.places)
    out.places.append(place)


def _label(chain: list[_Line], rows: Sequence[Row]) -> tuple[str, float]:
    row = rows[chain[0].row]
    words = without_unit(chain[0].before, row, chain[0].at)
    if chain[0].role and words and _word(words[-1].text) in _BEFORE:
        rest = words[:-1]
        if not rest or rest[-1].text.rstrip().endswith((":", ",", ".")):
            words = rest
        if not words:
            return "Ngày, tháng, năm", 0.8
    label = last_part(label_of(whole_label(words, row, rows)))
    goes_on = _goes_on(chain[-1], rows[chain[-1].row])
    return (f"{label} ... {goes_on}" if label and goes_on else label), 0.9 if label else 0.3


def _goes_on(line: _Line, row: Row) -> str:
    """What a label has behind its line: ``của bệnh`` in ``ngày thứ .... của bệnh``."""
    words = line.after
    ends = bool(words) and row.items[-1] is words[-1]
    if line.role or not ends or not 2 <= len(words) <= _TAIL_WORDS or not _near(line):
        return ""
    return text_of(words) if all(w.text.isalpha() and w.text.islower() for w in words) else ""


def _beside(line: _Line, rows: Sequence[Row], out: LinePlaces) -> str:
    """The label of the line a piece goes on with, or an item's words at its height in a frame to its left."""
    row = rows[line.row]
    before = row.before(line.at)
    if isinstance(before, Leader) and id(before) in out.owner:
        owner = out.places[out.owner[id(before)]]
        joins = line.leader.area.left - before.area.right < _PIECE_PT
        return owner.label if joins and owner.cells[0].name not in ROLES else ""
    if row.frame < 0:
        return ""
    filled = {r.frame for r in rows if not all(isinstance(i, Word) for i in r.items)}
    for other in rows:
        words = [i for i in other.items if isinstance(i, Word)]
        level = other.frame not in {*filled, -1} and abs(other.baseline - row.baseline) < _LEVEL_PT
        if level and words[-1].area.right <= line.leader.area.left and starts_item(text_of(words)):
            return label_of(text_of(words))
    return ""


def _row_label(row: Row, at: int) -> tuple[str, float]:
    """The first words of the row, where another place stands between."""
    words: list[Word] = []
    for item in row.items[:at]:
        if not isinstance(item, Word):
            break
        words.append(item)
    return label_of(text_of(words)), 0.45


def _above(line: _Line, rows: Sequence[Row]) -> Leader | Row | None:
    """The line or the row of words printed over a line without a label of its own."""
    area = line.leader.area
    for row in reversed(rows[: line.row]):
        rise = line.leader.baseline - row.baseline
        if rise < 4 or row.frame != rows[line.row].frame:
            continue
        if rise > _PITCH_PT:
            return None
        over = [
            i
            for i in row.items
            if i.area.left < area.right - 8 and i.area.right > area.left + min(8.0, area.width / 4)
        ]
        lines = [i for i in over if isinstance(i, Leader)]
        ends = [i for i in row.items if isinstance(i, Word | Leader)]
        if not lines and ends and isinstance(ends[-1], Leader) and ends[-1].area.right > area.right:
            lines = [ends[-1]]  # "27. Label: ....." goes on under its label
        if lines:
            return lines[-1]
        if any(isinstance(i, Word) for i in over):
            return row
    return None


def _grown(place: Place, leader: Leader) -> Place:
    cells = [replace(c, name=f"line{n}") for n, c in enumerate(place.cells, start=1)]
    cells.append(_cell(leader, leader.area, f"line{len(cells) + 1}"))
    return replace(place, kind=PlaceKind.TEXT_AREA, cells=tuple(cells))


def _cells(line: _Line, label: str) -> list[ProposedCell]:
    leader, parts = line.leader, line.leader.parts
    if line.role == "day" and len(parts) >= 3:
        names: tuple[str, ...] = _DATE
    elif len(parts) == 2 and re.search(r"huyet ap|\bha\b", fold(label)):
        names = ("systolic", "diastolic")
    elif len(parts) > 1 and not line.role:
        names = tuple(f"part{n}" for n in range(1, len(parts) + 1))
    else:
        return [_cell(leader, leader.area, line.role)]
    top, bottom = leader.area.top, leader.area.bottom
    return [
        _cell(leader, Area(left, top, right, bottom), name)
        for (left, right), name in zip(parts, names, strict=False)
        if right > left
    ]


def _cell(leader: Leader, printed: Area, name: str) -> ProposedCell:
    top = leader.baseline + _UNDER_PT - WRITING_PT
    return ProposedCell(printed, Area(printed.left, top, printed.right, leader.baseline + _UNDER_PT), name)
