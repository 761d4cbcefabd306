"""One working day through the real window, by keyboard only: two clerks, a supervisor, one database.

With ``FORMSCAN_PICTURES`` set to a folder every step leaves a picture there (``session-01-...png``).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from formscan.model.planted import PlantPolicy
from formscan.model.reading import FieldState
from formscan.paths import forms_dir
from formscan.settings import Settings
from formscan.store import Store
from formscan.templates import TemplateLibrary
from ui.backing import ApplicationBackend
from ui.main_window import MainWindow
from ui.sample import SampleBackend, written_page
from ui.sample_house import PASSWORD, PEOPLE
from ui.screenshots import save
from ui.start import make_window
from ui.views.corrections_view import CorrectionsView
from ui.views.figures_view import FiguresView
from ui.views.samples_view import SamplesView
from ui.views.trail_view import TrailView

PATIENCE_MS = 120_000
CONTROL = Qt.KeyboardModifier.ControlModifier
ALT = Qt.KeyboardModifier.AltModifier
WRITTEN = {
    "facility.name": "BV Đa khoa Ninh Kiều", "facility.department": "Nội tổng hợp",
    "patient.name": "NGUYỄN THỊ HỒNG NHUNG", "patient.age": "68", "patient.sex": "female", "stay.bed": "12",
    "stay.room": "204",
}  # fmt: skip
FORMS = 3


class NoMouse(QObject):
    """Fails where a mouse is used: this day is worked with keys."""

    def __init__(self) -> None:
        super().__init__()
        self.seen = 0

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Count."""
        if event.type() in {QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick, QEvent.Type.Wheel}:
            self.seen += 1
        return False


class Day:
    """A window and hands on its keyboard."""

    def __init__(self, window: MainWindow, qtbot: QtBot) -> None:
        self.window, self._qtbot = window, qtbot
        folder = os.environ.get("FORMSCAN_PICTURES", "")
        self._folder = Path(folder) if folder else None
        self._number = 0

    def settle(self) -> None:
        """Wait until nothing is under way."""
        window = self.window
        self._qtbot.waitUntil(
            lambda: not window.database.busy and not window.pixels.busy, timeout=PATIENCE_MS
        )

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Press a key where the focus is."""
        QTest.keyClick(self.window.focusWidget() or self.window, key, modifier)
        self.settle()

    def write(self, text: str) -> None:
        """Type, as an input method does."""
        focus = self.window.focusWidget()
        assert focus is not None
        event = QInputMethodEvent()
        event.setCommitString(text)
        QApplication.sendEvent(focus, event)

    def picture(self, name: str) -> None:
        """Keep what the window shows."""
        self._number += 1
        if self._folder is not None:
            self.settle()
            self._qtbot.wait(60)  # the layout has taken up the new texts
            save(self.window, self._folder / f"session-{self._number:02}-{name}.png")

    def come_in(self, name: str) -> None:
        """Lock the window where somebody is in, and sign in as somebody else."""
        if self.window.place != "entrance":
            self.press(Qt.Key.Key_L, CONTROL)
        assert self.window.place == "entrance"
        field = self.window.desk_views["entrance"]
        line = field.name  # type: ignore[attr-defined]
        line.setFocus()
        line.selectAll()
        self.write(name)
        self.press(Qt.Key.Key_Return)
        self.write(PASSWORD)
        self.picture(f"sign-in-{name}")
        self.press(Qt.Key.Key_Return)
        self.settle()
        assert self.window.place == "inbox"

    def review(self, *, correct: str = "") -> None:
        """Decide on every field of the open draft; one of them is keyed anew."""
        review = self.window.review
        self.press(Qt.Key.Key_F9)
        while review.mirror.sure_blanks():
            self.press(Qt.Key.Key_F9)
        for _ in range(40):
            if not review.mirror.open_fields():
                break
            if review.slot.value.state is FieldState.UNVERIFIED:
                self.press(Qt.Key.Key_F3)
            elif review.current == correct:
                self.window.review_view.panel.editor.line.selectAll()
                self.write("205")
                self.press(Qt.Key.Key_Return)
            else:
                self.press(Qt.Key.Key_Return)
        assert not review.mirror.open_fields()
        self.give_reasons()

    def give_reasons(self) -> None:
        """Say why where a hard rule is broken: F12 lists the fields, Enter goes there."""
        review = self.window.review
        for _ in range(5):
            if not review.mirror.blockers():
                break
            self.press(Qt.Key.Key_F12)
            self.press(Qt.Key.Key_Return)
            if not review.asked:
                self.press(Qt.Key.Key_Return)
            assert review.asked, (review.current, review.slot.flags)
            self.write("trên giấy ghi vậy")
            self.press(Qt.Key.Key_Return)
        assert not review.mirror.blockers()

    def release(self) -> None:
        """F12 offers where that was not done already, F12 once more releases."""
        self.press(Qt.Key.Key_F12)
        if self.window.place == "review" and "F12" in self.window.review_view.banner.accessibleDescription():
            self.press(Qt.Key.Key_F12)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Three open forms, four people, and a supervisor's wish that one value a form is planted."""
    made = Settings(home=tmp_path / "home")
    form = TemplateLibrary.load(forms_dir()).get("36-BV2")
    page = written_page(form, 1, WRITTEN, 60.0)
    backend = SampleBackend([form])
    drafts = [
        backend.add_pages(
            form, {1: page}, 60.0, name=f"to-{n}.pdf", answers=WRITTEN, unread=frozenset(),
            at=datetime(2026, 3, 9, 7, n, tzinfo=UTC),
        )
        for n in range(FORMS)
    ]  # fmt: skip
    with Store.open(made.database_url, made.images) as store:
        for data in backend.images.values():
            store.put_image(data, "image/png")
        for draft in drafts:
            fields = tuple(
                replace(field, critical=field.field_id == "patient.name") for field in draft.fields
            )
            store.add_draft(replace(draft, fields=fields))
        for person in PEOPLE:
            store.accounts.add(person, PASSWORD, PEOPLE[0].id)
        store.plants.set_policy(PlantPolicy(1.0, "a seed", 1), "minh", datetime.now(UTC))
    return made


@pytest.fixture
def day(settings: Settings, qtbot: QtBot, qapp: QApplication) -> Iterator[Day]:
    """The window, shown at the entrance."""
    mouse = NoMouse()
    qapp.installEventFilter(mouse)
    window = make_window(ApplicationBackend(settings), "vi", "light")
    window.resize(1366, 768)
    window.show()
    window.start()
    made = Day(window, qtbot)
    qtbot.waitUntil(lambda: window.place == "entrance", timeout=PATIENCE_MS)
    made.settle()
    yield made
    window.close()
    window.deleteLater()
    qapp.removeEventFilter(mouse)
    assert mouse.seen == 0


def test_that_a_day_of_two_clerks_and_a_supervisor_is_worked_with_keys_alone(
    day: Day, settings: Settings
) -> None:
    draft = a_clerk_reviews_and_hears_of_the_planted_value(day)
    look_alikes_are_confirmed_on_one_screen(day)
    another_clerk_keys_blind_and_a_supervisor_rules(day)
    the_form_is_released(day, draft)
    day.come_in("minh")
    the_correction_is_approved(day)
    a_sample_finds_a_wrong_value_and_repairs_it(day)
    figures_and_trail_tell_what_happened(day)
    day.window.close()
    with Store.open(settings.database_url, settings.images) as store:
        actions = {line.action for line in store.audit()}
        (newest,) = store.entries()
        assert store.verify_audit().intact
    assert newest.version == 2
    assert {
        "plant.set", "plant.told", "correction.approved", "sample.drawn", "sample.judged", "sample.closed",
        "entry.released", "entry.corrected",
    } <= actions  # fmt: skip


def a_clerk_reviews_and_hears_of_the_planted_value(day: Day) -> str:
    """The id of the draft; it cannot go yet, because a critical field waits for the second key."""
    window = day.window
    day.come_in("lan")
    day.picture("inbox")
    day.press(Qt.Key.Key_Return)
    assert window.place == "review"
    draft = window.review.mirror.draft.id
    day.picture("review")
    day.review(correct="stay.room")
    day.release()
    told = window.review_view.banner.accessibleDescription()
    assert "cài thử" in told
    day.picture("planted-value-told")
    day.review()
    day.release()
    assert window.place == "review"
    day.picture("waits-for-second-key")
    day.press(Qt.Key.Key_W, CONTROL)
    return draft


def look_alikes_are_confirmed_on_one_screen(day: Day) -> None:
    day.press(Qt.Key.Key_G, CONTROL)
    assert day.window.place == "groups"
    day.picture("groups")
    day.press(Qt.Key.Key_Return)
    day.picture("groups-confirmed")


def another_clerk_keys_blind_and_a_supervisor_rules(day: Day) -> None:
    day.come_in("hanh")
    day.press(Qt.Key.Key_2, CONTROL)
    assert day.window.place == "second_key"
    day.write("NGUYỄN THỊ HỒNG NHƯNG")
    day.picture("second-key")
    day.press(Qt.Key.Key_Return)
    day.come_in("minh")
    day.press(Qt.Key.Key_3, CONTROL)
    assert day.window.place == "ruling"
    day.picture("arbitration")
    day.press(Qt.Key.Key_1, ALT)


def the_form_is_released(day: Day, draft: str) -> None:
    day.come_in("lan")
    day.window.open_draft(draft)
    day.settle()
    day.release()
    assert day.window.place == "inbox"
    day.picture("released")


def the_correction_is_approved(day: Day) -> None:
    day.press(Qt.Key.Key_5, CONTROL)
    view = day.window.desk_views["corrections"]
    assert isinstance(view, CorrectionsView)
    assert view.model.table.rowCount() >= 1
    day.picture("corrections")
    day.press(Qt.Key.Key_Return)
    day.picture("correction-approved")


def a_sample_finds_a_wrong_value_and_repairs_it(day: Day) -> None:
    day.press(Qt.Key.Key_6, CONTROL)
    view = day.window.desk_views["samples"]
    assert isinstance(view, SamplesView)
    view.form.bound.setValue(40.0)
    view.form.seed.setValue(2)
    day.press(Qt.Key.Key_F9)
    day.picture("sample")
    assert view.model.field is not None
    day.write("không đúng như đã phát hành")
    day.press(Qt.Key.Key_Return)
    day.write("đọc lại trên giấy")
    day.press(Qt.Key.Key_Return)
    for _ in range(20):
        if view.model.field is not None:
            day.press(Qt.Key.Key_F7)
    assert view.model.state is not None
    verdict = view.model.state.verdict
    assert verdict is not None
    assert (verdict.findings, verdict.accepted) == (1, False)
    day.picture("sample-report")


def figures_and_trail_tell_what_happened(day: Day) -> None:
    day.press(Qt.Key.Key_7, CONTROL)
    figures = day.window.desk_views["figures"]
    assert isinstance(figures, FiguresView)
    day.settle()
    assert figures.model.catch_table.rowCount() == 1
    day.picture("figures")
    day.press(Qt.Key.Key_Return)
    day.picture("behind-the-figure")
    day.press(Qt.Key.Key_9, CONTROL)
    trail = day.window.desk_views["trail"]
    assert isinstance(trail, TrailView)
    day.press(Qt.Key.Key_F6)
    assert trail.model.verdict is not None
    assert trail.model.verdict.intact
    day.picture("trail")
