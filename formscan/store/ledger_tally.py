"""The ledger counted by folder, scanner, department or night, and how fast pages went through."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, func, select

from formscan.model.ledger import Balance, WorkState
from formscan.store.ledger_read import ENDS, Scope, balance, balance_of, draft_end, in_scope
from formscan.store.ledger_rows import LedgerFileRow, LedgerPageRow, LedgerStepRow

GROUPS: Final = {
    "folder": LedgerFileRow.folder,
    "scanner": LedgerFileRow.scanner,
    "department": LedgerFileRow.department,
}
"""What can be counted by."""
DONE: Final = (
    WorkState.READ.value,
    WorkState.HELD.value,
    WorkState.QUARANTINED.value,
    WorkState.SET_ASIDE.value,
)


def tally(connection: Connection, scope: Scope, by: str) -> dict[str, Balance]:
    """The balance of every folder, scanner or department.

    Args:
        connection: To the database.
        scope: Which part.
        by: One of ``GROUPS``.
    """
    f, p, group = LedgerFileRow, LedgerPageRow, GROUPS[by]
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    files = (
        select(group, f.state, func.count(), func.sum(func.coalesce(f.pages, 1)), func.sum(f.opened))
        .where(*in_scope(scope, f))
        .group_by(group, f.state)
    )
    for name, state, number, came, opened in connection.execute(files):
        if state != WorkState.REPLACED.value:
            counts[name]["files"] += number
            counts[name]["in"] += came
            counts[name][state] += 0 if state == WorkState.OPENED.value else came - opened
    pages = (
        select(group, p.state, ENDS.c.state, func.count())
        .join(f, f.id == p.file_id)
        .outerjoin(ENDS, ENDS.c.id == p.draft_id)
        .where(*in_scope(scope, f))
        .group_by(group, p.state, ENDS.c.state)
    )
    for name, state, draft, number in connection.execute(pages):
        counts[name][draft_end(state, draft)] += number
    return {name: balance_of(counts[name]) for name in sorted(counts)}


def count_waiting(connection: Connection) -> int:
    """Pages that wait for a worker; a file nobody opened counts as one."""
    f, p, waits = LedgerFileRow, LedgerPageRow, WorkState.TAKEN_IN.value
    files = connection.scalar(select(func.count()).where(f.state == waits)) or 0
    pages = connection.scalar(select(func.count()).where(p.state == waits)) or 0
    return files + pages


def done_at(connection: Connection, since: datetime, until: datetime) -> list[datetime]:
    """When each page got its first result in a span of time, in order."""
    s = LedgerStepRow
    wanted = (
        select(func.min(s.at))
        .where(s.page >= 0, s.state.in_(DONE), s.at >= since, s.at < until)
        .group_by(s.file_id, s.page)
    )
    return sorted(at for (at,) in connection.execute(wanted))


def came_by_day(connection: Connection, since: datetime) -> dict[str, Balance]:
    """Balances by the UTC day files were taken in, newest last."""
    f = LedgerFileRow
    wanted = select(f.taken_at, f.id).where(f.taken_at >= since)
    days: defaultdict[str, list[str]] = defaultdict(list)
    for at, key in connection.execute(wanted):
        days[at.date().isoformat()].append(key)
    return {day: balance(connection, Scope(files=tuple(keys))) for day, keys in sorted(days.items())}
