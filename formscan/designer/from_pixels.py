"""A blank form as a picture, taken apart: rules, dots, boxes and pieces of print, by OpenCV alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from formscan.designer.cells import Mask, cells_of, once, open_cells
from formscan.designer.dots import Blobs, leaders_of
from formscan.designer.printed import Leader, Segment
from formscan.designer.straighten import ink_of, straightened
from formscan.model.geometry import POINTS_PER_INCH, Area
from formscan.model.page import Grey, Matrix

_SEED_PT: Final = 3.2
"""Runs of ink this long start a rule; what lies between them on a line is added."""
_FAINT: Final = 0.17
"""Rules this faint count where they are straight and long; see ``ink_of``."""
_GAP_PT: Final = 2.0
_LEVEL_PT: Final = 6.0
_UPRIGHT_PT: Final = 6.0
"""Shortest rules looked for: the sides of a tick box of 7 pt."""
_THICK_PT: Final = 3.6
_INKED: Final = 0.88
"""Least share of every side of a small cell that is ink."""
_LEAST_SQUARE_PT: Final = 6.6
_LEAST_CELL_PT: Final = 7.9
"""Shortest side of a square box and of any other cell; the official forms have none under 8 pt."""
_LETTER_PT: Final = 11.6
_STEM_PT: Final = 1.6
_STEMS_PT: Final = 9.0
"""Most stems of letters are shorter."""
_SERIF_PT: Final = 14.0
_TITLE_PT: Final = 330.0
_WHITE_PT: Final = (1.0, 2.2, 3.4)
"""Distances from a rule at one of which there is white, whether another rule lies beside it or not."""
_PRINT_INK: Final = 0.22
_RING_PT: Final = (1.3, 2.5)
_RING_INK: Final = 0.2
_FINE_GAP_PT: Final = 0.9
"""Gaps of a finely dotted border; those between the dots of a leader are 1.2 pt and more."""
_ROW_PT: Final = 20.0
_MEET_PT: Final = 1.0
"""Ends of rules are drawn out this far, so that corners meet."""


@dataclass(frozen=True, slots=True, eq=False)
class PixelSheet:
    """What the pixels of one page gave, in points of the straightened picture.

    Attributes:
        grey: The straightened picture without its rules and dots: what is left is words.
        to_source: Points of the straightened picture to pixels of the one given.
    """

    grey: Grey
    dpi: float
    cells: tuple[Area, ...]
    leaders: tuple[Leader, ...]
    level: tuple[Segment, ...]
    upright: tuple[Segment, ...]
    blobs: Blobs
    to_source: Matrix


def read_pixels(grey: Grey, dpi: float) -> PixelSheet:
    """Take a picture of a blank page apart.

    Args:
        grey: uint8 (height, width), right way up, skewed by no more than 6 degrees.
        dpi: Of it; 150 to 400.
    """
    straight, back, _ = straightened(grey, dpi)
    ink = ink_of(straight, dpi)
    level_mask, upright_mask = _rules(ink, dpi)
    stems = _segments(upright_mask, dpi)
    faint = ink_of(straight, dpi, _FAINT)
    more = _rules(_without_dots(faint, leaders_of(blobs_of(ink, dpi)), dpi), dpi)
    level_mask, upright_mask = level_mask | more[0], upright_mask | more[1]
    level = [s for s in _segments(level_mask, dpi) if s.level]
    upright = [s for s in _segments(upright_mask, dpi) if not s.level]
    dotted = _dotted_borders(ink, level_mask, upright, dpi)
    level += _segments(dotted, dpi)
    walls = _walls(level_mask | dotted, upright_mask, dpi)
    found = cells_of(walls, upright, level, dpi, (_thickness(upright, dpi), _thickness(level, dpi)))
    inked = faint | dotted
    cells = [
        c
        for c in found
        if not _in_letter(c, stems) and _bordered(c, inked, dpi) and _stands_alone(c, ink, dpi)
    ]
    cells = once([*cells, *open_cells(cells, level)])
    level = _apart_from_print(level, faint, dpi)
    rest = _without_rules(ink, [*level, *upright], cells, dpi)
    blobs = blobs_of(rest, dpi)
    leaders = leaders_of(blobs)
    scale = dpi / POINTS_PER_INCH
    to_source = back @ np.array([[scale, 0, -0.5], [0, scale, -0.5], [0, 0, 1]])
    return PixelSheet(
        _words_only(straight, rest, leaders, dpi),
        dpi,
        tuple(cells),
        tuple(leaders),
        tuple(level),
        tuple(upright),
        blobs,
        to_source,
    )


def _rules(ink: Mask, dpi: float) -> tuple[Mask, Mask]:
    """Masks of level and of upright rules."""
    scale = dpi / POINTS_PER_INCH
    out = []
    for across, least in ((True, _LEVEL_PT), (False, _UPRIGHT_PT)):
        # a rule a trifle askew steps from row to row: thicken it across first
        thick = cv2.dilate(ink, _bar(2, not across))
        seeds = cv2.morphologyEx(thick, cv2.MORPH_OPEN, _bar(_SEED_PT * scale, across))
        whole = cv2.morphologyEx(seeds, cv2.MORPH_CLOSE, _bar(_GAP_PT * scale, across))
        long = cv2.morphologyEx(whole, cv2.MORPH_OPEN, _bar(least * scale, across))
        out.append(_thin_only(np.asarray(long, dtype=np.uint8), across, dpi))
    return out[0], out[1]


def _without_dots(ink: Mask, leaders: list[Leader], dpi: float) -> Mask:
    """Ink without the dots of lines, which a blur may run together."""
    scale = dpi / POINTS_PER_INCH
    out = ink.copy()
    for leader in leaders:
        top, bottom = round((leader.baseline - 2.2) * scale), round((leader.baseline + 1.0) * scale)
        left, right = round((leader.area.left - 2) * scale), round((leader.area.right + 2) * scale)
        out[max(0, top) : bottom, max(0, left) : right] = 0
    return out


def _bar(length: float, across: bool) -> npt.NDArray[np.uint8]:
    n = max(2, round(length))
    return np.ones((1, n) if across else (n, 1), np.uint8)


def _thin_only(mask: Mask, across: bool, dpi: float) -> Mask:
    """Without solid areas: print of headings, shading, logos."""
    core = cv2.morphologyEx(mask, cv2.MORPH_OPEN, _bar(_THICK_PT * dpi / POINTS_PER_INCH, not across))
    return np.asarray(cv2.subtract(mask, core), dtype=np.uint8) if core.any() else mask


def _segments(mask: Mask, dpi: float) -> list[Segment]:
    """Centre lines of the pieces of a mask of level or upright rules."""
    scale = dpi / POINTS_PER_INCH
    _, _, stats, centres = cv2.connectedComponentsWithStats(mask, connectivity=8)
    found = []
    for (left, top, width, height, area), (x, y) in zip(
        stats[1:].tolist(), centres[1:].tolist(), strict=True
    ):
        cx, cy = float(x + 0.5) / scale, float(y + 0.5) / scale
        thick = max(area / max(width, height) - 1, 0.5) / scale  # the mask was thickened by a pixel
        if width >= height:
            found.append(Segment(left / scale, cy, (left + width) / scale, cy, thick))
        else:
            found.append(Segment(cx, top / scale, cx, (top + height) / scale, thick))
    return found


def _thickness(rules: list[Segment], dpi: float) -> float:
    """Usual width of rules in their mask, pixels: half of the length of all of them is no wider.

    By length, not by number: stems of a large heading are many, and short.
    """
    long = sorted((s.width * dpi / POINTS_PER_INCH + 1, s.length) for s in rules if s.length > _STEMS_PT)
    if not long:
        return 2.0
    lengths = np.cumsum([length for _, length in long])
    return float(long[int(np.searchsorted(lengths, lengths[-1] / 2))][0])


def _apart_from_print(level: list[Segment], ink: Mask, dpi: float) -> list[Segment]:
    """Level rules without rows of serifs: a rule has white over and under it, letters have stems there."""
    scale = dpi / POINTS_PER_INCH
    return [s for s in level if not _SERIF_PT <= s.length <= _TITLE_PT or _in_white(s, ink, scale)]


def _in_white(rule: Segment, ink: Mask, scale: float) -> bool:
    left, right = round(rule.x0 * scale), round(rule.x1 * scale)
    for way in (-1, 1):
        rows = [round((rule.y0 + way * (rule.width / 2 + far)) * scale) for far in _WHITE_PT]
        shares = [float((ink[y, left:right] > 0).mean()) for y in rows if 0 <= y < ink.shape[0]]
        if shares and min(shares) > _PRINT_INK:
            return False
    return True


def _walls(level: Mask, upright: Mask, dpi: float) -> Mask:
    reach = 2 * _MEET_PT * dpi / POINTS_PER_INCH
    drawn = cv2.bitwise_or(
        cv2.dilate(level, _bar(reach, across=True)), cv2.dilate(upright, _bar(reach, across=False))
    )
    return np.asarray(drawn, dtype=np.uint8)


def _dotted_borders(ink: Mask, level: Mask, upright: list[Segment], dpi: float) -> Mask:
    """Finely dotted level rules that run from one upright rule to another, as between rows of a table."""
    scale = dpi / POINTS_PER_INCH
    joined = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, _bar(max(3, _FINE_GAP_PT * scale), across=True))
    seeds = cv2.morphologyEx(joined, cv2.MORPH_OPEN, _bar(_SEED_PT * scale, across=True))
    whole = cv2.morphologyEx(seeds, cv2.MORPH_CLOSE, _bar(2 * _GAP_PT * scale, across=True))
    long = cv2.morphologyEx(whole, cv2.MORPH_OPEN, _bar(_ROW_PT * scale, across=True))
    thin = _thin_only(np.asarray(long, dtype=np.uint8), across=True, dpi=dpi)
    new = np.where(cv2.dilate(level, _bar(5, across=False)) > 0, 0, thin).astype(np.uint8)
    out = np.zeros_like(ink)
    for s in _segments(new, dpi):
        ends = [any(abs(u.x0 - x) < 3 and u.y0 - 3 < s.y0 < u.y1 + 3 for u in upright) for x in (s.x0, s.x1)]
        if all(ends):
            at = (round(s.x0 * scale), round(s.y0 * scale)), (round(s.x1 * scale), round(s.y0 * scale))
            cv2.line(out, *at, 255, 1)
    return out


def _in_letter(cell: Area, upright: list[Segment]) -> bool:
    """Whether a small face lies between the strokes of a letter: too slim, or with a stem for a side."""
    wide, high = cell.width, cell.height
    if min(wide, high) < (_LEAST_SQUARE_PT if 0.8 < wide / high < 1.25 else _LEAST_CELL_PT):
        return True
    if max(wide, high) > _LETTER_PT:
        return False
    return any(
        s.width > _STEM_PT
        and min(abs(s.x0 - cell.left), abs(s.x0 - cell.right)) < 2.0
        and s.y0 < cell.bottom
        and s.y1 > cell.top
        for s in upright
    )


def _stands_alone(cell: Area, ink: Mask, dpi: float) -> bool:
    """Whether there is paper around a small face, as there is not around the face of a letter."""
    if max(cell.width, cell.height) > _LETTER_PT:
        return True
    scale = dpi / POINTS_PER_INCH
    far, near = cell.grown(_RING_PT[1]), cell.grown(_RING_PT[0])
    outer, inner = (
        ink[
            max(0, round(a.top * scale)) : round(a.bottom * scale),
            max(0, round(a.left * scale)) : round(a.right * scale),
        ]
        for a in (far, near)
    )
    ring = int((outer > 0).sum()) - int((inner > 0).sum())
    return ring < _RING_INK * max(1, outer.size - inner.size)


def _bordered(cell: Area, ink: Mask, dpi: float) -> bool:
    """Whether ink runs along every side: the gaps between the strokes of an H have no lid."""
    scale, near = dpi / POINTS_PER_INCH, max(2, round(1.2 * dpi / POINTS_PER_INCH))
    left, top, right, bottom = (round(v * scale) for v in (cell.left, cell.top, cell.right, cell.bottom))
    if min(right - left, bottom - top) > 40 * scale:
        return True
    sides = (
        (ink[max(0, top - near) : top + near + 1, left : right + 1], 0),
        (ink[max(0, bottom - near) : bottom + near + 1, left : right + 1], 0),
        (ink[top : bottom + 1, max(0, left - near) : left + near + 1], 1),
        (ink[top : bottom + 1, max(0, right - near) : right + near + 1], 1),
    )
    return all(part.size and float((part.max(axis=axis) > 0).mean()) > _INKED for part, axis in sides)


def _without_rules(ink: Mask, rules: list[Segment], cells: list[Area], dpi: float) -> Mask:
    """The ink without rules that are longer than a letter or border a cell."""
    scale = dpi / POINTS_PER_INCH
    mask = np.zeros_like(ink)
    for s in rules:
        if s.length >= (22.0 if s.level else 18.0) or _borders(s, cells):
            ends = (round(s.x0 * scale), round(s.y0 * scale)), (round(s.x1 * scale), round(s.y1 * scale))
            cv2.line(mask, *ends, 255, max(3, round((s.width + 0.7) * scale)))
    for c in cells:
        corners = (
            (round(c.left * scale), round(c.top * scale)),
            (round(c.right * scale), round(c.bottom * scale)),
        )
        cv2.rectangle(mask, *corners, 255, max(3, round(1.2 * scale)))
    return np.where(mask > 0, 0, ink).astype(np.uint8)


def _borders(rule: Segment, cells: list[Area]) -> bool:
    """Whether a short rule runs along a side of a cell, doubled and slid borders included."""
    for c in cells:
        if rule.level:
            along = c.left - 4 < rule.x0 and rule.x1 < c.right + 4
            near = min(abs(rule.y0 - c.top), abs(rule.y0 - c.bottom)) < 3.5
        else:
            along = c.top - 4 < rule.y0 and rule.y1 < c.bottom + 4
            near = min(abs(rule.x0 - c.left), abs(rule.x0 - c.right)) < 3.5
        if along and near:
            return True
    return False


def blobs_of(ink: Mask, dpi: float) -> Blobs:
    """Connected pieces of ink: left, top, right, bottom in points."""
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    boxes = stats[1:, :4].astype(np.float64)
    boxes[:, 2:] += boxes[:, :2]
    return np.asarray(boxes * POINTS_PER_INCH / dpi, dtype=np.float64)


def _words_only(grey: Grey, rest: Mask, leaders: list[Leader], dpi: float) -> Grey:
    """The picture with paper where rules and dots stood."""
    scale = dpi / POINTS_PER_INCH
    near = cv2.dilate(rest, np.ones((5, 5), np.uint8))
    for leader in leaders:
        top, bottom = leader.baseline - 2.6, leader.baseline + 1.0
        for left, right in leader.parts:
            near[
                max(0, round(top * scale)) : round(bottom * scale),
                max(0, round((left - 0.4) * scale)) : round((right + 0.4) * scale),
            ] = 0
    return np.where(near > 0, grey, 255).astype(np.uint8)
