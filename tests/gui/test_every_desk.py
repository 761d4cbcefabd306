"""All desks of the window, one after the other: names, keys, contrast, and nothing clipped."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QApplication,
    QComboBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QTableView,
    QWidget,
)

from formscan.app import Application
from formscan.model.people import Person, Role
from formscan.settings import Settings
from ui.backing import ApplicationBackend
from ui.main_window import MainWindow
from ui.sample_house import PASSWORD, furnish, signed_in
from ui.start import make_window
from ui.theme import contrast
from ui.working_day import wait_until

AT_200_PERCENT = QSize(960, 600)
"""What a screen of 1920 x 1200 leaves at a scale of 200 %."""
LOOKS = (
    ("vi", "light", AT_200_PERCENT),
    ("en", "dark", AT_200_PERCENT),
    ("vi", "contrast", QSize(1366, 768)),
)
READABLE = 4.5
PLACES = ("inbox", "review")


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Work of some days, and somebody who may open every desk."""
    settings = Settings(home=tmp_path_factory.mktemp("house") / "home")
    furnish(settings, entries=3, drafts=2)
    with Application(settings) as core:
        core.store.accounts.add(Person("all", "Tất Cả", frozenset(Role)), PASSWORD, "duc")
    return settings


@pytest.fixture
def house(furnished: Settings, qapp: QApplication) -> Iterator[MainWindow]:
    """The window with her in it."""
    window = make_window(ApplicationBackend(furnished, lambda s: signed_in(s, "all")), "vi", "light")
    window.show()
    window.start()
    _settle(window)
    yield window
    window.close()
    window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    gc.collect()


def _settle(window: MainWindow) -> None:
    wait_until(lambda: not window.database.busy and not window.pixels.busy)
    QCoreApplication.processEvents()


@pytest.mark.parametrize(("language", "theme", "size"), LOOKS)
def test_that_every_desk_can_be_named_reached_read_and_seen_whole(
    house: MainWindow, language: str, theme: str, size: QSize
) -> None:
    house._speech.speak(language)
    house.set_theme(theme)
    house.resize(size)
    wrong = []
    for place in (*PLACES, *sorted(house.desks, key=lambda place: place == "entrance")):
        _show(house, place)
        assert house.place == place
        view = house.pile.currentWidget()
        assert view is not None
        found = [*_nameless(view), *_clipped(view), *_unreadable(house, view)]
        found += _unreached(view) if theme == "light" else []
        wrong += [f"{place}: {one}" for one in found]
    assert not wrong, "\n".join(wrong)


def _show(window: MainWindow, place: str) -> None:
    if place == "inbox":
        window.perform("back") if window.place == "review" else window.perform("leave_desk")
        window.show_desk("inbox")
    elif place == "review":
        draft = window.inbox.table.draft(0)
        assert draft is not None
        window.open_draft(draft.id)
    else:
        window.show_desk(place)
    _settle(window)


def _parts(view: QWidget) -> list[QWidget]:
    return [
        part
        for part in view.findChildren(QWidget)
        if part.isVisible() and not part.objectName().startswith("qt_")
    ]


def _said(part: QWidget) -> str:
    text = part.text() if isinstance(part, QAbstractButton | QLabel | QLineEdit) else ""
    return f"{type(part).__name__} {part.accessibleName() or text!r}"


def _nameless(view: QWidget) -> list[str]:
    """Whatever takes the focus, and every label, says what it is."""
    asked = [p for p in _parts(view) if p.focusPolicy() != Qt.FocusPolicy.NoFocus and not p.focusProxy()]
    return [f"no name: {type(p).__name__} {p.objectName()}" for p in asked if not p.accessibleName()]


def _clipped(view: QWidget) -> list[str]:
    """Texts that need more room than they have, and parts that are not wholly in view."""
    found = []
    for part in _parts(view):
        if not _fits(part):
            found.append(f"clipped: {_said(part)} {part.width()}x{part.height()}")
        if isinstance(part, QTableView):
            found += [f"clipped header: {text}" for text in _cut_headers(part.horizontalHeader())]
        if isinstance(part, QAbstractButton | QLabel | QLineEdit | QComboBox) and not _scrolled(part, view):
            seen = part.visibleRegion().boundingRect().size()
            if seen != part.size():
                found.append(f"covered: {_said(part)} {part.size().toTuple()} {seen.toTuple()}")
    return found


def _fits(part: QWidget) -> bool:
    metrics = QFontMetrics(part.font())
    if isinstance(part, QAbstractButton) and part.text():
        wanted = metrics.horizontalAdvance(part.text().replace("&", ""))
        return wanted <= part.width() - 6 and metrics.height() <= part.height()
    if isinstance(part, QLabel) and part.text():
        if part.wordWrap():
            return part.heightForWidth(part.width()) <= part.height() + 2
        return part.sizeHint().width() <= part.width() + 1
    if isinstance(part, QComboBox):
        return metrics.horizontalAdvance(part.currentText()) <= part.width() - 20
    return True


def _cut_headers(header: QHeaderView) -> list[str]:
    model, metrics = header.model(), QFontMetrics(header.font())
    cut = []
    for section in range(header.count() if header.isVisible() else 0):
        text = str(model.headerData(section, Qt.Orientation.Horizontal) or "")
        room = header.sectionSize(section) - 8
        if text and not header.isSectionHidden(section) and metrics.horizontalAdvance(text) > room:
            cut.append(f"{text} {metrics.horizontalAdvance(text)} in {room}")
    return cut


def _scrolled(part: QWidget, view: QWidget) -> bool:
    """It lies in something that scrolls to it."""
    above = part.parentWidget()
    while above is not None and above is not view:
        if isinstance(above, QAbstractScrollArea):
            return True
        above = above.parentWidget()
    return False


def _unreadable(window: MainWindow, view: QWidget) -> list[str]:
    """Texts whose strongest stroke stands out less than 4.5 to 1 from what is behind them."""
    image = window.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    ratio = image.devicePixelRatio()
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.width(), 4)
    found = []
    for part in _parts(view):
        text = part.text() if isinstance(part, QAbstractButton | QLabel | QLineEdit) else ""
        if not text.strip() or not part.isEnabled() or part.visibleRegion().isEmpty():
            continue
        corner = part.mapTo(window, part.visibleRegion().boundingRect().topLeft())
        seen = QRect(corner, part.visibleRegion().boundingRect().size()).adjusted(2, 2, -2, -2)
        cut = pixels[
            int(seen.top() * ratio) : int(seen.bottom() * ratio) + 1,
            int(seen.left() * ratio) : int(seen.right() * ratio) + 1,
            :3,
        ].reshape(-1, 3)
        if len(cut) and (best := _strongest(cut)) < READABLE:
            found.append(f"contrast {best:.1f}: {_said(part)}")
    return found


def _strongest(cut: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> float:
    colours = Counter(map(tuple, cut.tolist()))
    blue, green, red = colours.most_common(1)[0][0]
    back = QColor(red, green, blue)
    return max(contrast(back, QColor(r, g, b)) for b, g, r in colours)


def _unreached(view: QWidget) -> list[str]:
    """What takes the focus by Tab and never gets it by pressing Tab."""
    parts = (part for part in _parts(view) if part.isEnabled() and part.focusProxy() is None)
    wanted = {part for part in parts if part.focusPolicy() & Qt.FocusPolicy.TabFocus}
    reached: set[QWidget] = set()
    for _ in range(2 * len(wanted) + 20):
        if wanted <= reached:
            break
        focus = QApplication.focusWidget()
        if focus is None:
            return ["nothing has the focus"]
        reached |= {focus, focus.parentWidget() or focus}  # a spin box hands its focus to a line of its own
        QTest.keyClick(focus, Qt.Key.Key_Tab)
    return [f"Tab does not reach: {_said(part)}" for part in wanted - reached]
