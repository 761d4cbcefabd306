"""What a crop looks like, in three numbers: how much ink, how dark, how restless the paper."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from formscan.model.reading import Crop

INK_DEPTH: Final = 60
"""Grey levels a pixel must be darker than the blank form to count as ink."""
_NEAR: Final = np.ones((5, 5), np.uint8)
"""Print may lie this far from its place: the blank is darkened by it, so that no print counts as ink."""


def crop_measures(crop: Crop) -> tuple[tuple[str, float], ...]:
    """Measures of a crop against the blank form, all 0..1.

    Returns:
        ``ink_share``: share of pixels with ink on paper; ``ink_depth``: mean darkness of these, 0 without
        ink; ``paper_noise``: spread (half the distance between the quartiles) of the empty paper.
    """
    printed = np.asarray(cv2.erode(crop.blank, _NEAR), dtype=np.int16)
    seen = crop.image.astype(np.int16)
    ink = printed - seen > INK_DEPTH
    paper = seen[(printed > 200) & ~ink]
    depth = float((printed - seen)[ink].mean()) / 255 if ink.any() else 0.0
    low, high = np.percentile(paper, [25, 75]) if paper.size else (0.0, 0.0)
    shares = {"ink_share": float(ink.mean()), "ink_depth": depth, "paper_noise": float(high - low) / 510}
    return tuple((name, round(value, 5)) for name, value in shares.items())
