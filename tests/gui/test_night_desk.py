"""The desk of the night on a real ledger: one key for each remedy, and the report."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from formscan.batch.watch.status import NightBoard, NightStatus
from formscan.model.ledger import FileOutcome, NewFile, PageKey, PageOutcome, Stand, StoredPage, WorkState
from formscan.model.page import Held, Source
from formscan.settings import Settings
from formscan.store import Store
from ui.backing import ApplicationBackend
from ui.files_screenshots import DPI, slip
from ui.main_window import MainWindow
from ui.start import make_window
from ui.views.night_view import NightView
from ui.views.studio_view import StudioView


def _held(store: Store, name: str, reason: str, picture: bytes = b"", dpi: float = 60.0) -> PageKey:
    out = io.BytesIO(picture)
    if not picture:
        Image.new("RGB", (60, 80), (200, 220, 240)).save(out, "PNG", dpi=(60, 60))
    sha = name.encode().hex().ljust(64, "0")
    new = NewFile(f"in/{name}", name, sha, 9, 9, Stand("s", "Khoa Nội", scanner="fi-7160"))
    file = store.ledger.take_in([new])[0].id
    image = store.put_image(out.getvalue(), "image/png")
    stored = StoredPage(Source(name, sha), image, len(out.getvalue()), "image/png", dpi)
    held = Held(Source(name, sha), reason.partition(".")[0], reason)
    store.ledger.commit([FileOutcome(file, 1, (PageOutcome(0, stored, held),), "w1")])
    return PageKey(file, 0)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    with Store.open(f"sqlite:///{(tmp_path / 'formscan.db').as_posix()}", tmp_path / "images") as store:
        for name in ("a.png", "b.png"):
            _held(store, name, "identify.no_form")
        _held(store, "c.png", "clean.blank_page")
    return tmp_path


@pytest.fixture
def desk(home: Path, qtbot: QtBot, qapp: object) -> Iterator[NightView]:
    assert qapp
    window: MainWindow = make_window(ApplicationBackend(Settings(home=home)), "en", "light")
    try:
        window.show()
        window.start()
        _settle(window, qtbot)  # who is here is known then, and which desks are open
        window.show_desk("night")
        view = window.desk_views["night"]
        assert isinstance(view, NightView)
        qtbot.waitUntil(lambda: view.table.model().rowCount() == 3, timeout=20_000)
        _settle(window, qtbot)
        yield view
    finally:
        window.close()
        window.deleteLater()


def _settle(window: object, qtbot: QtBot) -> None:
    assert isinstance(window, MainWindow)
    qtbot.waitUntil(lambda: not (window.database.busy or window.pixels.busy), timeout=20_000)


def _states(home: Path) -> dict[str, WorkState]:
    with Store.open(f"sqlite:///{(home / 'formscan.db').as_posix()}", home / "images") as store:
        return {page.source.name: page.state for page in store.ledger.pages()}


def test_that_the_desk_tells_the_count_and_lists_what_was_not_read(desk: NightView) -> None:
    assert "3 in = 0 released + 0 drafted + 3 held" in desk.counts.text()
    assert desk.stand.text() == "No night is running."
    assert "no known form" in desk.reason.text()
    assert not desk.remedies["rotate"].isHidden()


def test_that_one_key_puts_a_page_back_to_work(desk: NightView, home: Path, qtbot: QtBot) -> None:
    desk.table.setFocus()
    with qtbot.waitSignal(desk._night.remedied, timeout=20_000):
        QTest.keyClick(desk.table, Qt.Key.Key_F6)
    _settle(desk.window(), qtbot)
    assert sorted(_states(home).values()) == sorted([WorkState.HELD, WorkState.HELD, WorkState.TAKEN_IN])
    assert "Read again: 1 of 1." in desk.banner._say.text()
    assert desk.table.model().rowCount() == 2


def test_that_all_pages_of_a_reason_are_turned_at_once(desk: NightView, home: Path, qtbot: QtBot) -> None:
    desk.perform("night_alike")
    assert len(desk._rows()) == 2
    with qtbot.waitSignal(desk._night.remedied, timeout=20_000):
        desk.perform("night_rotate")
    _settle(desk.window(), qtbot)
    states = _states(home)
    assert (states["a.png"], states["b.png"]) == (WorkState.TAKEN_IN, WorkState.TAKEN_IN)
    assert states["c.png"] is WorkState.HELD


def test_that_a_form_is_chosen_by_keyboard(desk: NightView, home: Path, qtbot: QtBot) -> None:
    desk.perform("night_form")
    assert desk.form.hasFocus()
    desk.form.setCurrentIndex(desk.form.findData("36-BV2"))
    with qtbot.waitSignal(desk._night.remedied, timeout=20_000):
        QTest.keyClick(desk.form, Qt.Key.Key_Return)
    _settle(desk.window(), qtbot)
    with Store.open(f"sqlite:///{(home / 'formscan.db').as_posix()}", home / "images") as store:
        assert [work.form_id for work in store.ledger.waiting(9)] == ["36-BV2"]
    assert desk.table.hasFocus()


def test_that_enter_does_the_likeliest_and_keeps_the_page_in_the_count(
    desk: NightView, home: Path, qtbot: QtBot
) -> None:
    desk.table.setFocus()
    with qtbot.waitSignal(desk._night.remedied, timeout=20_000) as told:
        QTest.keyClick(desk.table, Qt.Key.Key_Return)
    assert told.args == ["file", 1, 1]
    _settle(desk.window(), qtbot)
    assert sorted(_states(home).values()) == [WorkState.DRAFTED, WorkState.HELD, WorkState.HELD]


def test_that_a_remedy_that_does_not_help_is_not_done(desk: NightView, home: Path) -> None:
    rows = [r for r, item in enumerate(desk._night.table.items) if item.held.reason == "clean.blank_page"]
    desk.table.selectRow(rows[0])
    desk.perform("night_form")
    assert desk.banner._say.text() == "That does not help here."


def test_that_the_report_is_shown_and_saved(desk: NightView, tmp_path: Path, qtbot: QtBot) -> None:
    desk.perform("night_report")
    assert desk.report.hasFocus()
    assert "The count balances" in desk.report.toPlainText()
    assert "Khoa Nội" in desk.report.toPlainText()
    with qtbot.waitSignal(desk._night.written, timeout=20_000):
        desk._night.write(tmp_path / "out.pdf", "en")
    assert (tmp_path / "out.pdf").read_bytes().startswith(b"%PDF")


def test_that_a_running_night_is_told_and_can_be_paused(desk: NightView, home: Path, qtbot: QtBot) -> None:
    now = datetime.now(UTC).isoformat()
    by = "2026-03-02T04:10+07:00"
    NightBoard(home).write(NightStatus(now, "working", done=40, waiting=60, pages_a_minute=31.5, done_by=by))
    desk._night.look()
    qtbot.waitUntil(lambda: "40 pages done, 60 wait" in desk.stand.text(), timeout=20_000)
    assert "done by 04:10" in desk.stand.text()
    assert (desk.bar.value(), desk.bar.maximum()) == (40, 100)
    desk.perform("night_pause")
    qtbot.waitUntil(lambda: NightBoard(home).paused, timeout=20_000)


def test_that_every_part_has_a_name_for_a_screen_reader(desk: NightView) -> None:
    from PySide6.QtWidgets import QComboBox, QProgressBar, QPushButton, QTableView, QTextBrowser

    for kind in (QPushButton, QTableView, QTextBrowser, QComboBox, QProgressBar):
        for widget in desk.findChildren(kind):
            own = widget.objectName().startswith("qt_")
            assert own or widget.accessibleName() or widget.parent() is desk.banner, widget


def test_that_a_page_of_no_known_form_begins_a_template_in_the_studio(
    tmp_path: Path, qtbot: QtBot, qapp: object
) -> None:
    assert qapp
    out = io.BytesIO()
    Image.fromarray(slip()).save(out, "PNG", dpi=(DPI, DPI))
    with Store.open(f"sqlite:///{(tmp_path / 'formscan.db').as_posix()}", tmp_path / "images") as store:
        _held(store, "slip.png", "identify.no_form", out.getvalue(), DPI)
    window = make_window(ApplicationBackend(Settings(home=tmp_path)), "en", "light")
    try:
        window.show()
        window.start()
        _settle(window, qtbot)
        window.show_desk("night")
        desk = window.desk_views["night"]
        assert isinstance(desk, NightView)
        qtbot.waitUntil(lambda: desk.table.model().rowCount() == 1, timeout=20_000)
        _settle(window, qtbot)
        desk.table.setFocus()
        QTest.keyClick(desk.table, Qt.Key.Key_F10, Qt.KeyboardModifier.ShiftModifier)
        qtbot.waitUntil(lambda: "studio" in window.desk_views, timeout=20_000)
        studio = window.desk_views["studio"]
        assert isinstance(studio, StudioView)
        qtbot.waitUntil(lambda: studio.model.studio is not None, timeout=30_000)
        assert studio.model.studio is not None
        printed = " ".join(run.text for run in studio.model.studio.document.template().pages[0].texts)
        assert "Khoa chuyển" in printed
    finally:
        window.close()
        window.deleteLater()
