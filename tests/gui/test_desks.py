"""Desks: views that fill the window, offered by role, built when first shown."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from formscan.model.people import Role
from ui.actions import Operation, Place
from ui.desk import Desk, DeskParts
from ui.desks import all_desks
from ui.main_window import MainWindow
from ui.messages import Told
from ui.sample import SampleBackend
from ui.theme import Theme
from ui.views.desk_view import DeskView

Open = Callable[..., MainWindow]


class Board(DeskView):
    """A desk that notes what is asked of it."""

    def __init__(self) -> None:
        super().__init__()
        self.done: list[str] = []
        self.why: Told | None = None
        self.retranslate()

    def set_theme(self, theme: Theme) -> None:
        self.done.append(f"theme {theme.name}")

    def retranslate(self) -> None:
        self.done.append("spoken")

    def focus(self) -> None:
        super().focus()
        self.done.append("shown")

    def perform(self, operation: str) -> None:
        self.done.append(operation)

    def unsaved(self) -> Told | None:
        return self.why

    def end(self) -> None:
        self.done.append("ended")


def _desk(name: str, **more: object) -> Desk:
    made: dict[str, object] = {"keys": ("Ctrl+Alt+B",), "make": lambda _parts: Board(), **more}
    return Desk(name, name, **made)  # type: ignore[arg-type]


@pytest.fixture
def desks(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Desk]]:
    kept = [
        _desk(
            "board",
            operations=(Operation("wipe", "Wipe", ("F2",), "board"),),
            make=_keep,
        ),
        _desk("office", keys=("Ctrl+Alt+O",), roles=frozenset({Role.SUPERVISOR})),
        _desk("door", keys=("Ctrl+Alt+D",), locked=True),
    ]
    monkeypatch.setattr("ui.main_window.all_desks", lambda: tuple(kept))
    yield kept
    PARTS.clear()


PARTS: list[DeskParts] = []


def _keep(parts: DeskParts) -> Board:
    PARTS.append(parts)
    return Board()


def _board(window: MainWindow, name: str = "board") -> Board:
    view = window.desk_views[name]
    assert isinstance(view, Board)
    return view


def test_that_a_desk_is_built_when_it_is_first_shown_and_kept(
    desks: list[Desk], window: MainWindow, qtbot: QtBot
) -> None:
    assert window.desk_views == {}
    QTest.keyClick(
        window, Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
    )
    board = _board(window)
    assert window.pile.currentWidget() is board
    assert board.done == ["spoken", "shown"]
    QTest.keyClick(window, Qt.Key.Key_F2)
    assert board.done[-1] == "wipe"
    QTest.keyClick(window, Qt.Key.Key_W, Qt.KeyboardModifier.ControlModifier)
    assert window.pile.currentWidget() is window.inbox_view
    window.show_desk("board")
    assert _board(window) is board
    assert len(PARTS) == 1
    qtbot.waitUntil(lambda: not window.database.busy)


def test_that_a_draft_stays_open_behind_a_desk(
    desks: list[Desk], review: MainWindow, backend: SampleBackend
) -> None:
    review.show_desk("board")
    review.perform("accept")  # an operation of the review means nothing here
    assert backend.journal.decisions(backend.drafts()[0].id) == []
    review.perform("leave_desk")
    assert review.pile.currentWidget() is review.review_view
    assert review.review.current == "name"


def test_that_the_keys_of_a_desk_are_listed_and_lead_back_to_it(
    desks: list[Desk], window: MainWindow
) -> None:
    window.show_desk("board")
    window.perform("keys")
    assert "Wipe: F2" in window.keys_view._columns[0].accessibleName()
    QTest.keyClick(window.keys_view, Qt.Key.Key_Escape)
    assert window.pile.currentWidget() is _board(window)


def test_that_a_desk_of_another_role_is_neither_offered_nor_opened(
    desks: list[Desk], window: MainWindow
) -> None:
    assert not window._actions["desk.office"].isVisible()
    window.show_desk("office")
    assert "office" not in window.desk_views
    assert window.pile.currentWidget() is window.inbox_view


def test_that_nothing_else_is_offered_at_a_locked_desk(desks: list[Desk], window: MainWindow) -> None:
    window.show_desk("door")
    offered = {name for name, action in window._actions.items() if action.isEnabled() and "." in name}
    assert {
        name for name in offered if not name.startswith(("Language", "Theme", "Typing.", "Tone marks."))
    } == {f"{Place.ANYWHERE}.quit"}


def test_that_theme_language_and_the_end_reach_a_desk(
    desks: list[Desk], window: MainWindow, qtbot: QtBot
) -> None:
    window.show_desk("board")
    board = _board(window)
    window.set_theme("dark")
    window._speech.speak("en")
    qtbot.waitUntil(lambda: board.done[-1] == "spoken")
    assert "theme dark" in board.done
    board.why = Told("Not yet.")
    assert not window.close()
    board.why = None
    assert window.close()
    assert board.done[-1] == "ended"


def test_that_no_desk_is_imported_before_it_is_opened() -> None:
    code = (
        "import sys, ui.main_window as w; from ui.desks import all_desks; all_desks();"
        "print([m for m in sys.modules if m.startswith('ui.views.')])"
    )
    told = subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.PIPE, encoding="utf-8")
    known = {
        "desk_view",
        "inbox_view",
        "keys_view",
        "question_talk",
        "review_talk",
        "review_view",
        "work_panel",
    }
    assert {
        name.split(".")[2].rstrip("'],\n") for name in told.stdout.split("'") if "ui.views." in name
    } <= known


def test_that_the_desks_that_ship_have_keys_of_their_own() -> None:
    keys = [key for desk in all_desks() for key in desk.keys]
    assert len(keys) == len(set(keys))
    for desk in all_desks():
        assert all(operation.place == desk.id for operation in desk.operations), desk.id
