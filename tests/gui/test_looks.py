"""Languages, colours and names: what a clerk sees, and what a screen reader says."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLabel, QWidget
from pytestqt.qtbot import QtBot

from formscan.paths import resources_dir
from ui.main_window import MainWindow
from ui.sample import SampleBackend
from ui.theme import THEMES, Theme, contrast
from ui.viewmodels.naming import sureness
from ui.widgets.flow import FlowLayout

Open = Callable[..., MainWindow]
OF_QT = ("qt_",)
NAMED = (
    "QLabel", "QLineEdit", "QPushButton", "QListView", "QTreeView", "QTableView", "QPlainTextEdit",
    "LinesEdit", "OptionsEdit", "PageView", "CropView",
    "QProgressBar", "QListWidget", "Banner", "QMenuBar", "QStatusBar",
)  # fmt: skip
READABLE = (
    ("text", "window"), ("text", "surface"), ("text", "raised"), ("text", "selection"), ("text", "hover"),
    ("muted", "window"), ("muted", "surface"), ("muted", "raised"), ("on_accent", "accent"),
    ("ok", "surface"), ("ok", "ok_back"), ("warn", "surface"), ("warn", "warn_back"), ("warn", "selection"),
    ("bad", "surface"), ("bad", "bad_back"), ("bad", "selection"), ("info", "surface"), ("info", "info_back"),
    ("text", "info_back"), ("text", "ok_back"), ("text", "warn_back"), ("text", "bad_back"),
    ("muted", "selection"),
)  # fmt: skip
VISIBLE = (("focus", "surface"), ("focus", "window"), ("control", "surface"), ("control", "window"))


def settle(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not window.database.busy and not window.pixels.busy)


@pytest.mark.parametrize("name", THEMES)
def test_that_all_text_can_be_read_and_all_edges_be_seen(name: str) -> None:
    theme = Theme.load(resources_dir() / "styles", name)
    for front, back in READABLE:
        assert contrast(theme.colour(front), theme.colour(back)) >= 4.5, (front, back)
    for front, back in VISIBLE:
        assert contrast(theme.colour(front), theme.colour(back)) >= 3.0, (front, back)
    assert "@" not in theme.sheet


@pytest.mark.parametrize("name", THEMES)
def test_that_the_theme_reaches_the_palette_of_every_widget(open_window: Open, name: str) -> None:
    window = open_window()
    window.set_theme(name)
    theme = Theme.load(resources_dir() / "styles", name)
    role = window.palette().ColorRole
    assert window.palette().color(role.Window) == theme.colour("window")
    assert window.inbox_view.table.palette().color(role.Base) == theme.colour("surface")
    for editor in (window.inbox_view.search, window.review_view.panel.editor.line):
        assert editor.palette().color(role.Text) == theme.colour("text")
        assert editor.palette().color(role.PlaceholderText) == theme.colour("muted")


def _visible(window: MainWindow) -> list[QWidget]:
    found = [w for w in window.findChildren(QWidget) if w.isVisible() and type(w).__name__ in NAMED]
    return [w for w in found if not w.objectName().startswith(OF_QT)]


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("place", ["inbox", "review", "keys", "blocked"])
def test_that_every_widget_has_an_accessible_name(
    open_window: Open, backend: SampleBackend, qtbot: QtBot, language: str, place: str
) -> None:
    window = open_window(language)
    if place in {"review", "blocked"}:
        window.open_draft(backend.drafts()[0].id)
        qtbot.waitUntil(lambda: window.review.ready)
        settle(window, qtbot)
    if place == "blocked":
        window.perform("release")
    if place == "keys":
        window.perform("keys")
    widgets = _visible(window)
    assert len(widgets) > 3
    nameless = [(type(w).__name__, w.objectName()) for w in widgets if not w.accessibleName()]
    assert not nameless


def test_that_the_language_changes_while_a_draft_is_open(review: MainWindow, qtbot: QtBot) -> None:
    panel = review.review_view.panel
    review.review_view.panel.editor.line.setText("đang gõ")
    assert panel.title.text() == "Mục name ế"
    review._speech.speak("en")
    qtbot.waitUntil(lambda: panel.title.text() == "Field name")
    assert panel.buttons["blank"].text().startswith("Blank")
    assert review.windowTitle() == "FormScan – review of scanned forms"
    assert panel.editor.line.text() == "đang gõ"
    review._speech.speak("vi")
    qtbot.waitUntil(lambda: panel.buttons["blank"].text().startswith("Để trống"))


@pytest.mark.parametrize("language", ["vi", "en"])
def test_that_no_button_or_title_is_clipped(
    open_window: Open, backend: SampleBackend, qtbot: QtBot, language: str
) -> None:
    window = open_window(language)
    window.resize(1366, 700)
    window.open_draft(backend.drafts()[0].id)
    qtbot.waitUntil(lambda: window.review.ready)
    settle(window, qtbot)
    for button in window.review_view.findChildren(QAbstractButton):
        if button.isVisible() and button.text():
            needed = QFontMetrics(button.font()).horizontalAdvance(button.text())
            assert needed <= button.width() - 8, button.text()
            assert QFontMetrics(button.font()).height() <= button.height()
    for label in window.review_view.findChildren(QLabel):
        if label.isVisible() and label.text() and not label.wordWrap():
            assert label.sizeHint().width() <= label.width() + 1, label.text()


def test_that_the_tab_key_goes_through_the_place_of_work_in_order(review: MainWindow, qtbot: QtBot) -> None:
    seen = []
    for _ in range(12):
        focus = review.focusWidget()
        assert focus is not None
        seen.append(focus)
        QTest.keyClick(focus, Qt.Key.Key_Tab)
    assert len(set(seen)) >= 8
    panel = review.review_view.panel
    buttons = [w for w in seen if w in panel.buttons.values()]
    places = [
        (w.mapTo(review, w.rect().topLeft()).y(), w.mapTo(review, w.rect().topLeft()).x()) for w in buttons
    ]
    assert sum(one > other for one, other in pairwise(places)) <= 1  # once around


def test_that_the_crop_stands_directly_above_its_editor(review: MainWindow) -> None:
    panel = review.review_view.panel
    crop = panel.crop.geometry()
    editor = panel.editor.geometry()
    assert 0 <= editor.top() - crop.bottom() <= 12
    assert abs(editor.left() - crop.left()) <= 2


def test_that_the_current_field_is_in_view_and_lit(review: MainWindow, qtbot: QtBot) -> None:
    view = review.review_view.page_view
    for field_id in ("name", "unread", "signed"):
        review.review.go_to(field_id)
        settle(review, qtbot)
        qtbot.waitUntil(lambda: view._shown is not None)
        box = review.review.slot.proposal.page_box
        middle = view.mapFromScene(*box.centre)
        assert view.viewport().rect().contains(middle)
        grab = view.viewport().grab().toImage()
        ratio = grab.devicePixelRatio()
        lit = grab.pixelColor(int(middle.x() * ratio), int((middle.y() + 2) * ratio)).lightness()
        aside = view.mapFromScene(box.left - 12.0, box.centre[1])
        assert lit > grab.pixelColor(int(aside.x() * ratio), int(aside.y() * ratio)).lightness()


def test_that_every_blank_field_is_within_one_of_the_screens_shown(review: MainWindow) -> None:
    view = review.review_view.page_view
    boxes = [slot.proposal.page_box for slot in review.review.mirror.slots() if slot.spec.page == 1]
    stops = view.stops(boxes)
    assert [box for _, lit in stops for box in lit] == boxes
    for top, lit in stops:
        view.show_stop(top, lit)
        for box in lit:
            for corner in ((box.left, box.top), (box.right, box.bottom)):
                assert view.viewport().rect().adjusted(-1, -1, 1, 1).contains(view.mapFromScene(*corner))


def test_that_a_hundred_per_cent_is_said_of_nothing_but_certainty() -> None:
    assert [sureness(each) for each in (0.994, 0.995, 0.9999, 1.0, 0.5)] == [
        "99 %", "99 %", "99 %", "100 %", "50 %",
    ]  # fmt: skip


def test_that_what_flows_stands_in_the_middle_of_its_line_and_wraps(qtbot: QtBot) -> None:
    box = QWidget()
    qtbot.addWidget(box)
    flow = FlowLayout(box)
    flow.setContentsMargins(0, 0, 0, 0)
    parts = [QLabel(box) for _ in range(3)]
    for part, height in zip(parts, (40, 20, 30), strict=True):
        part.setFixedSize(60, height)
        flow.addWidget(part)
    flow.setGeometry(QRect(0, 0, 130, 200))
    assert [(p.x(), p.y()) for p in parts] == [(0, 0), (66, 10), (0, 46)]
    assert flow.heightForWidth(130) == 76
