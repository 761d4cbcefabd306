"""Measures the trail's table in the window: a million lines, scrolled (``formscan bench trail``).

A fresh SQLite file gets that many lines with a true chain; the desk of the trail is opened on it in a
process of its own and scrolled page by page, by jumps and under a filter. Told are the longest pause of
the window (how long it could not have answered a key) and how long a step takes until the lines stand.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from formscan.model.record import AuditEvent
from formscan.settings import Settings
from formscan.store import Store
from formscan.store.audit import FIRST, line_hash
from formscan.store.rows import moment_text

PAUSE_MS: Final = 100.0
"""Longest time the window may be unable to answer."""
PEOPLE: Final = ("lan", "hanh", "minh", "hoa", "tuan", "mai", "phuc", "nga")
ACTIONS: Final = ("field.confirmed",) * 14 + ("field.corrected",) * 3 + ("entry.released", "entry.read")
AT_ONCE: Final = 20_000
LIMIT_S: Final = 1800


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print.

    Returns:
        0 where no pause is longer than the limit, 1 where one is, 2 where the window could not be run.
    """
    parser = argparse.ArgumentParser(prog="formscan bench trail", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="lines of the trail")
    parser.add_argument("--steps", type=int, default=200, help="steps of each way to scroll")
    parser.add_argument("--home", type=Path, help="folder to use (and keep); default a temporary one")
    parser.add_argument("--platform", default="", help="Qt platform, e.g. offscreen; default the machine's")
    parser.add_argument("--chain", action="store_true", help="check the chain of all lines beside it as well")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="formscan-trail-") as folder:
        home = given.home or Path(folder)
        prepare(home, given.rows)
        environment = {**os.environ, **({"QT_QPA_PLATFORM": given.platform} if given.platform else {})}
        command = [sys.executable, "-m", "ui.measure_trail", str(home), "--steps", str(given.steps)]
        command += ["--chain"] if given.chain else []
        try:
            done = subprocess.run(
                command,
                env=environment,
                check=True,
                timeout=LIMIT_S,
                stdout=subprocess.PIPE,
                encoding="utf-8",
            )
        except subprocess.SubprocessError as error:
            sys.stderr.write(f"the window could not be measured: {type(error).__name__}\n")
            return 2
    found: dict[str, Any] = json.loads(done.stdout)
    sys.stdout.write(json.dumps(found) + "\n" if given.json else told(found))
    return 0 if max(way["pause_ms"]["worst"] for way in found["ways"].values()) <= PAUSE_MS else 1


def prepare(home: Path, rows: int) -> None:
    """Make a database with so many lines and a whole chain; one that is there is taken as it is."""
    settings = Settings(home=home)
    home.mkdir(parents=True, exist_ok=True)
    with Store.open(settings.database_url, settings.images) as store:
        if store.audit_head().seq >= rows:
            return
        start = store.audit_head()
    with closing(sqlite3.connect(home / "formscan.db", isolation_level=None)) as database:
        database.execute("PRAGMA synchronous = OFF")
        seq, previous = start.seq, start.hash or FIRST
        for events in _batches(seq, previous, rows):
            database.execute("BEGIN IMMEDIATE")
            database.executemany(
                "INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", [_row(event) for event in events]
            )
            last = events[-1]
            database.execute("UPDATE audit_head SET seq = ?, hash = ? WHERE id = 1", (last.seq, last.hash))
            database.execute("COMMIT")


def told(found: dict[str, Any]) -> str:
    """The figures for a person."""
    lines = [
        f"trail of {found['rows']} lines ({found['platform']}), load of the machine {found['load']}",
        f"first lines on the screen {found['first_ms']:.0f} ms",
    ]
    if found["verify_s"]:
        lines.append(f"chain of all lines checked in {found['verify_s']:.1f} s, beside the window")
    for name, way in found["ways"].items():
        pause, painted, there = way["pause_ms"], way["painted_ms"], way["there_ms"]
        lines.append(
            f"{name:26} longest pause {pause['worst']:.1f} ms (p99 {pause['p99']:.1f}, of that computing "
            f"{way['computing_ms']['worst']:.1f}, n={pause['n']}); "
            f"step to painted p50 {painted['p50']:.1f}, p99 {painted['p99']:.1f}, worst "
            f"{painted['worst']:.1f} ms; lines there p50 {there['p50']:.1f}, p99 {there['p99']:.1f}, "
            f"worst {there['worst']:.1f} ms, n={there['n']}"
        )
    return "\n".join(lines) + "\n"


def _batches(seq: int, previous: str, rows: int) -> Iterator[list[AuditEvent]]:
    chance, at = random.Random(7), datetime(2026, 1, 5, tzinfo=UTC)
    events: list[AuditEvent] = []
    while seq < rows:
        seq += 1
        at += timedelta(seconds=chance.randint(1, 20))
        line = AuditEvent(
            seq, at, chance.choice(PEOPLE), f"desk-{chance.randint(1, 6)}", chance.choice(ACTIONS),
            f"{chance.getrandbits(128):032x}", f'{{"field":"f{chance.randint(1, 90)}","state":"value"}}',
            previous, "",
        )  # fmt: skip
        previous = line_hash(line)
        events.append(
            AuditEvent(
                line.seq, line.at, line.person, line.workstation, line.action, line.subject, line.detail,
                line.previous, previous,
            )
        )  # fmt: skip
        if len(events) == AT_ONCE or seq == rows:
            yield events
            events = []


def _row(event: AuditEvent) -> tuple[Any, ...]:
    return (
        event.seq, moment_text(event.at), event.person, event.workstation, event.action, event.subject,
        event.detail, event.previous, event.hash,
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
