"""A page made readable: upright, straight, evenly lit; blank ones are told."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np

from formscan.model.page import CleanPage, Grey, Light, Matrix, Page, Pixels
from formscan.pipeline.blankness import is_blank
from formscan.pipeline.lighting import find_light
from formscan.pipeline.placement import rescaled, rescaling
from formscan.pipeline.skew import find_skew
from formscan.pipeline.upright import find_turn

WHITE: Final = 255
QUARTERS: Final = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}


@dataclass(frozen=True, slots=True)
class CleanLimits:
    """What is done to a page.

    Attributes:
        estimate_dpi: Resolution at which everything is estimated.
        work_dpi: Resolution of the cleaned page; what is read later is taken from the scan itself.
        least_skew_deg: Less is left alone: the estimate is no finer, and resampling costs sharpness.
        least_contrast: Of the skew estimate; below it the page is not turned.
        white: Share of the paper's brightness that becomes white; what is lighter is dust, the weave of
            the paper and the back of the sheet.
        uneven: Relative difference in brightness from which the note ``light.uneven`` is left.
    """

    estimate_dpi: float = 100.0
    work_dpi: float = 150.0
    least_skew_deg: float = 0.06
    least_contrast: float = 1.15
    white: float = 0.94
    uneven: float = 0.12


def clean(page: Page, limits: CleanLimits = CleanLimits()) -> CleanPage:
    """Turn a page upright and straight, and even its light.

    Args:
        page: As taken in, uint8 grey or RGB.
        limits: What is done.

    Returns:
        The page with white paper, its canvas grown so that nothing is cut off; ``to_source`` leads
        from its pixels back to the scan exactly.
    """
    grey = as_grey(page.pixels)
    factor = max(1, int(page.dpi / limits.estimate_dpi + 0.4))
    small = reduced(grey, factor)
    dpi = page.dpi / factor
    light = replace(find_light(small, dpi), white=limits.white)
    even = evened(small, light)
    ink = _ink(even)
    blank = is_blank(even, dpi)
    skew = find_skew(ink, dpi)
    believed = not blank and skew.contrast >= limits.least_contrast and abs(skew.deg) >= limits.least_skew_deg
    skew_deg = skew.deg if believed else 0.0
    turned = 0 if blank else find_turn(ink, dpi, skew_deg)
    scale = min(1.0, limits.work_dpi / page.dpi)
    straight, back = straightened(evened(rescaled(grey, scale), light), turned, skew_deg)
    to_source = np.asarray(rescaling(1 / scale) @ back, dtype=np.float64)
    notes = _notes(light, limits)
    return CleanPage(page, straight, page.dpi * scale, turned, skew_deg, to_source, blank, notes, light)


def looks_blank(page: Page, limits: CleanLimits = CleanLimits()) -> bool:
    """Whether ``clean`` would call a page blank; without doing the rest."""
    factor = max(1, int(page.dpi / limits.estimate_dpi + 0.4))
    small, dpi = reduced(as_grey(page.pixels), factor), page.dpi / factor
    return is_blank(evened(small, replace(find_light(small, dpi), white=limits.white)), dpi)


def as_grey(pixels: Pixels) -> Grey:
    """Luma of RGB; grey as it is."""
    if pixels.ndim == 2:
        return pixels
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), dtype=np.uint8)


def straightened(grey: Grey, turned: int, skew_deg: float) -> tuple[Grey, Matrix]:
    """Turn by quarter turns clockwise, then take out a skew that is positive clockwise.

    Returns:
        The page on a canvas that holds all of it, and the matrix from its pixels to those of ``grey``.
        Pixel centres lie at whole numbers, as in OpenCV.
    """
    height, width = grey.shape
    if skew_deg == 0:
        out = grey if turned == 0 else cv2.rotate(grey, QUARTERS[turned])
        back = _back(width, height, out.shape[1], out.shape[0], float(turned))
        return np.asarray(out, dtype=np.uint8), back
    deg = turned - skew_deg
    c, s = abs(math.cos(math.radians(deg))), abs(math.sin(math.radians(deg)))
    wide, high = math.ceil(width * c + height * s), math.ceil(width * s + height * c)
    back = _back(width, height, wide, high, deg)
    out = cv2.warpAffine(
        grey,
        back[:2],
        (wide, high),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=WHITE,
    )
    return np.asarray(out, dtype=np.uint8), back


def _back(width: int, height: int, wide: int, high: int, deg: float) -> Matrix:
    """From a canvas of ``wide`` x ``high``, on which a page lies turned clockwise by ``deg``, to it."""
    c, s = math.cos(math.radians(deg)), math.sin(math.radians(deg))
    if deg % 90 == 0:
        c, s = float(round(c)), float(round(s))
    x0, y0, x1, y1 = (wide - 1) / 2, (high - 1) / 2, (width - 1) / 2, (height - 1) / 2
    # Page point = R(-deg) (canvas point - its centre) + centre; y points down, so clockwise is positive.
    return np.array([[c, s, x1 - c * x0 - s * y0], [-s, c, y1 + s * x0 - c * y0], [0.0, 0.0, 1.0]])


def reduced(grey: Grey, factor: int) -> Grey:
    """A page at a whole part of its resolution; a rim of less than ``factor`` pixels is lost."""
    if factor == 1:
        return grey
    height, width = grey.shape
    size = max(1, width // factor), max(1, height // factor)
    cut = grey[: size[1] * factor, : size[0] * factor]
    return np.asarray(cv2.resize(cut, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def evened(grey: Grey, light: Light) -> Grey:
    """A picture of the whole page, any size, over the paper's brightness; foreign areas white."""
    size = grey.shape[1], grey.shape[0]
    same = light.paper.shape == grey.shape
    paper = light.paper if same else cv2.resize(light.paper, size, interpolation=cv2.INTER_LINEAR)
    lit = cv2.divide(grey, paper, scale=WHITE / light.white)
    if light.foreign.any():
        foreign = light.foreign if same else cv2.resize(light.foreign, size, interpolation=cv2.INTER_NEAREST)
        lit = cv2.bitwise_or(lit, cv2.threshold(foreign, 0, WHITE, cv2.THRESH_BINARY)[1])
    return np.asarray(lit, dtype=np.uint8)


def _ink(even: Grey) -> Grey:
    ink = WHITE - even
    return np.where(ink > 60, ink, 0).astype(np.uint8)


def _notes(light: Light, limits: CleanLimits) -> tuple[str, ...]:
    notes = []
    if light.uneven > limits.uneven:
        notes.append("light.uneven")
    if light.foreign.any():
        notes.append("edge.foreign")
    return tuple(notes)
