"""Critical fields that are put before a person one after the other, each leased to her window."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from PySide6.QtCore import QObject, Signal

from formscan.model.looking import KeyTask, Waiting
from formscan.model.template import FieldSpec, FormTemplate
from ui.tasks import TaskRunner
from ui.viewmodels.backend import Backend
from ui.viewmodels.house import Asking

if TYPE_CHECKING:  # the store is loaded in the database thread
    from formscan.app import Application
    from formscan.store.leases import Lease

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Before(Generic[T]):
    """What is before the person now.

    Attributes:
        place: Which field, and its crop.
        task: What is asked about it.
    """

    task: T
    place: KeyTask
    lease: Lease
    form: FormTemplate
    spec: FieldSpec
    waiting: Waiting


class OneByOne(QObject, Generic[T]):
    """Looks for the next field, keeps what was decided, and goes on; a subclass says what is looked for.

    Args:
        backend: The core.
        database: The thread of the store.
        parent: Qt parent.
    """

    shown = Signal()
    """Another field is before the person."""
    emptied = Signal()
    """There is nothing for this person now."""
    alone_told = Signal()
    """One person works here: there is no second key."""
    refused = Signal(object)

    def __init__(self, backend: Backend, database: TaskRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._backend, self._asking = backend, Asking(backend, database)
        self._skipped: set[str] = set()
        self.now: Before[T] | None = None
        self.done = 0
        self.busy = False

    def find(self, core: Application, skipped: frozenset[str]) -> tuple[T, Lease] | None:
        """The next field for the person who is here; in the thread of the store."""
        raise NotImplementedError

    def place(self, task: T) -> KeyTask:
        """Which field a task is about."""
        raise NotImplementedError

    def begin(self) -> None:
        """Look for a field, unless one is there already."""
        if self._asking.house is None:
            self.alone_told.emit()
        elif self.now is None:
            self._next()

    def put_aside(self) -> None:
        """Leave this field to somebody else."""
        if self.now is not None and not self.busy:
            self._skipped.add(self.now.lease.subject)
            self._next()

    def write(self, work: Callable[[Application], None]) -> None:
        """Write down what was decided, and go on."""
        self.busy = True
        self._asking.ask(work, self._kept, self._fail)

    def _kept(self, _nothing: None) -> None:
        self.done += 1
        self._next()

    def _fail(self, error: Exception) -> None:
        self.busy = False
        self.refused.emit(error)
        self._next()

    def _next(self) -> None:
        self.busy = True
        skipped = frozenset(self._skipped)

        def work(core: Application) -> Before[T] | None:
            found = self.find(core, skipped)
            if found is None:
                return None
            task, lease = found
            place = self.place(task)
            form = core.library.get(place.form_id, place.form_version)
            waiting = core.store.looks.waiting(core.person.id)
            return Before(task, place, lease, form, form.field(place.field_id), waiting)

        self._asking.ask(work, self._show, self._give_up)

    def _show(self, found: Before[T] | None) -> None:
        self.now, self.busy = found, False
        if found is not None:
            self.shown.emit()
        elif self._asking.alone:
            self.alone_told.emit()
        else:
            self.emptied.emit()

    def _give_up(self, error: Exception) -> None:
        self.now, self.busy = None, False
        self.refused.emit(error)
