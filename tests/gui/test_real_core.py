"""The window on the real application: its database, its forms, its rules."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from formscan.model.review import Action
from formscan.paths import forms_dir
from formscan.settings import Settings
from formscan.store import Store
from formscan.templates import TemplateLibrary
from ui.backing import ApplicationBackend
from ui.main_window import MainWindow
from ui.sample import ANSWERS, SampleBackend, written_page
from ui.start import make_window

DPI = 60.0


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home with one stored draft of the first page of 01/BV-01."""
    found = Settings(home=tmp_path, person="lan")
    form = TemplateLibrary.load(forms_dir()).get("01-BV1")
    backend = SampleBackend([form])
    draft = backend.add_pages(form, {1: written_page(form, 1, ANSWERS, DPI)}, DPI)
    with Store.open(found.database_url, found.images) as store:
        for data in backend.images.values():
            store.put_image(data, "image/png")
        store.add_draft(draft)
    return found


@pytest.fixture
def real(settings: Settings, qtbot: QtBot, qapp: object) -> Iterator[MainWindow]:
    """The window on it, the draft open."""
    assert qapp
    window = make_window(ApplicationBackend(settings), "vi", "light")
    window.show()
    window.start()
    qtbot.waitUntil(lambda: window.inbox.table.rowCount() == 1, timeout=20_000)
    QTest.keyClick(window.inbox_view.table, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.review.ready, timeout=20_000)
    yield window
    window.close()
    window.deleteLater()


def _settle(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not window.database.busy and not window.pixels.busy, timeout=20_000)


def test_that_decisions_reach_the_database_and_are_there_after_a_new_start(
    real: MainWindow, settings: Settings, qtbot: QtBot
) -> None:
    _settle(real, qtbot)
    first = real.review.current
    open_at_first = len(real.review.mirror.open_fields())
    while open_at_first - len(real.review.mirror.open_fields()) < 5:  # words in doubt take keys of their own
        focus = real.focusWidget()
        assert focus is not None
        QTest.keyClick(focus, Qt.Key.Key_Return)
    draft = real.review.mirror.draft.id
    real.close()
    with Store.open(settings.database_url, settings.images) as store:
        decisions = store.decisions(draft)
    assert [decision.action for decision in decisions] == [Action.CONFIRMED] * 5
    assert decisions[0].field_id == first
    assert {decision.person for decision in decisions} == {"lan"}


def test_that_the_rules_of_the_program_speak_while_somebody_types(real: MainWindow, qtbot: QtBot) -> None:
    real.review.go_to("insurance.number")
    real.review_view.panel.editor.offer("HT39292")
    _settle(real, qtbot)
    assert "15 ký tự" in real.review_view.panel.doubts.text()
    real.review_view.perform("accept")
    assert real.review.asked
