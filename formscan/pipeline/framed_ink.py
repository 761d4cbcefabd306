"""The ink of pages laid into one frame: of two sheets of one form, or of a form's blank page.

There a second scan of a sheet has its strokes where the first has them, to half a millimetre.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from formscan.model.geometry import MM_PER_INCH
from formscan.model.page import AlignedPage, Grey, Source
from formscan.pipeline.placement import apply, rescaled
from formscan.pipeline.sheets import (
    EDGE_MM,
    FAINT,
    LEAST_INK,
    SHEET_DPI,
    STRONG,
    Affine,
    Floats,
    Sheet,
    packed_ink,
    same_ink,
    unit,
)

CANDIDATES: Final = 3
"""Most alike pages of a form that are compared stroke by stroke; a second scan is the most alike of all."""
CELL: Final = 10
"""Pixels of the cells in which the ink of pages of a form is first compared: 2.5 mm."""
CELL_BLUR: Final = 0.6
APART: Final = 0.25
"""Distance of cells, 0 to 2, from which strokes are not compared. Second scans of 119 sheets lay at most 0.03
from the first, blurred ones 0.10, black and white 0.12; half of the most alike copies lay beyond 0.35."""

_HEAD: Final = struct.Struct("<4sII8f")
_KIND: Final = b"ink2"

Corners = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class FramedInk:
    """Ink of a page as it falls in a frame.

    Attributes:
        packed: zlib of uint8 (height, width) darkness at ``SHEET_DPI``, 0 paper.
        shape: Height and width of the frame.
        corners: float64 (4, 2): the inner part of the page, x and y in pixels of the frame.
    """

    packed: bytes
    shape: tuple[int, int]
    corners: Corners

    @property
    def ink(self) -> Grey:
        """uint8 darkness, 0 paper."""
        return np.frombuffer(zlib.decompress(self.packed), np.uint8).reshape(self.shape)

    @property
    def seen(self) -> Grey:
        """1 where the inner part of the page falls in the frame, else 0."""
        seen = np.zeros(self.shape, np.uint8)
        cv2.fillConvexPoly(seen, np.round(self.corners).astype(np.int32), 1)
        return seen

    def to_bytes(self) -> bytes:
        """To be kept; ``from_bytes`` gives it back."""
        return _HEAD.pack(_KIND, *self.shape, *self.corners.ravel()) + self.packed

    @classmethod
    def from_bytes(cls, data: bytes) -> FramedInk | None:
        """What ``to_bytes`` made; ``None`` for what an earlier version of the program kept."""
        if len(data) < _HEAD.size or data[: len(_KIND)] != _KIND:
            return None
        _, height, width, *corners = _HEAD.unpack_from(data)
        return cls(data[_HEAD.size :], (height, width), np.array(corners).reshape(4, 2))


@dataclass(frozen=True, slots=True, eq=False)
class Member:
    """A page that is remembered: its ink in the frame, exactly and in coarse cells."""

    source: Source
    page: FramedInk
    cells: Floats


@dataclass(slots=True, eq=False)
class Likes:
    """Pages in one frame: copies of one page of a form."""

    members: list[Member] = field(default_factory=list)

    def known(self, source: Source, page: FramedInk) -> Source | Member:
        """The page with the same strokes, or else this one as it is remembered from now on."""
        ink = page.ink
        cells = _cells(ink)
        apart = [float(np.linalg.norm(member.cells - cells)) for member in self.members]
        for place in np.argsort(apart)[:CANDIDATES]:
            member = self.members[int(place)]
            if apart[int(place)] > APART:
                break
            other = member.page
            if other.shape == page.shape and same_ink(ink, other.ink, page.seen & other.seen):
                return member.source
        self.members.append(Member(source, page, cells))
        return self.members[-1]


def laid_onto(sheet: Sheet, onto: Affine, shape: tuple[int, int]) -> FramedInk:
    """The ink of a sheet where it falls on another of ``shape``."""
    height, width = shape
    ink = cv2.warpAffine(sheet.ink, onto, (width, height), flags=cv2.INTER_LINEAR)
    inner = _inner(sheet.shape, SHEET_DPI)
    corners = np.column_stack([inner, np.ones(len(inner))]) @ onto.T
    return FramedInk(packed_ink(np.asarray(ink, np.uint8)), shape, corners)


def framed_ink(page: AlignedPage) -> FramedInk | None:
    """The ink of a page in its form's frame; ``None`` if there is too little of it.

    The cleaned page is laid there with the local corrections that were found for its print.
    """
    part = SHEET_DPI / page.dpi
    size = round(page.blank.shape[1] * part), round(page.blank.shape[0] * part)
    scale = SHEET_DPI / page.clean.dpi
    # Frame pixels of the sheet are looked up in the net of exact places: pixel centres lie at whole numbers.
    step = 1 / (part * page.grid_step)
    first = (1 / part - 1) / 2 / page.grid_step
    onto_net = np.array([[step, 0, first], [0, step, first]])
    places = cv2.warpAffine(
        page.grid,
        onto_net,
        size,
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    places = places * np.float32(scale) + np.float32((scale - 1) / 2)
    small = rescaled(page.clean.grey, scale)
    seen = cv2.remap(
        small,
        places[..., 0],
        places[..., 1],
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=255,
    )
    ink = 255 - np.asarray(seen, np.uint8)
    ink[ink < FAINT // 2] = 0
    if np.count_nonzero(ink >= STRONG) < LEAST_INK:
        return None
    to_frame = np.asarray(np.linalg.inv(page.to_clean), np.float64)
    corners = apply(to_frame, _inner(page.clean.grey.shape, page.clean.dpi)) * part
    return FramedInk(packed_ink(ink), (size[1], size[0]), corners)


def _inner(shape: tuple[int, ...], dpi: float) -> Corners:
    """Corners of a page without its edge, in its pixels."""
    height, width = shape[:2]
    e = EDGE_MM / MM_PER_INCH * dpi
    return np.array([(e, e), (width - e, e), (width - e, height - e), (e, height - e)])


def _cells(ink: Grey) -> Floats:
    size = max(1, ink.shape[1] // CELL), max(1, ink.shape[0] // CELL)
    coarse = cv2.resize(ink, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    return unit(np.asarray(cv2.GaussianBlur(coarse, (0, 0), CELL_BLUR), np.float32).ravel())
