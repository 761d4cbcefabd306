"""What a crop looks like, in three numbers: how much ink, how dark, how restless the paper."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from formscan.model.page import Grey
from formscan.model.reading import Crop

Mask = npt.NDArray[np.bool_]
"""bool, (height, width)."""

INK_DEPTH: Final = 60
"""Grey levels a pixel must be darker than the blank form to count as ink."""
_WHITE: Final = 255
_NEAR: Final = np.ones((5, 5), np.uint8)
"""Print may lie this far from its place: the blank is darkened by it, so that no print counts as ink."""


def crop_measures(crop: Crop) -> tuple[tuple[str, float], ...]:
    """Measures of a crop against the blank form, all 0..1.

    Returns:
        ``ink_share``: share of pixels with ink on paper; ``ink_depth``: mean darkness of these, 0 without
        ink; ``paper_noise``: spread (half the distance between the quartiles) of the empty paper.
    """
    printed = np.asarray(cv2.erode(crop.blank, _NEAR), dtype=np.uint8)
    darker = np.asarray(cv2.subtract(printed, crop.image), dtype=np.uint8)
    ink = darker > INK_DEPTH
    paper = (printed > 200) & ~ink
    inked = int(np.count_nonzero(ink))
    depth = float(cv2.sumElems(darker * ink)[0]) / inked / 255 if inked else 0.0
    low, high = _quartiles(crop.image, paper)
    shares = {"ink_share": inked / ink.size, "ink_depth": depth, "paper_noise": float(high - low) / 510}
    return tuple((name, round(value, 5)) for name, value in shares.items())


def _quartiles(image: Grey, mask: Mask) -> tuple[float, float]:
    """The first and third quartile of the grey levels under a mask, between values by a straight line.

    Most paper is white once its light is evened: then the values need not be counted by level.
    """
    count = int(np.count_nonzero(mask))
    if not count:
        return 0.0, 0.0
    white = int(np.count_nonzero((image == _WHITE) & mask))
    if int(0.25 * (count - 1)) >= count - white:
        return float(_WHITE), float(_WHITE)
    counts = cv2.calcHist([image], [0], mask.view(np.uint8), [256], [0, 256])
    below = np.cumsum(np.ravel(counts).astype(np.int64))
    first, third = (_at(below, share * float(count - 1)) for share in (0.25, 0.75))
    return first, third


def _at(below: npt.NDArray[np.int64], place: float) -> float:
    """The value at a fractional place, from 0, of sorted values that are counted by level."""
    whole = int(place)
    low, high = (
        int(np.searchsorted(below, k, side="right")) for k in (whole, min(whole + 1, int(below[-1]) - 1))
    )
    return low + (place - whole) * (high - low)
