"""Rasters of blank pages, drawn once: a few as they are, of the rest only what is not white."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from formscan.model.page import FRAME_DPI, Grey
from formscan.model.template import FormTemplate

RAW_KEPT: Final = 3
"""Rasters kept as they are, about 9 MB each."""
PACKED_KEPT: Final = 40
"""Rasters kept packed, 1 to 3 MB each; unpacking takes a hundredth of the time of drawing."""
WHITE: Final = 255
TILE: Final = 32
"""Side of the tiles a page is packed in, pixels."""

RenderPage = Callable[[FormTemplate, int, float], Grey]
_Key = tuple[str, str, str, int]


@dataclass(frozen=True, slots=True, eq=False)
class _Packed:
    """A page without its white tiles.

    Attributes:
        shape: Height and width of the page.
        inked: bool (rows, columns), which tiles are not all white.
        tiles: uint8 (n, ``TILE``, ``TILE``), those, row by row.
    """

    shape: tuple[int, int]
    inked: npt.NDArray[np.bool_]
    tiles: Grey

    @classmethod
    def of(cls, page: Grey) -> _Packed:
        """Pack a page."""
        height, width = page.shape
        framed = np.pad(page, ((0, -height % TILE), (0, -width % TILE)), constant_values=WHITE)
        tiles = framed.reshape(-(-height // TILE), TILE, -1, TILE).swapaxes(1, 2)
        inked = (tiles != WHITE).any(axis=(2, 3))
        return cls((height, width), inked, tiles[inked])

    @property
    def page(self) -> Grey:
        """The page, exactly as it was."""
        rows, columns = self.inked.shape
        framed = np.full((rows * TILE, columns * TILE), WHITE, dtype=np.uint8)
        framed.reshape(rows, TILE, columns, TILE).swapaxes(1, 2)[self.inked] = self.tiles
        return framed[: self.shape[0], : self.shape[1]]


class BlankShelf:
    """Blank pages at the resolution of the frame.

    Args:
        render: Draws a page: (template, number, dpi) to uint8 grey.
    """

    def __init__(self, render: RenderPage) -> None:
        self._render = render
        self._raw: OrderedDict[_Key, Grey] = OrderedDict()
        self._packed: OrderedDict[_Key, _Packed] = OrderedDict()

    def get(self, template: FormTemplate, number: int) -> Grey:
        """The blank page, uint8 (height, width) at ``FRAME_DPI``; not to be written to."""
        key = (*template.key, template.digest, number)
        if key not in self._raw:
            self._raw[key] = self._unpacked(key) if key in self._packed else self._drawn(key, template)
        self._raw.move_to_end(key)
        while len(self._raw) > RAW_KEPT:
            self._raw.popitem(last=False)
        return self._raw[key]

    def _drawn(self, key: _Key, template: FormTemplate) -> Grey:
        blank = self._render(template, key[-1], FRAME_DPI)
        self._packed[key] = _Packed.of(blank)
        while len(self._packed) > PACKED_KEPT:
            self._packed.popitem(last=False)
        return blank

    def _unpacked(self, key: _Key) -> Grey:
        self._packed.move_to_end(key)
        return self._packed[key].page
