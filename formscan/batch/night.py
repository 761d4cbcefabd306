"""A whole stack: take in, read, put together, commit, and count."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from formscan.batch.crew import Crew
from formscan.batch.gate import Gate
from formscan.batch.orders import PageOrder, take_in
from formscan.batch.report import NightReport
from formscan.model.page import Held
from formscan.model.record import Draft, ReadPage
from formscan.model.template import FormTemplate
from formscan.pipeline.collate import Collation, collate
from formscan.pipeline.duplicates import DuplicateIndex

Progress = Callable[[int, str], None]
"""Told (pages done, label of the last one) after each page."""


class Committer(Protocol):
    """The part of the store the night needs."""

    def put_image(self, data: bytes, media_type: str) -> str:
        """Store an image durably."""
        ...

    def add_draft(self, draft: Draft, person: str = "system") -> bool:
        """Store a draft; False if it is known."""
        ...

    def start_run(self, run_id: str, person: str = "system") -> None:
        """Note that a run begins."""
        ...

    def add_held(self, run_id: str, held: Held) -> bool:
        """Store a held page or file under a run."""
        ...

    def finish_run(self, run_id: str, counts: Mapping[str, int], person: str = "system") -> object:
        """Note how a run ended."""
        ...


@dataclass(frozen=True, slots=True)
class Stack:
    """What a run is given.

    Attributes:
        paths: Files, folders and archives in stack order.
        person: Who ordered it.
        run: Name of the run, under which held pages are kept.
    """

    paths: tuple[Path, ...]
    person: str
    run: str


def digitise(
    stack: Stack,
    store: Committer,
    crew: Crew,
    forms: Mapping[tuple[str, str], FormTemplate],
    progress: Progress = lambda _done, _label: None,
    cancelled: Callable[[], bool] = lambda: False,
    gate: Gate | None = None,
) -> NightReport:
    """Take a stack from files to stored drafts.

    Cancelling stops the intake of further pages; pages on their way are finished and committed, so
    that nothing is half done, and a second run finishes the rest.

    Returns:
        The report; its count balances.
    """
    started = time.monotonic()
    report = NightReport()
    results: list[ReadPage | Held] = []
    store.start_run(stack.run, stack.person)
    orders = _until(take_in(stack.paths, store.put_image, DuplicateIndex()), cancelled, report)
    for result in crew.run(orders):
        results.append(result)
        progress(len(results), _label(result))
    commit(results, collate(results, forms, datetime.now(UTC)), store, stack, report, gate)
    report.seconds = time.monotonic() - started
    return report


def commit(
    results: Sequence[ReadPage | Held],
    collation: Collation,
    store: Committer,
    stack: Stack,
    report: NightReport,
    gate: Gate | None = None,
) -> None:
    """Store documents and held pages and count them."""
    for draft in collation.drafts:
        kept = draft if gate is None else gate.judged(draft)
        new = store.add_draft(kept, stack.person)
        report.add_draft(draft, new=new)
        if gate is not None and new:
            gate.stand(kept)
    report.count(results, collation.held)
    for held in report.refused:
        store.add_held(stack.run, held)
    counts = {
        "pages": report.taken_in,
        "read": report.drafted,
        "held": report.held + report.quarantined,
        "quarantined": report.quarantined,
        "duplicates": report.duplicates,
    }
    store.finish_run(stack.run, counts, stack.person)


def _until(
    orders: Iterable[PageOrder | Held], cancelled: Callable[[], bool], report: NightReport
) -> Iterator[PageOrder | Held]:
    for order in orders:
        if cancelled():
            report.cancelled = True
            return
        yield order


def _label(result: ReadPage | Held) -> str:
    return (result.source if isinstance(result, Held) else result.page.source).label
