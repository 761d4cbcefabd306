"""Undo across forms: the last steps of the form before can be reopened as long as it is not released."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from formscan.model.template import FormTemplate
from ui.main_window import MainWindow
from ui.sample import SampleBackend, sample_draft
from ui.viewmodels.before import FormsBefore


def _settle(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not window.database.busy and not window.pixels.busy)


def _second_form(window: MainWindow, backend: SampleBackend, form: FormTemplate, qtbot: QtBot) -> str:
    """Leave the form that is open for another one."""
    pages = window.review.mirror.draft.pages
    images = {page.number: (page.image_sha256, page.width, page.height) for page in pages}
    draft = sample_draft(form, images, backend.check, answers={"name": "LÊ AN"}, name="hai.pdf", dpi=60.0)
    backend._drafts[draft.id] = draft
    backend.journal.add(draft)
    window.open_draft(draft.id)
    qtbot.waitUntil(lambda: window.review.ready and window.review.mirror.draft.id == draft.id)
    _settle(window, qtbot)
    return draft.id


def _undo(window: MainWindow, qtbot: QtBot) -> None:
    QTest.keyClick(window.review_view.panel.editor.active, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    _settle(window, qtbot)


def test_that_undo_is_offered_and_then_reaches_back_to_the_form_before(
    review: MainWindow, backend: SampleBackend, form: FormTemplate, qtbot: QtBot
) -> None:
    first = review.review.mirror.draft.id
    review.review.accept(review.review.text_of("name"))
    _settle(review, qtbot)
    second = _second_form(review, backend, form, qtbot)
    _undo(review, qtbot)
    assert review.review.mirror.draft.id == second
    assert review.review_view.banner.isVisible()
    _undo(review, qtbot)
    qtbot.waitUntil(lambda: review.review.ready and review.review.mirror.draft.id == first)
    _settle(review, qtbot)
    assert review.review.current == "name"
    assert review.review.slot.open
    assert backend.journal.decisions(first) == []


def test_that_a_step_in_this_form_is_undone_before_another_form_is_opened(
    review: MainWindow, backend: SampleBackend, form: FormTemplate, qtbot: QtBot
) -> None:
    review.review.accept(review.review.text_of("name"))
    _settle(review, qtbot)
    second = _second_form(review, backend, form, qtbot)
    _undo(review, qtbot)  # offered
    review.review.accept(review.review.text_of("name"))
    _settle(review, qtbot)
    _undo(review, qtbot)
    assert review.review.mirror.draft.id == second
    assert backend.journal.decisions(second) == []


def test_that_there_is_nothing_to_go_back_to_at_the_first_form(review: MainWindow, qtbot: QtBot) -> None:
    before = FormsBefore()
    before.leave(None)
    assert not before.offer(review.review.mirror)
    assert before.wanted(review.review.mirror) is None
    before.leave(review.review.mirror)
    assert not before.offer(review.review.mirror)  # the form itself is none before it
