"""Nothing that was decided is lost, whatever the disk does."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from formscan.model.reading import FieldState
from formscan.review.memory import MemoryJournal
from ui.main_window import MainWindow
from ui.sample import SampleBackend


class Slow(MemoryJournal):
    """What the fixture ``journal`` is, as far as these tests use it."""

    refuse: set[str]
    gate: object


def press(window: MainWindow, qtbot: QtBot, key: Qt.Key) -> None:
    focus = window.focusWidget()
    assert isinstance(focus, QWidget)
    QTest.keyClick(focus, key)


def settle(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not window.database.busy and not window.pixels.busy)


def commit(text: str) -> None:
    event = QInputMethodEvent()
    event.setCommitString(text)
    focus = QApplication.focusWidget()
    assert focus is not None
    QApplication.sendEvent(focus, event)


def test_that_a_refused_write_brings_the_clerk_back_with_what_was_typed(
    review: MainWindow, qtbot: QtBot, journal: Slow, backend: SampleBackend
) -> None:
    journal.refuse = {"name"}
    commit("TRẦN VĂN ĐẠT")
    press(review, qtbot, Qt.Key.Key_Return)
    assert review.review.current == "sex"  # shown at once, before it is written
    settle(review, qtbot)
    assert review.review.current == "name"
    assert review.review_view.panel.editor.text() == "TRẦN VĂN ĐẠT"
    assert review.review.slot.open
    assert review.review.slot.trouble == "store.disk_full"
    assert review.review_view.banner.isVisible()
    assert "Ổ đĩa" in review.review_view.banner.accessibleDescription()
    journal.refuse = set()
    press(review, qtbot, Qt.Key.Key_Return)
    settle(review, qtbot)
    assert [d.value.text for d in journal.decisions(backend.drafts()[0].id)] == ["TRẦN VĂN ĐẠT"]
    assert not review.review.mirror["name"].trouble


def test_that_steps_behind_a_refused_one_are_kept(
    review: MainWindow, qtbot: QtBot, journal: Slow, backend: SampleBackend
) -> None:
    journal.refuse = {"name"}
    gate = journal.gate
    assert hasattr(gate, "clear")
    assert hasattr(gate, "set")
    gate.clear()
    for _ in range(3):
        press(review, qtbot, Qt.Key.Key_Return)
    assert review.review.current == "code"
    assert review.review.pending == 3
    gate.set()
    settle(review, qtbot)
    assert review.review.current == "name"
    assert [d.field_id for d in journal.decisions(backend.drafts()[0].id)] == ["sex", "born"]
    assert not review.review.mirror["sex"].open


def test_that_an_undo_behind_a_refused_step_takes_nothing_else_back(
    review: MainWindow, qtbot: QtBot, journal: Slow, backend: SampleBackend
) -> None:
    press(review, qtbot, Qt.Key.Key_Return)
    settle(review, qtbot)
    journal.refuse = {"sex"}
    gate = journal.gate
    assert hasattr(gate, "clear")
    assert hasattr(gate, "set")
    gate.clear()
    press(review, qtbot, Qt.Key.Key_Return)
    review.perform("undo")
    gate.set()
    settle(review, qtbot)
    assert [d.field_id for d in journal.decisions(backend.drafts()[0].id)] == ["name"]
    assert review.review.current == "sex"


def test_that_closing_the_window_writes_what_is_still_on_its_way(
    review: MainWindow, qtbot: QtBot, journal: Slow, backend: SampleBackend
) -> None:
    for _ in range(4):
        press(review, qtbot, Qt.Key.Key_Return)
    review.close()
    assert len(journal.decisions(backend.drafts()[0].id)) == 4


def test_that_a_draft_is_taken_up_where_it_was_left(
    review: MainWindow, qtbot: QtBot, backend: SampleBackend
) -> None:
    press(review, qtbot, Qt.Key.Key_Return)
    press(review, qtbot, Qt.Key.Key_F4)
    review.perform("back")
    settle(review, qtbot)
    assert review.pile.currentWidget() is review.inbox_view
    assert backend.drafts()[0].reviewed == 2
    press(review, qtbot, Qt.Key.Key_Return)
    settle(review, qtbot)
    assert review.review.current == "born"
    assert review.review.mirror["sex"].value.state is FieldState.STRUCK_OUT


def test_that_a_late_answer_for_a_draft_that_was_left_changes_nothing(
    review: MainWindow, qtbot: QtBot, journal: Slow
) -> None:
    journal.refuse = {"name"}
    gate = journal.gate
    assert hasattr(gate, "clear")
    assert hasattr(gate, "set")
    gate.clear()
    press(review, qtbot, Qt.Key.Key_Return)
    review.review.close()
    gate.set()
    settle(review, qtbot)
    assert not review.review.ready


def test_that_a_page_that_cannot_be_shown_says_so(
    window: MainWindow, qtbot: QtBot, backend: SampleBackend
) -> None:
    backend.images = dict.fromkeys(backend.images, b"no picture")
    window.open_draft(backend.drafts()[0].id)
    qtbot.waitUntil(lambda: window.review.ready)
    settle(window, qtbot)
    assert "không mở được" in window.review_view.page_view.notice.lower()
