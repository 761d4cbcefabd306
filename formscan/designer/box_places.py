"""Combs, tick boxes and choices out of small boxes and the words beside them."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from formscan.designer.fold import fold, slug
from formscan.designer.line_places import ROLES, LinePlaces
from formscan.designer.lists import column_head
from formscan.designer.printed import Leader, Word
from formscan.designer.proposed import Place, PlaceKind, ProposedCell
from formscan.designer.rows import Row, Run, is_speck, label_of, number_of, starts_item, text_of
from formscan.model.geometry import Area

SMALL_PT: Final = (42.0, 26.0)
"""Widest and highest box that is filled with a character, a mark or a few digits."""
WRITTEN_PT: Final = (90.0, 26.0)
"""Widest and highest box beside words that is written in."""
_GAP_PT: Final = 7.0
_MARK_PT: Final = 22.0
"""A single box wider than this is written in, not ticked."""
_BREAK_PT: Final = 1.2
_APART: Final = 1.1
"""White in sizes that parts a question from its answer."""
_ALIGNED_PT: Final = 3.0
_UNDER_PT: Final = 34.0
_COUNTED: Final = re.compile(r"so ngay|tong so|tuoi\b|lan thu|so lan|so con")
_OPTION: Final = re.compile(r"^\(?(?:[0-9]{1,2}|[JIl])\s*[.),]")


@dataclass(slots=True)
class _Tick:
    row: int
    frame: int
    area: Area
    option: str
    question: str
    number: int | None
    left: float
    """Where its words start."""
    first: bool
    """Whether these are the first of their row."""


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
    if all(is_speck(w) for w in words):
        words = []
    label, sure, parent = label_of(_question(words)), 0.85, ""
    before = row.before(at)
    if not words and isinstance(before, Leader) and id(before) in lines.owner:
        owner = lines.places[lines.owner[id(before)]]
        timed = any(cell.name in ROLES for cell in owner.cells)
        parent = owner.label
        head = column_head(run.area, row, rows) or _words_over(run.area, rows) if timed else ""
        plain = timed or _COUNTED.search(fold(parent))
        label = f"{parent}: {head}" if head and parent else head or (parent if plain else f"{parent} (mã)")
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
    counted = _counted(row, at)
    before, after = row.words_before(at, 120.0 if counted else 45.0), row.words_after(at, 20.0)
    if ((left or counted) and before) or not after:
        asks = max((n + 1 for n, w in enumerate(before[:-1]) if w.text.endswith(":")), default=0)
        start = max((n for n, w in enumerate(before) if n >= asks and _OPTION.match(w.text)), default=asks)
        words, question = before[start:], before[:start]
        if not question and number_of(text_of(words)) is None:
            question, words = _apart(row, at, words, rows)
    else:
        words, question = after, before
    text = text_of(words)
    if not text:
        text = _words_over(run.area, rows)
    asked = label_of(text_of(question))
    if not asked and number_of(text) == 1:
        asked = _asked(row, at, text, rows)
    left_pt = words[0].area.left if words else run.area.left
    first = bool(words) and row.items[0] is words[0]
    return _Tick(number, row.frame, run.area, text, asked, number_of(text), left_pt, first)


def _apart(row: Row, at: int, words: list[Word], rows: Sequence[Row]) -> tuple[list[Word], list[Word]]:
    """The question and the answer of a row's first box, where white parts them: ``- Hô hấp     Tốt [ ]``.

    The row starts an item, or the next answer stands right under the first one.
    """
    lead = [item for item in row.items[:at] if isinstance(item, Word)]
    if len(lead) < at:
        return [], words
    parted = [
        n for n in range(1, len(lead)) if lead[n].area.left - lead[n - 1].area.right > _APART * lead[n].size
    ]
    if not parted or not any(c.isalpha() for c in text_of(lead[: parted[-1]])):
        return [], words
    if not starts_item(text_of(lead)) and not _answered_under(lead[parted[-1]], row, rows):
        return [], words
    return lead[: parted[-1]], lead[parted[-1] :]


def _answered_under(answer: Word, row: Row, rows: Sequence[Row]) -> bool:
    """Whether the row below starts under an answer and has a box behind its first words."""
    for under in rows:
        if under.frame != row.frame or not 4 < under.baseline - row.baseline < _UNDER_PT:
            continue
        boxed = next((item for item in under.items if not isinstance(item, Word)), None)
        return isinstance(boxed, Run) and abs(under.items[0].area.left - answer.area.left) < _ALIGNED_PT
    return False


def _counted(row: Row, at: int) -> bool:
    """Whether a numbered answer stands before a box in a row that ends with a box: its words stand left."""
    start = max((n + 1 for n, item in enumerate(row.items[:at]) if isinstance(item, Run)), default=0)
    words = [item for item in row.items[start:at] if isinstance(item, Word)]
    return isinstance(row.items[-1], Run) and any(_OPTION.match(w.text) for w in words)


def _asked(row: Row, at: int, option: str, rows: Sequence[Row]) -> str:
    """The question of a first answer: the first words of its row, or those of a row above.

    Rows that start with a first answer themselves are passed: one question may have two rows of answers.
    """
    first = _first_words(row, at)
    if first and first != label_of(option):
        return label_of(first.split(option)[0]) if option in first else first
    under = row
    for above in reversed(rows):
        if above.frame != under.frame or not 4 < under.baseline - above.baseline < 30:
            continue
        if not isinstance(above.items[0], Word) or above.items[0].area.left >= row.items[0].area.left + 60:
            continue
        if _answers(above):
            under = above
            continue
        return _ticked(above) or _first_words(above, len(above.items))
    return ""


def _answers(row: Row) -> bool:
    """Whether a row starts with a first answer and its box."""
    words = list(itertools.takewhile(lambda item: isinstance(item, Word), row.items))
    boxed = len(words) < len(row.items) and isinstance(row.items[len(words)], Run)
    return boxed and number_of(text_of(w for w in words if isinstance(w, Word))) == 1


def _ticked(row: Row) -> str:
    """``Tai biến, Biến chứng``: what the tick boxes of a row say, if there are several."""
    runs = [at for at, item in enumerate(row.items) if isinstance(item, Run) and len(item.boxes) == 1]
    said = [row.words_before(at, 45.0) for at in runs]
    if len(runs) < 2 or any(not words or any(_OPTION.match(w.text) for w in words) for words in said):
        return ""
    return ", ".join(label_of(text_of(words)) for words in said)


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
    if tick.question or tick.frame != last.frame:
        return False
    if tick.number is not None and last.number is not None:
        near = abs(tick.area.top - last.area.top) < 40
        return near and 0 < tick.number - last.number <= 2
    both_plain = tick.number is None and last.number is None and bool(group[0].question)
    under = 4 < tick.area.top - last.area.top < _UNDER_PT and tick.first and not starts_item(tick.option)
    stacked = under and abs(tick.left - last.left) < _ALIGNED_PT and group[0].row == last.row - len(group) + 1
    return both_plain and (tick.row == last.row or stacked)


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
