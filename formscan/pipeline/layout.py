"""Which known pages are printed where a scan is dark, at first sight: whole pages laid over each other.

A cleaned scan lies upright and straight at a known scale, so only a shift is left to be found: first with
the print in cells of a few millimetres, for all pages in one matrix product, then with the pages most like
it by cross correlation at 1 mm. It proposes only; a scan that lies upside down, or is stretched or cut, is
left to features (``features``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt
from scipy import fft

from formscan.model.geometry import MM_PER_INCH
from formscan.model.page import Grey

LAYOUT_DPI: Final = 25.0
SIDES: Final = (256, 320)
"""Columns and rows of a layout: A4 with room for shifts; the rest of larger sheets is not looked at."""
LOCAL_MM: Final = 12.0
"""Light and shade wider than this are no print."""
CELL: Final = 5
CELL_SHIFTS: Final = 3
SHIFT_MM: Final = 20.0
CLOSE: Final = 3
"""Pages that are compared at full resolution."""

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Sight:
    """A guess: a page, how alike it is (-1..1), and how far from its middle the print lies, in mm."""

    page: int
    alike: float
    shift_mm: tuple[float, float]


class LayoutIndex:
    """The layouts of all known pages.

    Args:
        pages: uint8 grey blank pages.
        dpi: Of them.
    """

    def __init__(self, pages: Sequence[Grey], dpi: float) -> None:
        layouts = [layout_of(page, dpi) for page in pages]
        self._layouts = [layout.astype(np.float16) for layout in layouts]
        cells = [_unit(_cells(layout)) for layout in layouts]
        self._cells = np.stack([cell.ravel() for cell in cells], axis=1)

    def closest(self, grey: Grey, dpi: float) -> Sight | None:
        """The page most like a cleaned scan; ``None`` for a scan with nothing on it."""
        seen = layout_of(grey, dpi)
        size = float(np.linalg.norm(seen))
        if size == 0:
            return None
        shifted = np.stack([part.ravel() for part in _shifts(_unit(_cells(seen)))])
        rough = (shifted @ self._cells).max(axis=0)
        waves = np.conj(fft.rfft2(seen))
        found = [self._sight(int(page), waves, size) for page in np.argsort(-rough)[:CLOSE]]
        return max(found, key=lambda sight: sight.alike)

    def _sight(self, page: int, waves: npt.NDArray[np.complex64], size: float) -> Sight:
        known = self._layouts[page].astype(np.float32)
        surface = fft.irfft2(np.conj(fft.rfft2(known) * waves), s=known.shape)
        reach = round(SHIFT_MM / MM_PER_INCH * LAYOUT_DPI)
        near = np.roll(surface, (reach, reach), axis=(0, 1))[: 2 * reach + 1, : 2 * reach + 1]
        row, column = np.unravel_index(int(np.argmax(near)), near.shape)
        alike = float(near[row, column]) / max(float(np.linalg.norm(known)) * size, 1e-6)
        unit = MM_PER_INCH / LAYOUT_DPI
        return Sight(page, alike, ((int(column) - reach) * unit, (int(row) - reach) * unit))


def layout_of(grey: Grey, dpi: float) -> Floats:
    """Print of a page around its middle, without light and shade: float32 of ``SIDES``."""
    scale = LAYOUT_DPI / dpi
    small = 255 - cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA).astype(np.float32)
    reach = round(LOCAL_MM / MM_PER_INCH * LAYOUT_DPI)
    print_ = small - cv2.blur(small, (reach, reach))
    middle = [SIDES[0] / 2 - grey.shape[1] * scale / 2, SIDES[1] / 2 - grey.shape[0] * scale / 2]
    onto = np.column_stack([np.eye(2), middle])
    return np.asarray(cv2.warpAffine(print_, onto, SIDES), dtype=np.float32)


def _cells(layout: Floats) -> Floats:
    """Strength of print in cells."""
    size = SIDES[0] // CELL, SIDES[1] // CELL
    return np.asarray(cv2.resize(np.abs(layout), size, interpolation=cv2.INTER_AREA), dtype=np.float32)


def _unit(cells: Floats) -> Floats:
    plain = cells - cells.mean()
    return np.asarray(plain / max(float(np.linalg.norm(plain)), 1e-6), dtype=np.float32)


def _shifts(cells: Floats) -> list[Floats]:
    reach = range(-CELL_SHIFTS, CELL_SHIFTS + 1)
    return [np.roll(cells, (down, across), axis=(0, 1)) for down in reach for across in reach]
