"""Figures of forms told from each other, and a run that goes on where it was."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from formscan.bench.identify import Journal, digest_of, figures, is_right, markdown, page_jobs
from formscan.paths import forms_dir
from formscan.templates import TemplateLibrary

LIBRARY = TemplateLibrary.load(forms_dir())
PAGES = sum(1 for _ in LIBRARY.pages())


def _row(page: str, got: str = "", held: str = "", **more: object) -> dict[str, object]:
    row = {"page": page, "kind": "own", "severity": "office", "seconds": 1.0, "got": got, "held": held}
    return {**row, "off_mm": [0.1, 0.3] if got == page.partition("#")[0] else [], **more}


def test_that_a_page_taken_for_another_is_a_confusion_and_a_held_one_is_not() -> None:
    rows = [
        _row("A:1#1.0", "A:1"),
        _row("A:2#1.0", held="identify.no_form"),
        _row("B:1#1.0", "A:1"),
        _row("B:2#1.0", "B:2", silent=1),
        _row("funsd 7", "B:2", kind="foreign"),
    ]
    told = figures(rows)
    every = told["groups"]["all"]
    assert (every["pages"], every["right"], every["confused"]) == (4, 2, 1)
    assert every["held"] == {"identify.no_form": 1}
    assert told["confused"] == ["B:1#1.0 taken for A:1"]
    assert told["foreign"] == {"pages": 1, "taken": ["funsd 7 taken for B:2"]}
    assert (told["fields"], told["silent_beyond_1_mm"]) == (4, 1)
    page = markdown(told, {"pages": 4, "seed": 1, "copies": 1, "foreign": True})
    assert "| all | 4 | 2 | 15.0% to 85.0% | 1 | 1 (≤ 69.94%) |" in page
    assert "B:1#1.0 taken for A:1" in page


def test_that_pages_printed_alike_in_two_forms_are_no_confusion() -> None:
    assert is_right({"page": "B:3#1.0", "got": "A:3", "alike": ["B"]})
    assert not is_right({"page": "B:3#1.0", "got": "A:2", "alike": ["B"]})
    assert not is_right({"page": "C:3#1.0", "got": "A:3", "alike": ["B"]})


def test_that_every_page_comes_equally_often_and_another_form_changes_no_page() -> None:
    jobs = dict(page_jobs(LIBRARY, 2, 401))
    assert len(jobs) == 2 * PAGES
    fewer = TemplateLibrary(form for form in LIBRARY.forms if form.id != "02-BV1")
    assert all(jobs[name] == job for name, job in page_jobs(fewer, 2, 401))
    orders = [job.order for job in jobs.values() if job.order is not None]
    assert len({order.seed for order in orders}) == len(orders)
    assert all(order.seed % 2 for order in orders)  # the report half


def test_that_rows_made_with_other_forms_do_not_count(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    before = Journal(path, digest_of(LIBRARY))
    before.note(_row("A:1#1.0", "A:1"))
    assert list(Journal(path, digest_of(LIBRARY)).rows) == ["A:1#1.0"]
    changed = TemplateLibrary([replace(LIBRARY.forms[0], digest="0" * 64), *LIBRARY.forms[1:]])
    assert Journal(path, digest_of(changed)).rows == {}
