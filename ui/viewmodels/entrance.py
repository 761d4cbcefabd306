"""Signing in, locking and unlocking, as the entrance's view sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QTimer, Signal

from formscan.errors import SignInError
from formscan.model.people import NOBODY, Person
from ui.tasks import TaskRunner
from ui.viewmodels.backend import Backend
from ui.viewmodels.house import Asking

if TYPE_CHECKING:  # what talks to an identity provider is an extra
    from formscan.app import Application
    from formscan.signin_oidc import OidcSignIn, OidcTry, Vouched

LOOK_MS: Final = 200
"""Between two looks whether the browser came back."""
PATIENCE_MS: Final = 300_000
"""After so long without an answer the try is given up."""


class EntranceModel(QObject):
    """Who comes in.

    Args:
        backend: The core.
        database: The thread of the store.
        pixels: Threads that may wait for an identity provider.
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

    provider_here = Signal(bool)
    """Whether there is an identity provider to sign in with."""
    browser_wanted = Signal(str)
    """An address to be opened in the browser; who comes back there is let in."""

    def __init__(
        self, backend: Backend, database: TaskRunner, pixels: TaskRunner, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._asking, self._pixels = Asking(backend, database), pixels
        self._was: Person = NOBODY
        self._try: OidcTry | None = None
        self._looks = QTimer(self)
        self._looks.setInterval(LOOK_MS)
        self._looks.timeout.connect(self._look)
        self._waited_ms = 0
        self.busy = False

    def lock(self) -> None:
        """Let nobody be here until somebody signs in."""
        if self._asking.house is None:
            self.unlockable.emit()
            return
        self.give_up()
        self._asking.ask(_locked, self._show_locked, self.refused.emit)

    def _show_locked(self, told: tuple[bool, bool, Person]) -> None:
        alone, provider, was = told
        self.provider_here.emit(provider)
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

    # -- an identity provider ------------------------------------------------------------------

    def browse(self) -> None:
        """Send the browser to the identity provider; a try that is under way ends."""
        if self.busy:
            return
        self.give_up()
        self.busy = True
        self._asking.ask(_provider, self._begin_try, self._refuse)

    def give_up(self) -> None:
        """Wait for the browser no more."""
        self._looks.stop()
        if self._try is not None:
            self._try.close()
            self._try = None

    def _begin_try(self, provider: OidcSignIn | None) -> None:
        if provider is None:
            self.busy = False
            return
        self._pixels.run(provider.begin, self._wait, self._refuse)

    def _wait(self, begun: OidcTry) -> None:
        self.busy, self._waited_ms, self._try = False, 0, begun
        self._looks.start()
        self.browser_wanted.emit(begun.url)

    def _look(self) -> None:
        self._waited_ms += LOOK_MS
        begun = self._try
        if begun is None or self._waited_ms > PATIENCE_MS:
            self.give_up()
        elif begun.arrived and not self.busy:
            self._looks.stop()
            self.busy = True
            self._pixels.run(begun.finish, self._vouched, self._refuse)

    def _vouched(self, vouched: Vouched) -> None:
        self.give_up()
        self._asking.ask(lambda core: _enter(core, vouched), self._let_in, self._refuse)

    # -- inside --------------------------------------------------------------------------------

    def _let_in(self, person: Person) -> None:
        same, self._was, self.busy = person.id == self._was.id, person, False
        self.entered.emit(same)

    def _refuse(self, error: Exception) -> None:
        self.busy = False
        self.give_up()
        if isinstance(error, SignInError) and error.code == "access.code_needed":
            self.code_asked.emit()
        else:
            self.refused.emit(error)


def _locked(core: Application) -> tuple[bool, bool, Person]:
    """Whether there are no accounts, whether there is an identity provider, and who was here."""
    return core.alone, bool(core.settings.oidc_issuer), core.lock()


def _provider(core: Application) -> OidcSignIn | None:
    from formscan.signin_oidc import provider_of

    return provider_of(core.settings)


def _enter(core: Application, vouched: Vouched) -> Person:
    from formscan.signin_oidc import enter

    person = enter(core.store.accounts, core.settings, vouched)
    core.let_in(person)
    return person
