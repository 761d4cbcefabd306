"""Which of the four ways up a page of print is.

Letters of a line follow each other closely, lines do not: the direction in which letters have a near
neighbour is the direction of the lines. Letters stand on their baseline: of two neighbours the lower edges
agree more often than the upper ones, since capitals, ascenders and, most of all, Vietnamese diacritics
rise to different heights; and where a line ends below is sharper than where it begins above.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from formscan.model.geometry import MM_PER_INCH
from formscan.model.page import Grey

LETTER_MM: Final = (0.6, 8.0)
"""Longest side of what is taken for a letter or a few that touch; dots are smaller, rules larger."""
HOLLOW_MM: Final = 2.5
HOLLOW_SHARE: Final = 0.25
"""Larger things that fill less of their box than this are boxes to write in."""
NEAR_MM: Final = 2.5
"""Gap up to which a letter has a neighbour."""
CLOSE_MM: Final = 0.76
"""Gap at which a neighbour counts 1/e."""
TALL_PX: Final = 5
"""Letters lower than this tell nothing about edges."""
STRIP_MM: Final = 30.0
"""Lines are summed over this length, so that columns of a form do not blur each other."""
LEAST_CLOSE: Final = 6.0
"""Close neighbours, weighted, below which there is too little print to tell anything."""
LEAST_ACROSS: Final = 0.8
"""Closeness across over closeness down below which a page lies on its side; in doubt it does not."""
HANGS: Final = -0.7
"""Edges, in standard deviations, below which a page may be upside down; in doubt it is not."""
ASYMMETRY: Final = 0.03
"""Asymmetry it must then have besides; sheets of bubbles and capitals have less either way."""
SURELY_HANGS: Final = -5.0
"""Edges that need no asymmetry besides; sheets of bubbles were seen to reach -4.6."""

_Floats = npt.NDArray[np.float32]
_Ints = npt.NDArray[np.int32]
_Marks = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class _Letters:
    """Connected pieces of ink of the size of letters."""

    labels: _Ints
    stats: _Ints
    kept: _Marks

    def turned(self) -> _Letters:
        """The same on the page turned clockwise by a quarter."""
        left, top, wide, high, area = self.stats.T
        stats = np.stack([len(self.labels) - top - high, left, high, wide, area], axis=1)
        return _Letters(np.rot90(self.labels, -1), np.asarray(stats, np.int32), self.kept)


def find_turn(ink: Grey, dpi: float, skew_deg: float) -> int:
    """Quarter turns clockwise that put a page upright, in degrees.

    Args:
        ink: uint8, 0 paper to 255 ink, about 100 dpi.
        dpi: Of ``ink``.
        skew_deg: Skew of the content, positive clockwise; taken out first.

    Returns:
        0, 90, 180 or 270; 0 where there is too little print to tell.
    """
    straight = _straight(ink, skew_deg)
    letters = _letters(straight, dpi)
    across, hangs = _evidence(straight, letters, dpi)
    down, hangs_turned = _evidence(np.rot90(straight, -1), letters.turned(), dpi)
    if max(across, down) < LEAST_CLOSE:
        return 0
    if across >= LEAST_ACROSS * down:
        return 180 if hangs() else 0
    return 270 if hangs_turned() else 90


def _straight(ink: Grey, skew_deg: float) -> Grey:
    if abs(skew_deg) < 0.1:
        return ink
    height, width = ink.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), skew_deg, 1.0)
    return np.asarray(cv2.warpAffine(ink, turn, (width, height)), dtype=np.uint8)


def _evidence(ink: Grey, letters: _Letters, dpi: float) -> tuple[float, Callable[[], bool]]:
    """How many letters have a close neighbour beside them, and a look whether they hang upside down."""
    first, second, gaps = _neighbours(letters, round(NEAR_MM / MM_PER_INCH * dpi))
    closeness = float(np.exp(-gaps / (CLOSE_MM / MM_PER_INCH * dpi)).sum())

    def hangs() -> bool:
        edges = _edges(letters.stats[first], letters.stats[second])
        if edges >= HANGS or edges < SURELY_HANGS:
            return edges < SURELY_HANGS
        only = np.where(letters.kept[letters.labels], ink, np.uint8(0)).astype(np.float32)
        return _asymmetry(only, max(8, round(STRIP_MM / MM_PER_INCH * dpi))) > ASYMMETRY

    return closeness, hangs


def _letters(ink: Grey, dpi: float) -> _Letters:
    mm = dpi / MM_PER_INCH
    dark = (ink > 60).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(dark, connectivity=8)
    wide, high, area = (stats[:, k] for k in (cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT, cv2.CC_STAT_AREA))
    long, short = np.maximum(wide, high), np.minimum(wide, high)
    kept = (long >= LETTER_MM[0] * mm) & (long <= LETTER_MM[1] * mm) & (short >= 3)
    kept &= ~((area < HOLLOW_SHARE * wide * high) & (long > HOLLOW_MM * mm))
    kept[0] = False
    return _Letters(np.asarray(labels, np.int32), np.asarray(stats, np.int32), np.asarray(kept, np.bool_))


def _neighbours(letters: _Letters, reach: int) -> tuple[_Ints, _Ints, _Ints]:
    """Pairs of letters next to each other in a row and the gap between them in pixels.

    Each letter looks to the right from three heights until it meets another.
    """
    own = np.nonzero(letters.kept)[0].astype(np.int32)
    left, top, wide, high = (letters.stats[own, k] for k in range(4))
    other = np.zeros_like(own)
    gaps = np.zeros_like(own)
    last = letters.labels.shape[1] - 1
    for row in (top + high // 2, top + high // 3, top + 2 * high // 3):
        for gap in range(1, reach + 1):
            met = letters.labels[row, np.minimum(left + wide - 1 + gap, last)]
            new = (other == 0) & letters.kept[met] & (met != own)
            other[new], gaps[new] = met[new], gap
    found = other > 0
    return own[found], other[found], gaps[found]


def _edges(one: _Ints, other: _Ints) -> float:
    """Pairs that agree below minus pairs that agree above, in standard deviations of chance."""
    upper = np.abs(one[:, 1] - other[:, 1])
    lower = np.abs(one[:, 1] + one[:, 3] - other[:, 1] - other[:, 3])
    height = np.minimum(one[:, 3], other[:, 3])
    told = (height >= TALL_PX) & (upper < height) & (lower < height)
    stands = int(np.count_nonzero(told & (lower <= 1) & (upper >= 2)))
    hangs = int(np.count_nonzero(told & (upper <= 1) & (lower >= 2)))
    return float((stands - hangs) / max(stands + hangs, 1) ** 0.5)


def _asymmetry(letters: _Floats, strip: int) -> float:
    """Whether sums along rows change more sharply at upper edges (positive) or lower ones; -1 to 1."""
    height, width = letters.shape
    strips = max(1, width // strip)
    used = letters[:, : strips * strip] if width >= strip else letters
    steps = np.diff(used.reshape(height, strips, -1).sum(axis=2), axis=0)
    power = float(np.sum(steps**2))
    return float(np.sum(steps * np.abs(steps))) / power if power else 0.0
