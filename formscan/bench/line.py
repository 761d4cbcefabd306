"""``formscan bench line``: the whole line on composed and foreign pages, with figures that can be checked."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeVar

from rich.console import Console
from rich.markdown import Markdown

from formscan.batch.index_shelf import open_line
from formscan.bench.jobs import (
    Bench,
    Job,
    Measured,
    composed_jobs,
    foreign_jobs,
    run_share,
    save,
    sheet_jobs,
)
from formscan.bench.report import figures
from formscan.bench.rival import Comparison, compare
from formscan.bench.shared import shared_data
from formscan.bench.tables import markdown
from formscan.bench.truth import Split
from formscan.model.page import Held
from formscan.paths import forms_dir
from formscan.pipeline.acquire import acquire
from formscan.pipeline.read import load_readers
from formscan.pipeline.run import LineResult, single_thread
from formscan.templates import TemplateLibrary

T = TypeVar("T")


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print; see ``--help``."""
    for name in ("OMP_THREAD_LIMIT", "OMP_NUM_THREADS"):  # as the workers of a night (batch.processes)
        os.environ.setdefault(name, "1")
    given = _options(argv)
    data = given.data or shared_data()
    if data is None or not data.is_dir():
        sys.stderr.write("no development data: give --data or set FORMSCAN_DATA\n")
        return 2
    out = measure_line(data, given)
    if given.out:
        given.out.mkdir(parents=True, exist_ok=True)
        (given.out / "line.json").write_text(json.dumps(out, indent=1, ensure_ascii=False) + "\n", "utf-8")
        (given.out / "line.md").write_text(markdown(out), "utf-8")
    if given.json:
        sys.stdout.write(json.dumps(out, ensure_ascii=False) + "\n")
    else:
        Console().print(Markdown(markdown(out)))
    return 0


def measure_line(data: Path, given: argparse.Namespace) -> dict[str, Any]:
    """All measurements of one run: pages, foreign pages, comparison, speed."""
    split = Split(given.split)
    library = TemplateLibrary.load(forms_dir())
    composed = composed_jobs(library, given.pages, given.seed, split)
    sheets = sheet_jobs(given.sheets, given.seed, split)
    foreign = foreign_jobs(data, given.seed) if given.foreign else []
    measured = _shared_out([*composed, *sheets, *foreign], data, split, given.workers)
    comparison = _apart(_compared, data, split, composed[: given.compare]) if given.compare else None
    speed = _speed(data, split, composed[: given.speed], 2) if given.speed else {}
    out = figures(measured, comparison, speed)
    run = {"pages": given.pages, "sheets": given.sheets, "foreign": len(foreign), "seed": given.seed}
    return {"run": {**run, "split": split.value}, **out}


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="formscan bench line", description=__doc__)
    parser.add_argument("--data", type=Path, help="development data; default FORMSCAN_DATA or ../shared/data")
    parser.add_argument("--pages", type=int, default=300, help="composed pages of the forms that ship")
    parser.add_argument("--sheets", type=int, default=12, help="bench sheets of ids and insurance numbers")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--split", choices=[s.value for s in Split], default=Split.REPORT.value)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--compare", type=int, default=10, help="pages read again with one call a field")
    parser.add_argument("--speed", type=int, default=48, help="pages for pages a minute, with two processes")
    parser.add_argument("--no-foreign", dest="foreign", action="store_false")
    parser.add_argument("--out", type=Path, help="folder for line.json and line.md")
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout")
    return parser.parse_args(argv)


def _shared_out(jobs: Sequence[Job], data: Path, split: Split, workers: int) -> list[Measured]:
    """Deal the jobs to processes in turn; results in the order of the jobs."""
    if workers < 2:
        return run_share(data, split, jobs, True)
    shares = [jobs[k::workers] for k in range(workers)]
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        given = [pool.submit(run_share, data, split, share, k == 0) for k, share in enumerate(shares)]
        done = [future.result() for future in given]
    return [done[k % workers][k // workers] for k in range(len(jobs))]


def _apart(work: Callable[..., T], *args: object) -> T:
    """Run in one fresh process, so that times and memory are its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(work, *args).result()


def _compared(data: Path, split: Split, jobs: Sequence[Job]) -> Comparison:
    os.environ["OMP_THREAD_LIMIT"] = "1"
    bench, total = Bench(data, split), Comparison()
    with tempfile.TemporaryDirectory() as folder:
        for job in jobs:
            composed = bench.compose(job)
            path = save(composed.pixels, composed.dpi, composed.damage.jpeg, Path(folder) / "page")
            _through(bench, path)  # blanks drawn and weights loaded once are not a page's time
            started = time.process_time()
            result = _through(bench, path)
            spent = time.process_time() - started
            if isinstance(result, LineResult):
                total.merge(compare(result, {f.field_id: f for f in composed.truth.fields}, spent))
    return total


def _through(bench: Bench, path: Path) -> LineResult | Held:
    page = next(iter(acquire(path)))
    return page if isinstance(page, Held) else bench.line.run(page)


def _speed(data: Path, split: Split, jobs: Sequence[Job], workers: int) -> dict[str, Any]:
    """Pages a minute of the line alone, from files, with everything loaded before the clock starts."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paths = _apart(_written, data, split, jobs, folder)
        load = _load()
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
            given = [pool.submit(_timed_share, paths[k::workers]) for k in range(workers)]
            shares = [future.result() for future in given]
    wall = max(end for _, end, _ in shares) - min(start for start, _, _ in shares)
    return {
        "pages": len(paths),
        "workers": workers,
        "wall_s": wall,
        "pages_per_minute": len(paths) / wall * 60,
        "peak_mib": max(peak for _, _, peak in shares),
        "load_before": load,
    }


def _written(data: Path, split: Split, jobs: Sequence[Job], folder: Path) -> list[Path]:
    bench = Bench(data, split)
    paths = []
    for k, job in enumerate(jobs):
        composed = bench.compose(job)
        paths.append(save(composed.pixels, composed.dpi, composed.damage.jpeg, folder / f"page{k:04d}"))
    return paths


def _timed_share(paths: Sequence[Path]) -> tuple[float, float, float]:
    """Start and end (seconds since the epoch) of a share, and the peak memory of its process in MiB."""
    single_thread()
    library = TemplateLibrary.load(forms_dir())
    line = open_line(library, load_readers())
    started = time.time()
    for path in paths:
        for page in acquire(path):
            if not isinstance(page, Held):
                line.run(page)
    return started, time.time(), _peak_mib()


def _peak_mib() -> float:
    if sys.platform == "win32":
        import psutil

        return float(psutil.Process().memory_info().peak_wset) / 2**20
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _load() -> float:
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")


if __name__ == "__main__":
    raise SystemExit(main())
