from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

import psycopg
import pytest
from sqlalchemy import make_url, select, text

from formscan.errors import StoreError
from formscan.store import Store, unit_of_work
from formscan.store.rows import AuditHeadRow, MetaRow
from formscan.store.unit_of_work import Database, Unit


@contextmanager
def locked(url: str) -> Iterator[None]:
    """Another program writes, and takes its time."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(make_url(url).database or "", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
            other.execute("ROLLBACK")
        return
    with psycopg.connect(url) as server:
        server.execute("SELECT * FROM audit_head FOR UPDATE")
        yield


def test_that_a_write_has_the_lock_before_it_reads_anything(url: str) -> None:
    database = Database(url, "desk-1")

    def work(_unit: Unit) -> None:
        if database.is_sqlite:
            with (
                closing(sqlite3.connect(make_url(url).database or "", timeout=0)) as other,
                pytest.raises(sqlite3.OperationalError, match="locked"),
            ):
                other.execute("BEGIN IMMEDIATE")
            return
        with psycopg.connect(url) as server, pytest.raises(psycopg.errors.LockNotAvailable):
            server.execute("SELECT * FROM audit_head FOR UPDATE NOWAIT")

    database.write(work)
    database.close()


def test_that_a_write_waits_for_another_writer(url: str) -> None:
    database = Database(url, "desk-1")
    free = threading.Event()
    started = threading.Event()

    def hold() -> None:
        with locked(url):
            started.set()
            free.wait(10)

    holder = threading.Thread(target=hold)
    holder.start()
    started.wait(10)
    threading.Timer(0.2, free.set).start()
    begun = time.monotonic()
    assert database.write(lambda unit: unit.connection.scalar(select(AuditHeadRow.seq))) == 0
    assert time.monotonic() - begun > 0.1
    holder.join()
    database.close()


def test_that_patience_ends_with_an_error_that_says_so(tmp_path_factory: pytest.TempPathFactory) -> None:
    url = f"sqlite:///{(tmp_path_factory.mktemp('busy') / 'a.db').as_posix()}"
    database = Database(url, "desk-1", patience_s=0.1)
    with locked(url), pytest.raises(StoreError, match=r"store\.busy"):
        database.write(lambda _: None)
    database.close()


def test_that_a_reader_is_not_kept_waiting_by_a_writer(url: str) -> None:
    database = Database(url, "desk-1", patience_s=0.1)
    with locked(url), database.read() as connection:
        assert connection.scalar(select(AuditHeadRow.seq)) == 0
    database.close()


@pytest.mark.parametrize("url", ["postgres"], indirect=True)
def test_that_work_is_done_again_where_the_server_says_so(url: str) -> None:
    database = Database(url, "desk-1")
    tries: list[int] = []

    def work(unit: Unit) -> int:
        tries.append(1)
        unit.connection.execute(text("INSERT INTO meta (name, value) VALUES ('a', 'b')"))
        if len(tries) < 3:
            unit.connection.execute(
                text("DO $$ BEGIN RAISE EXCEPTION 'not now' USING ERRCODE = '40001'; END $$")
            )
        return len(tries)

    assert database.write(work) == 3
    database.close()


def test_that_a_write_begins_again_where_sqlite_does_not_wait(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unit_of_work, "SQLITE_WAIT_S", 0.0)
    folder = tmp_path_factory.mktemp("busy")
    url = f"sqlite:///{(folder / 'a.db').as_posix()}"
    Store.open(url, folder).close()
    database = Database(url, "desk-1")
    with locked(url):
        written = threading.Event()
        writer = threading.Thread(target=lambda: database.write(lambda _: written.set()))
        writer.start()
        writer.join(0.2)
        assert not written.is_set()
    writer.join(60)
    assert written.is_set()
    database.close()


def test_that_work_that_fails_leaves_nothing(url: str) -> None:
    database = Database(url, "desk-1")

    def work(unit: Unit) -> None:
        unit.connection.execute(text("INSERT INTO meta (name, value) VALUES ('a', 'b')"))
        raise KeyError

    with pytest.raises(KeyError):
        database.write(work)
    with database.read() as connection:
        assert connection.scalars(select(MetaRow.name)).all() == ["digest_key"]
    database.close()


def test_that_an_error_never_quotes_a_value(url: str) -> None:
    database = Database(url, "desk-1")
    twice = text("INSERT INTO meta (name, value) VALUES ('digest_key', 'Trần Văn Bình')")
    with pytest.raises(StoreError, match=r"store\.refused") as told:
        database.write(lambda unit: unit.connection.execute(twice))
    assert "Trần" not in f"{told.value!r}{told.value.__cause__!r}"
    assert told.value.__suppress_context__
    database.close()
