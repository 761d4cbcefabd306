"""Putting pages of documents together anew: one transaction, no page lost and none twice."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from formscan.errors import StoreError
from formscan.model.ledger import PageKey, WorkState
from formscan.model.people import Permission
from formscan.model.record import Draft, DraftState
from formscan.model.review import Action
from formscan.model.split import Placed
from formscan.store import drafts
from formscan.store.access import need
from formscan.store.audit import Digests
from formscan.store.codec import dump
from formscan.store.leases import DRAFT, Time, check, drop
from formscan.store.ledger_read import get_page
from formscan.store.ledger_rows import LedgerPageRow
from formscan.store.ledger_write import mark_drafted, move_page
from formscan.store.rows import DecisionRow
from formscan.store.unit_of_work import Database, Unit


@dataclass(frozen=True, slots=True)
class Regrouped:
    """A document that takes the place of others.

    Attributes:
        draft: New.
        pages: Its pages in the ledger, in the draft's order.
        placed: Why each stands there.
    """

    draft: Draft
    pages: tuple[PageKey, ...]
    placed: tuple[Placed, ...]


class SplitBook:
    """What people say about which pages belong together; ``Store.split`` gives it.

    Args:
        database: With the newest schema.
        digests: Of the audit trail.
        clock: The time.
        time: The time as all workstations see it, for leases.
    """

    def __init__(
        self, database: Database, digests: Digests, clock: Callable[[], datetime], time: Time
    ) -> None:
        self._database, self._digests, self._clock, self._time = database, digests, clock, time

    def regroup(self, old: Sequence[str], new: Sequence[Regrouped], person: str, told: str) -> None:
        """Close drafts and put new ones of exactly the same pages in their place; see ``regroup``."""
        at = self._clock()
        self._database.write(
            lambda unit: regroup(unit, old, new, person, told, at, self._time, self._digests)
        )

    def place(self, placed: Mapping[PageKey, Placed], person: str, told: str) -> None:
        """Say that pages belong to another record; see ``place``."""
        at = self._clock()
        self._database.write(lambda unit: place(unit, placed, person, told, at))


def regroup(
    unit: Unit,
    old: Sequence[str],
    new: Sequence[Regrouped],
    person: str,
    told: str,
    at: datetime,
    time: Time,
    digests: Digests,
) -> None:
    """Close drafts and put new ones of exactly the same pages in their place.

    Args:
        unit: The transaction.
        old: Drafts that are taken apart.
        new: What becomes of their pages.
        person: Who says so.
        told: What was done, for the trail: ``split``, ``join``, ``move``.
        at: The time.
        time: The time as all workstations see it, for leases.
        digests: Of the trail.

    Raises:
        RefusedError: The person may not review.
        StoreError: ``store.pages_lost`` where the pages are not the same; ``store.draft_in_work`` where a
            person decided on a field already.
        ImmutableError: ``store.draft_closed``.
        LeaseError: Somebody works on one of them.
        NotFoundError: ``store.no_such_draft``.
    """
    need(unit.connection, person, Permission.REVIEW)
    there = _pages_of(unit, old)
    wanted = sorted((page.file_id, page.index) for each in new for page in each.pages)
    if wanted != sorted(there):
        raise StoreError("store.pages_lost", pages=len(there), found=len(wanted))
    for draft_id in old:
        drafts.need_open(unit.connection, draft_id)
        check(unit, DRAFT, draft_id, None, time(unit.connection))
        if people_decided(unit, draft_id):
            raise StoreError("store.draft_in_work", draft=draft_id)
        drafts.set_state(unit, draft_id, DraftState.DISCARDED)
        drop(unit, DRAFT, draft_id)
    for each in new:
        if not drafts.add_draft(unit, each.draft, person, at, digests):
            raise StoreError("store.refused", draft=each.draft.id)
        mark_drafted(unit, each.pages, each.draft.id, at, person, each.placed)
    detail: dict[str, object] = {
        "what": told, "from": list(old), "to": [each.draft.id for each in new], "pages": len(wanted),
    }  # fmt: skip
    unit.trail.add("document.regrouped", old[0], person, at, detail)


def place(unit: Unit, placed: Mapping[PageKey, Placed], person: str, told: str, at: datetime) -> None:
    """Say of pages of documents that they belong to another record; their documents stay as they are.

    Raises:
        RefusedError: The person may not review.
        NotFoundError: ``store.no_such_page``.
        StoreError: ``store.refused`` where a page is part of no document.
    """
    need(unit.connection, person, Permission.REVIEW)
    for key, where in placed.items():
        page = get_page(unit.connection, key)
        if page.state is not WorkState.DRAFTED:
            raise StoreError("store.refused", page=key.index)
        state = {"state": page.state.value, "reason": "", "changed_at": at, "placed_noun": dump(where)}
        move_page(unit, key, state, person, where.reason)
    first = next(iter(placed))
    records = sorted({where.record for where in placed.values()})
    detail: dict[str, object] = {"what": told, "pages": len(placed), "page": first.index, "records": records}
    unit.trail.add("record.regrouped", first.file_id, person, at, detail)


def _pages_of(unit: Unit, draft_ids: Sequence[str]) -> list[tuple[str, int]]:
    p = LedgerPageRow
    wanted = select(p.file_id, p.page).where(p.draft_id.in_(draft_ids))
    return [(row[0], row[1]) for row in unit.connection.execute(wanted)]


def people_decided(unit: Unit, draft_id: str) -> bool:
    """Whether a person's decision on a field of a draft counts; the release gate's are made anew."""
    d = DecisionRow
    taken_back = select(d.withdraws).where(d.draft_id == draft_id, d.withdraws.is_not(None))
    wanted = select(func.count()).where(
        d.draft_id == draft_id, d.withdraws.is_(None), d.action != Action.GATED.value
    )
    return bool(unit.connection.scalar(wanted.where(d.step.not_in(taken_back))))
