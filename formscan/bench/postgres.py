"""A PostgreSQL server of one's own, for as long as a measurement lasts."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

WAIT_S: Final = 120.0


@dataclass(slots=True)
class Server:
    """A running server.

    Attributes:
        url: Of its maintenance database, which is empty.
        process: The one all others come from.
        begin: Starts it and waits until it answers.
    """

    url: str
    process: subprocess.Popen[bytes]
    begin: Callable[[], subprocess.Popen[bytes]]

    @property
    def pid(self) -> int:
        """Of the process all others come from."""
        return self.process.pid

    def restart(self, *, crash: bool = False, down_s: float = 0.0) -> None:
        """End it, all connections with it, and start it anew on what is on its disk."""
        self.end(crash=crash)
        time.sleep(down_s)
        self.process = self.begin()

    def end(self, *, crash: bool = False) -> None:
        """End it now: transactions are rolled back, or left to the next start where it crashes."""
        self.process.send_signal(signal.SIGQUIT if crash else signal.SIGINT)
        self.process.wait(WAIT_S)

    def cut(self, database: str) -> int:
        """Have it end every connection to a database, but the one that asks; how many there were."""
        import psycopg

        asked = (
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        with psycopg.connect(database, autocommit=True) as server:
            row = server.execute(asked).fetchone()
        return int(row[0]) if row else 0

    def database(self, name: str) -> str:
        """URL of a new database."""
        import psycopg
        from psycopg import sql

        with psycopg.connect(self.url, autocommit=True) as server:
            server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return f"{self.url.rpartition('/')[0]}/{name}"

    def core_seconds(self) -> float:
        """User and system time of all its processes, ended ones included."""
        try:
            root = psutil.Process(self.pid)
            times = root.cpu_times()
            told = times.user + times.system + times.children_user + times.children_system
            for child in root.children(recursive=True):
                used = child.cpu_times()
                told += used.user + used.system
        except psutil.Error:
            return 0.0
        return float(told)


def binaries() -> Path | None:
    """Folder of ``initdb`` and ``postgres``; ``None`` where PostgreSQL is not installed."""
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).parent
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    return found[-1].parent if found else None


@contextmanager
def private_postgres(folder: Path, host: str = "127.0.0.1", within: Sequence[str] = ()) -> Iterator[Server]:
    """Start a server with its defaults (every commit flushed) and end it.

    Args:
        folder: Becomes its folder; must not exist.
        host: Address it listens on.
        within: Words before the server's command, such as those that enter a network namespace.

    Raises:
        FileNotFoundError: If PostgreSQL is not installed.
        RuntimeError: If it does not start.
    """
    place = binaries()
    if place is None:
        raise FileNotFoundError("initdb")
    folder.mkdir(parents=True)
    user = _user()
    if user is not None:
        os.chown(folder, *user)
    cluster, port = folder / "cluster", free_port()
    words = ["-U", "formscan", "-A", "trust", "-E", "UTF8", "--no-sync", "--no-locale"]
    if _run([str(place / "initdb"), "-D", str(cluster), *words], folder, user).wait(WAIT_S):
        raise RuntimeError((folder / "log").read_text("utf-8"))
    with (cluster / "pg_hba.conf").open("a", encoding="utf-8") as rules:
        rules.write("host all all samenet trust\n")
    options = ["-h", host, "-p", str(port), "-c", f"unix_socket_directories={folder}"]
    command = [str(place / "postgres"), "-D", str(cluster), *options]
    command, whose = _entering(within, command, user)

    def begin() -> subprocess.Popen[bytes]:
        started = _run(command, folder, whose)
        try:
            _await(folder, port, started, folder / "log")
        except RuntimeError:
            started.kill()
            raise
        return started

    server = Server(f"postgresql://formscan@{host}:{port}/postgres", begin(), begin)
    try:
        yield server
    finally:
        server.end()


def _entering(
    within: Sequence[str], command: list[str], user: tuple[int, int] | None
) -> tuple[list[str], tuple[int, int] | None]:
    """The command within a network, which only root enters, who then becomes the server's user."""
    if not within or user is None:
        return [*within, *command], user
    become = ["setpriv", f"--reuid={user[0]}", f"--regid={user[1]}", "--clear-groups"]
    return [*within, *become, *command], None


def _run(command: Sequence[str], folder: Path, user: tuple[int, int] | None) -> subprocess.Popen[bytes]:
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(
            list(command), cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            env={"PATH": os.defpath, "LC_ALL": "C"}, user=user[0] if user else None,
            group=user[1] if user else None, extra_groups=[] if user else None,
        )  # fmt: skip


def _user() -> tuple[int, int] | None:
    """Whom the server runs as: it refuses to run as root."""
    if sys.platform == "win32" or os.getuid() != 0:
        return None
    import pwd

    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = names.get("postgres") or names["nobody"]
    return entry.pw_uid, entry.pw_gid


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _await(folder: Path, port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until it answers on its socket file, which is there whatever network it is in."""
    import psycopg

    end = time.monotonic() + WAIT_S
    while True:
        try:
            psycopg.connect(f"host={folder} port={port} user=formscan dbname=postgres").close()
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > end:
                raise RuntimeError(log.read_text("utf-8")) from None
            time.sleep(0.1)
        else:
            return
