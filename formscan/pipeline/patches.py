"""Where pieces of print are on a scan: small windows of the blank looked for on the page.

Both pictures are in the template's frame already, so the search is short and no turn has to be tried.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from formscan.model.geometry import MM_PER_INCH
from formscan.model.page import Grey
from formscan.pipeline.structure import Boxes, Flags, PrintedStructure, halved, shortened, thinned

Points = npt.NDArray[np.float64]
"""float64 (n, 2): x, y."""
Scores = npt.NDArray[np.float64]
Floats = npt.NDArray[np.float32]
Indices = npt.NDArray[np.int32]

ALONG_BLUR_MM: Final = 2.5
"""Dots of leaders are smeared along the line by this much, so that their phase does not matter."""
CORE: Final = 0.5
"""Share of a word's darkest ink from which a pixel is the core of a stroke."""
ROUGH: Final = 0.5
SPARSE_MM: Final = 8.0
SHORT_MM: Final = 12.0
"""For a first correction one word in so much space is enough, and so much of it."""
EVERY: Final = 5
"""Of pictures smeared like that, every such pixel along the line is looked at."""
GROW: Final = 2
"""Pixels around a box that are looked for with it."""
DOTS_EVERY: Final = 3
"""The same across the line, where dots are looked for along it."""


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


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """Windows cut out of a picture that itself is not kept.

    Attributes:
        shape: Height and width of the picture.
        cut: Top, left and pixels of each, with ``GROW`` pixels around where the picture has them.
    """

    shape: tuple[int, int]
    cut: tuple[tuple[int, int, Grey], ...]

    @classmethod
    def of(cls, picture: Grey, boxes: Boxes) -> Windows:
        """Cut out ``boxes``."""
        grown = np.clip(boxes + np.array([-GROW, -GROW, GROW, GROW], np.int32), 0, None).tolist()
        cut = tuple((t, l, picture[t:b, l:r].copy()) for l, t, r, b in grown)  # noqa: E741
        return cls((int(picture.shape[0]), int(picture.shape[1])), cut)

    def part(self, at: int, rows: slice, columns: slice) -> Grey:
        """Rows and columns of the picture, within window ``at``."""
        top, left, pixels = self.cut[at]
        return pixels[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left]


@dataclass(frozen=True, slots=True, eq=False)
class RowPatches:
    """Windows of one size in a picture smeared along its rows; the picture itself is not kept.

    Smeared pictures change slowly along the rows: every ``every``-th of their pixels tells as much.

    Attributes:
        boxes: As given.
        top: First row of each, ``GROW`` rows above its box.
        columns: int32 (n, 1, k), the columns looked at.
        pixels: uint8 (n, rows, k), of those that lie on the picture; white of the others.
        usable: bool (n,), which are of the common height and lie on the picture.
        height: Of the picture.
    """

    boxes: Boxes
    top: Indices
    columns: Indices
    pixels: Grey
    usable: Flags
    height: int

    @classmethod
    def of(cls, picture: Grey, boxes: Boxes, every: int = EVERY) -> RowPatches:
        """Cut ``boxes`` out."""
        height, width = picture.shape
        if not len(boxes):
            none = np.zeros((0, 1, 0), np.int32)
            return cls(boxes, boxes[:, 1], none, np.zeros((0, 0, 0), np.uint8), boxes[:, 0] > 0, height)
        left, right = np.clip(boxes[:, 0] - GROW, 0, None), np.clip(boxes[:, 2] + GROW, None, width)
        top, bottom = boxes[:, 1] - GROW, boxes[:, 3] + GROW
        wide, tall = int((right - left).max()), int((bottom - top).max())
        usable = (right > left + 5) & (top >= 0) & (bottom <= height) & (bottom - top == tall)
        columns = np.minimum(left[:, None] + np.arange(every // 2, wide, every), width - 1)[:, None, :]
        rows = (top[:, None] + np.arange(tall))[:, :, None]
        pixels = np.full((len(boxes), tall, columns.shape[2]), 255, np.uint8)
        pixels[usable] = picture[rows[usable], columns[usable]]
        return cls(boxes, top, columns.astype(np.int32), pixels, usable, height)


class Pattern:
    """A blank page made ready to be looked for, as often as wanted.

    Args:
        image: uint8 grey, the blank page.
        structure: Of ``image``.
    """

    def __init__(self, image: Grey, structure: PrintedStructure) -> None:
        self.image = image
        self.structure = structure
        self.along = max(3, round(ALONG_BLUR_MM * structure.dpi / MM_PER_INCH))

    @cached_property
    def ends(self) -> Windows:
        """Ends of rows of dots, smeared along the line to bars."""
        return Windows.of(_smeared(self.image, self.along, 1), self.structure.ends)

    @cached_property
    def rows(self) -> RowPatches:
        """Pieces of leaders and rules, smeared along the line."""
        return RowPatches.of(_smeared(self.image, self.along, 1), self.structure.rows)

    @cached_property
    def columns(self) -> RowPatches:
        """Pieces of upright rules, smeared along them and turned over, so that columns are rows."""
        upright = _turned(_smeared(self.image, 1, self.along))
        return RowPatches.of(upright, self.structure.columns[:, [1, 0, 3, 2]])

    @cached_property
    def dots(self) -> tuple[RowPatches, RowPatches]:
        """Ends and rows, hardly smeared and turned over, so that rows of dots are columns."""
        sideways = _turned(_smeared(self.image, 1, DOTS_EVERY))
        ends, rows = (boxes[:, [1, 0, 3, 2]] for boxes in (self.structure.ends, self.structure.rows))
        return RowPatches.of(sideways, ends, DOTS_EVERY), RowPatches.of(sideways, rows, DOTS_EVERY)

    @cached_property
    def rough(self) -> Pattern:
        """The page at half the resolution, with enough of its words for a first correction."""
        few = shortened(thinned(self.structure, SPARSE_MM), SHORT_MM)
        size = int(self.image.shape[1] * ROUGH), int(self.image.shape[0] * ROUGH)
        half = cv2.resize(self.image[: 2 * size[1], : 2 * size[0]], size, interpolation=cv2.INTER_AREA)
        return Pattern(np.asarray(half, dtype=np.uint8), halved(few, size))

    @cached_property
    def cores(self) -> tuple[Indices, Indices, Indices, Floats]:
        """Of every pixel in the core of a stroke of a word: the word, row, column, and depth below white."""
        found = []
        for at, (left, top, right, bottom) in enumerate(self.structure.words.tolist()):
            wanted = 255 - self.image[top:bottom, left:right].astype(np.float32)
            rows, columns = np.nonzero(wanted > CORE * wanted.max(initial=1))
            found.append((np.full(len(rows), at), rows + top, columns + left, wanted[rows, columns]))
        if not found:
            none = np.zeros(0, dtype=np.int32)
            return none, none, none, np.zeros(0, np.float32)
        word, row, column, depth = (np.concatenate(parts) for parts in zip(*found, strict=True))
        return (
            np.asarray(word, dtype=np.int32),
            np.asarray(row, dtype=np.int32),
            np.asarray(column, dtype=np.int32),
            np.asarray(depth, dtype=np.float32),
        )

    @cached_property
    def fixed(self) -> int:
        """How many patches come before the rows: words, corners, ends."""
        return len(self.structure.words) + len(self.structure.corners) + len(self.structure.ends)


def match_structure(page: Grey, pattern: Pattern, reach_mm: float, lines: bool = True) -> Matches:
    """Look for all patches of a structure: words, corners, ends of rows of dots, rows, columns.

    The ends are looked for with their dots smeared to a bar, so that no other dot is taken for the last.

    Args:
        page: uint8 grey, in the template's frame at the structure's resolution.
        pattern: Of the same shape.
        reach_mm: Search radius along each fixed axis.
        lines: Also pieces of leaders and rules, which fix one axis.
    """
    structure = pattern.structure
    reach = max(2, round(reach_mm * structure.dpi / MM_PER_INCH))
    found = [
        match_boxes(page, pattern.image, boxes, (reach, reach))
        for boxes in (structure.words, structure.corners)
    ]
    level = _smeared(page, pattern.along, 1) if lines or len(structure.ends) else page
    found.append(match_boxes(level, pattern.ends, structure.ends, (reach, reach)))
    if lines:
        found.append(match_rows(level, pattern.rows, reach))
        upright = _turned(_smeared(page, 1, pattern.along))
        found.append(_unturned(match_rows(upright, pattern.columns, reach)))
    return Matches(
        np.vstack([part.centres for part in found]),
        np.vstack([part.moved for part in found]),
        np.concatenate([part.scores for part in found]),
        np.vstack([part.fixes for part in found]),
        np.concatenate([part.rim for part in found]),
    )


def match_dots(page: Grey, pattern: Pattern, reach_mm: float) -> Matches:
    """Look for ends and rows of dots along the line; ``reach_mm`` must stay below half their pitch.

    Returns:
        One match for every end and every row; rules, which say nothing along the line, score -1.
    """
    structure = pattern.structure
    reach = max(2, round(reach_mm * structure.dpi / MM_PER_INCH))
    sideways = _turned(_smeared(page, 1, DOTS_EVERY))
    ends, rows = (_unturned(match_rows(sideways, patches, reach)) for patches in pattern.dots)
    scores = np.concatenate([ends.scores, np.where(structure.dotted, rows.scores, -1.0)])
    return Matches(
        np.vstack([ends.centres, rows.centres]),
        np.vstack([ends.moved, rows.moved]),
        scores,
        np.vstack([ends.fixes, rows.fixes]),
        np.concatenate([ends.rim, rows.rim]),
    )


def _smeared(image: Grey, across: int, down: int) -> Grey:
    return np.asarray(cv2.blur(image, (across, down)), dtype=np.uint8)


def _turned(image: Grey) -> Grey:
    return np.asarray(cv2.transpose(image), dtype=np.uint8)


def _unturned(found: Matches) -> Matches:
    return replace(
        found, centres=found.centres[:, ::-1], moved=found.moved[:, ::-1], fixes=found.fixes[:, ::-1]
    )


def _centres(boxes: Boxes) -> Points:
    return np.asarray((boxes[:, :2] + boxes[:, 2:] - 1) / 2.0, dtype=np.float64)


def match_rows(page: Grey, patches: RowPatches, reach: int) -> Matches:
    """Look for windows of one size up and down, all at once, in a picture smeared along its rows."""
    boxes, count = patches.boxes, len(patches.boxes)
    moved, scores = np.zeros((count, 2)), np.full(count, -1.0)
    rim = np.zeros(count, dtype=np.bool_)
    found = Matches(_centres(boxes), moved, scores, np.tile(np.array([[False, True]]), (count, 1)), rim)
    if not count:
        return found
    tall = patches.pixels.shape[1]
    inside = patches.usable & (patches.top >= reach) & (patches.top + tall <= patches.height - reach)
    rows = (patches.top[inside, None] + np.arange(-reach, tall + reach))[:, :, None]
    window = page[rows, patches.columns[inside]].astype(np.float32)
    surface = _surface(window, patches.pixels[inside].astype(np.float32))
    best = surface.argmax(axis=1)
    scores[inside] = surface.max(axis=1)
    rim[inside] = (best == 0) | (best == 2 * reach)
    moved[inside, 1] = best + _vertices(surface, best) - reach
    return found


def _surface(window: Floats, patch: Floats) -> Floats:
    """Normalised cross correlations (n, shifts) of patches (n, tall, k) in windows of more rows."""
    tall, size = patch.shape[1], patch.shape[1] * patch.shape[2]
    patch = patch - patch.mean(axis=(1, 2), keepdims=True)
    window = window - window.mean(axis=(1, 2), keepdims=True)
    shifts = range(window.shape[1] - tall + 1)
    alike = np.stack([np.einsum("nyx,nyx->n", window[:, s : s + tall], patch) for s in shifts], axis=1)
    sums, squares = window.sum(axis=2), np.einsum("nyx,nyx->ny", window, window)
    total = np.stack([sums[:, s : s + tall].sum(axis=1) for s in shifts], axis=1)
    power = np.stack([squares[:, s : s + tall].sum(axis=1) for s in shifts], axis=1) - total**2 / size
    power = np.maximum(power, 0) * np.einsum("nyx,nyx->n", patch, patch)[:, None]
    return np.asarray(np.where(power > 1, alike / np.sqrt(np.maximum(power, 1)), 0), dtype=np.float32)


def _vertices(surface: Floats, best: npt.NDArray[np.intp]) -> Scores:
    """Offset of the vertex of a parabola through the best value of each row and its neighbours."""
    inner = np.clip(best, 1, surface.shape[1] - 2)
    before, here, after = (
        np.take_along_axis(surface, (inner + k)[:, None], 1)[:, 0].astype(np.float64) for k in (-1, 0, 1)
    )
    bend = before - 2 * here + after
    shift = np.divide(0.5 * (before - after), bend, out=np.zeros_like(bend), where=bend < 0)
    return np.where(inner == best, shift, 0.0)


def match_boxes(page: Grey, blank: Grey | Windows, boxes: Boxes, reach: tuple[int, int]) -> Matches:
    """Look for the windows ``boxes`` of ``blank`` on ``page``, at most ``reach`` (x, y) pixels away."""
    count = len(boxes)
    moved, scores = np.zeros((count, 2)), np.full(count, -1.0)
    rim = np.zeros(count, dtype=np.bool_)
    height, width = blank.shape
    for at, (left, top, right, bottom) in enumerate(boxes.tolist()):
        l, t = max(left - GROW, reach[0]), max(top - GROW, reach[1])  # noqa: E741
        r, b = min(right + GROW, width - reach[0]), min(bottom + GROW, height - reach[1])
        if r - l < 5 or b - t < 5:
            continue
        window = page[t - reach[1] : b + reach[1], l - reach[0] : r + reach[0]]
        here = slice(t, b), slice(l, r)
        patch = blank.part(at, *here) if isinstance(blank, Windows) else blank[here]
        surface = np.asarray(cv2.matchTemplate(window, patch, cv2.TM_CCOEFF_NORMED), np.float32)
        _, scores[at], _, (x, y) = cv2.minMaxLoc(surface)
        dx, edge_x = _peak(surface[y], x)
        dy, edge_y = _peak(surface[:, x], y)
        moved[at] = dx - reach[0], dy - reach[1]
        rim[at] = (edge_x and reach[0] > 0) or (edge_y and reach[1] > 0)
    fixes = np.tile(np.array([[reach[0] > 0, reach[1] > 0]]), (count, 1))
    return Matches(_centres(boxes), moved, scores, fixes, rim)


def _peak(values: npt.NDArray[np.float32], at: int) -> tuple[float, bool]:
    """Sub-pixel place of a peak by a parabola through three values; and whether it lies on the rim."""
    if at in (0, len(values) - 1):
        return float(at), True
    before, here, after = float(values[at - 1]), float(values[at]), float(values[at + 1])
    bend = before - 2 * here + after
    return (at + 0.5 * (before - after) / bend if bend < 0 else float(at)), False
