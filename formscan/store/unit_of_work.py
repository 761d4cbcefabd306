"""Transactions: a read sees one moment, a write is all or nothing, and waiting for others happens inside.

SQLite runs in WAL mode with ``synchronous=FULL`` and every write begins with ``BEGIN IMMEDIATE``: a plain
``BEGIN`` takes the write lock only at the first change and then fails at once when another writer was
faster. On PostgreSQL every write first locks the head of the audit trail, which queues the writers the
same way and keeps the chain whole.

A connection that is lost (cut off, or its server begins anew) is made again, and the work with it. Whether a
write came through that was on its way to the disk just then, the server says: on PostgreSQL every write
leaves a mark of its own (``last_writes``). So nothing is written twice and nothing that was told as written
is missing.
"""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError, SQLAlchemyError

from formscan.errors import ImmutableError, RefusedError, StoreError
from formscan.store.audit import Trail
from formscan.store.last_writes import LastWrites

T = TypeVar("T")

PATIENCE_S: Final = 60.0
"""How long a write waits for other writers before it gives up."""

LOST_S: Final = 10.0
"""How long a lost server is waited for before a person is told."""
NIGHT_LOST_S: Final = 300.0
"""How long the night waits for it: nobody is there to be told."""

FIRST: Final = 0.1
"""Part of that for a server that was never reached: it may begin this moment, or its name may be wrong."""
LOOK_AGAIN_S: Final = (0.02, 1.0)
"""A lost server is looked for after so long, then after twice as long, and so on up to the second."""

SQLITE_WAIT_S: Final = 30.0
"""How long SQLite itself waits at a lock before the write begins again."""

_SQLITE_BUSY: Final = frozenset({5, 6})  # SQLITE_BUSY, SQLITE_LOCKED: low byte of the extended codes
_SQLITE_CODES: Final = {
    8: "store.read_only",
    10: "store.disk_error",
    11: "store.damaged",
    13: "store.disk_full",
    14: "store.unreachable",
    26: "store.damaged",
}
"""SQLITE_READONLY, IOERR, CORRUPT, FULL, CANTOPEN and NOTADB."""
_POSTGRES_AGAIN: Final = frozenset({"40001", "40P01", "55P03"})  # serialisation, deadlock, lock not had
_POSTGRES_CLASSES: Final = {"08": "store.unreachable", "53": "store.disk_full", "57": "store.unreachable"}
"""Classes of SQLSTATE: connection, resources, operator (PostgreSQL 15, appendix A)."""
_POSTGRES_GONE: Final = frozenset({"57P01", "57P02", "57P03"})  # ended by its keeper, crashed, not up yet
_IMMUTABLE: Final = "store.immutable"  # what the triggers say
_PRAGMAS: Final = (
    "PRAGMA synchronous = FULL",
    "PRAGMA fullfsync = ON",
    "PRAGMA foreign_keys = ON",
    "PRAGMA recursive_triggers = ON",
)


@dataclass(frozen=True, slots=True)
class Unit:
    """What work within one write transaction needs."""

    connection: Connection
    trail: Trail


class Database:
    """An SQLite file or a PostgreSQL database.

    Args:
        url: ``sqlite:///path`` or ``postgresql+psycopg://...``.
        workstation: Name of this machine, for the trail.
        patience_s: How long a write waits for others.
        lost_s: How long a server is waited for that was there and is gone.

    Raises:
        StoreError: ``store.url`` for any other kind of URL.
    """

    def __init__(
        self, url: str, workstation: str, patience_s: float = PATIENCE_S, lost_s: float = LOST_S
    ) -> None:
        self._workstation = workstation
        self._patience_s, self._lost_s = patience_s, lost_s
        self._met = False
        self._marks = LastWrites()
        self._engine = _engine(_understood(url), patience_s)
        self._writing = self._engine.execution_options(formscan_begin="BEGIN IMMEDIATE")
        if self.is_sqlite:
            self._patiently(self._use_wal)

    @property
    def is_sqlite(self) -> bool:
        """Whether this is an SQLite file."""
        return self._engine.dialect.name == "sqlite"

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that only looks.

        Raises:
            StoreError: If the database cannot be reached or read.
        """
        try:
            with self._engine.begin() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise told(error) from None

    def look(self, work: Callable[[Connection], T]) -> T:
        """Like ``read``, and begun again where the connection was lost.

        Raises:
            StoreError: If the database cannot be reached or read; ``store.connection_lost`` where the server
                was there before and did not come back.
        """

        def once() -> T:
            with self._engine.begin() as connection:
                return work(connection)

        return self._patiently(once)

    def write(self, work: Callable[[Unit], T]) -> T:
        """Run ``work`` in one transaction; when it returns, all of it is on the disk.

        ``work`` may be run again from the start where another writer was in the way or the connection was
        lost.

        Raises:
            StoreError: If the database refuses; nothing has happened then. ``store.connection_lost`` where
                the server did not come back: whether it was written is not known until it does.
            RefusedError: If the person may not do this; that somebody tried is in the trail.
        """
        try:
            return self._patiently(lambda: self._once(work))
        except RefusedError as refused:
            self._note(refused)
            raise

    def _note(self, refused: RefusedError) -> None:
        facts = dict(refused.facts)
        person, act = facts.pop("person", ""), facts.pop("permission", "")
        detail: dict[str, object] = {"code": refused.code, **facts}
        at = datetime.now(UTC)
        self._patiently(lambda: self._once(lambda u: u.trail.add("access.refused", act, person, at, detail)))

    def time(self, connection: Connection) -> datetime:
        """The time of the database server, so that workstations whose clocks differ agree on it."""
        if self.is_sqlite:
            return datetime.now(UTC)
        found: datetime = connection.exec_driver_sql("SELECT clock_timestamp()").scalar_one()
        return found.astimezone(UTC)

    def alter(self, work: Callable[[Connection], T]) -> T:
        """Like ``write``, without the trail: for the schema itself."""

        def once() -> T:
            with self._writing.begin() as connection:
                if not self.is_sqlite:
                    connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7305481)")
                return work(connection)

        return self._patiently(once)

    def close(self) -> None:
        """Give back all connections."""
        self._engine.dispose()

    def _once(self, work: Callable[[Unit], T]) -> T:
        mark, done = "", list[T]()
        try:
            with self._writing.begin() as connection:
                trail = Trail(connection, self._workstation)
                result = work(Unit(connection, trail))
                trail.close()
                if not self.is_sqlite:
                    mark = self._marks.leave(connection)
                done.append(result)
        except SQLAlchemyError as error:
            if not (done and self._is_lost(error) and self._patiently(lambda: self._came_through(mark))):
                raise
        return done[0]

    def _came_through(self, mark: str) -> bool:
        """Whether a write is there whose connection was lost while it was on its way to the disk."""
        with self._engine.begin() as connection:
            return self._marks.there(connection, mark)

    def _patiently(self, attempt: Callable[[], T]) -> T:
        begun, lost_since, pause = time.monotonic(), 0.0, LOOK_AGAIN_S[0]
        while True:
            try:
                result = attempt()
            except SQLAlchemyError as error:
                now = time.monotonic()
                if self._is_lost(error):
                    lost_since = lost_since or now
                    if not self._met and now - lost_since > self._lost_s * FIRST:
                        raise told(error) from None
                    if now - lost_since > self._lost_s:
                        facts = {"waited_s": round(now - lost_since), "number": _codes(error)[1]}
                        raise StoreError("store.connection_lost", **facts) from None
                    time.sleep(pause)
                    pause = min(2 * pause, LOOK_AGAIN_S[1])
                    continue
                if not _passes(error) or now - begun > self._patience_s:
                    raise told(error) from None
                time.sleep(random.uniform(0.001, 0.02))
            else:
                self._met = True
                return result

    def _is_lost(self, error: SQLAlchemyError) -> bool:
        """Whether the server went, or the way to it; whatever it was asked may be asked again."""
        if self.is_sqlite or not isinstance(error, DBAPIError):
            return False
        state = _codes(error)[1]
        gone = state is not None and (state.startswith("08") or state in _POSTGRES_GONE)
        return gone or error.connection_invalidated or (state is None and isinstance(error, OperationalError))

    def _use_wal(self) -> None:
        with self._engine.execution_options(formscan_begin=None).begin() as connection:
            mode = connection.exec_driver_sql("PRAGMA journal_mode = WAL").scalar_one()
        if mode != "wal":
            raise StoreError("store.no_wal", mode=mode)


def told(error: SQLAlchemyError) -> StoreError:
    """What a database error means here; its text is dropped because it may quote values."""
    original = error.orig if isinstance(error, DBAPIError) else None
    if original is not None and _IMMUTABLE in str(original):
        return ImmutableError()
    if _passes(error):
        return StoreError("store.busy")
    number, state = _codes(error)
    code = _SQLITE_CODES.get((number or 0) & 0xFF) or _POSTGRES_CLASSES.get((state or "")[:2])
    if isinstance(error, OperationalError) and number is None and state is None:
        code = "store.unreachable"  # the connection failed or broke: the server had no say
    return StoreError(code or "store.refused", error=type(original or error).__name__, number=state or number)


def _passes(error: SQLAlchemyError) -> bool:
    number, state = _codes(error)
    return (number is not None and number & 0xFF in _SQLITE_BUSY) or state in _POSTGRES_AGAIN


def _codes(error: SQLAlchemyError) -> tuple[int | None, str | None]:
    original = error.orig if isinstance(error, DBAPIError) else None
    return getattr(original, "sqlite_errorcode", None), getattr(original, "sqlstate", None)


def _understood(url: str) -> URL:
    try:
        made = make_url(url)
    except ArgumentError:
        raise StoreError("store.url") from None
    if made.get_backend_name() == "postgresql":
        return made.set(drivername="postgresql+psycopg")
    if made.get_backend_name() == "sqlite" and made.database and made.database != ":memory:":
        return made.set(drivername="sqlite+pysqlite")
    raise StoreError("store.url", scheme=made.drivername)


def _engine(url: URL, patience_s: float) -> Engine:
    if url.get_backend_name() != "sqlite":
        return create_engine(url, pool_pre_ping=True, hide_parameters=True)
    try:
        Path(url.database or "").parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError("store.unreachable", errno=error.errno) from error
    options = {"timeout": min(SQLITE_WAIT_S, patience_s), "isolation_level": None}
    engine = create_engine(url, connect_args=options, hide_parameters=True)
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: sqlite3.Connection, _record: Any) -> None:
    for pragma in _PRAGMAS:
        connection.execute(pragma)


def _begin(connection: Connection) -> None:
    statement = connection.get_execution_options().get("formscan_begin", "BEGIN")
    if statement is not None:  # the journal mode cannot be changed within a transaction
        connection.exec_driver_sql(statement)
