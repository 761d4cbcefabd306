"""Printed rows: words and writing places in the order in which they are read."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from formscan.designer.printed import Leader, PrintedSheet, Word
from formscan.model.geometry import Area

SAME_ROW_PT: Final = 3.6
_NUMBER: Final = re.compile(
    r"^\s*(?:[0-9]{1,2}(?:\.[0-9]{1,2})+(?:\s*[.)](?=\s|[^\W\d_])|(?=\s))|0[0-9]\s+[-–](?=\s)|[IVXJ]{1,4}\s*[.)]|"
    r"[0-9]{1,2}\s*[.)/](?![0-9])|[a-zđA-D]\s*[.)](?=\s|[A-ZĐ])|[-+*•.–]+)\s*"
)
_ITEM: Final = re.compile(
    r"^\s*(?:[IVX]{1,4}\s*[.)]|[0-9]{1,2}(?:\.[0-9]{1,2})*\s*[.)]|[0-9]{1,2}\.[0-9]|[-+*•–])"
)
_SPECK: Final = frozenset(".…,_:;")
_GAP_PT: Final = 45.0
"""White within a label that goes on with a small letter, at most."""
_SPACED: Final = 4
"""Single letters from which a phrase is one set apart."""
_TAIL: Final = re.compile(r"[\s:;.,…_/\-–+(]+$")


@dataclass(frozen=True, slots=True)
class Run:
    """A run of small boxes side by side: a comb, or a single tick box."""

    boxes: tuple[Area, ...]
    groups: tuple[int, ...]

    @property
    def area(self) -> Area:
        """From the first to the last box."""
        return Area(
            self.boxes[0].left,
            min(b.top for b in self.boxes),
            self.boxes[-1].right,
            max(b.bottom for b in self.boxes),
        )


@dataclass(slots=True)
class Row:
    """Everything on one baseline within one frame, from left to right."""

    baseline: float
    items: list[Word | Leader | Run] = field(default_factory=list)
    frame: int = -1

    def words_before(self, at: int, reach_pt: float = 60.0) -> list[Word]:
        """Words that end at item ``at``, back to the next writing place or a wide gap."""
        found: list[Word] = []
        edge = left_of(self.items[at])
        for item in reversed(self.items[:at]):
            if not isinstance(item, Word):
                break
            gap = edge - item.area.right
            if gap > (reach_pt if not found else max(14.0, 1.8 * item.size)) and not (
                found and found[0].text[0].islower() and gap < _GAP_PT and item.text[-1].isalpha()
            ):  # a label starts with no small letter: a word between may be lost
                break
            found.insert(0, item)
            edge = item.area.left
        return found

    def before(self, at: int) -> Word | Leader | Run | None:
        """What stands right before item ``at``, specks passed."""
        return next((item for item in reversed(self.items[:at]) if not is_speck(item)), None)

    def words_after(self, at: int, reach_pt: float = 30.0) -> list[Word]:
        """Words that follow item ``at``, up to the next writing place or a wide gap."""
        found: list[Word] = []
        edge = right_of(self.items[at])
        for item in self.items[at + 1 :]:
            if not isinstance(item, Word):
                break
            if item.area.left - edge > (reach_pt if not found else max(12.0, 1.3 * item.size)):
                break
            found.append(item)
            edge = item.area.right
        return found


def is_speck(item: Word | Leader | Run) -> bool:
    """Whether an item is nothing but dots, as pieces of a line are that the layer holds apart."""
    return isinstance(item, Word) and set(item.text) <= _SPECK


def starts_item(text: str) -> bool:
    """Whether print starts with a number, a dash or a plus, as a new item does."""
    return bool(_ITEM.match(text))


def left_of(item: Word | Leader | Run) -> float:
    """Left edge of an item, points."""
    return item.area.left


def right_of(item: Word | Leader | Run) -> float:
    """Right edge of an item, points."""
    return item.area.right


def rows_of(
    words: Iterable[Word], leaders: Iterable[Leader], runs: Iterable[Run], frames: Sequence[Area]
) -> list[Row]:
    """Rows of one page, frames kept apart, from top to bottom.

    A run of boxes belongs to the row whose baseline passes through it nearest to its foot.
    """
    by_frame: dict[int, list[Row]] = {}
    printed: list[Word | Leader] = [*words, *leaders]
    for item in sorted(printed, key=lambda i: (round(i.baseline), i.area.left)):
        frame = frame_at(item.area, frames)
        mine = by_frame.setdefault(frame, [])
        near = [row for row in mine[-6:] if abs(row.baseline - item.baseline) <= SAME_ROW_PT]
        if near:
            min(near, key=lambda row: abs(row.baseline - item.baseline)).items.append(item)
        else:
            mine.append(Row(item.baseline, [item], frame))
    for run in runs:
        frame = frame_at(run.area, frames)
        if frame < 0:  # a box over the frame's own border
            first = run.boxes[0]
            frame = frame_at(Area(first.left - first.width, first.top, first.left, first.bottom), frames)
        mine = by_frame.setdefault(frame, [])
        foot = run.area.bottom - 0.22 * run.area.height
        near = [r for r in mine if abs(r.baseline - foot) < 0.62 * run.area.height + 1]
        if near:
            _nearest(near, run, foot).items.append(run)
        else:
            mine.append(Row(foot, [run], frame))
    rows = [row for mine in by_frame.values() for row in mine]
    for row in rows:
        row.items.sort(key=lambda i: (left_of(i) + right_of(i)) / 2)
    return sorted(rows, key=lambda r: (r.baseline, left_of(r.items[0])))


def _nearest(rows: Sequence[Row], run: Run, foot: float) -> Row:
    def cost(row: Row) -> float:
        beside = [
            min(abs(run.area.left - right_of(i)), abs(left_of(i) - run.area.right))
            for i in row.items
            if not isinstance(i, Run)
        ]
        return abs(row.baseline - foot) + min(12.0, 0.12 * min(beside, default=100.0))

    return min(rows, key=cost)


def frame_at(area: Area, frames: Sequence[Area]) -> int:
    """Index of the smallest frame that holds the middle of an area; -1 where none does."""
    x, y = area.centre
    inside = [
        (f.width * f.height, at)
        for at, f in enumerate(frames)
        if f.left - 1 <= x <= f.right + 1 and f.top - 1 <= y <= f.bottom + 1
    ]
    return min(inside)[1] if inside else -1


def text_of(words: Iterable[Word]) -> str:
    """The words with blanks, as printed; of letters set apart (``T u ổ i``) words are made."""
    row = list(words)
    single = sum(len(w.text) == 1 and w.text.isalpha() for w in row)
    if single < _SPACED or single < 0.75 * sum(any(c.isalnum() for c in w.text) for w in row):
        return " ".join(w.text for w in row)
    gaps = [b.area.left - a.area.right for a, b in itertools.pairwise(row)]
    wide = 1.6 * max(sorted(gaps)[len(gaps) // 2], 1.0)
    return row[0].text + "".join(
        w.text if gap < wide else f" {w.text}" for gap, w in zip(gaps, row[1:], strict=True)
    )


def label_of(text: str) -> str:
    """A printed phrase without its number and what only leads to the line: ``1. Tuổi: `` is ``Tuổi``."""
    out = text.strip()
    for _ in range(2):
        out = _NUMBER.sub("", out).strip()
    out = _TAIL.sub("", out).strip()
    if ")" in out and "(" not in out:
        out = out.rstrip(")")
    return out


def number_of(text: str) -> int | None:
    """The number an answer starts with: 2 of ``2. Nữ``."""
    found = re.match(r"^\s*[-+]?\s*(?:([0-9]{1,2})\s*[.,)]?\s*[^\d\s–-]|[JIl]\s*[.,)])", text)
    if found is None:
        return None
    return int(found.group(1)) if found.group(1) else 1  # Tesseract takes an italic 1 for a letter


def sheet_frames(sheet: PrintedSheet) -> list[Area]:
    """Cells large enough to hold rows of print."""
    return [c for c in sheet.cells if c.height > 24 or c.width > 70]
