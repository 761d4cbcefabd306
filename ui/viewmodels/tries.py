"""The test bench behind the window: scans laid on a template before it goes live, page by page."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Signal

from formscan.batch.trial import TriedField, TriedPage, try_pages
from formscan.errors import FormScanError
from formscan.model.page import Grey
from formscan.model.template import FormTemplate
from ui.speech import Speech, says, source
from ui.tasks import TaskRunner
from ui.viewmodels.rows_table import Line, RowsTable

TRIED: Final = (
    source("Field"),
    source("Read as"),
    source("Sure"),
    source("Residual, mm"),
    source("Flags"),
)


class TriesModel(QObject):
    """Reads scans with a template that is not in use; nothing is kept.

    Args:
        pixels: Threads for looking at scans.
        speech: What states and doubts are called, and how numbers are written.
        parent: Qt parent.
    """

    began = Signal()
    moved = Signal(int)
    """So many pages are read."""
    tried = Signal(object)
    """The pages (``list[TriedPage]``); after a stop those that were read."""
    failed = Signal(object)

    def __init__(self, pixels: TaskRunner, speech: Speech, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pixels, self._speech = pixels, speech
        self._stop = threading.Event()
        self.busy = False
        self.pages: list[TriedPage] = []
        self._form: FormTemplate | None = None
        self.table: RowsTable[Grey] = RowsTable(TRIED, (2, 3), parent=self)

    def try_scans(self, form: FormTemplate, paths: Sequence[Path]) -> None:
        """Read scans with the template as it stands; ``tried`` or ``failed`` follows."""
        if self.busy:
            return
        self.busy = True
        self._stop.clear()
        self.began.emit()

        def work() -> list[TriedPage]:
            pages: list[TriedPage] = []
            for page in try_pages(form, paths):
                pages.append(page)
                self.moved.emit(len(pages))
                if self._stop.is_set():
                    break
            return pages

        self._pixels.run(work, lambda pages: self._end(form, pages), self._fail)

    def stop(self) -> None:
        """Stop after the page that is being read."""
        self._stop.set()

    def _end(self, form: FormTemplate, pages: list[TriedPage]) -> None:
        self.busy = False
        self._form, self.pages = form, pages
        self.table.take(self._lines())
        self.tried.emit(pages)

    def retranslate(self) -> None:
        """The language changed."""
        self.table.reword(self._lines())

    def _lines(self) -> list[Line[Grey]]:
        form = self._form
        return [self._line(form, field) for page in self.pages for field in page.fields] if form else []

    def told(self, page: TriedPage) -> str:
        """How a page fits, in a sentence."""
        if page.reason:
            told = self._speech.messages.told(page.reason)
            return says("{name}: does not fit. {reason}").format(name=page.name, reason=told.say)
        said = says("{name}: page {page}, residual {residual} mm, at worst {worst} mm")
        near, worst = (self._speech.decimal(mm) for mm in (page.residual_mm, page.worst_mm))
        return said.format(name=page.name, page=page.number, residual=near, worst=worst)

    def _fail(self, error: Exception) -> None:
        self.busy = False
        self.failed.emit(error)
        if not isinstance(error, FormScanError):
            raise error

    def _line(self, form: FormTemplate, field: TriedField) -> Line[Grey]:
        messages = self._speech.messages
        names = {spec.id: self._speech.label(spec) for spec in form.fields} if field.flags else {}
        read = field.text or messages.told(f"state.{field.state}", ()).say
        doubts = [messages.flag(flag, lambda one: names.get(one, one)).say for flag in field.flags]
        sure, near = (self._speech.decimal(number) for number in (field.confidence, field.residual_mm))
        cells = (field.field_id, read, sure, near, "; ".join(doubts))
        return Line(cells, field.crop, ((4, "warn"),) if field.flags else ())
