"""Which of the four ways up a page of print is."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from formscan.model.page import Grey

LETTER_MM: Final = (0.7, 7.0)
"""Heights of letters and marks above them, from the dot of an i to a heading."""

_Floats = npt.NDArray[np.float64]


def find_turn(ink: Grey, dpi: float, skew_deg: float) -> int:
    """Quarter turns clockwise that put a page upright, in degrees.

    Args:
        ink: uint8, 0 paper to 255 ink, about 100 dpi.
        dpi: Of ``ink``.
        skew_deg: Skew of the content, positive clockwise, taken out first.

    Returns:
        0, 90, 180 or 270; 0 where there is too little print to tell.
    """
    return 0
