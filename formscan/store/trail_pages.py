"""The trail in pages, newest first: however long it is, one look costs the same.

No offset is ever counted. Numbers of lines have no gaps, so the whole trail is paged by arithmetic; a
filtered one is looked through once, stretch by stretch of numbers, and every stretch is a short range of
the primary key whatever the filter. A page is then fetched from the number it begins with (keyset paging).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, func, select

from formscan.model.people import Permission
from formscan.model.record import AuditEvent
from formscan.model.trail import TrailQuery, TrailStretch
from formscan.store.access import need
from formscan.store.rows import AuditRow
from formscan.store.unit_of_work import Database, Unit

STRETCH: Final = 20_000
"""Lines looked at in one go; a few milliseconds, so that nobody waits behind it."""
AT_ONCE: Final = 500
_COLUMNS = (
    AuditRow.seq, AuditRow.at, AuditRow.person, AuditRow.workstation, AuditRow.action, AuditRow.subject,
    AuditRow.detail, AuditRow.previous, AuditRow.hash,
)  # fmt: skip


class TrailPages:
    """Reads the trail for people.

    Args:
        database: Where it is.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def newest(self, person: str) -> int:
        """Number of the newest line, 0 where there is none.

        Raises:
            RefusedError: The person may not read the trail; as for the other methods.
        """
        with self._database.read() as connection:
            need(connection, person, Permission.READ_AUDIT)
            return connection.scalar(select(func.max(AuditRow.seq))) or 0

    def look(self, query: TrailQuery, below: int, person: str) -> TrailStretch:
        """Look through the next stretch.

        Args:
            query: Which lines.
            below: Lines with this number and older ones; from ``newest`` or the stretch before.
            person: Who looks.
        """
        least = max(0, below - STRETCH)
        wanted = select(AuditRow.seq).where(AuditRow.seq <= below, AuditRow.seq > least, *_conditions(query))
        with self._database.read() as connection:
            need(connection, person, Permission.READ_AUDIT)
            found = tuple(connection.scalars(wanted.order_by(AuditRow.seq.desc())))
        return TrailStretch(found, least)

    def page(self, query: TrailQuery, first: int, last: int, person: str) -> list[AuditEvent]:
        """Lines from number ``first`` down to ``last``, both included, that match."""
        wanted = select(*_COLUMNS).where(AuditRow.seq <= first, AuditRow.seq >= last, *_conditions(query))
        with self._database.read() as connection:
            need(connection, person, Permission.READ_AUDIT)
            return [AuditEvent(*row) for row in connection.execute(wanted.order_by(AuditRow.seq.desc()))]

    def lines(self, query: TrailQuery, upto: int, person: str) -> Iterator[AuditEvent]:
        """All lines that match, oldest first, up to a number; a few in memory at a time."""
        since = 0
        while True:
            wanted = select(*_COLUMNS).where(AuditRow.seq > since, AuditRow.seq <= upto, *_conditions(query))
            with self._database.read() as connection:
                need(connection, person, Permission.READ_AUDIT)
                rows = connection.execute(wanted.order_by(AuditRow.seq).limit(AT_ONCE)).all()
            yield from (AuditEvent(*row) for row in rows)
            if len(rows) < AT_ONCE:
                return
            since = rows[-1][0]

    def note_given_out(self, query: TrailQuery, shape: str, person: str, at: datetime) -> int:
        """Write down that somebody takes lines away.

        Returns:
            Number of the newest line before that.
        """

        def work(unit: Unit) -> int:
            need(unit.connection, person, Permission.READ_AUDIT)
            upto = unit.connection.scalar(select(func.max(AuditRow.seq))) or 0
            detail: dict[str, object] = {"shape": shape, "upto": upto, "all": query.everything}
            unit.trail.add("trail.given_out", str(upto), person, at, detail)
            return upto

        return self._database.write(work)


def _conditions(query: TrailQuery) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = []
    if query.person:
        wanted.append(AuditRow.person == query.person)
    if query.action:
        family = AuditRow.action.startswith(f"{query.action}.", autoescape=True)
        wanted.append((AuditRow.action == query.action) | family)
    if query.subject:
        wanted.append(AuditRow.subject.startswith(query.subject, autoescape=True))
    if query.since is not None:
        wanted.append(AuditRow.at >= query.since)
    if query.until is not None:
        wanted.append(AuditRow.at < query.until)
    return wanted
