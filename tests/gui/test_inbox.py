"""The inbox shows what waits, what was not read, and what went wrong."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from formscan.errors import StoreError
from formscan.model.page import Held, Source
from formscan.model.record import DraftSummary
from formscan.model.template import FormTemplate
from ui.main_window import MainWindow
from ui.sample import SampleBackend
from ui.viewmodels.backend import Digitised

Open = Callable[..., MainWindow]


def settle(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not window.database.busy and not window.pixels.busy)


class Broken(SampleBackend):
    """A core whose database cannot be opened."""

    whole = False

    def drafts(self) -> list[DraftSummary]:
        if not self.whole:
            raise StoreError("store.newer_schema")
        return super().drafts()


class Endless(SampleBackend):
    """A core that takes pages in until somebody stops it."""

    def __init__(self, forms: Sequence[FormTemplate]) -> None:
        super().__init__(forms)
        self.began = threading.Event()

    def digitise(
        self, paths: Sequence[Path], progress: Callable[[int, str], None], cancelled: Callable[[], bool]
    ) -> Digitised:
        done = 0
        while not cancelled():
            done += 1
            progress(done, "xấp giấy.pdf")
            self.began.set()
            threading.Event().wait(0.005)
        return Digitised(done, 0, (), cancelled=True)


def test_that_a_draft_is_listed_with_what_is_left_to_do(window: MainWindow) -> None:
    table = window.inbox.table
    cells = [table.index(0, column).data() for column in range(table.columnCount())]
    assert cells[:4] == ["T/01  Mẫu thử", "quét một.pdf", "2", "13"]
    assert window.focusWidget() is window.inbox_view.table


def test_that_enter_opens_the_chosen_draft(window: MainWindow, qtbot: QtBot) -> None:
    QTest.keyClick(window.inbox_view.table, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.pile.currentWidget() is window.review_view)
    assert window.review.current == "name"


def test_that_the_search_finds_without_accents(window: MainWindow) -> None:
    search = window.inbox_view.search
    search.setFocus()
    event = QInputMethodEvent()
    event.setCommitString("quet mau")
    QApplication.sendEvent(search, event)
    assert window.inbox.table.rowCount() == 1
    search.setText("khác")
    assert window.inbox.table.rowCount() == 0
    assert window.inbox_view.nothing.isVisible()


def test_that_an_empty_inbox_says_how_to_fill_it(open_window: Open, form: FormTemplate) -> None:
    window = open_window(core=SampleBackend([form]))
    assert window.inbox_view.nothing.isVisible()
    assert "Ctrl+O" in window.inbox_view.nothing.text()


def test_that_a_database_that_does_not_open_is_told_and_can_be_tried_again(
    open_window: Open, form: FormTemplate, qtbot: QtBot
) -> None:
    core = Broken([form])
    window = open_window(core=core)
    assert "phiên bản mới hơn" in window.inbox_view.nothing.text()
    assert window.focusWidget() is window.inbox_view.again
    core.whole = True
    QTest.keyClick(window.inbox_view.again, Qt.Key.Key_Space)
    settle(window, qtbot)
    assert "Ctrl+O" in window.inbox_view.nothing.text()


def test_that_pages_that_were_not_read_are_grouped_by_reason_with_what_to_do(
    open_window: Open, backend: SampleBackend
) -> None:
    source = Source("a.jpg", "0" * 64)
    backend.refused = [
        Held(source, "identify", "identify.no_form"),
        Held(source, "identify", "identify.no_form"),
        Held(source, "acquire", "acquire.truncated", quarantined=True),
    ]
    window = open_window()
    told = window.inbox_view.held.findChildren(type(window.inbox_view.title))
    text = " ".join(label.accessibleName() for label in told)
    assert "2 × Trang không thuộc biểu mẫu nào đã biết" in text
    assert "1 × Tệp bị cụt" in text
    assert "Quét lại" in text


def test_that_files_are_taken_in_and_the_result_is_told(window: MainWindow, qtbot: QtBot) -> None:
    with qtbot.waitSignal(window.inbox.import_ended):
        window.inbox.digitise([Path("a.pdf"), Path("b.pdf")])
    settle(window, qtbot)
    assert window.inbox_view.banner.isVisible()
    assert window.inbox_view.held.isVisible()


def test_that_taking_in_can_be_stopped(open_window: Open, form: FormTemplate, qtbot: QtBot) -> None:
    window = open_window(core=Endless([form]))
    window.inbox.digitise([Path("a.pdf")])
    assert window.inbox_view.stop.isVisible()
    with qtbot.waitSignal(window.inbox.import_ended):
        QTest.keyClick(window.inbox_view.stop, Qt.Key.Key_Space)
    assert not window.inbox_view.stop.isVisible()


def test_that_the_window_closes_while_files_are_taken_in_and_leaves_no_thread(
    open_window: Open, form: FormTemplate, qtbot: QtBot
) -> None:
    core = Endless([form])
    window = open_window(core=core)
    window.inbox.digitise([Path("a.pdf")])
    qtbot.waitUntil(core.began.is_set)
    with qtbot.waitSignal(window.ended):
        window.close()
    names = [thread.name for thread in threading.enumerate() if thread.name.startswith("formscan-")]
    assert not names


def test_that_a_missing_draft_is_told_in_the_inbox(window: MainWindow, qtbot: QtBot) -> None:
    window.open_draft("nowhere")
    settle(window, qtbot)
    assert window.pile.currentWidget() is window.inbox_view
    assert window.inbox_view.banner.isVisible()


@pytest.mark.parametrize("language", ["vi", "en"])
def test_that_the_key_page_lists_all_keys_and_can_be_left(
    open_window: Open, qtbot: QtBot, language: str
) -> None:
    window = open_window(language)
    window.perform("keys")
    assert window.pile.currentWidget() is window.keys_view
    QTest.keyClick(window.keys_view, Qt.Key.Key_Escape)
    assert window.pile.currentWidget() is window.inbox_view
