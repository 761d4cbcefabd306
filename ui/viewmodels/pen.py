"""The session in the database thread: steps go in one after the other, the truth comes back after each."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from formscan.errors import ReviewError
from formscan.review.session import ReviewSession
from ui.tasks import TaskRunner
from ui.viewmodels.backend import Backend
from ui.viewmodels.house import House
from ui.viewmodels.jotting import jotted
from ui.viewmodels.mirror import Opened, Snapshot, opened, snapshot

T = TypeVar("T")


class SkippedError(ReviewError):
    """An undo was on its way when a step before it was refused: it would have taken back another one."""

    default_code = "review.skipped"


class Pen:
    """Writes the steps of one review; made anew for each draft, so that late results go nowhere.

    Args:
        backend: The core.
        database: The thread of the store; one.
    """

    def __init__(self, backend: Backend, database: TaskRunner) -> None:
        self._backend = backend
        self._database = database
        self._session: ReviewSession | None = None
        self._refusals = 0  # counted in the database thread, looked at in the GUI thread
        self._opened = self._dropped = False
        self.pending = 0

    def open(
        self, draft_id: str, done: Callable[[Opened], None], failed: Callable[[Exception], None]
    ) -> None:
        """Open the session of a draft."""
        self._opened = True

        def work() -> Opened:
            self._session = self._backend.open_session(draft_id)
            return opened(self._session, jotted(self._backend, draft_id))

        self._database.run(work, self._unless_dropped(done), self._unless_dropped(failed))

    def drop(self) -> None:
        """Nobody looks at this draft any more; what was decided is still written, then others may go on."""
        if self._opened and isinstance(self._backend, House):
            self._database.run(self._backend.leave_draft)
        self._opened, self._dropped = False, True

    def step(
        self,
        work: Callable[[ReviewSession], T],
        done: Callable[[T, Snapshot], None],
        failed: Callable[[Exception], None],
        *,
        relative: bool = False,
    ) -> None:
        """Do one step.

        Args:
            work: Called with the session in the database thread.
            done: Called in the GUI thread with its result and with what is true after it.
            failed: Called in the GUI thread with why it was not done.
            relative: The step means "the one before": it is skipped where that one was refused meanwhile.
        """
        seen = self._refusals
        self.pending += 1

        def perform() -> tuple[T, Snapshot]:
            session = self._session
            if session is None:
                raise ReviewError("review.none_open")
            if relative and self._refusals != seen:
                raise SkippedError
            kept = False
            try:
                result = work(session)
                kept = True
            finally:
                self._refusals += not kept
            return result, snapshot(session)

        def arrived(told: tuple[T, Snapshot]) -> None:
            self.pending -= 1
            done(*told)

        def refused(error: Exception) -> None:
            self.pending -= 1
            failed(error)

        self._database.run(perform, self._unless_dropped(arrived), self._unless_dropped(refused))

    def _unless_dropped(self, call: Callable[[T], None]) -> Callable[[T], None]:
        def deliver(result: T) -> None:
            if not self._dropped:
                call(result)

        return deliver
