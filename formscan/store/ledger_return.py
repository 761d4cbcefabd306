"""A page that was put back to work returns to the document its neighbours became meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select, tuple_

from formscan.model.ledger import LedgerPage, PageKey, WorkState
from formscan.model.record import Draft, DraftState
from formscan.model.split import BLANK
from formscan.store import drafts
from formscan.store.audit import Digests
from formscan.store.leases import DRAFT, Time, drop, holders
from formscan.store.ledger_read import get_page
from formscan.store.ledger_rows import LedgerPageRow, LedgerStepRow
from formscan.store.ledger_write import ENDED, mark_drafted
from formscan.store.regroup import Regrouped, people_decided
from formscan.store.rows import JottingRow
from formscan.store.unit_of_work import Unit


def drafts_beside(connection: Connection, keys: Sequence[PageKey]) -> list[Draft]:
    """Drafts of the pages before and behind these in their stack, where all of these come late; else none.

    Args:
        connection: To look with.
        keys: In the order of the stack.
    """
    if not _were_stopped(connection, keys):
        return []
    first, last = get_page(connection, keys[0]), get_page(connection, keys[-1])
    return [drafts.get_draft(connection, draft_id) for draft_id in _beside(connection, first, last)]


def _were_stopped(connection: Connection, keys: Sequence[PageKey]) -> bool:
    """Whether all of these pages were held, set aside or in quarantine once, whatever they are now."""
    s, ends = LedgerStepRow, [state.value for state in ENDED]
    return all(
        connection.scalar(
            select(s.step).where(s.file_id == key.file_id, s.page == key.index, s.state.in_(ends)).limit(1)
        )
        is not None
        for key in keys
    )


def _beside(connection: Connection, first: LedgerPage, last: LedgerPage) -> list[str]:
    """Drafts of the nearest drafted pages of a stack before ``first`` and behind ``last``.

    What lies beyond a separator sheet is no neighbour.
    """
    p = LedgerPageRow
    place = tuple_(p.position, p.page)
    wanted = select(p.draft_id).where(p.stack == first.stack)
    met = (p.state == WorkState.DRAFTED.value) | (
        (p.state == WorkState.SET_ASIDE.value) & (p.reason != BLANK)
    )
    before = wanted.where(met, place < tuple_(first.position, first.key.index))
    behind = wanted.where(met, place > tuple_(last.position, last.key.index))
    found = (
        connection.scalar(before.order_by(p.position.desc(), p.page.desc()).limit(1)),
        connection.scalar(behind.order_by(p.position, p.page).limit(1)),
    )
    return list(dict.fromkeys(draft for draft in found if draft))


def take_back(
    unit: Unit, old: str, new: Regrouped, late: Sequence[PageKey], person: str, time: Time, digests: Digests
) -> bool:
    """Put a draft in the place of one that lacks pages; ``False``, and nothing done, where that must not be.

    It must not where a person works on the old draft, typed or decided something in it or closed it, where a
    late page moved meanwhile, or where the new draft was made before.

    Args:
        unit: The transaction.
        old: The draft that lacks them.
        new: With the old one's pages and the late ones.
        late: Pages that were read now.
        person: Who ordered the work.
        time: The time as all workstations see it, for leases.
        digests: Of the trail.

    Raises:
        NotFoundError: ``store.no_such_draft`` or ``store.no_such_page``.
    """
    now = time(unit.connection)
    p = LedgerPageRow
    there = unit.connection.execute(select(p.file_id, p.page).where(p.draft_id == old))
    whole = {PageKey(row[0], row[1]) for row in there} | set(late)
    moved = any(get_page(unit.connection, key).state is not WorkState.READ for key in late)
    if moved or whole != set(new.pages) or _in_work(unit, old, now):
        return False
    if not drafts.add_draft(unit, new.draft, person, now, digests):
        return False
    drafts.set_state(unit, old, DraftState.DISCARDED)
    drop(unit, DRAFT, old)
    mark_drafted(unit, new.pages, new.draft.id, now, person, new.placed)
    detail: dict[str, object] = {
        "what": "return", "from": [old], "to": [new.draft.id], "pages": len(new.pages),
    }  # fmt: skip
    unit.trail.add("document.regrouped", old, person, now, detail)
    return True


def _in_work(unit: Unit, draft_id: str, now: datetime) -> bool:
    """Whether a person had to do with a draft, or has."""
    typed = select(JottingRow.draft_id).where(JottingRow.draft_id == draft_id).limit(1)
    return (
        drafts.need_draft(unit.connection, draft_id) is not DraftState.OPEN
        or draft_id in holders(unit.connection, now)
        or unit.connection.scalar(typed) is not None
        or people_decided(unit, draft_id)
    )
