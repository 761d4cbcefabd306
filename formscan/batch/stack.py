"""A stack of files from a person: taken in, worked off and told about."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from formscan.batch.engine import Engine
from formscan.batch.gate import Gate
from formscan.batch.gate_room import GateRoom
from formscan.batch.intake import Feeder, stack_id, take_in
from formscan.batch.night import Night, Progress
from formscan.batch.report import NightReport, report_on
from formscan.batch.watch.moment import Moment
from formscan.model.ledger import Stand
from formscan.model.template import FormTemplate
from formscan.pipeline.acquire import FoundFile
from formscan.store import Store

MANY: Final = 1_000_000
POLL_S: Final = 0.2


@dataclass(frozen=True, slots=True)
class Stack:
    """What a run is given.

    Attributes:
        paths: Files, folders and archives in stack order.
        person: Who ordered it.
        form_id: Only this form is tried; empty for all.
        priority: Higher goes before what waits already.
        alone: Leave other work that waits to others.
    """

    paths: tuple[Path, ...]
    person: str
    form_id: str = ""
    priority: int = 0
    alone: bool = False


def digitise(
    stack: Stack,
    store: Store,
    engine: Engine,
    forms: Mapping[tuple[str, str], FormTemplate],
    progress: Progress = lambda _done, _label: None,
    cancelled: Callable[[], bool] = lambda: False,
    moment: Moment | None = None,
) -> NightReport:
    """Take a stack from files to stored drafts.

    Without paths everything that waits in the ledger is worked off. Cancelling stops the intake and gives
    out no more work; pages under way are finished and committed. Where there is a moment, it says when the
    intake and the work wait (a pause, a full disk), and is told how far they are.
    Running the same stack again does what is left, and nothing that was done.

    Returns:
        The report about the stack's files; its count balances.
    """
    started = time.monotonic()
    files = take_in(stack.paths, store.ledger, store.images, stand_of(stack), stack.person)
    GateRoom(store, forms).watch()
    gate = Gate(store, forms)
    left = [] if stack.paths else [each.key.file_id for each in store.ledger.waiting(MANY)]
    held, rests = (moment.holds, moment.rests) if moment else (_never, _never)
    with Feeder(_while_allowed(files, held, cancelled), cancelled) as feeder, engine:
        only = stack_id(stack.paths) if stack.alone else ""
        night = Night(store.ledger, engine, forms, stack.person, stack=only, gate=gate)
        try:
            tally = night.work(feeder.busy, cancelled, rests, moment.also(progress) if moment else progress)
        finally:
            if moment:
                moment.end()
    gate.sweep()
    seconds = time.monotonic() - started
    ids = feeder.ids or left
    return report_on(store.ledger, ids, tally.drafts, seconds, cancelled=tally.cancelled)


def _never() -> bool:
    return False


def _while_allowed(files: Iterable[str], hold: Callable[[], bool], stop: Callable[[], bool]) -> Iterator[str]:
    """Files as they are taken in; none is while ``hold`` says so."""
    for each in files:
        yield each
        while hold() and not stop():
            time.sleep(POLL_S)


def stand_of(stack: Stack) -> Callable[[FoundFile, Path], Stand]:
    """How the files of a stack are worked on: together, counted under the path they were found in."""
    name = stack_id(stack.paths)

    def stand(_found: FoundFile, path: Path) -> Stand:
        folder = path.absolute() if path.is_dir() else path.absolute().parent
        return Stand(name, folder.as_posix(), stack.priority, form_id=stack.form_id)

    return stand
