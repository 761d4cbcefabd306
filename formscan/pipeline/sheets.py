"""The ink of a sheet of paper at low resolution, laid over another's."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from formscan.model.geometry import MM_PER_INCH
from formscan.model.page import Grey, Page
from formscan.pipeline.lighting import find_light
from formscan.pipeline.skew import find_skew

SHEET_DPI: Final = 100.0
"""A stroke of a pen is one to two pixels wide."""
LEVELS: Final = 8
"""Grey levels are kept in steps of this, which packs a page into about 40 kB."""
FAINT: Final = 20
STRONG: Final = 44
"""Darkness from which a stroke must be on the other page too, there only faintly."""
LEAST_INK: Final = 400
"""Pixels of strong ink below which a page is too empty to be told from others."""
OUTLINE: Final = (32, 46)
"""Cells of an outline: enough to tell forms apart, too coarse for what was written on them."""
OUTLINE_CELLS: Final = OUTLINE[0] * OUTLINE[1]
OUTLINE_MM: Final = 6.0
OUTLINE_BLUR: Final = 1.0
EDGE_MM: Final = 4.0

COARSE: Final = 4
SHIFT_MM: Final = 20.0
"""Furthest a second scan may lie from the first."""
USUAL_SHIFT_MM: Final = 12.0
"""Nearer places are preferred: a form of equal lines fits itself a line further down nearly as well."""
TILE: Final = 80
SEARCH: Final = 10
TILE_INK: Final = 60
LEAST_TILES: Final = 6
TILE_MATCH: Final = 0.5
REACH_MM: Final = 0.55
"""Distance within which ink of one page covers ink of the other, after laying them over each other."""
STROKE_MM: Final = 1.7
"""A piece of ink at least this long that the other page lacks is writing, not dust."""
STROKE_PX: Final = 5
FILL_MM: Final = 2.0
FILL: Final = 55.0
"""Mean darkness over that width by which two pages may differ for the scanner's sake."""

Floats = npt.NDArray[np.float32]
Affine = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """Ink of a straightened page.

    Attributes:
        packed: zlib of uint8 (height, width) darkness at ``SHEET_DPI``.
        shape: Height and width.
        centre: Centre of the ink, x and y in pixels.
    """

    packed: bytes
    shape: tuple[int, int]
    centre: tuple[float, float]

    @property
    def ink(self) -> Grey:
        """uint8 darkness, 0 paper."""
        return np.frombuffer(zlib.decompress(self.packed), np.uint8).reshape(self.shape)


def sheet_of(page: Page) -> Sheet | None:
    """The ink of a page, straightened; ``None`` if there is too little of it."""
    scale = SHEET_DPI / page.dpi
    size = max(1, round(page.width * scale)), max(1, round(page.height * scale))
    if min(size) < TILE:
        return None
    small = cv2.resize(page.pixels, size, interpolation=cv2.INTER_AREA)
    if small.ndim == 3:
        small = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
    grey = np.asarray(small, dtype=np.uint8)
    light = find_light(grey, SHEET_DPI)
    ink = 255 - np.asarray(cv2.divide(grey, light.paper, scale=265.0), dtype=np.uint8)
    ink[(light.foreign > 0) | (ink < FAINT // 2)] = 0
    ink = _straight(np.asarray(ink, np.uint8))
    rows, cols = np.nonzero(ink >= STRONG)
    if len(rows) < LEAST_INK:
        return None
    return Sheet(packed_ink(ink), (ink.shape[0], ink.shape[1]), (float(cols.mean()), float(rows.mean())))


def packed_ink(ink: Grey) -> bytes:
    """Zlib of darkness, in steps of ``LEVELS``."""
    return zlib.compress((ink // LEVELS * LEVELS).tobytes(), 1)


def outline_of(sheet: Sheet) -> Floats:
    """Ink in coarse cells around its centre, mean 0, unit length: float32 (``OUTLINE_CELLS``,)."""
    cell = OUTLINE_MM / MM_PER_INCH * SHEET_DPI
    x, y = sheet.centre
    onto = np.array([[1 / cell, 0, OUTLINE[0] / 2 - x / cell], [0, 1 / cell, OUTLINE[1] / 2 - y / cell]])
    soft = cv2.boxFilter(sheet.ink, cv2.CV_32F, (round(cell), round(cell)))
    coarse = cv2.GaussianBlur(cv2.warpAffine(soft, onto, OUTLINE), (0, 0), OUTLINE_BLUR).ravel()
    return unit(np.asarray(coarse - coarse.mean(), dtype=np.float32))


def unit(vector: Floats) -> Floats:
    """The vector at length 1, or 0 if it has none."""
    return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-6), dtype=np.float32)


def laid_over(first: Sheet, second: Sheet) -> Affine | None:
    """Affine (2, 3) from ``first`` to ``second``, from how tiles of print have moved, or ``None``."""
    return _laid_over(first.ink, second.ink)


def same_ink(one: Grey, other: Grey, seen: Grey) -> bool:
    """Whether neither of two pages in one frame has a stroke that the other lacks, where ``seen`` is 1."""
    return not (_lacks(one, other, seen) or _lacks(other, one, seen) or _filled_apart(one, other, seen))


def _filled_apart(one: Grey, other: Grey, seen: Grey) -> bool:
    """Whether a place is much darker on one of two pages: a bubble filled in has no stroke of its own."""
    side = round(FILL_MM / MM_PER_INCH * SHEET_DPI)
    dark, light = (cv2.boxFilter(page, cv2.CV_32F, (side, side)) for page in (one, other))
    apart = ((np.abs(dark - light) > FILL) & (seen > 0)).astype(np.uint8)
    return bool(cv2.erode(apart, np.ones((2, 2), np.uint8)).any())


def _straight(ink: Grey) -> Grey:
    skew = find_skew(ink, SHEET_DPI)
    height, width = ink.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), skew.deg, 1.0)
    return np.asarray(cv2.warpAffine(ink, turn, (width, height), flags=cv2.INTER_LINEAR), dtype=np.uint8)


def _lacks(has: Grey, lacks: Grey, seen: Grey) -> bool:
    """Whether ``has`` shows a stroke where ``lacks`` shows none."""
    reach = 2 * round(REACH_MM / MM_PER_INCH * SHEET_DPI) + 1
    near = cv2.dilate(lacks, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach)))
    alone = ((has >= STRONG) & (near < FAINT) & (seen > 0)).astype(np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(alone, connectivity=8)
    extent = np.hypot(stats[1:, cv2.CC_STAT_WIDTH], stats[1:, cv2.CC_STAT_HEIGHT])
    thick = np.minimum(stats[1:, cv2.CC_STAT_WIDTH], stats[1:, cv2.CC_STAT_HEIGHT]) >= 2
    long = extent >= STROKE_MM / MM_PER_INCH * SHEET_DPI
    return bool(np.any(long & thick & (stats[1:, cv2.CC_STAT_AREA] >= STROKE_PX)))


def _laid_over(first: Grey, second: Grey) -> Affine | None:
    shift = _coarse_shift(first, second)
    places, moves = [], []
    for top in range(0, first.shape[0] - TILE + 1, TILE):
        for left in range(0, first.shape[1] - TILE + 1, TILE):
            moved = _moved(
                first[top : top + TILE, left : left + TILE], second, left + shift[0], top + shift[1]
            )
            if moved is not None:
                places.append((left + TILE / 2, top + TILE / 2))
                moves.append((left + TILE / 2 + shift[0] + moved[0], top + TILE / 2 + shift[1] + moved[1]))
    if len(places) < LEAST_TILES:
        return None
    found, fitting = cv2.estimateAffine2D(
        np.array(places), np.array(moves), ransacReprojThreshold=1.5, maxIters=500
    )
    if found is None or int(fitting.sum()) < max(LEAST_TILES, 0.5 * len(places)):
        return None
    return np.asarray(found, dtype=np.float64)


def _coarse_shift(first: Grey, second: Grey) -> tuple[int, int]:
    """Whole-page shift in pixels; whole pages, since the lines of a form repeat and only its ends tell."""
    small = [
        cv2.resize(page, None, fx=1 / COARSE, fy=1 / COARSE, interpolation=cv2.INTER_AREA).astype(np.float32)
        for page in (first, second)
    ]
    reach = round(SHIFT_MM / MM_PER_INCH * SHEET_DPI / COARSE)
    high, wide = (max(page.shape[k] for page in small) for k in (0, 1))
    framed = np.zeros((high + 2 * reach, wide + 2 * reach), np.float32)
    framed[reach : reach + small[1].shape[0], reach : reach + small[1].shape[1]] = small[1]
    patch = np.zeros((high, wide), np.float32)
    patch[: small[0].shape[0], : small[0].shape[1]] = small[0]
    match = cv2.matchTemplate(framed, patch, cv2.TM_CCORR)
    near = cv2.getGaussianKernel(2 * reach + 1, USUAL_SHIFT_MM / MM_PER_INCH * SHEET_DPI / COARSE)
    _, _, _, (x, y) = cv2.minMaxLoc(match * np.asarray(near @ near.T / near.max() ** 2, np.float32))
    return (x - reach) * COARSE, (y - reach) * COARSE


def _moved(tile: Grey, second: Grey, left: int, top: int) -> tuple[float, float] | None:
    """How far a tile lies from where it should be in ``second``; ``None`` where that cannot be told."""
    if int(np.count_nonzero(tile >= STRONG)) < TILE_INK:
        return None
    height, width = second.shape
    if left < SEARCH or top < SEARCH or left + TILE + SEARCH > width or top + TILE + SEARCH > height:
        return None
    window = second[top - SEARCH : top + TILE + SEARCH, left - SEARCH : left + TILE + SEARCH]
    match = cv2.matchTemplate(window, tile, cv2.TM_CCORR_NORMED)
    _, high, _, (x, y) = cv2.minMaxLoc(match)
    if high < TILE_MATCH or not (0 < x < 2 * SEARCH and 0 < y < 2 * SEARCH):
        return None
    return x - SEARCH + _vertex(match[y, x - 1 : x + 2]), y - SEARCH + _vertex(match[y - 1 : y + 2, x])


def _vertex(three: npt.NDArray[np.generic]) -> float:
    low, mid, high = (float(v) for v in three)
    bend = low - 2 * mid + high
    return 0.0 if bend >= 0 else 0.5 * (low - high) / bend
