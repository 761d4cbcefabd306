"""A sheet of paper that remembers where ink was put."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from formscan.bench.damage import CANVAS_DPI
from formscan.bench.strokes import Alpha
from formscan.model.geometry import POINTS_PER_INCH
from formscan.model.page import Grey, Pixels

_BLUE: Final = np.array([28.0, 42.0, 125.0], np.float32)
_BLACK: Final = 25.0


class Paper:
    """A canvas at ``CANVAS_DPI``; ink darkens what is there.

    Args:
        blank: The printed page.
        colour: Keep RGB; ink is then blue.
    """

    def __init__(self, blank: Grey, *, colour: bool = False) -> None:
        self._canvas: npt.NDArray[np.uint8] = np.dstack([blank] * 3) if colour else blank.copy()
        self._box: tuple[int, int, int, int] | None = None

    def put(self, alpha: Alpha, x: int, y: int, darkness: float) -> None:
        """Put ink with its left top corner at (x, y); parts beyond the sheet are lost.

        Args:
            alpha: The ink.
            x: Canvas column of its left edge.
            y: Canvas row of its top edge.
            darkness: 0..1; 1 is fresh ink.
        """
        height, width = self._canvas.shape[:2]
        left, top = max(0, x), max(0, y)
        right, bottom = min(width, x + alpha.shape[1]), min(height, y + alpha.shape[0])
        if right <= left or bottom <= top:
            return
        part = alpha[top - y : bottom - y, left - x : right - x].astype(np.float32) * np.float32(
            darkness / 255
        )
        under = self._canvas[top:bottom, left:right].astype(np.float32)
        if under.ndim == 3:
            mixed = under * (1 - part[..., None]) + np.minimum(under, _BLUE) * part[..., None]
        else:
            mixed = under * (1 - part) + np.minimum(under, _BLACK) * part
        self._canvas[top:bottom, left:right] = np.rint(mixed).astype(np.uint8)
        self._remember(part, left, top)

    def lift(self) -> None:
        """Begin a new field: forget where ink was put."""
        self._box = None

    def touched(self) -> tuple[float, ...]:
        """Box of the ink since ``lift``, in points (left, top, right, bottom); empty without ink."""
        scale = POINTS_PER_INCH / CANVAS_DPI
        return tuple(round(v * scale, 2) for v in self._box) if self._box else ()

    def pixels(self) -> Pixels:
        """The canvas."""
        return self._canvas

    def _remember(self, part: npt.NDArray[np.float32], left: int, top: int) -> None:
        rows, cols = np.flatnonzero((part > 0.1).any(axis=1)), np.flatnonzero((part > 0.1).any(axis=0))
        if not rows.size:
            return
        new = (left + int(cols[0]), top + int(rows[0]), left + int(cols[-1]) + 1, top + int(rows[-1]) + 1)
        old = self._box or new
        self._box = (min(old[0], new[0]), min(old[1], new[1]), max(old[2], new[2]), max(old[3], new[3]))
