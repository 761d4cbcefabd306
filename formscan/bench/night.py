"""The night measured over an archive (``formscan bench night``): speed, cost, memory, against others.

Two questions, each in parts that add up in ``--room``; what was measured is not measured again.

``compare``: the same bundles of pages go, in alternating order, through a plain loop in one process (files
opened, pages read, nothing kept), through ``formscan batch run`` with one and two workers
on SQLite, the same on a PostgreSQL of its own, Dask, and OCRmyPDF where its program is named. Every run is a
program of its own, start included. Ratios are of runs over the same bundle.

``night``: all pages through one ``batch run`` with two workers, its processes looked at all the while. It may
be stopped at any time and goes on when it is run again (``--minutes`` stops it by itself).
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from formscan.bench.archive import BUNDLE, DPI, Archive, Bundle, bundles, write_pdf
from formscan.bench.night_figures import figures
from formscan.bench.postgres import binaries, private_postgres
from formscan.bench.process_watch import Ran, run_watched
from formscan.bench.shared import shared_data
from formscan.store import Store

NIGHT_LOOK_S: Final = 5.0
FINE: Final = frozenset({0, 3})
"""Ends of ``batch run``: all read, or some held."""
LOOP: Final = """
import sys
from pathlib import Path
from formscan.batch.orders import CrewSetup
from formscan.batch.worker import Tools
from formscan.model.page import Page
from formscan.pipeline.acquire import acquire
from formscan.pipeline.run import single_thread
single_thread()
line = Tools(CrewSetup(sys.argv[1])).line("")
for path in sys.argv[2:]:
    for page in acquire(Path(path)):
        if isinstance(page, Page):
            line.run(page)
"""
"""The yardstick: everything but the night."""
ENGINES: Final = ("loop", "sqlite-1", "sqlite-2", "postgresql-1", "postgresql-2", "dask-2", "ocrmypdf")


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print one JSON document.

    Returns:
        0; 2 without development data.
    """
    given = _arguments(argv)
    data = given.data or shared_data()
    if data is None or not data.is_dir():
        sys.stderr.write("no development data: give --data or set FORMSCAN_DATA\n")
        return 2
    room: Path = given.room.resolve()
    archive = Archive(data, room, given.dpi)
    stack = list(bundles(archive, given.pages, given.bundle))
    wanted = [name for name in given.engines.split(",") if name in ENGINES]
    if "compare" in given.parts:
        bench = Comparison(room, given.ocrmypdf, given.language)
        bench.run(stack[: -(-given.compare // given.bundle)], wanted)
    if "night" in given.parts:
        night(room, stack, given.workers, given.minutes)
    sys.stdout.write(json.dumps(figures(room, stack), indent=1) + "\n")
    return 0


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="formscan bench night", description=__doc__)
    parser.add_argument("--room", type=Path, required=True, help="folder for the archive and what is found")
    parser.add_argument("--data", type=Path)
    parser.add_argument("--pages", type=int, default=200)
    parser.add_argument("--bundle", type=int, default=BUNDLE, help="sides in one folder or PDF")
    parser.add_argument("--dpi", type=float, default=DPI)
    parser.add_argument("--parts", nargs="*", default=["compare", "night"], choices=["compare", "night"])
    parser.add_argument("--compare", type=int, default=100, help="pages that go through every engine")
    parser.add_argument("--engines", default=",".join(ENGINES))
    parser.add_argument("--workers", type=int, default=2, help="of the night")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="stop the night after so long")
    parser.add_argument("--ocrmypdf", default="ocrmypdf", help="program to compare with, left out if missing")
    parser.add_argument("--language", default="eng", help="that OCRmyPDF reads")
    return parser.parse_args(argv)


class Comparison:
    """The same bundles through one engine after the other.

    Args:
        room: Gets ``compare.jsonl`` and a folder for what is running.
        program: OCRmyPDF.
        language: It reads.
    """

    def __init__(self, room: Path, program: str, language: str) -> None:
        self._room = room
        self._noted = room / "compare.jsonl"
        self._program = shutil.which(program)
        self._language = language

    def run(self, stack: Sequence[Bundle], engines: Sequence[str]) -> None:
        """Every engine over every bundle, where that was not done before."""
        known = {(row["engine"], row["bundle"]) for row in read_rows(self._noted)}
        for place, bundle in enumerate(stack):
            order = engines if place % 2 == 0 else list(reversed(engines))
            for engine in order:
                if (engine, bundle.path.name) not in known:
                    self._measure(engine, bundle)

    def _measure(self, engine: str, bundle: Bundle) -> None:
        home = self._room / "running"
        shutil.rmtree(home, ignore_errors=True)
        row: dict[str, Any] = {"engine": engine, "bundle": bundle.path.name, "pages": bundle.pages}
        name, _, count = engine.partition("-")
        if name == "postgresql":
            if binaries() is None:
                return
            with private_postgres(home / "server") as server:
                url = server.database("night")
                before = server.core_seconds()
                ran = self._watched(engine, self._batch(bundle, home, count, ["--db", url]))
                row["server_core_seconds"] = round(server.core_seconds() - before, 2)
        elif name == "ocrmypdf":
            if self._program is None:
                return
            ran = self._watched(engine, self._rival(bundle, home))
        elif name == "loop":
            command = [sys.executable, "-c", LOOP, str(home / "images"), str(bundle.path)]
            ran = self._watched(engine, command)
        else:
            options = ["--cluster", "local"] if name == "dask" else []
            ran = self._watched(engine, self._batch(bundle, home, count, options))
        with self._noted.open("a", encoding="utf-8") as out:
            out.write(json.dumps(row | rounded(ran)) + "\n")
        sys.stderr.write(f"{bundle.path.name}: {engine} {ran.seconds:.0f} s, {ran.core_seconds:.0f} core-s\n")
        shutil.rmtree(home, ignore_errors=True)

    def _watched(self, engine: str, command: Sequence[str]) -> Ran:
        return run_watched(command, self._room / "samples" / f"{engine}.jsonl")

    def _batch(self, bundle: Bundle, home: Path, count: str, options: Sequence[str]) -> list[str]:
        return batch_run([bundle], home, count, options)

    def _rival(self, bundle: Bundle, home: Path) -> list[str]:
        """OCRmyPDF gets the bundle as one PDF and is asked for nothing but the text."""
        pdf = bundle.path
        home.mkdir(parents=True)
        if pdf.is_dir():
            pdf = home / "stack.pdf"
            write_pdf(sorted(bundle.path.glob("*.jpg")), pdf, DPI)
        options = ["--jobs", "2", "-l", self._language, "--output-type", "pdf", "-O0"]
        return [str(self._program), *options, str(pdf), str(home / "out.pdf")]


def batch_run(stack: Sequence[Bundle], home: Path, workers: str, options: Sequence[str] = ()) -> list[str]:
    """The command of a night over bundles."""
    paths = [str(bundle.path) for bundle in stack]
    words = [
        "-m",
        "formscan.cli",
        "batch",
        "run",
        *paths,
        "--home",
        str(home),
        "--workers",
        workers,
        "--json",
    ]
    return [sys.executable, *words, *options]


def night(room: Path, stack: Sequence[Bundle], workers: int, minutes: float) -> None:
    """All of it in one run, or one part more of it."""
    home, noted = room / "night", room / "night.jsonl"
    home.mkdir(parents=True, exist_ok=True)
    part = sum(1 for _ in (room / "samples").glob("night-*.jsonl"))
    with Store.open(f"sqlite:///{(home / 'formscan.db').as_posix()}", home / "images") as store:
        before = _done(store)
        ran = run_watched(
            batch_run(stack, home, str(workers)), room / "samples" / f"night-{part:03d}.jsonl",
            lambda: _done(store), NIGHT_LOOK_S, minutes * 60,
        )  # fmt: skip
        count = store.ledger.balance()
        row = {
            "part": part, "workers": workers, "pages": _done(store) - before, "in": count.taken_in,
            "waiting": count.waiting, "drafted": count.drafted, "held": count.held,
            "set_aside": count.set_aside,
            "duplicates": count.duplicates, "quarantined": count.quarantined, "balances": count.balances,
            "drafts": len(store.drafts(None)),
        }  # fmt: skip
    with noted.open("a", encoding="utf-8") as out:
        out.write(json.dumps(row | rounded(ran)) + "\n")


def _done(store: Store) -> int:
    """Pages that have a result."""
    count = store.ledger.balance()
    return count.taken_in - count.waiting if count.taken_in else 0


def rounded(ran: Ran) -> dict[str, Any]:
    """For a line of a file."""
    told = asdict(ran) | {"fine": ran.code in FINE, "cores": os.cpu_count()}
    told["by_role"] = {role: round(used, 2) for role, used in ran.by_role.items()}
    return told | {"seconds": round(ran.seconds, 2), "core_seconds": round(ran.core_seconds, 2)}


def read_rows(path: Path) -> Iterator[dict[str, Any]]:
    """JSON lines; none where there is no file."""
    for line in path.read_text("utf-8").splitlines() if path.is_file() else ():
        if line.endswith("}"):
            yield json.loads(line)


if __name__ == "__main__":
    sys.exit(main())
