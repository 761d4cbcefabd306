"""The test bench of a template: filled scans laid on it before it goes live."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from formscan.engines.protocol import Reader
from formscan.model.page import Grey, Held, Page
from formscan.model.reading import Flag
from formscan.model.template import FormTemplate
from formscan.pipeline.acquire import acquire
from formscan.pipeline.identify import FormIndex
from formscan.pipeline.read import load_readers
from formscan.pipeline.run import Line, LineResult
from formscan.templates import TemplateLibrary, render_page


@dataclass(frozen=True, slots=True, eq=False)
class TriedField:
    """What was read at one field.

    Attributes:
        crop: uint8 grey of the place in the registered page (at its ``dpi``), with a rim.
        residual_mm: Of the print around it; ``inf`` where none was measured.
    """

    field_id: str
    text: str
    state: str
    confidence: float
    residual_mm: float
    flags: tuple[Flag, ...]
    crop: Grey


@dataclass(frozen=True, slots=True, eq=False)
class TriedPage:
    """One scanned page on the template.

    Attributes:
        number: Page of the form; 0 where the page does not fit.
        reason: Why it does not fit, else empty.
        residual_mm: 95th percentile of the registration's residual, on print not used to fit it.
    """

    name: str
    number: int
    reason: str
    residual_mm: float
    worst_mm: float
    fields: tuple[TriedField, ...]


def try_form(
    form: FormTemplate, scans: Sequence[Path], readers: Sequence[Reader] | None = None
) -> list[TriedPage]:
    """Register and read scans with this template alone; nothing is kept.

    Args:
        form: A template, saved or not.
        scans: Files or folders.
        readers: One or more a kind; those that are installed by default.

    Returns:
        One result a page, in the order of the stack.
    """
    return list(try_pages(form, scans, readers))


def try_pages(
    form: FormTemplate, scans: Sequence[Path], readers: Sequence[Reader] | None = None
) -> Iterator[TriedPage]:
    """The same page by page, for who waits or may stop."""
    library = TemplateLibrary([form])
    line = Line(FormIndex(library), tuple(load_readers() if readers is None else readers), render_page)
    for path in scans:
        for page in acquire(path):
            yield _tried(line.run(page) if isinstance(page, Page) else page, form)


def _tried(result: LineResult | Held, form: FormTemplate) -> TriedPage:
    if isinstance(result, Held):
        return TriedPage(result.source.name, 0, result.reason, float("inf"), float("inf"), ())
    aligned = result.aligned
    fields = tuple(
        TriedField(
            one.field_id,
            one.value.text,
            one.value.state.value,
            one.confidence,
            one.residual_mm,
            one.flags,
            _crop(aligned.image, form, one.field_id, aligned.dpi),
        )
        for one in result.fields
    )
    name = result.page.source.name
    return TriedPage(name, aligned.number, "", aligned.residual_mm, aligned.worst_mm, fields)


def _crop(image: Grey, form: FormTemplate, field_id: str, dpi: float) -> Grey:
    box = form.field(field_id).area.grown(4.0).at_dpi(dpi).clipped(image.shape[1], image.shape[0])
    return np.ascontiguousarray(image[box.top : box.bottom, box.left : box.right])
