"""Small steps on grey pictures and masks that the measure of ink is made of."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from formscan.model.page import Grey

Mask = npt.NDArray[np.bool_]
"""bool, (height, width)."""


Labels = npt.NDArray[np.int32]
"""int32, (height, width): the number of the piece each pixel is of, 0 for none."""

_SMALL: Final = 10_000
"""Pixels above which the level of the paper is told by every third pixel of every third row."""

_STRIP: Final = 64
"""Rows looked up at a time."""


def depth_of(image: Grey, paper: int) -> Grey:
    """Grey levels below the paper, 0 where lighter."""
    return np.asarray(cv2.subtract(np.full_like(image, paper), image), dtype=np.uint8)


def paper_of(image: Grey) -> int:
    """Grey level of the paper: the 80th percentile, but never darker than middle grey."""
    part = image[::3, ::3] if image.size > _SMALL else image
    levels = np.cumsum(np.bincount(part.ravel(), minlength=256))
    return max(128, int(np.searchsorted(levels, 0.8 * levels[-1])))


def level_of(values: npt.NDArray[np.uint8], share: float) -> float:
    """Grey level below which a share 0..1 of the values lies, between two levels where it falls there."""
    levels = np.cumsum(np.bincount(values, minlength=256))
    place = share * (len(values) - 1)
    low, high = (int(np.searchsorted(levels, at, side="right")) for at in (int(place), -int(-place // 1)))
    return low + (high - low) * (place - int(place))


def upper(values: npt.NDArray[np.float32], share: float) -> float:
    """The value below which a share 0..1 of the values lies, between two of them where it falls there."""
    place = share * (len(values) - 1)
    low = int(place)
    high = min(low + 1, len(values) - 1)
    ordered = np.partition(values, (low, high))
    return float(ordered[low]) + (float(ordered[high]) - float(ordered[low])) * (place - low)


def pieces(mask: Mask, into: Labels | None = None) -> tuple[int, Labels, npt.NDArray[np.int32]]:
    """Connected pieces of a mask, corners count as touching.

    Only the box around the mask is gone through, as telling the pieces' sizes costs most on empty paper.

    Args:
        mask: Of the pieces.
        into: All 0, of the mask's shape: where the labels are put; a new array by default.

    Returns:
        How many numbers there are, 0 for what is no piece included; the labels; a row a number with left,
        top, width, height and area (the row of 0 tells of the box around the mask only).
    """
    left, top, width, height = cv2.boundingRect(mask.view(np.uint8))
    part = slice(top, top + height), slice(left, left + width)
    whole = np.zeros(mask.shape, np.int32) if into is None else into
    if not width:
        return 1, whole, np.zeros((1, 5), np.int32)
    count, labels, stats, _ = cv2.connectedComponentsWithStatsWithAlgorithm(
        np.ascontiguousarray(mask[part]).view(np.uint8), 8, cv2.CV_32S, cv2.CCL_BBDT
    )
    whole[part] = labels
    stats[:, 0] += left
    stats[:, 1] += top
    return count, whole, np.asarray(stats, dtype=np.int32)


def looked_up(labels: Labels, chosen: Mask) -> Mask:
    """Which pixels are of a chosen piece (``chosen`` by number); up to 256 pieces are looked up fast."""
    if len(chosen) > 256:
        found = np.empty(labels.shape, np.bool_)
        for top in range(0, len(labels), _STRIP):  # numpy makes numbers it looks up by twice as wide
            found[top : top + _STRIP] = chosen[labels[top : top + _STRIP]]
        return found
    table = np.zeros(256, np.uint8)
    table[: len(chosen)] = chosen
    return np.asarray(cv2.LUT(labels.astype(np.uint8), table)).view(np.bool_)


def moved(image: Grey, dx: int, dy: int) -> Grey:
    """The picture moved by whole pixels, 0 where nothing comes from."""
    out = np.zeros_like(image)
    height, width = image.shape
    out[max(dy, 0) : height + min(dy, 0), max(dx, 0) : width + min(dx, 0)] = image[
        max(-dy, 0) : height + min(-dy, 0), max(-dx, 0) : width + min(-dx, 0)
    ]
    return out


def grown(mask: Mask, radius: int) -> Mask:
    """The mask with all pixels within a radius of it."""
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    return np.asarray(cv2.dilate(mask.view(np.uint8), kernel)).view(np.bool_)
