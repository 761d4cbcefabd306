"""Combs, tick boxes and choices out of small boxes and the words beside them."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from formscan.designer.fold import fold, slug
from formscan.designer.line_places import ROLES, LinePlaces
from formscan.designer.printed import Leader, Word
from formscan.designer.proposed import Place, PlaceKind, ProposedCell
from formscan.designer.rows import Row, Run, label_of, number_of, text_of
from formscan.model.geometry import Area

SMALL_PT: Final = (42.0, 26.0)
"""Widest and highest box that is filled with a character, a mark or a few digits."""
WRITTEN_PT: Final = (90.0, 26.0)
"""Widest and highest box beside words that is written in."""
_GAP_PT: Final = 7.0
_MARK_PT: Final = 22.0
"""A single box wider than this is written in, not ticked."""
_BREAK_PT: Final = 1.2
_COUNTED: Final = re.compile(r"so ngay|tong so|tuoi\b|lan thu|so lan|so con")
_OPTION: Final = re.compile(r"^\(?(?:[0-9]{1,2}|[JIl])\s*[.),]")


@dataclass(slots=True)
class _Tick:
    row: int
    area: Area
    option: str
    question: str
    number: int | None


def runs_of(boxes: Iterable[Area]) -> list[Run]:
    """Small boxes that stand side by side, with the places of wider gaps."""
    groups: list[list[Area]] = []
    for box in sorted(boxes, key=lambda b: b.left):
        for group in groups:
            last = group[-1]
            level = (
                abs(last.top - box.top) < 0.3 * box.height
                and abs(last.bottom - box.bottom) < 0.3 * box.height
            )
            if level and -4.0 < box.left - last.right < _GAP_PT and 0.6 < box.width / last.width < 1.7:
                group.append(box)
                break
        else:
            groups.append([box])
    return [Run(tuple(g), _breaks(g)) for g in groups]


def _breaks(boxes: Sequence[Area]) -> tuple[int, ...]:
    sizes = [1]
    for last, box in itertools.pairwise(boxes):
        if box.left - last.right > _BREAK_PT:
            sizes.append(1)
        else:
            sizes[-1] += 1
    return tuple(sizes) if 1 < len(sizes) < len(boxes) else ()


def box_places(rows: Sequence[Row], lines: LinePlaces) -> list[Place]:
    """Combs, marks and choices of a page."""
    left = _labels_stand_left(rows)
    combs: list[Place] = []
    ticks: list[_Tick] = []
    for number, row in enumerate(rows):
        for at, item in enumerate(row.items):
            if not isinstance(item, Run):
                continue
            if len(item.boxes) == 1 and item.area.width > _MARK_PT:
                combs.append(replace(_comb(item, number, at, rows, lines), kind=PlaceKind.TABLE_CELL))
            elif len(item.boxes) > 1 or _takes_number(row, at):
                combs.append(_comb(item, number, at, rows, lines))
            else:
                ticks.append(_tick(item, number, at, rows, left=left))
    return combs + _choices(ticks)


def _labels_stand_left(rows: Sequence[Row]) -> bool:
    """Whether the words of a tick box stand before it on this page."""
    before = after = 0
    for row in rows:
        for at, item in enumerate(row.items):
            if isinstance(item, Run) and len(item.boxes) == 1:
                before += bool(row.words_before(at, 12.0))
                after += bool(row.words_after(at, 12.0))
    return before >= 0.8 * after


def _takes_number(row: Row, at: int) -> bool:
    """Whether one box takes the number of one of several answers printed before it."""
    words: list[Word] = []
    for item in reversed(row.items[:at]):
        if not isinstance(item, Word):
            break
        words.insert(0, item)
    if any(isinstance(item, Run) for item in row.items[:at]):
        return False
    return sum(bool(_OPTION.match(w.text)) for w in words[1:]) >= 2


def _comb(run: Run, number: int, at: int, rows: Sequence[Row], lines: LinePlaces) -> Place:
    row = rows[number]
    cells = tuple(ProposedCell(b, b) for b in run.boxes)
    words = row.words_before(at, 120.0)
    label, sure, parent = label_of(_question(words)), 0.85, ""
    before = row.items[at - 1] if at else None
    if not words and isinstance(before, Leader) and id(before) in lines.owner:
        owner = lines.places[lines.owner[id(before)]]
        timed = any(cell.name in ROLES for cell in owner.cells)
        parent = (_words_over(run.area, rows) if timed else "") or owner.label
        label = parent if timed or _COUNTED.search(fold(parent)) else f"{parent} (mã)"
    elif not words:
        label = _words_over(run.area, rows) or _first_words(row, at)
        sure = 0.6 if label else 0.3
    return Place(
        PlaceKind.COMB, cells, label, run.groups, after=text_of(row.words_after(at)), sure=sure, parent=parent
    )


def _question(words: Sequence[Word]) -> str:
    """The words before the first numbered answer."""
    for at, word in enumerate(words):
        if at and _OPTION.match(word.text):
            return text_of(words[:at])
    return text_of(words)


def _first_words(row: Row, at: int) -> str:
    words: list[Word] = []
    for item in row.items[:at]:
        if not isinstance(item, Word):
            break
        words.append(item)
    return label_of(text_of(words))


def _words_over(area: Area, rows: Sequence[Row]) -> str:
    """Words printed right over a run of boxes."""
    x = area.centre[0]
    for row in reversed(rows):
        rise = area.top - row.baseline
        if not -2.0 < rise < 22.0:
            continue
        for at, item in enumerate(row.items):
            if isinstance(item, Word) and item.area.left - 12 < x < item.area.right + 12:
                near = [*row.words_before(at, 8.0), item, *row.words_after(at, 8.0)]
                return label_of(text_of(near))
    return ""


def _tick(run: Run, number: int, at: int, rows: Sequence[Row], *, left: bool) -> _Tick:
    row = rows[number]
    before, after = row.words_before(at, 45.0), row.words_after(at, 20.0)
    if (left and before) or not after:
        start = max((n for n, w in enumerate(before) if _OPTION.match(w.text)), default=-1)
        if start < 0 and before:
            colons = [n for n, w in enumerate(before[:-1]) if w.text.endswith(":")]
            start = colons[-1] + 1 if colons else 0
        words, question = before[max(start, 0) :], before[: max(start, 0)]
    else:
        words, question = after, before
    text = text_of(words)
    if not text:
        text = _words_over(run.area, rows)
    asked = label_of(text_of(question))
    if not asked and number_of(text) == 1:
        asked = _asked(row, at, text, rows)
    return _Tick(number, run.area, text, asked, number_of(text))


def _asked(row: Row, at: int, option: str, rows: Sequence[Row]) -> str:
    """The question of a first answer: the first words of its row, or those of the row above."""
    first = _first_words(row, at)
    if first and first != label_of(option):
        return label_of(first.split(option)[0]) if option in first else first
    for above in reversed(rows):
        if above.frame != row.frame or not 4 < row.baseline - above.baseline < 30:
            continue
        same = above.items[0].area.left < row.items[0].area.right + 60 and isinstance(above.items[0], Word)
        if same:
            return _first_words(above, len(above.items))
    return ""


def _choices(ticks: Sequence[_Tick]) -> list[Place]:
    groups: list[list[_Tick]] = []
    for tick in ticks:
        for group in reversed(groups[-3:]):
            if _belongs(group, tick):
                group.append(tick)
                break
        else:
            groups.append([tick])
    return [_choice(group) for group in groups]


def _belongs(group: Sequence[_Tick], tick: _Tick) -> bool:
    last = group[-1]
    if tick.question:
        return False
    if tick.number is not None and last.number is not None:
        near = abs(tick.area.top - last.area.top) < 40
        return near and 0 < tick.number - last.number <= 2
    both_plain = tick.number is None and last.number is None
    return both_plain and tick.row == last.row and bool(group[0].question)


def _choice(group: Sequence[_Tick]) -> Place:
    if len(group) == 1:
        one = group[0]
        label = label_of(one.option) or one.question
        if one.question and label and one.question != label:
            label = f"{one.question}: {label}"
        kind = PlaceKind.COMB if _COUNTED.search(fold(label)) else PlaceKind.TICK
        return Place(kind, (ProposedCell(one.area, one.area),), label, sure=0.8 if label else 0.3)
    cells: list[ProposedCell] = []
    for at, tick in enumerate(group, start=1):
        label = label_of(tick.option)
        name = slug(label, 20) or f"option{at}"
        if any(c.name == name for c in cells):
            name = f"{name}_{at}"
        cells.append(ProposedCell(tick.area, tick.area, name, label))
    asked = group[0].question
    return Place(PlaceKind.CHOICE, tuple(cells), asked, sure=0.85 if asked else 0.5)
