"""A connection to PostgreSQL that is cut, and a server that begins anew, lose and double nothing."""

from __future__ import annotations

import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine, select, update

from formscan.bench.postgres import Server, binaries, private_postgres
from formscan.errors import StoreError
from formscan.model.ledger import NewFile, PageKey, Stand
from formscan.store import Store
from formscan.store.rows import LastWriteRow
from formscan.store.unit_of_work import Database

LEAST = 10


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A server of its own: it is ended in these tests."""
    if binaries() is None:
        pytest.skip("PostgreSQL server binaries (initdb, postgres) are not installed")
    folder = Path(tempfile.mkdtemp(prefix="formscan-pg-"))  # pytest's own may be entered by nobody else
    folder.chmod(0o755)
    try:
        with private_postgres(folder / "server") as found:
            yield found
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _new(number: int) -> NewFile:
    return NewFile(f"/in/{number}", f"{number}", f"{number:064x}", 1, 1, Stand("s", "/in"))


def _disturbed(disturb: Callable[[], object], times: int, pause_s: float) -> threading.Thread:
    def run() -> None:
        for _ in range(times):
            time.sleep(pause_s)
            disturb()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


@pytest.mark.parametrize("what", ["cut", "restart"])
def test_that_work_goes_on_where_the_connection_is_lost(server: Server, tmp_path: Path, what: str) -> None:
    url, files, done = server.database(f"lost_{what}"), 0, 0
    crash = iter([True, False])

    def cut() -> None:
        server.cut(url)

    def restart() -> None:
        server.restart(crash=next(crash))

    with Store.open(url, tmp_path, lost_s=60.0) as store:
        thread = _disturbed(cut, 8, 0.2) if what == "cut" else _disturbed(restart, 2, 0.3)
        while thread.is_alive() or files < LEAST:
            (taken,) = store.ledger.take_in([_new(files)])
            done += store.ledger.attempt(PageKey(taken.id))  # counted: it shows what is done twice
            assert store.ledger.file(taken.id).name == str(files)
            files += 1
        there = store.ledger.files()
        assert store.verify_audit().intact
        assert len(store.ledger.steps()) == files
    assert [file.attempts for file in there] == [1] * files
    assert done == files


@pytest.mark.parametrize("came_through", [True, False])
def test_that_the_server_is_asked_how_a_write_ended_that_was_on_its_way(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, came_through: bool
) -> None:
    with Store.open(server.database(f"way_{came_through}".lower()), tmp_path, lost_s=30.0) as store:
        (taken,) = store.ledger.take_in([_new(1)])
        dialect = _engine_of(store).dialect
        commit, cuts = dialect.do_commit, iter([True])

        def cut(connection: Any) -> None:
            if not next(cuts, False):
                commit(connection)
                return
            if came_through:
                commit(connection)
            connection.driver_connection.close()
            raise psycopg.OperationalError("the connection is lost")

        monkeypatch.setattr(dialect, "do_commit", cut)
        assert store.ledger.attempt(PageKey(taken.id)) == 1
        assert store.ledger.file(taken.id).attempts == 1
        assert next(cuts, None) is None


def test_that_a_server_which_does_not_come_back_is_told_after_a_while(server: Server, tmp_path: Path) -> None:
    with Store.open(server.database("gone"), tmp_path, lost_s=0.6) as store:
        server.end()
        try:
            with pytest.raises(StoreError, match=r"store\.connection_lost") as told:
                store.ledger.balance()
            with pytest.raises(StoreError, match=r"store\.connection_lost"):
                store.ledger.take_in([_new(1)])
        finally:
            server.process = server.begin()
        assert told.value.facts["waited_s"] == "1"
        assert store.ledger.take_in([_new(1)])[0].new


def _engine_of(store: Store) -> Engine:
    database = store._database
    assert isinstance(database, Database)
    return database._engine


def test_that_a_transaction_a_crash_took_with_it_did_not_come_through(server: Server, tmp_path: Path) -> None:
    """Its number may be another writer's by then; its mark is nobody's."""
    with Store.open(server.database("future"), tmp_path, lost_s=30.0) as store:
        connection = _engine_of(store).connect()
        mark = store._database._marks.leave(connection)
        connection.rollback()
        connection.close()
        (taken,) = store.ledger.take_in([_new(1)])
        assert taken.new
        assert not store._database._came_through(mark)


def test_that_a_write_still_on_its_way_is_waited_for(server: Server, tmp_path: Path) -> None:
    with Store.open(server.database("under_way"), tmp_path, lost_s=30.0) as store:
        marks, begun = store._database._marks, time.monotonic()
        connection = _engine_of(store).connect()
        mark = marks.leave(connection)

        def end() -> None:
            time.sleep(0.4)
            connection.commit()
            connection.close()

        thread = threading.Thread(target=end)
        thread.start()
        there = store._database._came_through(mark)
        waited = time.monotonic() - begun
        thread.join()
        assert there
        assert waited >= 0.4


def test_that_old_marks_are_thrown_away(server: Server, tmp_path: Path) -> None:
    url = server.database("old_marks")
    with Store.open(url, tmp_path, lost_s=30.0) as store:
        store.ledger.take_in([_new(1)])
        with _engine_of(store).begin() as connection:
            connection.execute(update(LastWriteRow).values(at=datetime.now(UTC) - timedelta(days=2)))
    with Store.open(url, tmp_path, lost_s=30.0) as store:
        store.ledger.take_in([_new(2)])
        with _engine_of(store).begin() as connection:
            moments = connection.execute(select(LastWriteRow.at)).scalars().all()
    assert len(moments) == 1
    assert datetime.now(UTC) - moments[0] < timedelta(hours=1)
