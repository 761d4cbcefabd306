"""Is this print on this scan? Word by word, so that a look-alike gives itself away.

Pen, stamp and dirt add ink to paper; they never take print away. A printed word of the right form is
therefore dark wherever the blank is dark, whatever was written over it, while another form shows white
paper, or other letters, in its place. Two measures a word: how much of the blank's ink is there
(``present``) and how alike the two pictures are (``alike``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from formscan.model.geometry import MM_PER_INCH
from formscan.model.page import Grey, Matrix
from formscan.pipeline.local_warp import LocalWarp, WarpSettings, fit_warp
from formscan.pipeline.patches import ROUGH, Matches, Pattern, Points, Scores, match_boxes, match_structure
from formscan.pipeline.placement import Placement, apply, rescaled, to_mm
from formscan.pipeline.structure import Flags, PrintedStructure

COARSE_REACH_MM: Final = 3.0
FINE_REACH_MM: Final = 0.8
COARSE_WARP: Final = WarpSettings(step=40.0, stiffness=0.05, noise=0.12)
FOUND: Final = 0.5
"""Correlation of a word that is likely there."""
PLAIN: Final = 0.82
RELATED: Final = 0.5
SURE: Final = 0.9
"""Between these shares of words a second look is taken from a better place."""


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


def gather(scan: Grey, pattern: Pattern, estimate: Matrix) -> Evidence:
    """Look for every word of a blank page on a scan.

    Args:
        scan: uint8 grey, background near 255, at about the pattern's resolution.
        pattern: The blank page with its structure.
        estimate: Maps millimetres of the blank to pixel indices of the scan.
    """
    structure, first = pattern.structure, pattern.rough
    placed, coarse = _corrected(scan, first, Placement(estimate))
    seen, fine = _looked(scan, pattern, placed)
    if _far(fine.scores):
        placed, coarse = _corrected(scan, first, Placement(_refined(placed, coarse, first)))
        seen, fine = _looked(scan, pattern, placed)
    if _vague(fine.scores[structure.anchors]):
        first, coarse = pattern, fine
        placed = placed.corrected(coarse_warp(fine, structure))
        seen, fine = _looked(scan, pattern, placed)
    present = np.where(_on_paper(scan, placed, structure), _present(seen, pattern, fine), np.nan)
    moved_mm = fine.moved / structure.dpi * MM_PER_INCH
    edge_mm = to_mm(structure.words[:, :2].astype(np.float64), structure.dpi)[:, 0]
    refined = _refined(placed, coarse, first)
    places = _places(placed, fine, moved_mm, refined, structure)
    return Evidence(present, fine.scores, moved_mm, edge_mm, refined, places)


def _corrected(scan: Grey, rough: Pattern, estimate: Placement) -> tuple[Placement, Matches]:
    """A first correction at half the resolution, by a long search."""
    structure = rough.structure
    half = rescaled(scan, ROUGH)
    seen = estimate.on(ROUGH).view(half, structure.size, structure.dpi)
    coarse = match_structure(seen, rough, COARSE_REACH_MM, lines=False)
    return estimate.corrected(coarse_warp(coarse, structure)), coarse


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
    back = np.asarray(np.linalg.inv(refined), dtype=np.float64)
    off = apply(back, placed.at(words + moved_mm)) - words
    weights = np.where(fine.rim, 0.0, np.clip((fine.scores - 0.35) / 0.4, 0, 1) ** 2)
    return np.column_stack([words, off, weights])


def _far(alike: Scores) -> bool:
    """Whether much, but not most, was not found: print far from the rest may lie beyond the first reach."""
    return RELATED < float((alike > FOUND).mean()) < SURE


def _vague(alike: Scores) -> bool:
    """Whether an anchor was found, but not plainly: a look from a better place may show it."""
    return bool(len(alike)) and FOUND < float(alike.min()) < PLAIN


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


def _present(seen: Grey, pattern: Pattern, fine: Matches) -> Scores:
    """Share of each word's ink that is there, against how dark the words are that surely are there."""
    word, row, column, wanted = pattern.cores
    moved = np.rint(fine.moved).astype(np.int64)
    height, width = seen.shape
    rows = np.clip(row + moved[word, 1], 0, height - 1)
    columns = np.clip(column + moved[word, 0], 0, width - 1)
    share = (255 - seen[rows, columns].astype(np.float32)) / wanted
    sure = (fine.scores > 0.7)[word]
    gain = min(max(float(np.median(share[sure])), 0.15), 1.2) if sure.any() else 1.0
    count = len(fine.scores)
    full = np.bincount(word, np.minimum(share / (0.75 * gain), 1), minlength=count)
    return np.asarray(full / np.maximum(np.bincount(word, minlength=count), 1), dtype=np.float64)


def _refined(placed: Placement, found: Matches, rough: Pattern) -> Matrix:
    """The homography that comes nearest to the placement at the places that agreed with it."""
    source = to_mm(found.centres[placed.warps[-1].weights.max(axis=1) > 0.1], rough.structure.dpi)
    if len(source) >= 12:
        refined, _ = cv2.findHomography(source, placed.at(source), 0)
        if refined is not None:
            return np.asarray(refined, dtype=np.float64)
    return placed.matrix
