"""Which known pages a scan may be, in a few milliseconds however many pages are known.

SIFT features (Lowe, IJCV 60, 2004) of all blank pages stand in one inverted file by visual word (Sivic
and Zisserman, ICCV 2003). A feature of the scan votes for (page, quarter turn, shift), because a scan
that was cleaned lies nearly straight at a nearly known scale: votes that disagree in turn, scale or
shift fall into different bins and do not add up (weak geometric consistency: Jegou et al., ECCV 2008).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from formscan.model.geometry import POINTS_PER_INCH
from formscan.model.page import Grey, Matrix

FEATURE_DPI: Final = 50.0
FEATURES: Final = 1000
WORDS: Final = 2048
NEAREST_WORDS: Final = 3
TURN_DEG: Final = 20.0
"""A feature whose turn is farther than this from a quarter turn does not vote."""
SCALE: Final = 1.35
SHIFT_PT: Final = 120.0
BIN_PT: Final = 24.0
ALIKE: Final = 0.75
"""Cosine of two signs from which they may be of the same place."""
LEAST: Final = 8
UNEVEN: Final = 0.12
"""Most by which one side is stretched more than the other: copier, paper and perspective together."""
SQUARE: Final = 0.99
"""Sine of the angle between the sides at least."""
FIT_PT: Final = 9.0
"""RANSAC: a feature this close (3 mm) to its place agrees; paper may be curved."""

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """Features of a page.

    Attributes:
        size: (width, height) of the page in points.
        places: float32 (n, 2), points.
        turns: float32 (n,), degrees.
        scales: float32 (n,), points.
        signs: float32 (n, 128), unit length.
    """

    size: tuple[float, float]
    places: Floats
    turns: Floats
    scales: Floats
    signs: Floats


def _none() -> npt.NDArray[np.int64]:
    return np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Vote:
    """A guess.

    Attributes:
        page: Which page.
        quarter: Quarter turns clockwise of its content.
        votes: How many features say so, weighted.
        shift: (x, y) of the blank against the scan turned back, points.
        seen: Features of the scan that say so, beside
        known: those of all blank pages.
    """

    page: int
    quarter: int
    votes: float
    shift: tuple[float, float]
    seen: npt.NDArray[np.int64] = field(default_factory=_none)
    known: npt.NDArray[np.int64] = field(default_factory=_none)


@dataclass(frozen=True, slots=True, eq=False)
class _Pairs:
    """Features of the scan beside features of blank pages, what each pair votes for, and its weight."""

    seen: npt.NDArray[np.int64]
    entry: npt.NDArray[np.int64]
    quarter: npt.NDArray[np.int64]
    shift: Floats
    weight: Floats


def page_features(grey: Grey, dpi: float) -> Features:
    """Features of a page at ``FEATURE_DPI``; independent of the page's darkness."""
    scale = FEATURE_DPI / dpi
    small = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    low = float(np.percentile(small, 1.0))
    stretched = cv2.convertScaleAbs(
        small, alpha=255 / max(255 - low, 30.0), beta=-low * 255 / max(255 - low, 30.0)
    )
    found, signs = cv2.SIFT.create(FEATURES, 3, 0.03).detectAndCompute(stretched, None)
    unit = POINTS_PER_INCH / FEATURE_DPI
    size = (grey.shape[1] / dpi * POINTS_PER_INCH, grey.shape[0] / dpi * POINTS_PER_INCH)
    if signs is None or not len(found):
        none = np.zeros(0, np.float32)
        return Features(size, np.zeros((0, 2), np.float32), none, none, np.zeros((0, 128), np.float32))
    places = (np.array([point.pt for point in found], np.float32) + 0.5) * np.float32(unit)
    turns = np.array([point.angle for point in found], np.float32)
    scales = np.array([point.size for point in found], np.float32) * np.float32(unit)
    return Features(size, places, turns, scales, _root(np.asarray(signs, np.float32)))


def _root(signs: Floats) -> Floats:
    """RootSIFT (Arandjelovic and Zisserman, CVPR 2012)."""
    return np.asarray(np.sqrt(signs / np.maximum(signs.sum(axis=1, keepdims=True), 1e-6)), np.float32)


class FeatureIndex:
    """All features of all blank pages in one inverted file.

    Args:
        pages: Features of each known page.
    """

    def __init__(self, pages: Sequence[Features]) -> None:
        self._counts = np.array([max(len(page.places), 50) for page in pages], dtype=np.float64)
        signs = np.vstack([page.signs for page in pages])
        pick = np.random.default_rng(7).permutation(len(signs))[:WORDS]
        self._signs = signs.astype(np.float16)  # 40 MB less with 76 pages; compared in 32 bits
        self._words = signs[np.sort(pick)]
        self._page = np.concatenate([np.full(len(p.places), i, np.int32) for i, p in enumerate(pages)])
        self._places = np.vstack([page.places for page in pages])
        self._turns = np.concatenate([page.turns for page in pages])
        self._scales = np.concatenate([page.scales for page in pages])
        word = np.argmax(signs @ self._words.T, axis=1)
        self._order = np.argsort(word, kind="stable")
        self._starts = np.searchsorted(word[self._order], np.arange(len(self._words) + 1))
        counts = np.diff(self._starts)
        self._rarity = np.log1p(len(signs) / np.maximum(counts, 1)).astype(np.float32)

    def votes(self, seen: Features, most: int) -> list[Vote]:
        """The best guesses, at most ``most``, best first."""
        if not len(seen.places):
            return []
        pairs = self._pairs(seen)
        return [self._with_pairs(vote, pairs) for vote in self._peaks(pairs, most)]

    def _with_pairs(self, vote: Vote, pairs: _Pairs) -> Vote:
        """The vote with the pairs of features that voted for about this."""
        near = (self._page[pairs.entry] == vote.page) & (pairs.quarter == vote.quarter)
        near &= (np.abs(pairs.shift - np.array(vote.shift, np.float32)) < 2.5 * BIN_PT).all(axis=1)
        return replace(vote, seen=pairs.seen[near], known=pairs.entry[near])

    def _pairs(self, seen: Features) -> _Pairs:
        """All pairs of features with a visual word in common that agree in turn, scale and rough place."""
        near = np.argpartition(-(seen.signs @ self._words.T), NEAREST_WORDS, axis=1)[:, :NEAREST_WORDS]
        word = near.reshape(-1)
        counts = self._starts[word + 1] - self._starts[word]
        mine = np.repeat(np.repeat(np.arange(len(near)), NEAREST_WORDS), counts)
        begins = np.repeat(self._starts[word] - np.concatenate([[0], np.cumsum(counts)[:-1]]), counts)
        entry = self._order[begins + np.arange(int(counts.sum()))]
        weight = np.repeat(self._rarity[word], counts)
        turn = (seen.turns[mine] - self._turns[entry]) % 360
        quarter = np.rint(turn / 90).astype(int) % 4
        off = np.abs(turn - 90 * np.rint(turn / 90))
        ratio = seen.scales[mine] / self._scales[entry]
        keep = np.flatnonzero((off < TURN_DEG) & (ratio < SCALE) & (ratio > 1 / SCALE))
        mine, entry, quarter, weight = mine[keep], entry[keep], quarter[keep], weight[keep]
        shift = self._places[entry] - _unturned(seen, mine, quarter)
        keep = np.flatnonzero((np.abs(shift) < SHIFT_PT).all(axis=1))
        return _Pairs(mine[keep], entry[keep], quarter[keep], shift[keep], weight[keep])

    def _peaks(self, pairs: _Pairs, most: int) -> list[Vote]:
        bins = int(2 * SHIFT_PT / BIN_PT)
        cell = np.clip(((pairs.shift + SHIFT_PT) / BIN_PT).astype(int), 0, bins - 1)
        flat = ((self._page[pairs.entry] * 4 + pairs.quarter) * bins + cell[:, 1]) * bins + cell[:, 0]
        grid = np.bincount(flat, pairs.weight, minlength=len(self._counts) * 4 * bins * bins)
        grid = grid.reshape(-1, bins, bins)
        grid = grid[:, :-1] + grid[:, 1:]
        grid = grid[:, :, :-1] + grid[:, :, 1:]
        flat_grid = grid.reshape(len(grid), -1)
        best = flat_grid.argmax(axis=1)
        votes = flat_grid[np.arange(len(grid)), best] / np.sqrt(self._counts).repeat(4)
        order = np.argsort(-votes)[:most]
        return [
            self._vote(int(at), float(votes[at]), int(best[at]), bins - 1) for at in order if votes[at] > 0
        ]

    @staticmethod
    def _vote(at: int, votes: float, best: int, bins: int) -> Vote:
        y, x = divmod(best, bins)
        return Vote(at // 4, at % 4, votes, ((x + 1) * BIN_PT - SHIFT_PT, (y + 1) * BIN_PT - SHIFT_PT))

    def fit(self, seen: Features, vote: Vote) -> tuple[Matrix, int] | None:
        """Affine map from points of the blank page to points of the scan, and how many features agree."""
        alike = np.einsum("ij,ij->i", seen.signs[vote.seen], self._signs[vote.known].astype(np.float32))
        order = np.argsort(-alike)
        first = order[np.unique(vote.seen[order], return_index=True)[1]]
        good = first[alike[first] > ALIKE]
        if len(good) < LEAST:
            return None
        source, target = self._places[vote.known[good]], seen.places[vote.seen[good]]
        found, agree = cv2.estimateAffine2D(
            source, target, method=cv2.RANSAC, ransacReprojThreshold=FIT_PT, maxIters=3000, confidence=0.999
        )
        if found is None or not _sane(np.asarray(found, np.float64), vote.quarter):
            return None
        return np.vstack([np.asarray(found, np.float64), [0, 0, 1]]), int(agree.sum())


def _sane(affine: npt.NDArray[np.float64], quarter: int) -> bool:
    """No mirror, no shear, about that quarter turn, no scale beyond what copying and scanning do."""
    across, down = affine[:, 0], affine[:, 1]
    sides = float(np.hypot(*across)), float(np.hypot(*down))
    square = float(across[0] * down[1] - across[1] * down[0]) / (sides[0] * sides[1])
    off = (np.degrees(np.arctan2(across[1], across[0])) - 90 * quarter + 180) % 360 - 180
    fair = all(0.75 < side < 1.33 for side in sides) and abs(sides[0] / sides[1] - 1) < UNEVEN
    return bool(fair and square > SQUARE and abs(off) < TURN_DEG)


def _unturned(seen: Features, query: npt.NDArray[np.int64], quarter: npt.NDArray[np.int64]) -> Floats:
    """Places as they would be had the page not been turned clockwise by ``quarter`` quarters."""
    x, y = seen.places[query].T
    width, height = seen.size
    turned_x = np.choose(quarter, [x, y, width - x, height - y])
    turned_y = np.choose(quarter, [y, width - x, height - y, x])
    return np.stack([turned_x, turned_y], axis=1).astype(np.float32)
