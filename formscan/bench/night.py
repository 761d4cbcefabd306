"""The night measured: pages a minute, core-seconds a page, memory over time (``formscan bench night``).

The same composed stack goes through a plain loop in one process (``acquire`` and the line, nothing kept) and
through ``formscan batch run`` with one and two workers, on SQLite and, where a URL is given, on PostgreSQL.
OCRmyPDF, where its program is named, gets the same pages as one PDF. Every run is a process of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import psutil
from PIL import Image

from formscan.paths import forms_dir
from formscan.templates import TemplateLibrary, render_page

DPI: Final = 200.0
PAGES: Final = (("15-BV1", 1), ("15-BV1", 2), ("36-BV2", 1), ("36-BV2", 2))
LOOK_S: Final = 0.5
WARM_SHARE: Final = 0.3
"""Share of a run's start that is left out of the slope: caches fill, readers are loaded."""
MIB: Final = 2**20

LOOP: Final = """
import os, sys
from pathlib import Path
from formscan.batch.worker import CrewSetup, Tools
from formscan.model.page import Page
from formscan.pipeline.acquire import acquire
from formscan.pipeline.run import single_thread
single_thread()
line = Tools(CrewSetup(sys.argv[2])).line("")
for page in acquire(Path(sys.argv[1])):
    if isinstance(page, Page):
        line.run(page)
"""
"""The yardstick: everything but the night."""


@dataclass(slots=True)
class Measured:
    """One run.

    Attributes:
        seconds: Wall clock, start of the program included.
        core_seconds: Of all its processes.
        peak_mib: Largest memory of one of its processes.
        slope_mib: Growth of the process that grew most, in MiB per 1,000 pages, after the first part.
    """

    name: str
    pages: int
    seconds: float = 0.0
    core_seconds: float = 0.0
    peak_mib: float = 0.0
    slope_mib: float = 0.0
    note: str = ""
    samples: dict[int, list[tuple[float, float]]] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """For scripts."""
        told = {name: value for name, value in asdict(self).items() if name != "samples"}
        if self.seconds:
            told["pages_a_minute"] = round(self.pages / self.seconds * 60, 1)
            told["core_seconds_a_page"] = round(self.core_seconds / self.pages, 3)
        return {name: round(v, 3) if isinstance(v, float) else v for name, v in told.items()}


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print one JSON document.

    Returns:
        0.
    """
    parser = argparse.ArgumentParser(prog="formscan bench night", description=__doc__)
    parser.add_argument("--pages", type=int, default=200)
    parser.add_argument("--db", default="", help="PostgreSQL URL of an empty database, as well")
    parser.add_argument("--dask", action="store_true", help="Dask on this machine, as well")
    parser.add_argument("--ocrmypdf", default="", help="program to compare with; left out where empty")
    given = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="formscan-night-") as folder:
        room = Path(folder)
        compose(room / "stack", given.pages)
        found = list(_runs(room, given.pages, given.db, given.dask))
        found.append(_rival(room, given.pages, given.ocrmypdf))
    sys.stdout.write(json.dumps({"runs": [each.document() for each in found]}, indent=2) + "\n")
    return 0


def compose(folder: Path, pages: int) -> None:
    """Pages of the forms that ship, each with its own noise, as PNG."""
    folder.mkdir(parents=True)
    library = TemplateLibrary.load(forms_dir())
    blanks = [render_page(library.get(form), number, DPI) for form, number in PAGES]
    chance = np.random.default_rng(11)
    for number in range(pages):
        drawn = blanks[number % len(blanks)].astype(np.int16)
        noisy = np.clip(drawn + chance.integers(-6, 7, drawn.shape, np.int16), 0, 255).astype(np.uint8)
        Image.fromarray(noisy).save(folder / f"{number:05d}.png", dpi=(DPI, DPI), compress_level=1)


def _runs(room: Path, pages: int, url: str, dask: bool) -> Iterator[Measured]:
    stack = str(room / "stack")
    yield measure("loop, one process", pages, [sys.executable, "-c", LOOP, stack, str(room / "none")])
    wanted = [("sqlite, 1 worker", ["--workers", "1"]), ("sqlite, 2 workers", ["--workers", "2"])]
    if dask:
        wanted.append(("sqlite, Dask, 2 workers", ["--workers", "2", "--cluster", "local"]))
    if url:
        wanted.append(("postgresql, 2 workers", ["--workers", "2", "--db", url]))
    for name, options in wanted:
        home = str(room / name.replace(" ", "-"))
        command = [sys.executable, "-m", "formscan.cli", "batch", "run", stack, "--home", home, "--json"]
        yield measure(name, pages, [*command, *options])


def _rival(room: Path, pages: int, program: str) -> Measured:
    name = "OCRmyPDF, --jobs 2"
    found = shutil.which(program) if program else None
    if found is None:
        return Measured(name, pages, note="skipped: no program named with --ocrmypdf was found")
    pictures = sorted((room / "stack").glob("*.png"))
    first, *rest = (Image.open(path) for path in pictures)
    first.save(room / "stack.pdf", save_all=True, append_images=rest, resolution=DPI)
    options = ["--jobs", "2", "--output-type", "pdf", str(room / "stack.pdf"), str(room / "out.pdf")]
    return measure(name, pages, [found, *options])


def measure(name: str, pages: int, command: Sequence[str]) -> Measured:
    """Run a program to its end and look at its processes meanwhile."""
    told = Measured(name, pages)
    environment = {**os.environ, "OMP_THREAD_LIMIT": "1", "OMP_NUM_THREADS": "1"}
    before, started = _children_s(), time.monotonic()
    with subprocess.Popen(
        list(command), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment
    ) as process:
        while process.poll() is None:
            _sample(process.pid, time.monotonic() - started, told)
            time.sleep(LOOK_S)
    told.seconds = time.monotonic() - started
    told.core_seconds = _children_s() - before
    if process.returncode not in {0, 3}:
        told.note = f"ended with {process.returncode}"
    told.slope_mib = max((_slope(rows, told) for rows in told.samples.values()), default=0.0)
    return told


def _children_s() -> float:
    times = os.times()
    return times.children_user + times.children_system


def _sample(pid: int, at: float, told: Measured) -> None:
    try:
        root = psutil.Process(pid)
        processes = [root, *root.children(recursive=True)]
    except psutil.Error:
        return
    for each in processes:
        try:
            used = each.memory_info().rss / MIB
        except psutil.Error:
            continue
        told.peak_mib = max(told.peak_mib, used)
        told.samples.setdefault(each.pid, []).append((at, used))


def _slope(rows: Sequence[tuple[float, float]], told: Measured) -> float:
    """Least-squares growth of a process in MiB per 1,000 pages; 0 for one that lived too short."""
    kept = [(at, used) for at, used in rows if at > told.seconds * WARM_SHARE]
    if len(kept) < 10:
        return 0.0
    at, used = np.array(kept).T
    return float(np.polyfit(at, used, 1)[0] * told.seconds / told.pages * 1000)


if __name__ == "__main__":
    sys.exit(main())
