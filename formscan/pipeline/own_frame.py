"""A page that fits no template, in a frame of its own."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from formscan.model.page import FRAME_DPI, AlignedPage, CleanPage, Grey
from formscan.model.template import FormTemplate
from formscan.pipeline.clean import as_grey, evened

GRID: Final = 64
"""Pixels of the frame between nodes."""


def framed(cleaned: CleanPage, dpi: float) -> Grey:
    """A cleaned page at another resolution, taken from its scan."""
    grey = as_grey(cleaned.page.pixels)
    if cleaned.light is not None:
        grey = evened(grey, cleaned.light)
    scale = dpi / cleaned.dpi
    height, width = (round(side * scale) for side in cleaned.grey.shape)
    onto = np.array([[1 / scale, 0, 0.5 / scale - 0.5], [0, 1 / scale, 0.5 / scale - 0.5], [0, 0, 1]])
    back = cleaned.to_source @ onto
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    out = cv2.warpPerspective(grey, back, (width, height), flags=flags, borderValue=(255.0,))
    return np.asarray(out, dtype=np.uint8)


def as_it_lies(cleaned: CleanPage, form: FormTemplate) -> AlignedPage:
    """A page in its own frame: every place lies where its template says, since it was taken from there.

    Args:
        cleaned: Upright and straight.
        form: Of this one page, in points of the cleaned page.

    Returns:
        With a white page as the blank: nothing is subtracted from what is read.
    """
    frame = framed(cleaned, FRAME_DPI)
    scale = cleaned.dpi / FRAME_DPI
    rows, columns = (side // GRID + 2 for side in frame.shape)
    y, x = np.mgrid[0:rows, 0:columns] * GRID
    grid = np.dstack([(x + 0.5) * scale - 0.5, (y + 0.5) * scale - 0.5]).astype(np.float32)
    to_clean = np.array([[scale, 0, 0.5 * scale - 0.5], [0, scale, 0.5 * scale - 0.5], [0, 0, 1]])
    checks = np.column_stack([x.ravel(), y.ravel(), np.zeros(x.size)])
    white = np.full_like(frame, 255)
    return AlignedPage(
        cleaned, form, 1, frame, white, FRAME_DPI, to_clean, grid, GRID, 0.0, 0.0, checks.astype(np.float32)
    )
