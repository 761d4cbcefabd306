"""Which page of which form a scan is; what is not proven is held, never guessed.

Three steps: the layout of the page (``layout``) proposes one candidate at first sight, or features vote for a
few (``features``); each is laid over the scan and its print looked for word by word (``evidence``); a
candidate is taken only if all that tells it from its look-alikes is there, nearly everything else is there,
and what is missing does not stand together. What was proposed at first sight and is proven need not be voted
for; pages on which it could be taken for proven are looked at beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Protocol

import cv2
import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from formscan.errors import UnknownFormError
from formscan.model.geometry import MM_PER_INCH
from formscan.model.page import CleanPage, Grey, Identification, Matrix
from formscan.model.template import FormTemplate, PageTemplate
from formscan.pipeline.evidence import Evidence, gather
from formscan.pipeline.features import FeatureIndex, Features, page_features
from formscan.pipeline.layout import LayoutIndex
from formscan.pipeline.patches import Pattern
from formscan.pipeline.placement import mm_from_points, rescaled, rescaling, to_mm
from formscan.pipeline.structure import Flags, PrintedStructure, printed_structure

EVIDENCE_DPI: Final = 100.0
PATTERNS_KEPT: Final = 24
"""Pages kept ready to be looked for, about 1.5 MB each."""
RenderPage = Callable[[FormTemplate, int, float], Grey]
_Key = tuple[str, str, int]


class Library(Protocol):
    """What is needed of a template library."""

    def pages(self) -> Iterator[tuple[FormTemplate, PageTemplate]]:
        """All pages of all forms."""
        ...


@dataclass(frozen=True, slots=True)
class IdentifyLimits:
    """When a page is taken for a page of a form.

    Attributes:
        first_sight: Correlation of layouts from which a page is looked at without a vote.
        candidates: How many guesses by votes are fitted.
        agreeing: Features that must agree on one place of the page.
        rival: Share of the best guess's agreeing features from which another guess is looked at, too.
        looks: How many of them, the best one among them, are looked at closely at most.
        alike_at_all: Share of words below which a page is no relative of the form.
        words: Share of the words on the paper that must be found (look-alikes reach 0.77, own pages fall
            to 0.97: official forms and damaged pages, ``bench register``).
        least_words: A page with fewer is never taken.
        seen: Share of a page's words that must lie on the paper at all.
        present: Ink of a word that must be there for it to count as found.
        alike: Correlation from which a word counts as found all the same.
        anchor_present: Ink of a word of an anchor that must be there.
        anchor_alike: Correlation it must reach besides.
        anchor_moved_mm: How far it may lie from where the print around it says.
        white: Ink of a word below which its place is white paper.
        binding_mm: Distance from the paper's left edge within which holes are punched.
        excused: Words of anchors that may have gone with holes or a cut edge.
        gap_words: So many missing words standing together are not chance.
        gap_mm: Distance of two words that stand together.
    """

    first_sight: float = 0.3
    candidates: int = 5
    agreeing: int = 12
    rival: float = 0.5
    looks: int = 2
    alike_at_all: float = 0.5
    words: float = 0.93
    least_words: int = 5
    seen: float = 0.8
    present: float = 0.75
    alike: float = 0.8
    anchor_present: float = 0.8
    anchor_alike: float = 0.4
    anchor_moved_mm: float = 0.6
    white: float = 0.4
    binding_mm: float = 24.0
    excused: int = 2
    gap_words: int = 5
    gap_mm: float = 12.0


class _Known:
    """A page of the library; its raster is kept packed, and ready to be looked for once it was asked for.

    Args:
        template: The form.
        number: Of the page.
        blank: uint8 grey at ``EVIDENCE_DPI``.
        structure: Of ``blank``.
    """

    def __init__(self, template: FormTemplate, number: int, blank: Grey, structure: PrintedStructure) -> None:
        self.template = template
        self.number = number
        self.structure = structure
        self._packed = np.asarray(cv2.imencode(".png", blank)[1], dtype=np.uint8)

    @property
    def key(self) -> _Key:
        """Form, version and number."""
        return (*self.template.key, self.number)

    def pattern(self) -> Pattern:
        """The page ready to be looked for."""
        blank = np.asarray(cv2.imdecode(self._packed, cv2.IMREAD_GRAYSCALE), dtype=np.uint8)
        return Pattern(blank, self.structure)


@dataclass(frozen=True, slots=True, eq=False)
class _Candidate:
    known: _Known
    evidence: Evidence
    score: float
    doubt: str
    """Code of why it cannot be taken; empty where it can."""


class FormIndex:
    """All known pages, ready to be recognised.

    Args:
        library: All templates.
        render: Draws a page of a blank form: (template, number, dpi) to uint8 grey;
            ``formscan.templates.render_page`` by default.
        limits: When a page is taken.
    """

    def __init__(
        self, library: Library, render: RenderPage | None = None, limits: IdentifyLimits = IdentifyLimits()
    ) -> None:
        if render is None:
            from formscan.templates import render_page

            render = render_page
        self._limits = limits
        self._known: list[_Known] = []
        self._wholly: set[tuple[int, int]] = set()
        """Pairs: on the blank of the first the second is taken."""
        self._pattern = lru_cache(maxsize=PATTERNS_KEPT)(self._made_ready)
        features: list[Features] = []
        blanks: list[Grey] = []
        for template, page in library.pages():
            blank = render(template, page.number, EVIDENCE_DPI)
            blanks.append(blank)
            features.append(page_features(blank, EVIDENCE_DPI))
            structure = printed_structure(blank, EVIDENCE_DPI, page.anchors)
            self._known.append(_Known(template, page.number, blank, structure))
        self._features = FeatureIndex(features) if features else None
        self._layouts = LayoutIndex(blanks, EVIDENCE_DPI) if blanks else None
        self._resembled = self._taken_for(features, blanks)
        self._same = {
            known.key: alike for at, known in enumerate(self._known) if (alike := self._printed_alike(at))
        }

    def identify(self, page: CleanPage) -> Identification:
        """Find the page of a form a scan is.

        Raises:
            UnknownFormError: If it is none of the known ones for sure. The code says why:
                ``identify.no_form`` nothing fits; ``identify.anchor`` what tells the form from its
                look-alikes was not found; ``identify.print_missing`` too much of the print is missing;
                ``identify.cropped`` too much of the page is not on the paper.
        """
        found = self._candidates(page)
        if not found:
            raise UnknownFormError("identify.no_form")
        best = found[0]
        runner_up = max((c.score for c in found[1:] if c.known is not best.known), default=0.0)
        if best.doubt:
            raise UnknownFormError(
                best.doubt, form=best.known.template.id, page=best.known.number, score=f"{best.score:.3f}"
            )
        to_page = rescaling(page.dpi / EVIDENCE_DPI) @ best.evidence.refined @ mm_from_points()
        known = best.known
        same = self._same.get(known.key, ())
        words = best.evidence.places
        return Identification(known.template, known.number, best.score, runner_up, to_page, same, words)

    def _candidates(self, page: CleanPage) -> list[_Candidate]:
        """What the page may be, best first."""
        if self._features is None:
            return []
        small = rescaled(page.grey, EVIDENCE_DPI / page.dpi)
        found = self._at_first_sight(small)
        if not found or found[0].doubt:
            found = self._voted_for(page, small, self._features) or found
        return sorted(found, key=lambda candidate: -candidate.score)

    def _at_first_sight(self, small: Grey) -> list[_Candidate]:
        """The page most alike, and those on which it could be taken for proven, best first."""
        sight = self._layouts.closest(small, EVIDENCE_DPI) if self._layouts else None
        if sight is None or sight.alike < self._limits.first_sight:
            return []
        width, height = self._known[sight.page].structure.size
        x, y = ((side - known) / 2 for side, known in zip(small.shape[::-1], (width, height), strict=True))
        unit = EVIDENCE_DPI / MM_PER_INCH
        shift = x + sight.shift_mm[0] * unit - 0.5, y + sight.shift_mm[1] * unit - 0.5
        estimate = np.array([[unit, 0, shift[0]], [0, unit, shift[1]], [0, 0, 1]])
        best = self._look(small, sight.page, estimate)
        if best.doubt:
            return [best]
        others = [self._look(small, at, estimate) for at in self._resembled[sight.page]]
        return sorted([best, *others], key=lambda candidate: -candidate.score)

    def _voted_for(self, page: CleanPage, small: Grey, index: FeatureIndex) -> list[_Candidate]:
        """The pages whose features agree with the scan's best."""
        seen = page_features(page.grey, page.dpi)
        votes = index.votes(seen, self._limits.candidates)
        fits = [(vote, fit) for vote in votes if (fit := index.fit(seen, vote)) is not None]
        fits.sort(key=lambda pair: -pair[1][1])
        enough = max(self._limits.agreeing, self._limits.rival * fits[0][1][1]) if fits else 0
        return [
            self._look(small, vote.page, _estimate(matrix))
            for vote, (matrix, agree) in fits[: self._limits.looks]
            if agree >= enough
        ]

    def _look(self, small: Grey, page: int, estimate: Matrix) -> _Candidate:
        """Lay a known page over a scan at ``EVIDENCE_DPI`` by a map from its mm, and judge it."""
        evidence = gather(small, self._pattern(page), estimate)
        known = self._known[page]
        score, doubt = judge(evidence, known.structure, self._limits)
        return _Candidate(known, evidence, score, doubt)

    def _made_ready(self, page: int) -> Pattern:
        return self._known[page].pattern()

    def _taken_for(self, features: Sequence[Features], blanks: Sequence[Grey]) -> list[tuple[int, ...]]:
        """For every page the others on whose blank all its anchors are found.

        Only pages that share features are looked at closely, so this grows with the pages, not their pairs.
        """
        taken: list[tuple[int, ...]] = [() for _ in self._known]
        if self._features is None:
            return taken
        for at, (blank, seen) in enumerate(zip(blanks, features, strict=True)):
            for vote in self._features.votes(seen, self._limits.candidates):
                fit = None if vote.quarter or vote.page == at else self._features.fit(seen, vote)
                if fit is None or fit[1] < self._limits.agreeing:
                    continue
                doubt = self._look(blank, vote.page, _estimate(fit[0])).doubt
                if doubt in {"", "identify.print_missing"}:
                    taken[vote.page] = (*taken[vote.page], at)
                    if not doubt:
                        self._wholly.add((at, vote.page))
        return taken

    def _printed_alike(self, at: int) -> tuple[str, ...]:
        """Ids of other forms whose page cannot be told from a page: each is taken on the other's blank."""
        own = self._known[at].template.id
        both = {
            self._known[other].template.id
            for other in self._resembled[at]
            if {(at, other), (other, at)} <= self._wholly
        }
        return tuple(sorted(both - {own}))


def _estimate(matrix: Matrix) -> Matrix:
    """A map from points to points as one from mm of the blank to pixels at ``EVIDENCE_DPI``."""
    to_index = np.array([[EVIDENCE_DPI / 72, 0, -0.5], [0, EVIDENCE_DPI / 72, -0.5], [0, 0, 1]])
    return np.asarray(to_index @ matrix @ np.linalg.inv(mm_from_points()), dtype=np.float64)


def judge(evidence: Evidence, structure: PrintedStructure, limits: IdentifyLimits) -> tuple[float, str]:
    """Score 0..1 (share of the page's words that were found) and the code of what is in doubt, else empty.

    Holes are punched along the left edge and take print away with the paper: a word there that is all
    white proves nothing and is not counted, as long as the rest of its kind is there.
    """
    on_paper = ~np.isnan(evidence.present)
    present = np.nan_to_num(evidence.present)
    found = on_paper & ((present >= limits.present) | (evidence.alike >= limits.alike))
    punched = on_paper & (present < limits.white) & _at_binding(evidence, limits)
    counted = on_paper & ~punched
    score = float(found.sum() / max(on_paper.sum(), 1))
    if on_paper.sum() < limits.least_words or on_paper.mean() < limits.seen:
        return score * float(on_paper.mean()), "identify.cropped"
    if score < limits.alike_at_all:
        return score, "identify.no_form"
    if not _anchors_proven(evidence, structure.anchors, punched | ~on_paper, limits):
        return score, "identify.anchor"
    if float(found[counted].mean()) < limits.words or _gap(structure, counted & ~found, limits):
        return score, "identify.print_missing"
    return score, ""


def _at_binding(evidence: Evidence, limits: IdentifyLimits) -> Flags:
    return np.asarray(evidence.edge_mm < limits.binding_mm, dtype=np.bool_)


def _anchors_proven(evidence: Evidence, anchors: Flags, gone: Flags, limits: IdentifyLimits) -> bool:
    """Every word of every anchor is there, in its place; at most a few may have gone with the paper."""
    present = np.nan_to_num(evidence.present)
    dark = (present >= limits.anchor_present) & (evidence.alike >= limits.anchor_alike)
    proven = dark | (evidence.alike >= limits.alike)
    near = np.hypot(*evidence.moved_mm.T) <= limits.anchor_moved_mm
    excused = gone & anchors
    if excused.sum() > limits.excused or excused.sum() * 3 > anchors.sum():
        return False
    return bool((proven & near)[anchors & ~excused].all())


def _gap(structure: PrintedStructure, missing: Flags, limits: IdentifyLimits) -> bool:
    """Whether missing words stand together, as they do where another form has another section."""
    boxes = structure.words[missing].astype(np.float64)
    if len(boxes) < limits.gap_words:
        return False
    centres = to_mm((boxes[:, :2] + boxes[:, 2:]) / 2, structure.dpi)
    linked = np.hypot(*(centres[:, None] - centres[None]).transpose(2, 0, 1)) < limits.gap_mm
    _, groups = connected_components(csr_array(linked), directed=False)
    return int(np.bincount(groups).max()) >= limits.gap_words
