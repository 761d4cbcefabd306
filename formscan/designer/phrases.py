"""Where the words of a label start and end: over several rows, behind units, within brackets."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from typing import Final

from formscan.designer.printed import Leader, Word
from formscan.designer.rows import Row, is_speck, label_of, number_of, starts_item, text_of
from formscan.model.geometry import Area

_BRACKETS: Final = re.compile(r"\(.*?(?:\)|$)")
_FIRST: Final = re.compile(r"\s1\s*[.)]")
_UNIT_LETTERS: Final = 6
_TOUCH_PT: Final = 6.0
_ROWS_UP: Final = 2
_PITCH: Final = 1.9
"""Sizes between the baselines of the rows of one label, at most."""
_ITEM_PT: Final = 45.0
"""A word in brackets belongs to an item no farther above."""


def whole_label(words: Sequence[Word], row: Row, rows: Sequence[Row]) -> str:
    """The text of a label, with the rows above in which it starts.

    A row that starts with a small letter, or closes a bracket it did not open, goes on with the row above if
    that holds words alone. Words that are all in brackets belong to the item above them.

    Args:
        words: Of the label, in their row.
        row: That row.
        rows: Of the page, from top to bottom.
    """
    text = text_of(words)
    if not words or row.items[0] is not words[0]:
        return text
    under = row
    for _ in range(_ROWS_UP):
        above = _row_above(under, rows)
        if not _starts_within(text) or above is None:
            break
        text, under = f"{text_of(i for i in above.items if isinstance(i, Word))} {text}", above
    if text.startswith("(") and not _BRACKETS.sub("", text).strip(" .:;,"):
        item = _item_above(under, rows)
        return f"{item} {text}" if item else text
    return text


def _starts_within(text: str) -> bool:
    """Whether a text starts in the middle of a sentence or of a bracket."""
    closes, opens = text.find(")"), text.find("(")
    enumerated = re.match(r"(?:\d{1,2}|[a-zđ])\s*[.)]", text) is not None
    return not enumerated and (text[:1].islower() or (closes >= 0 and not 0 <= opens < closes))


def _row_above(row: Row, rows: Sequence[Row]) -> Row | None:
    """The next row up in the same frame, if it holds words alone and is no heading."""
    size = max((i.size for i in row.items if isinstance(i, Word)), default=11.0)
    over = [r for r in rows if r.frame == row.frame and 4 < row.baseline - r.baseline <= _PITCH * size]
    if not over:
        return None
    above = max(over, key=lambda r: r.baseline)
    words = [i for i in above.items if isinstance(i, Word)]
    if len(words) < len(above.items) or words[-1].text.endswith((":", ".", ";")):
        return None
    return above


def _item_above(row: Row, rows: Sequence[Row]) -> str:
    """The words of the last item over a row, without what it has in brackets."""
    for above in reversed(rows):
        rise = row.baseline - above.baseline
        if above.frame != row.frame or not 4 < rise < _ITEM_PT:
            continue
        text = lead_text(above)
        if text:
            return label_of(_BRACKETS.sub("", text)) if starts_item(text) else ""
    return ""


def question_over(first: str, area: Area, rows: Sequence[Row]) -> str:
    """The item under which a row of numbered answers without words before them stands, or nothing.

    ``1. Đau   2. Sôi bụng`` under ``6. Bụng: Biểu hiện bệnh lý: 1. Có 2. Không`` asks about ``Bụng``; rows in
    between that start no item are passed.

    Args:
        first: Words of the first answer.
        area: Of the places into which numbers of answers are written.
        rows: Of the page, from top to bottom.
    """
    near = [r for r in rows if area.top - _ITEM_PT < r.baseline < area.bottom + _TOUCH_PT]
    start = next((r for r in reversed(near) if number_of(lead_text(r)) == 1 and first in lead_text(r)), None)
    if start is None:
        return ""
    under = start
    for above in reversed(rows):
        rise = under.baseline - above.baseline
        if above.frame != start.frame or not 4 < rise < _ITEM_PT:
            continue
        text = lead_text(above)
        head, _, rest = _FIRST.split(text, maxsplit=1)[0].partition(":")
        item = starts_item(text) or any(c.isalpha() for c in rest)
        if item and above.items[0].area.left < start.items[0].area.left - _TOUCH_PT:
            return label_of(head)
        under = above
    return ""


def lead_text(row: Row) -> str:
    """The words a row starts with."""
    words = itertools.takewhile(lambda item: isinstance(item, Word), row.items)
    return text_of(w for w in words if isinstance(w, Word))


def without_unit(words: Sequence[Word], row: Row, at: int) -> list[Word]:
    """The words before item ``at`` without the unit of the line before them.

    ``.... Gy   Tại hạch: ....``: short words that touch the line before and have a wide gap, or the dash of
    the next item, behind them.
    """
    first = at - len(words)
    before = row.items[first - 1] if first else None
    if not words or not isinstance(before, Leader) or words[0].area.left - before.area.right > _TOUCH_PT:
        return list(words)
    for n, (word, after) in enumerate(itertools.pairwise(words), start=1):
        if len(word.text) > _UNIT_LETTERS or word.text.endswith(":"):
            break
        wide = after.area.left - word.area.right >= word.size and not is_speck(word)
        if wide or after.text in {"-", "–", "+"}:
            return list(words[n:])
    return list(words)


def last_part(label: str) -> str:
    """What stands behind the last colon outside brackets: ``Số nhà`` of ``Địa chỉ: Số nhà``."""
    if label.endswith(")"):
        return label
    outside = _BRACKETS.sub(lambda found: "(" * len(found.group()), label)
    at = outside.rfind(": ")
    return label[at + 2 :] if at >= 0 and not outside[at + 2 :].startswith("(") else label
