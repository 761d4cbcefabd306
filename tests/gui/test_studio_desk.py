"""A form nobody knows is set up in the studio by keyboard alone, up to its first page read."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from formscan.app import Application
from formscan.batch.trial import TriedPage
from formscan.model.template import FieldKind
from formscan.settings import Settings
from formscan.templates import check_form, load_form, render_page
from tests.gui.conftest import OpenStudio, Slip
from ui.main_window import MainWindow
from ui.views.studio_view import StudioView

WIDTH, HEIGHT = 420.0, 595.0
DPI = 200.0
PATIENCE_MS = 240_000


def _blank(path: Path) -> Path:
    """A slip with lines, boxes for a date and two answers."""
    slip = Slip(path, WIDTH, HEIGHT)
    text = slip.text
    text(110, 50, "PHIẾU GỬI ĐỒ VẢI BỆNH PHÒNG", 14)
    text(text(40, 100, "Họ và tên người bệnh: "), 100, "." * 60)
    text(text(40, 130, "Phòng: "), 130, "." * 30)
    text(40, 165, "Ngày nhận:")
    for at in range(8):
        left = 130 + at * 17 + (at >= 2) * 8 + (at >= 4) * 8
        slip.box(left, 168, 14)
    text(40, 200, "Loại đồ: 1. Chăn")
    slip.box(135, 202, 13)
    text(170, 200, "2. Màn")
    slip.box(215, 202, 13)
    text(text(40, 240, "Ghi chú của khoa phòng: "), 240, "." * 55)
    for row, words in enumerate(
        ("Nộp lại phiếu này khi trả đồ", "Giữ phiếu sạch và không gấp", "Kho vải tầng hai")
    ):
        text(40, 300 + 30 * row, words)
    slip.canvas.save()
    return path


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home without anything in it."""
    return Settings(home=tmp_path / "home", person="lan", workers=1)


@pytest.fixture
def desk(settings: Settings, open_studio: OpenStudio) -> StudioView:
    """The studio in the window of the real core, nothing open."""
    return open_studio(settings)


def _window(desk: StudioView) -> MainWindow:
    window = desk.window()
    assert isinstance(window, MainWindow)
    return window


def _shot(desk: StudioView, name: str) -> None:
    """Keep a picture of the window where somebody asked for it."""
    folder = os.environ.get("FORMSCAN_SHOTS")
    if folder:
        assert desk.window().grab().save(str(Path(folder) / f"studio-{name}.png"))


class Hands:
    """Types, and counts the keys."""

    def __init__(self) -> None:
        self.keys = 0

    def key(self, widget: QWidget, key: Qt.Key, held: Qt.KeyboardModifier | None = None) -> None:
        self.keys += 1
        QTest.keyClick(widget, key, held or Qt.KeyboardModifier.NoModifier)

    def type(self, widget: QWidget, text: str) -> None:
        self.keys += len(text)
        QTest.keyClicks(widget, text)


def _open(desk: StudioView, hands: Hands, qtbot: QtBot, blank: Path) -> None:
    hands.type(desk.path, str(blank))
    hands.key(desk.path, Qt.Key.Key_Return)
    hands.type(desk.form_id, "99-KHO")
    with qtbot.waitSignal(desk.model.opened, timeout=PATIENCE_MS):
        hands.key(desk.form_id, Qt.Key.Key_Return)


def _filled(form_path: Path, out: Path) -> Path:
    """The blank as scanned, the second answer ticked."""
    form = load_form(form_path)
    page = Image.fromarray(render_page(form, 1, DPI))
    draw = ImageDraw.Draw(page)
    question = next(f for f in form.fields if f.kind is FieldKind.CHOICE)
    box = question.cells[1].area.at_dpi(DPI)
    draw.line((box.left + 7, box.top + 7, box.right - 7, box.bottom - 7), fill=20, width=5)
    draw.line((box.left + 7, box.bottom - 7, box.right - 7, box.top + 7), fill=20, width=5)
    noise = np.random.default_rng(4).normal(0, 3, (page.height, page.width))
    scan = np.clip(np.asarray(page, np.float64) + noise, 0, 255).astype(np.uint8)
    Image.fromarray(scan).rotate(0.4, fillcolor=255).save(out, dpi=(DPI, DPI))
    return out


def _name_the_question(desk: StudioView, hands: Hands) -> str:
    """Give the question an id and an English label; returns its handle."""
    studio = desk.model.studio
    assert studio is not None
    question = next(f for f in studio.document.fields if f.spec.kind is FieldKind.CHOICE)
    desk.model.select(question.handle)
    hands.key(desk.table, Qt.Key.Key_Return, Qt.KeyboardModifier.AltModifier)
    for name, text in (("id", "linen.kind"), ("label_en", "Kind of linen")):
        line = desk.properties.lines[name]
        line.selectAll()
        hands.type(line, text)
        hands.key(line, Qt.Key.Key_Return)
    assert studio.document.field(question.handle).spec.id == "linen.kind"
    return question.handle


def _save(desk: StudioView, hands: Hands, qtbot: QtBot) -> Path:
    with qtbot.waitSignal(desk.model.saved, timeout=PATIENCE_MS) as saved:
        hands.key(desk.table, Qt.Key.Key_F9)
    assert saved.args is not None
    assert check_form(saved.args[0].path) == []
    return Path(saved.args[0].path)


def _try(desk: StudioView, hands: Hands, qtbot: QtBot, scan: Path) -> TriedPage:
    hands.key(desk.table, Qt.Key.Key_F10)
    hands.type(desk.bench.scans, str(scan))
    with qtbot.waitSignal(desk.bench.model.tried, timeout=PATIENCE_MS) as tried:
        hands.key(desk.bench.scans, Qt.Key.Key_Return)
    assert tried.args is not None
    (page,) = tried.args[0]
    assert isinstance(page, TriedPage)
    return page


def _digitised(desk: StudioView, hands: Hands, qtbot: QtBot, scan: Path) -> str:
    """Take the scan in as any page, told from all forms by itself, and open its draft by Enter."""
    window = _window(desk)
    hands.key(desk.bench.table, Qt.Key.Key_W, Qt.KeyboardModifier.ControlModifier)
    with qtbot.waitSignal(window.inbox.import_ended, timeout=PATIENCE_MS):
        window.inbox.digitise([scan])  # the dialog for files is the system's own
    qtbot.waitUntil(lambda: window.inbox.table.draft(0) is not None, timeout=PATIENCE_MS)
    hands.key(window.inbox_view.table, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.review.ready, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: not (window.database.busy or window.pixels.busy), timeout=PATIENCE_MS)
    draft = window.inbox.table.draft(0)
    assert draft is not None
    return draft.id


def _stored(settings: Settings, draft_id: str) -> tuple[str, str]:
    """The form of a draft, and what was read of the question."""
    with Application(settings) as core:
        draft = core.get_draft(draft_id)
    return draft.form_id, next(f for f in draft.fields if f.field_id == "linen.kind").value.text


class Clock:
    """CPU seconds of this process by step."""

    def __init__(self) -> None:
        self.steps: dict[str, float] = {}
        self._last = time.process_time()

    def step(self, name: str) -> None:
        now = time.process_time()
        self.steps[name] = round(now - self._last, 1)
        self._last = now


def test_that_a_new_form_is_set_up_by_keyboard_up_to_its_first_page(
    desk: StudioView, settings: Settings, tmp_path: Path, qtbot: QtBot
) -> None:
    hands, clock = Hands(), Clock()
    _shot(desk, "1-empty")
    _open(desk, hands, qtbot, _blank(tmp_path / "slip.pdf"))
    studio = desk.model.studio
    assert studio is not None
    assert len({form.id for form in desk.model.known}) == 16
    clock.step("opened")
    _shot(desk, "2-proposed")
    hands.key(desk.table, Qt.Key.Key_F6)  # the sure ones
    question = _name_the_question(desk, hands)
    _shot(desk, "3-named")
    while studio.document.waiting():
        hands.key(desk.table, Qt.Key.Key_F7)
    path = _save(desk, hands, qtbot)
    clock.step("named and saved")
    _shot(desk, "4-saved")
    scan = _filled(path, tmp_path / "scan.png")
    page = _try(desk, hands, qtbot, scan)
    assert (page.reason, page.residual_mm < 0.5) == ("", True)
    assert desk._speech.decimal(page.residual_mm) in desk.bench.told.text()
    assert next(f for f in page.fields if f.field_id == "linen.kind").text
    clock.step("tried")
    _shot(desk, "5-tried")
    draft_id = _digitised(desk, hands, qtbot, scan)
    clock.step("digitised among seventeen forms")
    _shot(desk, "6-digitised")
    second = studio.document.field(question).spec.choices[1].value
    assert _stored(settings, draft_id) == ("99-KHO", second)
    sys.stderr.write(f"keys {hands.keys}, steps {dict(studio.counts)}, CPU s {clock.steps}\n")


def test_that_a_field_is_moved_by_keyboard_and_put_back(
    desk: StudioView, tmp_path: Path, qtbot: QtBot
) -> None:
    _open(desk, Hands(), qtbot, _blank(tmp_path / "slip.pdf"))
    studio = desk.model.studio
    assert studio is not None
    before = studio.document
    QTest.keyClick(desk.table, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert studio.counts == {"move": 1}
    QTest.keyClick(desk.table, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert studio.document == before


def test_that_the_mouse_picks_moves_and_draws_fields(desk: StudioView, tmp_path: Path, qtbot: QtBot) -> None:
    _open(desk, Hands(), qtbot, _blank(tmp_path / "slip.pdf"))
    studio, paper = desk.model.studio, desk.pages.paper
    assert studio is not None
    room = studio.document.fields[1]
    at = paper.outline(room.handle).center().toPoint()
    QTest.mouseClick(paper, Qt.MouseButton.LeftButton, pos=at)
    assert desk.model.handle == room.handle
    QTest.mousePress(paper, Qt.MouseButton.LeftButton, pos=at)
    QTest.mouseMove(paper, at + QPoint(11, 0))
    QTest.mouseRelease(paper, Qt.MouseButton.LeftButton, pos=at + QPoint(11, 0))
    moved = studio.document.field(room.handle).spec.area
    assert moved.left - room.spec.area.left == pytest.approx(7.2, abs=0.3)
    free = QPoint(100, 720)
    QTest.mousePress(paper, Qt.MouseButton.LeftButton, pos=free)
    QTest.mouseMove(paper, free + QPoint(120, 40))
    QTest.mouseRelease(paper, Qt.MouseButton.LeftButton, pos=free + QPoint(120, 40))
    assert studio.counts["add"] == 1
    assert desk.model.unsaved


def test_that_a_refused_step_is_told_and_changes_nothing(
    desk: StudioView, tmp_path: Path, qtbot: QtBot
) -> None:
    _open(desk, Hands(), qtbot, _blank(tmp_path / "slip.pdf"))
    studio = desk.model.studio
    assert studio is not None
    before = studio.document
    QTest.keyClicks(desk.step, "- 9.99")
    QTest.keyClick(desk.step, Qt.Key.Key_Return)
    assert studio.document is before
    assert desk.banner.isVisible()
    assert desk.step.text() == "- 9.99"


def test_that_a_file_that_is_no_form_is_refused_with_a_sentence(
    desk: StudioView, tmp_path: Path, qtbot: QtBot
) -> None:
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"nothing of the kind")
    with qtbot.waitSignal(desk.model.failed, timeout=PATIENCE_MS):
        desk.model.open(broken, "99-KHO")
    assert desk.model.studio is None
    assert desk.banner.isVisible()
