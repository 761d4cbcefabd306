"""One-time codes in the window: set up, asked for, given up, and taken away by a supervisor, by keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyotp
import pytest
import zxingcpp
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from formscan.app import Application
from formscan.model.people import Person, Role
from formscan.settings import Settings
from ui.backing import ApplicationBackend
from ui.main_window import MainWindow
from ui.start import make_window
from ui.viewmodels.codes import Stage
from ui.views.codes_view import CodesView
from ui.views.entrance_view import EntranceView
from ui.views.staff_view import StaffView

PASSWORD = "mot hai ba bon nam"
STAFF = {"admin": Role.ADMINISTRATOR, "lan": Role.REVIEWING_CLERK, "sup": Role.SUPERVISOR}
NONE, CTRL = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier
CTRL_SHIFT = CTRL | Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def staffed(tmp_path: Path) -> Settings:
    """A house with three accounts and no work."""
    settings = Settings(home=tmp_path, person="root", lock_minutes=0)
    with Application(settings) as core:
        for name, role in STAFF.items():
            core.store.accounts.add(Person(name, name.title(), frozenset({role})), PASSWORD, "admin")
    return settings


@pytest.fixture
def window(staffed: Settings, qtbot: QtBot, qapp: object) -> Iterator[MainWindow]:
    """The window at its entrance."""
    assert qapp
    made = make_window(ApplicationBackend(staffed), "en", "dark")
    made.show()
    made.start()
    _settle(made, qtbot)
    assert made.place == "entrance"
    yield made
    made.close()
    made.deleteLater()


def _settle(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not window.database.busy and not window.pixels.busy, timeout=30_000)


def _press(window: MainWindow, key: Qt.Key, modifier: Qt.KeyboardModifier = NONE) -> None:
    QTest.keyClick(QApplication.focusWidget() or window, key, modifier)


def _type(window: MainWindow, qtbot: QtBot, text: str) -> None:
    """Type into what has the focus, and Enter."""
    focus = QApplication.focusWidget()
    assert focus is not None
    QTest.keyClicks(focus, text)
    QTest.keyClick(focus, Qt.Key.Key_Return)
    _settle(window, qtbot)


def _enter(window: MainWindow, qtbot: QtBot, name: str) -> EntranceView:
    """Name and password at the entrance."""
    if window.place != "entrance":
        _press(window, Qt.Key.Key_L, CTRL)
        _settle(window, qtbot)
    view = window.desk_views["entrance"]
    assert isinstance(view, EntranceView)
    view.name.setFocus()
    view.name.selectAll()
    _type(window, qtbot, name)
    _type(window, qtbot, PASSWORD)
    return view


def _codes(window: MainWindow, qtbot: QtBot) -> CodesView:
    _press(window, Qt.Key.Key_P, CTRL_SHIFT)
    _settle(window, qtbot)
    view = window.desk_views["codes"]
    assert isinstance(view, CodesView)
    return view


def _at(view: CodesView) -> str:
    return view.model.stage.value


def _code(secret: str, *, later_s: float = 0) -> str:
    return pyotp.TOTP(secret).at(datetime.now(UTC) + timedelta(seconds=later_s))


def _set_up(window: MainWindow, qtbot: QtBot) -> tuple[str, list[str]]:
    """Switch codes on for whoever is here; the secret and the recovery codes that were shown."""
    view = _codes(window, qtbot)
    assert _at(view) == "off"
    _press(window, Qt.Key.Key_F2)
    _settle(window, qtbot)
    secret = view.secret.text().replace(" ", "")
    _type(window, qtbot, _code(secret))
    assert _at(view) == "fresh"
    codes = [view.recovery.item(row).text() for row in range(view.recovery.count())]
    _press(window, Qt.Key.Key_F4)
    _settle(window, qtbot)
    return secret, codes


def test_that_the_picture_and_the_text_hold_the_same_secret_and_a_code_of_it_switches_on(
    window: MainWindow, qtbot: QtBot, staffed: Settings
) -> None:
    _enter(window, qtbot, "lan")
    view = _codes(window, qtbot)
    _press(window, Qt.Key.Key_F2)
    _settle(window, qtbot)
    image = view.picture.pixmap().toImage().convertToFormat(QImage.Format.Format_Grayscale8)
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    (read,) = zxingcpp.read_barcodes(pixels[:, : image.width()].copy())
    secret = view.secret.text().replace(" ", "")
    assert f"secret={secret}" in read.text
    _type(window, qtbot, "000000" if _code(secret) != "000000" else "111111")
    assert _at(view) == "shown"
    assert "not right" in view.banner.accessibleName() + view.banner.accessibleDescription()
    _type(window, qtbot, _code(secret))
    assert _at(view) == "fresh"
    assert view.recovery.count() == 8
    assert view.secret.text() == ""
    _press(window, Qt.Key.Key_F4)
    _settle(window, qtbot)
    assert _at(view) == "on"
    assert (view.model.made, view.recovery.count()) == (None, 0)
    with Application(staffed) as core:
        assert core.store.accounts.get("lan").second_factor


def test_that_the_secret_and_all_recovery_codes_are_seen_whole_and_stand_at_the_left(
    window: MainWindow, qtbot: QtBot
) -> None:
    _enter(window, qtbot, "lan")
    view = _codes(window, qtbot)
    begin = view.buttons["begin"]
    left = view.heading.mapTo(window, view.heading.rect().topLeft()).x()
    assert begin.mapTo(window, begin.rect().topLeft()).x() == left
    _press(window, Qt.Key.Key_F2)
    _settle(window, qtbot)

    def seen_whole() -> bool:
        needed = view.secret.fontMetrics().horizontalAdvance(view.secret.text())
        return view.secret.isVisible() and needed <= view.secret.contentsRect().width() - 2 * 8

    qtbot.waitUntil(seen_whole)
    _type(window, qtbot, _code(view.secret.text().replace(" ", "")))
    assert _at(view) == "fresh"
    last = view.recovery.item(view.recovery.count() - 1)
    qtbot.waitUntil(
        lambda: view.recovery.viewport().rect().contains(view.recovery.visualItemRect(last).center())
    )
    assert not view.recovery.verticalScrollBar().isVisible()
    assert view.recovery.mapTo(window, view.recovery.rect().topLeft()).x() == left


def test_that_the_code_is_asked_for_and_a_wrong_one_needs_no_second_password(
    window: MainWindow, qtbot: QtBot
) -> None:
    _enter(window, qtbot, "lan")
    secret, recovery = _set_up(window, qtbot)
    view = _enter(window, qtbot, "lan")
    assert view.code.isVisible()
    assert QApplication.focusWidget() is view.code
    _type(window, qtbot, "12 34")
    assert window.place == "entrance"
    assert QApplication.focusWidget() is view.code
    _type(window, qtbot, _code(secret, later_s=30))
    assert window.place == "inbox"
    _enter(window, qtbot, "lan")
    _type(window, qtbot, recovery[0])
    assert window.place == "inbox"
    assert _codes(window, qtbot).model.recovery_left == 7


def test_that_a_code_is_needed_to_switch_off_and_another_person_sees_no_codes(
    window: MainWindow, qtbot: QtBot, staffed: Settings
) -> None:
    _enter(window, qtbot, "lan")
    _, recovery = _set_up(window, qtbot)
    _enter(window, qtbot, "admin")
    view = _codes(window, qtbot)
    assert (view.model.stage, view.model.made, view.recovery.count()) == (Stage.OFF, None, 0)
    _enter(window, qtbot, "lan")
    _type(window, qtbot, recovery[1])
    view = _codes(window, qtbot)
    assert _at(view) == "on"
    _press(window, Qt.Key.Key_F8)
    _settle(window, qtbot)
    assert _at(view) == "on"
    _type(window, qtbot, recovery[1])
    assert _at(view) == "on"
    _type(window, qtbot, recovery[2])
    assert _at(view) == "off"
    with Application(staffed) as core:
        assert not core.store.accounts.get("lan").second_factor


def test_that_failures_make_her_wait_and_a_supervisor_resets_the_codes_with_a_line_in_the_trail(
    window: MainWindow, qtbot: QtBot, staffed: Settings
) -> None:
    _enter(window, qtbot, "lan")
    _set_up(window, qtbot)
    view = _enter(window, qtbot, "lan")
    for _ in range(4):
        _type(window, qtbot, "1")
    assert "Wait" in view.banner.accessibleName() + view.banner.accessibleDescription()
    _enter(window, qtbot, "sup")
    _press(window, Qt.Key.Key_0, CTRL)
    _settle(window, qtbot)
    staff = window.desk_views["staff"]
    assert isinstance(staff, StaffView)
    names = [account.person.id for account in staff.model.accounts]
    staff.table.setCurrentCell(names.index("lan"), 0)
    for part in (staff.login, staff.password, staff.buttons["keep"], staff.buttons["turn"]):
        assert not part.isEnabled()
    _press(window, Qt.Key.Key_F8)  # may not lock anybody
    _press(window, Qt.Key.Key_F9)
    _settle(window, qtbot)
    assert "stands in the trail" in staff.banner.accessibleName() + staff.banner.accessibleDescription()
    with Application(staffed) as core:
        account = core.store.accounts.get("lan")
        event = next(e for e in reversed(list(core.store.audit())) if e.action == "person.second_factor_off")
    assert (account.active, account.second_factor) == (True, False)
    assert (event.subject, event.person) == ("lan", "sup")
