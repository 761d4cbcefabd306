"""Pages of a PDF, each asked of a worker process with a time limit."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any, Final

import numpy as np

import formscan
from formscan.errors import RefusedFileError
from formscan.pipeline.intake.kinds import Kind
from formscan.pipeline.intake.limits import AcquireLimits, refuse
from formscan.pipeline.intake.raster import page_from_bytes
from formscan.pipeline.intake.raw import Found, RawPage
from formscan.pipeline.intake.turn import turned, with_orientation

START_S: Final = 20.0
"""Seconds allowed for starting the worker, on top of the limit, on a busy machine."""
GRACE_S: Final = 2.0
"""Seconds the worker has beyond its own limit to say that poppler ran out of time."""


@dataclass(frozen=True, slots=True)
class _Answer:
    head: dict[str, Any]
    body: bytes


def pdf_pages(path: Path, limits: AcquireLimits, first: int = 0, most: int | None = None) -> Iterator[Found]:
    """Every page of a PDF (at most ``most`` from ``first`` on); one that cannot be had takes no others along.

    A scan that is all there is on a page is taken out exactly; every other page is rendered.
    """
    with _Worker(path, limits) as worker:
        try:
            opened = worker.open()
        except RefusedFileError as error:
            yield Found(0, 1, error)
            return
        count = int(opened["pages"])
        notes = ("pdf.repaired",) if opened["repaired"] else ()
        for index in range(first, count if most is None else min(count, first + most)):
            yield Found(index, count, _page(worker, index, notes, limits))


def _page(
    worker: _Worker, index: int, notes: tuple[str, ...], limits: AcquireLimits
) -> RawPage | RefusedFileError:
    try:
        return _as_page(worker.ask(index), notes, limits)
    except RefusedFileError as error:
        return error


def _as_page(answer: _Answer, notes: tuple[str, ...], limits: AcquireLimits) -> RawPage:
    head = answer.head
    dpi = (float(head["dpi"][0]), float(head["dpi"][1]))
    notes = (*notes, *head.get("notes", ()))
    if head["kind"] == "jpeg":
        data = with_orientation(answer.body, int(head["orientation"]))
        page = page_from_bytes(data, Kind.JPEG, limits)
        return RawPage(page.pixels, dpi, page.encoded, page.media_type, (*notes, *page.notes))
    shape = (head["height"], head["width"], head["channels"])
    pixels = np.frombuffer(answer.body, np.uint8).reshape(shape[: 2 if shape[2] == 1 else 3])
    return RawPage(turned(pixels, int(head["orientation"])), dpi, notes=notes)


class _Worker:
    """A process that has one PDF open; started anew after it had to be killed."""

    def __init__(self, path: Path, limits: AcquireLimits) -> None:
        self._path = path
        self._limits = limits
        self._process: subprocess.Popen[bytes] | None = None
        self._answers: queue.SimpleQueue[_Answer | None] = queue.SimpleQueue()
        self._reader: threading.Thread | None = None

    def __enter__(self) -> _Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self._kill()

    def open(self) -> dict[str, Any]:
        """Start the process and have it open the file.

        Raises:
            RefusedFileError: If the file cannot be opened, or not in time.
        """
        arguments = [str(self._path.resolve()), json.dumps(asdict(self._limits))]
        self._answers = queue.SimpleQueue()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "formscan.pipeline.intake.pdf_worker", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
            start_new_session=True,
        )
        self._reader = threading.Thread(
            target=_pass_on, args=(self._process.stdout, self._answers), daemon=True, name="pdf-answers"
        )
        self._reader.start()
        return self._next(self._limits.page_s + START_S).head

    def ask(self, index: int) -> _Answer:
        """The answer for a page.

        Raises:
            RefusedFileError: If the page is refused, takes too long or ends the process.
        """
        if self._process is None:
            self.open()
        assert self._process is not None
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(f"{index}\n".encode())
            self._process.stdin.flush()
        except OSError as error:
            self._kill()
            raise refuse("crashed", kind="pdf") from error
        return self._next(self._limits.page_s + GRACE_S)

    def _next(self, seconds: float) -> _Answer:
        try:
            answer = self._answers.get(timeout=seconds)
        except queue.Empty as error:
            self._kill()
            raise refuse("timeout", seconds=self._limits.page_s) from error
        if answer is None:
            self._kill()
            raise refuse("crashed", kind="pdf")
        if "refused" in answer.head:
            raise RefusedFileError(answer.head["refused"], **answer.head["facts"])
        return answer

    def _kill(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        _kill_tree(process)
        process.wait()
        if self._reader is not None:
            self._reader.join()
        for pipe in (process.stdin, process.stdout):
            _close(pipe)


def _pass_on(stream: IO[bytes], answers: queue.SimpleQueue[_Answer | None]) -> None:
    """Read answers until the process ends; ``None`` is the last."""
    while line := stream.readline():
        try:
            head = json.loads(line)
        except ValueError:
            break
        body = stream.read(head["bytes"])
        if len(body) < head["bytes"]:
            break
        answers.put(_Answer(head, body))
    answers.put(None)


def _kill_tree(process: subprocess.Popen[bytes]) -> None:
    """End a worker and the poppler it may have started."""
    if sys.platform == "win32":
        subprocess.run(
            ["taskkill", "/F", "/T", "/PID", str(process.pid)],
            capture_output=True,
            check=False,
        )
        process.kill()
        return
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        process.kill()


def _close(pipe: IO[bytes] | None) -> None:
    try:
        if pipe is not None:
            pipe.close()
    except OSError:
        return


def _environment() -> dict[str, str]:
    """This process's, so that the worker finds the same program."""
    root = str(Path(formscan.__file__).resolve().parent.parent)
    known = os.environ.get("PYTHONPATH")
    return {**os.environ, "PYTHONPATH": os.pathsep.join([root, known] if known else [root])}
