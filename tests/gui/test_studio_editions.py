"""Another edition of a form in the studio: what it touches is shown first, and read again on demand."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractSlider, QLabel
from pytestqt.qtbot import QtBot

from formscan.app import Application, StackOrder
from formscan.batch.versions_room import TouchedDocument
from formscan.model.reading import FieldState
from formscan.model.record import DraftState
from formscan.paths import forms_dir
from formscan.pipeline.check import check_value
from formscan.review.session import ReviewSession
from formscan.settings import Settings
from formscan.templates import TemplateLibrary, load_form, render_page
from tests.gui.conftest import OpenStudio
from ui.views.studio_view import EDITIONS, StudioView

PATIENCE_MS = 90_000
FORM, VERSION = "36-BV2", "2023.1"


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with three treatment sheets: read, begun by a clerk, released."""
    home = tmp_path_factory.mktemp("stored") / "home"
    form = TemplateLibrary.load(forms_dir()).get(FORM)
    paths = []
    for mark in range(3):
        page = render_page(form, 1, 150.0).copy()
        page[400 : 403 + mark, 60 : 90 + 9 * mark] = 0
        paths.append(tmp_path_factory.mktemp("scans") / f"sheet{mark}.png")
        Image.fromarray(page).save(paths[-1], dpi=(150, 150))
    with Application(Settings(home=home, person="lan")) as core:
        report = core.digitise(StackOrder(tuple(paths), 0, alone=True))
        _, begun, whole = report.draft_ids
        session = core.open_session(begun)
        session.confirm(session.fields[0].id, "")
        core.leave()
        _release(core, whole)
    return home


def _release(core: Application, draft_id: str) -> None:
    draft = core.get_draft(draft_id)
    form = core.library.get(draft.form_id)
    session = core.open_session(draft_id)
    assert isinstance(session, ReviewSession)
    for spec in session.fields:
        if session.proposal(spec.id).value.state is FieldState.UNVERIFIED:
            session.state(spec.id, FieldState.BLANK, "")
        else:
            session.confirm(spec.id, "")
    for field_id in session.blockers():
        session.give_reason(field_id, "trên giấy ghi vậy")
    core.leave()
    flags = {spec.id: check_value(form, spec, "")[1] for spec in session.fields}
    core.store.release(draft_id, "lan", datetime.now(UTC), flags)


@pytest.fixture
def home(stored: Path, tmp_path: Path) -> Path:
    """That home, copied."""
    import shutil

    shutil.copytree(stored, tmp_path / "home")
    return tmp_path / "home"


@pytest.fixture
def desk(home: Path, open_studio: OpenStudio) -> StudioView:
    """The studio on it."""
    return open_studio(Settings(home=home, person="lan"))


def _shot(desk: StudioView, name: str) -> None:
    folder = os.environ.get("FORMSCAN_SHOTS")
    if folder:
        assert desk.window().grab().save(str(Path(folder) / f"studio-{name}.png"))


def _key(desk: StudioView, key: Qt.Key, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(desk.window().focusWidget() or desk, key, held)


def _begin_edition(desk: StudioView, qtbot: QtBot) -> None:
    """The form is opened by its id and a field moved, with keys alone."""
    QTest.keyClicks(desk.path, FORM)
    with qtbot.waitSignal(desk.model.opened, timeout=PATIENCE_MS):
        QTest.keyClick(desk.path, Qt.Key.Key_Return)
    for _ in range(6):
        QTest.keyClick(desk.table, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)


def _look(desk: StudioView, qtbot: QtBot) -> list[TouchedDocument]:
    with qtbot.waitSignal(desk.editions.model.looked, timeout=PATIENCE_MS):
        _key(desk, Qt.Key.Key_F9)
    table = desk.editions.model.documents
    rows = [table.item(row) for row in range(table.rowCount())]
    return [one.document for one in rows if one is not None]


def test_that_saving_shows_the_documents_first_and_reads_again_only_what_was_chosen(
    desk: StudioView, home: Path, qtbot: QtBot
) -> None:
    _begin_edition(desk, qtbot)
    assert desk.version.text() == "2023.2"
    touched = _look(desk, qtbot)
    assert sorted((one.state, bool(one.reviewed)) for one in touched) == [
        (DraftState.OPEN, False),
        (DraftState.OPEN, True),
        (DraftState.RELEASED, True),
    ]
    assert desk.tabs.currentIndex() == EDITIONS
    assert desk.pages.before.isVisible()
    assert not (home / "forms" / FORM).exists()
    _shot(desk, "7-touched")
    with qtbot.waitSignal(desk.model.saved, timeout=PATIENCE_MS):
        _key(desk, Qt.Key.Key_F9)
    saved = load_form(home / "forms" / FORM / "2023.2" / "form.toml")
    with Application(Settings(home=home, person="lan")) as core:
        assert {d.form_version for d in core.store.drafts(None)} == {VERSION}
    with qtbot.waitSignal(desk.editions.model.ended, timeout=PATIENCE_MS) as ended:
        _key(desk, Qt.Key.Key_F12)
    assert ended.args == [1, 0]
    _shot(desk, "8-read-again")
    with Application(Settings(home=home, person="lan")) as core:
        drafts = core.store.drafts(None)
        new = [d for d in drafts if d.form_version == "2023.2"]
        assert [core.get_draft(d.id).form_digest for d in new] == [saved.digest]
        old = {d.id: d.state for d in drafts if d.form_version == VERSION}
        again = next(one.draft_id for one in touched if one.can_be_read_again)
        assert old.pop(again) is DraftState.DISCARDED
        assert sorted(old.values()) == [DraftState.OPEN, DraftState.RELEASED]
        assert core.store.verify_audit().intact


def test_that_an_edition_documents_were_read_with_is_not_written_over(
    desk: StudioView, home: Path, qtbot: QtBot
) -> None:
    _begin_edition(desk, qtbot)
    desk.version.setFocus()
    desk.version.selectAll()
    QTest.keyClicks(desk.version, VERSION)
    QTest.keyClick(desk.version, Qt.Key.Key_Return)
    assert len(_look(desk, qtbot)) == 3
    assert desk.banner.isVisible()
    assert VERSION in desk.banner.findChildren(QLabel)[0].text()
    with qtbot.waitSignal(desk.editions.model.looked, timeout=PATIENCE_MS):
        _key(desk, Qt.Key.Key_F9)
    assert not (home / "forms" / FORM).exists()


def test_that_reading_again_stops_after_the_document_that_is_read(desk: StudioView, qtbot: QtBot) -> None:
    _begin_edition(desk, qtbot)
    _look(desk, qtbot)
    with qtbot.waitSignal(desk.model.saved, timeout=PATIENCE_MS):
        _key(desk, Qt.Key.Key_F9)
    editions = desk.editions.model
    row = next(n for n in range(3) if (one := editions.documents.item(n)) and one.document.can_be_read_again)
    with qtbot.waitSignal(editions.ended, timeout=PATIENCE_MS) as ended:
        editions.read_again([row], (FORM, "2023.2"))
        assert desk.editions.progress.isVisible()
        assert desk.unsaved() is not None
        _key(desk, Qt.Key.Key_F12, Qt.KeyboardModifier.ShiftModifier)
    assert ended.args in ([0, 0], [1, 0])
    assert not desk.editions.progress.isVisible()


def test_that_what_a_person_decided_on_is_never_read_again_from_here(desk: StudioView, qtbot: QtBot) -> None:
    _begin_edition(desk, qtbot)
    _look(desk, qtbot)
    with qtbot.waitSignal(desk.model.saved, timeout=PATIENCE_MS):
        _key(desk, Qt.Key.Key_F9)
    editions = desk.editions.model
    rows = [n for n in range(3) if (one := editions.documents.item(n)) and not one.document.can_be_read_again]
    with qtbot.waitSignal(editions.failed, timeout=PATIENCE_MS):
        editions.read_again(rows, (FORM, "2023.2"))
    assert not editions.busy


def test_that_two_editions_stand_side_by_side_with_their_changes(desk: StudioView, qtbot: QtBot) -> None:
    _begin_edition(desk, qtbot)
    _key(desk, Qt.Key.Key_F10, Qt.KeyboardModifier.ShiftModifier)
    changes = desk.editions.model.changes
    (only,) = [changes.item(row) for row in range(changes.rowCount())]
    assert only is not None
    studio = desk.model.studio
    assert studio is not None
    moved = studio.document.field(desk.model.handle).spec
    assert (only.kind.value, only.field_id) == ("moved", moved.id)
    then, now = desk.pages.before.outline(moved.id), desk.pages.paper.outline(desk.model.handle)
    assert now.left() - then.left() == pytest.approx(6 * 110 / 72, abs=0.6)
    assert desk.pages.name_before.text().endswith(VERSION)
    assert desk.pages.name.isVisible()
    _shot(desk, "9-side-by-side")
    bars = [pane.verticalScrollBar() for pane in (desk.pages.pane, desk.pages.pane_before)]
    for bar, other in (bars, reversed(bars)):
        bar.setValue(0)
        other.setValue(0)
        bar.triggerAction(QAbstractSlider.SliderAction.SliderPageStepAdd)
        assert other.value() / other.maximum() == pytest.approx(bar.value() / bar.maximum(), abs=0.02)
        assert other.value() > 0
    desk.tabs.setCurrentIndex(0)
    assert not desk.pages.beside.isVisible()
    assert not desk.pages.name.isVisible()


def test_that_a_person_who_may_not_see_documents_is_told_so_and_can_save(
    desk: StudioView, home: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    from formscan.errors import RefusedError
    from formscan.model.people import Permission

    _begin_edition(desk, qtbot)

    def refuse(permission: Permission) -> None:
        raise RefusedError("access.refused", person="x", permission=permission.value)

    backend = desk.editions.model._room
    monkeypatch.setattr(backend.versions, "_need", partial(refuse))
    assert _look(desk, qtbot) == []
    assert not (home / "forms" / FORM).exists()
    with qtbot.waitSignal(desk.model.saved, timeout=PATIENCE_MS):
        _key(desk, Qt.Key.Key_F9)
    assert (home / "forms" / FORM / "2023.2" / "form.toml").is_file()
