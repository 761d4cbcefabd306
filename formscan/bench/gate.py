"""``formscan bench gate``: is the calibrated confidence a probability, and does the gate keep its promise?

Fitted on pages of the tuning half, measured on pages of the other: other ink, other writers, other seeds.
Everything is reckoned from a file of pages (``bench.gate_pages``); ``--make N`` adds pages to it first.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markdown import Markdown

from formscan.bench.gate_figures import Row, figures, markdown
from formscan.bench.gate_pages import KeptPage, kept_pages, make_pages
from formscan.bench.gate_picture import reliability_picture
from formscan.bench.score import Outcome
from formscan.bench.shared import shared_data
from formscan.bench.truth import Split
from formscan.engines.clues import put_forward
from formscan.learning.calibration import Case
from formscan.learning.confirmed import case_of
from formscan.learning.release import fitted_on
from formscan.paths import forms_dir
from formscan.store.codec import dump
from formscan.templates import TemplateLibrary


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print; see ``--help``."""
    given = _options(argv)
    if given.make:
        data = given.data or shared_data()
        if data is None:
            sys.stderr.write("no development data: give --data or set FORMSCAN_DATA\n")
            return 2
        make_pages(data, given.pages, given.make, given.seed)
    if not given.pages.is_file():
        sys.stderr.write("no pages: make some with --make N\n")
        return 2
    pages = kept_pages(given.pages)
    made = fitted_on(
        [case for case, _ in cases_of_pages(pages, Split.TUNE)],
        [case for case, _ in cases_of_pages(pages, Split.REPORT)],
        f"composed pages, tuning half, seed {given.seed}",
        datetime.now(UTC),
    )
    if given.fit:
        given.fit.write_text(dump(made.calibration) + "\n", encoding="utf-8")
    rows = [
        Row(case, raw, chance, page.severity)
        for (case, chance), (raw, page) in zip(made.proof, _raw(pages, Split.REPORT), strict=True)
    ]
    out = figures(made, rows, given.runs) | {"run": _run(pages, given.seed)}
    _told(out, rows, given)
    return 0


def cases_of_pages(pages: Sequence[KeptPage], split: Split) -> list[tuple[Case, KeptPage]]:
    """Every proposal of one split with the truth, as if a person without fault had confirmed it."""
    library = TemplateLibrary.load(forms_dir())
    found = []
    for page in pages:
        template = library.get(page.form_id, page.form_version)
        for one in page.fields if page.split is split else ():
            case = case_of(
                template.field(one.field.field_id),
                one.field,
                page.page,
                (page.form_id, page.form_version),
                f"{split.value}-{page.people}",
                right=one.outcome is Outcome.RIGHT,
            )
            if case is not None:
                found.append((case, page))
    return found


def _raw(pages: Sequence[KeptPage], split: Split) -> list[tuple[float, KeptPage]]:
    """The engine's own score beside each case of ``cases_of_pages``."""
    library = TemplateLibrary.load(forms_dir())
    found = []
    for page in pages:
        template = library.get(page.form_id, page.form_version)
        for one in page.fields if page.split is split else ():
            first = put_forward(one.field)
            form = (page.form_id, page.form_version)
            spec = template.field(one.field.field_id)
            if first is not None and case_of(spec, one.field, page.page, form, "", right=True) is not None:
                found.append((first.confidence, page))
    return found


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="formscan bench gate", description=__doc__)
    parser.add_argument("--data", type=Path, help="development data; default FORMSCAN_DATA or ../shared/data")
    parser.add_argument("--pages", type=Path, default=Path("gate_pages.jsonl"), help="file of read pages")
    parser.add_argument("--make", type=int, default=0, help="pages of each half the file shall have")
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--runs", type=int, default=100, help="seeded runs of the gate")
    parser.add_argument("--fit", type=Path, help="write the fitted calibration to this JSON file")
    parser.add_argument("--out", type=Path, help="folder for gate.json, gate.md and gate-reliability.png")
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout")
    return parser.parse_args(argv)


def _run(pages: Sequence[KeptPage], seed: int) -> dict[str, Any]:
    report = [page for page in pages if page.split is Split.REPORT]
    return {
        "seed": seed,
        "pages_fit": len(pages) - len(report),
        "pages_report": len(report),
        "clean": sum(page.severity == "clean" for page in report),
        "damaged": sum(page.severity != "clean" for page in report),
    }


def _told(out: dict[str, Any], rows: Sequence[Row], given: argparse.Namespace) -> None:
    if given.out:
        given.out.mkdir(parents=True, exist_ok=True)
        (given.out / "gate.json").write_text(json.dumps(out, indent=1) + "\n", "utf-8")
        (given.out / "gate.md").write_text(markdown(out), "utf-8")
        reliability_picture(rows).save(given.out / "gate-reliability.png", optimize=True)
    if given.json:
        sys.stdout.write(json.dumps(out) + "\n")
    else:
        Console().print(Markdown(markdown(out)))


if __name__ == "__main__":
    raise SystemExit(main())
