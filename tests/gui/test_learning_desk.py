"""The learning curve on the real core, by keyboard: who looks, who goes back, and what reads then."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from formscan.learning.shelf import Compared, WeightShelf
from formscan.settings import Settings
from ui.backing import ApplicationBackend
from ui.main_window import MainWindow
from ui.sample_house import furnish, signed_in
from ui.start import make_window
from ui.views.learning_view import LearningView

PATIENCE_MS = 60_000
Sit = Callable[..., LearningView]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home that learned three times; the last time was no better."""
    made = Settings(home=tmp_path / "home")
    furnish(made, entries=0, drafts=1, dpi=60.0)
    shelf = WeightShelf(made.home / "models")
    for number, (old, new, chance) in enumerate(((0.21, 0.14, 0.0), (0.14, 0.11, 0.01), (0.11, 0.12, 0.7))):
        weights = tmp_path / "weights.onnx"
        weights.write_bytes(bytes([number]))
        found = Compared(120, old, new, 40, 60, chance, 400 * (number + 1))
        shelf.keep(weights, found, "duc", datetime(2026, 3, 9 + number, 2, 0, tzinfo=UTC))
    return made


@pytest.fixture
def sit(settings: Settings, qtbot: QtBot, qapp: object) -> Iterator[Sit]:
    """Somebody at the desk."""
    assert qapp
    windows: list[MainWindow] = []

    def make(person: str, language: str = "vi", theme: str = "light") -> LearningView:
        made = make_window(ApplicationBackend(settings, lambda s: signed_in(s, person)), language, theme)
        windows.append(made)
        made.resize(1366, 768)
        made.show()
        made.start()
        settle(made, qtbot)
        made.show_desk("learning")
        settle(made, qtbot)
        view = made.desk_views["learning"]
        assert isinstance(view, LearningView)
        return view

    yield make
    for window in windows:
        window.close()
        window.deleteLater()


def settle(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not window.database.busy and not window.pixels.busy, timeout=PATIENCE_MS)


def press(view: LearningView, key: Qt.Key, qtbot: QtBot) -> None:
    window = view.window()
    assert isinstance(window, MainWindow)
    QTest.keyClick(window.focusWidget() or window, key)
    settle(window, qtbot)


def cells(view: LearningView, row: int) -> list[str]:
    table = view.model.table
    return [str(table.index(row, column).data()) for column in range(table.columnCount())]


def test_that_the_curve_is_told_and_an_administrator_goes_back_by_keyboard(
    sit: Sit, settings: Settings, qtbot: QtBot
) -> None:
    view, shelf = sit("duc"), WeightShelf(settings.home / "models")
    first, second, third = (lesson.digest for lesson in shelf.lessons())
    assert [cells(view, row)[-1] for row in range(3)] == [third, second, first]
    assert cells(view, 1)[1:7] == ["duc", "800", "120", "14,0 %", "11,0 %", "đang dùng"]
    assert view.model.in_use == shelf.digest_in_use == second
    if os.environ.get("FORMSCAN_SHOTS"):
        view.window().grab().save(str(Path(os.environ["FORMSCAN_SHOTS"]) / "learning.png"))
    assert not view.use.isEnabled(), "what was not better is no choice"
    press(view, Qt.Key.Key_Down, qtbot)
    press(view, Qt.Key.Key_F3, qtbot)
    assert shelf.digest_in_use == second, "what is in use is no choice"
    press(view, Qt.Key.Key_Down, qtbot)
    press(view, Qt.Key.Key_F3, qtbot)
    assert view.model.in_use == shelf.digest_in_use == first
    press(view, Qt.Key.Key_F4, qtbot)
    assert shelf.in_use is None
    assert not view.shipped.isEnabled()


def test_that_a_supervisor_looks_and_changes_nothing(sit: Sit, settings: Settings, qtbot: QtBot) -> None:
    view, shelf = sit("minh", "en", "dark"), WeightShelf(settings.home / "models")
    before = shelf.digest_in_use
    assert view.model.table.rowCount() == 3
    if os.environ.get("FORMSCAN_SHOTS"):
        view.window().grab().save(str(Path(os.environ["FORMSCAN_SHOTS"]) / "learning-en.png"))
    press(view, Qt.Key.Key_F4, qtbot)
    press(view, Qt.Key.Key_F3, qtbot)
    view.model.use("")  # past the buttons
    qtbot.waitUntil(view.banner.isVisible, timeout=PATIENCE_MS)
    assert shelf.digest_in_use == before
