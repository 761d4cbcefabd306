"""What is printed on one page of a blank form, out of a vector layer or out of pixels alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from formscan.model.geometry import Area
from formscan.model.page import Matrix

ASCENT: Final = 0.75
DESCENT: Final = 0.25
"""Height of a leader's box over and under its baseline, in sizes. Font files disagree about theirs: those of
the official forms set a line's box at 0.78 / 0.22 or at 0.56 / 0.44; this lies between."""


@dataclass(frozen=True, slots=True)
class Word:
    """A printed word: its box (ascent to descent), points."""

    area: Area
    baseline: float
    size: float
    text: str
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Leader:
    """A line to write on: dots, dashes or a rule.

    Attributes:
        area: From the first to the last dot, as high as a word on that baseline, points.
        parts: Runs (left, right) between printed slashes, as in ``..../..../....``; one where there are none.
        solid: A rule or underscores, not dots.
    """

    area: Area
    baseline: float
    size: float
    parts: tuple[tuple[float, float], ...]
    solid: bool = False


@dataclass(frozen=True, slots=True)
class Segment:
    """A straight level or upright rule along its centre line, points."""

    x0: float
    y0: float
    x1: float
    y1: float
    width: float

    @property
    def level(self) -> bool:
        """Whether it lies rather than stands."""
        return abs(self.x1 - self.x0) >= abs(self.y1 - self.y0)

    @property
    def length(self) -> float:
        """Points from end to end."""
        return max(abs(self.x1 - self.x0), abs(self.y1 - self.y0))


@dataclass(frozen=True, slots=True)
class PrintedCode:
    """A barcode that is already printed on the blank, with what it says."""

    area: Area
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class PrintedSheet:
    """One blank page taken apart.

    Attributes:
        number: 1-based.
        width: Points.
        height: Points.
        cells: Closed places: comb cells, tick boxes, table cells, frames; points.
        ruled: Level rules that close no cell.
        to_source: Maps points of this sheet to pixels of the picture it was read from (OpenCV
            convention: (0, 0) is the centre of the first pixel); points to points at 72 dpi for a PDF.
        from_pixels: Nothing but pixels was looked at.
    """

    number: int
    width: float
    height: float
    words: tuple[Word, ...]
    leaders: tuple[Leader, ...]
    cells: tuple[Area, ...]
    ruled: tuple[Segment, ...]
    to_source: Matrix
    codes: tuple[PrintedCode, ...] = ()
    from_pixels: bool = False

    def source_corners(self, area: Area) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
        """The four corners of an area in the picture: (4, 2), clockwise from the top left."""
        corners = np.array(
            [
                (area.left, area.top, 1.0),
                (area.right, area.top, 1.0),
                (area.right, area.bottom, 1.0),
                (area.left, area.bottom, 1.0),
            ]
        )
        out = corners @ self.to_source.T
        return np.asarray(out[:, :2] / out[:, 2:3], dtype=np.float64)
