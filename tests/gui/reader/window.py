"""Shows places of the window one after the other until it is ended: ``window.py FOLDER``.

A furnished house with somebody in it who has every role. Whoever walks through writes the place wanted into
FOLDER/wanted; when it is shown and nothing is under way any more, it stands in FOLDER/shown. At first
FOLDER/shown says ``ready`` with all places behind it.
"""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtCore import QObject, QTimer

from formscan.app import Application
from formscan.model.people import Person, Role
from formscan.settings import Settings
from ui.backing import ApplicationBackend
from ui.main_window import MainWindow, new_application
from ui.sample_house import PASSWORD, furnish, signed_in
from ui.start import make_window

PLACES = ("inbox", "review")
CALM = 2
"""Looks in a row that find nothing under way."""


class Guide(QObject):
    """Goes where it is asked to.

    Args:
        window: Through which.
        folder: Where is asked and answered.
    """

    def __init__(self, window: MainWindow, folder: Path) -> None:
        super().__init__(window)
        self._window, self._folder = window, folder
        self._at, self._calm = "", 0
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._look)
        self._timer.start(100)

    def _look(self) -> None:
        busy = self._window.database.busy or self._window.pixels.busy
        self._calm = 0 if busy else self._calm + 1
        if self._calm < CALM:
            return
        asked = self._folder / "wanted"
        wanted = asked.read_text("utf-8") if asked.exists() else ""
        if wanted and wanted != self._at:
            self._at, self._calm = wanted, 0
            _go(self._window, wanted)
            return
        # the locked desk comes last: nothing else is offered there
        desks = sorted(self._window.desks, key=lambda desk: self._window.desks[desk].locked)
        _write(self._folder / "shown", self._at or " ".join(("ready", *PLACES, *desks)))


def _go(window: MainWindow, place: str) -> None:
    if place == "review":
        draft = window.inbox.table.draft(0)
        assert draft is not None
        window.open_draft(draft.id)
    elif place in window.desks:
        window.show_desk(place)


def _write(path: Path, text: str) -> None:
    """All of it or nothing: it is read at any time."""
    fresh = path.with_suffix(".new")
    fresh.write_text(text, "utf-8")
    fresh.replace(path)


def main(folder: Path) -> int:
    """Show what is asked for."""
    settings = Settings(home=folder / "home", lock_minutes=0)
    furnish(settings, entries=2, drafts=2)
    with Application(settings) as core:
        core.store.accounts.add(Person("all", "All", frozenset(Role)), PASSWORD, "duc")
    application = new_application(["formscan-ui"])
    window = make_window(ApplicationBackend(settings, lambda s: signed_in(s, "all")), "en", "light")
    window.show()
    window.activateWindow()  # nobody manages windows here
    window.start()
    Guide(window, folder)
    return application.exec()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
