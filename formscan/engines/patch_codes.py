"""Patch codes: four parallel bars on a sheet that is laid between documents.

Two bars are wide (0.20 in) and two narrow (0.08 in), the three spaces are narrow, the whole is 0.80 in high
and at least 2 in long (Kodak A-61599, Patch Code Information for Kodak Scanners). The bars lie along an edge
of the sheet and are read from that edge inwards, so a sheet fed upside down reads the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from formscan.model.geometry import MM_PER_INCH
from formscan.model.page import Grey

CODES: Final = {"WNNW": "1", "WNWN": "2", "WWNN": "3", "NWWN": "4", "NNWW": "6", "NWNW": "T"}
"""Bars from the edge of the sheet inwards."""
LOOK_DPI: Final = 75.0
"""A narrow bar is six pixels wide."""
WHOLE_MM: Final = 0.8 * MM_PER_INCH
SCALE: Final = 0.25
"""The whole may be larger or smaller by this share: printers and scanners fit sheets to paper."""
NARROW: Final = (0.4, 1.65)
WIDE: Final = (1.75, 3.3)
QUIET: Final = 1.7
"""A space at least so wide ends the code. All in units of a tenth of the whole: narrow 1, wide 2.5."""
LENGTH_MM: Final = 38.0
"""Bars must be seen that long, of 50 at least: worn ends and holes are forgiven."""
GAP_MM: Final = 7.0
"""A punched hole does not break a bar."""
SLOPE: Final = 0.3
"""Bars may be askew by as much (tan of 17 degrees)."""
STEP: Final = 2
"""Every so many columns are looked at."""

Runs = npt.NDArray[np.intp]


@dataclass(slots=True)
class _Chain:
    """The same code seen in column after column."""

    first: int
    last: int
    start: int
    sign: str
    seen: int = 1
    middles: list[float] = field(default_factory=list)


def find_patch(grey: Grey, dpi: float) -> str | None:
    """The patch code of a page.

    Args:
        grey: uint8 (height, width), any quarter turn, askew by less than about 15 degrees.
        dpi: Of ``grey``.

    Returns:
        ``1``, ``2``, ``3``, ``4``, ``6`` or ``T``; ``None`` where there is none, or where there are several
        different ones and neither is the more frequent.
    """
    scale = LOOK_DPI / dpi
    size = max(1, round(grey.shape[1] * scale)), max(1, round(grey.shape[0] * scale))
    small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA) if scale < 1 else grey
    unit_dpi = min(dpi, LOOK_DPI)
    _, dark = cv2.threshold(small, 0, 1, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)
    votes = Counter(
        code
        for picture in (dark, dark.T)
        for code in _codes(np.ascontiguousarray(picture, dtype=np.uint8), unit_dpi)
    )
    best = votes.most_common(2)
    if not best or (len(best) > 1 and best[0][1] == best[1][1]):
        return None
    return best[0][0]


def _codes(dark: npt.NDArray[np.uint8], dpi: float) -> Iterator[str]:
    """Codes whose bars run along the rows of a picture."""
    mm = dpi / MM_PER_INCH
    for chain in _chains(dark, mm):
        columns = (chain.last - chain.first) // STEP + 1
        if chain.last - chain.first >= LENGTH_MM * mm and chain.seen >= 0.6 * columns:
            upper = float(np.median(chain.middles)) <= dark.shape[0] / 2
            code = CODES.get(chain.sign if upper else chain.sign[::-1])
            if code is not None:
                yield code


def _chains(dark: npt.NDArray[np.uint8], mm: float) -> list[_Chain]:
    """What is seen alike in neighbouring columns."""
    done: list[_Chain] = []
    open_: list[_Chain] = []
    for column in range(0, dark.shape[1], STEP):
        open_, ended = _still_open(open_, column - GAP_MM * mm)
        done += ended
        for start, end, sign in _signs(dark[:, column], mm):
            chain = next((one for one in open_ if one.sign == sign and _follows(one, start, column)), None)
            if chain is None:
                open_.append(_Chain(column, column, start, sign, 1, [(start + end) / 2]))
            else:
                chain.last, chain.start, chain.seen = column, start, chain.seen + 1
                chain.middles.append((start + end) / 2)
    return done + open_


def _still_open(chains: list[_Chain], since: float) -> tuple[list[_Chain], list[_Chain]]:
    return [one for one in chains if one.last >= since], [one for one in chains if one.last < since]


def _follows(chain: _Chain, start: int, column: int) -> bool:
    return abs(start - chain.start) <= 1 + SLOPE * (column - chain.last)


def _signs(column: npt.NDArray[np.uint8], mm: float) -> Iterator[tuple[int, int, str]]:
    """Start, end and bars (``N``, ``W``) of whatever in a column of pixels has the widths of a code."""
    turns = np.flatnonzero(np.diff(np.concatenate(([0], column, [0])).astype(np.int8)))
    starts, ends = turns[::2], turns[1::2]
    for at in range(len(starts) - 3):
        whole = int(ends[at + 3] - starts[at])
        if not (1 - SCALE) * WHOLE_MM * mm <= whole <= (1 + SCALE) * WHOLE_MM * mm:
            continue
        unit = whole / 10
        before = starts[at] - (ends[at - 1] if at else -len(column))
        after = (starts[at + 4] if at + 4 < len(starts) else 2 * len(column)) - ends[at + 3]
        if min(before, after) < QUIET * unit:
            continue
        sign = _sign(starts[at : at + 4], ends[at : at + 4], unit)
        if sign:
            yield int(starts[at]), int(ends[at + 3]), sign


def _sign(starts: Runs, ends: Runs, unit: float) -> str:
    """``N`` and ``W`` of four bars; empty where a width is neither."""
    spaces = (starts[1:] - ends[:-1]) / unit
    if not ((spaces >= NARROW[0]) & (spaces <= NARROW[1])).all():
        return ""
    bars = (ends - starts) / unit
    wide, narrow = _within(bars, WIDE), _within(bars, NARROW)
    if not (wide | narrow).all() or int(wide.sum()) != 2:
        return ""
    return "".join("W" if one else "N" for one in wide)


def _within(widths: npt.NDArray[np.floating], span: tuple[float, float]) -> npt.NDArray[np.bool_]:
    return np.asarray((widths >= span[0]) & (widths <= span[1]), dtype=np.bool_)
