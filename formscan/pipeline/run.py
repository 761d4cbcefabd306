"""The straight line through the stages: one page in, one read page or a reason out."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np

from formscan.engines.protocol import Reader
from formscan.errors import EngineError, UnknownFormError
from formscan.model.page import AlignedPage, CleanPage, Held, Identification, Page
from formscan.model.reading import CheckedField, Crop
from formscan.model.record import DraftPage, ReadPage
from formscan.model.split import SEPARATOR
from formscan.pipeline.align import align_page
from formscan.pipeline.blanks import BlankShelf, RenderPage
from formscan.pipeline.check import check_fields
from formscan.pipeline.clean import clean
from formscan.pipeline.identify import FormIndex
from formscan.pipeline.locate import locate
from formscan.pipeline.memory import give_back
from formscan.pipeline.page_code import witnessed
from formscan.pipeline.read import DIGITS, read
from formscan.pipeline.separators import separator_of

T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class LineResult:
    """A page that went all the way, with what later steps may want to look at."""

    page: Page
    aligned: AlignedPage
    identified: Identification
    fields: tuple[CheckedField, ...]


@dataclass(slots=True)
class StageTimes:
    """Seconds of process time spent in each stage, summed over pages."""

    seconds: dict[str, float] = field(default_factory=dict)
    pages: int = 0

    def add(self, stage: str, spent: float) -> None:
        """Count ``spent`` seconds for ``stage``."""
        self.seconds[stage] = self.seconds.get(stage, 0.0) + spent


def single_thread() -> None:
    """Keep the pixel libraries of this process to one thread; the workers are the parallelism."""
    cv2.setNumThreads(1)


class Line:
    """The stages from a page as scanned to checked fields, with their parts loaded once.

    Args:
        index: All known pages, for identification.
        readers: One or more readers a kind.
        render: Draws a page of a blank form: (template, number, dpi) to uint8 grey.
        only: Ids of the fields that are read, where a page is only to be put in its place; empty for all.
        pages: Folder where what is known of blank pages is kept between runs.
    """

    def __init__(
        self,
        index: FormIndex,
        readers: Sequence[Reader],
        render: RenderPage,
        only: frozenset[str] = frozenset(),
        pages: Path | None = None,
    ) -> None:
        self._only = only
        self._index = index
        self._readers = tuple(readers)
        self._blanks = BlankShelf(render, pages)
        self.times = StageTimes()

    def run(self, page: Page) -> LineResult | Held:
        """Take a page through all stages.

        Returns:
            The result, or why the page is held; a page that fits no template is never read.
        """
        self.times.pages += 1
        self._timed("memory", give_back)
        cleaned = self._timed("clean", lambda: clean(page))
        if cleaned.blank:
            return Held(page.source, "clean", "clean.blank_page")
        try:
            identified, aligned = self._register(cleaned)
        except UnknownFormError as error:
            apart = self._timed("separator", lambda: separator_of(cleaned))
            if apart:
                return Held(page.source, SEPARATOR, apart)
            stage = error.code.partition(".")[0]
            return Held(page.source, stage, error.code, tuple(error.facts.items()))
        try:
            fields = self._read(aligned)
        except EngineError as error:
            return Held(page.source, "read", error.code, tuple(error.facts.items()))
        return LineResult(page, aligned, identified, fields)

    def crops(self, page: Page) -> list[Crop]:
        """Every field of a page cut out, unread.

        Raises:
            UnknownFormError: If the page fits no template.
        """
        return locate(self._register(clean(page))[1])

    def _register(self, cleaned: CleanPage) -> tuple[Identification, AlignedPage]:
        identified = self._timed("identify", lambda: self._index.identify(cleaned))
        blank = self._timed("render", lambda: self._blanks.get(identified.template, identified.number))
        fine = self._timed("render", lambda: self._blanks.fine(identified.template, identified.number))
        aligned = self._timed("align", lambda: align_page(cleaned, identified, blank, fine=fine))
        return self._timed("code", lambda: witnessed(identified, aligned)), aligned

    def _read(self, aligned: AlignedPage) -> tuple[CheckedField, ...]:
        crops = self._timed("locate", lambda: locate(aligned))
        if self._only:
            crops = [crop for crop in crops if crop.field.id in self._only]
        readings = self._timed("read", lambda: read(crops, self._readers))
        return tuple(self._timed("check", lambda: check_fields(aligned.template, crops, readings)))

    def _timed(self, stage: str, work: Callable[[], T]) -> T:
        started = time.process_time()
        try:
            return work()
        finally:
            self.times.add(stage, time.process_time() - started)


def read_page(result: LineResult, image_sha256: str, media_type: str) -> ReadPage:
    """What is kept of a result once its image is stored under ``image_sha256``."""
    page, aligned = result.page, result.aligned
    turned, skew = _stance(aligned)
    kept = DraftPage(
        number=aligned.number,
        source=page.source,
        image_sha256=image_sha256,
        media_type=media_type,
        width=page.width,
        height=page.height,
        dpi=page.dpi,
        turned=turned,
        skew_deg=round(skew, DIGITS),
        score=round(result.identified.score, DIGITS),
        residual_mm=round(aligned.residual_mm, DIGITS),
        worst_mm=round(aligned.worst_mm, DIGITS),
        notes=(*page.notes, *aligned.clean.notes),
    )
    form = aligned.template
    return ReadPage(kept, form.id, form.version, form.digest, result.fields, result.identified.ambiguous_with)


def _stance(aligned: AlignedPage) -> tuple[int, float]:
    """How the scan lies: quarter turns clockwise that put it upright, and the skew left, in degrees.

    Measured on the registration itself, so a page that was cleaned upside down is still shown upright.
    """
    height, width = aligned.image.shape
    ends = aligned.to_source_points(np.array([[0.0, height / 2], [float(width), height / 2]]))
    dx, dy = ends[1] - ends[0]
    angle = math.degrees(math.atan2(dy, dx))
    quarter = round(angle / 90) * 90
    return -quarter % 360, angle - quarter
