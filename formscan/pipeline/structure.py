"""What is printed on a blank page, found in its raster: words, corners of line work, and lines.

Only the raster is looked at, so a template drawn from data, from a PDF or from a scanned blank gives the
same kind of structure. Three kinds of patches come out, because they say different things about place:
words and corners fix a point, a row of dots or a horizontal rule only its height (the aperture problem;
dots repeat themselves besides), a vertical rule only its side.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from formscan.model.geometry import MM_PER_INCH, POINTS_PER_INCH, Area
from formscan.model.page import Grey

Boxes = npt.NDArray[np.int32]
"""int32 (n, 4): left, top, right, bottom in pixels, right and bottom exclusive."""
Flags = npt.NDArray[np.bool_]

INK_BELOW: Final = 190
"""Grey of a blank page below which a pixel is print."""
FLAT_MM: Final = 0.9
"""Height of dots, leaders, dashes and rules at most."""
WORD_GAP_MM: Final = 1.0
"""Glyphs closer than this are one word."""
WORD_MM: Final = (0.9, 26.0)
"""Smallest height and largest width of a word; longer ones are split."""
DOTTED: Final = 25.0
"""Standard deviation of grey along a row of dots at least."""
DOTS: Final = 4
PITCH_MM: Final = 0.8
"""Dots closer than this are a fine line: which of them is which cannot be told."""
LINE_ART_MM: Final = (14.0, 9.0)
"""Width or height from which a connected piece of print is line work."""


@dataclass(frozen=True, slots=True, eq=False)
class PrintedStructure:
    """Print of one blank page that can be looked for on a scan.

    Attributes:
        dpi: Of the pixel coordinates.
        size: (width, height) of the page in pixels.
        words: Boxes of words, tick boxes and single comb cells.
        anchors: bool (n,), which words lie within the template's anchors.
        corners: Boxes around corners and crossings of line work.
        ends: Boxes around the ends of rows of dots with paper beyond.
        rows: Boxes over pieces of leaders and horizontal rules: they fix y only.
        dotted: bool (n,), which rows are dots, so that they tell x too once it is known to half their pitch.
        columns: Boxes over pieces of vertical rules: they fix x only.
    """

    dpi: float
    size: tuple[int, int]
    words: Boxes
    anchors: Flags
    corners: Boxes
    ends: Boxes
    rows: Boxes
    dotted: Flags
    columns: Boxes


def printed_structure(blank: Grey, dpi: float, anchors: Sequence[Area] = ()) -> PrintedStructure:
    """Find the printed structure of a blank page.

    Args:
        blank: uint8 grey (height, width).
        dpi: Of ``blank``; 100 to 200 is right.
        anchors: Areas in points that must be found on a page.
    """
    mm = dpi / MM_PER_INCH
    ink = np.asarray(blank < INK_BELOW, dtype=np.uint8)
    glyphs, art, flat, upright = _classes(ink, mm)
    words = _words(glyphs, mm)
    rows = _tiles(flat, glyphs, (16.0, 3.2), mm)
    return PrintedStructure(
        dpi,
        (int(blank.shape[1]), int(blank.shape[0])),
        words,
        _inside(words, anchors, dpi),
        _corners(art, mm),
        _ends(blank, ink, flat, mm),
        rows,
        _dotted(blank, rows, mm),
        _tiles(upright, glyphs, (3.2, 16.0), mm),
    )


def thinned(structure: PrintedStructure, apart_mm: float) -> PrintedStructure:
    """The same with fewer words: none within ``apart_mm`` of a longer one, anchors or not."""
    boxes = structure.words.astype(np.float64)
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2
    free, kept = np.ones(len(boxes), dtype=np.bool_), np.zeros(len(boxes), dtype=np.bool_)
    for at in np.argsort(-(boxes[:, 2] - boxes[:, 0]), kind="stable"):
        if free[at]:
            kept[at] = True
            near = np.hypot(*(centres - centres[at]).T) < apart_mm / MM_PER_INCH * structure.dpi
            free &= ~near
    return replace(structure, words=structure.words[kept], anchors=structure.anchors[kept])


def shortened(structure: PrintedStructure, widest_mm: float) -> PrintedStructure:
    """The same with no more than the middle ``widest_mm`` of each word: that places it as well."""
    words = structure.words.copy()
    over = np.maximum(words[:, 2] - words[:, 0] - round(widest_mm / MM_PER_INCH * structure.dpi), 0)
    words[:, 0] += over // 2
    words[:, 2] -= over - over // 2
    return replace(structure, words=words)


def halved(structure: PrintedStructure, size: tuple[int, int]) -> PrintedStructure:
    """The words and corners of a structure, for the page at half its resolution, of ``size``."""

    def half(boxes: Boxes) -> Boxes:
        return np.concatenate([boxes[:, :2] // 2, -(-boxes[:, 2:] // 2)], axis=1)

    none, corners = _boxes([]), structure.corners
    return PrintedStructure(
        dpi=structure.dpi / 2,
        size=size,
        words=half(structure.words),
        anchors=structure.anchors,
        corners=half(corners),
        ends=none,
        rows=none,
        dotted=np.zeros(0, dtype=np.bool_),
        columns=none,
    )


def _classes(ink: Grey, mm: float) -> tuple[Grey, Grey, Grey, Grey]:
    """Masks of glyphs, line work, flat print (dots, leaders, horizontal rules) and vertical rules."""
    _count, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    wide, high = stats[:, cv2.CC_STAT_WIDTH] / mm, stats[:, cv2.CC_STAT_HEIGHT] / mm
    art = (wide > LINE_ART_MM[0]) | (high > LINE_ART_MM[1])
    flat = ~art & (high <= FLAT_MM)
    glyph = ~art & ~flat
    for group in (art, flat, glyph):
        group[0] = False
    masks = [np.asarray(group, dtype=np.uint8)[labels] for group in (glyph, art, flat)]
    long_row = cv2.getStructuringElement(cv2.MORPH_RECT, (max(3, round(4 * mm)), 1))
    long_column = cv2.getStructuringElement(cv2.MORPH_RECT, (1, max(3, round(6 * mm))))
    rows = cv2.morphologyEx(masks[1], cv2.MORPH_OPEN, long_row)
    columns = cv2.morphologyEx(masks[1], cv2.MORPH_OPEN, long_column)
    return masks[0], masks[1], np.asarray(masks[2] | rows), np.asarray(columns)


def _words(glyphs: Grey, mm: float) -> Boxes:
    reach = cv2.getStructuringElement(
        cv2.MORPH_RECT, (max(3, round(WORD_GAP_MM * mm)), max(3, round(0.6 * mm)))
    )
    _, _, stats, _ = cv2.connectedComponentsWithStats(cv2.dilate(glyphs, reach), connectivity=8)
    found: list[tuple[int, int, int, int]] = []
    for left, top, width, height, _area in stats[1:].tolist():
        if height / mm < WORD_MM[0]:
            continue
        parts = max(1, int(np.ceil(width / mm / WORD_MM[1])))
        edges = np.linspace(left, left + width, parts + 1).astype(int)
        found.extend((int(a), top, int(b), top + height) for a, b in pairwise(edges))
    return _boxes(found)


def _boxes(found: Sequence[tuple[int, int, int, int]]) -> Boxes:
    return np.array(found, dtype=np.int32).reshape(-1, 4)


def _inside(words: Boxes, anchors: Sequence[Area], dpi: float) -> Flags:
    scale = dpi / POINTS_PER_INCH
    x, y = (words[:, 0] + words[:, 2]) / 2 / scale, (words[:, 1] + words[:, 3]) / 2 / scale
    inside = np.zeros(len(words), dtype=np.bool_)
    for area in anchors:
        inside |= (area.left <= x) & (x <= area.right) & (area.top <= y) & (y <= area.bottom)
    return inside


def _corners(art: Grey, mm: float) -> Boxes:
    """Windows of 7 mm around corners of line work, at most one each 8 mm."""
    if not art.any():
        return _boxes([])
    smooth = cv2.GaussianBlur(art * np.uint8(255), (0, 0), 0.25 * mm)
    block = max(3, int(1.2 * mm) | 1)
    found = cv2.goodFeaturesToTrack(smooth, 160, 0.15, 8 * mm, blockSize=block)
    half = round(3.5 * mm)
    centres = np.rint(np.reshape(found if found is not None else [], (-1, 2))).astype(int).tolist()
    return _boxes([(x - half, y - half, x + half + 1, y + half + 1) for x, y in centres])


def _ends(blank: Grey, ink: Grey, flat: Grey, mm: float) -> Boxes:
    """Windows of 8.5 by 3 mm around the ends of long rows of dots where nothing is printed beyond."""
    reach = cv2.getStructuringElement(cv2.MORPH_RECT, (max(3, round(1.4 * mm)), 1))
    _, _, stats, _ = cv2.connectedComponentsWithStats(cv2.morphologyEx(flat, cv2.MORPH_CLOSE, reach))
    clear, along, half = round(2.5 * mm), round(6 * mm), round(1.5 * mm)
    found: list[tuple[int, int, int, int]] = []
    inner: list[tuple[int, int, int, int]] = []
    for left, top, width, high, _area in stats[1:].tolist():
        if width < 2 * along or high > FLAT_MM * mm + 1:
            continue
        middle, right = top + high // 2, left + width
        rows = slice(max(middle - half // 2, 0), middle + half // 2 + 1)
        for edge, beyond, box, dots in (
            (left, slice(max(left - clear, 0), max(left - 1, 0)), (left - clear, left + along), left),
            (right, slice(right + 1, right + clear), (right - along, right + clear), right - 2 * along),
        ):
            inside = clear <= edge < ink.shape[1] - clear
            if inside and not ink[rows, beyond].any():
                rim = max(middle - half, 0), middle + half + 1
                found.append((box[0], rim[0], box[1], rim[1]))
                inner.append((dots, rim[0], dots + 2 * along, rim[1]))
    return _boxes(found)[_dotted(blank, _boxes(inner), mm)]


def _tiles(mask: Grey, glyphs: Grey, size_mm: tuple[float, float], mm: float) -> Boxes:
    """Tiles of the given size centred on the mask's print where no glyph disturbs, spread over the page."""
    width, height = (round(side * mm) for side in size_mm)
    filled = _box_sums(mask, width, height)
    glyph = _box_sums(glyphs, width, height)
    along = width if width > height else height
    good = (filled >= 0.25 * along) & (glyph == 0)
    found: list[tuple[int, int, int, int]] = []
    taken = np.zeros(mask.shape, dtype=np.bool_)
    step_x, step_y = (width, max(1, height)) if width > height else (max(1, width), height)
    for y0 in range(0, good.shape[0], step_y):
        for x0 in range(0, good.shape[1], step_x):
            block = good[y0 : y0 + step_y, x0 : x0 + step_x].astype(np.int32)
            if not block.any():
                continue
            x, y = _middle(mask, block, (x0, y0), (width, height))
            if not taken[y + height // 2, x + width // 2]:
                found.append((x, y, x + width, y + height))
                taken[y : y + height, x : x + width] = True
    return _boxes(found)


def _dotted(blank: Grey, rows: Boxes, mm: float) -> Flags:
    """Whether the darkest values along each row go up and down widely enough to be told apart."""
    found = np.zeros(len(rows), dtype=np.bool_)
    for at, (left, top, right, bottom) in enumerate(rows.tolist()):
        profile = blank[top:bottom, left:right].min(axis=0)[2:-2].astype(np.float64)
        high = profile > profile.mean()
        dots = max(1, int(np.count_nonzero(high[1:] != high[:-1])) // 2)
        covered = max(1, int(np.ptp(np.flatnonzero(~high)))) if (~high).any() else 1
        found[at] = np.std(profile) > DOTTED and dots > DOTS and covered / mm / dots >= PITCH_MM
    return found


def _middle(mask: Grey, good: Boxes, at: tuple[int, int], size: tuple[int, int]) -> tuple[int, int]:
    """Of a block's good places (top left corners) the one nearest to its middle, centred on the print."""
    ys, xs = np.nonzero(good)
    middle = (np.asarray(good.shape) - 1) / 2
    best = int(np.argmin(np.hypot(ys - middle[0], xs - middle[1])))
    x, y = int(xs[best]) + at[0], int(ys[best]) + at[1]
    inside_y, inside_x = np.nonzero(mask[y : y + size[1], x : x + size[0]])
    if size[0] > size[1]:
        return x, max(0, y + round(float(inside_y.mean()) - size[1] / 2))
    return max(0, x + round(float(inside_x.mean()) - size[0] / 2)), y


def _box_sums(mask: Grey, width: int, height: int) -> npt.NDArray[np.int32]:
    """Sum of the mask in the window whose top left corner is each pixel, where it fits."""
    total = cv2.integral(mask)
    return np.asarray(
        total[height:, width:] - total[:-height, width:] - total[height:, :-width] + total[:-height, :-width],
        dtype=np.int32,
    )
