"""The desk of the release gate on the real core, by keyboard: nothing passes that was not asked for."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from formscan.settings import Settings
from formscan.store import Store
from ui.backing import ApplicationBackend
from ui.main_window import MainWindow
from ui.sample_house import furnish, signed_in
from ui.start import make_window
from ui.views.gate_view import GateView

PATIENCE_MS = 60_000


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A furnished home."""
    made = Settings(home=tmp_path / "home")
    furnish(made, entries=6, drafts=1, dpi=60.0)
    return made


@pytest.fixture
def window(settings: Settings, qtbot: QtBot, qapp: object) -> Iterator[MainWindow]:
    """The supervisor at the gate."""
    assert qapp
    made = make_window(ApplicationBackend(settings, lambda s: signed_in(s, "minh")), "vi", "light")
    made.resize(1366, 768)
    made.show()
    made.start()
    settle(made, qtbot)
    made.show_desk("gate")
    settle(made, qtbot)
    yield made
    made.close()
    made.deleteLater()


def settle(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not window.database.busy and not window.pixels.busy, timeout=PATIENCE_MS)


def press(window: MainWindow, key: Qt.Key, qtbot: QtBot, reason: str = "") -> None:
    QTest.keyClick(window.focusWidget() or window, key)
    settle(window, qtbot)
    if reason:
        event = QInputMethodEvent()
        event.setCommitString(reason)
        widget = window.focusWidget()
        assert widget is not None
        QApplication.sendEvent(widget, event)
        QTest.keyClick(widget, Qt.Key.Key_Return)
        settle(window, qtbot)


def actions(settings: Settings) -> list[str]:
    with Store.open(settings.database_url, settings.images) as store:
        return [line.action for line in store.audit() if line.action.startswith("gate.")]


def test_that_a_supervisor_fits_proves_switches_on_and_off_with_reasons(
    window: MainWindow, settings: Settings, qtbot: QtBot
) -> None:
    view = window.desk_views["gate"]
    assert isinstance(view, GateView)
    assert view.model.table.rowCount() == 0
    press(window, Qt.Key.Key_F9, qtbot, "tuần đầu")
    assert view.model.table.rowCount() > 3
    assert not any(view.model.is_on(promise.kind) for promise in view.model.promises)
    view.most.setValue(5000)
    settle(window, qtbot)
    proven = [place for place, promise in enumerate(view.model.promises) if promise.proven]
    assert proven, [(p.kind, p.fields, p.more) for p in view.model.promises]
    view.table.selectRow(proven[0])
    kind = view.model.promises[proven[0]].kind
    press(window, Qt.Key.Key_F3, qtbot, "đã chứng minh")
    assert view.model.is_on(kind)
    told = view.model.table.index(proven[0], 1).data()
    assert "minh" in told
    if os.environ.get("FORMSCAN_SHOTS"):
        window.grab().save(str(Path(os.environ["FORMSCAN_SHOTS"]) / "gate.png"))
    press(window, Qt.Key.Key_F4, qtbot, "xem lại")
    assert not view.model.is_on(kind)
    assert actions(settings) == ["gate.installed", "gate.on", "gate.off"]


def test_that_leaving_the_reason_open_does_nothing(
    window: MainWindow, settings: Settings, qtbot: QtBot
) -> None:
    press(window, Qt.Key.Key_F9, qtbot)
    press(window, Qt.Key.Key_Escape, qtbot)
    assert actions(settings) == []
