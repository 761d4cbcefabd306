"""Signing in, locking and unlocking, as the entrance's view sees it."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from formscan.errors import SignInError
from formscan.model.people import NOBODY, Person
from ui.tasks import TaskRunner
from ui.viewmodels.backend import Backend
from ui.viewmodels.house import Asking


class EntranceModel(QObject):
    """Who comes in.

    Args:
        backend: The core.
        database: The thread of the store.
        parent: Qt parent.
    """

    entered = Signal(bool)
    """Somebody is in; whether it is the one who was there before, so that her work goes on."""
    code_asked = Signal()
    refused = Signal(object)
    unlockable = Signal()
    """There are no accounts, so there is nothing to lock."""
    locked = Signal(str)
    """The window is locked; the login name of who was there, or empty."""

    def __init__(self, backend: Backend, database: TaskRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._asking = Asking(backend, database)
        self._was: Person = NOBODY
        self.busy = False

    def lock(self) -> None:
        """Let nobody be here until somebody signs in."""
        if self._asking.house is None:
            self.unlockable.emit()
            return
        self._asking.ask(lambda core: (core.alone, core.lock()), self._show_locked, self.refused.emit)

    def _show_locked(self, told: tuple[bool, Person]) -> None:
        alone, was = told
        if alone:
            self.unlockable.emit()
            return
        self._was = was if was.id else self._was
        self.locked.emit(self._was.id)

    def enter(self, name: str, password: str, code: str) -> None:
        """Try to come in."""
        if self.busy or not name.strip() or not password:
            return
        self.busy = True
        self._asking.ask(lambda core: core.sign_in(name, password, code), self._let_in, self._refuse)

    def _let_in(self, person: Person) -> None:
        same, self._was, self.busy = person.id == self._was.id, person, False
        self.entered.emit(same)

    def _refuse(self, error: Exception) -> None:
        self.busy = False
        if isinstance(error, SignInError) and error.code == "access.code_needed":
            self.code_asked.emit()
        else:
            self.refused.emit(error)
