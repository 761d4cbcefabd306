"""Stores on both databases; PostgreSQL is a private cluster that lives as long as the test run."""

from __future__ import annotations

import multiprocessing
import os
import runpy
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Protocol

import psycopg
import pytest
from psycopg import sql

from formscan.model.geometry import Box
from formscan.model.page import Source
from formscan.model.reading import (
    Alternative,
    CellReading,
    CheckedField,
    FieldState,
    FieldValue,
    Flag,
    Reading,
    Severity,
)
from formscan.model.record import Draft, DraftPage, Problem
from formscan.model.review import Action, ReviewedField
from formscan.store import Store
from formscan.store.rows import Base

WAIT_S = 120
WORKERS = Path(__file__).with_name("workers.py")


def _binaries() -> Path | None:
    on_path = shutil.which("initdb")
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    return Path(on_path).parent if on_path else found[-1].parent if found else None


def _user() -> tuple[int, int] | None:
    """Whom the server runs as: it refuses to run as root."""
    if sys.platform == "win32" or os.getuid() != 0:
        return None
    import pwd

    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = names.get("postgres") or names["nobody"]
    return entry.pw_uid, entry.pw_gid


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _run(command: list[str], user: tuple[int, int] | None, folder: Path) -> subprocess.Popen[bytes]:
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env={"PATH": os.defpath, "LC_ALL": "C"},
            user=user[0] if user else None,
            group=user[1] if user else None,
            extra_groups=[] if user else None,
        )


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """URL of the maintenance database of a fresh cluster."""
    binaries = _binaries()
    if binaries is None:
        pytest.skip("PostgreSQL server binaries (initdb, postgres) are not installed")
    folder = Path(tempfile.mkdtemp(prefix="formscan-pg-"))
    user = _user()
    if user:
        os.chown(folder, *user)
    cluster, port = str(folder / "cluster"), _free_port()
    initdb = [
        str(binaries / "initdb"),
        "-D",
        cluster,
        "-U",
        "formscan",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--no-sync",
    ]
    assert _run([*initdb, "--no-locale"], user, folder).wait(WAIT_S) == 0, (folder / "log").read_text()
    options = ["-c", "fsync=off", "-c", f"unix_socket_directories={folder}", "-c", "shared_buffers=16MB"]
    server = _run(
        [str(binaries / "postgres"), "-D", cluster, "-h", "127.0.0.1", "-p", str(port), *options],
        user,
        folder,
    )
    url = f"postgresql://formscan@127.0.0.1:{port}/postgres"
    try:
        _await(url, server, folder / "log")
        yield url
    finally:
        server.terminate()
        server.wait(WAIT_S)
        shutil.rmtree(folder, ignore_errors=True)


def _await(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + WAIT_S
    while True:
        try:
            psycopg.connect(url, connect_timeout=2).close()
        except psycopg.OperationalError:
            assert server.poll() is None, log.read_text()
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.05)
        else:
            return


@pytest.fixture(scope="session")
def postgres_shared(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database with the schema; emptied before each test that uses it."""
    url = _new_database(postgres_url)
    Store.open(url, tmp_path_factory.mktemp("none")).close()
    return url


def _new_database(server_url: str) -> str:
    """URL of a database of its own; it goes with the cluster."""
    name = f"t{time.monotonic_ns()}"
    with psycopg.connect(server_url, autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return f"{server_url.rpartition('/')[0]}/{name}"


def _empty(url: str) -> None:
    """Make a database as if it were new, past the guards that keep everybody else from doing so."""
    tables = sql.SQL(", ").join(sql.Identifier(name) for name in Base.metadata.tables if name != "meta")
    with psycopg.connect(url, autocommit=True) as server:
        server.execute("SET lock_timeout = '10s'")
        server.execute("SET session_replication_role = replica")  # no trigger fires
        server.execute(sql.SQL("TRUNCATE {}").format(tables))
        server.execute("INSERT INTO audit_head (id, seq, hash) VALUES (1, 0, %s)", ["0" * 64])
        server.execute("DELETE FROM meta WHERE name <> 'digest_key'")
        for table in ("audit", "entry_field"):
            server.execute(sql.SQL("ALTER TABLE {} ENABLE TRIGGER USER").format(sql.Identifier(table)))


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty SQLite file with the schema, to be copied."""
    path = tmp_path_factory.mktemp("template") / "formscan.db"
    Store.open(f"sqlite:///{path.as_posix()}", path.parent).close()
    return path


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of an empty database of each kind that has the schema."""
    if request.param == "sqlite":
        path = tmp_path / "formscan.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        return f"sqlite:///{path.as_posix()}"
    shared: str = request.getfixturevalue("postgres_shared")
    _empty(shared)
    return shared


@pytest.fixture(params=["sqlite", "postgres"])
def bare_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of a database of each kind without any table."""
    if request.param == "sqlite":
        return f"sqlite:///{(tmp_path / 'new' / 'formscan.db').as_posix()}"
    return _new_database(request.getfixturevalue("postgres_url"))


@pytest.fixture
def open_store(url: str, tmp_path: Path) -> Iterator[Callable[[], Store]]:
    """Opens stores on one database; all are closed in the end."""
    opened: list[Store] = []

    def open_one() -> Store:
        opened.append(Store.open(url, tmp_path / "images", workstation="desk-1"))
        return opened[-1]

    yield open_one
    for each in opened:
        each.close()


@pytest.fixture
def store(open_store: Callable[[], Store]) -> Store:
    """An empty store."""
    return open_store()


class MakeDraft(Protocol):
    """Makes a draft whose one page's image is in the store."""

    def __call__(self, draft_id: str = ..., fields: int = ..., at: datetime = ...) -> Draft: ...


class Decide(Protocol):
    """Makes a decision about a field."""

    def __call__(
        self, field_id: str, text: str = ..., person: str = ..., reason: str = ..., before: str = ...
    ) -> ReviewedField: ...


START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def _field(number: int) -> CheckedField:
    box = Box(number, 2, number + 30, 40)
    cells = (CellReading("1", "7", FieldState.VALUE, 0.75), CellReading("2", "", FieldState.BLANK, 0.5))
    texts = (Alternative("Hà Nội", 0.5), Alternative("Hà Nộl", 0.25))
    reading = Reading("Hà Nội", FieldState.VALUE, 0.875, "tesseract 5.5", "vie", texts, cells)
    flags = (Flag("date.impossible", Severity.HARD, (("other", "f2"),)),) if number == 3 else ()
    value = FieldValue(FieldState.VALUE, f"v{number}", f"n{number}")
    return CheckedField(
        f"f{number}", 1, value, 0.5, (reading, reading), flags, "c" * 64, box, (box, box), float("inf")
    )


@pytest.fixture
def make_draft(store: Store) -> MakeDraft:
    """Drafts with fields f0, f1, ...; f3 has a hard flag."""

    def make(draft_id: str = "d1", fields: int = 3, at: datetime = START) -> Draft:
        image = store.put_image(b"page of " + draft_id.encode(), "image/png")
        source = Source("stack.pdf", "5" * 64, 1, 4)
        page = DraftPage(
            1, source, image, "image/png", 2480, 3508, 300.0, 180, -0.25, 0.75, 0.125, 0.5, ("n",)
        )
        problems = (Problem("pages.missing", 2, (("a", "b"),)),)
        found = tuple(_field(number) for number in range(fields))
        return Draft(draft_id, "01-BV1", "2023.1", "e" * 64, (page,), found, problems, at)

    return make


@pytest.fixture
def decide() -> Decide:
    """Decisions by Lan at a fixed time; the same text as proposed confirms."""

    def make(
        field_id: str, text: str = "", person: str = "lan", reason: str = "", before: str = ""
    ) -> ReviewedField:
        number = field_id[1:]
        stood = FieldValue(FieldState.VALUE, before or f"v{number}", before or f"n{number}")
        value = FieldValue(FieldState.VALUE, text, text) if text else stood
        action = Action.CORRECTED if text else Action.CONFIRMED
        return ReviewedField(field_id, action, person, START, stood, value, reason)

    return make


@pytest.fixture
def start_worker() -> Callable[..., BaseProcess]:
    """Starts a job of ``workers.py`` in a process of its own, fresh (spawned) or forked from a clean one."""
    clean = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"

    def start(job: str, *args: object, fresh: bool = False) -> BaseProcess:
        context = multiprocessing.get_context("spawn" if fresh else clean)
        if context.get_start_method() == "forkserver":
            context.set_forkserver_preload(["formscan.store", "formscan.store.store"])
        handed = {"ARGS": (job, *args)}
        made: BaseProcess = context.Process(  # type: ignore[attr-defined]  # every real context has it
            target=runpy.run_path, args=(str(WORKERS), handed), daemon=True
        )
        made.start()
        return made

    return start
