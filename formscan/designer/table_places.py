"""Tables: empty cells under a heading or behind one, with the words of their row and column."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from formscan.designer.cells import overlap, size_of
from formscan.designer.printed import PrintedSheet, Word
from formscan.designer.proposed import Place, PlaceKind, ProposedCell
from formscan.designer.rows import label_of, text_of
from formscan.model.geometry import Area

_TOUCH_PT: Final = 3.2
_TICK_PT: Final = 20.0


def table_places(sheet: PrintedSheet) -> tuple[list[Place], list[Area]]:
    """Cells of tables to be filled.

    Returns:
        The places, and the cells they are made of with their headings, so that nobody else takes these.
    """
    texts = {id(c): _words_in(c, sheet.words) for c in sheet.cells}
    filled = [
        c
        for c in sheet.cells
        if any(overlap(c, line.area) > 0.5 * size_of(line.area) for line in sheet.leaders)
    ]
    headed = [c for c in sheet.cells if texts[id(c)] and c not in filled]
    heads = [c for c in headed if not _bracketed(text_of(texts[id(c)]))]
    begun = [*headed, *(c for c in filled if texts[id(c)])]
    found: list[Place] = []
    used: list[Area] = []
    for cell in sheet.cells:
        if texts[id(cell)] or cell in filled or _holds_boxes(cell, sheet.cells):
            continue
        column = _heading_above(cell, sheet.cells, heads)
        row = _heading_left(cell, sheet.cells, begun if column is not None else headed)
        if column is None and (row is None or cell.width < 30):
            continue
        small = max(cell.width, cell.height) <= _TICK_PT
        over = label_of(text_of(texts[id(column)])) if column is not None else ""
        beside = label_of(text_of(texts[id(row)])) if row is not None else ""
        label = ": ".join(part for part in (beside, over) if part)
        kind = PlaceKind.TICK if small and row is not None else PlaceKind.TABLE_CELL
        found.append(Place(kind, (ProposedCell(cell, cell),), label, row=beside, column=over, sure=0.85))
        used += [cell, *(head for head in (row, column) if head is not None)]
    rims = [(u.top, u.bottom) for u in used]
    used += [c for c in headed if any(_level(c, top, bottom) for top, bottom in rims)]
    return found, used


def head_over(cell: Area, sheet: PrintedSheet) -> str:
    """The words of the heading at the top of a cell's column, or nothing."""
    headed = [c for c in sheet.cells if _words_in(c, sheet.words)]
    head = _heading_above(cell, sheet.cells, headed)
    return label_of(text_of(_words_in(head, sheet.words))) if head is not None else ""


def _bracketed(text: str) -> bool:
    """Whether words are a note on one cell, all in brackets, and no heading of a column."""
    return text.startswith("(") and text.endswith(")")


def _level(cell: Area, top: float, bottom: float) -> bool:
    """Whether a cell with words stands in a row of the table."""
    return abs(cell.top - top) < _TOUCH_PT and abs(cell.bottom - bottom) < _TOUCH_PT


def _words_in(cell: Area, words: Sequence[Word]) -> list[Word]:
    inside = [w for w in words if overlap(cell, w.area) > 0.6 * size_of(w.area)]
    return sorted(inside, key=lambda w: (round(w.baseline / 4), w.area.left))


def _holds_boxes(cell: Area, cells: Sequence[Area]) -> bool:
    return any(
        c is not cell and size_of(c) < 0.9 * size_of(cell) and overlap(cell, c) > 0.8 * size_of(c)
        for c in cells
    )


def _heading_above(cell: Area, cells: Sequence[Area], headed: Sequence[Area]) -> Area | None:
    """The cell with words at the top of the column, through empty cells of the same width only."""
    at = cell
    for _ in range(80):
        over = [
            c
            for c in cells
            if abs(c.bottom - at.top) < _TOUCH_PT
            and min(c.right, cell.right) - max(c.left, cell.left) > 0.7 * cell.width
            and c is not at
        ]
        if not over:
            return None
        nearest = min(over, key=lambda c: abs(c.width - cell.width))
        if nearest in headed:
            wide = nearest.width < 2.6 * cell.width and nearest.height < 80
            return nearest if wide else None
        if abs(nearest.width - cell.width) > 0.2 * cell.width:
            return None
        at = nearest
    return None


def _heading_left(cell: Area, cells: Sequence[Area], headed: Sequence[Area]) -> Area | None:
    """The cell with words in the same row, through empty cells only."""
    at = cell
    for _ in range(40):
        beside = [
            c
            for c in cells
            if abs(c.right - at.left) < _TOUCH_PT
            and min(c.bottom, cell.bottom) - max(c.top, cell.top) > 0.7 * cell.height
            and c.height < 2.2 * cell.height
            and c is not at
        ]
        if not beside:
            return None
        nearest = min(beside, key=lambda c: abs(c.height - cell.height))
        if nearest in headed:
            return nearest
        at = nearest
    return None
