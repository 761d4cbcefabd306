"""The blank laid under a crop: moved to where its print lies on the scan, and taken off."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from formscan.engines.pixels import Mask, moved
from formscan.model.page import Grey

PRINT_LEVEL: Final = 200
"""Grey level of the blank below which a pixel counts as printed."""
_EXACT_MM: Final = 0.08
"""Up to this residual (a pixel at 300 dpi) print is expected exactly where the blank has it."""
_BIG_CROP: Final = 20_000
"""Pixels above which a glance tells whether the blank has to be fitted at all."""
_GLANCE: Final = 3
_GLANCE_BETTER: Final = 1.05
_BETTER: Final = 1.08


def fitted_print(depth: Grey, blank: Grey, reach: int, *, closely: bool = False) -> Grey:
    """Depth of the blank's print, moved to where it lies best under the crop's dark pixels.

    Args:
        depth: uint8 (height, width), grey levels of the crop below its paper.
        blank: uint8 of the same shape.
        reach: Pixels it is moved at most.
        closely: Moves of a pixel are looked for in big crops, too: borders one off cut into characters.
    """
    wanted = np.asarray(cv2.bitwise_not(blank), dtype=np.uint8)
    printed = wanted > 255 - PRINT_LEVEL
    if not printed.any():
        return wanted
    dx, dy = _offset(depth, printed, reach, closely)
    return moved(wanted, dx, dy) if dx or dy else wanted


def _offset(depth: Grey, printed: Mask, reach: int, closely: bool) -> tuple[int, int]:
    """Whole-pixel move (dx, dy) of the print that covers most darkness; (0, 0) unless clearly better.

    A big crop is looked at in every third pixel first; hardly any goes on from there.
    """
    if depth.size > _BIG_CROP and not closely:
        part = slice(None, None, _GLANCE), slice(None, None, _GLANCE)
        if _best_move(depth[part], printed[part], -(-reach // _GLANCE), _GLANCE_BETTER) == (0, 0):
            return 0, 0
    return _best_move(depth, printed, reach, _BETTER)


def _best_move(depth: Grey, printed: Mask, reach: int, better: float) -> tuple[int, int]:
    """The move within ``reach`` whose covered darkness is more than ``better`` times that without a move."""
    if min(depth.shape) <= 2 * reach + 2:
        return 0, 0
    inner = printed[reach:-reach, reach:-reach].astype(np.float32)
    if not inner.any():
        return 0, 0
    seen = np.minimum(depth, 128).astype(np.float32)
    score = cv2.matchTemplate(seen, inner, cv2.TM_CCORR)
    _, best, _, (col, row) = cv2.minMaxLoc(score)
    return (col - reach, row - reach) if best > better * float(score[reach, reach]) else (0, 0)


def less_print(depth: Grey, wanted: Grey, residual_mm: float, gain: float) -> Grey:
    """Depth with the expected print and its blurred rim taken off."""
    spread = wanted if residual_mm < _EXACT_MM else cv2.dilate(wanted, np.ones((3, 3), np.uint8))
    rim = cv2.GaussianBlur(spread, (0, 0), 0.9)
    return np.asarray(cv2.subtract(depth, cv2.convertScaleAbs(rim, alpha=gain)), dtype=np.uint8)
