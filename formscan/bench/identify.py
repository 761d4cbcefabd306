"""``formscan bench identify``: all pages of all forms told from each other, composed and damaged.

Nothing is read: each page of each form is composed several times with ink and seeds of the report half,
identified among all forms and laid over its own. The pages can be kept: they depend on their form alone, so
after a form was added only its own are made, and all are identified again. A stopped run goes on.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import tempfile
import time
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from formscan.bench.compose import Order, Style
from formscan.bench.intervals import most_when_none, wilson
from formscan.bench.jobs import Bench, Job, centre_errors, foreign_jobs, save, true_centres
from formscan.bench.official import OURS
from formscan.bench.presets import Severity
from formscan.bench.shared import shared_data
from formscan.bench.truth import Split
from formscan.model.page import Held
from formscan.pipeline.acquire import acquire
from formscan.templates import TemplateLibrary

_SEVERITIES: Final = (Severity.CLEAN, *[Severity.OFFICE] * 3, Severity.HARD)
_STYLES: Final = (Style.PRINT, Style.HAND, Style.MIXED, Style.FONT)
Row = dict[str, Any]
"""What came of one page: what it is (``page``), what it was taken for (``got``) or why it is ``held``."""


def page_jobs(library: TemplateLibrary, copies: int, seed: int) -> Iterator[tuple[str, Job]]:
    """Names and jobs: all pages once, then all again ...; a page's jobs do not depend on other forms."""
    for copy in range(copies):
        for template, page in library.pages():
            name = f"{template.id}:{page.number}#{seed}.{copy}"
            own = 2 * zlib.crc32(name.encode()) + 1  # odd: the report half
            rng = np.random.default_rng([own, 5])
            base = "official" if template.id in OURS and rng.random() < 0.4 else "own"
            order = Order(
                number=page.number,
                people=own,
                seed=own,
                severity=_SEVERITIES[int(rng.integers(len(_SEVERITIES)))],
                style=_STYLES[int(rng.integers(len(_STYLES)))],
                base=base,
                colour=bool(rng.random() < 0.3),
            )
            yield name, Job(base, template.id, order)


def measured(bench: Bench, name: str, job: Job, folder: Path) -> Row:
    """Make a page or take the kept one, and say what it was taken for."""
    assert job.order is not None
    path, true = _page(bench, name, job, folder)
    row: Row = {"page": name, "kind": job.kind, "severity": job.order.severity.value}
    started = time.process_time()
    page = next(iter(acquire(path)))
    result = page if isinstance(page, Held) else bench.line.run(page)
    row["seconds"] = round(time.process_time() - started, 3)
    if isinstance(result, Held):
        return row | {"held": result.reason}
    got = f"{result.aligned.template.id}:{result.aligned.number}"
    row |= {"got": got, "alike": list(result.identified.ambiguous_with)}
    if got != name.partition("#")[0]:
        return row
    errors = centre_errors(result, true)
    silent = int(((errors[:, 1] > 1) & (errors[:, 2] < 1)).sum())
    return row | {"off_mm": [round(float(mm), 3) for mm in errors[:, 1]], "silent": silent}


def _page(bench: Bench, name: str, job: Job, folder: Path) -> tuple[Path, npt.NDArray[np.float64]]:
    """The scan of a job and the true centres of its fields; what is not kept is made."""
    assert job.order is not None
    template = bench.template(job.form_id)
    stem = folder / f"{name.replace(':', '-').replace('#', '-').replace('.', '-')}-{template.digest[:8]}"
    told = stem.with_suffix(".npy")
    if not told.exists():
        composed = bench.compose(job)
        save(composed.pixels, composed.dpi, composed.damage.jpeg, stem)
        np.save(told, true_centres(template.fields_of(job.order.number), composed.mapping))
    path = next(p for p in (stem.with_suffix(".jpg"), stem.with_suffix(".png")) if p.exists())
    return path, np.load(told)


def is_right(row: Row) -> bool:
    """Whether a page was taken for what it is, or for a page of another form that is printed alike."""
    truth = str(row["page"]).partition("#")[0]
    form, _, number = truth.partition(":")
    got = str(row.get("got", ""))
    return got == truth or (form in row.get("alike", ()) and got.endswith(f":{number}"))


def figures(rows: Sequence[Row]) -> dict[str, Any]:
    """Counts and intervals of rows of composed and foreign pages."""
    own = [row for row in rows if row["kind"] != "foreign"]
    foreign = [row for row in rows if row["kind"] == "foreign"]
    forms = sorted({str(row["page"]).partition(":")[0] for row in own})
    off = np.array([mm for row in own for mm in row.get("off_mm", ())])
    groups = {"all": own}
    for severity in Severity:
        groups[f"severity {severity.value}"] = [row for row in own if row["severity"] == severity.value]
    for kind in ("official", "own"):
        groups[f"{kind} blanks"] = [row for row in own if row["kind"] == kind]
    groups |= {form: [row for row in own if str(row["page"]).startswith(f"{form}:")] for form in forms}
    return {
        "forms": len(forms),
        "groups": {name: _counted(some) for name, some in groups.items() if some},
        "confused": [f"{row['page']} taken for {row['got']}" for row in own if _confused(row)],
        "fields": len(off),
        "off_mm": [round(float(np.percentile(off, p)), 3) for p in (50, 99, 100)] if len(off) else [],
        "beyond_1_mm": int((off > 1).sum()),
        "silent_beyond_1_mm": sum(row.get("silent", 0) for row in own),
        "seconds_a_page": round(float(np.mean([row["seconds"] for row in own])), 2) if own else None,
        "foreign": {
            "pages": len(foreign),
            "taken": [f"{row['page']} taken for {row['got']}" for row in foreign if row.get("got")],
        },
    }


def _confused(row: Row) -> bool:
    return bool(row.get("got")) and not is_right(row)


def _counted(rows: Sequence[Row]) -> dict[str, Any]:
    right = sum(is_right(row) for row in rows)
    held: dict[str, int] = {}
    for row in rows:
        if row.get("held"):
            held[row["held"]] = held.get(row["held"], 0) + 1
    confused = sum(_confused(row) for row in rows)
    low, high = wilson(right, len(rows))
    most = wilson(confused, len(rows))[1] if confused else most_when_none(len(rows))
    return {
        "pages": len(rows),
        "right": right,
        "right_95": [round(low, 4), round(high, 4)],
        "held": held,
        "confused": confused,
        "confused_at_most": round(most, 4),
    }


def markdown(told: dict[str, Any], run: dict[str, Any]) -> str:
    """The figures as a page for people."""
    body = [
        f"| {name} | {v['pages']} | {v['right']} | {v['right_95'][0]:.1%} to {v['right_95'][1]:.1%} | "
        f"{sum(v['held'].values())} | {v['confused']} (≤ {v['confused_at_most']:.2%}) |"
        for name, v in told["groups"].items()
    ]
    held = told["groups"]["all"]["held"] if told["groups"] else {}
    off = told["off_mm"] or [0.0, 0.0, 0.0]
    foreign = told["foreign"]
    command = f"--pages {run['pages']} --seed {run['seed']}{' --foreign' * run['foreign']}"
    setting = (
        f"`formscan bench identify {command}`: every page of all {told['forms']} forms composed "
        f"{run['copies']} times with ink and seeds of the report half, some of them on official blanks, "
        "identified among all forms and laid over its own; nothing is read. Intervals: 95 %."
    )
    registration = (
        f"Field centres after registration: n = {told['fields']}, median {off[0]:.3f} mm, 99 of 100 within "
        f"{off[1]:.3f} mm, worst {off[2]:.3f} mm; {told['beyond_1_mm']} beyond 1 mm, "
        f"{told['silent_beyond_1_mm']} of them with a stated residual below 1 mm."
    )
    lines = ["# All forms told from each other", "", setting, ""]
    lines += [
        "| pages | n | identified right | 95 % | held | confused (95 % at most) |",
        "|---|---|---|---|---|---|",
    ]
    lines += [*body, "", "Held by reason: " + _listed(held) + ".", ""]
    lines += [f"Confused: {line}.\n" for line in told["confused"]]
    lines += [registration, f"From the file to the frame {told['seconds_a_page']} core seconds a page."]
    if foreign["pages"]:
        most = most_when_none(foreign["pages"])
        taken = "; ".join(foreign["taken"]) or f"none (at most {most:.2%})"
        lines += ["", f"Pages of no known form: n = {foreign['pages']}, taken for one of ours: {taken}."]
    return "\n".join(lines) + "\n"


def _listed(held: dict[str, int]) -> str:
    return ", ".join(f"{code} {n}" for code, n in sorted(held.items())) or "none"


class Journal:
    """The rows of a run in a file, one a line; rows made with other forms do not count.

    Args:
        path: Of the file; None keeps nothing.
        forms: Digest of all forms.
    """

    def __init__(self, path: Path | None, forms: str) -> None:
        self._path, self._forms = path, forms
        self.rows: dict[str, Row] = {}
        if path is not None and path.exists():
            for line in path.read_text(encoding="utf-8").splitlines():
                row = json.loads(line)
                if row["forms"] == forms:
                    self.rows[row["page"]] = row

    def note(self, row: Row) -> None:
        """Keep a row."""
        self.rows[row["page"]] = row
        if self._path is not None:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row | {"forms": self._forms}, ensure_ascii=False) + "\n")


def digest_of(library: TemplateLibrary) -> str:
    """Of all forms together."""
    told = "".join(f"{form.id} {form.version} {form.digest}\n" for form in library.forms)
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; see ``--help``. Ends with 3 where a page was taken for another one."""
    given = _options(arguments)
    data = given.data or shared_data()
    if data is None or not data.is_dir():
        sys.stderr.write("no development data: give --data or set FORMSCAN_DATA\n")
        return 2
    bench = Bench(data, Split.REPORT, reading=False)
    known = sum(1 for _ in bench.library.pages())
    copies = -(-given.pages // known)
    journal = Journal(given.rows, digest_of(bench.library))
    with tempfile.TemporaryDirectory() as spare:
        folder = given.kept or Path(spare)
        folder.mkdir(parents=True, exist_ok=True)
        wanted = _work(bench, journal, folder, given, copies, data)
    rows = [journal.rows[name] for name in wanted if name in journal.rows]
    told = figures(rows)
    if given.figures:
        run = {"pages": given.pages, "seed": given.seed, "copies": copies, "foreign": given.foreign}
        given.figures.write_text(markdown(told, run), encoding="utf-8")
    left = len(wanted) - len(rows)
    sys.stdout.write(json.dumps({**told, "left": left}, indent=1, ensure_ascii=False) + "\n")
    return 3 if told["confused"] or told["foreign"]["taken"] else 0


def _work(
    bench: Bench, journal: Journal, folder: Path, given: argparse.Namespace, copies: int, data: Path
) -> list[str]:
    """Measure what is not in the journal yet, at most a slice of it; names of all that is wanted."""
    jobs = list(page_jobs(bench.library, copies, given.seed))
    if given.foreign:
        for job in foreign_jobs(data, given.seed):
            assert job.path is not None
            jobs.append((f"foreign {job.path.stem}:{job.number} {job.severity}".strip(), job))
    open_jobs = [(name, job) for name, job in jobs if name not in journal.rows]
    for done, (name, job) in enumerate(open_jobs[: given.slice], 1):
        if job.kind == "foreign":
            out = bench.measure(job, folder)
            row: Row = {"page": name, "kind": "foreign", "severity": out.severity, "got": out.got}
            journal.note(row | {"held": out.held, "seconds": 0.0})
        else:
            journal.note(measured(bench, name, job, folder))
        if done % 20 == 0:
            sys.stderr.write(f"{done} of {len(open_jobs)}\n")
    return [name for name, _ in jobs]


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="formscan bench identify", description=__doc__)
    parser.add_argument("--data", type=Path, default=None)
    parser.add_argument("--pages", type=int, default=640, help="at least that many; each page equally often")
    parser.add_argument("--seed", type=int, default=401)
    parser.add_argument("--foreign", action="store_true", help="pages of no known form, too")
    parser.add_argument("--rows", type=Path, default=None, help="file of what was measured; a run goes on")
    parser.add_argument("--kept", type=Path, default=None, help="folder in which composed pages are kept")
    parser.add_argument("--slice", type=int, default=None, help="at most that many pages in this call")
    parser.add_argument("--figures", type=Path, default=None, help="Markdown to write")
    return parser.parse_args(arguments)
