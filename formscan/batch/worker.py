"""The work itself: from a stored file to read pages. Runs in a worker process with one thread.

A worker reads the image store and writes page images to it; it never speaks to the database. Errors that
name themselves hold the page. A page that takes too long ends the process: the clock that does so is
``faulthandler``'s, which needs no cooperation of whatever hangs.
"""

from __future__ import annotations

import faulthandler
import hashlib
import io
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Final

from PIL import Image

from formscan import __version__
from formscan.batch.index_shelf import open_line
from formscan.batch.orders import CrewSetup, Order
from formscan.engines.protocol import Reader
from formscan.errors import FormScanError
from formscan.model.ledger import FileOutcome, PageOutcome, StoredPage
from formscan.model.page import Held, Page, Source
from formscan.model.record import ReadPage
from formscan.paths import forms_dir
from formscan.pipeline.acquire import decode, pages_of
from formscan.pipeline.duplicates import pixel_sha256
from formscan.pipeline.framed_ink import framed_ink
from formscan.pipeline.read import load_readers
from formscan.pipeline.run import Line, read_page, single_thread
from formscan.store.images import Images, open_images
from formscan.templates import TemplateLibrary

PNG_LEVEL: Final = 1
"""Compression of pages that came without an exact encoding: fast, since they are kept losslessly anyway."""


def work(setup: CrewSetup, order: Order) -> FileOutcome:
    """Open and read the pages of an order.

    Returns:
        One outcome for every page that was asked for and is there. Nothing in the pages raises.
    """
    tools = _tools(setup)
    if order.stored is not None:
        with _watched(setup.page_s):
            outcomes = [_read_stored(order, order.stored, tools)]
        return FileOutcome(order.file_id, None, tuple(outcomes), worker_name())
    try:
        with tools.images.local(order.file_sha256) as path:
            outcomes, count = _opened(order, path, tools, setup.page_s)
    except FormScanError as error:
        held = Held(Source(order.name, order.file_sha256), "acquire", error.code, tuple(error.facts.items()))
        return FileOutcome(order.file_id, None, (PageOutcome(order.first, None, held),), worker_name())
    return FileOutcome(order.file_id, count, tuple(_complete(order, outcomes, count)), worker_name())


def prepare(setup: CrewSetup) -> None:
    """Load templates and readers.

    Raises:
        FormScanError: If one cannot be loaded; no page is to blame then, and the night must not go on.
    """
    _tools(setup)


def worker_name() -> str:
    """This machine and process."""
    return f"{platform.node()}:{os.getpid()}"


class Tools:
    """Templates, readers and the image store, loaded once a process."""

    def __init__(self, setup: CrewSetup, readers: tuple[Reader, ...] | None = None) -> None:
        folders = (forms_dir(),) if setup.forms is None else (forms_dir(), setup.forms)
        self._library = TemplateLibrary.load(*folders)
        self._readers = load_readers() if readers is None else readers
        self._lines: dict[str, Line] = {}
        self.images: Images = open_images(setup.images)

    def line(self, form_id: str) -> Line:
        """The stages with all templates, or with one form's only."""
        if form_id not in self._lines:
            library = self._library
            if form_id:
                library = TemplateLibrary([form for form in library.forms if form.id == form_id])
            self._lines[form_id] = open_line(library, self._readers)
        return self._lines[form_id]


@lru_cache(maxsize=2)
def _tools(setup: CrewSetup) -> Tools:
    single_thread()
    return Tools(setup)


def _opened(order: Order, path: Path, tools: Tools, page_s: float) -> tuple[list[PageOutcome], int]:
    """Outcomes of the pages an order asks for, and how many the file has."""
    outcomes: list[PageOutcome] = []
    pages = pages_of(path, order.name, order.file_sha256, first=order.first, most=order.most)
    count = 0
    while True:
        with _watched(page_s):
            page = next(pages, None)
            if page is None:
                return outcomes, count
            count = max(count, page.source.count)
            if isinstance(page, Held):
                outcomes.append(PageOutcome(page.source.index, None, page))
            else:
                outcomes.append(_kept_and_read(page, order.form_id, tools))


def _kept_and_read(page: Page, form_id: str, tools: Tools) -> PageOutcome:
    data, media_type = encoded(page)
    sha256 = _kept(data, tools.images)
    stored = StoredPage(page.source, sha256, len(data), media_type, page.dpi, page.notes)
    outcome = _read(page, stored, form_id, tools)
    digest = pixel_sha256(page.pixels)
    return replace(outcome, stored=stored, pixel_sha256=digest)


def _kept(data: bytes, images: Images) -> str:
    sha256 = hashlib.sha256(data).hexdigest()
    images.put(data, sha256)
    return sha256


def encoded(page: Page) -> tuple[bytes, str]:
    """The bytes a page is kept as: exactly as it came where possible, else a lossless PNG."""
    if page.encoded is not None:
        return page.encoded, page.media_type
    out = io.BytesIO()
    Image.fromarray(page.pixels).save(out, "PNG", compress_level=PNG_LEVEL, dpi=(page.dpi, page.dpi))
    return out.getvalue(), "image/png"


def _read_stored(order: Order, stored: StoredPage, tools: Tools) -> PageOutcome:
    try:
        pixels = decode(tools.images.get(stored.image_sha256))
    except FormScanError as error:
        held = Held(stored.source, "read", error.code, tuple(error.facts.items()))
        return PageOutcome(order.first, None, held)
    page = Page(stored.source, pixels, stored.dpi, notes=stored.notes)
    outcome = _read(page, stored, stored.chosen_form or order.form_id, tools)
    return replace(outcome, pixel_sha256=pixel_sha256(pixels))


def _read(page: Page, stored: StoredPage, form_id: str, tools: Tools) -> PageOutcome:
    line = tools.line(form_id)
    before = dict(line.times.seconds)
    result, sheet = _result(page, stored, line)
    spent = tuple(
        (stage, seconds - before.get(stage, 0.0))
        for stage, seconds in line.times.seconds.items()
        if seconds > before.get(stage, 0.0)
    )
    engine, model = _versions(result)
    return PageOutcome(page.source.index, None, result, stages=spent, engine=engine, model=model, sheet=sheet)


def _result(page: Page, stored: StoredPage, line: Line) -> tuple[ReadPage | Held, bytes]:
    """What became of a page, and where it was read the ink by which a second scan of it is told."""
    try:
        result = line.run(page)
        if isinstance(result, Held):
            return result, b""
        ink = framed_ink(result.aligned)
    except FormScanError as error:
        return Held(page.source, "read", error.code, tuple(error.facts.items())), b""
    except Exception as error:  # noqa: BLE001 - the batch worker: a defect on one page must not end the night
        facts = (("error", type(error).__name__), ("where", _where(error)))
        return Held(page.source, "read", "read.defect", facts), b""
    read = read_page(result, stored.image_sha256, stored.media_type)
    return read, b"" if ink is None else ink.to_bytes()


def _versions(result: ReadPage | Held) -> tuple[str, str]:
    """Program and readers, and weights, that stand behind a page."""
    readings = [r for f in result.fields for r in f.readings] if isinstance(result, ReadPage) else []
    engines = sorted({reading.engine for reading in readings})
    models = sorted({reading.model for reading in readings if reading.model})
    return "; ".join([f"formscan {__version__}", *engines]), "; ".join(models)


def _where(error: Exception) -> str:
    """Module and line of an error, without its message (which may hold patient text)."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return "" if trace is None else f"{trace.tb_frame.f_globals.get('__name__')}:{trace.tb_lineno}"


def _complete(order: Order, outcomes: list[PageOutcome], count: int) -> Iterator[PageOutcome]:
    """An outcome for every page asked for: a file that opens no more holds all of them."""
    wanted = range(order.first, min(order.first + order.most, max(count, order.first + 1)))
    found = {outcome.index: outcome for outcome in outcomes if outcome.index in wanted}
    stray = next((outcome for outcome in outcomes if outcome.index not in wanted), None)
    for index in wanted:
        if index in found:
            yield found[index]
            continue
        source = Source(order.name, order.file_sha256, index, max(count, index + 1))
        held = Held(source, "acquire", "acquire.malformed", quarantined=True)
        if stray is not None and isinstance(stray.result, Held):
            held = replace(stray.result, source=source)
        yield PageOutcome(index, None, held)


@contextmanager
def _watched(seconds: float) -> Iterator[None]:
    """End this process, without asking anybody in it, if the block takes longer."""
    if seconds <= 0:
        yield
        return
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        faulthandler.dump_traceback_later(seconds, exit=True, file=nowhere)
        try:
            yield
        finally:
            faulthandler.cancel_dump_traceback_later()
