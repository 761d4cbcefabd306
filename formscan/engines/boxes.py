"""Combs, cell by cell: whose ink it is, which character it makes, which string they make together.

The line reader then reads the whole comb as one line, without knowing of cells: a second opinion that notices
lost, doubled and mistaken characters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Final

import cv2
import numpy as np
import numpy.typing as npt

from formscan.engines.glyphs import GlyphNet, Probabilities, normalise
from formscan.engines.grammar import BLANK, Guess, allowed, blank_cell, guess, strings
from formscan.engines.ink import Ink, Presence, Stroke, measure, px
from formscan.engines.line_net import LineNet
from formscan.engines.line_picture import picture_of
from formscan.engines.numbers import best_run, only
from formscan.engines.segment import Lattice, lattice
from formscan.model.geometry import Box
from formscan.model.page import Grey
from formscan.model.reading import Alternative, CellReading, Crop, FieldState, Reading
from formscan.model.template import FieldKind, FieldSpec

_ENGINE: Final = "glyphs 2"
_WIDE: Final = 1.6
"""A cell this many times as wide as high holds several characters."""
_SHARED: Final = 0.35
"""A piece of ink with at least this share in a second cell is two characters that touch."""
_OWN_OF_CUT: Final = 0.6
_LEFT_OVER: Final = 0.4
"""A cell with so long a piece of a stroke of none of them, in units of its height, is not called blank."""
_DIRT: Final = 0.5
_CROSSED: Final = 0.5
_NO_CHARACTER: Final = 0.5
_KEPT: Final = 12
_OTHERS: Final = 5
_STANDS: Final = {True: 0.9, False: 0.8}
"""A digit (True) or letter less likely than this is left to a person (docs/decisions/009)."""
_BLANK_SURE: Final = 0.995
_BOTH_ENGINES: Final = "glyphs+lines 2"
_BOTH: Final = 0.2
"""What is left of the doubt about a string both networks read, each cell for sure."""
_SURE_CELL: Final = 0.98
"""Both networks take the same odd 7 for a 1: of 245 handwritten ids they read the same 14 were wrong, none
of 118 whose every cell the glyph network was this sure of (docs/decisions/008)."""
_DIFFER: Final = 0.8
"""At most this sure where they differ: 29 of 34 were right."""
_MOST: Final = 0.999


@dataclass(frozen=True, slots=True, eq=False)
class _CellInk:
    """The ink of one cell, made ready for the network."""

    presence: Presence
    wide: bool
    glyphs: tuple[Grey, ...]
    run: Lattice | None = None


@dataclass(frozen=True, slots=True, eq=False)
class _CombInk:
    """The ink of one crop by cells; ``outside`` is set where writing lies between or beyond them.

    ``picture`` is all of it as one line, for the line reader; None where every cell is blank.
    """

    cells: tuple[_CellInk, ...]
    outside: bool
    picture: Grey | None = None


class CombReader:
    """Reads combs with the glyph network, all cells in one batch, and once more with the line network.

    Args:
        net: Another glyph network than the one that ships.
        lines: Another line network than the one that ships.
    """

    name: ClassVar[str] = "boxes"
    kinds: ClassVar[frozenset[FieldKind]] = frozenset({FieldKind.COMB})

    def __init__(self, net: GlyphNet | None = None, lines: LineNet | None = None) -> None:
        self._net = net or GlyphNet()
        self._lines = lines or LineNet()

    def read(self, crops: Sequence[Crop]) -> list[Reading]:
        """Read a batch.

        Raises:
            EngineError: If the weights are missing or broken.
        """
        combs = [_comb_ink(crop) for crop in crops]
        rows = self._net.probabilities(
            [glyph for comb in combs for cell in comb.cells for glyph in cell.glyphs]
        )
        readings, start = [], 0
        for crop, comb in zip(crops, combs, strict=True):
            count = sum(len(cell.glyphs) for cell in comb.cells)
            readings.append(_reading(crop, comb, rows[start : start + count], self._net))
            start += count
        return self._with_second_opinions(crops, combs, readings)

    def _with_second_opinions(
        self, crops: Sequence[Crop], combs: Sequence[_CombInk], readings: Sequence[Reading]
    ) -> list[Reading]:
        """Readings that name both networks where both read the same, and are less sure where they differ."""
        pictures = [comb.picture for comb in combs if comb.picture is not None]
        rows = iter(self._lines.rows(pictures))
        found = []
        for crop, comb, reading in zip(crops, combs, readings, strict=True):
            if comb.picture is None:
                found.append(reading)
                continue
            text = only(crop.field).read(next(rows))[0]
            found.append(_second(reading, text.replace(" ", ""), self._lines.digest))
        return found


def cell_glyphs(crop: Crop) -> list[Grey | None]:
    """What the network is shown of each narrow cell of a comb, (32, 32); None where there is nothing."""
    return [cell.glyphs[0] if cell.glyphs else None for cell in _comb_ink(crop).cells]


def _comb_ink(crop: Crop) -> _CombInk:
    ink = measure(crop)
    if not ink.strokes:
        empty = _CellInk(Presence.BLANK, wide=False, glyphs=())
        return _CombInk((empty,) * len(crop.cells), outside=False)
    owner = _owners(ink, crop.cells)
    cells = tuple(_cell_ink(ink, owner, index, box) for index, box in enumerate(crop.cells))
    written = any(cell.glyphs for cell in cells)
    return _CombInk(cells, _outside(ink, owner, crop.cells), _picture(ink, owner) if written else None)


def _picture(ink: Ink, owner: npt.NDArray[np.int32]) -> Grey:
    """All ink of the cells as one line."""
    own = cv2.dilate((owner >= 0).view(np.uint8), np.ones((3, 3), np.uint8)) > 0
    return picture_of(np.where(own, ink.grey, 255).astype(np.uint8), ink.dpi, clean=True)


def _second(reading: Reading, text: str, model: str) -> Reading:
    """A reading with the line reader's opinion on it; state and cells stay as they are."""
    if reading.state is not FieldState.VALUE:
        return reading
    if text == "".join(cell.text for cell in reading.cells):
        written = [cell.confidence for cell in reading.cells if cell.state is FieldState.VALUE]
        if min(written) < _SURE_CELL:
            return reading
        sure = 1 - (1 - reading.confidence) * _BOTH
        return replace(
            reading, engine=_BOTH_ENGINES, model=f"{reading.model} {model}", confidence=min(_MOST, sure)
        )
    return replace(reading, confidence=min(_DIFFER, reading.confidence))


def _owners(ink: Ink, cells: Sequence[Box]) -> npt.NDArray[np.int32]:
    """int32 (height, width): number of the cell each ink pixel belongs to, -1 for none.

    A piece of ink goes whole to the cell that holds most of it, unless a second cell holds so much that
    it must be two characters that touch; then it is parted at the border.
    """
    places = _places(ink.mask.shape, cells, px(0.7, ink.dpi))
    count = int(ink.labels.max()) + 1
    mass = np.zeros((count, len(cells) + 1), np.int64)
    inked = ink.labels > 0
    np.add.at(mass, (ink.labels[inked], places[inked] + 1), 1)
    inside = mass[:, 1:]
    order = np.argsort(inside, axis=1)
    first = order[:, -1]
    total = np.maximum(mass.sum(axis=1), 1)
    rows = np.arange(count)
    owned = np.where(inside[rows, first] >= 0.5 * (total - inside[rows, first]), first, -1)
    owned[inside[rows, first] == 0] = -1
    owned[_cut_off(ink, cells)] = -1
    second = inside[rows, order[:, -2]] if len(cells) > 1 else np.zeros(count, np.int64)
    parted = second >= _SHARED * total
    kept = np.isin(rows, [stroke.label for stroke in ink.strokes if stroke.label])
    out = np.where(parted[ink.labels], places, owned[ink.labels])
    return np.where(inked & kept[ink.labels], out, -1).astype(np.int32)


def _cut_off(ink: Ink, cells: Sequence[Box]) -> list[int]:
    """Numbers of strokes cut by the crop's upper or lower rim and mostly outside the cells: a neighbour's."""
    inner = _places(ink.mask.shape, cells, 0) >= 0
    out = []
    for stroke in ink.strokes:
        box = stroke.box
        if not stroke.label or (box.top > 1 and box.bottom < ink.mask.shape[0] - 1):
            continue
        window = (slice(box.top, box.bottom), slice(box.left, box.right))
        if inner[window][ink.labels[window] == stroke.label].mean() < _OWN_OF_CUT:
            out.append(stroke.label)
    return out


def _places(shape: tuple[int, ...], cells: Sequence[Box], margin: int) -> npt.NDArray[np.int32]:
    """int32 map of cells with a margin around each; where margins meet, the inner of a cell wins."""
    places = np.full(shape, -1, np.int32)
    for grow in (margin, 0):
        for index, cell in enumerate(cells):
            box = cell.grown(grow)
            places[max(box.top, 0) : max(box.bottom, 0), max(box.left, 0) : max(box.right, 0)] = index
    return places


def _cell_ink(ink: Ink, owner: npt.NDArray[np.int32], index: int, cell: Box) -> _CellInk:
    wide = cell.width > _WIDE * cell.height
    presence = _presence(ink, owner, index, cell)
    if presence is not Presence.INK:
        return _CellInk(presence, wide, ())
    reach = cell.grown(max(cell.height, cell.width) // 2).clipped(ink.mask.shape[1], ink.mask.shape[0])
    window = (slice(reach.top, reach.bottom), slice(reach.left, reach.right))
    own = (owner[window] == index).astype(np.uint8)
    soft = cv2.dilate(own, np.ones((3, 3), np.uint8)) > 0
    darkness = np.where(soft & ((owner[window] == index) | (owner[window] < 0)), 255 - ink.grey[window], 0)
    body = darkness.astype(np.uint8)
    if not wide:
        return _CellInk(presence, wide, (normalise(body, ink.dpi),))
    run = lattice(body, ink.dpi)
    glyphs = tuple(segment.glyph for segment in run.segments) if run else ()
    return _CellInk(presence, wide, glyphs, run)


def _presence(ink: Ink, owner: npt.NDArray[np.int32], index: int, cell: Box) -> Presence:
    """Whether a cell has writing, by the strokes that it owns and the faint ones that lie in it."""
    found = Presence.BLANK
    for stroke in ink.strokes:
        box = stroke.box
        if stroke.faint:
            found = Presence.DOUBT if ink.owns(cell, stroke) else found
            continue
        own = ink.labels[box.top : box.bottom, box.left : box.right] == stroke.label
        whose = owner[box.top : box.bottom, box.left : box.right]
        part = own & (whose == index)
        if not part.any():
            found = Presence.DOUBT if _left_over(ink, own & (whose < 0), box, cell) else found
            continue
        plain = not (stroke.beside_print or stroke.thick)
        if plain and ink.mm(_length(part)) >= ink.limits.stroke_mm:
            return Presence.INK
        found = Presence.DOUBT
    return found


def _left_over(ink: Ink, part: npt.NDArray[np.bool_], box: Box, cell: Box) -> bool:
    """Whether a stroke that no cell owns has so much in this one that the cell may not be called blank."""
    rows = slice(max(0, cell.top - box.top), max(0, cell.bottom - box.top))
    columns = slice(max(0, cell.left - box.left), max(0, cell.right - box.left))
    inside = part[rows, columns]
    return bool(inside.any()) and ink.mm(_length(inside)) >= _LEFT_OVER * ink.mm(cell.height)


def _length(part: npt.NDArray[np.bool_]) -> float:
    """Diagonal of the box of a mask's pixels."""
    rows, cols = np.flatnonzero(part.any(axis=1)), np.flatnonzero(part.any(axis=0))
    return float(np.hypot(rows[-1] - rows[0] + 1, cols[-1] - cols[0] + 1))


def _outside(ink: Ink, owner: npt.NDArray[np.int32], cells: Sequence[Box]) -> bool:
    """Whether there is a character's worth of ink in the comb's band that no cell owns."""
    band = Box(
        min(cell.left for cell in cells),
        min(cell.top for cell in cells),
        max(cell.right for cell in cells),
        max(cell.bottom for cell in cells),
    )
    reach = round(0.9 * (band.bottom - band.top))
    return any(_stray(ink, owner, stroke, band, reach) for stroke in ink.strokes if stroke.label)


def _stray(ink: Ink, owner: npt.NDArray[np.int32], stroke: Stroke, band: Box, reach: int) -> bool:
    box = stroke.box
    x, y = box.centre
    if not (band.left - reach <= x < band.right + reach and band.top <= y < band.bottom):
        return False
    seen = owner[box.top : box.bottom, box.left : box.right]
    own = ink.labels[box.top : box.bottom, box.left : box.right] == stroke.label
    return bool((seen[own] < 0).mean() > 0.5) and box.height >= 0.4 * (band.bottom - band.top)


def _reading(crop: Crop, comb: _CombInk, rows: Probabilities, net: GlyphNet) -> Reading:
    """The string of a crop from its cells' probabilities."""
    presences = {cell.presence for cell in comb.cells}
    if presences == {Presence.BLANK}:
        state = FieldState.UNVERIFIED if comb.outside else FieldState.BLANK
        cells = tuple(CellReading(c.name, "", FieldState.BLANK, _BLANK_SURE) for c in crop.field.cells)
        return Reading("", state, 0.3 if comb.outside else _BLANK_SURE, _ENGINE, cells=cells)
    found: list[tuple[list[Guess], FieldState]] = []
    used = place = 0
    for cell in comb.cells:
        own = rows[used : used + len(cell.glyphs)]
        used += len(cell.glyphs)
        found.append(_cell(crop, cell, own, place))
        place += len(found[-1][0])
    return _whole(crop, comb, found, net)


def _cell(crop: Crop, cell: _CellInk, rows: Probabilities, place: int) -> tuple[list[Guess], FieldState]:
    """The characters of one cell and its state; a narrow cell has exactly one."""
    if cell.presence is Presence.BLANK:
        return ([] if cell.wide else [blank_cell()]), FieldState.BLANK
    if cell.presence is Presence.DOUBT or (cell.wide and cell.run is None):
        return ([blank_cell(0.5)]), FieldState.UNVERIFIED
    if cell.run is not None:
        return best_run(cell.run, rows, lambda index: allowed(crop.field, place + index)), FieldState.VALUE
    found = guess(rows[0], allowed(crop.field, place), closed=True)
    if found.nothing > _DIRT:
        return [blank_cell(0.5)], FieldState.UNVERIFIED
    if found.struck > _CROSSED:
        return [found], FieldState.STRUCK_OUT
    return [found], FieldState.UNVERIFIED if found.other > _NO_CHARACTER else FieldState.VALUE


def _whole(
    crop: Crop, comb: _CombInk, found: Sequence[tuple[list[Guess], FieldState]], net: GlyphNet
) -> Reading:
    """The string of all cells under the grammar of the field, its state and confidence."""
    guesses = [one for own, _ in found for one in own]
    ranked = strings(guesses, _KEPT, crop.field)
    best = ranked[0]
    spans = _spans(found)
    said = _answer(crop.field, best.text, spans)
    cells = []
    for spec, (own, told), (start, end) in zip(crop.field.cells, found, spans, strict=True):
        state = told
        sure = _agreement(ranked, best.text, start, end, own)
        text = best.text[start:end].replace(BLANK, "")
        if state is FieldState.VALUE and len(own) == 1 and sure < _STANDS[text.isdigit()]:
            state = FieldState.UNVERIFIED
        cells.append(CellReading(spec.name, text, state, sure))
    states = {cell.state for cell in cells} - {FieldState.BLANK}
    confidence = best.confidence * (0.5 if comb.outside else 1.0)
    whole = FieldState.VALUE
    if states == {FieldState.STRUCK_OUT}:
        struck = [one.struck for own, _ in found for one in own if one.struck > _CROSSED]
        whole, confidence = FieldState.STRUCK_OUT, min(struck) * (0.5 if comb.outside else 1.0)
    elif states - {FieldState.VALUE} or said is None or _several_of_two_digits(crop.field):
        whole = FieldState.UNVERIFIED
    answers = [(_answer(crop.field, one.text, spans), one.confidence) for one in ranked]
    kept = [Alternative(other, sure) for other, sure in answers if other]
    text = said or best.text
    others = tuple(one for one in kept if one.text != text)[: _OTHERS - 1]
    return Reading(text, whole, confidence, _ENGINE, net.digest, others, tuple(cells))


def _agreement(ranked: Sequence[Alternative], best: str, start: int, end: int, own: Sequence[Guess]) -> float:
    """How sure a cell is of its part of the best string: its own ink, and the strings that differ there."""
    if start == end:
        return 0.0
    ink = float(np.prod([dict(one.options).get(c, 0.0) for one, c in zip(own, best[start:end], strict=True)]))
    told = sum(other.confidence for other in ranked)
    same = sum(other.confidence for other in ranked if other.text[start:end] == best[start:end])
    return min(
        ink if best[start:end] == "".join(one.best for one in own) else 1.0, same / max(told, 1e-9), _MOST
    )


def _spans(found: Sequence[tuple[list[Guess], FieldState]]) -> list[tuple[int, int]]:
    """Where the characters of each cell begin and end in the string of all cells."""
    ends = np.cumsum([len(own) for own, _ in found]).tolist()
    return list(zip([0, *ends[:-1]], ends, strict=True))


def _answer(field: FieldSpec, text: str, spans: Sequence[tuple[int, int]]) -> str | None:
    """A comb's text; where a question is answered by its number in a box, the answer with that number.

    Where several answers are allowed each cell holds the number of one; their values, in the form's order.
    """
    if not field.choices:
        return text
    values = {choice.code: choice.value for choice in field.choices}
    parts = [text[start:end] for start, end in spans] if field.multiple else [text]
    numbers = {number for part in parts if (number := part.replace(BLANK, ""))}
    if not numbers or not numbers <= values.keys():
        return None
    return ";".join(value for number, value in values.items() if number in numbers)


def _several_of_two_digits(field: FieldSpec) -> bool:
    """Whether two digits may stand in one narrow box; a box is read as one character, so a person looks."""
    return field.multiple and any(len(choice.code or "") > 1 for choice in field.choices)
