"""Closed places between rules: comb cells, tick boxes, table cells and frames, out of a mask of rules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from formscan.designer.printed import Segment
from formscan.model.geometry import POINTS_PER_INCH, Area

Mask = npt.NDArray[np.uint8]
"""uint8 (height, width), 255 where a rule is printed."""

RASTER_DPI: Final = 288.0
"""Resolution at which the rules of a vector page are drawn: a quarter of a point a pixel."""
LEAST_SIDE_PT: Final = 4.5
"""Narrower gaps between rules are no place to write (smallest tick box of the official forms: 7 pt)."""
_LEAST_FILL: Final = 0.5
"""A face of odd shape, e.g. all that is left around other boxes, is no cell."""
_SMALL_PT: Final = 36.0
_SAME_PT: Final = 1.3
_DOUBLED: Final = 0.62


def cells_of(
    walls: Mask,
    upright: Sequence[Segment],
    level: Sequence[Segment],
    dpi: float,
    thick: tuple[float, float] = (1.0, 1.0),
) -> list[Area]:
    """All closed places of a page.

    Args:
        walls: The rules.
        upright: Rules that stand, points; their ends tell boxes laid over other rules.
        level: Rules that lie, points.
        dpi: Of ``walls``.
        thick: Usual width of upright and of level rules in ``walls``, pixels.

    Returns:
        Areas between the centre lines of their rules, from top to bottom and left to right.
    """
    loose = loose_boxes(upright, level)
    faces = [face for face in _faces(walls, dpi, *thick) if not _swallowed(face, loose)]
    kept = [*loose, *(face for face in faces if not any(same_area(face, box) for box in loose))]
    return sorted(kept, key=lambda a: (round(a.top / 3), a.left))


def drawn_walls(segments: Iterable[Segment], boxes: Iterable[Area], width: float, height: float) -> Mask:
    """The rules and boxes of a vector page (points) as a mask at ``RASTER_DPI``."""
    scale = RASTER_DPI / POINTS_PER_INCH
    mask = np.zeros((round(height * scale) + 1, round(width * scale) + 1), np.uint8)
    for s in segments:
        _stroke(mask, (s.x0, s.y0, s.x1, s.y1), scale)
    for b in boxes:
        for side in (
            (b.left, b.top, b.right, b.top),
            (b.left, b.bottom, b.right, b.bottom),
            (b.left, b.top, b.left, b.bottom),
            (b.right, b.top, b.right, b.bottom),
        ):
            _stroke(mask, side, scale)
    return mask


def _stroke(mask: Mask, ends: tuple[float, float, float, float], scale: float) -> None:
    x0, y0, x1, y1 = (round(v * scale) for v in ends)
    reach = round(0.9 * scale)  # corners that do not quite meet
    if abs(x1 - x0) >= abs(y1 - y0):
        cv2.line(mask, (x0 - reach, y0), (x1 + reach, y1), 255, 1)
    else:
        cv2.line(mask, (x0, y0 - reach), (x1, y1 + reach), 255, 1)


def _faces(walls: Mask, dpi: float, across: float, down: float) -> list[Area]:
    """Connected gaps between the rules that do not reach the rim of the page."""
    scale = dpi / POINTS_PER_INCH
    open_places = np.where(walls > 0, 0, 255).astype(np.uint8)
    open_places[0, :] = open_places[-1, :] = open_places[:, 0] = open_places[:, -1] = 255
    _, labels, stats, _ = cv2.connectedComponentsWithStats(open_places, connectivity=4)
    outside = int(labels[0, 0])
    least = LEAST_SIDE_PT * scale
    found = []
    for at in range(1, len(stats)):
        left, top, width, height, area = (int(v) for v in stats[at])
        if at == outside or min(width, height) < least or area < _LEAST_FILL * width * height:
            continue
        # the gap reaches from wall to wall; the cell from the middle of a wall to the middle of the next
        edges = (left - across / 2, top - down / 2, left + width + across / 2, top + height + down / 2)
        found.append(Area(*(edge / scale for edge in edges)))
    return found


def loose_boxes(upright: Sequence[Segment], level: Sequence[Segment]) -> list[Area]:
    """Small boxes whose own two sides start and end together, whatever other rule runs through them."""
    sides = sorted((s for s in upright if LEAST_SIDE_PT <= s.length <= _SMALL_PT), key=lambda s: (s.x0, s.y0))
    found: list[Area] = []
    for at, left in enumerate(sides):
        for right in sides[at + 1 :]:
            gap = right.x0 - left.x0
            if gap > _SMALL_PT * 1.6:
                break
            if gap < LEAST_SIDE_PT or not _together(left, right):
                continue
            box = Area(left.x0, (left.y0 + right.y0) / 2, right.x0, (left.y1 + right.y1) / 2)
            if _lidded(box, level) and not _divided(box, level):
                found.append(box)
            break  # the next upright of the same height closes the cell
    return found


def open_cells(cells: Sequence[Area], level: Sequence[Segment]) -> list[Area]:
    """Last cells of combs whose right side is not printed: lid and floor run on for another cell's width."""
    found = []
    for cell in cells:
        if cell.width > _SMALL_PT or cell.height > _SMALL_PT:
            continue
        ends = [
            [
                s.x1
                for s in level
                if abs(s.y0 - y) < _SAME_PT and s.x0 < cell.right - 2 and s.x1 > cell.right + 2
            ]
            for y in (cell.top, cell.bottom)
        ]
        for end in ends[0]:
            wide = end - cell.right
            if 0.7 * cell.width < wide < 1.3 * cell.width and any(abs(end - e) < 2 for e in ends[1]):
                found.append(Area(cell.right, cell.top, end, cell.bottom))
                break
    small = [c for c in cells if c.width < 2 * _SMALL_PT]
    return [cell for cell in found if not any(overlap(cell, c) > 9 for c in small)]


def _together(a: Segment, b: Segment) -> bool:
    return abs(a.y0 - b.y0) < _SAME_PT and abs(a.y1 - b.y1) < _SAME_PT


def _lidded(box: Area, level: Sequence[Segment]) -> bool:
    """Whether rules run along the whole top and the whole bottom."""
    return all(_covered(box, y, level) > 0.85 for y in (box.top, box.bottom))


def _divided(box: Area, level: Sequence[Segment]) -> bool:
    """Whether a rule that is its own, not a frame's running on, parts it: boxes one over the other."""
    return any(
        box.top + LEAST_SIDE_PT < s.y0 < box.bottom - LEAST_SIDE_PT
        and abs(s.x0 - box.left) < _SMALL_PT
        and abs(s.x1 - box.right) < _SMALL_PT
        and s.x0 < box.left + 2.5
        and s.x1 > box.right - 2.5
        for s in level
    )


def _covered(box: Area, y: float, level: Sequence[Segment]) -> float:
    spans = sorted(
        (max(s.x0, box.left), min(s.x1, box.right))
        for s in level
        if abs(s.y0 - y) < _SAME_PT and s.x0 < box.right and s.x1 > box.left
    )
    total, reached = 0.0, box.left
    for start, end in spans:
        total += max(0.0, end - max(start, reached))
        reached = max(reached, end)
    return total / box.width


def _swallowed(face: Area, boxes: Sequence[Area]) -> bool:
    """Whether a face is but a part of a box that another rule cuts."""
    return any(overlap(face, box) > 0.8 * size_of(face) and not same_area(face, box) for box in boxes)


def size_of(area: Area) -> float:
    """Square points."""
    return area.width * area.height


def overlap(a: Area, b: Area) -> float:
    """Square points two areas share."""
    wide = min(a.right, b.right) - max(a.left, b.left)
    high = min(a.bottom, b.bottom) - max(a.top, b.top)
    return wide * high if wide > 0 and high > 0 else 0.0


def iou(a: Area, b: Area) -> float:
    """Intersection over union, 0..1."""
    shared = overlap(a, b)
    return shared / (size_of(a) + size_of(b) - shared)


def once(cells: Sequence[Area]) -> list[Area]:
    """Without the larger of two small boxes that are nearly the same: doubled and slid borders."""
    kept: list[Area] = []
    for cell in sorted(cells, key=size_of):
        small = max(cell.width, cell.height) < _SMALL_PT
        if not any(iou(cell, k) > (_DOUBLED if small else 0.9) for k in kept):
            kept.append(cell)
    return sorted(kept, key=lambda a: (round(a.top / 3), a.left))


def same_area(a: Area, b: Area) -> bool:
    """Whether two areas are one and the same printed place."""
    return iou(a, b) > 0.75
