"""Where pieces of print are on a scan: small windows of the blank looked for on the page.

Both pictures are in the template's frame already, so the search is short and no turn has to be tried.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from formscan.model.geometry import MM_PER_INCH
from formscan.model.page import Grey
from formscan.pipeline.structure import Boxes, Flags, PrintedStructure

Points = npt.NDArray[np.float64]
"""float64 (n, 2): x, y."""
Scores = npt.NDArray[np.float64]

ALONG_BLUR_MM: Final = 2.5
"""Dots of leaders are smeared along the line by this much, so that their phase does not matter."""


@dataclass(frozen=True, slots=True, eq=False)
class Matches:
    """What was found of a list of patches.

    Attributes:
        centres: Of the patches in frame pixels of the search, index coordinates.
        moved: How far the print lies from there, pixels; 0 on an axis that is not fixed.
        scores: Normalised cross correlation at the best place, -1..1; -1 where not searched.
        fixes: bool (n, 2), which axes the patch fixes.
        rim: The best place lies on the rim of the search: the patch was not really found.
    """

    centres: Points
    moved: Points
    scores: Scores
    fixes: Flags
    rim: Flags


def match_structure(
    page: Grey,
    blank: Grey,
    structure: PrintedStructure,
    reach_mm: float,
    lines: bool = True,
    ends: bool = True,
) -> Matches:
    """Look for all patches of a structure: words, corners, ends of rows of dots, rows, columns.

    The ends are looked for with their dots smeared to a bar, so that no other dot is taken for the last.

    Args:
        page: uint8 grey, in the template's frame at ``structure.dpi``.
        blank: uint8 grey of the same shape.
        structure: Of ``blank``.
        reach_mm: Search radius along each fixed axis.
        lines: Also pieces of leaders and rules, which fix one axis.
        ends: Also ends of rows of dots.
    """
    mm = structure.dpi / MM_PER_INCH
    reach = max(2, round(reach_mm * mm))
    found = [
        match_boxes(page, blank, boxes, (reach, reach)) for boxes in (structure.words, structure.corners)
    ]
    along = max(3, round(ALONG_BLUR_MM * mm))
    if ends or lines:
        level = _smeared(page, along, 1), _smeared(blank, along, 1)
        found.append(match_boxes(*level, structure.ends, (reach, reach)))
    if lines:
        found.append(match_boxes(*level, structure.rows, (0, reach)))
        upright = _smeared(page, 1, along), _smeared(blank, 1, along)
        found.append(match_boxes(*upright, structure.columns, (reach, 0)))
    return Matches(
        np.vstack([part.centres for part in found]),
        np.vstack([part.moved for part in found]),
        np.concatenate([part.scores for part in found]),
        np.vstack([part.fixes for part in found]),
        np.concatenate([part.rim for part in found]),
    )


def match_dots(page: Grey, blank: Grey, structure: PrintedStructure, reach_mm: float) -> Matches:
    """Look for ends and rows of dots along the line; ``reach_mm`` must stay below half their pitch.

    Returns:
        One match for every end and every row; rules, which say nothing along the line, score -1.
    """
    mm = structure.dpi / MM_PER_INCH
    reach = max(2, round(reach_mm * mm))
    found = match_boxes(page, blank, np.vstack([structure.ends, structure.rows]), (reach, 1))
    dotted = np.concatenate([np.ones(len(structure.ends), dtype=np.bool_), structure.dotted])
    scores = np.where(dotted, found.scores, -1.0)
    return replace(found, scores=scores, fixes=np.tile(np.array([[True, False]]), (len(scores), 1)))


def _smeared(image: Grey, across: int, down: int) -> Grey:
    return np.asarray(cv2.blur(image, (across, down)), dtype=np.uint8)


def match_boxes(page: Grey, blank: Grey, boxes: Boxes, reach: tuple[int, int], grow: int = 2) -> Matches:
    """Look for the windows ``boxes`` of ``blank`` on ``page``, at most ``reach`` (x, y) pixels away."""
    count = len(boxes)
    moved, scores = np.zeros((count, 2)), np.full(count, -1.0)
    rim = np.zeros(count, dtype=np.bool_)
    height, width = blank.shape
    for at, (left, top, right, bottom) in enumerate(boxes.tolist()):
        l, t = max(left - grow, reach[0]), max(top - grow, reach[1])  # noqa: E741
        r, b = min(right + grow, width - reach[0]), min(bottom + grow, height - reach[1])
        if r - l < 5 or b - t < 5:
            continue
        window = page[t - reach[1] : b + reach[1], l - reach[0] : r + reach[0]]
        surface = np.asarray(cv2.matchTemplate(window, blank[t:b, l:r], cv2.TM_CCOEFF_NORMED), np.float32)
        _, scores[at], _, (x, y) = cv2.minMaxLoc(surface)
        dx, edge_x = _peak(surface[y], x)
        dy, edge_y = _peak(surface[:, x], y)
        moved[at] = dx - reach[0], dy - reach[1]
        rim[at] = (edge_x and reach[0] > 0) or (edge_y and reach[1] > 0)
    centres = (boxes[:, :2] + boxes[:, 2:] - 1) / 2.0
    fixes = np.tile(np.array([[reach[0] > 0, reach[1] > 0]]), (count, 1))
    return Matches(centres, moved, scores, fixes, rim)


def _peak(values: npt.NDArray[np.float32], at: int) -> tuple[float, bool]:
    """Sub-pixel place of a peak by a parabola through three values; and whether it lies on the rim."""
    if at in (0, len(values) - 1):
        return float(at), True
    before, here, after = float(values[at - 1]), float(values[at]), float(values[at + 1])
    bend = before - 2 * here + after
    return (at + 0.5 * (before - after) / bend if bend < 0 else float(at)), False
