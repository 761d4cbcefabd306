"""Drives the real window by keyboard and tells what it says is saved; killed by the test beside it."""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from formscan.settings import Settings
from ui.backing import ApplicationBackend
from ui.main_window import MainWindow, new_application
from ui.start import make_window
from ui.viewmodels.answers import Way, way

STATES = (Qt.Key.Key_F2, Qt.Key.Key_F3, Qt.Key.Key_F4, Qt.Key.Key_F5, Qt.Key.Key_F6)


class Driver:
    """Presses keys at random and prints, after each ``saved``, what every decided field is.

    No undo: a decision that was called saved must then be in the journal for good.
    """

    def __init__(self, window: MainWindow, seed: int) -> None:
        self.window = window
        self.random = random.Random(seed)
        self.timer = QTimer(window)
        self.timer.timeout.connect(self.press)
        window.review.opened.connect(self.begin)
        window.review.saved.connect(self.tell)
        window.review.released.connect(self.tell_released)

    def begin(self) -> None:
        say("READY", None)
        self.tell()
        self.timer.start(15)

    def press(self) -> None:
        target = QApplication.focusWidget() or self.window
        roll = self.random.random()
        if roll < 0.35:
            QTest.keyClick(target, Qt.Key.Key_Return)
        elif roll < 0.75:
            QTest.keyClick(target, self.random.choice(STATES))
        elif roll < 0.85:
            QTest.keyClicks(target, str(self.random.randint(0, 99)))
            QTest.keyClick(target, Qt.Key.Key_Return)
        elif roll < 0.9:
            QTest.keyClick(target, Qt.Key.Key_F9)
        else:
            QTest.keyClick(target, Qt.Key.Key_F12)

    def tell(self) -> None:
        if not self.window.review.ready or self.window.review.pending:
            return
        decided = {
            slot.spec.id: [slot.action.value, slot.value.state.value, slot.value.text]
            for slot in self.window.review.mirror.slots()
            if slot.action is not None
        }
        say("SAVED", decided)

    def tell_released(self, entry: object) -> None:
        self.timer.stop()
        say("RELEASED", getattr(entry, "id", ""))


class Typist:
    """Types on and on into one field and never decides; prints what is said to be written down."""

    def __init__(self, window: MainWindow, seed: int) -> None:
        self.window = window
        self.random = random.Random(seed)
        self.timer = QTimer(window)
        self.timer.timeout.connect(self.press)
        window.review.opened.connect(self.begin)
        window.review._typed.jotter.written.connect(lambda texts: say("WRITTEN", texts))

    def begin(self) -> None:
        slots = self.window.review.mirror.slots()
        field_id = next(slot.spec.id for slot in slots if way(slot.spec) is Way.LINE)
        self.window.review.go_to(field_id)
        say("READY", {field_id: self.window.review.text_of(field_id)})
        self.timer.start(40)

    def press(self) -> None:
        if self.random.random() < 0.12:  # a pause between words: what was typed is written down
            self.timer.setInterval(450)
        else:
            self.timer.setInterval(40)
        QTest.keyClicks(
            QApplication.focusWidget() or self.window, self.random.choice("abcdeghiklmnopqrstuvxy")
        )


def say(what: str, facts: object) -> None:
    sys.stdout.write(json.dumps([what, facts]) + "\n")
    sys.stdout.flush()


def main() -> int:
    home, draft, seed = sys.argv[1:4]
    backend = ApplicationBackend(Settings(home=Path(home), url="", person="clerk"))
    application = new_application(sys.argv[:1])
    window = make_window(backend, "en", "light")
    driver = Typist(window, int(seed)) if sys.argv[4:] else Driver(window, int(seed))
    window.show()
    QTimer.singleShot(0, lambda: window.start(draft))
    code = application.exec()
    del driver
    return code


if __name__ == "__main__":
    sys.exit(main())
