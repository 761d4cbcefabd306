"""Arbitration: a field two people keyed differently, before a third one who sees both and the crop."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from formscan.model.looking import RulingTask, Waiting
from formscan.model.reading import FieldState, FieldValue, Severity
from formscan.model.second_look import same_value
from formscan.model.template import FieldSpec, FormTemplate
from ui.tasks import TaskRunner
from ui.viewmodels.backend import Backend
from ui.viewmodels.house import Asking

if TYPE_CHECKING:  # the store is loaded in the database thread
    from formscan.app import Application
    from formscan.store.leases import Lease


@dataclass(frozen=True, slots=True)
class Dispute:
    """What is before the third person now."""

    task: RulingTask
    lease: Lease
    form: FormTemplate
    spec: FieldSpec
    waiting: Waiting


class RulingModel(QObject):
    """One difference after the other.

    Args:
        backend: The core.
        database: The thread of the store.
        parent: Qt parent.
    """

    shown = Signal()
    emptied = Signal()
    alone_told = Signal()
    reason_asked = Signal()
    """A third value, or one that breaks a hard rule, needs a reason."""
    refused = Signal(object)

    def __init__(self, backend: Backend, database: TaskRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._backend, self._asking = backend, Asking(backend, database)
        self._skipped: set[str] = set()
        self.now: Dispute | None = None
        self.done = 0
        self.busy = False

    def begin(self) -> None:
        """Look for a difference, unless one is there already."""
        if self._asking.house is None:
            self.alone_told.emit()
        elif self.now is None:
            self._next()

    def choose(self, which: int, reason: str = "") -> None:
        """Rule for the first (1) or the second (2) value."""
        if self.now is not None:
            task = self.now.task
            self._rule(task.first if which == 1 else task.second, reason)

    def type(self, text: str, reason: str = "") -> None:
        """Rule for a text that was typed."""
        now = self.now
        if now is not None and text.strip():
            self._rule(self._backend.check(now.form, now.spec, text)[0], reason)

    def state(self, state: FieldState, reason: str = "") -> None:
        """Rule that the field has a state instead of a value."""
        self._rule(FieldValue(state), reason)

    def put_aside(self) -> None:
        """Leave this one to somebody else."""
        if self.now is not None and not self.busy:
            self._skipped.add(self.now.lease.subject)
            self._next()

    def _rule(self, value: FieldValue, reason: str) -> None:
        now = self.now
        if now is None or self.busy:
            return
        if not reason.strip() and self._needs_reason(now, value):
            self.reason_asked.emit()
            return
        self.busy = True

        def work(core: Application) -> None:
            place = now.task.place
            looks = core.store.looks
            looks.rule(place.draft_id, place.field_id, core.person.id, value, reason, now.lease)

        self._asking.ask(work, self._kept, self._fail)

    def _needs_reason(self, now: Dispute, value: FieldValue) -> bool:
        if not (same_value(value, now.task.first) or same_value(value, now.task.second)):
            return True
        if value.state is not FieldState.VALUE:
            return False
        flags = self._backend.check(now.form, now.spec, value.text)[1]
        return any(flag.severity is Severity.HARD for flag in flags)

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

        def work(core: Application) -> Dispute | None:
            found = core.store.looks.next_ruling(core.person.id, core.window, skipped)
            if found is None:
                return None
            task, lease = found
            form = core.library.get(task.place.form_id, task.place.form_version)
            waiting = core.store.looks.waiting(core.person.id)
            return Dispute(task, lease, form, form.field(task.place.field_id), waiting)

        self._asking.ask(work, self._show, self._give_up)

    def _show(self, found: Dispute | None) -> None:
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


def marked(one: str, other: str) -> tuple[tuple[str, bool], ...]:
    """Parts of ``one`` in order, each with whether it differs from ``other``."""
    parts: list[tuple[str, bool]] = []
    for tag, start, end, _, _ in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        if end > start:
            parts.append((one[start:end], tag != "equal"))
    return tuple(parts)
