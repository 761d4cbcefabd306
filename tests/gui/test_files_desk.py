"""The desk of thick files on a real core: boundaries with reasons, parted and joined by keyboard alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from formscan.app import Application, StackOrder
from formscan.paths import forms_dir
from formscan.settings import Settings
from formscan.templates import TemplateLibrary, render_page
from formscan.templates.separator import draw_separator
from ui.backing import ApplicationBackend
from ui.main_window import MainWindow
from ui.start import make_window
from ui.views.files_view import FilesView

DPI = 150.0


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of two records: treatment sheets, a separator, an outpatient record lying apart."""
    folder = tmp_path_factory.mktemp("thick")
    library = TemplateLibrary.load(forms_dir())

    def page(form: str, number: int, mark: int) -> Image.Image:
        drawn = render_page(library.get(form), number, DPI).copy()
        drawn[400 : 403 + mark, 60 : 90 + 9 * mark] = 0
        return Image.fromarray(drawn)

    blank = Image.fromarray(np.full((1754, 1240), 254, np.uint8))
    pages = [
        page("36-BV2", 1, 1), page("36-BV2", 2, 2), page("36-BV2", 1, 3), blank,
        Image.fromarray(draw_separator("T", DPI)),
        page("15-BV1", 1, 4), page("36-BV2", 1, 5), page("15-BV1", 2, 6),
    ]  # fmt: skip
    pages[0].save(folder / "thick.tif", save_all=True, append_images=pages[1:], dpi=(DPI, DPI))
    with Application(Settings(home=folder / "home", url="", person="tester")) as core:
        core.digitise(StackOrder((folder / "thick.tif",), 0))
    return folder / "home"


@pytest.fixture
def desk(night: Path, tmp_path: Path, qtbot: QtBot, qapp: object) -> Iterator[FilesView]:
    assert qapp
    import shutil

    shutil.copytree(night, tmp_path / "home")
    backend = ApplicationBackend(Settings(home=tmp_path / "home", url="", person="tester"))
    window: MainWindow = make_window(backend, "en", "light")
    try:
        window.show()
        window.start()
        _settle(window, qtbot)
        window.show_desk("files")
        view = window.desk_views["files"]
        assert isinstance(view, FilesView)
        qtbot.waitUntil(lambda: view.table.model().rowCount() > 0, timeout=20_000)
        _settle(window, qtbot)
        yield view
    finally:
        window.close()
        window.deleteLater()


def _settle(window: object, qtbot: QtBot) -> None:
    assert isinstance(window, MainWindow)
    qtbot.waitUntil(lambda: not (window.database.busy or window.pixels.busy), timeout=20_000)


def _cells(view: FilesView) -> list[list[str]]:
    model = view.table.model()
    return [
        [str(model.index(row, column).data()) for column in range(model.columnCount())]
        for row in range(model.rowCount())
    ]


def _press(view: FilesView, qtbot: QtBot, key: Qt.Key, how: Qt.KeyboardModifier | None = None) -> None:
    with qtbot.waitSignal(view.model.done, timeout=20_000):
        if how is None:
            QTest.keyClick(view.table, key)
        else:
            QTest.keyClick(view.table, key, how)
    _settle(view.window(), qtbot)


def test_that_records_documents_and_reasons_are_shown(desk: FilesView) -> None:
    assert desk.counts.text() == "2 records, 4 documents, 1 to look at"
    rows = _cells(desk)
    assert [row[:3] for row in rows] == [
        ["1", "36-BV2", "1"], ["", "", "2"], ["", "36-BV2", "1"], ["", "", ""],
        ["2", "", ""], ["", "15-BV1", "1"], ["", "", "2"], ["", "36-BV2", "1"],
    ]  # fmt: skip
    assert "A separator sheet (patch T)" in rows[4][4]
    assert "separator sheet lies before it" in rows[5][4]
    assert "apart" in rows[6][4]
    assert "2 sheets came in" in desk.sheets.text()


def test_that_a_document_is_parted_joined_and_a_page_moved_by_keyboard(desk: FilesView, qtbot: QtBot) -> None:
    desk.table.setFocus()
    QTest.keyClick(desk.table, Qt.Key.Key_F3)
    assert desk.table.currentIndex().row() in {5, 6}
    desk.table.selectRow(6)
    _press(desk, qtbot, Qt.Key.Key_F4)
    assert desk.counts.text().startswith("2 records, 5 documents")
    assert desk.model.rows[desk.table.currentIndex().row()].page.key.index == 7
    _press(desk, qtbot, Qt.Key.Key_F6)
    assert desk.counts.text() == "2 records, 4 documents, 0 to look at"
    assert desk.banner._say.text() == "The documents are joined."
    desk.table.selectRow(1)
    _press(desk, qtbot, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert [row[2] for row in _cells(desk)][:3] == ["1", "1", "2"]


def test_that_records_are_begun_and_joined_by_keyboard(desk: FilesView, qtbot: QtBot) -> None:
    desk.table.selectRow(2)
    desk.table.setFocus()
    _press(desk, qtbot, Qt.Key.Key_F7)
    assert desk.counts.text().startswith("3 records")
    _press(desk, qtbot, Qt.Key.Key_F8)
    assert desk.counts.text().startswith("2 records")


def test_that_what_does_not_fit_is_told_and_changes_nothing(desk: FilesView, qtbot: QtBot) -> None:
    desk.table.selectRow(0)
    desk.table.setFocus()
    with qtbot.waitSignal(desk.model.failed, timeout=20_000):
        QTest.keyClick(desk.table, Qt.Key.Key_F4)
    _settle(desk.window(), qtbot)
    assert desk.banner._say.text() == "Nothing of this document stands before that page."
    assert desk.counts.text() == "2 records, 4 documents, 1 to look at"


def test_that_enter_opens_the_document(desk: FilesView, qtbot: QtBot) -> None:
    desk.table.selectRow(0)
    desk.table.setFocus()
    QTest.keyClick(desk.table, Qt.Key.Key_Return)
    window = desk.window()
    assert isinstance(window, MainWindow)
    qtbot.waitUntil(lambda: not desk.isVisible(), timeout=20_000)
    _settle(window, qtbot)


def test_that_every_part_has_a_name_for_a_screen_reader(desk: FilesView) -> None:
    for part in (desk.table, desk.stack, desk.sight, desk.why, desk.sheets, *desk.buttons.values()):
        assert part.accessibleName()
