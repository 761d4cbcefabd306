"""Worker processes that read stored pages; one that dies costs one page, not the night."""

from __future__ import annotations

import multiprocessing
import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from formscan.batch.index_shelf import open_index
from formscan.batch.orders import PageOrder
from formscan.engines.protocol import Reader
from formscan.errors import FormScanError
from formscan.model.page import Held, Page
from formscan.model.record import ReadPage
from formscan.pipeline.acquire import decode
from formscan.pipeline.read import load_readers
from formscan.pipeline.run import Line, read_page, single_thread
from formscan.store.images import ImageFolder
from formscan.templates import TemplateLibrary, render_page

AHEAD: Final = 2
"""Orders in flight for each worker: enough to keep it busy, few enough to keep memory flat."""


@dataclass(frozen=True, slots=True)
class CrewSetup:
    """What a worker needs to begin: paths only.

    Attributes:
        images: Folder of the image store.
        forms: Folders of templates.
        form_id: Only templates of this form are tried, if given.
    """

    images: Path
    forms: tuple[Path, ...]
    form_id: str | None = None


def build_line(setup: CrewSetup, readers: tuple[Reader, ...] | None = None) -> Line:
    """Load templates, index and readers once."""
    library = TemplateLibrary.load(*setup.forms)
    if setup.form_id is not None:
        library = TemplateLibrary([form for form in library.forms if form.id == setup.form_id])
    return Line(open_index(library), load_readers() if readers is None else readers, render_page)


def work_off(order: PageOrder, line: Line, images: ImageFolder) -> ReadPage | Held:
    """Read one stored page.

    Returns:
        The read page, or why it is held. An error that names itself holds the page; it is not lost.
    """
    try:
        pixels = decode(images.get(order.image_sha256))
        page = Page(order.source, pixels, order.dpi, notes=order.notes)
        result = line.run(page)
    except FormScanError as error:
        return Held(order.source, "read", error.code, tuple(error.facts.items()))
    except Exception as error:  # noqa: BLE001 - the batch worker: a defect on one page must not end the night
        where = _where(error)
        return Held(order.source, "read", "read.defect", (("error", type(error).__name__), ("where", where)))
    if isinstance(result, Held):
        return result
    return read_page(result, order.image_sha256, order.media_type)


def _where(error: Exception) -> str:
    """Module and line of an error, without its message (which may hold patient text)."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return "" if trace is None else f"{trace.tb_frame.f_globals.get('__name__')}:{trace.tb_lineno}"


@lru_cache(maxsize=1)
def _tools(setup: CrewSetup) -> tuple[Line, ImageFolder]:
    return build_line(setup), ImageFolder(setup.images)


def _remote(setup: CrewSetup, order: PageOrder) -> ReadPage | Held:
    line, images = _tools(setup)
    return work_off(order, line, images)


class Crew:
    """A pool of worker processes that is rebuilt when one dies.

    Args:
        setup: What workers need.
        workers: How many; 0 works in this process.
    """

    def __init__(self, setup: CrewSetup, workers: int) -> None:
        self._setup = setup
        self._workers = workers
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, *_: object) -> None:
        self._dismiss()

    def run(self, orders: Iterable[PageOrder | Held]) -> Iterator[ReadPage | Held]:
        """Work off orders; results come in the order of the orders, held ones pass through."""
        if self._workers < 1:
            line, images = _tools(self._setup)
            for order in orders:
                yield order if isinstance(order, Held) else work_off(order, line, images)
            return
        flying: deque[tuple[PageOrder | Held, Future[ReadPage | Held] | None]] = deque()
        for order in orders:
            flying.append((order, None if isinstance(order, Held) else self._send(order)))
            while sum(future is not None for _, future in flying) > self._workers * AHEAD:
                yield self._land(flying)
        while flying:
            yield self._land(flying)

    def _send(self, order: PageOrder) -> Future[ReadPage | Held]:
        try:
            return self._hired().submit(_remote, self._setup, order)
        except BrokenProcessPool:
            self._dismiss()
            return self._hired().submit(_remote, self._setup, order)

    def _land(
        self, flying: deque[tuple[PageOrder | Held, Future[ReadPage | Held] | None]]
    ) -> ReadPage | Held:
        order, future = flying.popleft()
        if isinstance(order, Held) or future is None:
            assert isinstance(order, Held)
            return order
        try:
            return future.result()
        except BrokenProcessPool:
            return self._alone(order)

    def _alone(self, order: PageOrder) -> ReadPage | Held:
        """Read a page again in a worker of its own: the one that kills it is quarantined, others go on."""
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), single_thread) as pool:
            try:
                return pool.submit(_remote, self._setup, order).result()
            except BrokenProcessPool:
                return Held(order.source, "read", "read.worker_died", quarantined=True)

    def _hired(self) -> ProcessPoolExecutor:
        if self._pool is None:
            os.environ.setdefault("OMP_THREAD_LIMIT", "1")
            os.environ.setdefault("OMP_NUM_THREADS", "1")
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(self._workers, context, single_thread)
        return self._pool

    def _dismiss(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None
