"""Composed forms taken through the line once and kept on disk: what the simulated clerks review.

A form is a whole document of one invented patient: all its pages are written with the same pens, worn as
records are, scanned and read. Pages the line holds are not in the document; their fields are left out of
all comparisons and counted.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Final

import numpy as np

from formscan.bench.compose import Order, Style
from formscan.bench.jobs import Bench, Job, save
from formscan.bench.official import OURS
from formscan.bench.presets import Severity
from formscan.bench.truth import FieldTruth, Split
from formscan.model.page import Held
from formscan.model.reading import CheckedField
from formscan.model.record import Draft, ReadPage
from formscan.model.template import FormTemplate
from formscan.paths import forms_dir
from formscan.pipeline.acquire import acquire
from formscan.pipeline.check import supporters
from formscan.pipeline.collate import collate
from formscan.pipeline.run import LineResult, read_page
from formscan.store.codec import dump, load
from formscan.templates import TemplateLibrary

AT: Final = datetime(2026, 1, 5, 7, 30, tzinfo=UTC)
_STYLES: Final = (Style.PRINT, Style.MIXED, Style.HAND, Style.MIXED, Style.PRINT, Style.HAND, Style.FONT)
_SEVERITIES: Final = (Severity.CLEAN, *[Severity.OFFICE] * 3, Severity.HARD)


@dataclass(frozen=True, slots=True)
class ReadForm:
    """One form after the line, with everything that is true of it.

    Attributes:
        number: Of the form in its run.
        style: Who filled it: ``print``, ``mixed``, ``hand`` or ``font``.
        severity: How worn it is.
        pages: What was read.
        held: Pages that were not read, and why.
        truths: Of all fields of all pages, read or not.
    """

    number: int
    form_id: str
    style: str
    severity: str
    pages: tuple[ReadPage, ...]
    held: tuple[str, ...]
    truths: tuple[FieldTruth, ...]

    def draft(self, forms: dict[tuple[str, str], FormTemplate]) -> Draft | None:
        """The document a person would find in the inbox; ``None`` where none of its pages was read."""
        found = collate(self.pages, forms, AT).drafts
        return found[0] if len(found) == 1 else None


def read_forms(
    data: Path, cache: Path, count: int, seed: int, workers: int, split: Split = Split.REPORT
) -> Iterator[ReadForm]:
    """Forms 0 to ``count``, read now or taken from the cache, in order.

    Args:
        data: Development data.
        cache: Folder for one JSON file a form.
        count: How many.
        seed: Of everything random.
        workers: Processes that read.
        split: Whose ink.
    """
    cache.mkdir(parents=True, exist_ok=True)
    wanted = range(count)
    missing = [number for number in wanted if not _file(cache, seed, number).exists()]
    shares = [missing[k::workers] for k in range(max(1, workers))]
    if len(shares) == 1 or len(missing) < 2:
        _read_share(data, cache, seed, missing, split)
    else:
        with ProcessPoolExecutor(len(shares), mp_context=get_context("spawn")) as pool:
            for done in [pool.submit(_read_share, data, cache, seed, share, split) for share in shares]:
                done.result()
    for number in wanted:
        yield load(ReadForm, _file(cache, seed, number).read_text("utf-8"))


def orders(
    library: TemplateLibrary, number: int, seed: int, split: Split = Split.REPORT
) -> tuple[FormTemplate, list[Job]]:
    """The pages of one form as jobs; the forms take turns, style and wear are the document's."""
    template = library.forms[number % len(library.forms)]
    own = 2 * (seed * 100_000 + 60_000 + number)
    own += split is Split.REPORT  # odd: never a page something was tuned on
    rng = np.random.default_rng([own, 6])
    style = _STYLES[int(rng.integers(len(_STYLES)))]
    severity = _SEVERITIES[int(rng.integers(len(_SEVERITIES)))]
    base = "official" if template.id in OURS and rng.random() < 0.4 else "own"
    colour = bool(rng.random() < 0.3)
    pages = [page.number for page in template.pages if template.fields_of(page.number)]
    return template, [
        Job(base, template.id, Order(page, own, own * 10 + page, severity, style, base, colour))
        for page in pages
    ]


def _read_share(data: Path, cache: Path, seed: int, numbers: Sequence[int], split: Split) -> None:
    if not numbers:
        return
    bench = Bench(data, split)
    for number in numbers:
        form = _read(bench, number, seed, split)
        path = _file(cache, seed, number)
        fresh = path.with_suffix(".new")
        fresh.write_text(dump(form), "utf-8")
        fresh.replace(path)


def _read(bench: Bench, number: int, seed: int, split: Split) -> ReadForm:
    template, jobs = orders(bench.library, number, seed, split)
    pages: list[ReadPage] = []
    held: list[str] = []
    truths: list[FieldTruth] = []
    with tempfile.TemporaryDirectory(prefix="formscan-clerk-") as folder:
        for job in jobs:
            composed = bench.compose(job)
            truths += composed.truth.fields
            path = save(composed.pixels, composed.dpi, composed.damage.jpeg, Path(folder) / f"form{number}")
            page = next(iter(acquire(path)))
            result = page if isinstance(page, Held) else bench.line.run(page)
            if isinstance(result, LineResult):
                name = hashlib.sha256(f"{seed}-{number}-{job.order}".encode()).hexdigest()
                pages.append(read_page(result, name, "image/png"))
            else:
                held.append(result.reason)
    order = jobs[0].order
    assert order is not None
    style, severity = order.style.value, order.severity.value
    return ReadForm(number, template.id, style, severity, tuple(pages), tuple(held), tuple(truths))


def _file(cache: Path, seed: int, number: int) -> Path:
    return cache / f"form-{seed}-{number:05d}.json"


def assured(template: FormTemplate, draft: Draft) -> Draft:
    """The draft with what its fields say about themselves since they were read: critical, and who agrees."""
    return replace(draft, fields=tuple(_assured(template, field) for field in draft.fields))


def _assured(template: FormTemplate, field: CheckedField) -> CheckedField:
    spec = template.field(field.field_id)
    agreeing = supporters(template, spec, field.value, field.readings)
    return replace(field, critical=spec.critical, supporters=agreeing)


def library() -> TemplateLibrary:
    """The forms that ship."""
    return TemplateLibrary.load(forms_dir())
