"""How far a page lies from straight, from the sharpness of its projections.

The score is that of Postl (US patent 4,723,297, 1988, long expired): the squared differences of
neighbouring sums along lines at an angle, which are largest where lines of print and rules fall into few
sums. It is taken along both axes of the page, so that tables with more verticals than text serve as well.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from formscan.model.page import Grey

REACH_DEG: Final = 20.0
"""Skew beyond this is not looked for; a feeder jams long before."""
COARSE_STEP_DEG: Final = 0.5
COARSE_DPI: Final = 36.0
"""At this resolution a step of half a degree moves the far end of a line by less than its height."""
FINE_STEPS_DEG: Final = (0.25, 0.1, 0.04)
COARSE_POINTS: Final = 12_000
FINE_POINTS: Final = 30_000
"""Places of ink that are looked at, at most; they lie all over the page."""

_Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Skew:
    """An angle and how much it is to be believed.

    Attributes:
        deg: Positive where the content is turned clockwise.
        contrast: Score at the angle over the median of all angles; 1 means there is nothing to go by.
    """

    deg: float
    contrast: float


def find_skew(ink: Grey, dpi: float) -> Skew:
    """Angle by which the content of a page is turned from straight, modulo a quarter turn.

    Args:
        ink: uint8 (height, width), 0 paper to 255 ink.
        dpi: Of ``ink``; about 100.

    Returns:
        The angle in degrees within ``REACH_DEG``.
    """
    coarse = _Points.of(_reduced(ink, COARSE_DPI / dpi), COARSE_POINTS)
    if coarse is None:
        return Skew(0.0, 1.0)
    angles = np.arange(-REACH_DEG, REACH_DEG + COARSE_STEP_DEG / 2, COARSE_STEP_DEG)
    scores = np.array([coarse.score(float(a)) for a in angles])
    best = float(angles[int(np.argmax(scores))])
    contrast = float(scores.max() / max(float(np.median(scores)), 1e-9))
    fine = _Points.of(ink, FINE_POINTS)
    assert fine is not None
    for step in FINE_STEPS_DEG:
        best = _climbed(fine, best, step)
    return Skew(best, contrast)


def _climbed(points: _Points, start: float, step: float) -> float:
    """The top of the score around ``start``: uphill in steps, then by the parabola through three of them."""
    known: dict[int, float] = {}

    def at(place: int) -> float:
        if place not in known:
            known[place] = points.score(start + place * step)
        return known[place]

    here = max((-2, -1, 0, 1, 2), key=at)
    while abs(here) < 8 and at(here + 1) > at(here):
        here += 1
    while abs(here) < 8 and at(here - 1) > at(here):
        here -= 1
    low, mid, high = at(here - 1), at(here), at(here + 1)
    bend = low - 2 * mid + high
    shift = 0.0 if bend >= 0 else 0.5 * (low - high) / bend
    return start + (here + max(-1.0, min(1.0, shift))) * step


@dataclass(frozen=True, slots=True, eq=False)
class _Points:
    """Places of ink, from the centre of the page."""

    x: _Floats
    y: _Floats
    weight: _Floats
    reach: int

    @classmethod
    def of(cls, ink: Grey, most: int) -> _Points | None:
        rows, cols = np.nonzero(ink)
        if len(rows) < 20:
            return None
        if len(rows) > most:
            kept = slice(None, None, math.ceil(len(rows) / most))
            rows, cols = rows[kept], cols[kept]
        height, width = ink.shape
        weight = ink[rows, cols].astype(np.float32) / np.float32(255.0)
        x = cols.astype(np.float32) - np.float32(width / 2)
        y = rows.astype(np.float32) - np.float32(height / 2)
        return cls(x, y, weight, math.ceil(math.hypot(width, height) / 2) + 2)

    def score(self, deg: float) -> float:
        """Sharpness of the projections along and across lines turned clockwise by ``deg``."""
        c, s = np.float32(math.cos(math.radians(deg))), np.float32(math.sin(math.radians(deg)))
        return self._sharpness(self.y * c - self.x * s) + self._sharpness(self.x * c + self.y * s)

    def _sharpness(self, place: _Floats) -> float:
        bins = (place + np.float32(self.reach)).astype(np.intp)
        sums = np.bincount(bins, self.weight, minlength=2 * self.reach)
        return float(np.sum(np.diff(sums) ** 2))


def _reduced(ink: Grey, scale: float) -> Grey:
    if scale >= 1:
        return ink
    size = max(1, round(ink.shape[1] * scale)), max(1, round(ink.shape[0] * scale))
    small = cv2.resize(ink, size, interpolation=cv2.INTER_AREA)
    return np.where(small > 24, small, 0).astype(np.uint8)
