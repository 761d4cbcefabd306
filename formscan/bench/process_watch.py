"""A program run to its end while its processes are looked at: core-seconds, and memory against pages done."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import psutil

LOOK_S: Final = 0.5
WARM_SHARE: Final = 0.3
"""Share of the pages at the start that is left out of a slope: caches fill, readers are loaded."""
FEW: Final = 10
"""Samples of a process below which it has no slope."""
MIB: Final = 2**20


@dataclass(slots=True)
class Ran:
    """One run of a program.

    Attributes:
        seconds: Wall clock, start of the program included.
        core_seconds: User and system time of all its processes, ended ones included.
        by_role: Core-seconds as last seen, of the driver and of its workers.
        code: How it ended.
        load: Mean number of others that wanted a core (load average of the machine) at its start and end.
    """

    seconds: float = 0.0
    core_seconds: float = 0.0
    by_role: dict[str, float] = field(default_factory=dict)
    code: int = 0
    load: tuple[float, float] = (0.0, 0.0)


def run_watched(
    command: Sequence[str],
    samples: Path,
    pages: Callable[[], int] = lambda: 0,
    look_s: float = LOOK_S,
    stop_after_s: float = float("inf"),
) -> Ran:
    """Run a program; every look at it is a line of ``samples``, so that a stop loses none.

    Args:
        command: Program and arguments; its output goes to a file beside ``samples``.
        samples: Gets a JSON line a look and process: seconds, pages, process, role, MiB, core-seconds.
        pages: How many are done.
        look_s: Between two looks.
        stop_after_s: Then it is asked to stop (Ctrl+C) and waited for.
    """
    environment = {**os.environ, "OMP_THREAD_LIMIT": "1", "OMP_NUM_THREADS": "1"}
    told, cores = Ran(), dict[int, tuple[str, float]]()
    before, started, first = _children_s(), time.monotonic(), _load()
    samples.parent.mkdir(parents=True, exist_ok=True)
    with (
        samples.open("a", encoding="utf-8") as out,
        samples.with_suffix(".log").open("ab") as log,
        _ended_with_us(subprocess.Popen(list(command), stdout=log, stderr=log, env=environment)) as one,
    ):
        asked = False
        while one.poll() is None:
            done = pages()
            for row in _look(one.pid):
                role = cores.get(row[0], (row[1], 0.0))[0]  # one that is just ending has no words any more
                cores[row[0]] = role, max(row[3], cores.get(row[0], (role, 0.0))[1])
                out.write(json.dumps([round(time.monotonic() - started, 2), done, *row]) + "\n")
            out.flush()
            if not asked and time.monotonic() - started > stop_after_s:
                asked = True
                one.send_signal(signal.SIGINT)
            try:
                one.wait(look_s)
            except subprocess.TimeoutExpired:
                continue
    told.seconds, told.core_seconds = time.monotonic() - started, _children_s() - before
    told.code, told.load = one.returncode, (first, _load())
    for role, used in cores.values():
        told.by_role[role] = told.by_role.get(role, 0.0) + used
    return told


@contextmanager
def _ended_with_us(process: subprocess.Popen[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    """Nothing of it stays behind, however this process ends."""

    def leave(number: int, _frame: object) -> None:
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield process
    finally:
        signal.signal(signal.SIGTERM, before)
        if process.poll() is None:
            tree = psutil.Process(process.pid).children(recursive=True)
            process.kill()
            for each in tree:
                if each.is_running():
                    each.kill()
        process.wait()


@dataclass(frozen=True, slots=True)
class Growth:
    """Memory of one process over the pages of the run.

    Attributes:
        slope_mib: Least-squares growth in MiB per 1,000 pages of the run, after the first part; ``None``
            where it was looked at too seldom or no pages were done meanwhile.
        spread_mib: Standard deviation of the memory about that line, in MiB.
        peak_mib: Largest resident memory.
    """

    role: str
    samples: int
    slope_mib: float | None
    spread_mib: float
    peak_mib: float


def growth(samples: Iterable[Sequence[Any]]) -> list[Growth]:
    """Growth of every process that was there until near the end, from the rows of ``run_watched``."""
    rows: dict[tuple[int, str], list[tuple[float, float]]] = {}
    for _at, done, pid, role, used, _cores in samples:
        rows.setdefault((pid, role), []).append((float(done), float(used)))
    last = max((done for each in rows.values() for done, _ in each), default=0.0)
    return [_growth(role, each, last) for (_, role), each in sorted(rows.items())]


def _growth(role: str, rows: list[tuple[float, float]], last: float) -> Growth:
    peak = max(used for _, used in rows)
    done, used = np.array([row for row in rows if row[0] >= last * WARM_SHARE] or [(0.0, 0.0)]).T
    if len(done) < FEW or done.max() <= done.min():
        return Growth(role, len(done), None, 0.0, round(peak, 1))
    line = np.polyfit(done, used, 1)
    spread = float(np.std(used - np.polyval(line, done)))
    return Growth(role, len(done), round(float(line[0]) * 1000, 3), round(spread, 2), round(peak, 1))


def read_samples(path: Path) -> list[Any]:
    """Rows of ``run_watched``; a line that a stop cut short is left out."""
    lines = path.read_text("utf-8").splitlines() if path.is_file() else []
    return [json.loads(line) for line in lines if line.endswith("]")]


def _look(pid: int) -> Iterator[tuple[int, str, float, float]]:
    try:
        root = psutil.Process(pid)
        processes = [root, *root.children(recursive=True)]
    except psutil.Error:
        return
    for each in processes:
        try:
            with each.oneshot():
                used, times = each.memory_info().rss / MIB, each.cpu_times()
                role = "driver" if each.pid == pid else _role(each)
        except psutil.Error:
            continue
        yield each.pid, role, round(used, 2), round(times.user + times.system, 2)


def _role(process: psutil.Process) -> str:
    words = " ".join(process.cmdline())
    if "spawn_main" in words:
        return "worker"
    return "tracker" if "resource_tracker" in words else process.name()


def _children_s() -> float:
    times = os.times()
    return times.children_user + times.children_system


def _load() -> float:
    return round(psutil.getloadavg()[0], 2)
