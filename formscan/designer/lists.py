"""Items whose words and places go on over several rows, and the heads of their columns."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from formscan.designer.printed import Leader, Word
from formscan.designer.proposed import Place, PlaceKind
from formscan.designer.rows import Row, Run, is_speck, label_of, starts_item, text_of
from formscan.model.geometry import Area, enclosing

_ALIGNED_PT: Final = 4.0
_PITCH_PT: Final = 30.0
_HEAD_PT: Final = 110.0
"""Farthest head over the boxes of its column."""
_MOST_WORDS: Final = 3
"""Words with which an item goes on in its next row."""


def listed(places: Sequence[Place], rows: Sequence[Row]) -> list[Place]:
    """Places of items that go on over several rows, named by the whole item.

    ``16. Chuyển [ ] ....`` over ``khoa [ ] ....`` and over ``[ ] ....`` is one item: its words are read on
    where the places repeat under one another, and rows without words of their own are its too. Boxes get the
    head of their column, if it has one.

    Args:
        places: Of the page.
        rows: Of the page, from top to bottom.
    """
    out = list(places)
    for label, block in _items(rows):
        spots = [(row, area) for row in block for area in _places_in(row)]
        for at, place in enumerate(out):
            first = place.cells[0].printed
            row = next((r for r, area in spots if _holds(area, first)), None)
            if row is None:
                continue
            boxed = place.kind in {PlaceKind.COMB, PlaceKind.TICK}
            area = enclosing(cell.printed for cell in place.cells)
            head = column_head(area, block[0], rows) if boxed else ""
            out[at] = replace(place, label=f"{label}: {head}" if head else label)
    return out


def column_head(area: Area, row: Row, rows: Sequence[Row]) -> str:
    """What stands over a column of boxes in the row of heads over a row, or nothing."""
    for above in reversed(rows):
        rise = row.baseline - above.baseline
        if above.frame != row.frame or not 4 < rise < _HEAD_PT:
            continue
        phrases = _phrases(above)
        if len(phrases) < 2 or starts_item(text_of(phrases[0])):
            continue
        over = [p for p in phrases if p[0].area.left < area.right and p[-1].area.right > area.left]
        return label_of(text_of(_over(max(over, key=len), area))) if over else ""
    return ""


def _over(phrase: Sequence[Word], area: Area) -> Sequence[Word]:
    """The words of a phrase over an area, from the capital with which they start up to the next."""
    first = next(n for n, w in enumerate(phrase) if w.area.right > area.left)
    while first and not phrase[first].text[:1].isupper():
        first -= 1
    last = max(n for n, w in enumerate(phrase) if w.area.left < area.right)
    while last + 1 < len(phrase) and not phrase[last + 1].text[:1].isupper():
        last += 1
    return phrase[first : last + 1]


def _phrases(row: Row) -> list[list[Word]]:
    """The heads in a row of nothing but words: parted by white."""
    out: list[list[Word]] = []
    for item in row.items:
        if not isinstance(item, Word):
            return []
        last = out[-1][-1] if out else None
        if last is not None and item.area.left - last.area.right < max(last.size, item.size):
            out[-1].append(item)
        else:
            out.append([item])
    return out


def _items(rows: Sequence[Row]) -> Iterator[tuple[str, list[Row]]]:
    """Items of more than one row: their words and their rows."""
    for row in rows:
        words = _lead(row)
        text = text_of(words)
        if not starts_item(text) or ":" in text or len(_places_in(row)) < 2:
            continue
        block, more = _rows_on(row, rows)
        if more:
            yield f"{label_of(text)} {more}", block


def _rows_on(row: Row, rows: Sequence[Row]) -> tuple[list[Row], str]:
    """The rows of an item, and the words with which it goes on."""
    block, more = [row], ""
    for under in rows:
        if under.frame != row.frame or under.baseline <= block[-1].baseline:
            continue
        words = _lead(under)
        text = text_of(words)
        stops = starts_item(text) or ":" in text or len(words) > _MOST_WORDS or (bool(words) and bool(more))
        if stops or under.baseline - block[-1].baseline > _PITCH_PT or not _repeats(under, row):
            break
        if words:
            more = text[0].lower() + text[1:]
        block.append(under)
    return block, more


def _lead(row: Row) -> list[Word]:
    """The words a row starts with."""
    words = itertools.takewhile(lambda item: isinstance(item, Word), row.items)
    return [w for w in words if isinstance(w, Word) and not is_speck(w)]


def _places_in(row: Row) -> list[Area]:
    found: list[Area] = []
    for item in row.items:
        if isinstance(item, Leader):
            found.append(item.area)
        elif isinstance(item, Run):
            found += item.boxes
    return found


def _repeats(under: Row, row: Row) -> bool:
    """Whether a row has places, and those start where places of the other row start."""
    lefts = [area.left for area in _places_in(row)]
    mine = [area.left for area in _places_in(under)]
    return bool(mine) and any(abs(a - b) < _ALIGNED_PT for a in mine for b in lefts)


def _holds(area: Area, first: Area) -> bool:
    x, y = first.centre
    return area.left <= x <= area.right and area.top <= y <= area.bottom
