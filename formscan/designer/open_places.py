"""Open spaces to be filled: where one signs, draws, or writes freely in a frame with a heading."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from formscan.designer.cells import overlap, size_of
from formscan.designer.fold import fold
from formscan.designer.printed import Leader, PrintedSheet, Word
from formscan.designer.proposed import Place, PlaceKind, ProposedCell
from formscan.designer.rows import Row, label_of, text_of
from formscan.model.geometry import Area

_SIGNER: Final = re.compile(
    r"^(giam doc|truong khoa|truong phong|thu truong|bac s[iy]|nguoi (giao|nhan|benh|nha|lam|ghi|lap)|"
    r"dieu duong|y ta|ky ten|chu ky|phau thuat vien|thay thuoc|benh nhan$|dai dien|phu trach|ho sinh|"
    r"signature)"
)
_DRAWN: Final = re.compile(r"luoc do|so do|hinh ve|ve hinh|drawing|sketch")
_STAMP_ROOM_PT: Final = (16.0, 90.0)
"""Least and most white under a signer's title that is taken as the place to sign."""
_LEAST_PT: Final = (40.0, 18.0)


def open_places(sheet: PrintedSheet, rows: Sequence[Row], used: Sequence[Area]) -> list[Place]:
    """Places to sign, to draw and to write freely, none over another place."""
    signed = [place for row in rows for place in _signatures(row, rows, sheet)]
    taken = [*used, *(c.printed for place in signed for c in place.cells)]
    free = [place for cell in sheet.cells if (place := _free_cell(cell, sheet, taken)) is not None]
    return signed + free


def _signatures(row: Row, rows: Sequence[Row], sheet: PrintedSheet) -> list[Place]:
    """Titles of signers in a row with white under them."""
    found = []
    for words in _phrases(row):
        title = text_of(words)
        if not _SIGNER.match(fold(label_of(title))) or len(words) > 8:
            continue
        if any(isinstance(i, Leader) and 0 <= i.area.left - words[-1].area.right < 40 for i in row.items):
            continue  # a line to write the name on
        left, right = words[0].area.left, words[-1].area.right
        middle, half = (left + right) / 2, max(right - left, 110.0) / 2
        area = _white_under(Area(middle - half, row.baseline, middle + half, row.baseline + 1), rows, sheet)
        if area is not None:
            cell = ProposedCell(area, area)
            found.append(Place(PlaceKind.SIGNATURE, (cell,), label_of(title), sure=0.75))
    return found


def _phrases(row: Row) -> list[list[Word]]:
    out: list[list[Word]] = []
    for item in row.items:
        if not isinstance(item, Word):
            continue
        if out and item.area.left - out[-1][-1].area.right < 1.2 * item.size:
            out[-1].append(item)
        else:
            out.append([item])
    return out


def _white_under(title: Area, rows: Sequence[Row], sheet: PrintedSheet) -> Area | None:
    """The white from under a title down to the next print of the same column, or the frame's floor."""
    top = title.top + 4.0
    floor = min(top + _STAMP_ROOM_PT[1], sheet.height - 12)
    for cell in sheet.cells:
        if cell.left - 2 < title.centre[0] < cell.right + 2 and cell.top < title.top < cell.bottom:
            floor = min(floor, cell.bottom)
            title = Area(max(title.left, cell.left), title.top, min(title.right, cell.right), title.bottom)
    for row in rows:
        for item in row.items:
            over = item.area.left < title.right and item.area.right > title.left
            if over and item.area.top > top - 2 and item.area.top < floor:
                floor = item.area.top
    return Area(title.left, top, title.right, floor) if floor - top >= _STAMP_ROOM_PT[0] else None


def _free_cell(cell: Area, sheet: PrintedSheet, taken: Sequence[Area]) -> Place | None:
    """The white rest of a frame that holds a heading and nothing else to fill."""
    if cell.width < _LEAST_PT[0] or cell.height < _LEAST_PT[1]:
        return None
    if any(overlap(cell, t) > 0.5 * min(size_of(t), size_of(cell)) for t in taken):
        return None
    if any(overlap(cell, c) > 0.5 * size_of(c) for c in sheet.cells if size_of(c) < 0.9 * size_of(cell)):
        return None
    if any(overlap(cell, line.area) > 0.3 * size_of(line.area) for line in sheet.leaders):
        return None
    words = [w for w in sheet.words if overlap(cell, w.area) > 0.5 * size_of(w.area)]
    rest = _rest(cell, words)
    if rest is None:
        return None
    words.sort(key=lambda w: (round(w.baseline / 4), w.area.left))
    label = label_of(text_of(words[:14]))
    drawn = bool(_DRAWN.search(fold(label))) or (not words and min(cell.width, cell.height) > 80)
    kind = PlaceKind.DRAWING if drawn else PlaceKind.TEXT_AREA
    return Place(kind, (ProposedCell(rest, rest),), label, sure=0.6 if label else 0.35)


def _rest(cell: Area, words: Sequence[Word]) -> Area | None:
    """What is white under, or behind, the words of a frame."""
    if not words:
        return cell
    bottom, right = max(w.area.bottom for w in words), max(w.area.right for w in words)
    if cell.bottom - bottom >= 10.0:
        return Area(cell.left, bottom + 0.5, cell.right, cell.bottom)
    if cell.right - right >= max(24.0, 0.3 * cell.width) and cell.height < 40:
        return Area(right + 2, cell.top, cell.right, cell.bottom)
    return None
