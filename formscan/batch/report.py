"""The count that must balance: in = drafted + held + quarantined + duplicates + set aside + waiting."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from formscan.model.ledger import Balance, LedgerFile, LedgerPage, WorkState
from formscan.model.page import Held
from formscan.store import Ledger, Scope

AT_ONCE: Final = 400
"""Files asked for in one go."""


@dataclass(slots=True)
class NightReport:
    """What became of every page of the files a run was given, whichever run did it.

    Attributes:
        taken_in: Pages (and files that gave no page) that came in.
        drafted: Pages that are part of a draft or of what became of it.
        released: Of these, pages of released entries.
        held: Pages that were not read, with reasons; a person decides.
        quarantined: Files or pages that are broken or dangerous.
        duplicates: Exact copies of a page that came before.
        set_aside: Blank backs and separator sheets.
        waiting: Pages that are still to be read, or whose document is not complete.
        drafts: Documents.
        known: Documents that were stored by an earlier run (part of ``drafts``).
        seconds: Wall-clock time.
    """

    taken_in: int = 0
    drafted: int = 0
    released: int = 0
    held: int = 0
    quarantined: int = 0
    duplicates: int = 0
    set_aside: int = 0
    waiting: int = 0
    drafts: int = 0
    known: int = 0
    seconds: float = 0.0
    cancelled: bool = False
    by_form: Counter[str] = field(default_factory=Counter)
    by_reason: Counter[str] = field(default_factory=Counter)
    problems: Counter[str] = field(default_factory=Counter)
    refused: list[Held] = field(default_factory=list)
    draft_ids: list[str] = field(default_factory=list)

    @property
    def balances(self) -> bool:
        """Whether every page that came in is accounted for."""
        stopped = self.held + self.quarantined + self.duplicates + self.set_aside
        return self.taken_in == self.drafted + stopped + self.waiting

    @property
    def pages_per_minute(self) -> float:
        """Pages taken in a minute of wall-clock time; 0 before anything was measured."""
        return self.taken_in / self.seconds * 60 if self.seconds > 0 else 0.0


def report_on(
    ledger: Ledger, file_ids: Sequence[str], made: Iterable[str], seconds: float, *, cancelled: bool
) -> NightReport:
    """What became of files.

    Args:
        ledger: Where they stand.
        file_ids: Which, in stack order.
        made: Ids of drafts this run made.
        seconds: How long it took.
        cancelled: Whether it was stopped.
    """
    ids = tuple(dict.fromkeys(file_ids))
    count = ledger.balance(Scope(files=ids))
    files: list[LedgerFile] = []
    pages: list[LedgerPage] = []
    for at in range(0, len(ids), AT_ONCE):
        scope = Scope(files=ids[at : at + AT_ONCE])
        files += ledger.files(scope)
        pages += ledger.pages(scope)
    drafts = list(dict.fromkeys(page.draft_id for page in _ordered(pages, files) if page.draft_id))
    report = _counted(count)
    report.drafts, report.draft_ids = len(drafts), drafts
    report.known = len(set(drafts) - set(made))
    report.problems.update(ledger.problems_of(drafts))
    report.refused = _refused(files, pages)
    report.seconds, report.cancelled = seconds, cancelled
    return report


def _counted(count: Balance) -> NightReport:
    return NightReport(
        taken_in=count.taken_in,
        drafted=count.drafted + count.gated + count.released + count.discarded,
        released=count.released,
        held=count.held,
        quarantined=count.quarantined,
        duplicates=count.duplicates,
        set_aside=count.set_aside,
        waiting=count.waiting,
        by_form=Counter(count.by_form),
        by_reason=Counter(count.by_reason),
    )


def _ordered(pages: Iterable[LedgerPage], files: Iterable[LedgerFile]) -> list[LedgerPage]:
    order = {file.id: place for place, file in enumerate(files)}
    return sorted(pages, key=lambda page: (order[page.key.file_id], page.key.index))


def _refused(files: Sequence[LedgerFile], pages: Sequence[LedgerPage]) -> list[Held]:
    """What was held, quarantined or a copy, in stack order."""
    place = {file.id: number for number, file in enumerate(files)}
    ended = [
        (place[file.id], -1, file.held)
        for file in files
        if file.held is not None and file.state is not WorkState.REPLACED
    ]
    ended += [
        (place[page.key.file_id], page.key.index, page.held)
        for page in pages
        if page.held is not None and page.state is not WorkState.SET_ASIDE
    ]
    return [held for _, _, held in sorted(ended, key=lambda each: each[:2]) if held is not None]
