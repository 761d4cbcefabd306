"""The blind second key: a crop, an empty editor, and nothing anybody else made of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from formscan.model.looking import KeyTask, Waiting
from formscan.model.reading import FieldState, FieldValue
from formscan.model.template import FieldSpec, FormTemplate
from ui.tasks import TaskRunner
from ui.viewmodels.backend import Backend
from ui.viewmodels.house import Asking

if TYPE_CHECKING:  # the store is loaded in the database thread
    from formscan.app import Application
    from formscan.store.leases import Lease


@dataclass(frozen=True, slots=True)
class Before:
    """What is before the second person now."""

    task: KeyTask
    lease: Lease
    form: FormTemplate
    spec: FieldSpec
    waiting: Waiting


class SecondKeyModel(QObject):
    """One field after the other, across forms.

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
        self.now: Before | None = None
        self.done = 0
        self.busy = False

    def begin(self) -> None:
        """Look for a field, unless one is there already."""
        if self._asking.house is None:
            self.alone_told.emit()
        elif self.now is None:
            self._next()

    def keep(self, text: str) -> None:
        """Keep what was keyed and go on; an empty line is not a value."""
        now = self.now
        if now is None or self.busy or not text.strip():
            return
        self._write(now, lambda: self._backend.check(now.form, now.spec, text)[0])

    def state(self, state: FieldState) -> None:
        """Say what the field is instead, and go on."""
        if self.now is not None and not self.busy:
            self._write(self.now, lambda: FieldValue(state))

    def put_aside(self) -> None:
        """Leave this field to somebody else."""
        if self.now is not None and not self.busy:
            self._skipped.add(self.now.lease.subject)
            self._next()

    def end(self) -> None:
        """The person leaves: what is before her is free for others."""
        self.now = None
        self._asking.ask(lambda core: core.leave_looks())

    def _write(self, now: Before, make: Callable[[], FieldValue]) -> None:
        self.busy = True

        def work(core: Application) -> None:
            task = now.task
            core.store.looks.key(task.draft_id, task.field_id, core.person.id, make(), now.lease)

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

        def work(core: Application) -> Before | None:
            found = core.store.looks.next_key(core.person.id, core.window, skipped)
            if found is None:
                return None
            task, lease = found
            form = core.library.get(task.form_id, task.form_version)
            waiting = core.store.looks.waiting(core.person.id)
            return Before(task, lease, form, form.field(task.field_id), waiting)

        self._asking.ask(work, self._show, self._give_up)

    def _show(self, found: Before | None) -> None:
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
