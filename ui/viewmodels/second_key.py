"""The blind second key: a crop, an empty editor, and nothing anybody else made of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from formscan.model.looking import KeyTask
from formscan.model.reading import FieldState, FieldValue
from ui.viewmodels.one_by_one import Before, OneByOne

if TYPE_CHECKING:  # the store is loaded in the database thread
    from formscan.app import Application
    from formscan.store.leases import Lease


class SecondKeyModel(OneByOne[KeyTask]):
    """One field after the other, across forms."""

    def find(self, core: Application, skipped: frozenset[str]) -> tuple[KeyTask, Lease] | None:
        """The next field to key."""
        return core.store.looks.next_key(core.person.id, core.window, skipped)

    def place(self, task: KeyTask) -> KeyTask:
        """The task says all there is to know."""
        return task

    def keep(self, text: str) -> None:
        """Keep what was keyed and go on; an empty line is not a value."""
        now = self.now
        if now is None or self.busy or not text.strip():
            return
        self._key(now, lambda: self._backend.check(now.form, now.spec, text)[0])

    def state(self, state: FieldState) -> None:
        """Say what the field is instead, and go on."""
        if self.now is not None and not self.busy:
            self._key(self.now, lambda: FieldValue(state))

    def end(self) -> None:
        """The person leaves: what is before her is free for others."""
        self.now = None
        self._asking.ask(lambda core: core.leave_looks())

    def _key(self, now: Before[KeyTask], make: Callable[[], FieldValue]) -> None:
        def work(core: Application) -> None:
            task = now.task
            core.store.looks.key(task.draft_id, task.field_id, core.person.id, make(), now.lease)

        self.write(work)
