"""The moment of a night: whether work may go on now, and what is told about it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from formscan.batch.watch.forecast import Forecast
from formscan.batch.watch.guard import Guard
from formscan.batch.watch.hours import Hours
from formscan.batch.watch.status import NightBoard, NightStatus
from formscan.logs import get_logger
from formscan.store import Store

TELL_S: Final = 2.0
LOG_S: Final = 60.0


class Moment:
    """Keeps the time: a pause, the hours, room on the disk and in memory; one line a minute in the log.

    Args:
        store: Whose work it is.
        board: Where the status is put up and a pause is asked for.
        guard: Keeps disk and memory free.
        told: Called with the status every two seconds.
        hours: When it may work.
        workers: Processes that read; told in the status.
        folders: How many are watched; told in the status.
    """

    def __init__(
        self,
        store: Store,
        board: NightBoard,
        guard: Guard,
        told: Callable[[NightStatus], None] = lambda _status: None,
        hours: Hours | None = None,
        workers: int = 1,
        folders: int = 0,
    ) -> None:
        self._store, self._board, self._guard, self._told = store, board, guard, told
        self._hours, self._workers, self._folders = hours or Hours(), workers, folders
        now = datetime.now().astimezone()
        self._end_at = self._hours.end_after(now) if self._hours.begin is None else None
        self._forecast = Forecast()
        self._done, self._label = 0, ""
        self._state, self._reason = "waiting", ""
        self._next_tell, self._next_log = 0.0, time.monotonic() + LOG_S
        self.stirring: Callable[[], int] = lambda: 0

    def is_over(self) -> bool:
        """Whether the end of the hours has come; with a begin too, the night only rests till the next."""
        return self._end_at is not None and datetime.now().astimezone() >= self._end_at

    def holds(self) -> bool:
        """Whether nothing may be taken in."""
        return self._reason in {"watch.disk", "watch.memory"} or self._state in {"paused", "closed"}

    def rests(self) -> bool:
        """Whether no work may be given out; called a few times a second, and tells on the way."""
        if time.monotonic() >= self._next_tell:
            self._next_tell = time.monotonic() + TELL_S
            self._tell()
        return self._state in {"paused", "closed", "guarded"}

    def progress(self, done: int, label: str) -> None:
        """A page is done."""
        self._done, self._label = done, label

    def also(self, progress: Callable[[int, str], None]) -> Callable[[int, str], None]:
        """Tell somebody else of each page, too."""

        def both(done: int, label: str) -> None:
            self.progress(done, label)
            progress(done, label)

        return both

    def end(self) -> None:
        """Put up the last status."""
        self._board.write(self._status("ended", "", self._store.ledger.count_waiting()))

    def _tell(self) -> None:
        waiting = self._store.ledger.count_waiting()
        before = self._reason
        self._state, self._reason = self._standing(waiting)
        if self._reason and self._reason != before:  # else who looks at nothing but the log waits for nothing
            get_logger().warning("night.waits", reason=self._reason, count=waiting)
        if self._state == "working":
            self._forecast.note(time.monotonic(), self._done)
        else:
            self._forecast.rest()
        status = self._status(self._state, self._reason, waiting)
        self._board.write(status)
        self._told(status)
        if time.monotonic() >= self._next_log:
            self._next_log = time.monotonic() + LOG_S
            get_logger().info("night.minute", pages=self._done, count=waiting, kind=self._state)

    def _standing(self, waiting: int) -> tuple[str, str]:
        if self._board.paused:
            return "paused", "watch.paused"
        if not self._hours.open_at(datetime.now().astimezone()):
            return "closed", "watch.hours"
        reason = self._guard.reason()
        if reason:
            return "guarded", reason
        return ("working", "") if waiting else ("waiting", "")

    def _status(self, state: str, reason: str, waiting: int) -> NightStatus:
        now = datetime.now().astimezone()
        done_by = self._forecast.done_by(now, waiting) if state == "working" else None
        return NightStatus(
            at=datetime.now(UTC).isoformat(timespec="milliseconds"),
            state=state,
            reason=reason,
            done=self._done,
            waiting=waiting,
            stirring=self.stirring(),
            pages_a_minute=round(self._forecast.pages_a_minute, 1),
            done_by=done_by.isoformat(timespec="minutes") if done_by else "",
            label=self._label,
            folders=self._folders,
            workers=self._workers,
        )


@dataclass(frozen=True, slots=True)
class NightOrder:
    """What makes a run a night: it may be paused, keeps room on the machine and tells how it stands.

    Attributes:
        guard: What must stay free.
        told: Called with the status every two seconds.
    """

    guard: Guard
    told: Callable[[NightStatus], None]

    def begins(self, store: Store, home: Path, workers: int) -> Moment:
        """The night's moment, with its board in the folder of the database."""
        return Moment(store, NightBoard(home), self.guard, self.told, workers=workers)
