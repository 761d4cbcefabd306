"""Accounts and roles, as the administrator's desk sees them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from formscan.model.people import Account, Permission, Person, Role, needed_to_reset_codes
from ui.tasks import TaskRunner
from ui.viewmodels.backend import Backend
from ui.viewmodels.house import Asking

if TYPE_CHECKING:  # the store is loaded in the database thread
    from formscan.app import Application


class StaffModel(QObject):
    """The people who may sign in.

    Args:
        backend: The core.
        database: The thread of the store.
        parent: Qt parent.
    """

    loaded = Signal()
    changed = Signal(str)
    """Something was done to the account of this name."""
    first_made = Signal(str)
    """The first account is there: from now on people sign in."""
    codes_off = Signal(str)
    """The one-time codes of this name are off."""
    refused = Signal(object)

    def __init__(self, backend: Backend, database: TaskRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._backend, self._asking = backend, Asking(backend, database)
        self.accounts: tuple[Account, ...] = ()

    @property
    def here(self) -> bool:
        """This core keeps accounts."""
        return self._asking.house is not None

    @property
    def first(self) -> bool:
        """There are no accounts yet: the first one is an administrator's."""
        return not self.accounts

    @property
    def administers(self) -> bool:
        """Whoever is here may do more than reset one-time codes."""
        return self.first or self._backend.person.may(Permission.ADMINISTER)

    def may_reset(self, account: Account) -> bool:
        """Whether whoever is here may switch this person's one-time codes off here; her own with a code."""
        here, whose = self._backend.person, account.person
        mine = whose.id == here.id
        return account.second_factor and not mine and here.may(needed_to_reset_codes(whose))

    def load(self) -> None:
        """Read the accounts again."""
        self._asking.ask(lambda core: tuple(core.store.accounts.all()), self._show, self.refused.emit)

    def add(self, login: str, name: str, roles: frozenset[Role], password: str) -> None:
        """Make an account."""
        person, first = Person(login.strip().lower(), name.strip() or login, roles), self.first
        told = self.first_made.emit if first else self.changed.emit
        self._do(lambda core, by: core.store.accounts.add(person, password, by), person.id, told)

    def set_roles(self, login: str, roles: frozenset[Role]) -> None:
        """Give other roles."""
        self._do(lambda core, by: core.store.accounts.set_roles(login, roles, by), login)

    def set_password(self, login: str, password: str) -> None:
        """Set a password."""
        self._do(lambda core, by: core.store.accounts.set_password(login, password, by), login)

    def turn(self, login: str) -> None:
        """Lock an account, or open it again."""
        active = next((a.active for a in self.accounts if a.person.id == login), True)
        self._do(lambda core, by: core.store.accounts.set_active(login, not active, by), login)

    def reset_codes(self, login: str) -> None:
        """Switch the one-time codes of somebody off who lost the device."""
        told = self.codes_off.emit
        self._do(lambda core, by: core.store.accounts.drop_second_factor(login, by), login, told)

    def _do(
        self,
        act: Callable[[Application, str], object],
        login: str,
        told: Callable[[str], None] | None = None,
    ) -> None:
        def done(_nothing: object) -> None:
            (told or self.changed.emit)(login)
            self.load()

        self._asking.ask(lambda core: act(core, core.person.id), done, self.refused.emit)

    def _show(self, accounts: tuple[Account, ...]) -> None:
        self.accounts = accounts
        self.loaded.emit()
