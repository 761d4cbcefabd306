"""Rasters of blank pages, drawn once: a few as they are, the rest packed."""

from __future__ import annotations

import zlib
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

import numpy as np

from formscan.model.page import FRAME_DPI, Grey
from formscan.model.template import FormTemplate

RAW_KEPT: Final = 3
"""Rasters kept as they are, about 9 MB each."""
PACKED_KEPT: Final = 128
"""Rasters kept packed, about 0.4 MB each; unpacking takes a tenth of the time of drawing."""

RenderPage = Callable[[FormTemplate, int, float], Grey]
_Key = tuple[str, str, str, int]


class BlankShelf:
    """Blank pages at the resolution of the frame.

    Args:
        render: Draws a page: (template, number, dpi) to uint8 grey.
    """

    def __init__(self, render: RenderPage) -> None:
        self._render = render
        self._raw: OrderedDict[_Key, Grey] = OrderedDict()
        self._packed: OrderedDict[_Key, tuple[tuple[int, int], bytes]] = OrderedDict()

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
        self._packed[key] = (blank.shape[0], blank.shape[1]), zlib.compress(blank.tobytes(), 1)
        while len(self._packed) > PACKED_KEPT:
            self._packed.popitem(last=False)
        return blank

    def _unpacked(self, key: _Key) -> Grey:
        shape, data = self._packed[key]
        self._packed.move_to_end(key)
        return np.frombuffer(zlib.decompress(data), np.uint8).reshape(shape)
