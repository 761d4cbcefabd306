"""Every step of the studio by keyboard and by mouse, each taken back: merge, split, group, answers, codes."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from formscan.designer.studio.shaping import fhir_text
from formscan.designer.studio.studio import Studio
from formscan.model.template import FieldKind, FieldSpec, ValueType
from formscan.paths import resources_dir
from formscan.settings import Settings
from formscan.templates import check_form, load_form, render_page
from tests.gui.conftest import OpenStudio, Slip
from ui.views.studio_view import BENCH, MORE, StudioView

WIDTH, HEIGHT = 420.0, 595.0
DPI = 200.0
PATIENCE_MS = 120_000
CTRL, ALT, SHIFT, NONE = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.NoModifier,
)


def _blank(path: Path) -> Path:
    """A slip: three lines, two boxes that take numbers of four answers, three boxes with a word each."""
    slip = Slip(path, WIDTH, HEIGHT)
    text = slip.text
    text(110, 50, "PHIẾU THEO DÕI TẠI BUỒNG", 14)
    for row, words in enumerate(("Họ và tên: ", "Buồng: ", "Ghi chú: ")):
        text(text(40, 100 + 30 * row, words), 100 + 30 * row, "." * 50)
    text(40, 210, "Dấu hiệu: 1. Ho 2. Sốt 3. Đau 4. Khác")
    for left in (300, 314):
        slip.box(left, 213, 14)
    for row, words in enumerate(("Cơm", "Cháo", "Sữa")):
        slip.box(150, 262 + 26 * row, 13)
        text(122 - 4 * len(words), 260 + 26 * row, words)
    for row, words in enumerate(("Nộp lại phiếu này khi ra viện", "Giữ phiếu sạch và không gấp")):
        text(40, 380 + 30 * row, words)
    slip.canvas.save()
    return path


@pytest.fixture
def desk(tmp_path: Path, qtbot: QtBot, open_studio: OpenStudio) -> StudioView:
    """The studio with the slip open."""
    view = open_studio(Settings(home=tmp_path / "home", person="lan"))
    QTest.keyClicks(view.path, str(_blank(tmp_path / "slip.pdf")))
    QTest.keyClick(view.path, Qt.Key.Key_Return)
    QTest.keyClicks(view.form_id, "98-BUONG")
    with qtbot.waitSignal(view.model.opened, timeout=PATIENCE_MS):
        QTest.keyClick(view.form_id, Qt.Key.Key_Return)
    return view


def _studio(desk: StudioView) -> Studio:
    assert desk.model.studio is not None
    return desk.model.studio


def _key(desk: StudioView, key: Qt.Key, held: Qt.KeyboardModifier = NONE) -> None:
    QTest.keyClick(desk.window().focusWidget() or desk, key, held)


def _go(desk: StudioView, words: str) -> FieldSpec:
    """Walk down the list to the field of a label, key by key."""
    _key(desk, Qt.Key.Key_F2)
    _key(desk, Qt.Key.Key_Home, CTRL)
    for _ in range(len(desk.model.rows())):
        field = desk.model.field
        assert field is not None
        if words in field.spec.label_vi:
            return field.spec
        _key(desk, Qt.Key.Key_Down)
    raise AssertionError([f.spec.label_vi for f in _studio(desk).document.fields])


def _spec(desk: StudioView) -> FieldSpec:
    assert desk.model.field is not None
    return desk.model.field.spec


def _shot(desk: StudioView, name: str) -> None:
    folder = os.environ.get("FORMSCAN_SHOTS")
    if folder:
        assert desk.window().grab().save(str(Path(folder) / f"studio-{name}.png"))


def test_that_fields_are_merged_cut_and_grouped_by_keyboard_and_each_is_taken_back(desk: StudioView) -> None:
    studio = _studio(desk)
    start = studio.document
    _go(desk, "Buồng")
    _key(desk, Qt.Key.Key_Down, SHIFT)
    _key(desk, Qt.Key.Key_J, CTRL)
    assert studio.counts == {"merge": 1}
    assert len(_spec(desk).cells) == 2
    _key(desk, Qt.Key.Key_Right, CTRL)
    _key(desk, Qt.Key.Key_Right, CTRL)
    assert desk.model.place == 1
    _key(desk, Qt.Key.Key_Right, ALT)
    first, second = _spec(desk).cells
    assert second.area.left - start.fields[2].spec.cells[0].area.left == pytest.approx(1.0)
    assert first.area == start.fields[1].spec.cells[0].area
    _key(desk, Qt.Key.Key_D, CTRL)
    assert studio.counts == {"merge": 1, "resize": 1, "split": 1}
    for _ in range(3):
        _key(desk, Qt.Key.Key_Z, CTRL)
    assert studio.document == start
    _go(desk, "Cơm")
    _key(desk, Qt.Key.Key_Down, SHIFT)
    _key(desk, Qt.Key.Key_Down, SHIFT)
    _key(desk, Qt.Key.Key_B, CTRL)
    assert _spec(desk).kind is FieldKind.CHOICE
    assert [c.label_vi for c in _spec(desk).choices] == ["Cơm", "Cháo", "Sữa"]
    _key(desk, Qt.Key.Key_Z, CTRL)
    assert studio.document == start
    _key(desk, Qt.Key.Key_Y, CTRL)
    assert studio.counts == {"group": 1}


def test_that_the_mouse_marks_fields_and_chooses_places(desk: StudioView) -> None:
    studio, paper = _studio(desk), desk.pages.paper
    boxes = [f for f in studio.document.fields if f.spec.kind is FieldKind.MARK]
    first, second = (paper.outline(f.handle).center().toPoint() for f in boxes[:2])
    QTest.mouseClick(paper, Qt.MouseButton.LeftButton, pos=first)
    QTest.mouseClick(paper, Qt.MouseButton.LeftButton, CTRL, second)
    assert desk.model.marked == {boxes[0].handle, boxes[1].handle}
    desk.perform("studio_group")
    spec = _spec(desk)
    assert [c.label_vi for c in spec.choices] == ["Cơm", "Cháo"]
    QTest.mouseClick(paper, Qt.MouseButton.LeftButton, pos=second)
    assert desk.model.place == 1
    QTest.mousePress(paper, Qt.MouseButton.LeftButton, pos=second)
    QTest.mouseMove(paper, second + QPoint(0, 11))
    QTest.mouseRelease(paper, Qt.MouseButton.LeftButton, pos=second + QPoint(0, 11))
    now = _spec(desk).cells
    assert now[0].area == spec.cells[0].area
    assert now[1].area.top - spec.cells[1].area.top == pytest.approx(7.2, abs=0.3)
    QTest.mouseClick(paper, Qt.MouseButton.LeftButton, pos=second + QPoint(0, 11))
    assert desk.model.place == -1


def test_that_boxes_that_take_numbers_are_set_up_saved_and_read(
    desk: StudioView, tmp_path: Path, qtbot: QtBot
) -> None:
    studio = _studio(desk)
    assert _go(desk, "Dấu hiệu").kind is FieldKind.COMB
    _give_numbers(desk)
    _shot(desk, "10-numbers")
    _type_answer(desk, 0, "Cough")
    told = ["Cough", "Sốt", "Đau", "Khác"]
    qtbot.waitUntil(lambda: [c.label_en for c in _spec(desk).choices] == told, timeout=PATIENCE_MS)
    while studio.document.waiting():
        _key(desk, Qt.Key.Key_F2)
        _key(desk, Qt.Key.Key_F7)
    with qtbot.waitSignal(desk.model.saved, timeout=PATIENCE_MS) as saved:
        _key(desk, Qt.Key.Key_F9)
    assert saved.args is not None
    form = load_form(saved.args[0].path)
    assert check_form(saved.args[0].path) == []
    question = next(f for f in form.fields if f.type is ValueType.CHOICE)
    assert (question.choices, question.multiple) == (_spec_of(studio, question.id).choices, True)
    scan = tmp_path / "scan.png"
    page = Image.fromarray(render_page(form, 1, DPI))
    _write_numbers(page, question)
    page.save(scan, dpi=(DPI, DPI))
    _key(desk, Qt.Key.Key_F10)
    assert desk.tabs.currentIndex() == BENCH
    with qtbot.waitSignal(desk.bench.model.tried, timeout=PATIENCE_MS) as tried:
        _drop(desk, scan)
    assert tried.args is not None
    read = next(f for f in tried.args[0][0].fields if f.field_id == question.id)
    assert (read.state, read.text) == ("value", f"{question.choices[1].value};{question.choices[3].value}")


def _give_numbers(desk: StudioView) -> None:
    """The printed answers, several of them allowed; one more comes and goes."""
    proposed = _spec(desk)
    kind = desk.properties.type
    kind.setCurrentText("Số nguyên")
    kind.activated.emit(kind.currentIndex())
    assert (_spec(desk).choices, _spec(desk).multiple) == ((), False)
    _key(desk, Qt.Key.Key_Return, ALT | SHIFT)
    assert desk.tabs.currentIndex() == MORE
    QTest.keyClick(desk.more.print, Qt.Key.Key_Space)
    QTest.keyClick(desk.more.flags["multiple"], Qt.Key.Key_Space)
    spec = _spec(desk)
    assert (spec.type, spec.multiple) == (ValueType.CHOICE, True)
    told = [(c.code, c.label_vi) for c in spec.choices]
    assert told == [("1", "Ho"), ("2", "Sốt"), ("3", "Đau"), ("4", "Khác")]
    assert spec == proposed
    QTest.keyClick(desk.more.add, Qt.Key.Key_Space)
    assert len(_spec(desk).choices) == 5
    QTest.keyClick(desk.more.remove, Qt.Key.Key_Space)
    assert _spec(desk) == spec


def _type_answer(desk: StudioView, row: int, english: str) -> None:
    table = desk.more.answers
    table.setFocus()
    table.setCurrentCell(row, 2)
    QTest.keyClick(table, Qt.Key.Key_Return)
    editor = table.findChild(QLineEdit)
    assert editor is not None
    QTest.keyClick(editor, Qt.Key.Key_A, CTRL)
    QTest.keyClicks(editor, english)
    QTest.keyClick(editor, Qt.Key.Key_Return)


def _spec_of(studio: Studio, field_id: str) -> FieldSpec:
    return next(f.spec for f in studio.document.fields if f.spec.id == field_id)


def _write_numbers(page: Image.Image, spec: FieldSpec) -> None:
    from PIL import ImageFont

    font = ImageFont.truetype(str(next((resources_dir() / "fonts").rglob("*.ttf"))), 30)
    draw = ImageDraw.Draw(page)
    for cell, number in zip(spec.cells, "24", strict=True):
        box = cell.area.at_dpi(DPI)
        middle = ((box.left + box.right) / 2, (box.top + box.bottom) / 2)
        draw.text(middle, number, fill=20, font=font, anchor="mm")
    assert np.asarray(page).min() < 60


def _drop(desk: StudioView, scan: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(scan))])
    event = QDropEvent(
        QPointF(20, 20),
        Qt.DropAction.CopyAction,
        mime,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    desk.bench.dropEvent(event)


def test_that_codes_names_and_duties_are_typed_and_taken_back(desk: StudioView) -> None:
    studio = _studio(desk)
    _go(desk, "Buồng")
    before = studio.document
    _key(desk, Qt.Key.Key_Return, ALT | SHIFT)
    line = desk.more.lines["fhir"]
    line.setFocus()
    QTest.keyClicks(line, "Observation:8867-4:/min")
    QTest.keyClick(line, Qt.Key.Key_Return)
    spec = _spec(desk)
    assert spec.fhir is not None
    assert (spec.fhir.code, spec.fhir.system, spec.fhir.unit) == ("8867-4", "http://loinc.org", "/min")
    assert fhir_text(spec.fhir) == "Observation:8867-4:/min"
    QTest.keyClick(desk.more.flags["required"], Qt.Key.Key_Space)
    assert _spec(desk).required
    assert desk.model.undo()
    assert desk.model.undo()
    assert studio.document == before
    assert line.text() == ""


def test_that_a_kind_brings_what_must_follow_and_goes_back_in_one_step(desk: StudioView) -> None:
    studio = _studio(desk)
    _go(desk, "Dấu hiệu")
    before = studio.document
    kind = desk.properties.kind
    kind.setCurrentText("Ô lựa chọn")
    kind.activated.emit(kind.currentIndex())
    spec = _spec(desk)
    assert (spec.kind, spec.type) == (FieldKind.CHOICE, ValueType.CHOICE)
    assert [c.name for c in spec.cells] == [c.value for c in spec.choices]
    assert desk.model.undo()
    assert studio.document == before


def test_that_numbers_of_an_official_form_are_edited_and_what_does_not_fit_is_refused(
    desk: StudioView, qtbot: QtBot
) -> None:
    desk.model._saved_steps = len(_studio(desk).done)
    desk.path.setFocus()
    desk.path.selectAll()
    QTest.keyClicks(desk.path, "18-BV1")
    with qtbot.waitSignal(desk.model.opened, timeout=PATIENCE_MS):
        QTest.keyClick(desk.path, Qt.Key.Key_Return)
    assert (desk.form_id.text(), desk.version.text()) == ("18-BV1", "2023.2")
    question = next(f for f in _studio(desk).document.fields if f.spec.multiple)
    desk.model.select(question.handle)
    desk.model.reshape("choices", question.spec.choices[:-1])
    assert _spec(desk).choices == question.spec.choices[:-1]
    marks = next(f for f in _studio(desk).document.fields if f.spec.kind is FieldKind.CHOICE)
    desk.model.select(marks.handle)
    with qtbot.waitSignal(desk.model.failed, timeout=PATIENCE_MS) as failed:
        desk.model.reshape("choices", marks.spec.choices[:-1])
    assert failed.args is not None
    assert failed.args[0].code == "studio.answers"
    assert desk.banner.isVisible()
