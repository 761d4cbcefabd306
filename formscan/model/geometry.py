"""Rectangles and points, in pixels and in points of a page (origin top left, y down)."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

POINTS_PER_INCH: Final = 72.0
MM_PER_INCH: Final = 25.4


@dataclass(frozen=True, slots=True)
class Box:
    """An upright rectangle in pixels; right and bottom edges are exclusive.

    Raises:
        ValueError: If the box is empty or turned inside out.
    """

    left: int
    top: int
    right: int
    bottom: int

    def __post_init__(self) -> None:
        if self.right <= self.left or self.bottom <= self.top:
            raise ValueError(f"empty box {self.left, self.top, self.right, self.bottom}")

    @property
    def width(self) -> int:
        """Width in pixels, at least 1."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """Height in pixels, at least 1."""
        return self.bottom - self.top

    @property
    def centre(self) -> tuple[float, float]:
        """Centre (x, y) in pixels."""
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    def as_list(self) -> list[int]:
        """``[left, top, right, bottom]``, the shape of the command-line contract."""
        return [self.left, self.top, self.right, self.bottom]

    def moved(self, dx: int, dy: int) -> Box:
        """The same box, ``dx`` to the right and ``dy`` down."""
        return Box(self.left + dx, self.top + dy, self.right + dx, self.bottom + dy)

    def grown(self, margin: int) -> Box:
        """The box with ``margin`` pixels more (or fewer) on each side."""
        return Box(self.left - margin, self.top - margin, self.right + margin, self.bottom + margin)

    def clipped(self, width: int, height: int) -> Box:
        """The part inside an image of ``width`` x ``height`` pixels.

        Raises:
            ValueError: If nothing of the box is inside.
        """
        return Box(max(0, self.left), max(0, self.top), min(width, self.right), min(height, self.bottom))


@dataclass(frozen=True, slots=True)
class Area:
    """An upright rectangle on the blank form, in points (1/72 inch), origin top left.

    Raises:
        ValueError: If the area is empty or turned inside out.
    """

    left: float
    top: float
    right: float
    bottom: float

    def __post_init__(self) -> None:
        if self.right <= self.left or self.bottom <= self.top:
            raise ValueError(f"empty area {self.left, self.top, self.right, self.bottom}")

    @property
    def width(self) -> float:
        """Width in points."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Height in points."""
        return self.bottom - self.top

    @property
    def centre(self) -> tuple[float, float]:
        """Centre (x, y) in points."""
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    def at_dpi(self, dpi: float) -> Box:
        """The smallest pixel box at ``dpi`` that holds the area."""
        scale = dpi / POINTS_PER_INCH
        left, top = math.floor(self.left * scale), math.floor(self.top * scale)
        right, bottom = math.ceil(self.right * scale), math.ceil(self.bottom * scale)
        return Box(left, top, max(right, left + 1), max(bottom, top + 1))

    def grown(self, margin_pt: float) -> Area:
        """The area with ``margin_pt`` points more (or fewer) on each side."""
        return Area(
            self.left - margin_pt, self.top - margin_pt, self.right + margin_pt, self.bottom + margin_pt
        )


def enclosing(areas: Iterable[Area]) -> Area:
    """The smallest area that holds all of ``areas``.

    Raises:
        ValueError: If there are none.
    """
    kept = list(areas)
    return Area(
        min(a.left for a in kept),
        min(a.top for a in kept),
        max(a.right for a in kept),
        max(a.bottom for a in kept),
    )
