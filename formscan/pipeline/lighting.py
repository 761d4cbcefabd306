"""The paper under the ink: its brightness everywhere, and what on the scan is not paper at all."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from formscan.model.geometry import MM_PER_INCH
from formscan.model.page import Grey, Light

PAPER_GRID_MM: Final = 2.0
"""Spacing at which the brightness of the paper is followed."""
INK_REACH_MM: Final = 9.0
"""Widest dark thing the paper's brightness is carried across: heavy headings, stamps, barcodes."""
RIM_DARKNESS: Final = 0.42
"""Relative to the paper: darker than this along the edge of a scan is the scanner's lid."""
RIM_MM: Final = 2.5
"""Narrower dark things at the edge are print."""
HOLE_MM: Final = (4.6, 8.5)
"""Diameters of punched holes: ISO 838 has 6, American binders up to 7.1."""
HOLE_MARGIN_MM: Final = 22.0
"""Distance of a hole's centre from the edge; ISO 838 has 12."""
ROUND: Final = (0.68, 0.88)
"""Share of its box a disc fills (0.785), with scan noise."""


def find_light(small: Grey, dpi: float) -> Light:
    """Brightness of the paper, rims and holes.

    Args:
        small: uint8 page at about 100 dpi.
        dpi: Of ``small``.
    """
    step = max(1, round(PAPER_GRID_MM / MM_PER_INCH * dpi))
    coarse = _resized(_brightest(small, 3), small.shape[1] // step, small.shape[0] // step, cv2.INTER_AREA)
    usual = float(np.percentile(coarse, 80))
    lid = _lid(coarse, usual, dpi / step)
    lit = np.where(lid > 0, np.uint8(usual), coarse).astype(np.uint8)
    reach = max(3, round(INK_REACH_MM / PAPER_GRID_MM) | 1)
    paper = cv2.morphologyEx(
        lit, cv2.MORPH_CLOSE, np.ones((reach, reach), np.uint8), borderType=cv2.BORDER_REPLICATE
    )
    paper = cv2.GaussianBlur(cv2.medianBlur(paper.astype(np.uint8), 3), (0, 0), 1.5)
    low, high = np.percentile(paper, (5, 95))
    full = _resized(np.asarray(paper, np.uint8), small.shape[1], small.shape[0], cv2.INTER_LINEAR)
    full = np.asarray(np.maximum(full, np.uint8(max(30.0, usual * 0.3))), dtype=np.uint8)
    foreign = _resized(lid, small.shape[1], small.shape[0], cv2.INTER_NEAREST)
    foreign = np.asarray(
        np.maximum(_grown_lid(foreign, small, full, step), _holes(small, full, dpi)), dtype=np.uint8
    )
    return Light(full, foreign, float((high - low) / max(high, 1.0)))


def _resized(grey: Grey, width: int, height: int, how: int) -> Grey:
    size = max(1, width), max(1, height)
    return np.asarray(cv2.resize(grey, size, interpolation=how), dtype=np.uint8)


def _brightest(small: Grey, side: int) -> Grey:
    """Paper shows between thin strokes: the brightest of the neighbourhood, without single sparks."""
    calm = cv2.medianBlur(small, 3)
    return np.asarray(cv2.dilate(calm, np.ones((side, side), np.uint8)), dtype=np.uint8)


def _lid(coarse: Grey, usual: float, dpi: float) -> Grey:
    """255 where a wide dark area touches the edge of the scan."""
    dark = (coarse < usual * RIM_DARKNESS).astype(np.uint8)
    if not dark.any():
        return np.zeros_like(coarse)
    wide = max(1, round(RIM_MM / MM_PER_INCH * dpi))
    framed = cv2.copyMakeBorder(dark, wide, wide, wide, wide, cv2.BORDER_CONSTANT, value=1)
    opened = cv2.morphologyEx(framed, cv2.MORPH_OPEN, np.ones((wide + 1, wide + 1), np.uint8))
    _, labels = cv2.connectedComponents(opened.astype(np.uint8))
    outside = labels == labels[0, 0]
    return np.asarray(outside[wide:-wide, wide:-wide] * np.uint8(255), dtype=np.uint8)


def _grown_lid(lid: Grey, small: Grey, paper: Grey, step: int) -> Grey:
    """The lid with its blurred edge, which is darker than paper but lighter than the lid."""
    if not lid.any():
        return lid
    near = cv2.dilate(lid, np.ones((2 * step + 1, 2 * step + 1), np.uint8))
    shade = (small < paper * np.float32(0.8)).astype(np.uint8) * np.uint8(255)
    wide = cv2.morphologyEx(shade, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    grown = np.maximum(lid, np.minimum(near, cv2.dilate(wide, np.ones((3, 3), np.uint8))))
    return np.asarray(grown, dtype=np.uint8)


def _holes(small: Grey, paper: Grey, dpi: float) -> Grey:
    """255 on round dark discs of the size of punched holes near the edge."""
    mm = dpi / MM_PER_INCH
    dark = (small < paper * np.float32(0.75)).astype(np.uint8)
    found = np.zeros_like(small)
    core = round(HOLE_MM[0] * 0.6 * mm)
    if core < 2:
        return found
    cores = cv2.erode(dark, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (core, core)))
    if not cores.any():
        return found
    _, labels, stats, centres = cv2.connectedComponentsWithStats(dark, connectivity=4)
    height, width = small.shape
    for label in np.unique(labels[cores > 0]):
        left, top, wide, high, area = (int(v) for v in stats[label])
        x, y = centres[label]
        edge = min(x, y, width - x, height - y)
        sized = all(HOLE_MM[0] * mm <= side <= HOLE_MM[1] * mm for side in (wide, high))
        if label and sized and edge < HOLE_MARGIN_MM * mm and ROUND[0] < area / (wide * high) < ROUND[1]:
            cv2.rectangle(found, (left - 2, top - 2), (left + wide + 1, top + high + 1), 255, -1)
    return found
