"""Signing in, the lock, the second key, arbitration, people and patients: by keyboard, on the real core."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from formscan.app import Application
from formscan.model.people import Person, Role
from formscan.model.reading import FieldState
from formscan.model.second_look import Assurance
from formscan.paths import forms_dir
from formscan.settings import Settings
from formscan.templates import TemplateLibrary
from ui.backing import ApplicationBackend
from ui.desks import all_desks
from ui.main_window import MainWindow
from ui.sample import ANSWERS, SampleBackend, written_page
from ui.start import make_window
from ui.viewmodels.draft_table import TONE_ROLE
from ui.viewmodels.ruling import marked
from ui.views.entrance_view import EntranceView
from ui.views.staff_view import StaffView
from ui.widgets.draft_delegate import DraftDelegate

DPI = 60.0
PASSWORD = "mot hai ba bon nam"
NAME = "NGUYEN THI HONG NHUNG"
CRITICAL = ("patient.name", "insurance.number")
STAFF = {
    "admin": Role.ADMINISTRATOR, "lan": Role.REVIEWING_CLERK, "hoa": Role.REVIEWING_CLERK,
    "sup": Role.SUPERVISOR,
}  # fmt: skip
Start = Callable[[], MainWindow]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home with a reviewed draft of one page, two of its fields critical; nobody has an account."""
    found = Settings(home=tmp_path, person="root", lock_minutes=0)
    form = TemplateLibrary.load(forms_dir()).get("01-BV1")
    backend = SampleBackend([form])
    answers = {**ANSWERS, "patient.name": NAME}
    page = {1: written_page(form, 1, answers, DPI)}
    draft = backend.add_pages(form, page, DPI, answers=answers, unread=frozenset())
    fields = tuple(replace(field, critical=field.field_id in CRITICAL) for field in draft.fields)
    with Application(found) as core:
        for data in backend.images.values():
            core.store.put_image(data, "image/png")
        core.store.add_draft(replace(draft, fields=fields))
        session = core.open_session(draft.id, Person("lan", "Lan", frozenset({Role.REVIEWING_CLERK})))
        for spec in session.fields:
            session.confirm(spec.id, "as on the paper")
    return found


@pytest.fixture
def staffed(settings: Settings) -> Settings:
    """The same with accounts."""
    with Application(settings) as core:
        for name, role in STAFF.items():
            core.store.accounts.add(Person(name, name.title(), frozenset({role})), PASSWORD, "admin")
    return settings


@pytest.fixture
def start(qtbot: QtBot, qapp: object) -> Iterator[Callable[[Settings], MainWindow]]:
    """Opens a window and waits until it has loaded; closed in the end."""
    assert qapp
    opened: list[MainWindow] = []

    def make(settings: Settings) -> MainWindow:
        window = make_window(ApplicationBackend(settings), "vi", "light")
        opened.append(window)
        window.show()
        window.start()
        _settle(window, qtbot)
        return window

    yield make
    for window in opened:
        window.close()
        window.deleteLater()


def _settle(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not window.database.busy and not window.pixels.busy, timeout=30_000)


def _type(text: str, key: Qt.Key | None = Qt.Key.Key_Return) -> None:
    """Type into whatever has the focus."""
    widget = QApplication.focusWidget()
    assert widget is not None
    QTest.keyClicks(widget, text)
    if key is not None:
        QTest.keyClick(widget, key)


def _press(window: MainWindow, key: Qt.Key, modifier: Qt.KeyboardModifier) -> None:
    QTest.keyClick(QApplication.focusWidget() or window, key, modifier)


CTRL, ALT, NONE = (
    Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.NoModifier,
)  # fmt: skip


def _enter(window: MainWindow, qtbot: QtBot, name: str) -> None:
    """Sign in at the entrance, by keyboard."""
    if window.place != "entrance":
        _press(window, Qt.Key.Key_L, CTRL)
        _settle(window, qtbot)
    assert window.place == "entrance"
    view = window.desk_views["entrance"]
    assert isinstance(view, EntranceView)
    view.name.setFocus()
    view.name.selectAll()
    _type(name)
    _type(PASSWORD)
    _settle(window, qtbot)


def _said(widget: QWidget) -> str:
    """Everything a screen reader or an eye gets from a view."""
    out = []
    for part in (widget, *widget.findChildren(QWidget)):
        out += [part.accessibleName(), part.accessibleDescription(), part.toolTip()]
        out += [part.text()] if isinstance(part, QLabel | QLineEdit) else []
        out += [part.placeholderText()] if isinstance(part, QLineEdit) else []
    return "\n".join(out)


def test_that_without_accounts_nobody_signs_in_and_the_window_says_so(
    settings: Settings, start: Callable[[Settings], MainWindow], qtbot: QtBot
) -> None:
    window = start(settings)
    assert window.place == "inbox"
    assert "Một người, không tài khoản" in _said(window.statusBar())
    _press(window, Qt.Key.Key_L, CTRL)  # nothing to lock
    _settle(window, qtbot)
    assert window.place == "inbox"
    window.show_desk("second_key")
    _settle(window, qtbot)
    assert "chỉ có một người làm" in _said(window.desk_views["second_key"])


def test_that_the_first_account_is_made_in_the_window_and_asks_for_its_password_at_once(
    settings: Settings, start: Callable[[Settings], MainWindow], qtbot: QtBot
) -> None:
    window = start(settings)
    _press(window, Qt.Key.Key_0, CTRL)
    _settle(window, qtbot)
    _type("quantri", Qt.Key.Key_Tab)
    _type("Quan Tri", Qt.Key.Key_Tab)
    _type("ngan", None)
    _press(window, Qt.Key.Key_Return, CTRL)
    _settle(window, qtbot)
    assert "ít nhất 12 ký tự" in _said(window.desk_views["staff"])
    _type(" nhung ma khong", None)
    _press(window, Qt.Key.Key_Return, CTRL)
    _settle(window, qtbot)
    assert window.place == "entrance"
    with Application(settings) as core:
        assert [a.person.id for a in core.store.accounts.all()] == ["quantri"]


def test_that_nothing_opens_before_somebody_signed_in_and_a_wrong_password_is_told(
    staffed: Settings, start: Callable[[Settings], MainWindow], qtbot: QtBot
) -> None:
    window = start(staffed)
    assert window.place == "entrance"
    assert window.inbox.table.rowCount() == 0
    for key in (Qt.Key.Key_2, Qt.Key.Key_3, Qt.Key.Key_8, Qt.Key.Key_0, Qt.Key.Key_W):
        _press(window, key, CTRL)
    assert window.place == "entrance"
    _type("lan")
    _type("wrong password")
    _settle(window, qtbot)
    assert "mật khẩu không đúng" in _said(window.desk_views["entrance"])
    _enter(window, qtbot, "lan")
    assert window.place == "inbox"
    assert window.inbox.table.rowCount() == 1
    assert not window._actions["desk.staff"].isVisible()


def test_that_a_lock_keeps_the_draft_open_and_another_person_gets_an_inbox_of_her_own(
    staffed: Settings, start: Callable[[Settings], MainWindow], qtbot: QtBot
) -> None:
    window = start(staffed)
    _enter(window, qtbot, "lan")
    window.open_draft(window.inbox.table.draft(0).id)  # type: ignore[union-attr]
    qtbot.waitUntil(lambda: window.place == "review", timeout=20_000)
    _press(window, Qt.Key.Key_L, CTRL)
    _settle(window, qtbot)
    assert window.place == "entrance"
    assert not window._actions["desk.second_key"].isVisible()
    _type(PASSWORD)  # her name stands there already
    _settle(window, qtbot)
    assert window.place == "review"
    _enter(window, qtbot, "sup")
    assert window.place == "inbox"
    assert not window.review.ready


def test_that_second_keys_are_blind_and_a_difference_goes_to_a_third_person(
    staffed: Settings, start: Callable[[Settings], MainWindow], qtbot: QtBot
) -> None:
    window = start(staffed)
    _enter(window, qtbot, "hoa")
    _press(window, Qt.Key.Key_2, CTRL)
    _settle(window, qtbot)
    view = window.desk_views["second_key"]
    seen = _said(view)
    assert NAME not in seen
    assert "HT3929201234567" not in seen
    _press(window, Qt.Key.Key_Return, NONE)  # an empty line is not a value
    _type("NGUYEN THI HONG NHAN")
    _settle(window, qtbot)
    assert NAME not in _said(view)
    _type("HT3929201234567")
    _settle(window, qtbot)
    assert "Không có mục trọng yếu nào" in _said(view)
    _enter(window, qtbot, "sup")
    _press(window, Qt.Key.Key_3, CTRL)
    _settle(window, qtbot)
    both = _said(window.desk_views["ruling"])
    assert NAME in both
    assert "NGUYEN THI HONG NHAN" in both
    _press(window, Qt.Key.Key_1, ALT)
    _settle(window, qtbot)
    assert "Không có hai lần nhập nào" in _said(window.desk_views["ruling"])
    with Application(staffed) as core:
        draft_id = core.store.drafts()[0].id
        standing = core.store.looks.standing(draft_id)
    assert standing == {"patient.name": Assurance.ARBITRATED, "insurance.number": Assurance.SECOND_KEY}


def test_that_a_third_value_asks_for_its_reason_and_goes_on_from_there(
    staffed: Settings, start: Callable[[Settings], MainWindow], qtbot: QtBot
) -> None:
    window = start(staffed)
    _enter(window, qtbot, "hoa")
    _press(window, Qt.Key.Key_2, CTRL)
    _settle(window, qtbot)
    _press(window, Qt.Key.Key_F2, NONE)
    _settle(window, qtbot)
    _enter(window, qtbot, "sup")
    _press(window, Qt.Key.Key_3, CTRL)
    _settle(window, qtbot)
    _type("NGUYEN THI HONG")
    assert "cần lý do" in _said(window.desk_views["ruling"])
    _type("the last word is struck out")
    _settle(window, qtbot)
    with Application(staffed) as core:
        draft_id = core.store.drafts()[0].id
        ruled = core.store.decisions(draft_id)[-1]
    assert (ruled.person, ruled.value.state, ruled.value.text, ruled.reason) == (
        "sup", FieldState.VALUE, "NGUYEN THI HONG", "the last word is struck out",
    )  # fmt: skip


def test_that_the_patient_of_an_entry_is_found_linked_and_taken_back_by_keyboard(
    settings: Settings, start: Callable[[Settings], MainWindow], qtbot: QtBot
) -> None:
    with Application(settings) as core:
        entry_id = core.open_session(core.store.drafts()[0].id).release().id
    window = start(settings)
    _press(window, Qt.Key.Key_4, CTRL)
    _settle(window, qtbot)
    _press(window, Qt.Key.Key_Return, NONE)
    _settle(window, qtbot)
    _press(window, Qt.Key.Key_F2, NONE)  # nobody is in the index yet: what the entry says becomes a patient
    _settle(window, qtbot)
    _press(window, Qt.Key.Key_F8, NONE)
    _type("another woman of that name")
    _settle(window, qtbot)
    with Application(settings) as core:
        said = core.store.patients.links(entry_id)
    assert [link.patient_id is None for link in said] == [False, True]
    assert [link.reason for link in said] == ["", "another woman of that name"]


@pytest.mark.parametrize(
    ("one", "other", "parts"),
    [
        ("J189", "J181", (("J18", False), ("9", True))),
        ("NHUNG", "NHƯNG", (("NH", False), ("U", True), ("NG", False))),
        ("same", "same", (("same", False),)),
        ("", "x", ()),
    ],
)
def test_that_differing_characters_are_marked(
    one: str, other: str, parts: tuple[tuple[str, bool], ...]
) -> None:
    assert marked(one, other) == parts


def test_that_every_control_of_the_desks_has_a_name_and_can_be_reached(
    staffed: Settings, start: Callable[[Settings], MainWindow], qtbot: QtBot
) -> None:
    window = start(staffed)
    for person, desks in (("hoa", ("second_key", "patients")), ("sup", ("ruling",)), ("admin", ("staff",))):
        _enter(window, qtbot, person)
        for desk in desks:
            window.show_desk(desk)
            _settle(window, qtbot)
            _check_controls(window.desk_views[desk])
    _check_controls(window.desk_views["entrance"])


def _check_controls(view: QWidget) -> None:
    for widget in view.findChildren(QWidget):
        takes_keys = widget.focusPolicy() != Qt.FocusPolicy.NoFocus and widget.isVisibleTo(view)
        if takes_keys and not widget.objectName().startswith("qt_"):
            above = widget.parentWidget()
            named = widget.accessibleName() or (above is not None and above.accessibleName())
            assert named, (type(view).__name__, type(widget).__name__, widget.objectName())


def test_that_no_two_desks_open_with_the_same_key() -> None:
    keys = Counter(key for desk in all_desks() for key in desk.keys)
    assert [key for key, times in keys.items() if times > 1] == []


def test_that_a_locked_account_stands_out_and_names_stand_under_their_headings(
    staffed: Settings, start: Callable[[Settings], MainWindow], qtbot: QtBot
) -> None:
    with Application(staffed) as core:
        core.store.accounts.set_active("lan", False, "admin")
    window = start(staffed)
    _enter(window, qtbot, "admin")
    window.show_desk("staff")
    _settle(window, qtbot)
    view = window.desk_views["staff"]
    assert isinstance(view, StaffView)
    assert view.table.horizontalHeader().defaultAlignment() & Qt.AlignmentFlag.AlignLeft
    tones = {}
    for row in range(view.table.rowCount()):
        name, way = view.table.item(row, 0), view.table.item(row, 2)
        assert name is not None
        assert way is not None
        assert Qt.AlignmentFlag(way.textAlignment()) & Qt.AlignmentFlag.AlignLeft
        tones[name.text()] = way.data(TONE_ROLE)
    assert tones.pop("lan") == "warn"
    assert set(tones.values()) == {""}
    window.set_theme("dark")
    painted = view.table.itemDelegate()
    assert isinstance(painted, DraftDelegate)
    assert painted.theme.name == "dark"
