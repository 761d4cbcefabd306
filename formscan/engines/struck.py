"""Whether a line of writing was struck through by its writer."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from formscan.engines.ink import px
from formscan.engines.pixels import pieces
from formscan.model.page import Grey

_SEEN: Final = 150
_RUN_MM: Final = 2.0
"""Longer level runs are bars of no letter."""
_LEAST_MM: Final = 8.0
"""Shorter writing may be a digit whose bar is as wide as itself."""
_TALL_MM: Final = 2.0
"""Lower writing is a dash."""
_MIDDLE: Final = (0.2, 0.8)
"""Part of the height the stroke runs in: neither an underline nor a rule the line stands against."""
_ALONG: Final = 0.9
"""Share of the line's width that one level stroke covers (docs/decisions/145)."""
_BESIDE: Final = 0.3
"""Share of the ink that is not of the stroke's rows: without it nothing is there to be struck out."""


def struck_through(body: Grey, dpi: float) -> bool:
    """Whether one level stroke runs through a line from end to end.

    Args:
        body: uint8 grey (height, width), the writing of one line alone on white.
        dpi: Of ``body``.
    """
    ink = body < _SEEN
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if not rows.size:
        return False
    ink = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    height, width = ink.shape
    if width < px(_LEAST_MM, dpi) or height < px(_TALL_MM, dpi):
        return False
    kernel = np.ones((1, px(_RUN_MM, dpi)), np.uint8)
    level = np.asarray(cv2.morphologyEx(ink.view(np.uint8), cv2.MORPH_OPEN, kernel)).astype(np.bool_)
    level[: int(_MIDDLE[0] * height)] = False
    level[int(_MIDDLE[1] * height) :] = False
    longest = max((int(wide) for wide in pieces(level)[2][1:, 2].tolist()), default=0)
    beside = int(np.count_nonzero(ink & ~level))
    return longest >= _ALONG * width and beside >= _BESIDE * int(np.count_nonzero(ink))
