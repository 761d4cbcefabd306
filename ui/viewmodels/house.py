"""What desks need of a core where people sign in; a core in memory for tests and pictures has none of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, TypeVar, runtime_checkable

from formscan.model.people import Person
from ui.tasks import Task, TaskRunner
from ui.viewmodels.backend import Backend

if TYPE_CHECKING:  # SQLAlchemy takes half a second to load; the window must not wait for it
    from formscan.app import Application

T = TypeVar("T")


@runtime_checkable
class House(Protocol):
    """A core with accounts, second keys and patients."""

    alone: bool
    """There are no accounts: one person works with this database. As of the last call."""

    lock_minutes: float
    """Minutes without a key after which the window locks; 0 never."""

    @property
    def person(self) -> Person:
        """Who is here. As of the last call."""

    def ask(self, work: Callable[[Application], T]) -> T:
        """Do something with the core; only in the database thread."""

    def must_sign_in(self) -> bool:
        """Whether there are accounts and nobody is here."""

    def leave_draft(self) -> None:
        """The draft this window works on is free for others."""

    def keep_leases(self) -> None:
        """Say that this window is alive."""

    def lock(self) -> Person:
        """Nobody is here until somebody signs in; returns who was."""


class Asking:
    """Puts questions to a house in the database thread.

    Args:
        backend: The core.
        database: The thread of the store.
    """

    def __init__(self, backend: Backend, database: TaskRunner) -> None:
        self._backend, self._database = backend, database

    @property
    def house(self) -> House | None:
        """The core, where it is one with accounts."""
        return self._backend if isinstance(self._backend, House) else None

    @property
    def alone(self) -> bool:
        """One person works here; there are no accounts."""
        return self.house is None or self.house.alone

    def ask(
        self,
        work: Callable[[Application], T],
        done: Callable[[T], None] | None = None,
        failed: Callable[[Exception], None] | None = None,
    ) -> Task[T] | None:
        """Do ``work`` with the core; nothing where there is none."""
        house = self.house
        return None if house is None else self._database.run(lambda: house.ask(work), done, failed)
