"""Measures the window from within: start to usable, key press to next field painted.

``python -m ui.measure prepare HOME`` stores invented drafts; ``python -m ui.measure run HOME --began T``
opens the window on them, presses keys like a clerk and prints one JSON document. ``formscan.bench.window``
does both.
"""

from __future__ import annotations

import argparse
import gc
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QInputMethodEvent, QKeyEvent

from formscan.model.reading import FieldState
from formscan.paths import forms_dir
from formscan.settings import Settings
from ui.viewmodels.answers import Way, way

if TYPE_CHECKING:
    from formscan.model.template import FormTemplate
    from formscan.store import Store
    from ui.main_window import MainWindow
    from ui.sample import SampleBackend

DPI: Final = 300.0
TYPED_EVERY: Final = 5
"""Every so many fields something is typed instead of confirmed."""
PATIENCE_S: Final = 5.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Prepare a folder, or measure on it."""
    gc.disable()  # as ``ui.app`` does
    parser = argparse.ArgumentParser(prog="python -m ui.measure", description=__doc__)
    parser.add_argument("what", choices=["prepare", "run"])
    parser.add_argument("home", type=Path)
    parser.add_argument("--began", type=float, default=0.0, help="time.time() when the process was started")
    parser.add_argument("--keys", type=int, default=240, help="fields to decide on")
    parser.add_argument("--tell", action="store_true", help="a line for each step that is in the journal")
    parser.add_argument("--queued", type=int, default=0, help="drafts that wait besides, for prepare")
    parser.add_argument("--think-ms", type=int, default=120, help="pause before each key")
    told = parser.parse_args(arguments)
    settings = Settings(home=told.home)
    if told.what == "prepare":
        prepare(settings, told.queued)
    else:
        measure(settings, told.began or time.time(), told.keys, told.think_ms, tell=told.tell)
    return 0


def prepare(settings: Settings, queued: int = 0) -> None:
    """Store all pages of all forms, written on at 300 dpi, as drafts in a real database.

    Args:
        settings: The folder.
        queued: So many drafts wait besides: the last page of the first form, over and over.
    """
    from formscan.store import Store
    from formscan.templates import TemplateLibrary
    from ui.sample import ANSWERS, SampleBackend, written_page

    settings.home.mkdir(parents=True, exist_ok=True)
    forms = TemplateLibrary.load(forms_dir()).forms
    backend = SampleBackend(forms)
    with Store.open(settings.database_url, settings.images) as store:
        for form in forms:
            pages = {
                page.number: written_page(form, page.number, ANSWERS, DPI)
                for page in form.pages
                if form.fields_of(page.number)
            }
            draft = backend.add_pages(form, pages, DPI, name=f"{form.id}.pdf")
            for data in backend.images.values():
                store.put_image(data, "image/png")
            store.add_draft(draft)
        _queue_up(store, backend, forms[0], queued)


def _queue_up(store: Store, backend: SampleBackend, form: FormTemplate, count: int) -> None:
    from ui.sample import ANSWERS, AT, written_page

    if not count:
        return
    last = form.pages[-1].number
    page = written_page(form, last, ANSWERS, 60.0)
    draft = backend.add_pages(form, {last: page}, 60.0, name="queued.pdf", at=AT + timedelta(days=30))
    store.put_image(backend.images[draft.pages[0].image_sha256], "image/png")
    plain = replace(draft, fields=tuple(replace(field, flags=()) for field in draft.fields), problems=())
    for n in range(count):  # without doubts, so that they wait behind the forms that are measured
        store.add_draft(replace(plain, id=f"queued-{n:06d}"))


def measure(settings: Settings, began: float, keys: int, think_ms: int, *, tell: bool = False) -> None:
    """Open the window on the folder, press keys, print the figures.

    Args:
        settings: The folder.
        began: Time of the start of the process.
        keys: Fields to decide on.
        think_ms: Pause before each key.
        tell: Print the id of each field once the window shows it as saved.
    """
    from ui.backing import ApplicationBackend
    from ui.main_window import new_application
    from ui.start import keep_garbage, make_window

    application = new_application(sys.argv[:1])
    window = make_window(ApplicationBackend(settings), "vi", "light")
    keep_garbage(window)
    shown: list[float] = []
    usable: list[float] = []
    window.show()

    def start() -> None:
        shown.append(time.time())
        window.start()

    QTimer.singleShot(0, start)
    clerk = _Clerk(window, keys, think_ms)
    if tell:
        window.review.field_changed.connect(lambda field_id: _tell(window, field_id))

    def begin() -> None:
        usable.append(time.time())
        window.inbox.loaded.disconnect(loaded)
        clerk.begin()

    def loaded() -> None:
        QTimer.singleShot(0, begin)  # after what was loaded has been painted

    window.inbox.loaded.connect(loaded)
    clerk.setParent(window)
    application.exec()
    figures = {
        "platform": QGuiApplication.platformName(),
        "window_shown_s": round(shown[0] - began, 3),
        "start_to_usable_s": round(usable[0] - began, 3),
        "keys": len(clerk.times_ms),
        "key_to_painted_ms": summary(clerk.times_ms),
        "of_that_computing_ms": summary(clerk.cpu_ms),
        "page_turns_ms": summary(clerk.turns_ms),
        "key_to_saved_ms": summary(clerk.saved_ms),
        "refused": clerk.refused,
    }
    sys.stdout.write(json.dumps(figures) + "\n")


def summary(times: Sequence[float]) -> dict[str, float]:
    """Median, 99th percentile and worst of some times, with their number."""
    if not times:
        return {"n": 0}
    ordered = sorted(times)

    def share(part: float) -> float:
        return round(ordered[min(len(ordered) - 1, int(part * len(ordered)))], 2)

    return {"n": len(ordered), "p50": share(0.5), "p99": share(0.99), "worst": round(ordered[-1], 2)}


class _Clerk(QObject):
    """Decides field by field with keys and notes when the next field has been painted."""

    def __init__(self, window: MainWindow, keys: int, think_ms: int) -> None:
        super().__init__()
        self._window, self._keys, self._think_ms = window, keys, think_ms
        self._pressed = self._cpu = self._decided = 0.0
        self._from = ("", 0)
        self._drafts: list[str] = []
        self._step = 0
        self.times_ms: list[float] = []
        self.cpu_ms: list[float] = []
        self.turns_ms: list[float] = []
        self.saved_ms: list[float] = []
        self.refused = 0
        self._watch = QTimer(self)
        self._watch.setSingleShot(True)
        self._watch.timeout.connect(self._give_up)
        window.review_view.panel.crop.installEventFilter(self)
        window.review.saved.connect(self._note_saved)
        window.review.reason_asked.connect(lambda _field: QTimer.singleShot(0, self._brought_back))
        window.review.opened.connect(self._go_on)

    def begin(self) -> None:
        """Open the first draft."""
        table = self._window.inbox.table
        rows = [table.draft(row) for row in range(table.rowCount())]
        self._drafts = [draft.id for draft in rows if draft is not None]
        self._open_next()

    def _open_next(self) -> None:
        if not self._drafts or len(self.times_ms) >= self._keys:
            self._watch.stop()
            QTimer.singleShot(200, self._window.close)
            return
        self._window.open_draft(self._drafts.pop(0))

    def _go_on(self) -> None:
        if len(self.times_ms) >= self._keys or not self._window.review.mirror.open_fields():
            self._open_next()
        else:
            QTimer.singleShot(self._think_ms, self._press)

    def _press(self) -> None:
        review, view = self._window.review, self._window.review_view
        self._step += 1
        slot = review.slot
        editor = view.panel.editor.active
        unread = slot.value.state is FieldState.UNVERIFIED
        typed = self._step % TYPED_EVERY == 0 and slot.value.state is FieldState.VALUE
        if unread or (typed and way(slot.spec) is not Way.OPTIONS):
            _commit(editor, "đã gõ tay" if unread else f"{slot.value.text}0")
        key, text = (Qt.Key.Key_F3, "") if review.asked else (Qt.Key.Key_Return, "\r")
        self._from = (review.current, slot.spec.page)
        self._watch.start(round(PATIENCE_S * 1000))
        self._pressed, self._cpu = time.perf_counter(), time.thread_time()
        self._decided = self._pressed
        focus = QGuiApplication.focusObject() or editor
        for kind in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            QCoreApplication.sendEvent(focus, QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier, text))
        if not review.mirror.open_fields():  # the last one: the release is offered instead of another field
            self._pressed = 0.0
            self._watch.stop()
            self._go_on()
        elif review.current == self._from[0]:
            self._say_state()

    def _say_state(self) -> None:
        """A reason is asked for, or nothing can be confirmed: she says a state instead."""
        self.refused += 1
        self._pressed, self._cpu = time.perf_counter(), time.thread_time()
        self._window.review_view.perform("illegible")

    def _brought_back(self) -> None:
        """The core asked for a reason after the key: the next field may be gone before it was painted."""
        if self._pressed and self._window.review.current == self._from[0]:
            self._say_state()

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802 - as Qt calls it
        """The picture of another field is being painted: when that event is over, it is on the screen."""
        review = self._window.review
        painting = event.type() == QEvent.Type.Paint and self._pressed and review.ready
        if painting and review.current != self._from[0]:
            QTimer.singleShot(0, self._painted)
        return False

    def _painted(self) -> None:
        if not self._pressed:
            return
        took = (time.perf_counter() - self._pressed) * 1000
        self.cpu_ms.append((time.thread_time() - self._cpu) * 1000)
        self._watch.stop()
        self._pressed = 0.0
        self.times_ms.append(took)
        if self._window.review.slot.spec.page != self._from[1]:
            self.turns_ms.append(took)
        self._go_on()

    def _note_saved(self) -> None:
        if self._decided:
            self.saved_ms.append((time.perf_counter() - self._decided) * 1000)
            self._decided = 0.0

    def _give_up(self) -> None:
        sys.stderr.write(f"stuck at {self._window.review.current}\n")
        QCoreApplication.exit(1)


def _tell(window: MainWindow, field_id: str) -> None:
    """Say that a decision is shown as saved, so that whoever kills this process can look for it."""
    slot = window.review.mirror[field_id]
    if not slot.open and not slot.pending:
        sys.stdout.write(f"{window.review.mirror.draft.id} {field_id}\n")
        sys.stdout.flush()


def _commit(editor: QObject, text: str) -> None:
    event = QInputMethodEvent()
    event.setCommitString(text)
    QCoreApplication.sendEvent(editor, event)


if __name__ == "__main__":
    sys.exit(main())
