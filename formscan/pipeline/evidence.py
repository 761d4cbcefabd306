"""Is this print on this scan? Word by word, so that a look-alike gives itself away.

Pen, stamp and dirt add ink to paper; they never take print away. A printed word of the right form is
therefore dark wherever the blank is dark, whatever was written over it, while another form shows white
paper, or other letters, in its place. Two measures a word: how much of the blank's ink is there
(``present``) and how alike the two pictures are (``alike``).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from formscan.model.geometry import MM_PER_INCH
from formscan.model.page import Grey, Matrix
from formscan.pipeline.local_warp import LocalWarp, WarpSettings, fit_warp
from formscan.pipeline.patches import Matches, Pattern, Points, Scores, match_boxes, match_structure
from formscan.pipeline.placement import Placement, apply, to_mm
from formscan.pipeline.structure import Flags, PrintedStructure, shortened, thinned

COARSE_REACH_MM: Final = 3.0
FINE_REACH_MM: Final = 0.8
SPARSE_MM: Final = 8.0
SHORT_MM: Final = 12.0
"""For the first correction one word in so much space is enough, and so much of it."""
COARSE_WARP: Final = WarpSettings(step=40.0, stiffness=0.05, noise=0.12)
FOUND: Final = 0.5
"""Correlation of a word that is likely there."""
RELATED: Final = 0.5
SURE: Final = 0.9
"""Between these shares of words a second look is taken from a better place."""
CORE: Final = 0.5
"""Share of the blank's darkest ink from which a pixel is the core of a stroke."""


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """What of a page's print was found on a scan.

    Attributes:
        present: (n,) share of each word's ink that is dark on the scan, 0..1; nan outside the paper.
        alike: (n,) normalised cross correlation of each word at its best place.
        moved_mm: (n, 2) how far it lies from where the print around it says it should.
        edge_mm: (n,) distance of each word's left end from the left edge of the blank.
        refined: Maps millimetres of the blank to pixel indices of the scan, better than the estimate.
        places: Where the words were found against ``refined``; see ``Identification.words``.
    """

    present: Scores
    alike: Scores
    moved_mm: Points
    edge_mm: Scores
    refined: Matrix
    places: npt.NDArray[np.float64]


def gather(scan: Grey, blank: Grey, structure: PrintedStructure, estimate: Matrix) -> Evidence:
    """Look for every word of a blank page on a scan.

    Args:
        scan: uint8 grey, background near 255, at about ``structure.dpi``.
        blank: uint8 grey at ``structure.dpi``.
        structure: Printed structure of ``blank``.
        estimate: Maps millimetres of the blank to pixel indices of the scan.
    """
    pattern, sparse = Pattern(blank, structure), Pattern(blank, _sparse(structure))
    placed, coarse = _corrected(scan, sparse, Placement(estimate))
    seen, fine = _looked(scan, pattern, placed)
    if _far(fine.scores):
        placed, coarse = _corrected(scan, sparse, Placement(_refined(placed, coarse, structure)))
        seen, fine = _looked(scan, pattern, placed)
    present = np.where(_on_paper(scan, placed, structure), _present(seen, blank, structure, fine), np.nan)
    moved_mm = fine.moved / structure.dpi * MM_PER_INCH
    edge_mm = to_mm(structure.words[:, :2].astype(np.float64), structure.dpi)[:, 0]
    refined = _refined(placed, coarse, structure)
    places = _places(placed, fine, moved_mm, refined, structure)
    return Evidence(present, fine.scores, moved_mm, edge_mm, refined, places)


@lru_cache(maxsize=512)
def _sparse(structure: PrintedStructure) -> PrintedStructure:
    """Enough of a page's words for a first correction."""
    return shortened(thinned(structure, SPARSE_MM), SHORT_MM)


def _corrected(scan: Grey, pattern: Pattern, rough: Placement) -> tuple[Placement, Matches]:
    structure = pattern.structure
    seen = rough.view(scan, structure.size, structure.dpi)
    coarse = match_structure(seen, pattern, COARSE_REACH_MM, lines=False)
    return rough.corrected(coarse_warp(coarse, structure)), coarse


def _looked(scan: Grey, pattern: Pattern, placed: Placement) -> tuple[Grey, Matches]:
    structure = pattern.structure
    seen = placed.view(scan, structure.size, structure.dpi)
    reach = max(2, round(FINE_REACH_MM * structure.dpi / MM_PER_INCH))
    return seen, match_boxes(seen, pattern.image, structure.words, (reach, reach))


def _places(
    placed: Placement, fine: Matches, moved_mm: Points, refined: Matrix, structure: PrintedStructure
) -> npt.NDArray[np.float64]:
    """See ``Identification.words``."""
    words = to_mm(fine.centres, structure.dpi)
    off = apply(np.asarray(np.linalg.inv(refined), dtype=np.float64), placed.at(words + moved_mm)) - words
    weights = np.where(fine.rim, 0.0, np.clip((fine.scores - 0.35) / 0.4, 0, 1) ** 2)
    return np.column_stack([words, off, weights])


def _far(alike: Scores) -> bool:
    """Whether much, but not most, was not found: print far from the rest may lie beyond the first reach."""
    return RELATED < float((alike > FOUND).mean()) < SURE


def coarse_warp(found: Matches, structure: PrintedStructure) -> LocalWarp:
    """A stiff field through what was found within a long search, in millimetres of the blank."""
    weights = np.where(found.rim, 0.0, np.clip((found.scores - 0.35) / 0.4, 0, 1) ** 2)
    unit = MM_PER_INCH / structure.dpi
    size_mm = (structure.size[0] * unit, structure.size[1] * unit)
    places = to_mm(found.centres, structure.dpi)
    return fit_warp(places, found.moved * unit, weights[:, None] * found.fixes, size_mm, COARSE_WARP)


def _on_paper(scan: Grey, placed: Placement, structure: PrintedStructure) -> Flags:
    inside = np.ones(len(structure.words), dtype=np.bool_)
    height, width = scan.shape
    for corner in ((0, 1), (2, 3)):
        x, y = placed.at(to_mm(structure.words[:, corner].astype(np.float64), structure.dpi)).T
        inside &= (x > 1) & (y > 1) & (x < width - 2) & (y < height - 2)
    return inside


def _present(seen: Grey, blank: Grey, structure: PrintedStructure, fine: Matches) -> Scores:
    shares: list[npt.NDArray[np.float64]] = []
    for at, (left, top, right, bottom) in enumerate(structure.words.tolist()):
        dx, dy = (round(float(v)) for v in fine.moved[at])
        wanted = 255.0 - blank[top:bottom, left:right]
        x, y = max(left + dx, 0), max(top + dy, 0)
        dark = 255.0 - seen[y : y + bottom - top, x : x + right - left]
        wanted = wanted[: dark.shape[0], : dark.shape[1]]
        core = wanted > CORE * wanted.max(initial=1)
        shares.append(dark[core] / wanted[core] if core.any() else np.zeros(1))
    sure = [s for s, alike in zip(shares, fine.scores, strict=False) if alike > 0.7]
    gain = float(np.median(np.concatenate(sure))) if sure else 1.0
    gain = min(max(gain, 0.15), 1.2)
    return np.array([float(np.minimum(s / (0.75 * gain), 1).mean()) for s in shares])


def _refined(placed: Placement, found: Matches, structure: PrintedStructure) -> Matrix:
    """The homography that comes nearest to the placement at the places that agreed with it."""
    source = to_mm(found.centres[placed.warps[-1].weights.max(axis=1) > 0.1], structure.dpi)
    if len(source) >= 12:
        refined, _ = cv2.findHomography(source, placed.at(source), 0)
        if refined is not None:
            return np.asarray(refined, dtype=np.float64)
    return placed.matrix
