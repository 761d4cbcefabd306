"""Arbitration: a field two people keyed differently, before a third one who sees both and the crop."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal

from formscan.model.looking import KeyTask, RulingTask
from formscan.model.reading import FieldState, FieldValue, Severity
from formscan.model.second_look import same_value
from ui.viewmodels.one_by_one import Before, OneByOne

if TYPE_CHECKING:  # the store is loaded in the database thread
    from formscan.app import Application
    from formscan.store.leases import Lease


class RulingModel(OneByOne[RulingTask]):
    """One difference after the other."""

    reason_asked = Signal()
    """A third value, or one that breaks a hard rule, needs a reason."""

    def find(self, core: Application, skipped: frozenset[str]) -> tuple[RulingTask, Lease] | None:
        """The next difference."""
        return core.store.looks.next_ruling(core.person.id, core.window, skipped)

    def place(self, task: RulingTask) -> KeyTask:
        """Where the difference is."""
        return task.place

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

    def _rule(self, value: FieldValue, reason: str) -> None:
        now = self.now
        if now is None or self.busy:
            return
        if not reason.strip() and self._needs_reason(now, value):
            self.reason_asked.emit()
            return

        def work(core: Application) -> None:
            place, looks = now.place, core.store.looks
            looks.rule(place.draft_id, place.field_id, core.person.id, value, reason, now.lease)

        self.write(work)

    def _needs_reason(self, now: Before[RulingTask], value: FieldValue) -> bool:
        if not (same_value(value, now.task.first) or same_value(value, now.task.second)):
            return True
        if value.state is not FieldState.VALUE:
            return False
        flags = self._backend.check(now.form, now.spec, value.text)[1]
        return any(flag.severity is Severity.HARD for flag in flags)


def marked(one: str, other: str) -> tuple[tuple[str, bool], ...]:
    """Parts of ``one`` in order, each with whether it differs from ``other``."""
    parts: list[tuple[str, bool]] = []
    for tag, start, end, _, _ in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        if end > start:
            parts.append((one[start:end], tag != "equal"))
    return tuple(parts)
