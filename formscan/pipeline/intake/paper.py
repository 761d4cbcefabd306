"""Resolution of a page from what its file says, or from the size of paper."""

from __future__ import annotations

from typing import Final

from formscan.model.geometry import MM_PER_INCH

PAPERS_MM: Final = {
    "A4": (210.0, 297.0),
    "Letter": (215.9, 279.4),
    "A5": (148.0, 210.0),
    "A3": (297.0, 420.0),
}
"""ISO 216 and ANSI sizes, short side first."""
USUAL_DPI: Final = (300, 200, 150, 400, 600, 100, 240, 250, 120, 96, 75, 72)
"""Resolutions scanners use, the likeliest first."""
ASPECT_SLACK: Final = 0.025
"""Relative difference of aspect within which a page is taken for a size of paper."""
DPI_SLACK: Final = 0.03
"""Relative distance to a usual resolution within which it is believed."""
PLAUSIBLE_DPI: Final = (60.0, 2400.0)
PLAUSIBLE_MM: Final = (35.0, 450.0)
"""Sides of anything a hospital scans: from a label to A3 with a margin."""

ASSUMED: Final = "dpi.assumed"
UNEQUAL: Final = "dpi.unequal"


def is_plausible(dpi: float, width: int, height: int) -> bool:
    """Whether a stated resolution gives a page of a size that exists."""
    if not PLAUSIBLE_DPI[0] <= dpi <= PLAUSIBLE_DPI[1]:
        return False
    short, long = (side / dpi * MM_PER_INCH for side in sorted((width, height)))
    return PLAUSIBLE_MM[0] <= short and long <= PLAUSIBLE_MM[1]


def guess_dpi(width: int, height: int) -> float:
    """Resolution of a page whose file says none.

    The paper whose aspect fits and which gives a usual resolution; else the paper that fits; else A4's
    long side is taken for the long side of the page.
    """
    short, long = sorted((width, height))
    fitting = [
        long / mm[1] * MM_PER_INCH
        for mm in PAPERS_MM.values()
        if abs(long / short / (mm[1] / mm[0]) - 1) <= ASPECT_SLACK
    ]
    for usual in USUAL_DPI:
        for dpi in fitting:
            if abs(dpi / usual - 1) <= DPI_SLACK:
                return float(usual) if abs(dpi / usual - 1) <= 0.01 else dpi
    return fitting[0] if fitting else long / PAPERS_MM["A4"][1] * MM_PER_INCH


def settle_dpi(
    stated: tuple[float, float] | None, width: int, height: int
) -> tuple[tuple[float, float], tuple[str, ...]]:
    """Horizontal and vertical resolution to go on with, and the notes to leave."""
    if stated is not None:
        across, down = stated
        if abs(across / down - 1) <= 0.01 if down else False:
            if is_plausible(across, width, height):
                return (across, across), ()
        elif _is_fax(across, down, width, height):
            return (across, down), (UNEQUAL,)
    dpi = guess_dpi(width, height)
    return (dpi, dpi), (ASSUMED,)


def _is_fax(across: float, down: float, width: int, height: int) -> bool:
    if min(across, down) <= 0 or not 1 / 3 <= across / down <= 3:
        return False
    best = max(across, down)
    return is_plausible(best, round(width * best / across), round(height * best / down))
