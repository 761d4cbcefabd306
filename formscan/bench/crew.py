"""A Dask scheduler and workers as programs of their own, so that they can be killed and cut off."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import psutil

from formscan.bench.postgres import free_port

START_S: Final = 90.0


class Crew:
    """A scheduler and so many workers.

    Args:
        folder: For what they write.
        workers: How many.
        worker_bytes: Memory of one.
        host: Address of the scheduler.
        within: Words before a command, by its place: 0 for the scheduler, 1 and up for workers, such as those
            that enter a network namespace.
        workers_hosts: Address of each worker; the scheduler's where not given.
    """

    def __init__(
        self,
        folder: Path,
        workers: int,
        worker_bytes: int,
        host: str = "127.0.0.1",
        within: Sequence[Sequence[str]] = (),
        workers_hosts: Sequence[str] = (),
    ) -> None:
        self._folder = folder
        self._count = workers
        self._bytes = worker_bytes
        self._host = host
        self._within = within
        self._hosts = workers_hosts or [host] * workers
        self._port = free_port()
        self.scheduler: subprocess.Popen[bytes] | None = None
        self.workers: list[subprocess.Popen[bytes]] = []

    @property
    def address(self) -> str:
        """Of the scheduler."""
        return f"tcp://{self._host}:{self._port}"

    def __enter__(self) -> Crew:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def start(self) -> None:
        """Start everybody; they find each other by themselves, in whatever order they come up."""
        self._folder.mkdir(parents=True, exist_ok=True)
        words = ["dask", "scheduler", "--host", self._host, "--port", str(self._port), "--no-dashboard"]
        self.scheduler = self._run(0, words, "scheduler.log")
        self.workers = [self._worker(number) for number in range(1, self._count + 1)]

    def restart(self, number: int) -> None:
        """Start a worker anew in the place of one that is gone (1 for the first)."""
        self.workers[number - 1] = self._worker(number)

    def end(self) -> None:
        """End everybody, at once."""
        everybody = [*self.workers, *([self.scheduler] if self.scheduler else [])]
        for each in everybody:
            end_tree(each)
        self.scheduler, self.workers = None, []

    def hands(self) -> list[psutil.Process]:
        """The processes that read pages: the children of the nannies."""
        found: list[psutil.Process] = []
        for nanny in self.workers:
            try:
                children = psutil.Process(nanny.pid).children(recursive=True)
                found += [each for each in children if is_worker(each)]
            except psutil.Error:
                continue
        return found

    def _worker(self, number: int) -> subprocess.Popen[bytes]:
        words = [
            "dask", "worker", self.address, "--host", self._hosts[number - 1], "--nthreads", "1",
            "--memory-limit", str(self._bytes), "--no-dashboard", "--death-timeout", str(int(START_S)),
            "--local-directory", str(self._folder / f"worker-{number}"),
        ]  # fmt: skip
        return self._run(number, words, f"worker-{number}.log")

    def _run(self, place: int, words: Sequence[str], log: str) -> subprocess.Popen[bytes]:
        within = self._within[place] if self._within else ()
        environment = {
            **os.environ, "OMP_THREAD_LIMIT": "1", "OMP_NUM_THREADS": "1",
            "DASK_DISTRIBUTED__WORKER__MEMORY__SPILL": "False",
            "DASK_DISTRIBUTED__WORKER__MEMORY__TARGET": "False",
            "DASK_DISTRIBUTED__WORKER__MEMORY__PAUSE": "False",
        }  # fmt: skip
        with (self._folder / log).open("ab") as out:
            command = [*within, sys.executable, "-m", *words]
            return subprocess.Popen(command, stdout=out, stderr=out, env=environment)


def end_tree(process: subprocess.Popen[bytes]) -> None:
    """Kill a program and everything it started, and wait for it."""
    try:
        tree = psutil.Process(process.pid).children(recursive=True)
    except psutil.Error:
        tree = []
    if process.poll() is None:
        process.kill()
    for each in tree:
        try:
            each.kill()
        except psutil.NoSuchProcess:
            continue
    process.wait()
    psutil.wait_procs(tree, 10)


def is_worker(process: psutil.Process) -> bool:
    """Whether a process is one that reads pages."""
    try:
        return "spawn_main" in " ".join(process.cmdline())
    except psutil.Error:
        return False


def await_workers(crew: Crew, wanted: int) -> None:
    """Wait until so many processes that read pages are there.

    Raises:
        TimeoutError: If they do not come.
    """
    end = time.monotonic() + START_S
    while len(crew.hands()) < wanted:
        if time.monotonic() > end:
            raise TimeoutError
        time.sleep(0.2)
