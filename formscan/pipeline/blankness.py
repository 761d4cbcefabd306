"""Whether a page carries any writing or print, or only dust and the back of the sheet."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from formscan.model.geometry import MM_PER_INCH
from formscan.model.page import Grey

EDGE_MM: Final = 5.0
"""Along the edges lie shadows of the paper and of the feeder."""
FINE_SIGMA_MM: Final = 0.15
WIDE_SIGMA_MM: Final = 0.9
"""Strokes lie between these; what shows through the sheet is wider and flatter."""
STROKE: Final = 16.0
"""Contrast in grey levels, after evening the light, of the faintest stroke that counts."""
STROKE_MM: Final = 1.6
"""Shorter things are dust."""
WRITING_MM: Final = 9.0
"""Total length of strokes below which there is no writing."""
STRIPS: Final = 8
"""A page is looked at strip by strip: one with enough writing in it settles the matter."""


def is_blank(even: Grey, dpi: float) -> bool:
    """Whether nothing was written or printed on a page.

    Args:
        even: uint8, evenly lit, paper near 255, foreign areas white.
        dpi: Of ``even``; about 100.
    """
    edge = round(EDGE_MM / MM_PER_INCH * dpi)
    inner = even[edge:-edge, edge:-edge]
    if not inner.size:
        return True
    strips = np.array_split(inner, STRIPS)
    found = 0.0
    for at in (STRIPS // 2, *range(STRIPS)):
        found = max(found, _strokes_mm(strips[at], dpi))
        if found >= WRITING_MM:
            return False
    return _strokes_mm(inner, dpi) < WRITING_MM


def _strokes_mm(part: Grey, dpi: float) -> float:
    """Length in mm of everything in a part of a page that looks like strokes."""
    if not part.size:
        return 0.0
    mm = dpi / MM_PER_INCH
    tones = part.astype(np.float32)
    fine = cv2.GaussianBlur(tones, (0, 0), max(0.4, FINE_SIGMA_MM * mm))
    wide = cv2.GaussianBlur(tones, (0, 0), WIDE_SIGMA_MM * mm)
    strokes = ((wide - fine) > STROKE).astype(np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(strokes, connectivity=8)
    extent = np.hypot(stats[1:, cv2.CC_STAT_WIDTH], stats[1:, cv2.CC_STAT_HEIGHT])
    return float(extent[extent >= STROKE_MM * mm].sum() / mm)
