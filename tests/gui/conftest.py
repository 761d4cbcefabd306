"""A window on a small invented form, with the real session and a journal in memory."""

from __future__ import annotations

import gc
import os

os.environ["QT_QPA_PLATFORM"] = "offscreen"  # before anything of Qt is imported

import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Protocol

import pytest
from PIL import Image, ImageDraw
from PySide6.QtCore import QCoreApplication, QEvent, Qt, QtMsgType
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot
from reportlab.pdfbase.pdfmetrics import registerFont  # type: ignore[import-untyped]
from reportlab.pdfbase.ttfonts import TTFont  # type: ignore[import-untyped]
from reportlab.pdfgen.canvas import Canvas  # type: ignore[import-untyped]

from formscan.errors import StoreError
from formscan.model.geometry import Area
from formscan.model.reading import FieldState, FieldValue, Flag, Severity
from formscan.model.record import Draft
from formscan.model.review import ReviewedField
from formscan.model.template import (
    Cell,
    Choice,
    FieldKind,
    FieldSpec,
    FormTemplate,
    PageTemplate,
    Section,
    ValueType,
)
from formscan.paths import resources_dir
from formscan.review.memory import MemoryJournal
from formscan.settings import Settings
from ui.backing import ApplicationBackend
from ui.main_window import MainWindow, new_application
from ui.sample import SampleBackend, write_on
from ui.start import make_window
from ui.views.studio_view import StudioView

DPI = 60.0
STUDIO_PATIENCE_MS = 240_000
ANSWERS = {
    "name": "TRẦN VĂN ĐỨC",
    "sex": "male",
    "born": "05/1961",
    "code": "J18",
    "pulse": "80",
    "ticked": "true",
    "history": "Ho ba ngày",
    "late": "31/02/2026",
    "habits": "tea;rice",
}
OPEN_ORDER = (
    "name", "sex", "born", "code", "nothing", "pulse", "unread",
    "ticked", "history", "late", "habits", "empty", "signed",
)  # fmt: skip


def _field(
    field_id: str,
    page: int,
    top: float,
    kind: FieldKind,
    type_: ValueType,
    *,
    choices: tuple[Choice, ...] = (),
    lines: int = 1,
    unit: str | None = None,
    multiple: bool = False,
) -> FieldSpec:
    if choices:
        lefts = range(60, 60 + 60 * len(choices), 60)
        cells = tuple(
            Cell(Area(left, top, left + 12, top + 12), choice.value)
            for left, choice in zip(lefts, choices, strict=True)
        )
    else:
        tops = [top + 16 * n for n in range(lines)]
        cells = tuple(Cell(Area(60, y, 260, y + 13), f"line{n}") for n, y in enumerate(tops))
    return FieldSpec(
        field_id,
        page,
        kind,
        type_,
        f"Mục {field_id} ế",
        f"Field {field_id}",
        cells,
        section=f"part{page}",
        unit=unit,
        choices=choices,
        multiple=multiple,
    )


@pytest.fixture(scope="session")
def form() -> FormTemplate:
    """Two pages, thirteen fields, one of every way to answer."""
    text, kind = FieldKind.TEXT, ValueType
    sexes = (Choice("male", "Nam", "Male"), Choice("female", "Nữ", "Female"))
    foods = (Choice("tea", "Trà", "Tea"), Choice("rice", "Cơm", "Rice"), Choice("fish", "Cá", "Fish"))
    fields = (
        _field("name", 1, 20, text, kind.PERSON_NAME),
        _field("sex", 1, 45, FieldKind.CHOICE, kind.CHOICE, choices=sexes),
        _field("born", 1, 70, text, kind.DATE),
        _field("code", 1, 95, text, kind.ICD10),
        _field("nothing", 1, 120, text, kind.TEXT),
        _field("pulse", 1, 145, text, kind.INTEGER, unit="lần/ph"),
        _field("unread", 1, 170, text, kind.TEXT),
        _field("ticked", 2, 20, FieldKind.MARK, kind.BOOLEAN),
        _field("history", 2, 45, text, kind.TEXT, lines=3),
        _field("late", 2, 105, text, kind.DATE),
        _field("habits", 2, 130, FieldKind.CHOICE, kind.CHOICE, choices=foods, multiple=True),
        _field("empty", 2, 155, text, kind.TEXT),
        _field("signed", 2, 180, FieldKind.SIGNATURE, kind.PRESENCE),
    )
    pages = tuple(PageTemplate(number, 300, 420) for number in (1, 2))
    sections = (Section("part1", "Phần một", "Part one"), Section("part2", "Phần hai", "Part two"))
    return FormTemplate(
        "T1", "1", "T/01", "Mẫu thử", "Test form", "none", "invented", pages, sections, fields, "d" * 64
    )


def check(form: FormTemplate, spec: FieldSpec, text: str) -> tuple[FieldValue, tuple[Flag, ...]]:
    """Rules of the test: a date of 31/02 breaks a hard rule, a pulse above 200 a soft one."""
    flags: tuple[Flag, ...] = ()
    if text.startswith("31/02"):
        flags = (Flag("date.impossible", Severity.HARD),)
    if spec.type is ValueType.INTEGER and text.isdigit() and int(text) > 200:
        flags = (
            Flag("vital.implausible", Severity.SOFT, (("low", "20"), ("high", "200"), ("unit", "lần/ph"))),
        )
    return FieldValue(FieldState.VALUE, text.strip(), text.strip()), flags


class Journal(MemoryJournal):
    """The journal in memory that can be told to refuse and to wait."""

    def __init__(self) -> None:
        super().__init__()
        self.refuse: set[str] = set()
        self.gate = threading.Event()
        self.gate.set()

    def record(self, draft_id: str, decision: ReviewedField) -> None:
        """Wait while the gate is closed, refuse where it was asked for."""
        assert self.gate.wait(10)
        if decision.field_id in self.refuse:
            raise StoreError("store.disk_full")
        super().record(draft_id, decision)


@pytest.fixture
def journal() -> Journal:
    """Where decisions go."""
    return Journal()


@pytest.fixture
def backend(form: FormTemplate, journal: Journal) -> SampleBackend:
    """A core with one draft of the small form."""
    made = SampleBackend([form], check, journal)
    add_draft(made, form)
    return made


def add_draft(backend: SampleBackend, form: FormTemplate, name: str = "quét một.pdf") -> Draft:
    """One more draft."""
    pages = {}
    for number in (1, 2):
        page = Image.new("L", (round(300 * DPI / 72), round(420 * DPI / 72)), 255)
        draw = ImageDraw.Draw(page)
        for spec in form.fields_of(number):
            for cell in spec.cells:
                box = cell.area.at_dpi(DPI)
                draw.rectangle(tuple(box.as_list()), outline=150)
        draw.text((5, 5), f"{name} {number}"[:20].encode("ascii", "replace").decode(), fill=0)
        pages[number] = write_on(page, form, number, ANSWERS, DPI)
    return backend.add_pages(
        form, pages, DPI, answers=ANSWERS | {"unread": "?"}, unread=frozenset({"unread"}), name=name
    )


@pytest.fixture(scope="session")
def qapp() -> QApplication:
    """The application as the program makes it."""
    existing = QApplication.instance()
    return existing if isinstance(existing, QApplication) else new_application(["test"])


class _Log(Protocol):
    records: list[_Record]


class _Record(Protocol):
    type: QtMsgType
    message: str


@pytest.fixture(autouse=True)
def _no_qt_warnings(qtlog: _Log) -> Iterator[None]:
    """A warning of Qt fails the test."""
    yield
    quiet = {QtMsgType.QtDebugMsg, QtMsgType.QtInfoMsg}
    assert not [record.message for record in qtlog.records if record.type not in quiet]


@pytest.fixture(scope="session", autouse=True)
def _garbage_stays_in_the_main_thread() -> Iterator[None]:
    """As in the program: a worker thread must not be the one to destroy what windows leave behind."""
    gc.collect()
    gc.freeze()
    gc.disable()
    yield
    gc.enable()
    gc.unfreeze()


Open = Callable[..., MainWindow]


@pytest.fixture
def open_window(qtbot: QtBot, backend: SampleBackend) -> Iterator[Open]:
    """Opens windows and closes them after the test."""
    opened: list[MainWindow] = []

    def make(language: str = "vi", theme: str = "light", core: SampleBackend | None = None) -> MainWindow:
        window = make_window(core or backend, language, theme)
        opened.append(window)
        window.show()
        qtbot.waitExposed(window)
        window.start()
        qtbot.waitUntil(lambda: not window.database.busy)
        return window

    yield make
    for window in opened:
        window.close()
        for runner in (window.pixels, window.database):
            runner.shut_down()
        window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    opened.clear()
    gc.collect()


@pytest.fixture
def window(open_window: Open) -> MainWindow:
    """The window with its inbox."""
    return open_window()


@pytest.fixture
def review(window: MainWindow, backend: SampleBackend, qtbot: QtBot) -> MainWindow:
    """The window with the draft under review."""
    window.open_draft(backend.drafts()[0].id)
    qtbot.waitUntil(lambda: window.review.ready and window.pile.currentWidget() is window.review_view)
    settle(window, qtbot)
    return window


def settle(window: MainWindow, qtbot: QtBot) -> None:
    """Wait until nothing is under way."""
    qtbot.waitUntil(lambda: not window.database.busy and not window.pixels.busy)


def commit(widget: QWidget, text: str) -> None:
    """Type as an input method does; simulated keys of letters beyond ASCII abort the interpreter."""
    event = QInputMethodEvent()
    event.setCommitString(text)
    QApplication.sendEvent(widget, event)


OpenStudio = Callable[[Settings], StudioView]


@pytest.fixture
def open_studio(qtbot: QtBot, qapp: QApplication) -> Iterator[OpenStudio]:
    """Opens the studio in a window of the real core; whatever is unsaved afterwards is let go."""
    assert qapp
    opened: list[tuple[MainWindow, StudioView]] = []

    def make(settings: Settings) -> StudioView:
        window = make_window(ApplicationBackend(settings), "vi", "light")
        window.resize(1366, 768)
        window.show()
        qtbot.waitExposed(window)
        window.start()
        qtbot.waitUntil(lambda: not window.database.busy, timeout=STUDIO_PATIENCE_MS)
        QTest.keyClick(window, Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)
        view = window.findChild(StudioView)
        assert isinstance(view, StudioView)
        opened.append((window, view))
        return view

    yield make
    for window, view in opened:
        qtbot.waitUntil(partial(_idle, window), timeout=STUDIO_PATIENCE_MS)
        view.model._saved_steps = len(view.model.studio.done) if view.model.studio else 0
        window.close()
        window.deleteLater()


def _idle(window: MainWindow) -> bool:
    return not (window.database.busy or window.pixels.busy)


class Slip:
    """A small page of a form drawn for a test; y goes down, points."""

    def __init__(self, path: Path, width: float, height: float) -> None:
        self.canvas, self._height = Canvas(str(path), pagesize=(width, height)), height
        registerFont(TTFont("Slip", next((resources_dir() / "fonts").rglob("LiberationSerif-Regular.ttf"))))

    def text(self, x: float, y: float, words: str, size: float = 11) -> float:
        """Print words; returns where they end."""
        self.canvas.setFont("Slip", size)
        self.canvas.drawString(x, self._height - y, words)
        return float(x + self.canvas.stringWidth(words, "Slip", size))

    def box(self, left: float, foot: float, side: float) -> None:
        """Print a box."""
        self.canvas.rect(left, self._height - foot, side, side)
