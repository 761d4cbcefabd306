"""Whether a line of ink is machine print, from cheap features of its strokes; no recognition involved."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from formscan.model.page import Grey

Features = npt.NDArray[np.float64]

NAMES: Final = ("baseline", "tops", "upright", "bias")
_WEIGHTS: Final = (10.6, 5.6, 21.5, -15.8)
"""Half of a fit on 400 lines in print fonts and 400 warped ones in handwriting-like fonts, half of one on 601
printed and 246 written lines of composed pages: 598 of the printed, 18 of 121 real written pass 0.15.
"""

_EDGE: Final = 150
"""Slope of the grey levels (Sobel) from which a pixel is of an edge."""


def line_features(body: Grey, mask: npt.NDArray[np.bool_]) -> Features:
    """Features of a line (see ``NAMES``), float64.

    Args:
        body: uint8 grey of the line's ink on white, cut to it.
        mask: bool of the same shape: its ink.

    Returns:
        Shares of letters that stand on one line, of letters that end at one height, and of edges that
        are upright.
    """
    count, _, stats, _ = cv2.connectedComponentsWithStats(mask.view(np.uint8), connectivity=8)
    boxes = stats[1:count][stats[1:count, 4] >= 12]
    if not len(boxes):
        return np.array([0.0, 0.0, 0.0, 1.0])
    tall = float(np.percentile(boxes[:, 3], 85))
    letters = boxes[boxes[:, 3] > 0.4 * tall]
    tops, bottoms = letters[:, 1].astype(np.float64), (letters[:, 1] + letters[:, 3]).astype(np.float64)
    lefts = letters[:, 0].astype(np.float64)
    return np.array([_together(bottoms, lefts, tall), _together(tops, lefts, tall), _upright(body), 1.0])


def print_likelihood(body: Grey, mask: npt.NDArray[np.bool_]) -> float:
    """Likelihood 0..1 that a line is machine print: a logistic regression on ``line_features``."""
    score = float(np.dot(_WEIGHTS, line_features(body, mask)))
    return float(1 / (1 + np.exp(-np.clip(score, -30, 30))))


def _together(levels: npt.NDArray[np.float64], lefts: npt.NDArray[np.float64], tall: float) -> float:
    """Largest share of levels within 5 % of the height of a line through one of them, small tilt allowed."""
    best = 0.0
    for tilt in (-0.01, -0.005, 0.0, 0.005, 0.01):
        straight = levels - tilt * lefts
        away = np.abs(straight[:, None] - straight[None, :])
        best = max(best, float((away <= max(1.0, 0.05 * tall)).mean(axis=0).max()))
    return best


def _upright(body: Grey) -> float:
    """Share of edge strength that runs upright within 4 degrees."""
    soft = cv2.GaussianBlur(body, (0, 0), 0.8)
    along, down = cv2.Sobel(soft, cv2.CV_16S, 1, 0), cv2.Sobel(soft, cv2.CV_16S, 0, 1)
    steep = cv2.max(cv2.convertScaleAbs(along), cv2.convertScaleAbs(down)) > _EDGE / 2**0.5
    places = np.flatnonzero(steep)
    gx, gy = (np.abs(slope.ravel()[places].astype(np.float32)) for slope in (along, down))
    strength = np.ravel(cv2.magnitude(gx, gy))
    edge = strength > _EDGE
    total = float(strength[edge].sum()) or 1.0
    return float(strength[edge & (gy < np.float32(0.07) * gx)].sum()) / total
