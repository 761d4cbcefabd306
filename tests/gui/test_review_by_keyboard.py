"""A whole form is reviewed without a mouse."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QInputMethodEvent, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot

from formscan.model.read_words import ReadWords
from formscan.model.reading import FieldState
from formscan.model.review import Action
from formscan.model.visits import Touch
from tests.gui.conftest import Journal
from ui.main_window import MainWindow
from ui.sample import SampleBackend
from ui.viewmodels.answers import Choice


def commit(text: str) -> None:
    event = QInputMethodEvent()
    event.setCommitString(text)
    focus = QApplication.focusWidget()
    assert focus is not None
    QApplication.sendEvent(focus, event)


class Clerk:
    """Only presses keys, always where the focus is."""

    def __init__(self, window: MainWindow, qtbot: QtBot) -> None:
        self.window, self._qtbot = window, qtbot

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(self.focus, key, modifier)

    def enter(self) -> None:
        self.press(Qt.Key.Key_Return)

    def settle(self) -> None:
        window = self.window
        self._qtbot.waitUntil(lambda: not window.database.busy and not window.pixels.busy)

    @property
    def focus(self) -> QWidget:
        focus = self.window.focusWidget()
        assert focus is not None
        return focus

    def asked(self) -> bool:
        return self.window.review.asked

    def looking(self) -> bool:
        """The page has all the room, the editor is away."""
        return not self.window.review_view.panel.isVisible()

    @property
    def at(self) -> str:
        return self.window.review.current


@pytest.fixture
def clerk(review: MainWindow, qtbot: QtBot) -> Clerk:
    qtbot.waitUntil(lambda: QApplication.focusWidget() is not None)
    return Clerk(review, qtbot)


def _decide_first_page(clerk: Clerk) -> None:
    assert clerk.at == "name"
    clerk.enter()
    assert clerk.at == "sex"
    clerk.press(Qt.Key.Key_2)
    clerk.enter()
    assert clerk.at == "born"
    for _ in ("born", "code", "nothing", "pulse"):
        clerk.enter()
    assert clerk.at == "unread"
    commit("Đau ngực")
    clerk.enter()


def _decide_second_page(clerk: Clerk) -> None:
    assert clerk.at == "ticked"
    clerk.enter()
    assert isinstance(clerk.focus, QPlainTextEdit)
    clerk.press(Qt.Key.Key_End, Qt.KeyboardModifier.ControlModifier)
    clerk.press(Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    commit("sốt về chiều")
    clerk.enter()
    assert clerk.at == "late"
    clerk.enter()
    assert clerk.at == "late"
    commit("trên giấy ghi như vậy")
    clerk.enter()
    assert clerk.at == "habits"
    clerk.press(Qt.Key.Key_3)
    clerk.enter()
    clerk.press(Qt.Key.Key_F3)
    clerk.press(Qt.Key.Key_F6)


def test_that_a_whole_form_is_reviewed_and_released_by_keyboard(
    clerk: Clerk, backend: SampleBackend, qtbot: QtBot
) -> None:
    _decide_first_page(clerk)
    _decide_second_page(clerk)
    clerk.settle()
    assert not clerk.window.review.mirror.blockers()
    with qtbot.waitSignal(clerk.window.review.released):
        clerk.press(Qt.Key.Key_F12)  # offered when the last field was decided; this confirms it
    entry = next(iter(backend.journal.entries.values()))
    assert entry.value("sex") is not None
    values = {field.field_id: field.value for field in entry.fields}
    assert values["sex"].text == "female"
    assert values["born"].text == "05/1961"
    assert values["nothing"].state is FieldState.BLANK
    assert values["unread"].text == "Đau ngực"
    assert values["history"].text == "Ho ba ngày\nsốt về chiều"
    assert values["habits"].text == "tea;rice;fish"
    assert values["empty"].state is FieldState.ILLEGIBLE
    assert values["signed"].state is FieldState.NOT_APPLICABLE
    last = {decision.field_id: decision for field in entry.fields for decision in field.history}
    assert last["late"].reason == "trên giấy ghi như vậy"
    assert last["name"].action is Action.CONFIRMED
    assert last["sex"].action is Action.CORRECTED
    assert clerk.window.pile.currentWidget() is clerk.window.inbox_view


def test_that_undo_and_redo_work_while_a_line_edit_has_the_focus(clerk: Clerk) -> None:
    clerk.enter()
    clerk.enter()
    clerk.settle()
    assert clerk.at == "born"
    assert isinstance(clerk.focus, QLineEdit)
    clerk.press(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    clerk.settle()
    assert clerk.at == "sex"
    clerk.press(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    clerk.settle()
    assert clerk.at == "name"
    assert isinstance(clerk.focus, QLineEdit)
    assert clerk.window.review.slot.open
    clerk.press(Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
    clerk.settle()
    assert not clerk.window.review.mirror["name"].open
    assert clerk.at == "name"


def test_that_undo_first_takes_back_what_was_typed(clerk: Clerk) -> None:
    clerk.enter()
    clerk.enter()
    clerk.settle()
    clerk.press(Qt.Key.Key_End)
    clerk.press(Qt.Key.Key_7)
    editor = clerk.focus
    assert isinstance(editor, QLineEdit)
    assert editor.text() == "05/19617"
    clerk.press(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    clerk.settle()
    assert editor.text() == "05/1961"
    assert clerk.at == "born"
    assert not clerk.window.review.mirror["sex"].open


@pytest.mark.parametrize(
    ("key", "state"),
    [
        (Qt.Key.Key_F2, FieldState.BLANK),
        (Qt.Key.Key_F3, FieldState.ILLEGIBLE),
        (Qt.Key.Key_F4, FieldState.STRUCK_OUT),
        (Qt.Key.Key_F5, FieldState.COVERED),
        (Qt.Key.Key_F6, FieldState.NOT_APPLICABLE),
    ],
)
def test_that_a_function_key_gives_a_state_and_goes_on(clerk: Clerk, key: Qt.Key, state: FieldState) -> None:
    clerk.press(key)
    assert clerk.at == "sex"
    clerk.settle()
    slot = clerk.window.review.mirror["name"]
    assert (slot.value.state, slot.action) == (state, Action.STATED)


def test_that_an_unread_field_is_not_confirmed_empty(clerk: Clerk) -> None:
    clerk.window.review.go_to("unread")
    clerk.enter()
    assert clerk.at == "unread"
    assert clerk.window.review_view.banner.isVisible()
    assert clerk.window.review.slot.open


def test_that_deleting_a_value_is_not_taken_for_blank(clerk: Clerk) -> None:
    clerk.press(Qt.Key.Key_Backspace)
    clerk.enter()
    assert clerk.at == "name"
    assert clerk.window.review.slot.open


def test_that_the_keys_walk_and_turn_pages_without_deciding(clerk: Clerk) -> None:
    clerk.press(Qt.Key.Key_Down)
    assert clerk.at == "sex"
    clerk.press(Qt.Key.Key_Down)
    clerk.press(Qt.Key.Key_Up)
    assert clerk.at == "sex"
    clerk.press(Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert clerk.at == "name"
    clerk.press(Qt.Key.Key_PageDown)
    assert clerk.at == "ticked"
    clerk.press(Qt.Key.Key_PageUp)
    assert clerk.at == "name"
    assert len(clerk.window.review.mirror.open_fields()) == 13


def test_that_typing_waits_in_a_field_that_was_left(clerk: Clerk) -> None:
    commit("TRẦN VĂN ĐẠT")
    clerk.press(Qt.Key.Key_Down)
    clerk.press(Qt.Key.Key_Up)
    assert clerk.window.review_view.panel.editor.text() == "TRẦN VĂN ĐẠT"
    assert clerk.window.review.slot.open


def test_that_a_second_enter_on_a_decided_field_writes_nothing(clerk: Clerk, backend: SampleBackend) -> None:
    clerk.enter()
    clerk.press(Qt.Key.Key_Up)
    clerk.enter()
    clerk.settle()
    assert clerk.at == "sex"
    draft = backend.drafts()[0].id
    assert [decision.field_id for decision in backend.journal.decisions(draft)] == ["name"]


def test_that_a_key_puts_another_reading_into_the_editor(
    clerk: Clerk, monkeypatch: pytest.MonkeyPatch
) -> None:
    from formscan.model.reading import Alternative

    monkeypatch.setattr("ui.viewmodels.typed.alternatives", lambda _slot: (Alternative("TRẦN VĂN ĐỰC", 0.4),))
    clerk.press(Qt.Key.Key_1, Qt.KeyboardModifier.AltModifier)
    assert clerk.window.review_view.panel.editor.text() == "TRẦN VĂN ĐỰC"
    clerk.enter()  # the readings differ on a word: it is looked at first
    assert clerk.window.review_view.panel.editor.chosen() == (9, 12)
    clerk.enter()
    clerk.settle()
    assert clerk.window.review.mirror["name"].value.text == "TRẦN VĂN ĐỰC"


def test_that_blanks_are_confirmed_only_after_every_page_of_them_was_shown(clerk: Clerk) -> None:
    review = clerk.window.review
    clerk.press(Qt.Key.Key_F9)
    assert clerk.looking()
    assert len(review.mirror.open_fields()) == 13
    clerk.press(Qt.Key.Key_F9)
    assert len(review.mirror.open_fields()) == 13
    clerk.press(Qt.Key.Key_F9)
    clerk.settle()
    assert review.mirror["nothing"].action is Action.CONFIRMED
    assert review.mirror["empty"].value.state is FieldState.BLANK
    assert len(review.mirror.open_fields()) == 10
    assert not clerk.looking()
    clerk.press(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    clerk.settle()
    assert len(review.mirror.open_fields()) == 13


def test_that_nothing_is_decided_on_a_field_that_is_hidden_by_the_blanks(clerk: Clerk) -> None:
    clerk.press(Qt.Key.Key_F9)
    assert clerk.looking()
    for key in (Qt.Key.Key_F2, Qt.Key.Key_F3, Qt.Key.Key_F12, Qt.Key.Key_Down):
        clerk.press(key)
    clerk.settle()
    assert len(clerk.window.review.mirror.open_fields()) == 13


def test_that_escape_leaves_the_blanks_alone(clerk: Clerk) -> None:
    clerk.press(Qt.Key.Key_F9)
    clerk.press(Qt.Key.Key_Escape)
    assert not clerk.looking()
    assert not clerk.window.review_view.banner.isVisible()
    clerk.enter()
    clerk.settle()
    assert len(clerk.window.review.mirror.open_fields()) == 12


def test_that_the_release_names_what_is_in_the_way_and_goes_there(clerk: Clerk) -> None:
    clerk.press(Qt.Key.Key_F12)
    lines = clerk.window.review_view.banner.list
    assert lines.isVisible()
    assert lines.count() == 13
    clerk.press(Qt.Key.Key_Down)
    clerk.press(Qt.Key.Key_Down)
    clerk.enter()
    assert clerk.at == "born"
    assert clerk.focus is clerk.window.review_view.panel.editor.line


def test_that_enter_offers_the_release_but_never_releases(clerk: Clerk, backend: SampleBackend) -> None:
    for slot in list(clerk.window.review.mirror.slots()):
        clerk.window.review.go_to(slot.spec.id)
        clerk.press(Qt.Key.Key_F2)
    clerk.settle()
    for _ in range(5):
        clerk.enter()
        clerk.settle()
    assert not backend.journal.entries
    clerk.press(Qt.Key.Key_F12)
    clerk.settle()
    assert len(backend.journal.entries) == 1


def test_that_a_key_held_down_decides_only_once(clerk: Clerk) -> None:
    none = Qt.KeyboardModifier.NoModifier
    for repeated in (False, True, True, True):
        for kind in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress):
            QApplication.sendEvent(clerk.focus, QKeyEvent(kind, Qt.Key.Key_Return, none, "\r", repeated))
    clerk.settle()
    assert clerk.at == "sex"
    assert len(clerk.window.review.mirror.open_fields()) == 12


def test_that_a_hard_rule_is_seen_while_typing_and_asks_for_a_reason(clerk: Clerk) -> None:
    clerk.window.review.go_to("born")
    commit("31/02/1961")
    clerk.settle()
    assert "■" in clerk.window.review_view.panel.doubts.text()
    clerk.enter()
    assert clerk.asked()
    clerk.press(Qt.Key.Key_Escape)
    assert not clerk.asked()
    assert clerk.at == "born"
    assert clerk.window.review_view.panel.editor.text() == "31/02/1961"
    assert clerk.window.review.slot.open


def test_that_a_hard_rule_found_only_when_writing_brings_the_clerk_back(clerk: Clerk) -> None:
    clerk.window.review.go_to("born")
    commit("31/02/1961")
    clerk.enter()  # before the rules have answered
    clerk.settle()
    assert clerk.at == "born"
    assert clerk.asked()
    commit("giấy ghi vậy")
    clerk.enter()
    clerk.settle()
    assert clerk.window.review.mirror["born"].reason == "giấy ghi vậy"
    assert clerk.at == "code"


def test_that_one_key_stops_at_the_words_in_doubt_and_typing_replaces_them(clerk: Clerk) -> None:
    assert clerk.at == "name"
    editor = clerk.focus
    assert isinstance(editor, QLineEdit)
    editor.setText("Nguyễn Vặn Ạnq")
    clerk.press(Qt.Key.Key_F10)
    first = editor.selectedText()
    commit("Văn")
    clerk.press(Qt.Key.Key_F10)
    assert (first, editor.selectedText()) == ("Vặn", "Ạnq")
    commit("Anh")
    assert editor.text() == "Nguyễn Văn Anh"
    clerk.press(Qt.Key.Key_F10)  # no word is in doubt now: every one in turn
    assert editor.selectedText() in {"Nguyễn", "Văn", "Anh"}


def test_that_enter_goes_to_a_word_in_doubt_first_and_counts_when_each_was_touched(clerk: Clerk) -> None:
    """A reading is taken over; one word in doubt is confirmed with a key, the other typed anew."""
    clerk.window.review.go_to("history")
    _offer(clerk, "Ho xbaq ngày zsốtq")
    clerk.enter()
    panel = clerk.window.review_view.panel
    assert (clerk.at, panel.editor.chosen()) == ("history", (3, 7))
    said = panel.doubts.accessibleName()
    assert "xbaq" in said
    assert "2" in said
    clerk.enter()  # the paper says so
    assert (clerk.at, panel.editor.chosen()) == ("history", (13, 18))
    commit("sốt")
    assert "zsốtq" not in panel.doubts.accessibleName()
    clerk.enter()
    clerk.settle()
    assert clerk.window.review.mirror["history"].value.text == "Ho xbaq ngày sốt"
    assert clerk.at != "history"


def test_that_a_reading_no_reader_stood_behind_is_walked_through_whole_and_says_so(
    clerk: Clerk, backend: SampleBackend
) -> None:
    clerk.window.review.go_to("unread")
    _offer(clerk, "Ho ba ngày trái phải")
    for place in ((0, 10), (11, 20)):
        clerk.enter()
        assert clerk.window.review_view.panel.editor.chosen() == place
    clerk.enter()
    clerk.settle()
    kept = backend.journal.decisions(backend.drafts()[0].id)[-1]
    assert kept.value.text == "Ho ba ngày trái phải"
    assert [(one.first, one.end, one.how) for one in kept.touched] == [
        (0, 3, Touch.VISITED),
        (3, 5, Touch.VISITED),
    ]
    assert kept.touched[0].at < kept.touched[1].at <= kept.at


def test_that_a_word_read_unsurely_is_left_out_and_has_to_be_typed(
    clerk: Clerk, backend: SampleBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Enter stays at the gap until something is typed there; what a person types counts as typed."""
    read = ReadWords(("Ho", "khan", "ba", "ngày"), (0.99, 0.6, 0.99, 0.99))
    monkeypatch.setattr("ui.viewmodels.typed.words_read", lambda _slot: read)
    clerk.window.review.go_to("unread")
    panel = clerk.window.review_view.panel
    _offer(clerk, read.masked("Ho khan ba ngày"))
    assert panel.editor.text() == "Ho … ba ngày"
    for place in ((0, 2), (3, 4), (3, 4)):
        clerk.enter()
        assert panel.editor.chosen() == place
    assert "Gõ từ này" in panel.doubts.accessibleName()
    commit("khan")
    clerk.enter()
    assert panel.editor.chosen() == (3, 7)  # nothing else here has read it: once more
    clerk.enter()
    assert panel.editor.chosen() == (8, 15)
    clerk.enter()
    clerk.settle()
    kept = backend.journal.decisions(backend.drafts()[0].id)[-1]
    assert kept.value.text == "Ho khan ba ngày"


def test_that_what_was_visited_is_remembered_where_the_journal_refused(
    clerk: Clerk, backend: SampleBackend, journal: Journal, qtbot: QtBot
) -> None:
    clerk.window.review.go_to("unread")
    _offer(clerk, "Ho ba ngày trái phải")
    journal.refuse.add("unread")
    for _ in range(3):
        clerk.enter()
    qtbot.waitUntil(lambda: clerk.window.review.mirror["unread"].trouble != "" and clerk.at == "unread")
    journal.refuse.clear()
    clerk.enter()
    draft_id = backend.drafts()[0].id
    qtbot.waitUntil(lambda: bool(backend.journal.decisions(draft_id)))
    clerk.settle()
    kept = backend.journal.decisions(draft_id)[-1]
    assert [one.how for one in kept.touched] == [Touch.VISITED, Touch.VISITED]


def _offer(clerk: Clerk, text: str) -> None:
    model = clerk.window.review
    model._typed.take(model.slot, Choice(text, text, 0.4))
    model.text_offered.emit(text)
    clerk.settle()


def test_that_a_reading_taken_over_and_left_is_visited_again(clerk: Clerk) -> None:
    clerk.window.review.go_to("history")
    model = clerk.window.review
    _offer(clerk, "Ho xbaq ngày")
    clerk.press(Qt.Key.Key_Down, Qt.KeyboardModifier.ControlModifier)
    model.go_to("history")
    clerk.enter()
    assert clerk.window.review_view.panel.editor.chosen() == (3, 7)
    assert model.slot.open


def test_that_words_typed_by_hand_are_asked_for_only_where_no_list_has_them(clerk: Clerk) -> None:
    clerk.window.review.go_to("unread")
    commit("viêm phổi zkhoq")
    clerk.enter()
    assert clerk.window.review.mirror["unread"].value.text == ""
    assert clerk.window.review.current == "unread"
    clerk.enter()  # it stands chosen: so it is written
    clerk.settle()
    assert clerk.window.review.mirror["unread"].value.text == "viêm phổi zkhoq"
