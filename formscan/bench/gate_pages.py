"""Composed pages through the line, kept as a file: what was proposed for every field, and what is true.

Making a page costs seconds, everything that is fitted and measured on it costs none; so the pages are made
once, appended to a file of JSON lines, and a run that was broken off goes on where it stopped.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from formscan.bench.jobs import Bench, Job, composed_jobs, save
from formscan.bench.score import Outcome, outcome_of
from formscan.bench.truth import FieldTruth, Split
from formscan.model.page import Held
from formscan.model.reading import CheckedField
from formscan.model.record import DraftPage
from formscan.model.template import FormTemplate
from formscan.paths import forms_dir
from formscan.pipeline.acquire import acquire
from formscan.pipeline.run import LineResult, read_page
from formscan.store.codec import dump, load
from formscan.templates import TemplateLibrary

_NOBODY: Final = "0" * 64


@dataclass(frozen=True, slots=True)
class ProposedField:
    """One field of a kept page.

    Attributes:
        source: What it was written with, see ``bench.truth.Source``.
    """

    field: CheckedField
    outcome: Outcome
    source: str


@dataclass(frozen=True, slots=True)
class KeptPage:
    """One composed page as the line read it.

    Attributes:
        people: Number of the invented patient: pages with the same one are one document.
        severity: Damage it went through.
    """

    name: str
    split: Split
    severity: str
    style: str
    people: int
    form_id: str
    form_version: str
    page: DraftPage
    fields: tuple[ProposedField, ...]


def make_pages(data: Path, out: Path, pages: int, seed: int) -> int:
    """Compose ``pages`` pages of each split, read them and append them to ``out``.

    Returns:
        How many pages the file has now; pages that were held are lines without fields and count.
    """
    library = TemplateLibrary.load(forms_dir())
    known = {row["name"] for row in _rows(out)} if out.exists() else set()
    jobs = {split: composed_jobs(library, pages, seed, split) for split in Split}
    benches = {split: Bench(data, split) for split in Split}
    with out.open("a", encoding="utf-8") as lines, tempfile.TemporaryDirectory() as folder:
        for split, job in _in_turn(jobs):
            if _name(split, job) not in known:
                row = _row(benches[split], split, job, Path(folder))
                lines.write(json.dumps(row, ensure_ascii=False) + "\n")
                lines.flush()
                known.add(row["name"])
    return len(known)


def kept_pages(path: Path) -> list[KeptPage]:
    """The pages of a file, held ones left out."""
    return [_kept(row) for row in _rows(path) if row["fields"]]


def _in_turn(jobs: dict[Split, list[Job]]) -> Iterator[tuple[Split, Job]]:
    for together in zip(*jobs.values(), strict=True):
        yield from zip(jobs, together, strict=True)


def _name(split: Split, job: Job) -> str:
    assert job.order is not None
    return f"{split.value}-{job.form_id}-{job.order.number}-{job.order.seed}"


def _row(bench: Bench, split: Split, job: Job, folder: Path) -> dict[str, Any]:
    assert job.order is not None
    composed = bench.compose(job)
    path = save(composed.pixels, composed.dpi, composed.damage.jpeg, folder / "page")
    page = next(iter(acquire(path)))
    result = page if isinstance(page, Held) else bench.line.run(page)
    row: dict[str, Any] = {
        "name": _name(split, job), "split": split.value, "severity": job.order.severity.value,
        "style": job.order.style.value, "people": job.order.people, "form": job.form_id, "fields": [],
    }  # fmt: skip
    template = bench.template(job.form_id)
    if isinstance(result, LineResult) and (result.aligned.template.id, result.aligned.number) == (
        job.form_id,
        job.order.number,
    ):
        kept = read_page(result, _NOBODY, "image/png").page
        truths = {truth.field_id: truth for truth in composed.truth.fields}
        row |= {"version": template.version, "page": dump(kept)}
        row["fields"] = [_field(template, f, truths[f.field_id]) for f in result.fields]
    return row


def _field(template: FormTemplate, field: CheckedField, truth: FieldTruth) -> dict[str, str]:
    outcome = outcome_of(template, truth, field.value)
    return {"noun": dump(field), "outcome": outcome.value, "source": truth.source.value}


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        yield from (json.loads(line) for line in lines if line.endswith("\n"))


def _kept(row: dict[str, Any]) -> KeptPage:
    return KeptPage(
        name=row["name"],
        split=Split(row["split"]),
        severity=row["severity"],
        style=row["style"],
        people=row["people"],
        form_id=row["form"],
        form_version=row["version"],
        page=load(DraftPage, row["page"]),
        fields=tuple(
            ProposedField(load(CheckedField, f["noun"]), Outcome(f["outcome"]), f["source"])
            for f in row["fields"]
        ),
    )
