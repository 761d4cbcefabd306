"""Small steps on grey pictures and masks that the measure of ink is made of."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from formscan.model.page import Grey

Mask = npt.NDArray[np.bool_]
"""bool, (height, width)."""


def depth_of(image: Grey, paper: int) -> Grey:
    """Grey levels below the paper, 0 where lighter."""
    return np.asarray(cv2.subtract(np.full_like(image, paper), image), dtype=np.uint8)


def paper_of(image: Grey) -> int:
    """Grey level of the paper: the 80th percentile, but never darker than middle grey."""
    levels = np.cumsum(np.ravel(cv2.calcHist([image], [0], None, [256], [0, 256])))
    return max(128, int(np.searchsorted(levels, 0.8 * levels[-1])))


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
    return np.asarray(cv2.dilate(mask.view(np.uint8), kernel)).astype(np.bool_)
