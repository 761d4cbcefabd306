"""Keeps a window to those who signed in: the entrance first, the lock when nobody is there, the heartbeat."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QObject

from ui.main_window import MainWindow
from ui.presence import Presence
from ui.viewmodels.house import House
from ui.widgets.alone_note import AloneNote

ENTRANCE = "entrance"


class Guard(QObject):
    """Watches over a window for as long as it is there.

    Args:
        window: The window; becomes the parent.
        house: Its core.
    """

    def __init__(self, window: MainWindow, house: House) -> None:
        super().__init__(window)
        self._window, self._house = window, house
        self._note = AloneNote(window)
        window.statusBar().addPermanentWidget(self._note)
        application = QCoreApplication.instance() or window
        self.presence = Presence(application, house.lock_minutes, self)
        self.presence.beat.connect(self._say_alive)
        self.presence.gone.connect(self.lock)
        window.inbox.loaded.connect(self._look)
        window.inbox.load_failed.connect(self._look)
        window.ended.connect(self.presence.stop)

    def lock(self) -> None:
        """Lock the window, where people sign in and somebody is there."""
        if not self._house.alone and self._house.person.id and self._window.place != ENTRANCE:
            self._window.show_desk(ENTRANCE)

    def _look(self, *_facts: object) -> None:
        self._note.setVisible(self._house.alone)
        if not self._house.alone and not self._house.person.id and self._window.place != ENTRANCE:
            self._window.show_desk(ENTRANCE)

    def _say_alive(self) -> None:
        if self._house.person.id:
            self._window.database.run(self._house.keep_leases)
