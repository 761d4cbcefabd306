"""What was written on a crop, with everything printed on the blank form taken off.

The blank is moved onto the crop (a few tenths of a millimetre), print is masked with a guard band, ink is
looked for outside the band only, and then grown back through the band where a stroke crosses it
(hysteresis as in Canny, IEEE PAMI 8(6), 1986, applied to components instead of edges).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from formscan.engines.fitting import PRINT_LEVEL, fitted_print, less_print
from formscan.engines.pixels import Labels, Mask, depth_of, grown, level_of, looked_up, paper_of, pieces
from formscan.model.geometry import MM_PER_INCH, Box
from formscan.model.page import Grey
from formscan.model.reading import Crop
from formscan.model.template import FieldKind

_PEN_MM: Final = 1.8
"""No pen on a form writes broader; marker pens are looked at by a person."""
_ROOM_MM: Final = 2.5
"""Around all that is dark beside print; strokes are followed no farther."""
_RIM: Final = 16
"""Pixels around a window that filters look at, at least."""
_TRACE: Final = 5
"""Mean grey levels below white, over a neighbourhood, of ink that evening the light has all but bleached."""
_TRACE_GUARD_MM: Final = 0.4


@dataclass(frozen=True, slots=True)
class InkLimits:
    """Lengths in mm on paper, depths in grey levels below the paper (0..255).

    Attributes:
        guard_mm: Tolerance around print for misregistration and heavier print.
        core_mm: Half-width around print that is always given up, as nobody can tell ink from print there.
        line_mm: Width of printed lines that strokes are followed across.
        dot_mm: The same for the dots of fill-in lines.
        under_mm: How far a stroke is followed along or under print.
        reach_mm: How far the blank is moved at most to fit the crop.
        strong: Depth a stroke must reach somewhere.
        weak: Depth down to which a stroke is followed.
        dust_mm: Spots smaller than this in both directions are dust.
        stroke_mm: From this length on a stroke is writing; below it is doubtful.
        faint_mm: Faint traces (never ``strong``) longer than this are doubtful; shorter ones are shade.
    """

    guard_mm: float = 0.3
    core_mm: float = 0.085
    line_mm: float = 0.5
    dot_mm: float = 0.75
    under_mm: float = 1.0
    reach_mm: float = 0.5
    strong: int = 56
    weak: int = 34
    dust_mm: float = 0.6
    stroke_mm: float = 1.5
    faint_mm: float = 2.0


@dataclass(frozen=True, slots=True)
class Window:
    """Rows and columns of a crop, upper ends excluded."""

    top: int
    bottom: int
    left: int
    right: int

    @property
    def slices(self) -> tuple[slice, slice]:
        """For indexing."""
        return slice(self.top, self.bottom), slice(self.left, self.right)


class Presence(StrEnum):
    """Whether a place was written on."""

    BLANK = "blank"
    DOUBT = "doubt"
    INK = "ink"


@dataclass(frozen=True, slots=True)
class Stroke:
    """One connected piece of ink.

    Attributes:
        box: In pixels of the crop.
        area: Pixels.
        depth: Mean grey levels below the paper.
        beside_print: Thin, straight and wholly next to printed lines: perhaps a badly covered rule.
        faint: Nowhere as dark as writing.
        thick: Broader than any pen or from rim to rim of the crop: a stamp, a blot, a fold.
        label: Its number in ``Ink.labels``; 0 for faint ones.
    """

    box: Box
    area: int
    depth: float
    beside_print: bool = False
    faint: bool = False
    thick: bool = False
    label: int = 0

    @property
    def length(self) -> float:
        """Diagonal of its box in pixels."""
        return float(np.hypot(self.box.width, self.box.height))


@dataclass(frozen=True, slots=True, eq=False)
class Ink:
    """The writing on a crop.

    Attributes:
        mask: bool (height, width), writing without print.
        labels: int32 (height, width), the number of the piece each pixel is of, 0 off the mask.
        grey: uint8 (height, width), the writing alone on white paper, contrast stretched.
        strokes: Connected pieces, left to right; dust is left out.
        specks: Pieces as small as dust that may be the dot of a letter or a comma.
        dpi: Of the crop.
        limits: What it was measured with.
        printed: uint8 (height, width), depth of the blank's print, moved to where it lies in the crop.
        paper: Grey level of the crop's paper.
    """

    mask: Mask
    labels: npt.NDArray[np.int32]
    grey: Grey
    strokes: tuple[Stroke, ...]
    specks: tuple[Stroke, ...]
    dpi: float
    limits: InkLimits
    printed: Grey
    paper: int

    def mm(self, pixels: float) -> float:
        """Pixels of the crop in mm on paper."""
        return pixels * MM_PER_INCH / self.dpi

    def share(self, box: Box) -> float:
        """Share of a box (pixels, clipped to the crop) that is ink, 0..1."""
        part = self.mask[max(box.top, 0) : box.bottom, max(box.left, 0) : box.right]
        return float(part.mean()) if part.size else 0.0

    def presence(self, places: Sequence[Box]) -> Presence:
        """Whether anything was written in any of ``places`` (pixels of the crop)."""
        own = [stroke for stroke in self.strokes if any(self.owns(place, stroke) for place in places)]
        return self.verdict(own)

    def verdict(self, strokes: Sequence[Stroke]) -> Presence:
        """What some strokes amount to: only a plain stroke of some length is certain ink."""
        sure = [s for s in strokes if not (s.faint or s.beside_print or s.thick)]
        if any(self.mm(s.length) >= self.limits.stroke_mm for s in sure):
            return Presence.INK
        return Presence.DOUBT if strokes else Presence.BLANK

    def owns(self, place: Box, stroke: Stroke) -> bool:
        """Whether a stroke was written in a place.

        Half of its height and width, or of the place's where that is less, must lie in the place, 0.4 mm
        around it included; a stroke cut by the crop's upper or lower rim is a neighbour's more often than
        not and gets no margin.
        """
        box, margin = stroke.box, px(0.4, self.dpi)
        cut = box.top <= 1 or box.bottom >= self.mask.shape[0] - 1
        margin = 0 if cut else margin
        height = min(box.bottom, place.bottom + margin) - max(box.top, place.top - margin)
        width = min(box.right, place.right + margin) - max(box.left, place.left - margin)
        return (
            height > 0 and width > 0 and 2 * height > box.height and 2 * width >= min(box.width, place.width)
        )


def px(length_mm: float, dpi: float, least: int = 1) -> int:
    """A length on paper in whole pixels, at least ``least``."""
    return max(least, round(length_mm * dpi / MM_PER_INCH))


def measure(crop: Crop, limits: InkLimits | None = None) -> Ink:
    """Find the writing of a crop by comparing it with its blank.

    Args:
        crop: Image and blank of the same shape, uint8 grey.
        limits: Tolerances.

    Returns:
        The writing; cost about 20 ns a pixel.
    """
    limits = limits or InkLimits()
    paper = paper_of(crop.image)
    depth = depth_of(crop.image, paper)
    closely = crop.field.kind is FieldKind.COMB
    wanted = fitted_print(depth, crop.blank, _reach(crop, limits), closely=closely)
    printed = wanted > 255 - PRINT_LEVEL
    guard, gain = printed, 1.0
    if printed.any():
        guard = grown(printed, px(limits.guard_mm, crop.dpi))
        gain = _gain(depth, wanted)
        limits = _eased(limits, gain)
    outside = (depth > limits.weak) & ~guard
    if not outside.any():
        bleached = tuple(_traces(depth, guard, printed, (), crop.dpi, limits))
        return replace(_nothing(crop, limits, wanted, paper), strokes=bleached)
    window = _around(outside, px(_ROOM_MM, crop.dpi))
    part = window.slices
    near, left, core = depth[part], depth[part], printed[part]
    if printed.any():
        around, inner = _with_rim(window, depth.shape)
        core = grown(printed[around], px(limits.core_mm, crop.dpi))[inner]
        left = less_print(depth[around], wanted[around], crop.residual_mm, gain)[inner]
    mask, rest = _grow(near, left, guard[part], core, _rules(printed[part], crop.dpi), crop.dpi, limits)
    del outside, left
    blank = _nothing(crop, limits, wanted, paper)
    strokes, specks = _strokes(mask, near, guard[part], blank.labels[part], crop.dpi, limits)
    strokes += _faint(rest, near, crop.dpi, limits)
    found, small = ([_placed(s, window, depth.shape[0]) for s in some] for some in (strokes, specks))
    found += _traces(depth, guard, printed, found, crop.dpi, limits)
    blank.mask[part], blank.grey[part] = mask, _on_white(near, mask, core)
    return replace(blank, strokes=tuple(sorted(found, key=lambda s: s.box.left)), specks=tuple(small))


def _around(outside: Mask, room: int) -> Window:
    """The part of a crop in which anything can be ink: around all that is dark and no print."""
    rows, cols = np.flatnonzero(outside.any(axis=1)), np.flatnonzero(outside.any(axis=0))
    height, width = outside.shape
    top, left = max(0, int(rows[0]) - room), max(0, int(cols[0]) - room)
    return Window(top, min(height, int(rows[-1]) + 1 + room), left, min(width, int(cols[-1]) + 1 + room))


def _placed(stroke: Stroke, window: Window, height: int) -> Stroke:
    """A stroke of a window in its crop, which is ``height`` high; one from rim to rim is no writing."""
    box = stroke.box.moved(window.left, window.top)
    through = box.top <= 1 and box.bottom >= height - 1
    return replace(stroke, box=box, thick=stroke.thick or (through and not stroke.faint))


def _with_rim(window: Window, shape: tuple[int, ...]) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    """A window with what filters look at around it, and where the window lies in that."""
    top, left = max(0, window.top - _RIM), max(0, window.left - _RIM)
    wide = Window(top, min(shape[0], window.bottom + _RIM), left, min(shape[1], window.right + _RIM))
    inner = Window(window.top - top, window.bottom - top, window.left - left, window.right - left)
    return wide.slices, inner.slices


def _reach(crop: Crop, limits: InkLimits) -> int:
    """Pixels the blank is moved at most: more where registration is less sure."""
    reach_mm = min(limits.reach_mm, 0.15 + (crop.residual_mm if np.isfinite(crop.residual_mm) else 1.0))
    return px(reach_mm, crop.dpi)


def _gain(depth: Grey, wanted: Grey) -> float:
    """How dark full print is on the scan, 0.3 to 1."""
    full = wanted > 200
    gain = level_of(depth[full], 0.5) / 255.0 if np.count_nonzero(full) >= 20 else 0.9
    return min(1.0, max(0.3, gain))


def _eased(limits: InkLimits, gain: float) -> InkLimits:
    """Limits eased where print is pale too."""
    ease = min(1.0, max(0.7, gain / 0.8))
    return replace(limits, strong=round(limits.strong * ease), weak=round(limits.weak * ease))


def _nothing(crop: Crop, limits: InkLimits, printed: Grey, paper: int) -> Ink:
    shape = crop.image.shape
    white = np.full(shape, 255, np.uint8)
    nothing = np.zeros(shape, bool), np.zeros(shape, np.int32)
    return Ink(*nothing, white, (), (), crop.dpi, limits, printed, paper)


def _grow(
    depth: Grey, left: Grey, guard: Mask, core: Mask, rules: Mask, dpi: float, limits: InkLimits
) -> tuple[Mask, Mask]:
    """Pieces that hold a strong pixel outside the guard, followed a little way along and under the print.

    Near print only what the print does not explain (``left``) counts; places covered by print itself
    count where strokes come out on both sides; so do the rims of dots and letters, but not those of
    rules, which a stroke would drag along. Beyond ``under_mm`` from open ink nothing near print is
    believed.

    Returns:
        Those pieces, and what else is dark outside the guard where that is more than specks.
    """
    open_ = (depth > limits.weak) & ~guard
    seeds = (depth > limits.strong) & ~guard
    if not seeds.any():
        return np.zeros_like(seeds), open_
    region = open_ | ((left > limits.weak) & guard & ~core)
    if core.any():
        across = limits.line_mm if rules.any() else limits.dot_mm
        side = (2 * px(limits.core_mm, dpi) + px(across, dpi)) | 1
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
        closed = cv2.morphologyEx(region.view(np.uint8), cv2.MORPH_CLOSE, kernel)
        dots = guard & ~grown(rules, px(limits.guard_mm, dpi)) if rules.any() else guard
        covered = (core & (depth > limits.strong)) | (dots & (depth > limits.weak))
        region |= np.asarray(closed, dtype=np.bool_) & covered
    count, found = cv2.connectedComponents(region.view(np.uint8), connectivity=8)
    labels = np.asarray(found, dtype=np.int32)
    chosen = np.bincount(labels.ravel()[np.flatnonzero(seeds)], minlength=count) >= 3
    chosen[0] = False
    kept = looked_up(labels, chosen)
    plain = kept & ~guard
    rest = open_ & ~plain
    if np.bincount(labels[rest], minlength=1).max() < 2 * px(limits.dust_mm, dpi):
        rest = np.zeros_like(rest)
    if not core.any():
        return kept, rest
    reach = 2 * px(limits.under_mm, dpi) + 1
    near = cv2.dilate(plain.view(np.uint8), np.ones((reach, reach), np.uint8))
    return kept & near.view(np.bool_), rest


def _rules(printed: Mask, dpi: float) -> Mask:
    """The part of the print that is lines and boxes: pieces longer than any letter, at half resolution."""
    high, wide = (side - side % 2 for side in printed.shape)
    half = printed[:high:2] | printed[1:high:2]
    half = half[:, :wide:2] | half[:, 1:wide:2]
    _, labels, stats = pieces(half)
    long = stats[:, 2:4].max(axis=1) > px(4.5 / 2, dpi)
    long[0] = False
    if not long.any():
        return np.zeros_like(printed)
    found = np.zeros_like(printed)
    found[:high, :wide] = looked_up(labels, long).repeat(2, axis=0).repeat(2, axis=1)
    return found & printed


def _strokes(
    mask: Mask, depth: Grey, guard: Mask, labels: Labels, dpi: float, limits: InkLimits
) -> tuple[list[Stroke], list[Stroke]]:
    """Connected pieces of the mask: those that are no dust, and specks; their numbers go into ``labels``."""
    found: list[Stroke] = []
    specks: list[Stroke] = []
    if not mask.any():
        return found, specks
    count, _, stats = pieces(mask, labels)
    depths = np.bincount(labels[mask], weights=depth[mask], minlength=count)
    dust, thin = px(limits.dust_mm, dpi), px(0.35, dpi)
    thick = np.bincount(labels[_broad(mask, px(_PEN_MM, dpi) / 2)], minlength=count)
    for index, (left, top, width, height, area) in enumerate(stats.tolist()):
        small = max(width, height) < dust
        if index == 0 or (small and area < 4):
            continue
        box, mean = Box(left, top, left + width, top + height), float(depths[index]) / area
        if small:
            specks.append(Stroke(box, area, mean, label=index))
            continue
        straight = min(width, height) <= thin and max(width, height) >= 4 * min(width, height)
        beside = straight and _beside(labels, index, box, guard, px(0.25, dpi))
        found.append(Stroke(box, area, mean, beside_print=beside, thick=bool(thick[index]), label=index))
    return found, specks


def _beside(labels: Labels, index: int, box: Box, guard: Mask, reach: int) -> bool:
    """Whether all pixels of piece ``index`` lie within ``reach`` of the guard."""
    window = Window(box.top, box.bottom, box.left, box.right)
    around, inner = _with_rim(window, guard.shape)
    if not guard[around].any():
        return False
    near = grown(guard[around], reach)[inner]
    return bool(near[labels[window.slices] == index].all())


def _broad(mask: Mask, radius: float) -> Mask:
    """Pixels farther than ``radius`` from the rim of their piece; only looked for where a square fits."""
    side = int(radius * 2**0.5)
    if not cv2.erode(mask.view(np.uint8), np.ones((side, side), np.uint8)).any():
        return np.zeros_like(mask)
    away = cv2.distanceTransform(mask.view(np.uint8), cv2.DIST_L2, 3)
    return np.asarray(away > radius, dtype=np.bool_)


def _faint(rest: Mask, depth: Grey, dpi: float, limits: InkLimits) -> list[Stroke]:
    """Traces that are nowhere dark: pencil or a dying pen, perhaps bleed-through; together long enough."""
    if not rest.any():
        return []
    count, labels, stats = pieces(rest)
    least = px(limits.dust_mm, dpi)
    found = []
    for index in range(1, count):
        left, top, width, height, area = (int(v) for v in stats[index])
        if np.hypot(width, height) < least or area < 2 * least:
            continue
        part = labels[top : top + height, left : left + width] == index
        mean = float(depth[top : top + height, left : left + width][part].mean())
        found.append(Stroke(Box(left, top, left + width, top + height), area, mean, faint=True))
    return found if sum(stroke.length for stroke in found) >= px(limits.faint_mm, dpi) else []


def _traces(
    depth: Grey, guard: Mask, printed: Mask, known: Sequence[Stroke], dpi: float, limits: InkLimits
) -> list[Stroke]:
    """What the palest ink leaves: crumbs too pale for a stroke each, but as long as writing together.

    Evening the light makes all that is nearly white wholly white, so blank paper has next to no crumbs.
    Next to ``known`` strokes nothing is looked for.
    """
    open_ = depth * ~guard
    near = px(1.0, dpi)
    for stroke in known:
        box = stroke.box.grown(near)
        open_[max(box.top, 0) : box.bottom, max(box.left, 0) : box.right] = 0
    seen = _smoothed(open_, guard) > _TRACE
    if not seen.any():  # nor with the wider guard, which covers more
        return []
    if printed.any():
        seen = _smoothed(open_, grown(printed, px(_TRACE_GUARD_MM, dpi))) > _TRACE
    found = []
    for left, top, width, height, area in pieces(seen)[2][1:].tolist():
        if np.hypot(width, height) >= px(limits.faint_mm, dpi):
            box = Box(left, top, left + width, top + height)
            mean = float(depth[top : top + height, left : left + width].mean())
            found.append(Stroke(box, area, mean, faint=True))
    return found


def _smoothed(depth: Grey, covered: Mask) -> Grey:
    """Mean depths of neighbourhoods, what is covered counted as paper and left out."""
    bare = ~covered
    return np.asarray(cv2.blur(depth * bare, (5, 5)) * bare, dtype=np.uint8)


def _on_white(depth: Grey, mask: Mask, core: Mask) -> Grey:
    """The writing on white: soft rims kept, print gone, darkest tenth of the ink made black."""
    if not mask.any():
        return np.full(depth.shape, 255, np.uint8)
    deepest = max(48.0, level_of(depth[mask], 0.9))
    soft = grown(mask, 1) & (mask | ~core)
    scaled = cv2.convertScaleAbs(depth, alpha=255.0 / deepest)
    return np.asarray(
        cv2.bitwise_not(cv2.bitwise_and(scaled, scaled, mask=soft.view(np.uint8))), dtype=np.uint8
    )
