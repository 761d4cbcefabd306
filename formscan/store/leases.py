"""Leases: who works on a draft or a second key now, so that two windows never meet in one form.

A lease belongs to a person in a window. It is renewed by every write and by a heartbeat, and runs out when
a window has been silent for ``LEASE_S``; only then may another window take it. A window that lost its lease
is told so at its next write and writes nothing. Times are the database server's.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, Row, delete, insert, select, update

from formscan.errors import LeaseError
from formscan.model.people import Permission
from formscan.store.access import need
from formscan.store.drafts import need_draft
from formscan.store.rows import DraftSeenRow, LeaseRow
from formscan.store.unit_of_work import Database, Unit

LEASE_S: Final = 180
"""Seconds of silence after which somebody else may take over; a heartbeat comes every ``HEARTBEAT_S``."""
HEARTBEAT_S: Final = 45
DRAFT: Final = "draft"
LOOK: Final = "look"
Time = Callable[[Connection], datetime]


@dataclass(frozen=True, slots=True)
class Lease:
    """A draft or a second key in somebody's hands.

    Attributes:
        kind: ``draft`` or ``look``.
        subject: Id of the draft; of a second key the draft's and the field's, joined by ``/``.
        person: Who works on it.
        window: Which window; made anew by each.
    """

    kind: str
    subject: str
    person: str
    window: str


class Leases:
    """The leases of a database.

    Args:
        database: Where they are kept.
        time: The time as all workstations see it.
    """

    def __init__(self, database: Database, time: Time) -> None:
        self._database, self._time = database, time

    def take_draft(self, draft_id: str, person: str, window: str) -> Lease:
        """Take a draft to review it; that the person saw it is kept and in the trail.

        Raises:
            RefusedError: Where the person may not review.
            LeaseError: ``lease.held`` by somebody else; facts name the person.
            NotFoundError: ``store.no_such_draft``.
        """
        lease = Lease(DRAFT, draft_id, person, window)

        def work(unit: Unit) -> Lease:
            need(unit.connection, person, Permission.REVIEW)
            now = self._time(unit.connection)
            take(unit, lease, now)
            note_seen(unit, draft_id, person, now)
            return lease

        return self._database.write(work)

    def renew(self, window: str) -> int:
        """The heartbeat of a window: everything it still holds is its own for ``LEASE_S`` more.

        Returns:
            How many leases it holds.
        """

        def work(unit: Unit) -> int:
            until = self._time(unit.connection) + timedelta(seconds=LEASE_S)
            mine = update(LeaseRow).where(LeaseRow.window == window).values(expires_at=until)
            return unit.connection.execute(mine).rowcount

        return self._database.write(work)

    def give_back(self, window: str, kind: str | None = None) -> None:
        """Give back everything a window holds, or everything of one kind."""
        mine = delete(LeaseRow).where(LeaseRow.window == window)
        if kind is not None:
            mine = mine.where(LeaseRow.kind == kind)
        self._database.write(lambda unit: unit.connection.execute(mine).rowcount)

    def holders(self) -> dict[str, str]:
        """Drafts that are being worked on now, with the person's id."""
        with self._database.read() as connection:
            return holders(connection, self._time(connection))


def take(unit: Unit, lease: Lease, now: datetime) -> None:
    """Take something that is free, that ran out, or that this person had at this machine.

    Whoever opens it again at the same machine goes on at once, also after a crash; an older window of hers
    that is still there has lost it then and is told so.

    Raises:
        LeaseError: ``lease.held``.
    """
    row = _row(unit.connection, lease.kind, lease.subject)
    until = now + timedelta(seconds=LEASE_S)
    if row is None:
        unit.connection.execute(
            insert(LeaseRow).values(
                kind=lease.kind, subject=lease.subject, person=lease.person, window=lease.window,
                taken_at=now, expires_at=until,
            )
        )  # fmt: skip
        return
    mine = row.person == lease.person and _machine(row.window) == _machine(lease.window)
    if not mine and row.expires_at > now:
        raise LeaseError("lease.held", person=row.person)
    change = update(LeaseRow).where(LeaseRow.kind == lease.kind, LeaseRow.subject == lease.subject)
    fresh = {"person": lease.person, "window": lease.window, "expires_at": until}
    unit.connection.execute(change.values(**fresh, taken_at=row.taken_at if mine else now))
    if not mine:
        detail: dict[str, object] = {"kind": lease.kind, "from": row.person}
        unit.trail.add("lease.taken_over", lease.subject, lease.person, now, detail)


def check(unit: Unit, kind: str, subject: str, lease: Lease | None, now: datetime) -> None:
    """Let a write through only where nobody else works on it; the writer's own lease is renewed.

    Args:
        unit: The transaction of the write.
        kind: ``draft`` or ``look``.
        subject: What is written to.
        lease: The writer's; ``None`` for a command or a test, which must then find it free.
        now: The time.

    Raises:
        LeaseError: ``lease.held`` by somebody else, ``lease.lost`` where the writer's is gone.
    """
    row = _row(unit.connection, kind, subject)
    if lease is None:
        if row is not None and row.expires_at > now:
            raise LeaseError("lease.held", person=row.person)
        return
    if row is None or (row.window, row.person) != (lease.window, lease.person):
        raise LeaseError("lease.lost", person=row.person if row is not None else "")
    if row.expires_at < now + timedelta(seconds=LEASE_S / 2):
        until = now + timedelta(seconds=LEASE_S)
        mine = update(LeaseRow).where(LeaseRow.kind == kind, LeaseRow.subject == subject)
        unit.connection.execute(mine.values(expires_at=until))


def drop(unit: Unit, kind: str, subject: str) -> None:
    """What the lease was for is done."""
    unit.connection.execute(delete(LeaseRow).where(LeaseRow.kind == kind, LeaseRow.subject == subject))


def note_seen(unit: Unit, draft_id: str, person: str, now: datetime) -> None:
    """Keep that a person saw a draft with its readings: she cannot key its fields blind any more."""
    need_draft(unit.connection, draft_id)
    key = (DraftSeenRow.draft_id == draft_id, DraftSeenRow.person == person)
    if not unit.connection.execute(select(DraftSeenRow.person).where(*key)).first():
        unit.connection.execute(insert(DraftSeenRow).values(draft_id=draft_id, person=person, at=now))
    unit.trail.add("draft.opened", draft_id, person, now, {})


def holders(connection: Connection, now: datetime) -> dict[str, str]:
    """Drafts with a live lease, with the person's id."""
    wanted = select(LeaseRow.subject, LeaseRow.person)
    wanted = wanted.where(LeaseRow.kind == DRAFT, LeaseRow.expires_at > now)
    return {row.subject: row.person for row in connection.execute(wanted)}


def new_window(workstation: str) -> str:
    """A name for a window, made anew each time it opens."""
    return f"{workstation}/{secrets.token_hex(8)}"


def _machine(window: str) -> str:
    return window.rpartition("/")[0]


def _row(connection: Connection, kind: str, subject: str) -> Row[str, str, datetime, datetime] | None:
    columns = (LeaseRow.person, LeaseRow.window, LeaseRow.taken_at, LeaseRow.expires_at)
    return connection.execute(
        select(*columns).where(LeaseRow.kind == kind, LeaseRow.subject == subject)
    ).one_or_none()
