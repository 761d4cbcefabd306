"""A question to the supervisor: left at a field, answered at another desk, told when the clerk is back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from formscan.model.people import Role
from ui.main_window import MainWindow
from ui.sample import SampleBackend
from ui.views.questions_view import QuestionsView

Open = Callable[..., MainWindow]


def _settle(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not window.database.busy and not window.pixels.busy)


def test_that_a_question_is_left_answered_and_comes_back_to_the_clerk(
    review: MainWindow, backend: SampleBackend, qtbot: QtBot
) -> None:
    banner = review.review_view.banner
    review.perform("ask")
    assert banner.line.isVisible()
    QTest.keyClicks(banner.line, "4 hay 9?")
    QTest.keyClick(banner.line, Qt.Key.Key_Return)
    _settle(review, qtbot)
    assert [(q.field_id, q.text) for q in backend.asked] == [("name", "4 hay 9?")]
    assert review.review.current == "sex"
    assert review.review.mirror["name"].open
    review.review.go_to("name")
    assert "4 hay 9?" in banner.accessibleDescription()
    backend.person = replace(backend.person, roles=frozenset({Role.SUPERVISOR}))
    review.offer_desks()
    review.show_desk("questions")
    desk = review.desk_views["questions"]
    assert isinstance(desk, QuestionsView)
    qtbot.waitUntil(lambda: desk.list.count() == 1)
    QTest.keyClick(desk.list, Qt.Key.Key_Return)
    desk.line.setFocus()
    QTest.keyClicks(desk.line, "9")
    QTest.keyClick(desk.line, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: desk.list.count() == 0)
    assert backend.asked[0].answer == "9"
    review.open_draft(review.review.mirror.draft.id)
    _settle(review, qtbot)
    qtbot.waitUntil(lambda: "9" in banner.accessibleDescription() and review.review.current == "name")


def test_that_a_question_that_is_left_or_empty_is_not_kept(
    review: MainWindow, backend: SampleBackend, qtbot: QtBot
) -> None:
    banner = review.review_view.banner
    review.perform("ask")
    QTest.keyClick(banner.line, Qt.Key.Key_Return)
    _settle(review, qtbot)
    review.perform("ask")
    QTest.keyClicks(banner.line, "x")
    QTest.keyClick(banner.line, Qt.Key.Key_Escape)
    _settle(review, qtbot)
    assert backend.asked == []
    assert review.review.current == "name"
