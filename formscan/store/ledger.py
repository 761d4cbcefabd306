"""The night's books: every file and page with its state, and every move in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime

from formscan.model.ledger import (
    Balance,
    FileOutcome,
    LedgerFile,
    LedgerPage,
    NewFile,
    PageKey,
    Step,
    StoredPage,
    WorkState,
)
from formscan.model.page import Held
from formscan.model.reading import CheckedField
from formscan.model.record import Draft, ReadPage
from formscan.model.split import Placed
from formscan.store import drafts
from formscan.store import ledger_amend as remedy
from formscan.store import ledger_read as look
from formscan.store import ledger_return as late_page
from formscan.store import ledger_tally as counting
from formscan.store import ledger_write as move
from formscan.store.audit import Digests
from formscan.store.ledger_read import Scope, Waiting
from formscan.store.ledger_write import Taken
from formscan.store.regroup import Regrouped
from formscan.store.unit_of_work import Database, Unit

__all__ = ["EVERYTHING", "Ledger", "Scope", "Taken", "Waiting"]

EVERYTHING = Scope()
"""The whole ledger."""


class Ledger:
    """Files and pages of the night with their states.

    Every method is one transaction and may be called again after a crash. ``Store.ledger`` gives it.

    Args:
        database: With the newest schema.
        digests: Of the audit trail.
        clock: The time.
    """

    def __init__(self, database: Database, digests: Digests, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._digests = digests
        self._clock = clock

    # -- coming in -----------------------------------------------------------------------------

    def known_at(self, place: str) -> list[LedgerFile]:
        """Files that were found in a place, the newest last; one of same length and time is known."""
        return self._database.look(lambda connection: look.known_at(connection, place))

    def take_in(self, files: Sequence[NewFile], who: str = "system") -> list[Taken]:
        """Note files whose bytes are durable (or that were refused), in order.

        The same bytes in the same place change nothing. The same bytes in another place are a duplicate.
        A place that was refused before and now gave bytes is replaced.
        """
        if not files:
            return []
        at = self._clock()
        return self._database.write(lambda unit: move.take_in(unit, files, at, who))

    # -- work ----------------------------------------------------------------------------------

    def waiting(self, limit: int, stack: str = "") -> list[Waiting]:
        """The next work (of one stack, where it is named), the highest priority first, then the oldest."""
        return self._database.look(lambda connection: look.waiting(connection, limit, stack))

    def commit(self, results: Sequence[FileOutcome]) -> int:
        """Write what workers found: new pages, and results of pages that waited; how many moved.

        A page that has a result keeps it; a result that comes twice changes nothing.

        Raises:
            NotFoundError: ``store.no_such_file``.
        """
        if not results:
            return 0
        at = self._clock()
        return self._database.write(lambda unit: move.commit(unit, results, at))

    def attempt(self, key: PageKey) -> int:
        """Count a try of a file or page that ended with its worker; tries so far."""
        return self._database.write(lambda unit: move.attempt(unit, key))

    def give_up(self, file_id: str, held: Held, worker: str = "") -> None:
        """Close a file that nobody could open.

        Raises:
            NotFoundError: ``store.no_such_file``.
        """
        at = self._clock()
        self._database.write(lambda unit: move.give_up(unit, file_id, held, at, worker))

    # -- documents -----------------------------------------------------------------------------

    def stack_pages(
        self, stack: str, after: tuple[int, int], limit: int
    ) -> list[tuple[LedgerPage, ReadPage | None, bytes]]:
        """Pages of a stack behind (position, page), in order: with what was read, until it is part of a
        draft, and packed ink."""
        return self._database.look(lambda connection: look.stack_pages(connection, stack, after, limit))

    def first_waiting(self, stack: str) -> tuple[int, int] | None:
        """The first (position, page) of a stack that waits for a worker; page -1 is an unopened file."""
        return self._database.look(lambda connection: look.first_waiting(connection, stack))

    def forget_sheets(self, stack: str, kept: int) -> None:
        """Drop the packed ink of all but the last settled pages of a stack."""
        self._database.write(lambda unit: move.forget_sheets(unit.connection, stack, kept))

    def claim(
        self, pages: Sequence[tuple[PageKey, str]], who: str = "system"
    ) -> dict[PageKey, PageKey | None]:
        """Settle which of pages with equal pixels came first, in order; the others become duplicates.

        Args:
            pages: Key and SHA-256 of the pixels.
            who: Who did it.

        Returns:
            For each page the one it is a copy of, or ``None``.
        """
        if not pages:
            return {}
        at = self._clock()
        return self._database.write(lambda unit: move.claim(unit, pages, at, who))

    def draft(
        self,
        draft: Draft,
        pages: Sequence[PageKey],
        person: str = "system",
        placed: Sequence[Placed] = (),
    ) -> bool:
        """Keep a draft and note that these pages are part of it; ``False`` where the draft was there.

        Args:
            draft: New.
            pages: Its pages.
            person: Who had it made.
            placed: Why each of them stands where it does, in the order of ``pages``.

        Raises:
            StoreError: ``store.image_missing``.
        """
        at = self._clock()

        def work(unit: Unit) -> bool:
            new = drafts.add_draft(unit, draft, person, at, self._digests)
            move.mark_drafted(unit, pages, draft.id, at, person, placed)
            return new

        return self._database.write(work)

    def drafts_beside(self, keys: Sequence[PageKey]) -> list[Draft]:
        """Drafts of the pages before and behind these in their stack, where all of these come late: they were
        held or in quarantine when their neighbours became documents; else none.

        Args:
            keys: In the order of the stack.
        """
        return self._database.look(lambda connection: late_page.drafts_beside(connection, keys))

    def take_back(self, old: str, new: Regrouped, late: Sequence[PageKey], person: str = "system") -> bool:
        """Put a draft with late pages in the place of the one that lacks them; see ``ledger_return``."""
        time = self._database.time
        return self._database.write(
            lambda unit: late_page.take_back(unit, old, new, late, person, time, self._digests)
        )

    def fields_of(self, draft_id: str) -> tuple[CheckedField, ...]:
        """What was read on the pages of a draft.

        Raises:
            NotFoundError: ``store.no_such_draft``.
        """
        return self._database.look(lambda connection: drafts.get_draft(connection, draft_id).fields)

    def hold_read(self, key: PageKey, held: Held, person: str = "system") -> None:
        """A page that was read but belongs to no document."""
        at = self._clock()
        self._database.write(lambda unit: move.hold_read(unit, key, held, at, person))

    def unsettled_stacks(self) -> list[str]:
        """Stacks with pages whose document is not complete."""
        return self._database.look(look.unsettled_stacks)

    def is_done(self, stack: str) -> bool:
        """Whether nothing of a stack waits for a worker."""
        return self._database.look(lambda connection: look.is_done(connection, stack))

    # -- people --------------------------------------------------------------------------------

    def requeue(self, keys: Sequence[PageKey], person: str, reason: str) -> int:
        """Put held and quarantined files and pages back to work; how many went back.

        A refused file of which no bytes are kept cannot; it is tried again when its folder is run again.

        Raises:
            NotFoundError: ``store.no_such_file`` or ``store.no_such_page``.
        """
        at = self._clock()
        return self._database.write(lambda unit: move.requeue(unit, keys, person, reason, at))

    def amend(self, key: PageKey, stored: StoredPage, person: str, told: str) -> bool:
        """Put a held page back to work with another image or other notes; ``False`` where it moved.

        Args:
            key: Of a page.
            stored: What it is to be read from; its image was put before.
            person: Who says so.
            told: The remedy, for the trail.

        Raises:
            NotFoundError: ``store.no_such_page``.
            StoreError: ``store.image_missing``.
        """
        at = self._clock()
        return self._database.write(lambda unit: remedy.amend(unit, key, stored, person, told, at))

    def file_page(self, key: PageKey, draft: Draft, placed: Placed, person: str) -> bool:
        """Make a held page a document of its own; ``False`` where it moved meanwhile.

        Raises:
            NotFoundError: ``store.no_such_page``.
            StoreError: ``store.image_missing``.
        """
        at = self._clock()
        return self._database.write(
            lambda unit: remedy.file_page(unit, key, draft, placed, person, at, self._digests)
        )

    def mark(self, keys: Sequence[PageKey], reason: str, person: str) -> int:
        """Give held files and pages another reason; they stay in the count. How many were marked.

        Raises:
            NotFoundError: ``store.no_such_file`` or ``store.no_such_page``.
        """
        at = self._clock()
        return self._database.write(lambda unit: remedy.mark(unit, keys, reason, person, at))

    def reprioritise(self, stack: str, priority: int) -> None:
        """Give what waits of a stack another priority."""
        self._database.write(lambda unit: move.reprioritise(unit.connection, stack, priority))

    # -- looking -------------------------------------------------------------------------------

    def file(self, file_id: str) -> LedgerFile:
        """A file.

        Raises:
            NotFoundError: ``store.no_such_file``.
        """
        return self._database.look(lambda connection: look.get_file(connection, file_id))

    def files(
        self,
        scope: Scope = EVERYTHING,
        states: Sequence[WorkState] = (),
        after: int = -1,
        limit: int = 100_000,
    ) -> list[LedgerFile]:
        """Files in the order they were taken in; of a stack those with a position above ``after``."""
        return self._database.look(lambda connection: look.files(connection, scope, states, after, limit))

    def page(self, key: PageKey) -> LedgerPage:
        """A page.

        Raises:
            NotFoundError: ``store.no_such_page``.
        """
        return self._database.look(lambda connection: look.get_page(connection, key))

    def pages(
        self, scope: Scope = EVERYTHING, states: Sequence[WorkState] = (), limit: int | None = None
    ) -> list[LedgerPage]:
        """Pages in the order of their stacks."""
        return self._database.look(lambda connection: look.pages(connection, scope, states, limit))

    def pages_of_draft(self, draft_id: str) -> list[LedgerPage]:
        """Pages that are part of a draft, in the order of their stack."""
        return self._database.look(lambda connection: look.pages_of_draft(connection, draft_id))

    def read_page(self, key: PageKey) -> ReadPage:
        """What was read on a page that is not part of a draft yet.

        Raises:
            NotFoundError: ``store.no_such_page``.
        """
        return self._database.look(lambda connection: look.get_read(connection, key))

    def steps(self, key: PageKey | None = None, since: datetime | None = None) -> list[Step]:
        """The steps a file or page took, or all steps since a time, in order."""
        return self._database.look(lambda connection: list(look.steps(connection, key, since)))

    def balance(self, scope: Scope = EVERYTHING) -> Balance:
        """The count: what came in, and where all of it is."""
        return self._database.look(lambda connection: look.balance(connection, scope))

    def problems_of(self, draft_ids: Sequence[str]) -> Counter[str]:
        """What people must look at in drafts, by code."""
        return self._database.look(lambda connection: look.problems_of(connection, draft_ids))

    def tally(self, by: str, scope: Scope = EVERYTHING) -> dict[str, Balance]:
        """The count by ``folder``, ``scanner`` or ``department``."""
        return self._database.look(lambda connection: counting.tally(connection, scope, by))

    def count_waiting(self) -> int:
        """Pages that wait for a worker; a file nobody opened counts as one."""
        return self._database.look(counting.count_waiting)

    def done_at(self, since: datetime, until: datetime) -> list[datetime]:
        """When pages got their first result, in order."""
        return self._database.look(lambda connection: counting.done_at(connection, since, until))

    def days(self, since: datetime) -> dict[str, Balance]:
        """The count by the UTC day files came in (``2026-03-02``), oldest first."""
        return self._database.look(lambda connection: counting.came_by_day(connection, since))

    def held(self, scope: Scope = EVERYTHING) -> list[tuple[PageKey, Held]]:
        """Files and pages that are held or in quarantine now, files first, in the order they came."""
        states = (WorkState.HELD, WorkState.QUARANTINED)
        with self._database.read() as connection:
            stopped = look.files(connection, scope, states, -1, 1_000_000)
            pages = look.pages(connection, scope, states)
        found = [(file.key, file.held) for file in stopped] + [(page.key, page.held) for page in pages]
        return [(key, held) for key, held in found if held is not None]
