"""The figures of a night come from runs of real programs, and bad runs are in no ratio."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from PIL import Image

from formscan.bench.archive import write_pdf
from formscan.bench.night_figures import compared
from formscan.bench.process_watch import growth, read_samples, run_watched
from formscan.model.page import Page
from formscan.pipeline.acquire import acquire

GROWS = """
import time
kept = []
while time.process_time() < 0.3:
    pass
for number in range(20):
    kept.append(b"x" * 1_000_000)
    time.sleep(0.05)
"""


def test_that_a_program_that_grows_is_seen_to_grow(tmp_path: Path) -> None:
    done = iter(range(1000))
    samples = tmp_path / "samples.jsonl"
    ran = run_watched([sys.executable, "-c", GROWS], samples, lambda: next(done), 0.02)
    assert ran.code == 0
    assert ran.core_seconds > 0.2
    (driver,) = growth(read_samples(samples))
    assert driver.role == "driver"
    assert driver.slope_mib is not None
    assert driver.slope_mib > 100.0, "about a megabyte a look, a page a look"


def test_that_a_process_that_stays_has_no_slope_worth_telling() -> None:
    rows = [[at, at * 10, 7, "worker", 400.0 + at % 2, 1.0] for at in range(100)]
    (worker,) = growth(rows)
    assert worker.slope_mib == pytest.approx(0.0, abs=0.5)
    (short,) = growth(rows[-3:])
    assert short.slope_mib is None


def run(engine: str, bundle: str, seconds: float, cores: float, code: int = 0) -> dict[str, object]:
    return {
        "engine": engine, "bundle": bundle, "pages": 100, "seconds": seconds, "core_seconds": cores,
        "by_role": {"worker": cores - 10}, "code": code, "fine": code in {0, 3}, "load": [1.0, 1.0],
    }  # fmt: skip


def test_that_ratios_are_of_the_same_bundle_and_leave_out_runs_that_failed() -> None:
    rows = [
        run("loop", "a", 200, 200), run("sqlite-2", "a", 110, 210), run("sqlite-1", "a", 205, 205),
        run("loop", "b", 100, 100), run("sqlite-2", "b", 60, 110, code=3), run("ocrmypdf", "a", 330, 600),
        run("loop", "c", 100, 100), run("sqlite-2", "c", 1, 1, code=1), run("ocrmypdf", "b", 1, 1, code=3),
    ]  # fmt: skip
    told = compared(rows)
    assert told["failed"] == {"sqlite-2": 1, "ocrmypdf": 1}
    overhead = told["ratios"]["overhead of sqlite-2"]
    assert (overhead["n"], overhead["mean"]) == (2, pytest.approx(0.075))
    low, high = overhead["interval95"]
    assert (low < 0.05, high > 0.1) == (True, True)
    assert told["ratios"]["images a minute, times OCRmyPDF, clock"] == {"n": 1, "mean": 3.0}
    assert told["ratios"]["speed-up on sqlite, by_core_seconds"]["mean"] == pytest.approx(195 / 105, abs=1e-3)


def test_that_a_pdf_of_scans_gives_the_same_pages(tmp_path: Path) -> None:
    files = []
    for number in range(2):
        files.append(tmp_path / f"{number}.jpg")
        Image.linear_gradient("L").resize((850, 1100)).save(files[-1], quality=80, dpi=(100, 100))
    write_pdf(files, tmp_path / "a.pdf", 100.0)
    pages = [page for page in acquire(tmp_path / "a.pdf") if isinstance(page, Page)]
    assert [page.encoded for page in pages] == [path.read_bytes() for path in files]
    assert [round(page.dpi) for page in pages] == [100, 100]
