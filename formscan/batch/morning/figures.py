"""The figures of a night, out of the ledger and the drafts."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from formscan.model.files import kind_of_form
from formscan.model.ledger import Balance, LedgerPage, PageKey, Stand, WorkState
from formscan.model.page import Held
from formscan.model.record import DraftState, DraftSummary
from formscan.store import Scope, Store

TREND_DAYS: Final = 14
AT_ONCE: Final = 400
"""Ids asked for at once."""
EXAMPLES: Final = 12
"""Held pages shown with a picture for each reason; all of them are counted."""


@dataclass(frozen=True, slots=True)
class HeldItem:
    """A file or page that was not read.

    Attributes:
        image_sha256: Its picture, where there is one.
        folder: Where it came from.
        scanner: Device, where known.
    """

    key: PageKey
    held: Held
    folder: str
    scanner: str
    image_sha256: str = ""


@dataclass(frozen=True, slots=True)
class HeldGroup:
    """Everything that was not read for one reason."""

    reason: str
    quarantined: bool
    count: int
    items: tuple[HeldItem, ...]


@dataclass(frozen=True, slots=True)
class Queue:
    """What the clerks find for one form: open drafts.

    Attributes:
        open_fields: Fields nobody decided on.
        flagged: Fields with a doubt.
        problems: Documents with a missing, double or foreign page.
    """

    form: tuple[str, str]
    documents: int
    pages: int
    open_fields: int
    flagged: int
    problems: int


@dataclass(frozen=True, slots=True)
class Day:
    """One day for the trend; the share of flagged fields is of the drafts made that day."""

    day: str
    balance: Balance
    fields: int
    flagged: int

    @property
    def held_share(self) -> float:
        """Held and quarantined pages of those that came in, 0..1."""
        stopped = self.balance.held + self.balance.quarantined
        return stopped / self.balance.taken_in if self.balance.taken_in else 0.0

    @property
    def flagged_share(self) -> float:
        """Doubtful fields of all that were read, 0..1."""
        return self.flagged / self.fields if self.fields else 0.0


@dataclass(frozen=True, slots=True)
class Split:
    """What became of files of several pages.

    Attributes:
        records: Into how many records they fell apart.
        documents: Into how many documents.
        by_hand: Documents a person put together.
        problems: What is to be looked at, by code.
    """

    files: int = 0
    records: int = 0
    documents: int = 0
    by_hand: int = 0
    problems: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Morning:
    """A night's report.

    Attributes:
        since: Begin of the span, with zone; files that moved since then are counted.
        until: End of the span.
        balance: In = released + drafted + held + quarantined + duplicates + set aside, and what still waits.
        folders: The count by folder.
        scanners: The count by device.
        forms: Drafted and released pages by form.
        held: By reason, the most frequent first.
        hours: Pages that got a result in each hour, by its begin.
        days: Of the last two weeks, oldest first.
        queues: What waits for clerks now, by form.
        split: What became of files of several pages.
    """

    since: datetime
    until: datetime
    balance: Balance
    folders: Mapping[str, Balance]
    scanners: Mapping[str, Balance]
    forms: Mapping[str, int]
    held: tuple[HeldGroup, ...]
    hours: tuple[tuple[datetime, int], ...]
    days: tuple[Day, ...]
    queues: tuple[Queue, ...]
    split: Split = field(default_factory=Split)

    @property
    def pages_an_hour(self) -> float:
        """Over the hours in which anything was done."""
        busy = [pages for _, pages in self.hours if pages]
        return sum(busy) / len(busy) if busy else 0.0


def morning_of(store: Store, since: datetime, until: datetime) -> Morning:
    """The report of what moved in a span of time.

    Args:
        store: The memory.
        since: Begin, with zone.
        until: End, with zone.
    """
    scope = Scope(since=since, until=until)
    ledger = store.ledger
    balance = ledger.balance(scope)
    return Morning(
        since=since,
        until=until,
        balance=balance,
        folders=ledger.tally("folder", scope),
        scanners=ledger.tally("scanner", scope),
        forms=_by_kind(balance.by_form),
        held=held_groups(store, scope),
        hours=_hours(ledger.done_at(since, until), since),
        days=_days(ledger.days(until - timedelta(days=TREND_DAYS)), store.drafts(None)),
        queues=_queues(store.drafts(DraftState.OPEN)),
        split=_split(store, scope),
    )


def _split(store: Store, scope: Scope) -> Split:
    """Records and documents of files of several pages, and what is to be looked at in them."""
    pages = [page for page in store.ledger.pages(scope) if page.source.count > 1]
    placed = [page for page in pages if page.placed is not None]
    drafts = list(dict.fromkeys(page.draft_id for page in placed if page.draft_id))
    told = store.ledger.problems_of(drafts)
    return Split(
        files=len({page.key.file_id for page in pages}),
        records=len({(page.stack, page.placed.record) for page in placed if page.placed}),
        documents=len(drafts),
        by_hand=len({page.draft_id for page in placed if page.placed and page.placed.person}),
        problems={code: n for code, n in sorted(told.items()) if code.startswith(("split.", "record."))},
    )


def held_groups(store: Store, scope: Scope, examples: int | None = EXAMPLES) -> tuple[HeldGroup, ...]:
    """What was not read, by reason, the most frequent first."""
    stopped = (WorkState.HELD, WorkState.QUARANTINED)
    files = store.ledger.files(scope, stopped)
    pages = store.ledger.pages(scope, stopped)
    origins = _origins(store, sorted({page.key.file_id for page in pages}))
    items = [HeldItem(f.key, f.held, f.stand.folder, f.stand.scanner) for f in files if f.held]
    items += [
        HeldItem(p.key, p.held, origins[p.key.file_id].folder, origins[p.key.file_id].scanner, _image(p))
        for p in pages
        if p.held
    ]
    groups: defaultdict[tuple[str, bool], list[HeldItem]] = defaultdict(list)
    for item in items:
        groups[item.held.reason, item.held.quarantined].append(item)
    made = [HeldGroup(*key, len(found), tuple(found[:examples])) for key, found in groups.items()]
    return tuple(sorted(made, key=lambda group: (-group.count, group.reason)))


def _origins(store: Store, ids: Sequence[str]) -> dict[str, Stand]:
    parts = (tuple(ids[at : at + AT_ONCE]) for at in range(0, len(ids), AT_ONCE))
    return {file.id: file.stand for part in parts for file in store.ledger.files(Scope(files=part))}


def _image(page: LedgerPage) -> str:
    return page.stored.image_sha256 if page.stored else ""


def _by_kind(forms: Mapping[str, int]) -> dict[str, int]:
    """Pages by form; those of no known form together."""
    found: Counter[str] = Counter()
    for form, pages in forms.items():
        found[kind_of_form(form)] += pages
    return dict(found)


def _hours(times: Sequence[datetime], since: datetime) -> tuple[tuple[datetime, int], ...]:
    """Every hour from the first page to the last, those without a page too."""
    if not times:
        return ()
    zone = since.tzinfo
    begins = Counter(at.astimezone(zone).replace(minute=0, second=0, microsecond=0) for at in times)
    first, last = min(begins), max(begins)
    hours = int((last - first).total_seconds() // 3600)
    return tuple((at, begins[at]) for at in (first + timedelta(hours=n) for n in range(hours + 1)))


def _days(days: Mapping[str, Balance], drafts: Iterable[DraftSummary]) -> tuple[Day, ...]:
    fields: Counter[str] = Counter()
    flagged: Counter[str] = Counter()
    for draft in drafts:
        day = draft.created_at.date().isoformat()
        fields[day] += draft.fields
        flagged[day] += draft.flagged
    return tuple(Day(day, balance, fields[day], flagged[day]) for day, balance in sorted(days.items()))


def _queues(drafts: Sequence[DraftSummary]) -> tuple[Queue, ...]:
    found: defaultdict[tuple[str, str], list[DraftSummary]] = defaultdict(list)
    for draft in drafts:
        found[kind_of_form(draft.form_id), draft.form_version].append(draft)
    return tuple(_queue(form, found[form]) for form in sorted(found))


def _queue(form: tuple[str, str], drafts: Sequence[DraftSummary]) -> Queue:
    return Queue(
        form,
        documents=len(drafts),
        pages=sum(draft.pages for draft in drafts),
        open_fields=sum(draft.fields - draft.reviewed for draft in drafts),
        flagged=sum(draft.flagged for draft in drafts),
        problems=sum(draft.problems > 0 for draft in drafts),
    )


COUNTS: Final = (
    "taken_in", "released", "drafted", "gated", "discarded", "held", "quarantined", "duplicates",
    "set_aside", "waiting",
)  # fmt: skip
"""Names of the counts of a balance, in the order they are told."""


def morning_document(morning: Morning) -> dict[str, Any]:
    """The report as a JSON document."""
    return {
        "since": morning.since.isoformat(),
        "until": morning.until.isoformat(),
        "count": _counts(morning.balance),
        "balances": morning.balance.balances,
        "by_folder": {name: _counts(balance) for name, balance in morning.folders.items()},
        "by_scanner": {name: _counts(balance) for name, balance in morning.scanners.items()},
        "by_form": dict(morning.forms),
        "by_reason": dict(morning.balance.by_reason),
        "pages_an_hour": round(morning.pages_an_hour, 1),
        "hours": [{"hour": at.isoformat(), "pages": pages} for at, pages in morning.hours],
        "days": [
            {"day": d.day, **_counts(d.balance), "held_share": d.held_share, "flagged_share": d.flagged_share}
            for d in morning.days
        ],
        "queues": [
            {
                "form": queue.form[0], "version": queue.form[1], "documents": queue.documents,
                "pages": queue.pages, "open_fields": queue.open_fields, "flagged": queue.flagged,
                "problems": queue.problems,
            }
            for queue in morning.queues
        ],
        "split": {
            "files": morning.split.files, "records": morning.split.records,
            "documents": morning.split.documents, "by_hand": morning.split.by_hand,
            "problems": dict(morning.split.problems),
        },
        "held": [_group(group) for group in morning.held],
    }  # fmt: skip


def _counts(balance: Balance) -> dict[str, int]:
    return {name: int(getattr(balance, name)) for name in COUNTS}


def _group(group: HeldGroup) -> dict[str, Any]:
    items = [
        {
            "file": item.key.file_id, "page": item.key.index, "source": item.held.source.label,
            "folder": item.folder, "scanner": item.scanner, "facts": dict(item.held.facts),
        }
        for item in group.items
    ]  # fmt: skip
    return {"reason": group.reason, "quarantined": group.quarantined, "count": group.count, "items": items}
