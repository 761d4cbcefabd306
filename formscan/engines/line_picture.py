"""A line of writing as the line reader sees it: ink bright on black, brought to one height."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from formscan.engines.ink import px
from formscan.model.page import Grey

HEIGHT: Final = 40
"""Rows of the network's input."""
STEP: Final = 4
"""Columns of a picture that one step of the network's output stands for."""
_BODY: Final = 34
"""Rows the ink fills."""
_LEAST_MM: Final = 3.2
"""Ink lower than this is not blown up to full height: a dash stays a dash."""
_WIDEST: Final = 1600
_SIDE: Final = 8
_SEEN: Final = 60
_RIM: Final = 0.004
"""Share of the ink that may lie above or below the rows taken for the line, as crumbs do."""
_CORE: Final = 0.7
"""Share of the ink that lies in the dense middle of a line: about the height of small letters."""
_ABOVE: Final = 1.2
_BELOW: Final = 0.9
"""Room above and below the middle, in units of its height."""


def picture_of(image: Grey, dpi: float, *, clean: bool = False) -> Grey:
    """Bring a line to the network's height.

    Args:
        image: uint8 grey (height, width), dark writing on light paper, one line.
        dpi: Of the image; 0 where it is not known.
        clean: The writing is alone on white already (lifted); else shade and long rules are taken off.

    Returns:
        uint8 (HEIGHT, width), 0 paper to 255 ink, width 16 to 1600; black where there is no ink.
    """
    depth = np.asarray(cv2.bitwise_not(image), dtype=np.uint8) if clean else _depth(image)
    rows, cols = _rows(depth), np.flatnonzero((depth > _SEEN).any(axis=0))
    if rows is None or not cols.size:
        return np.zeros((HEIGHT, 2 * _SIDE), np.uint8)
    top, bottom = rows
    body = depth[:, cols[0] : cols[-1] + 1]
    tall = max(bottom - top, px(_LEAST_MM, dpi) if dpi else 0)
    scale = _BODY / tall
    width = min(_WIDEST - 2 * _SIDE, max(2, round(body.shape[1] * scale)))
    middle = (top + bottom) / 2
    out = np.zeros((HEIGHT, width + 2 * _SIDE), np.uint8)
    across = width / body.shape[1]
    move = np.array([[across, 0.0, 0.5 * (across - 1)], [0.0, scale, HEIGHT / 2 - scale * middle]])
    if scale < 0.8:
        sigma = 0.35 / scale
        body = np.asarray(cv2.GaussianBlur(body, (0, 0), sigma), dtype=np.uint8)
    out[:, _SIDE : _SIDE + width] = cv2.warpAffine(body, move, (width, HEIGHT), flags=cv2.INTER_LINEAR)
    return out


def _rows(depth: Grey) -> tuple[int, int] | None:
    """First and one past the last row of the line: its dense middle and the room accents and tails want.

    Crumbs at the rims and the tails of neighbours do not make the line higher.
    """
    ink = np.concatenate([[0], np.cumsum((depth > _SEEN).sum(axis=1, dtype=np.int64))])
    if not ink[-1]:
        return None
    ends = np.searchsorted(ink, ink + _CORE * ink[-1])
    spans = np.where(ends < len(ink), ends - np.arange(len(ink)), len(ink))
    first = int(np.argmin(spans))
    core = int(spans[first])
    top = int(np.searchsorted(ink, _RIM * ink[-1], side="right")) - 1
    bottom = int(np.searchsorted(ink, (1 - _RIM) * ink[-1]))
    top, bottom = max(top, round(first - _ABOVE * core)), min(bottom, round(first + core + _BELOW * core))
    return top, max(top + 1, bottom)


def _depth(image: Grey) -> Grey:
    """Ink off uneven paper, stretched; long rules and what touches the rim beside them taken away."""
    height, width = image.shape
    small = cv2.resize(image, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    side = max(3, (small.shape[0] // 2) | 1)
    shade = cv2.medianBlur(cv2.dilate(small, np.ones((5, 5), np.uint8)), min(side, 31))
    paper = cv2.resize(shade, (width, height), interpolation=cv2.INTER_LINEAR)
    depth = np.asarray(cv2.subtract(paper, image), dtype=np.uint8)
    depth = _without_rules(depth)
    ink = depth[depth > 24]
    deepest = max(40.0, float(np.percentile(ink, 85))) if ink.size else 255.0
    floor = 0.12 * deepest
    return np.asarray(
        cv2.convertScaleAbs(
            cv2.subtract(depth, np.full_like(depth, int(floor))), alpha=255.0 / (deepest - floor)
        ),
        dtype=np.uint8,
    )


def _without_rules(depth: Grey) -> Grey:
    """Depth without straight rules along or across the whole picture."""
    height, width = depth.shape
    dark = (depth > 40).view(np.uint8)
    along = cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones((1, max(40, width // 6)), np.uint8))
    up = cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones((max(12, int(height * 0.8)), 1), np.uint8))
    rules = cv2.dilate(cv2.bitwise_or(along, up), np.ones((3, 3), np.uint8))
    if not rules.any():
        return depth
    return np.asarray(cv2.subtract(depth, rules * np.uint8(255)), dtype=np.uint8)
