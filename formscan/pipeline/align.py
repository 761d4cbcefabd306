"""Lay a page into its template's frame, so that every printed line falls on the template's.

First a coarse look at 100 dpi over 3 mm, then a fine one at 150 dpi over 0.8 mm; each time a smooth
field of displacements is fitted that can follow stretched, curved and folded paper. How well it worked
is measured on every piece of print as if that piece had not been used.
"""

from __future__ import annotations

import hashlib
import weakref
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt

from formscan.errors import UnknownFormError
from formscan.model.geometry import MM_PER_INCH
from formscan.model.page import FRAME_DPI, AlignedPage, CleanPage, Grey, Identification
from formscan.model.template import FormTemplate
from formscan.pipeline.clean import as_grey, evened
from formscan.pipeline.evidence import COARSE_REACH_MM, COARSE_WARP, coarse_warp
from formscan.pipeline.local_warp import LocalWarp, WarpSettings, fit_warp
from formscan.pipeline.locate import crop_box
from formscan.pipeline.patches import Matches, Pattern, Points, Scores, match_dots, match_structure
from formscan.pipeline.placement import Placement, mm_from_points, rescaled, to_mm
from formscan.pipeline.structure import Boxes, Flags, PrintedStructure, printed_structure, shortened, thinned

GRID_STEP: Final = 32
COARSE_DPI: Final = 100.0
FINE_DPI: Final = 150.0
FINE_REACH_MM: Final = 0.8
DOTS_REACH_MM: Final = 0.5
"""A little more than half the pitch of the dots of fill-in lines."""
DOTS_WEIGHT: Final = 0.3
PITCH_MM: Final = 0.88
BETWEEN_MM: Final = 0.28
SEEN_DOTS: Final = 0.7
SLIDING: Final = 3
"""From so many rows between two dots on, the dots of a page prove no place by themselves."""
ALONE_MM: Final = 20.0
APART_MM: Final = {COARSE_DPI: 6.0, FINE_DPI: 5.0}
"""Of two words closer than this one is enough to look for."""
STRUCTURES_KEPT: Final = 8
"""Blank pages made ready here that are remembered: those on no shelf, or at the coarse resolution."""
WORD_MM: Final = 14.0
"""So much of a word is looked for."""
ENOUGH_WORDS: Final = 20
LIGHT_PART: Final = 4
"""Of the frame's resolution, at which the light is looked up in it."""
FINE_WARP: Final = WarpSettings(step=15.0, stiffness=0.1, noise=0.04)


@dataclass(frozen=True, slots=True)
class AlignLimits:
    """When a page is held.

    Attributes:
        residual_mm: Largest 95th percentile of residuals.
        worst_mm: Largest residual anywhere.
        found: Smallest share of the printed patches that must be found.
        trusted: Correlation from which a patch counts as found.
        certain: Correlation from which it counts as found even at the rim of the search.
        doubts: Standard deviations of the field told as residual where an axis was not measured.
    """

    residual_mm: float = 0.4
    worst_mm: float = 1.5
    found: float = 0.4
    trusted: float = 0.6
    certain: float = 0.85
    doubts: float = 2.5


def align_page(
    page: CleanPage,
    found: Identification,
    blank: Grey,
    limits: AlignLimits = AlignLimits(),
    fine: Pattern | None = None,
) -> AlignedPage:
    """Warp a page so that every printed line falls on the template's.

    Args:
        page: Cleaned scan.
        found: Which page it is, with a first estimate of its place.
        blank: uint8 grey, the blank page at ``FRAME_DPI``.
        limits: Residuals and coverage beyond which the page is held.
        fine: ``fine_pattern`` of the blank, where it is at hand.

    Raises:
        UnknownFormError: ``align.residual`` or ``align.coverage``; the page must then not be read.
    """
    placed = Placement(np.asarray(found.to_page @ np.linalg.inv(mm_from_points()), dtype=np.float64))
    looked_up = _looked_up(blank)
    fine = fine or _pattern_of(looked_up, FINE_DPI)
    placed = placed.corrected(_coarse(page, placed, looked_up, fine, found.words))
    scan = rescaled(page.grey, FINE_DPI / page.dpi)
    first, seen = _fine(scan, placed.on(FINE_DPI / page.dpi), fine)
    placed = placed.corrected(first)
    last, seen = _along_dots(scan, placed.on(FINE_DPI / page.dpi), fine, seen, first)
    placed = placed.corrected(last)
    structure = fine.structure
    checks = _checks(last, seen, structure, limits)
    residual, worst = _proven(checks, seen, limits)
    size = (int(blank.shape[1]), int(blank.shape[0]))
    net = placed.net(size, FRAME_DPI, GRID_STEP)
    image = _in_frame(page, placed, size, _wanted(found.template, found.number, size))
    to_clean = np.asarray(placed.matrix @ _frame_mm(), dtype=np.float64)
    return AlignedPage(
        clean=page,
        template=found.template,
        number=found.number,
        image=image,
        blank=blank,
        dpi=FRAME_DPI,
        to_clean=to_clean,
        grid=net,
        grid_step=GRID_STEP,
        residual_mm=residual,
        worst_mm=worst,
        checks=checks,
    )


def _frame_mm() -> npt.NDArray[np.float64]:
    """Maps frame pixel indices to millimetres."""
    unit = MM_PER_INCH / FRAME_DPI
    return np.array([[unit, 0, unit / 2], [0, unit, unit / 2], [0, 0, 1]])


def _in_frame(page: CleanPage, placed: Placement, size: tuple[int, int], wanted: Boxes) -> Grey:
    """The page at ``FRAME_DPI``, taken from the scan itself, once; its light is evened as it was cleaned."""
    if page.light is None:
        return placed.view(page.grey, size, FRAME_DPI, GRID_STEP, wanted)
    onto = placed.through(page.to_source)
    image = onto.view(as_grey(page.page.pixels), size, FRAME_DPI, GRID_STEP, wanted)
    high, wide = page.light.paper.shape
    part = np.diag([wide / page.page.width, high / page.page.height, 1.0])
    part[:2, 2] = (part[0, 0] - 1) / 2, (part[1, 1] - 1) / 2
    small = -(-size[0] // LIGHT_PART), -(-size[1] // LIGHT_PART)
    seen = onto.through(part)
    paper = seen.view(page.light.paper, small, FRAME_DPI / LIGHT_PART)
    foreign = page.light.foreign
    if foreign.any():
        foreign = seen.view(foreign, small, FRAME_DPI / LIGHT_PART)
    return evened(image, replace(page.light, paper=paper, foreign=foreign))


def _wanted(template: FormTemplate, number: int, size: tuple[int, int]) -> Boxes:
    """Boxes of all that is read of a page, in frame pixels."""
    boxes = [crop_box(field, size, FRAME_DPI) for field in template.fields_of(number)]
    return np.array([(b.left, b.top, b.right, b.bottom) for b in boxes], dtype=np.int32).reshape(-1, 4)


def _coarse(page: CleanPage, placed: Placement, blank: _Blank, fine: Pattern, words: Points) -> LocalWarp:
    """A first correction: by the words that proved the page, or by a look of its own where there are none."""
    if len(words) and np.count_nonzero(words[:, 4] > 0.5) >= ENOUGH_WORDS:
        size_mm = _size_mm(fine.structure)
        return fit_warp(words[:, :2], words[:, 2:4], words[:, [4, 4]], size_mm, COARSE_WARP)
    pattern = _pattern_of(blank, COARSE_DPI)
    scale = COARSE_DPI / page.dpi
    view = placed.on(scale).view(rescaled(page.grey, scale), pattern.structure.size, COARSE_DPI)
    return coarse_warp(match_structure(view, pattern, COARSE_REACH_MM, lines=False), pattern.structure)


def _fine(scan: Grey, placed: Placement, pattern: Pattern) -> tuple[LocalWarp, Matches]:
    view = placed.view(scan, pattern.structure.size, FINE_DPI)
    seen = match_structure(view, pattern, FINE_REACH_MM)
    return _fitted(pattern.structure, seen, _weights(seen)), seen


def _along_dots(
    scan: Grey, placed: Placement, pattern: Pattern, seen: Matches, first: LocalWarp
) -> tuple[LocalWarp, Matches]:
    """Once all is in place to half their pitch, dots tell x too; what is left of all places is fitted again.

    Returns:
        The correction on top of ``first``, and the places it was fitted to.
    """
    structure = pattern.structure
    unit = MM_PER_INCH / structure.dpi
    left = seen.moved - first.at(to_mm(seen.centres, structure.dpi)) / unit
    view = placed.view(scan, structure.size, structure.dpi)
    dots = match_dots(view, pattern, DOTS_REACH_MM)
    ends = len(structure.ends)
    start = pattern.fixed - ends
    rows = slice(start, start + ends + len(structure.rows))
    weights = _weights(seen)
    weights[rows, 0] = _weights(dots)[:, 0]
    weights[rows, 0][ends:] *= DOTS_WEIGHT
    left[rows, 0] = dots.moved[:, 0]
    fixes = seen.fixes.copy()
    fixes[rows, 0] = weights[rows, 0] > 0
    seen = replace(seen, moved=left, fixes=fixes)
    last = _fitted(structure, seen, weights, judged=True)
    field_x = last.at(to_mm(dots.centres, structure.dpi))[:, 0]
    astray = _astray(dots, dots.moved[:, 0] * unit - field_x)
    if astray.sum() >= SLIDING:
        astray |= (dots.scores > -1) & _alone(seen, start + ends, dots, unit)
    last.left_over[rows, 0][astray] = PITCH_MM
    return last, seen


def _astray(dots: Matches, left_x: Scores) -> Flags:
    """Dots that lie between two of the template's: near them the field may be off by a whole pitch.

    Where it is, there is a place around which it slides from one dot to the next.
    """
    wrapped = left_x - PITCH_MM * np.rint(left_x / PITCH_MM)
    return np.asarray((dots.scores >= SEEN_DOTS) & (np.abs(wrapped) > BETWEEN_MM), dtype=np.bool_)


def _alone(seen: Matches, fixed: int, dots: Matches, unit: float) -> Flags:
    """Dots with no word, corner or end near that was found: they do not prove their own place."""
    good = (seen.scores[:fixed] >= SEEN_DOTS) & ~seen.rim[:fixed]
    off = np.hypot(*(dots.centres[:, None] - seen.centres[None, :fixed][:, good]).transpose(2, 0, 1))
    return np.asarray(off.min(axis=1, initial=np.inf) * unit > ALONE_MM, dtype=np.bool_)


def _weights(seen: Matches) -> npt.NDArray[np.float64]:
    trust = np.where(seen.rim, 0.0, np.clip((seen.scores - 0.4) / 0.4, 0, 1) ** 2)
    return np.asarray(trust[:, None] * seen.fixes, dtype=np.float64)


def _fitted(
    structure: PrintedStructure, seen: Matches, weights: npt.NDArray[np.float64], judged: bool = False
) -> LocalWarp:
    unit = MM_PER_INCH / structure.dpi
    places = to_mm(seen.centres, structure.dpi)
    return fit_warp(places, seen.moved * unit, weights, _size_mm(structure), FINE_WARP, judged)


def _size_mm(structure: PrintedStructure) -> tuple[float, float]:
    unit = MM_PER_INCH / structure.dpi
    return structure.size[0] * unit, structure.size[1] * unit


@dataclass(frozen=True, slots=True)
class _Blank:
    """A blank page that can be looked up by what it shows; the pixels are not kept alive by a lookup."""

    digest: bytes
    pixels: weakref.ref[Grey] = field(compare=False)


def _looked_up(blank: Grey) -> _Blank:
    digest = hashlib.blake2b(np.ascontiguousarray(blank[::7, ::3]).tobytes(), digest_size=16).digest()
    return _Blank(digest, weakref.ref(blank))


@lru_cache(maxsize=STRUCTURES_KEPT)
def _pattern_of(blank: _Blank, dpi: float) -> Pattern:
    pixels = blank.pixels()
    if pixels is None:
        raise ReferenceError(blank.digest.hex())
    return _pattern(pixels, dpi)


def _pattern(blank: Grey, dpi: float) -> Pattern:
    small = rescaled(blank, dpi / FRAME_DPI)
    structure = thinned(printed_structure(small, dpi), APART_MM[dpi])
    return Pattern(small, shortened(structure, WORD_MM))


def fine_image(blank: Grey) -> Grey:
    """A blank page at ``FRAME_DPI`` as pages are placed on it."""
    return rescaled(blank, FINE_DPI / FRAME_DPI)


def fine_pattern(blank: Grey) -> Pattern:
    """A blank page at ``FRAME_DPI`` made ready for pages to be placed on it."""
    return _pattern(blank, FINE_DPI)


def _checks(
    warp: LocalWarp, seen: Matches, structure: PrintedStructure, limits: AlignLimits
) -> npt.NDArray[np.float32]:
    """x, y in frame pixels and residual in mm of every patch that was surely found.

    On an axis a patch does not fix, the doubt of the field there stands for the residual, so that a place
    with nothing but rules around is not taken for proven.
    """
    sure = ((seen.scores >= limits.trusted) & ~seen.rim) | (seen.scores >= limits.certain)
    told = seen.fixes | (np.abs(warp.left_over) >= PITCH_MM)
    left = np.hypot(*np.where(told, warp.left_over, limits.doubts * warp.doubt).T)
    frame = (seen.centres + 0.5) * (FRAME_DPI / structure.dpi) - 0.5
    return np.column_stack([frame[sure], left[sure]]).astype(np.float32)


def _proven(checks: npt.NDArray[np.float32], seen: Matches, limits: AlignLimits) -> tuple[float, float]:
    """95th percentile and largest residual in mm.

    Raises:
        UnknownFormError: If they, or the share of print that was found, are beyond the limits.
    """
    searched = seen.scores > -1
    share = len(checks) / max(int(searched.sum()), 1)
    if len(checks) < 8 or share < limits.found:
        raise UnknownFormError("align.coverage", share=f"{share:.2f}")
    residual, worst = float(np.percentile(checks[:, 2], 95)), float(checks[:, 2].max())
    if residual > limits.residual_mm or worst > limits.worst_mm:
        raise UnknownFormError("align.residual", residual_mm=f"{residual:.2f}", worst_mm=f"{worst:.2f}")
    return residual, worst
