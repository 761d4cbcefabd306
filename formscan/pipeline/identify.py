"""Which page of which form a scan is; what is not proven is held, never guessed.

Three steps: features vote for a few candidates (``features``); each is laid over the scan and its print
looked for word by word (``evidence``); a candidate is taken only if all that tells it from its
look-alikes is there, nearly everything else is there, and what is missing does not stand together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Protocol

import cv2
import numpy as np
import numpy.typing as npt

from formscan.errors import UnknownFormError
from formscan.model.page import CleanPage, Grey, Identification, Matrix
from formscan.model.template import FormTemplate, PageTemplate
from formscan.pipeline.evidence import Evidence, gather
from formscan.pipeline.features import FeatureIndex, Features, Vote, page_features
from formscan.pipeline.placement import mm_from_points, rescaled, rescaling
from formscan.pipeline.structure import PrintedStructure, printed_structure

EVIDENCE_DPI: Final = 100.0
RenderPage = Callable[[FormTemplate, int, float], Grey]


class Library(Protocol):
    """What is needed of a template library."""

    def pages(self) -> Iterator[tuple[FormTemplate, PageTemplate]]:
        """All pages of all forms."""
        ...


@dataclass(frozen=True, slots=True)
class IdentifyLimits:
    """When a page is taken for a page of a form.

    Attributes:
        candidates: How many guesses are looked at closely.
        agreeing: Features that must agree on one place of the page.
        rival: Share of the best guess's agreeing features from which another guess is looked at, too.
        words: Share of the words on the paper that must be found.
        seen: Share of a page's words that must lie on the paper at all.
        present: Ink of a word that must be there for it to count as found.
        alike: Correlation from which a word counts as found all the same.
        anchor_present: Ink of a word of an anchor that must be there.
        anchor_alike: Correlation a word of an anchor must reach.
    """

    candidates: int = 5
    agreeing: int = 12
    rival: float = 0.5
    words: float = 0.95
    seen: float = 0.8
    present: float = 0.75
    alike: float = 0.8
    anchor_present: float = 0.85
    anchor_alike: float = 0.55


@dataclass(frozen=True, slots=True, eq=False)
class _Known:
    """A page of the library; the raster is kept packed."""

    template: FormTemplate
    number: int
    packed: npt.NDArray[np.uint8]
    structure: PrintedStructure

    @property
    def blank(self) -> Grey:
        return np.asarray(cv2.imdecode(self.packed, cv2.IMREAD_GRAYSCALE), dtype=np.uint8)


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
        features: list[Features] = []
        for template, page in library.pages():
            blank = render(template, page.number, EVIDENCE_DPI)
            features.append(page_features(blank, EVIDENCE_DPI))
            packed = np.asarray(cv2.imencode(".png", blank)[1], dtype=np.uint8)
            structure = printed_structure(blank, EVIDENCE_DPI, page.anchors)
            self._known.append(_Known(template, page.number, packed, structure))
        self._features = FeatureIndex(features) if features else None

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
        return Identification(best.known.template, best.known.number, best.score, runner_up, to_page)

    def _candidates(self, page: CleanPage) -> list[_Candidate]:
        if self._features is None:
            return []
        seen = page_features(page.grey, page.dpi)
        votes = self._features.votes(seen, self._limits.candidates)
        fits = [(vote, fit) for vote in votes if (fit := self._features.fit(seen, vote)) is not None]
        fits.sort(key=lambda pair: -pair[1][1])
        enough = max(self._limits.agreeing, self._limits.rival * fits[0][1][1]) if fits else 0
        small = rescaled(page.grey, EVIDENCE_DPI / page.dpi)
        found = [self._look(small, vote, matrix) for vote, (matrix, agree) in fits if agree >= enough]
        return sorted(found, key=lambda candidate: -candidate.score)

    def _look(self, small: Grey, vote: Vote, matrix: Matrix) -> _Candidate:
        known = self._known[vote.page]
        to_index = np.array([[EVIDENCE_DPI / 72, 0, -0.5], [0, EVIDENCE_DPI / 72, -0.5], [0, 0, 1]])
        estimate = to_index @ matrix @ np.linalg.inv(mm_from_points())
        evidence = gather(small, known.blank, known.structure, estimate)
        score, doubt = judge(evidence, known.structure, self._limits)
        return _Candidate(known, evidence, score, doubt)


def judge(evidence: Evidence, structure: PrintedStructure, limits: IdentifyLimits) -> tuple[float, str]:
    """Score 0..1 and the code of what is in doubt, empty where nothing is."""
    on_paper = ~np.isnan(evidence.present)
    present = np.nan_to_num(evidence.present)
    found = on_paper & ((present >= limits.present) | (evidence.alike >= limits.alike))
    score = float(found.sum() / max(on_paper.sum(), 1))
    if on_paper.sum() < 5 or on_paper.mean() < limits.seen:
        return score * float(on_paper.mean()), "identify.cropped"
    if score < 0.5:
        return score, "identify.no_form"
    anchors = structure.anchors
    proven = on_paper & (present >= limits.anchor_present) & (evidence.alike >= limits.anchor_alike)
    if not proven[anchors].all():
        return score, "identify.anchor"
    if score < limits.words:
        return score, "identify.print_missing"
    return score, ""
