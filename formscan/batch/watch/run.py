"""A watched night: files come in beside the reading, in the hours it may, until it is told to end."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from formscan.batch.engine import Engine
from formscan.batch.gate import Gate
from formscan.batch.gate_room import GateRoom
from formscan.batch.intake import Feeder
from formscan.batch.night import Night, Tally
from formscan.batch.watch.folders import POLL_S, WatchedFolders
from formscan.batch.watch.guard import Guard
from formscan.batch.watch.hours import Hours
from formscan.batch.watch.moment import Moment
from formscan.batch.watch.quiet import QUIET_S, Quietness
from formscan.batch.watch.rules import FolderRule
from formscan.batch.watch.status import NightBoard, NightStatus
from formscan.model.template import FormTemplate
from formscan.store import Store


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
    moment = Moment(store, board, guard, told, order.hours, order.workers, len(order.rules))
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
