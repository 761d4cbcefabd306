"""Pages to be measured, and what came of each; work for one process at a time."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from formscan.batch.index_shelf import open_line
from formscan.bench.compose import ComposedPage, Composer, Order, Style
from formscan.bench.damage import Mapping
from formscan.bench.official import OURS, OfficialPage, other_pages, our_pages, render
from formscan.bench.presets import Severity, draw
from formscan.bench.scanner import scan
from formscan.bench.score import Tally, score_page
from formscan.bench.sheet import number_sheet
from formscan.bench.truth import FieldTruth, Split
from formscan.learning.glyphs import held_out
from formscan.model.geometry import MM_PER_INCH, POINTS_PER_INCH
from formscan.model.page import FRAME_DPI, Grey, Held, Pixels
from formscan.model.template import FieldSpec, FormTemplate
from formscan.paths import forms_dir
from formscan.pipeline.acquire import acquire
from formscan.pipeline.identify import FormIndex
from formscan.pipeline.read import load_readers
from formscan.pipeline.run import Line, LineResult, single_thread
from formscan.templates import TemplateLibrary, render_page

_SEVERITIES: Final = (Severity.CLEAN, *[Severity.OFFICE] * 3, Severity.HARD)
_NOTHING: Final = frozenset({""})
"""Ids of the fields that are read where a page is only put in its place."""
_STYLES: Final = (Style.PRINT, Style.HAND, Style.PRINT, Style.MIXED, Style.HAND, Style.FONT, Style.MIXED)


@dataclass(frozen=True, slots=True)
class Job:
    """One page to measure.

    Attributes:
        kind: ``own``, ``official``, ``sheet`` (composed on our blank, the ministry's, the number sheet)
            or ``foreign``.
        form_id: Of a composed page; of a foreign one the form it is of, which the library is then without.
        order: Of a composed page.
        path: Of a foreign page; ``number`` is then its page in a PDF, 0 for a picture.
        severity: Damage of a foreign page; empty leaves it as it is.
    """

    kind: str
    form_id: str = ""
    order: Order | None = None
    path: Path | None = None
    number: int = 0
    severity: str = ""
    seed: int = 0


@dataclass(slots=True)
class Measured:
    """What came of one page.

    Attributes:
        expected: Form and page it truly is; empty for a foreign page.
        got: Form and page it was taken for; empty where it was held.
        left_out: Of a foreign page, the form it is of and the library was without.
        held: Why, where it was.
        seconds: Process time by stage.
        errors: (fields, 3): error of each field's centre in frame pixels at 300 dpi, the same in mm,
            and the residual the line itself states there, in mm.
    """

    name: str
    kind: str
    severity: str
    expected: str
    got: str = ""
    held: str = ""
    left_out: str = ""
    seconds: dict[str, float] = field(default_factory=dict)
    tally: Tally = field(default_factory=Tally)
    errors: npt.NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, 3)))


def digit_split(index: int) -> Split:
    """Digits the glyph reader never trained on are for reporting."""
    return Split.REPORT if held_out(index) else Split.TUNE


def composed_jobs(library: TemplateLibrary, pages: int, seed: int, split: Split) -> list[Job]:
    """Pages of all forms in turn; seeds of the two splits never meet (even and odd)."""
    known = list(library.pages())
    jobs = []
    for k in range(pages):
        template, page = known[k % len(known)]
        own = 2 * (seed * 100_000 + k) + (split is Split.REPORT)
        rng = np.random.default_rng([own, 5])
        kind = "official" if template.id in OURS and rng.random() < 0.4 else "own"
        order = Order(
            number=page.number,
            people=2 * (seed * 10_000 + k // len(known)) + (split is Split.REPORT),
            seed=own,
            severity=_SEVERITIES[int(rng.integers(len(_SEVERITIES)))],
            style=_STYLES[int(rng.integers(len(_STYLES)))],
            base=kind,
            colour=bool(rng.random() < 0.3),
        )
        jobs.append(Job(kind, template.id, order))
    return jobs


def sheet_jobs(pages: int, seed: int, split: Split) -> list[Job]:
    """Number sheets, by hand and printed in turn."""
    own = [2 * (seed * 100_000 + 50_000 + k) + (split is Split.REPORT) for k in range(pages)]
    styles = (Style.HAND, Style.HAND, Style.PRINT)
    return [
        Job("sheet", "BENCH-NUMBERS", Order(1, n, n, _SEVERITIES[k % 5], styles[k % 3], "sheet"))
        for k, n in enumerate(own)
    ]


def foreign_jobs(data: Path, seed: int) -> list[Job]:
    """Scanned forms of ``funsd``, and official pages twice each, as they are and damaged.

    Those are the pages of no form of ours, and ours themselves, offered to a library without their form
    (``without``).
    """
    jobs = [Job("foreign", path=path) for path in sorted((data / "funsd").glob("*.png"))]
    for k, page in enumerate([*other_pages(data), *our_pages(data)]):
        plain = Job("foreign", page.form_id, path=page.path, number=page.number)
        jobs += [plain, replace(plain, severity="office", seed=seed + k)]
    return jobs


def without(library: TemplateLibrary, form_id: str) -> TemplateLibrary:
    """Half of a library, every second form by id: the half that has no ``form_id``."""
    forms = sorted(library.forms, key=lambda form: form.id)
    own = next(place for place, form in enumerate(forms) if form.id == form_id)
    return TemplateLibrary([form for place, form in enumerate(forms) if (place - own) % 2])


class Bench:
    """The line with everything it needs, and the composer, in one process.

    Args:
        data: Development data.
        split: Whose ink and digits are used.
        reading: Without it a page is only put in its place: no readers are loaded.
    """

    def __init__(self, data: Path, split: Split, *, reading: bool = True) -> None:
        single_thread()
        self._data = data
        self._composer = Composer(data, split, digit_split)
        self.library = TemplateLibrary.load(forms_dir())
        self._sheet = number_sheet()
        self._readers = load_readers() if reading else ()
        only = frozenset() if reading else _NOTHING
        self.line = open_line(self.library, self._readers, only=only)
        self._sheet_line: Line | None = None
        self._halves: dict[tuple[str, ...], Line] = {}
        self._blanks: dict[tuple[str, str, int], Grey] = {}

    def template(self, form_id: str) -> FormTemplate:
        """The form a job is about."""
        return self._sheet if form_id == self._sheet.id else self.library.get(form_id)

    def compose(self, job: Job) -> ComposedPage:
        """The page of a composed job."""
        assert job.order is not None
        template = self.template(job.form_id)
        blank = self._blank(job.kind, template, job.order.number)
        back = self._blank(job.kind, template, job.order.number % len(template.pages) + 1)
        return self._composer.page(template, blank, job.order, back)

    def measure(self, job: Job, folder: Path) -> Measured:
        """Make the page's file and take it through the line."""
        if job.kind == "foreign":
            return self._foreign(job, folder)
        composed = self.compose(job)
        truth = composed.truth
        path = save(composed.pixels, composed.dpi, composed.damage.jpeg, folder / "page")
        out = Measured(truth.name, job.kind, truth.severity, f"{job.form_id}:{truth.number}")
        result = self._run(path, out, self._line_for(job))
        if isinstance(result, LineResult) and out.got == out.expected:
            truths: dict[str, FieldTruth] = {f.field_id: f for f in truth.fields}
            out.tally = score_page(self.template(job.form_id), truths, result.fields)
            out.errors = registration_errors(result, composed)
        return out

    def _foreign(self, job: Job, folder: Path) -> Measured:
        assert job.path is not None
        name = f"{job.path.stem}:{job.number}" if job.number else job.path.stem
        out = Measured(name, "foreign", job.severity or "as is", "", left_out=job.form_id)
        path = job.path
        if job.number:
            pixels: Pixels = render(OfficialPage(job.path, job.number))
            damage = draw(Severity(job.severity or "clean"), np.random.default_rng([job.seed, 99]))
            dpi, jpeg = 300.0, 0
            if job.severity:
                pixels, _ = scan(pixels, damage)
                dpi, jpeg = damage.dpi, damage.jpeg
            path = save(pixels, dpi, jpeg, folder / "page")
        self._run(path, out, self._line_without(job.form_id))
        return out

    def _run(self, path: Path, out: Measured, line: Line) -> LineResult | Held:
        before = dict(line.times.seconds)
        started = time.process_time()
        page = next(iter(acquire(path)))
        out.seconds["acquire"] = time.process_time() - started
        if isinstance(page, Held):
            out.held = page.reason
            return page
        result = line.run(page)
        spent = {stage: s - before.get(stage, 0.0) for stage, s in line.times.seconds.items()}
        out.seconds.update({stage: s for stage, s in spent.items() if s > 0})
        if isinstance(result, Held):
            out.held = result.reason
        else:
            out.got = f"{result.aligned.template.id}:{result.aligned.number}"
        return result

    def _line_without(self, form_id: str) -> Line:
        if not form_id:
            return self.line
        library = without(self.library, form_id)
        known = tuple(form.id for form in library.forms)
        if known not in self._halves:
            self._halves[known] = open_line(library, self._readers, only=_NOTHING)
        return self._halves[known]

    def _line_for(self, job: Job) -> Line:
        if job.kind != "sheet":
            return self.line
        if self._sheet_line is None:
            index = FormIndex(TemplateLibrary([*self.library.forms, self._sheet]))
            self._sheet_line = Line(index, self._readers, render_page)
        return self._sheet_line

    def _blank(self, kind: str, template: FormTemplate, number: int) -> Grey:
        key = (kind, template.id, number)
        if key not in self._blanks:
            self._blanks[key] = self._drawn(kind, template, number)
        return self._blanks[key]

    def _drawn(self, kind: str, template: FormTemplate, number: int) -> Grey:
        if kind != "official":
            return render_page(template, number, FRAME_DPI)
        path = self._data / "vn_moh_forms" / OURS[template.id][0]
        return render(OfficialPage(path, number, template.id))


def registration_errors(result: LineResult, composed: ComposedPage) -> npt.NDArray[np.float64]:
    """True against found place of every field's centre; see ``Measured.errors``."""
    specs = result.aligned.template.fields_of(result.aligned.number)
    return centre_errors(result, true_centres(specs, composed.mapping))


def true_centres(specs: Sequence[FieldSpec], mapping: Mapping) -> npt.NDArray[np.float64]:
    """float64 (fields, 3): x and y of each field's centre in the scan, and its pixels for one at 300 dpi."""
    if not specs:
        return np.zeros((0, 3))
    centres = np.array([spec.area.centre for spec in specs])
    return np.column_stack([mapping.to_image(centres), mapping.scale_at(centres)])


def centre_errors(result: LineResult, true: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """What was found against ``true_centres``; see ``Measured.errors``."""
    aligned = result.aligned
    specs = aligned.template.fields_of(aligned.number)
    if not specs:
        return np.zeros((0, 3))
    centres = np.array([spec.area.centre for spec in specs])
    found = aligned.to_source_points(centres * (FRAME_DPI / POINTS_PER_INCH) - 0.5)
    pixels = np.linalg.norm(found - true[:, :2], axis=1) / true[:, 2]
    stated = [aligned.residual_near(spec.area) for spec in specs]
    return np.column_stack([pixels, pixels / FRAME_DPI * MM_PER_INCH, stated])


def save(pixels: Pixels, dpi: float, jpeg: int, stem: Path) -> Path:
    """A picture file with its resolution: JPEG of that quality, or PNG."""
    image = Image.fromarray(pixels)
    if jpeg:
        path = stem.with_suffix(".jpg")
        image.save(path, quality=jpeg, dpi=(dpi, dpi))
    else:
        path = stem.with_suffix(".png")
        image.save(path, dpi=(dpi, dpi), compress_level=1)
    return path


def run_share(data: Path, split: Split, jobs: Sequence[Job], loud: bool) -> list[Measured]:
    """Measure a share of the jobs in this process."""
    bench = Bench(data, split)
    return list(_measured(bench, jobs, loud))


def _measured(bench: Bench, jobs: Sequence[Job], loud: bool) -> Iterator[Measured]:
    with tempfile.TemporaryDirectory() as folder:
        for done, job in enumerate(jobs, 1):
            try:
                yield bench.measure(job, Path(folder))
            except (subprocess.SubprocessError, cv2.error) as error:
                name = job.path.name if job.path else f"{job.form_id} {job.order}"
                yield Measured(
                    name, job.kind, job.severity, job.form_id, held=f"crash.{type(error).__name__}"
                )
            if loud and done % 20 == 0:
                sys.stderr.write(f"{done} of {len(jobs)}\n")
