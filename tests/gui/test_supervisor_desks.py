"""The supervisor's desks on the real core, by keyboard: nothing is said that the store does not hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from formscan.settings import Settings
from formscan.store import Store
from ui.backing import ApplicationBackend
from ui.main_window import MainWindow
from ui.sample_house import furnish, signed_in
from ui.start import make_window
from ui.views.corrections_view import CorrectionsView
from ui.views.figures_view import FiguresView
from ui.views.returned_view import ReturnedView
from ui.views.samples_view import SamplesView
from ui.views.trail_view import TrailView

PATIENCE_MS = 30_000
Sit = Callable[..., MainWindow]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A furnished home, copied for each test."""
    home = tmp_path_factory.mktemp("house")
    furnish(Settings(home=home), entries=4, drafts=1, dpi=60.0)
    return home


@pytest.fixture
def settings(house: Path, tmp_path: Path) -> Settings:
    """A copy of the house."""
    import shutil

    home = tmp_path / "home"
    shutil.copytree(house, home)
    return Settings(home=home)


@pytest.fixture
def sit(settings: Settings, qtbot: QtBot, qapp: object) -> Iterator[Sit]:
    """Opens the window for somebody and shows a desk."""
    assert qapp
    opened: list[MainWindow] = []

    def make(name: str, desk: str, language: str = "vi") -> MainWindow:
        backend = ApplicationBackend(settings, lambda s: signed_in(s, name))
        window = make_window(backend, language, "light")
        opened.append(window)
        window.resize(1366, 768)
        window.show()
        window.start()
        settle(window, qtbot)
        window.show_desk(desk)
        settle(window, qtbot)
        return window

    yield make
    for window in opened:
        window.close()
        window.deleteLater()


def settle(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not window.database.busy and not window.pixels.busy, timeout=PATIENCE_MS)


def press(window: MainWindow, key: Qt.Key, qtbot: QtBot) -> None:
    QTest.keyClick(window.focusWidget() or window, key)
    settle(window, qtbot)


def commit(widget: QWidget | None, text: str) -> None:
    assert widget is not None
    event = QInputMethodEvent()
    event.setCommitString(text)
    QApplication.sendEvent(widget, event)


def trail_of(settings: Settings) -> list[str]:
    with Store.open(settings.database_url, settings.images) as store:
        return [line.action for line in store.audit()]


def test_that_corrections_are_approved_and_returned_by_keyboard(
    sit: Sit, settings: Settings, qtbot: QtBot
) -> None:
    window = sit("minh", "corrections")
    view = window.desk_views["corrections"]
    assert isinstance(view, CorrectionsView)
    waiting = view.model.table.rowCount()
    assert waiting == 5
    assert view.current is not None
    assert view.read.accessibleName() != view.keyed.accessibleName()
    press(window, Qt.Key.Key_Return, qtbot)
    assert view.model.table.rowCount() == waiting - 1
    press(window, Qt.Key.Key_F3, qtbot)
    commit(window.focusWidget(), "xem lại năm sinh")
    press(window, Qt.Key.Key_Return, qtbot)
    assert view.model.table.rowCount() == waiting - 2
    assert trail_of(settings)[-2:] == ["correction.approved", "correction.returned"]
    press(window, Qt.Key.Key_F4, qtbot)
    assert view.model.table.rowCount() == waiting


def test_that_a_returned_correction_is_answered_with_a_new_version(
    sit: Sit, settings: Settings, qtbot: QtBot
) -> None:
    window = sit("minh", "corrections")
    view = window.desk_views["corrections"]
    assert isinstance(view, CorrectionsView)
    made = next(
        m
        for row in range(5)
        if (m := view.model.table.item(row)) and m.key.field_id == "patient.address.street"
    )
    view.model.give_back(made, "dấu ngã")
    settle(window, qtbot)
    window.close()
    clerk = sit(made.person, "returned")
    back = clerk.desk_views["returned"]
    assert isinstance(back, ReturnedView)
    assert back.model.table.rowCount() == 1
    assert "dấu ngã" in back.word.text()
    press(clerk, Qt.Key.Key_Return, qtbot)
    commit(clerk.focusWidget(), "Đường Nguyễn Trãi")
    press(clerk, Qt.Key.Key_Return, qtbot)
    commit(clerk.focusWidget(), "đọc nhầm dấu")
    press(clerk, Qt.Key.Key_Return, qtbot)
    assert back.model.table.rowCount() == 0
    with Store.open(settings.database_url, settings.images) as store:
        entry = store.get_entry(made.entry_id, person="minh")
    value = entry.value("patient.address.street")
    assert value is not None
    assert (entry.version, value.text, entry.released_by) == (2, "Đường Nguyễn Trãi", made.person)


def test_that_a_lot_is_chosen_by_how_values_came_about_and_what_comes_first_is_said(
    sit: Sit, qtbot: QtBot
) -> None:
    window = sit("minh", "samples")
    view = window.desk_views["samples"]
    assert isinstance(view, SamplesView)
    assert "·" not in view.counts.text()
    assert view.form.made.accessibleName() == "Cách có giá trị"
    assert view.form.order().made == ""
    view.form.bound.setValue(30.0)
    view.form.made.setCurrentText("Các mục còn lại")
    press(window, Qt.Key.Key_F9, qtbot)
    state = view.model.state
    assert state is not None
    assert state.sample.order.made == "other"
    assert str(view.model.table.index(0, 2).data()).startswith("Còn lại · ≤ 30,00 %")
    view.model.taken = 1200
    view.retranslate()
    assert view.counts.text().endswith("1.200 mục lấy từ bản đọc không chắc đang chờ: nên rút mẫu trước")


def test_that_a_sample_is_drawn_keyed_blind_repaired_and_reported(
    sit: Sit, settings: Settings, qtbot: QtBot
) -> None:
    window = sit("minh", "samples")
    view = window.desk_views["samples"]
    assert isinstance(view, SamplesView)
    view.form.bound.setValue(30.0)
    view.form.seed.setValue(5)
    press(window, Qt.Key.Key_F9, qtbot)
    state = view.model.state
    assert state is not None
    size = state.sample.size
    assert 5 <= size <= 12
    assert "•••" in view.released.text()
    press(window, Qt.Key.Key_F7, qtbot)
    field = view.model.field
    assert field is not None
    press(window, Qt.Key.Key_F2, qtbot)  # blank: not what was released, so a reason is asked for
    if field.value.text:
        assert view.reason.isVisible()
        commit(window.focusWidget(), "giấy để trống")
        press(window, Qt.Key.Key_Return, qtbot)
    for _ in range(size):
        press(window, Qt.Key.Key_F7, qtbot)
    assert view.model.state is not None
    verdict = view.model.state.verdict
    assert verdict is not None
    assert verdict.inspected == size
    assert verdict.findings == view.model.state.findings
    assert view.report.text()
    actions = trail_of(settings)
    assert actions.count("sample.judged") == size
    assert actions[-1] == "sample.closed"
    assert actions.count("entry.corrected") == sum(
        judgement.version is not None for judgement in view.model.state.judgements
    )


def test_that_every_figure_opens_the_fields_behind_it(sit: Sit, qtbot: QtBot) -> None:
    window = sit("minh", "figures")
    view = window.desk_views["figures"]
    assert isinstance(view, FiguresView)
    settle(window, qtbot)
    worst = view.model.table.item(0)
    assert worst is not None
    assert worst.agreement.share < 1
    assert len(view.model.trend) == 2
    press(window, Qt.Key.Key_Return, qtbot)
    assert view.pile.currentIndex() == 1, view.banner.accessibleDescription()
    assert view.model.behind.rowCount() == worst.agreement.n - worst.agreement.equal
    assert view.look.crop._box is not None
    press(window, Qt.Key.Key_F4, qtbot)
    press(window, Qt.Key.Key_F6, qtbot)
    assert [view.model.table.item(row).key for row in range(view.model.table.rowCount())] == ["01-BV1"]  # type: ignore[union-attr]
    view.rate.setValue(2.0)
    press(window, Qt.Key.Key_F9, qtbot)
    assert view.model.policy.rate == 0.02


def test_that_the_trail_is_filtered_checked_and_given_out(
    sit: Sit, settings: Settings, qtbot: QtBot, tmp_path: Path
) -> None:
    window = sit("minh", "trail")
    view = window.desk_views["trail"]
    assert isinstance(view, TrailView)
    lines = trail_of(settings)
    assert view.model.table.rowCount() == len(lines)
    assert view.model.table.complete
    press(window, Qt.Key.Key_F6, qtbot)
    assert view.model.verdict is not None
    assert view.model.verdict.intact
    view.action.setCurrentIndex(view.action.findData("entry"))
    settle(window, qtbot)
    assert view.model.table.rowCount() == sum(action.startswith("entry.") for action in lines)
    view.person.setCurrentText("lan")
    view._filter()
    settle(window, qtbot)
    assert view.model.table.rowCount() == 2
    first = view.model.table.line(0)
    assert first is not None
    assert (first.person, first.action) == ("lan", "entry.released")
    for ending in ("csv", "pdf"):
        view.write(tmp_path / f"trail.{ending}")
        settle(window, qtbot)
    table = (tmp_path / "trail.csv").read_text(encoding="utf-8-sig").splitlines()
    assert len(table) == 3
    assert table[0].startswith("seq,at,person")
    assert (tmp_path / "trail.pdf").read_bytes().startswith(b"%PDF")
    assert trail_of(settings)[-1] == "trail.given_out"


def test_that_a_clerk_is_not_offered_the_supervisors_desks(sit: Sit) -> None:
    window = sit("lan", "returned")
    for desk in ("corrections", "samples", "figures", "trail"):
        assert not window._actions[f"desk.{desk}"].isVisible()
        window.show_desk(desk)
        assert desk not in window.desk_views


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("desk", ["corrections", "samples", "figures", "trail", "returned"])
def test_that_every_widget_of_a_desk_has_an_accessible_name(sit: Sit, desk: str, language: str) -> None:
    window = sit("minh", desk, language)
    view = window.desk_views[desk]
    kinds = {
        "QLabel", "QLineEdit", "QPushButton", "QTableView", "QComboBox", "QSpinBox", "QDoubleSpinBox",
        "CropView", "QProgressBar", "Banner", "DifferenceLabel", "Trend",
    }  # fmt: skip
    seen = [w for w in view.findChildren(QWidget) if w.isVisible() and type(w).__name__ in kinds]
    inner = [w for w in seen if w.objectName().startswith("qt_")]
    nameless = [(type(w).__name__, w.objectName()) for w in seen if not w.accessibleName() and w not in inner]
    assert len(seen) > 5
    assert nameless == []
