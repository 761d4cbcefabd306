"""A watched night: files come in beside the reading, in the hours it may, until it is told to end."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from formscan.batch.engine import Engine
from formscan.batch.gate import Gate
from formscan.batch.gate_room import GateRoom
from formscan.batch.intake import Feeder
from formscan.batch.night import Night, Tally
from formscan.batch.watch.folders import POLL_S, WatchedFolders
from formscan.batch.watch.forecast import Forecast
from formscan.batch.watch.guard import Guard
from formscan.batch.watch.hours import Hours
from formscan.batch.watch.quiet import QUIET_S, Quietness
from formscan.batch.watch.rules import FolderRule
from formscan.batch.watch.status import NightBoard, NightStatus
from formscan.logs import get_logger
from formscan.model.template import FormTemplate
from formscan.store import Store

TELL_S: Final = 2.0
LOG_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class WatchOrder:
    """What is watched and when.

    Attributes:
        rules: The folders.
        person: Who ordered it.
        workers: Processes that read; told in the status.
        hours: When it may work.
        once: End when everything that is there is done.
        quiet_s: A file that did not change for so long is whole.
        poll_s: Seconds between looks.
    """

    rules: Sequence[FolderRule]
    person: str
    workers: int = 1
    hours: Hours = field(default_factory=Hours)
    once: bool = False
    quiet_s: float = QUIET_S
    poll_s: float = POLL_S


def watch(
    order: WatchOrder,
    store: Store,
    engine: Engine,
    forms: Mapping[tuple[str, str], FormTemplate],
    board: NightBoard,
    guard: Guard,
    told: Callable[[NightStatus], None] = lambda _status: None,
    stop: Callable[[], bool] = lambda: False,
) -> Tally:
    """Watch folders and work off what comes in; what is under way at the end is finished and committed.

    Args:
        order: What and when.
        store: The memory.
        engine: The workers.
        forms: All templates by (id, version).
        board: Where the status is put up and a pause is asked for.
        guard: Keeps disk and memory free.
        told: Called with the status every two seconds.
        stop: Whether to end.

    Returns:
        What was done.
    """
    ended = threading.Event()
    moment = _Moment(order, store, board, guard, told)
    folders = WatchedFolders(
        order.rules, store.ledger, store.images, order.person, Quietness(order.quiet_s), order.poll_s
    )
    moment.stirring = lambda: folders.stirring

    def over() -> bool:
        return ended.is_set() or stop() or moment.is_over()

    GateRoom(store, forms).watch()
    gate = Gate(store, forms)
    files = folders.files(over, moment.holds, once=order.once)
    with Feeder(files, over) as feeder, engine:
        night = Night(store.ledger, engine, forms, order.person, gate=gate)
        try:
            return night.work(feeder.busy, over, moment.rests, moment.progress)
        finally:
            ended.set()
            moment.end()


class _Moment:
    """Keeps the time: whether work may go on, and what is told about it."""

    def __init__(
        self,
        order: WatchOrder,
        store: Store,
        board: NightBoard,
        guard: Guard,
        told: Callable[[NightStatus], None],
    ) -> None:
        self._order, self._store, self._board, self._guard, self._told = order, store, board, guard, told
        now = datetime.now().astimezone()
        self._end_at = order.hours.end_after(now) if order.hours.begin is None else None
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

    def end(self) -> None:
        """Put up the last status."""
        self._board.write(self._status("ended", "", self._store.ledger.count_waiting()))

    def _tell(self) -> None:
        waiting = self._store.ledger.count_waiting()
        self._state, self._reason = self._standing(waiting)
        if self._state == "working":
            self._forecast.note(time.monotonic(), self._done)
        else:
            self._forecast.rest()
        status = self._status(self._state, self._reason, waiting)
        self._board.write(status)
        self._told(status)
        if time.monotonic() >= self._next_log:
            self._next_log += LOG_S
            get_logger().info("night.minute", pages=self._done, count=waiting, kind=self._state)

    def _standing(self, waiting: int) -> tuple[str, str]:
        if self._board.paused:
            return "paused", "watch.paused"
        if not self._order.hours.open_at(datetime.now().astimezone()):
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
            folders=len(self._order.rules),
            workers=self._order.workers,
        )
