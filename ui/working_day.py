"""A working day of two clerks and a supervisor, through the real window and by keys alone.

``python -m ui.working_day HOME --forms 20 --pictures OUT`` works it on invented forms in an empty folder and
prints one JSON document; ``formscan bench session`` runs that, and the tests work a short day the same way.
"""

from __future__ import annotations

import argparse
import gc
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, cast

from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop, QObject, Qt, QTimer
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtTest import QTest

from formscan.model.planted import PlantPolicy
from formscan.model.reading import FieldState
from formscan.paths import forms_dir
from formscan.settings import Settings
from ui.backing import ApplicationBackend
from ui.main_window import MainWindow, new_application
from ui.sample import SampleBackend, written_page
from ui.sample_house import PASSWORD, PEOPLE
from ui.screenshots import save, wait
from ui.start import make_window
from ui.views.corrections_view import CorrectionsView
from ui.views.entrance_view import EntranceView
from ui.views.figures_view import FiguresView
from ui.views.groups_view import GroupsView
from ui.views.ruling_view import RulingView
from ui.views.samples_view import SamplesView
from ui.views.second_key_view import SecondKeyView
from ui.views.trail_view import TrailView

PATIENCE_MS: Final = 120_000
CONTROL: Final = Qt.KeyboardModifier.ControlModifier
ALT: Final = Qt.KeyboardModifier.AltModifier
NAME: Final = "NGUYỄN THỊ HỒNG NHUNG"
WRITTEN: Final = {
    "facility.name": "BV Đa khoa Ninh Kiều", "facility.department": "Nội tổng hợp", "patient.name": NAME,
    "patient.age": "68", "patient.sex": "female", "stay.bed": "12", "stay.room": "204",
}  # fmt: skip
MOUSE: Final = frozenset({QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick, QEvent.Type.Wheel})


@dataclass(slots=True)
class Tally:
    """What was done.

    Attributes:
        keys: Keys pressed, and texts typed, each as one.
        mouse: Events of a mouse or wheel; none, if the day was worked with keys.
    """

    forms: int = 0
    keys: int = 0
    mouse: int = 0
    decided: int = 0
    plants_told: int = 0
    screens_of_groups: int = 0
    second_keys: int = 0
    rulings: int = 0
    released: int = 0
    corrections: int = 0
    sampled: int = 0
    findings: int = 0
    seconds: float = 0.0


class StuckError(RuntimeError):
    """The window does not show what the day's next step needs; the text says which."""


def must(right: bool, what: str) -> None:
    """Go on only where it is so.

    Raises:
        StuckError: It is not.
    """
    if not right:
        raise StuckError(what)


def prepare(settings: Settings, forms: int) -> None:
    """Open forms, four people, and a supervisor's wish that one value a form is planted."""
    from formscan.store import Store
    from formscan.templates import TemplateLibrary

    settings.home.mkdir(parents=True, exist_ok=True)
    form = TemplateLibrary.load(forms_dir()).get("36-BV2")
    page = written_page(form, 1, WRITTEN, 60.0)
    backend = SampleBackend([form])
    drafts = [
        backend.add_pages(
            form, {1: page}, 60.0, name=f"to-{n}.pdf", answers=WRITTEN, unread=frozenset(),
            at=datetime(2026, 3, 9, 7, n, tzinfo=UTC),
        )
        for n in range(forms)
    ]  # fmt: skip
    with Store.open(settings.database_url, settings.images) as store:
        for data in backend.images.values():
            store.put_image(data, "image/png")
        for draft in drafts:
            fields = (replace(field, critical=field.field_id == "patient.name") for field in draft.fields)
            store.add_draft(replace(draft, fields=tuple(fields)))
        for person in PEOPLE:
            store.accounts.add(person, PASSWORD, PEOPLE[0].id)
        store.plants.set_policy(PlantPolicy(1.0, "a seed", 1), "minh", datetime.now(UTC))


class Day(QObject):
    """A window and hands on its keyboard.

    Args:
        window: Shown.
        forms: How many are reviewed and released.
        pictures: Folder for pictures of the steps; ``None`` for none.
    """

    def __init__(self, window: MainWindow, forms: int, pictures: Path | None = None) -> None:
        super().__init__()
        self.window, self.tally = window, Tally(forms)
        self._folder, self._number = pictures, 0
        application = QCoreApplication.instance()
        if application is not None:
            application.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802 - as Qt calls it
        """Count what a mouse does: nothing, this day."""
        self.tally.mouse += event.type() in MOUSE
        return False

    # -- hands ---------------------------------------------------------------------------------

    def settle(self) -> None:
        """Wait until nothing is under way."""
        window = self.window
        wait_until(lambda: not window.database.busy and not window.pixels.busy)

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Press a key where the focus is."""
        self.tally.keys += 1
        QTest.keyClick(self.window.focusWidget() or self.window, key, modifier)
        self.settle()

    def write(self, text: str) -> None:
        """Type, as an input method does."""
        focus = self.window.focusWidget()
        if focus is None:
            raise StuckError("nothing has the focus")
        self.tally.keys += 1
        event = QInputMethodEvent()
        event.setCommitString(text)
        QCoreApplication.sendEvent(focus, event)

    def tab_to(self, widget: QObject) -> None:
        """Press Tab until a widget has the focus."""
        for _ in range(60):
            if self.window.focusWidget() is widget:
                return
            self.press(Qt.Key.Key_Tab)
        raise StuckError(f"Tab does not reach a {type(widget).__name__}")

    def number(self, widget: QObject, digits: str) -> None:
        """Type a number into a field of the sample's order."""
        self.tab_to(widget)
        self.press(Qt.Key.Key_A, CONTROL)
        for digit in digits:
            self.press(Qt.Key(ord(digit)))

    def picture(self, name: str) -> None:
        """Keep what the window shows."""
        self._number += 1
        if self._folder is not None:
            self.settle()
            wait(self.window)  # at least 60 ms: the layout has taken up the new texts
            save(self.window, self._folder / f"session-{self._number:02}-{name}.png")

    # -- what a person does --------------------------------------------------------------------

    def come_in(self, name: str) -> None:
        """Lock the window where somebody is in, and sign in as somebody else."""
        if self.window.place != "entrance":
            self.press(Qt.Key.Key_L, CONTROL)
        must(self.window.place == "entrance", "the window is not locked")
        field = cast("EntranceView", self.window.desk_views["entrance"])
        self.tab_to(field.name)
        self.press(Qt.Key.Key_A, CONTROL)
        self.write(name)
        self.press(Qt.Key.Key_Return)
        self.write(PASSWORD)
        self.picture(f"sign-in-{name}")
        self.press(Qt.Key.Key_Return)
        must(self.window.place == "inbox", f"{name} is not let in")

    def open(self, draft_id: str) -> None:
        """Walk to a draft of the inbox and open it."""
        view = self.window.inbox_view
        table, model = view.table, self.window.inbox.table
        self.press(Qt.Key.Key_Home)
        for _ in range(model.rowCount()):
            found = model.draft(table.currentIndex().row())
            if found is not None and found.id == draft_id:
                break
            self.press(Qt.Key.Key_Down)
        self.press(Qt.Key.Key_Return)
        must(self.window.place == "review", "no draft is opened")
        must(self.window.review.mirror.draft.id == draft_id, "another draft is opened")

    def review(self, *, correct: str = "") -> None:
        """Decide on every field of the open draft; one of them is keyed anew."""
        review = self.window.review
        before = len(review.mirror.open_fields())
        self.press(Qt.Key.Key_F9)
        while review.mirror.sure_blanks():
            self.press(Qt.Key.Key_F9)
        for _ in range(80):
            if not review.mirror.open_fields():
                break
            if review.slot.value.state is FieldState.UNVERIFIED:
                self.press(Qt.Key.Key_F3)
            elif review.current == correct:
                self.press(Qt.Key.Key_A, CONTROL)
                self.write("205")
                self.press(Qt.Key.Key_Return)
            else:
                self.press(Qt.Key.Key_Return)
        must(not review.mirror.open_fields(), "fields stay open")
        self.tally.decided += before
        self._give_reasons()

    def _give_reasons(self) -> None:
        """Say why where a hard rule is broken: F12 lists the fields, Enter goes there."""
        review = self.window.review
        for _ in range(5):
            if not review.mirror.blockers():
                break
            self.press(Qt.Key.Key_F12)
            self.press(Qt.Key.Key_Return)
            if not review.asked:
                self.press(Qt.Key.Key_Return)
            must(review.asked, f"no reason is asked for at {review.current}")
            self.write("trên giấy ghi vậy")
            self.press(Qt.Key.Key_Return)
        must(not review.mirror.blockers(), "a rule stays without a reason")

    @property
    def said(self) -> str:
        """What the banner of the review says."""
        return self.window.review_view.banner.accessibleDescription()

    def release(self) -> bool:
        """F12 offers where that was not done already, F12 once more releases; whether it was released."""
        self.press(Qt.Key.Key_F12)
        if self.window.place == "review" and "F12" in self.said:
            self.press(Qt.Key.Key_F12)
        gone = self.window.place == "inbox"
        self.tally.released += gone
        return gone


def work(day: Day) -> None:
    """The whole day, step by step.

    Raises:
        StuckError: The window did not show what a step needs.
    """
    began = time.monotonic()
    day.come_in("lan")
    day.picture("inbox")
    table = day.window.inbox.table
    drafts = [found.id for row in range(table.rowCount()) if (found := table.draft(row))][: day.tally.forms]
    must(len(drafts) == day.tally.forms, "there are too few drafts")
    _clerk_reviews(day, drafts[0], first=True)
    _look_alikes(day)
    for draft in drafts[1:]:
        _clerk_reviews(day, draft, first=False)
    _second_keys(day)
    _rulings(day)
    day.come_in("lan")
    for draft in drafts:
        day.open(draft)
        must(day.release(), "a form that is done is not released")
    day.picture("released")
    day.come_in("minh")
    _corrections(day)
    _sample(day)
    _figures_and_trail(day)
    day.tally.seconds = round(time.monotonic() - began, 1)


def _clerk_reviews(day: Day, draft: str, *, first: bool) -> None:
    """A form is decided, its planted value is told; it waits for the second key of its critical field."""
    day.open(draft)
    if first:
        day.picture("review")
    day.review(correct="stay.room" if first else "")
    day.release()
    if "cài thử" in day.said:
        day.tally.plants_told += 1
        if first:
            day.picture("planted-value-told")
        day.review()
        day.release()
    must(day.window.place == "review", "a form went without its second key")
    if first:
        day.picture("waits-for-second-key")
    day.press(Qt.Key.Key_W, CONTROL)


def _look_alikes(day: Day) -> None:
    """Screens of look-alikes are confirmed with a key each, as many as there are forms to fill them."""
    day.press(Qt.Key.Key_G, CONTROL)
    must(day.window.place == "groups", "no look-alikes are shown")
    day.picture("groups")
    view = cast("GroupsView", day.window.desk_views["groups"])
    for _ in range(max(1, day.tally.forms // 5)):
        if view.grid.isVisible():
            day.press(Qt.Key.Key_Return)
            day.tally.screens_of_groups += 1
    day.picture("groups-confirmed")
    day.press(Qt.Key.Key_W, CONTROL)


def _second_keys(day: Day) -> None:
    """Another clerk keys each critical field blind; the first one otherwise than it was."""
    day.come_in("hanh")
    day.press(Qt.Key.Key_2, CONTROL)
    view = cast("SecondKeyView", day.window.desk_views["second_key"])
    while view.model.now is not None:
        day.write("NGUYỄN THỊ HỒNG NHƯNG" if not day.tally.second_keys else NAME)
        if not day.tally.second_keys:
            day.picture("second-key")
        day.press(Qt.Key.Key_Return)
        day.tally.second_keys += 1
    must(day.tally.second_keys == day.tally.forms, "second keys are missing")


def _rulings(day: Day) -> None:
    """A supervisor decides between the two who differ."""
    day.come_in("minh")
    day.press(Qt.Key.Key_3, CONTROL)
    view = cast("RulingView", day.window.desk_views["ruling"])
    day.picture("arbitration")
    while view.model.now is not None:
        day.press(Qt.Key.Key_1, ALT)
        day.tally.rulings += 1
    must(day.tally.rulings == 1, "one field was keyed in two ways")


def _corrections(day: Day) -> None:
    """The supervisor approves what clerks changed."""
    day.press(Qt.Key.Key_5, CONTROL)
    view = cast("CorrectionsView", day.window.desk_views["corrections"])
    must(view.model.table.rowCount() >= 1, "no correction is shown")
    day.picture("corrections")
    day.press(Qt.Key.Key_Return)
    day.tally.corrections += 1
    day.picture("correction-approved")


def _sample(day: Day) -> None:
    """A sample finds a wrong value, which repairs the record."""
    day.press(Qt.Key.Key_6, CONTROL)
    view = cast("SamplesView", day.window.desk_views["samples"])
    day.number(view.form.bound, "40" if day.tally.forms < 10 else "15")
    day.number(view.form.seed, "2")
    day.press(Qt.Key.Key_F9)
    day.picture("sample")
    must(view.model.field is not None, "no field of the sample is shown")
    day.write("không đúng như đã phát hành")
    day.press(Qt.Key.Key_Return)
    day.write("đọc lại trên giấy")
    day.press(Qt.Key.Key_Return)
    day.tally.sampled = 1
    while view.model.field is not None:
        day.press(Qt.Key.Key_F7)
        day.tally.sampled += 1
    verdict = view.model.state.verdict if view.model.state is not None else None
    must(verdict is not None, "the sample says nothing")
    day.tally.findings = verdict.findings if verdict is not None else 0
    day.picture("sample-report")


def _figures_and_trail(day: Day) -> None:
    """The report: figures with what is behind them, and the trail, checked."""
    day.press(Qt.Key.Key_7, CONTROL)
    figures = cast("FiguresView", day.window.desk_views["figures"])
    must(figures.model.catch_table.rowCount() == 1, "nobody's catches are told")
    day.picture("figures")
    day.press(Qt.Key.Key_Return)
    day.picture("behind-the-figure")
    day.press(Qt.Key.Key_9, CONTROL)
    day.press(Qt.Key.Key_F6)
    trail = cast("TrailView", day.window.desk_views["trail"])
    must(trail.model.verdict is not None and trail.model.verdict.intact, "the trail is not intact")
    day.picture("trail")


def wait_until(right: Callable[[], bool]) -> None:
    """Let events through until it is so.

    Raises:
        StuckError: It never was.
    """
    if right():
        return
    loop, looking = QEventLoop(), QTimer()
    looking.timeout.connect(lambda: loop.quit() if right() else None)
    looking.start(2)
    QTimer.singleShot(PATIENCE_MS, loop, loop.quit)
    loop.exec()
    must(right(), "the window is busy for too long")


def main(arguments: Sequence[str] | None = None) -> int:
    """Work a day and print what was done."""
    gc.disable()  # as ``ui.app`` does
    parser = argparse.ArgumentParser(prog="python -m ui.working_day", description=__doc__)
    parser.add_argument("home", type=Path)
    parser.add_argument("--forms", type=int, default=20)
    parser.add_argument("--pictures", type=Path, help="folder for pictures of the steps")
    told = parser.parse_args(arguments)
    settings = Settings(home=told.home)
    prepare(settings, told.forms + 2)  # two wait when the day is over
    application = new_application(sys.argv[:1])
    window = make_window(ApplicationBackend(settings), "vi", "light")
    window.resize(1366, 768)
    window.show()
    window.start()
    day = Day(window, told.forms, told.pictures)
    wait_until(lambda: window.place == "entrance")
    work(day)
    window.close()
    application.quit()
    sys.stdout.write(json.dumps(asdict(day.tally)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
