"""The desk of look-alikes, worked by keyboard, with the real session behind it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from formscan.model.reading import FieldState
from formscan.model.review import Action, Method
from formscan.model.template import FormTemplate
from formscan.review.groups import Tile
from ui.main_window import MainWindow
from ui.sample import SampleBackend, sample_draft
from ui.views.groups_view import GroupsView

Open = Callable[..., MainWindow]


@pytest.fixture
def many(backend: SampleBackend, form: FormTemplate) -> SampleBackend:
    """Eight drafts more, on the picture of the first."""
    first = backend.get_draft(backend.drafts()[0].id)
    images = {page.number: (page.image_sha256, page.width, page.height) for page in first.pages}
    for n in range(8):
        answers = {"ticked": "true", "sex": "male", "pulse": str(70 + n)}
        draft = sample_draft(form, images, backend.check, answers=answers, name=f"{n}.pdf", dpi=60.0)
        backend._drafts[draft.id] = draft
        backend.journal.add(draft)
    return backend


@pytest.fixture
def desk(open_window: Open, many: SampleBackend, qtbot: QtBot) -> GroupsView:
    window = open_window(core=many)
    qtbot.waitUntil(lambda: window.isActiveWindow() and window._actions["desk.groups"].isEnabled())
    QTest.keyClick(window, Qt.Key.Key_G, Qt.KeyboardModifier.ControlModifier)
    view = window.desk_views["groups"]
    assert isinstance(view, GroupsView)
    qtbot.waitUntil(lambda: not view._model.loading and bool(view._model.screen) and view._ready())
    return view


def _settle(desk: GroupsView, qtbot: QtBot) -> None:
    database, pixels = desk._parts.database, desk._parts.pixels
    qtbot.waitUntil(lambda: not database.busy and not pixels.busy and not desk._model.pending)


def _key(desk: QWidget, key: Qt.Key) -> None:
    QTest.keyClick(desk, key)


def _turn_to(desk: GroupsView, field_id: str, qtbot: QtBot) -> tuple[Tile, ...]:
    for _ in desk._model.groups:
        if desk._model.screen[0].spec.id == field_id:
            break
        _key(desk.grid, Qt.Key.Key_PageDown)
    qtbot.waitUntil(desk._ready)
    assert desk._model.screen[0].spec.id == field_id
    return desk._model.screen


def test_that_one_key_confirms_the_screen_and_another_opens_it_again(
    desk: GroupsView, many: SampleBackend, qtbot: QtBot
) -> None:
    screen = _turn_to(desk, "ticked", qtbot)
    assert len(screen) == 9
    _key(desk.grid, Qt.Key.Key_Return)
    _settle(desk, qtbot)
    for tile in screen:
        made = [d for d in many.journal.decisions(tile.draft_id) if d.field_id == "ticked"]
        assert [(d.action, d.method) for d in made] == [(Action.CONFIRMED, Method.GROUP)]
    assert all(tile.spec.id != "ticked" for group in desk._model.groups for tile in group.tiles)
    QTest.keyClick(desk.grid, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    _settle(desk, qtbot)
    assert all(not many.journal.decisions(tile.draft_id) for tile in screen)
    assert len(_turn_to(desk, "ticked", qtbot)) == 9


def test_that_the_odd_one_is_left_out_corrected_or_given_a_state_by_key(
    desk: GroupsView, many: SampleBackend, qtbot: QtBot
) -> None:
    screen = _turn_to(desk, "sex", qtbot)
    _key(desk.grid, Qt.Key.Key_Space)
    _key(desk.grid, Qt.Key.Key_Right)
    assert desk.grid.current == 1
    _key(desk.grid, Qt.Key.Key_F2)
    _settle(desk, qtbot)
    (stated,) = many.journal.decisions(screen[1].draft_id)
    assert (stated.action, stated.value.state) == (Action.STATED, FieldState.BLANK)
    _key(desk.grid, Qt.Key.Key_F4)
    assert desk.editor.isVisible()
    corrected = desk.grid.tile
    assert corrected is not None
    _key(desk.editor.active, Qt.Key.Key_2)
    _key(desk.editor.active, Qt.Key.Key_Return)
    _settle(desk, qtbot)
    (made,) = many.journal.decisions(corrected.draft_id)
    assert (made.action, made.value.text, made.method) == (Action.CORRECTED, "female", Method.GROUP)
    _key(desk.grid, Qt.Key.Key_Return)
    _settle(desk, qtbot)
    assert many.journal.decisions(screen[0].draft_id) == []  # it was left to its document
    assert all(len(many.journal.decisions(tile.draft_id)) == 1 for tile in screen[1:])


def test_that_nothing_is_confirmed_before_it_can_be_seen(
    desk: GroupsView, many: SampleBackend, qtbot: QtBot
) -> None:
    screen = _turn_to(desk, "ticked", qtbot)
    desk._crops.clear()
    _key(desk.grid, Qt.Key.Key_Return)
    _settle(desk, qtbot)
    assert all(not many.journal.decisions(tile.draft_id) for tile in screen)


def test_that_the_page_of_a_crop_is_one_key_away_and_what_is_current_is_said(
    desk: GroupsView, qtbot: QtBot
) -> None:
    _turn_to(desk, "ticked", qtbot)
    _key(desk.grid, Qt.Key.Key_F8)
    assert desk.page.isVisible()
    _settle(desk, qtbot)
    assert desk.page._shown is not None
    assert "Mục ticked ế" in desk.here.text()
    assert desk.grid.accessibleDescription() == desk.here.text()
    _key(desk.grid, Qt.Key.Key_Escape)
    assert not desk.page.isVisible()


def test_that_what_others_decided_meanwhile_is_told(
    desk: GroupsView, many: SampleBackend, qtbot: QtBot
) -> None:
    screen = _turn_to(desk, "ticked", qtbot)
    other = many.open_session(screen[0].draft_id)
    other.state("ticked", FieldState.ILLEGIBLE)
    _key(desk.grid, Qt.Key.Key_Return)
    _settle(desk, qtbot)
    qtbot.waitUntil(lambda: desk.banner.property("tone") == "warn")
    assert many.journal.decisions(screen[0].draft_id)[0].value.state is FieldState.ILLEGIBLE


def test_that_every_control_of_the_desk_is_named_in_both_languages(desk: GroupsView, qtbot: QtBot) -> None:
    for language in ("en", "vi"):
        desk._speech.speak(language)
        qtbot.waitUntil(lambda: bool(desk.heading.text()))
        for widget in (desk.grid, desk.page, desk.bar, desk.heading, desk.count, desk.here):
            assert widget.accessibleName(), widget
        assert all(button.accessibleName() and button.text() for button in desk.buttons.values())
