"""Cuts a run of writing into characters: over-segmentation, then the best path through the glyph reader.

The manner of Casey and Lecolinet, "A survey of methods and strategies in character segmentation",
IEEE PAMI 18(7), 1996: pieces are cut too fine, runs of pieces are classified, the likeliest path wins.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import cv2
import numpy as np

from formscan.engines.glyphs import normalise
from formscan.engines.ink import px
from formscan.model.page import Grey

_LONGEST: Final = 3
"""Pieces a character may be made of."""
_MOST: Final = 60
"""Pieces beyond which a run is no number but free writing."""


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """A candidate character: pieces ``first`` to ``last`` (inclusive) with the glyph they make.

    ``separator`` is ``:`` for two dots above each other, ``/`` for one straight slanted stroke; ``tail`` is
    set where the last piece stands small, low and apart, as a comma would.
    """

    first: int
    last: int
    glyph: Grey
    left: int
    top: int
    right: int
    bottom: int
    separator: str = ""
    tail: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Lattice:
    """All candidate characters of a run.

    Attributes:
        pieces: How many fine pieces there are.
        segments: Candidates, by first piece.
        height: Of the tallest piece, pixels.
        top: First row with ink.
        bottom: Row below the last with ink.
    """

    pieces: int
    segments: tuple[Segment, ...]
    height: int
    top: int
    bottom: int


def lattice(darkness: Grey, dpi: float) -> Lattice | None:
    """Candidate characters of one line of writing.

    Args:
        darkness: uint8 (height, width), 0 paper to 255 ink, nothing but the run.
        dpi: Of ``darkness``.

    Returns:
        ``None`` where there is no ink or far too much to be a number.
    """
    pieces = _pieces(darkness, dpi)
    if not pieces or len(pieces) > _MOST:
        return None
    height = max(piece.shape[0] for piece, _, _ in pieces)
    segments = []
    for first in range(len(pieces)):
        for last in range(first, min(first + _LONGEST, len(pieces))):
            segment = _joined(pieces[first : last + 1], first, height, dpi)
            if last > first and segment.right - segment.left > 1.3 * height:
                break
            segments.append(segment)
    top = min(y for _, _, y in pieces)
    bottom = max(y + piece.shape[0] for piece, _, y in pieces)
    return Lattice(len(pieces), tuple(segments), height, top, bottom)


_Piece = tuple[Grey, int, int]


def _pieces(darkness: Grey, dpi: float) -> list[_Piece]:
    """Fine pieces, left to right: connected parts, wide ones cut at thin places; with x and y."""
    mask = (darkness > 60).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    tallest = int(stats[1:, 3].max()) if count > 1 else 0
    least = px(0.3, dpi)
    pieces: list[_Piece] = []
    for index in range(1, count):
        left, top, width, height, area = (int(v) for v in stats[index])
        if max(width, height) < least or area < least * least:
            continue
        own = labels[top : top + height, left : left + width] == index
        part = np.where(own, darkness[top : top + height, left : left + width], 0).astype(np.uint8)
        for start, end in _cuts(own, tallest):
            rows = np.flatnonzero(own[:, start:end].any(axis=1))
            if rows.size:
                piece = part[rows[0] : rows[-1] + 1, start:end]
                pieces.append((piece, left + start, top + int(rows[0])))
    return _stacked(sorted(pieces, key=lambda piece: piece[1] + piece[0].shape[1] / 2), tallest)


def _cuts(own: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], tallest: int) -> list[tuple[int, int]]:
    """Column ranges of a connected part, cut where few strokes pass if it is wide for one character."""
    width = own.shape[1]
    if width <= 0.85 * tallest:
        return [(0, width)]
    thickness = own.sum(axis=0).astype(np.float64)
    soft = np.convolve(thickness, np.ones(3) / 3, mode="same")
    reach = max(3, round(0.22 * tallest))
    places: list[int] = []
    for x in range(reach, width - reach):
        near = soft[x - reach : x + reach + 1]
        if soft[x] <= near.min() and soft[x] <= 0.45 * tallest and (not places or x - places[-1] > reach):
            places.append(x)
    edges = [0, *places, width]
    return list(pairwise(edges))


def _stacked(pieces: list[_Piece], tallest: int) -> list[_Piece]:
    """Pieces above each other made one: the bar of a 5, halves of a broken stroke, the dots of a colon."""
    out: list[_Piece] = []
    for piece in pieces:
        if out and (_overlap(out[-1], piece) > 0.6 or _colon(out[-1], piece, tallest)):
            out[-1] = _union([out[-1], piece])
        else:
            out.append(piece)
    return out


def _colon(one: _Piece, two: _Piece, tallest: int) -> bool:
    """Whether two specks are the dots of one, perhaps slanted, colon."""
    small = max(*one[0].shape, *two[0].shape) < 0.35 * tallest
    return small and abs(one[1] - two[1]) < 0.25 * tallest and abs(one[2] - two[2]) > 0.2 * tallest


def _overlap(one: _Piece, two: _Piece) -> float:
    left, right = max(one[1], two[1]), min(one[1] + one[0].shape[1], two[1] + two[0].shape[1])
    return float(max(0, right - left) / min(one[0].shape[1], two[0].shape[1]))


def _union(pieces: list[_Piece]) -> _Piece:
    left, top = min(x for _, x, _ in pieces), min(y for _, _, y in pieces)
    right = max(x + piece.shape[1] for piece, x, _ in pieces)
    bottom = max(y + piece.shape[0] for piece, _, y in pieces)
    out = np.zeros((bottom - top, right - left), np.uint8)
    for piece, x, y in pieces:
        place = out[y - top : y - top + piece.shape[0], x - left : x - left + piece.shape[1]]
        np.maximum(place, piece, out=place)
    return out, left, top


def _joined(pieces: list[_Piece], first: int, tallest: int, dpi: float) -> Segment:
    image, left, top = _union(pieces)
    right, bottom = left + image.shape[1], top + image.shape[0]
    sign = _separator(image, tallest) if len(pieces) == 1 else ""
    glyph, last = normalise(image, dpi), first + len(pieces) - 1
    return Segment(first, last, glyph, left, top, right, bottom, sign, _tail(pieces, tallest))


def _tail(pieces: list[_Piece], tallest: int) -> bool:
    """Whether the last of some pieces may be a comma behind the others."""
    if len(pieces) < 2:
        return False
    (body, left, top), (last, x, y) = _union(pieces[:-1]), pieces[-1]
    low = y + last.shape[0] / 2 > top + 0.7 * body.shape[0]
    return bool(low and last.shape[0] < 0.5 * tallest and x >= left + 0.85 * body.shape[1])


def _separator(image: Grey, tallest: int) -> str:
    """``:`` or ``/`` where a piece can hardly be anything else, else nothing."""
    height, width = image.shape
    mask = image > 60
    if width < 0.35 * tallest and height < 0.9 * tallest:
        count, _, stats, _ = cv2.connectedComponentsWithStats(mask.view(np.uint8), connectivity=8)
        dots = stats[1:count]
        if len(dots) == 2 and dots[:, 2:4].max() < 0.35 * tallest:
            return ":"
    if height < 0.7 * tallest or not 0.3 < width / height < 1.2:
        return ""
    rows, cols = np.nonzero(mask)
    slant = float(np.corrcoef(cols, rows)[0, 1])
    return "/" if slant < -0.93 else ""
