"""The scan desk on a network scanner that jams: real SANE, real job, by keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from formscan.scanner.room import ScanRoom
from formscan.settings import Settings
from tests.unit.scanner.conftest import Network, network  # noqa: F401 - a fixture
from tests.unit.scanner.escl import Feeder
from ui.backing import ApplicationBackend
from ui.main_window import MainWindow
from ui.start import make_window
from ui.views.scan_view import ScanView

SLOW = 60_000


@pytest.fixture
def feeder() -> Feeder:
    """Five sheets; the fourth jams."""
    return Feeder([1, 2, 3, 4, 5], {4: "ScannerAdfJam"})


@pytest.fixture
def desk(
    tmp_path: Path,
    feeder: Feeder,
    network: Network,  # noqa: F811
    qtbot: QtBot,
    qapp: object,
) -> Iterator[ScanView]:
    assert qapp
    driver = network(feeder)
    backend = ApplicationBackend(Settings(home=tmp_path))
    backend.scan_room = ScanRoom(tmp_path / "scans", lambda: [driver])
    window: MainWindow = make_window(backend, "en", "light")
    try:
        window.show()
        window.start()
        qtbot.waitUntil(lambda: not (window.database.busy or window.pixels.busy), timeout=SLOW)
        window.show_desk("scan")
        view = window.desk_views["scan"]
        assert isinstance(view, ScanView)
        qtbot.waitUntil(lambda: view.device.count() == 1 and not view._scan.busy, timeout=SLOW)
        view.dpi.setCurrentIndex(view.dpi.findData(200))
        yield view
    finally:
        window.close()
        window.deleteLater()


def test_that_a_stack_is_scanned_through_a_jam_by_keyboard(
    desk: ScanView, feeder: Feeder, qtbot: QtBot
) -> None:
    assert desk.intake.currentData() == "feeder"
    desk.sheets.setValue(5)
    with qtbot.waitSignal(desk._scan.stopped, timeout=SLOW):
        QTest.keyClick(desk, Qt.Key.Key_F9)
    assert "Paper jam" in desk.banner._say.text()
    assert desk.buttons["scan_go_on"].hasFocus()
    assert "000003.jpg" in desk.side.text()
    feeder.clear()
    with qtbot.waitSignal(desk._scan.finished, timeout=SLOW):
        QTest.keyClick(desk, Qt.Key.Key_F6)
    job = desk._scan.job
    assert job is not None
    assert (job.done, job.sheets, feeder.given) == (True, 5, [1, 2, 3, 4, 5])
    assert "5 sheets, 5 pages are safe." in desk.counts.text()
    assert desk.buttons["scan_read"].isEnabled()


def test_that_a_job_left_open_is_offered_again(desk: ScanView, qtbot: QtBot) -> None:
    with qtbot.waitSignal(desk._scan.stopped, timeout=SLOW):
        desk.perform("scan_start")
    desk._scan.job = None
    with qtbot.waitSignal(desk._scan.found, timeout=SLOW):
        desk.perform("scan_look")
    assert "left unfinished" in desk.banner._say.text()
    with qtbot.waitSignal(desk._scan.finished, timeout=SLOW):
        desk.perform("scan_finish")


def test_that_the_preview_is_shown(desk: ScanView, qtbot: QtBot) -> None:
    desk.perform("scan_preview")
    qtbot.waitUntil(lambda: desk._scan.picture is not None and not desk._scan.busy, timeout=SLOW)
    assert desk._scan.picture is not None
    assert desk._scan.picture.width == 620


def test_that_every_part_of_the_scan_desk_has_a_name(desk: ScanView) -> None:
    from PySide6.QtWidgets import QComboBox, QLineEdit, QPushButton, QSpinBox

    for kind in (QPushButton, QComboBox, QSpinBox, QLineEdit):
        for widget in desk.findChildren(kind):
            inner = widget.objectName().startswith("qt_") or desk.banner.isAncestorOf(widget)
            assert inner or widget.accessibleName(), widget
