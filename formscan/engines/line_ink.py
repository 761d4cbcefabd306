"""Which line of a field each piece of ink belongs to."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from formscan.engines.ink import Ink, Stroke, px
from formscan.model.geometry import Box

Lines = npt.NDArray[np.int32]
"""int32, (pieces of ink + 1,): the line of each piece by its number in ``Ink.labels``; -1 for none."""


def lines_of(ink: Ink, cells: Sequence[Box]) -> Lines:
    """The line each piece of ink belongs to, -1 for none; looked up by ``Ink.labels``.

    A stroke belongs to the line it was written in (``Ink.owns``), between two to the one whose middle is
    nearer; small strokes beside those, accents above and dots below, go with them.
    """
    chosen = np.full(int(ink.labels.max()) + 1, -1, np.int32)
    own: list[list[Stroke]] = [[] for _ in cells]
    rest: list[Stroke] = []
    for stroke in ink.strokes:
        if not stroke.label:
            continue
        lines = [index for index, cell in enumerate(cells) if ink.owns(cell, stroke)]
        if not lines:
            rest.append(stroke)
            continue
        line = min(lines, key=lambda index: abs(stroke.box.centre[1] - cells[index].centre[1]))
        chosen[stroke.label] = line
        own[line].append(stroke)
    for stroke in (*rest, *ink.specks):
        chosen[stroke.label] = _companion(stroke, own, ink)
    return chosen


def alien(ink: Ink, lines: Lines, index: int) -> npt.NDArray[np.bool_]:
    """Which pieces are ink of other lines or strokes of none; specks of none may be this line's."""
    strokes = np.zeros(len(lines), bool)
    strokes[[stroke.label for stroke in ink.strokes]] = True
    strokes[0] = False
    return np.asarray((lines != index) & ((lines >= 0) | strokes), dtype=np.bool_)


def _companion(stroke: Stroke, own: Sequence[Sequence[Stroke]], ink: Ink) -> int:
    """The line of the stroke a small mark stands next to; -1 if none is near or the crop's rim cuts it."""
    box, reach = stroke.box, px(0.9, ink.dpi)
    rim = box.top <= 1 or box.bottom >= ink.mask.shape[0] - 1
    if rim or box.height > 2 * reach:
        return -1
    for line, strokes in enumerate(own):
        for other in strokes:
            near = other.box.grown(reach)
            if (
                box.left < near.right
                and box.right > near.left
                and box.top < near.bottom
                and box.bottom > near.top
            ):
                return line
    return -1
