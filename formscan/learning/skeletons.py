"""Letters as the path of a pen: the middle lines of what a font or a person drew.

A font's outlines have the width of its brush; a pen drawn along their middle lines writes the same letters
with any ball point. Thinning follows Zhang and Suen, CACM 27 (1984) 236-239.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from formscan.model.page import Grey

Points = npt.NDArray[np.float32]
"""float32 (n, 2): x right, y **up** from the line the letters stand on, in heights of a small letter."""
Edges = npt.NDArray[np.int32]
"""int32 (m, 2): which points a pen goes between."""

_TALL: Final = 40
_MARGIN: Final = 4
_MOST: Final = 60
"""Rounds of thinning; half the width of the boldest stroke looked at."""
_ROUND: Final = 2


@dataclass(frozen=True, slots=True, eq=False)
class Strokes:
    """The path of a pen.

    Attributes:
        points: Where it goes.
        edges: Between which points it touches the paper.
        advance: How far the next letter stands, in heights of a small letter.
    """

    points: Points
    edges: Edges
    advance: float


class StrokeFont:
    """A font's letters as paths.

    Args:
        path: The font file.

    Raises:
        OSError: If it is none.
    """

    def __init__(self, path: Path) -> None:
        font = ImageFont.truetype(str(path), 100, layout_engine=ImageFont.Layout.BASIC)
        box = font.getbbox("x", anchor="ls")
        size = round(100 * _TALL / max(10.0, -box[1]))
        self._font = ImageFont.truetype(str(path), min(size, 300), layout_engine=ImageFont.Layout.BASIC)
        self._small = max(8.0, -self._font.getbbox("x", anchor="ls")[1])
        self._empty = bytes(self._font.getmask("\uffff"))
        self._known: dict[str, Strokes | None] = {}

    def strokes(self, letter: str) -> Strokes | None:
        """A letter's path; None where the font does not draw it."""
        if letter not in self._known:
            self._known[letter] = self._found(letter)
        return self._known[letter]

    def _found(self, letter: str) -> Strokes | None:
        mask = self._font.getmask(letter)
        if bytes(mask) == self._empty or not mask.getbbox():
            return None
        left, top, right, bottom = self._font.getbbox(letter, anchor="ls")
        page = Image.new("L", (int(right - left) + 2 * _MARGIN, int(bottom - top) + 2 * _MARGIN))
        ImageDraw.Draw(page).text(
            (_MARGIN - left, _MARGIN - top), letter, fill=255, font=self._font, anchor="ls"
        )
        found = traced(np.asarray(page, dtype=np.uint8))
        if found is None:
            return None
        points, edges = found
        place = np.array([_MARGIN - left, _MARGIN - top], np.float32)
        placed = (points - place) * np.array([1, -1], np.float32) / np.float32(self._small)
        return Strokes(placed, edges, float(self._font.getlength(letter)) / self._small)


def traced(image: Grey) -> tuple[Points, Edges] | None:
    """The middle lines of what is drawn.

    Args:
        image: uint8, 0 paper to 255 ink, its rim blank.

    Returns:
        Points in pixels, x right and y **down**, and the edges between neighbours, of a dot to itself; None
        where nothing is drawn.
    """
    thin = thinned(image > 110)
    rows, cols = np.nonzero(thin)
    if not len(rows):
        return None
    number = np.full(thin.shape, -1, np.int32)
    number[rows, cols] = np.arange(len(rows))
    pairs = []
    for down, right in ((0, 1), (1, 0), (1, 1), (1, -1)):
        ends = number[rows + down, cols + right]
        there = ends >= 0
        if down and right:
            # Round a corner the pen goes along the sides, not across as well.
            there &= (number[rows, cols + right] < 0) & (number[rows + down, cols] < 0)
        pairs.append(np.stack([np.arange(len(rows))[there], ends[there]], axis=1))
    edges = np.concatenate(pairs).astype(np.int32)
    dots = np.setdiff1d(np.arange(len(rows)), edges)
    edges = np.concatenate([edges, np.stack([dots, dots], axis=1)]).astype(np.int32)
    points = np.stack([cols, rows], axis=1).astype(np.float32)
    return smoothed(points, edges, _ROUND), edges


def smoothed(points: Points, edges: Edges, rounds: int, share: float = 0.5) -> Points:
    """Paths with their corners rounded: each point moved towards the middle of its neighbours.

    Args:
        points: The points; ends of paths stay where they are.
        edges: Between them.
        rounds: How often.
        share: Of the way, each time.
    """
    count = np.bincount(edges.ravel(), minlength=len(points)).astype(np.float32)
    free = (count >= 2)[:, None] * np.float32(share)
    left, right = edges[:, 0], edges[:, 1]
    weight = np.maximum(count, 1)[:, None]
    out: Points = points
    for _ in range(rounds):
        total = np.stack(
            [
                np.bincount(left, out[right, axis], len(out)) + np.bincount(right, out[left, axis], len(out))
                for axis in (0, 1)
            ],
            axis=1,
        ).astype(np.float32)
        out = np.asarray(out + free * (total / weight - out), dtype=np.float32)
    return out


def thinned(drawn: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Strokes one pixel wide along the middle of those drawn."""
    image = np.pad(drawn, 1).astype(np.uint8)
    for _ in range(_MOST):
        before = int(image.sum())
        for table in _TABLES:
            around = np.zeros((image.shape[0] - 2, image.shape[1] - 2), np.uint8)
            for bit, (down, right) in enumerate(_AROUND):
                around |= (
                    image[1 + down : image.shape[0] - 1 + down, 1 + right : image.shape[1] - 1 + right] << bit
                )
            image[1:-1, 1:-1] &= table[around]
        if int(image.sum()) == before:
            break
    return _with_dots(drawn, np.asarray(image[1:-1, 1:-1] > 0, dtype=np.bool_))


def _with_dots(drawn: npt.NDArray[np.bool_], thin: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Thin strokes with a pixel for each dot that thinning left nothing of, as it does of small squares."""
    count, labels, _, middles = cv2.connectedComponentsWithStats(drawn.astype(np.uint8), connectivity=8)
    for label in range(1, count):
        if not (thin & (labels == label)).any():
            x, y = middles[label]
            thin[round(float(y)), round(float(x))] = True
    return thin


_AROUND: Final = ((-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1))
"""Neighbours, clockwise from the one above."""


def _stays(*, first: bool) -> npt.NDArray[np.uint8]:
    """uint8 (256,): 0 for the neighbourhoods whose middle one half round of thinning takes away."""
    bits = (np.arange(256)[:, None] >> np.arange(8)) & 1
    count = bits.sum(axis=1)
    turns = ((bits == 0) & (np.roll(bits, -1, axis=1) == 1)).sum(axis=1)
    up, right, down, left = bits[:, 0], bits[:, 2], bits[:, 4], bits[:, 6]
    if first:
        open_side = (up * right * down == 0) & (right * down * left == 0)
    else:
        open_side = (up * right * left == 0) & (up * down * left == 0)
    goes = (count >= 2) & (count <= 6) & (turns == 1) & open_side
    return np.where(goes, 0, 1).astype(np.uint8)


_TABLES: Final = (_stays(first=True), _stays(first=False))


def drawn_with(points: Points, edges: Edges, shape: tuple[int, int], pen: float) -> Grey:
    """A picture of paths drawn with a round pen.

    Args:
        points: In pixels, x right and y **down**.
        edges: Between them.
        shape: Rows and columns of the picture.
        pen: Width of the line in pixels, at least 0.5.

    Returns:
        uint8, 0 paper to 255 ink.
    """
    scale = 2
    page = np.zeros((shape[0] * scale, shape[1] * scale), np.uint8)
    fine = np.round(points * (scale * 16)).astype(np.int32)
    lines = fine[edges].reshape(-1, 2, 1, 2)
    cv2.polylines(
        page,
        list(lines),
        isClosed=False,
        color=255,
        thickness=max(1, round(pen * scale)),
        lineType=cv2.LINE_AA,
        shift=4,
    )
    return np.asarray(cv2.resize(page, (shape[1], shape[0]), interpolation=cv2.INTER_AREA), dtype=np.uint8)
