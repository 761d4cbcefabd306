"""Levels a slightly skewed picture of a blank form and makes it black on white."""

from __future__ import annotations

import math
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from formscan.model.page import Grey, Matrix

_MOST_DEG: Final = 6.0
_FINE_DEG: Final = 0.02
_INK: Final = 0.36
_LEAST_DEPTH: Final = 24.0
_SURE: Final = 1.01
"""Rows of ink have to get sharper by this, or the page is left as it is."""
_SAMPLES: Final = 40_000


def straightened(grey: Grey, dpi: float) -> tuple[Grey, Matrix, float]:
    """The picture with its printed lines level.

    Args:
        grey: uint8 (height, width), the right way up, skewed by 6 degrees at most.
        dpi: Of it.

    Returns:
        The straight picture of the same shape, the 3x3 matrix from its pixels back to those of ``grey``,
        and the skew taken out in degrees, positive = content turned clockwise.
    """
    skew = skew_of(ink_of(grey, dpi))
    height, width = grey.shape
    if abs(skew) < _FINE_DEG:
        return grey, np.eye(3), 0.0
    turn = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), skew, 1.0)
    straight = cv2.warpAffine(
        grey,
        turn,
        (width, height),
        flags=cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=(255.0,),
    )
    back = np.eye(3)
    back[:2] = cv2.invertAffineTransform(turn)
    return np.asarray(straight, dtype=np.uint8), back, skew


def ink_of(grey: Grey, dpi: float, share: float = _INK) -> npt.NDArray[np.uint8]:
    """Ink as 255 on 0, against the brightness of the paper around it.

    Args:
        grey: uint8 (height, width).
        dpi: Of it.
        share: Of the way from the paper nearby to the darkest print; small values keep hairlines that a
            scanner made grey.
    """
    side = max(3, round(dpi / 72 * 10)) | 1
    small = cv2.resize(grey, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    paper = cv2.medianBlur(cv2.dilate(small, np.ones((side // 4 | 1,) * 2, np.uint8)), 5)
    paper = cv2.resize(paper, (grey.shape[1], grey.shape[0]), interpolation=cv2.INTER_LINEAR)
    depth = cv2.subtract(paper, grey)
    rows, cols = grey.shape[0] // 12, grey.shape[1] // 12
    dark = float(np.percentile(depth[rows:-rows, cols:-cols], 99.5))  # without the scanner's lid
    return np.where(depth > max(_LEAST_DEPTH, share * dark), 255, 0).astype(np.uint8)


def skew_of(ink: npt.NDArray[np.uint8]) -> float:
    """Degrees by which the lines of print are turned clockwise: where rows of ink are sharpest.

    Postl's projection profiles (1986), coarse to fine, on a sample of the ink.
    """
    y, x = np.nonzero(ink[::2, ::2])
    if len(x) < 200:
        return 0.0
    every = max(1, len(x) // _SAMPLES)
    xs, ys = x[::every].astype(np.float64) * 2, y[::every].astype(np.float64) * 2
    best = 0.0
    for span, step in ((_MOST_DEG, 0.5), (0.5, 0.1), (0.1, _FINE_DEG)):
        angles = np.arange(best - span, best + span + step / 2, step)
        best = float(angles[int(np.argmax([_sharpness(xs, ys, a) for a in angles]))])
    return best if _sharpness(xs, ys, best) > _SURE * _sharpness(xs, ys, 0.0) else 0.0


def _sharpness(x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], degrees: float) -> float:
    angle = math.radians(degrees)
    rows = (y * math.cos(angle) - x * math.sin(angle)) / 2
    counts = np.bincount((rows - rows.min()).astype(np.int64)).astype(np.float64)
    return float(np.square(counts).sum())
