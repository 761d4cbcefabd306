"""Worker processes of this machine: quick to start, one order each, replaced where one misbehaves."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from types import ModuleType
from typing import Final, Self, cast

import psutil

from formscan.batch.orders import CrewSetup, Lost, Order, Outcome, PageLimits
from formscan.errors import FormScanError
from formscan.model.ledger import FileOutcome

LOOK_S: Final = 0.2
"""How often the memory of workers is looked at."""
SEARCH_S: Final = 1.0
"""How often what they started is looked for too: all processes of the machine are gone through for it, and a
helper that opens PDFs has a limit of its own."""
START_S: Final = 60.0
"""Allowed for starting a worker and loading its readers, on top of the limit of its first order."""
GRACE_S: Final = 5.0
"""A worker ends itself at a page's limit; so much later it is ended from outside."""
FAREWELL_S: Final = 10.0


@dataclass(slots=True)
class _Worker:
    process: BaseProcess
    pipe: Connection
    order: Order | None = None
    since: float = 0.0
    fresh: bool = True

    @property
    def name(self) -> str:
        return f"{self.process.name}:{self.process.pid}"


class Processes:
    """So many worker processes.

    Args:
        setup: What a worker needs.
        count: How many.
        limits: Time and memory of a page.
    """

    def __init__(self, setup: CrewSetup, count: int, limits: PageLimits) -> None:
        self._setup = setup
        self._count = count
        self.limits = limits
        self._workers: list[_Worker] = []
        self._looked = self._searched = 0.0

    @property
    def slots(self) -> int:
        """See ``Engine``."""
        return self._count

    def __enter__(self) -> Self:
        os.environ.setdefault("OMP_THREAD_LIMIT", "1")
        os.environ.setdefault("OMP_NUM_THREADS", "1")
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._workers:
            _dismiss(worker)
        for worker in self._workers:
            worker.process.join(FAREWELL_S)
            _end(worker)
        self._workers.clear()

    def submit(self, order: Order) -> None:
        """See ``Engine``."""
        worker = next((each for each in self._workers if each.order is None), None)
        if worker is not None and not worker.process.is_alive():
            self._bury(worker)
            worker = None
        if worker is None:
            worker = self._hire()
        try:
            worker.pipe.send(order)
        except OSError:  # it ended between two orders
            self._bury(worker)
            worker = self._hire()
            worker.pipe.send(order)
        worker.order, worker.since = order, time.monotonic()

    def wait(self, seconds: float) -> list[Outcome]:
        """See ``Engine``."""
        busy = [worker for worker in self._workers if worker.order is not None]
        if not busy:
            return []
        pipes: list[Connection | int] = [worker.pipe for worker in busy]
        pipes += [worker.process.sentinel for worker in busy]
        wait(pipes, min(seconds, LOOK_S))
        found = [outcome for worker in busy if (outcome := self._collect(worker)) is not None]
        return found + self._stop_offenders()

    def _collect(self, worker: _Worker) -> Outcome | None:
        assert worker.order is not None
        order = worker.order
        try:
            if worker.pipe.poll():
                result = worker.pipe.recv()
                worker.order, worker.fresh = None, False
                if isinstance(result, FormScanError):
                    raise result
                return order, cast("FileOutcome", result)
        except (EOFError, OSError):
            return self._lost(worker, order)
        return None if worker.process.is_alive() else self._lost(worker, order)

    def _lost(self, worker: _Worker, order: Order, reason: str = "read.worker_died") -> Outcome:
        if time.monotonic() - worker.since >= self.limits.page_s:
            reason = "read.timeout"
        name = worker.name
        self._bury(worker)
        return order, Lost(reason, name)

    def _stop_offenders(self) -> list[Outcome]:
        """End workers that are over their time or their memory."""
        now = time.monotonic()
        if now - self._looked < LOOK_S:
            return []
        self._looked = now
        helpers = now - self._searched >= SEARCH_S
        self._searched = now if helpers else self._searched
        found = []
        for worker in [each for each in self._workers if each.order is not None]:
            assert worker.order is not None
            allowed = self.limits.page_s * worker.order.most + GRACE_S + (START_S if worker.fresh else 0.0)
            if now - worker.since > allowed:
                found.append(self._lost(worker, worker.order, "read.timeout"))
            elif _memory(worker, helpers) > self.limits.worker_bytes:
                found.append(self._lost(worker, worker.order, "read.memory"))
        return found

    def _hire(self) -> _Worker:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(
            target=_serve, args=(theirs, self._setup), name="formscan-worker", daemon=True
        )
        with _nothing_to_load():
            process.start()
        theirs.close()
        self._workers.append(_Worker(process, ours))
        return self._workers[-1]

    def _bury(self, worker: _Worker) -> None:
        self._workers.remove(worker)
        _end(worker)


def _dismiss(worker: _Worker) -> None:
    """Ask an idle worker to go; one that is at work is ended."""
    if worker.order is not None:
        worker.process.kill()
        return
    try:
        worker.pipe.send(None)
    except OSError:
        worker.process.kill()


def _end(worker: _Worker) -> None:
    if worker.process.is_alive():
        worker.process.kill()
    worker.process.join(FAREWELL_S)
    worker.pipe.close()
    worker.process.close()


def _memory(worker: _Worker, helpers: bool) -> int:
    """Resident bytes of a worker and, if asked for, of what it started; 0 where it is gone."""
    try:
        process = psutil.Process(worker.process.pid)
        family = [process, *(process.children(recursive=True) if helpers else ())]
        return sum(int(each.memory_info().rss) for each in family)
    except psutil.Error:
        return 0


@contextmanager
def _nothing_to_load() -> Iterator[None]:
    """A worker would load what this program was started with (the command line, the window) and never use it.

    ``multiprocessing.spawn`` does so for things that live in ``__main__``; nothing that is sent here does.
    """
    ours = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = ours


def _serve(pipe: Connection, setup: CrewSetup) -> None:
    """The life of a worker: an order in, an outcome out, until it is told to go or nobody is there."""
    from formscan.batch.worker import prepare, work

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl+C is for the one who gives out the work
    try:
        prepare(setup)
    except FormScanError as error:  # no page is to blame
        pipe.send(error)
        return
    while True:
        try:
            order = pipe.recv()
            if order is None:
                return
            pipe.send(work(setup, order))
        except (EOFError, OSError):
            return
