"""A cluster of machines on one machine (``formscan bench cluster``): each in a network of its own.

A Dask scheduler, PostgreSQL and four workers run in network namespaces of their own, joined by a bridge as
by a switch. While a stack is read the cable of one worker is pulled and put back, and another worker is
killed and started again. The drafts must be those of a run on this machine alone, byte for byte. Wants root
and Linux.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from formscan.bench.crew import Crew, await_workers, end_tree
from formscan.bench.kills_stack import compose
from formscan.bench.postgres import binaries, private_postgres
from formscan.store import Store
from formscan.store.codec import dump

BRIDGE: Final = "fsn-switch"
NET: Final = "10.213.77"
HERE: Final = f"{NET}.1"
AT: Final = datetime(2026, 1, 1, tzinfo=UTC)
WORKER_BYTES: Final = 2 * 2**30
DONE_S: Final = 1500.0


@dataclass(slots=True)
class Found:
    """What was found.

    Attributes:
        pages: That came in.
        equal: Drafts that are those of the run on one machine, byte for byte.
        other: Drafts that are not, or are missing, or are too many.
        cut_s: How long a worker's cable was pulled.
        killed: Workers that were killed.
        quarantined: Pages given up because of that.
        seconds: Of each run by the clock, starts of workers left out.
    """

    pages: int = 0
    drafts: int = 0
    equal: int = 0
    other: int = 0
    cut_s: float = 0.0
    killed: int = 0
    quarantined: int = 0
    balances: bool = False
    ended: bool = False
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def clean(self) -> bool:
        """Everything was disturbed, and nothing differs."""
        disturbed = self.cut_s > 0 and self.killed > 0
        return disturbed and self.ended and self.balances and bool(self.drafts) and not self.other


class Machine:
    """A network namespace with a cable to the bridge.

    Args:
        number: Last part of its address, above 1.
    """

    def __init__(self, number: int) -> None:
        self.name, self.address = f"fsn-{number}", f"{NET}.{number}"
        self._cable = f"fsn-c{number}"

    @property
    def within(self) -> tuple[str, ...]:
        """Words before a command that is to run on it."""
        return "ip", "netns", "exec", self.name

    def begin(self) -> None:
        """Make it and plug it in."""
        _ip("netns", "add", self.name)
        _ip("link", "add", self._cable, "type", "veth", "peer", "name", "eth0", "netns", self.name)
        _ip("link", "set", self._cable, "master", BRIDGE, "up")
        _ip("-n", self.name, "address", "add", f"{self.address}/24", "dev", "eth0")
        _ip("-n", self.name, "link", "set", "eth0", "up")
        _ip("-n", self.name, "link", "set", "lo", "up")

    def plug(self, *, into: bool) -> None:
        """Pull its cable or put it back."""
        _ip("link", "set", self._cable, "up" if into else "down")

    def end(self) -> None:
        """Take it away."""
        _ip("netns", "delete", self.name, must=False)
        _ip("link", "delete", self._cable, must=False)


def main(argv: Sequence[str] | None = None) -> int:
    """Run, disturb and compare.

    Returns:
        0 where nothing differs, or where this cannot be done here (with the reason).
    """
    parser = argparse.ArgumentParser(prog="formscan bench cluster", description=__doc__)
    parser.add_argument("--room", type=Path, required=True, help="folder for the stack and what is found")
    parser.add_argument("--pages", type=int, default=30)
    parser.add_argument("--forms", type=int, default=10, help="of these, pages of a form")
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--cut", type=float, default=12.0, help="seconds a worker's cable is pulled")
    given = parser.parse_args(argv)
    why = missing()
    if why:
        sys.stdout.write(json.dumps({"skipped": why}) + "\n")
        return 0
    room: Path = given.room.resolve()
    if not (room / "stack").is_dir():
        compose(room / "stack", given.pages, given.forms, 0)
        for harmful in (room / "stack").glob("*-x-*"):
            harmful.unlink()
    found = Bench(room, given.workers, given.cut).run()
    sys.stdout.write(json.dumps(asdict(found) | {"clean": found.clean}) + "\n")
    return int(not found.clean)


def missing() -> str:
    """Why no machines can be made here; empty where they can."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return "network namespaces want root on Linux"
    if shutil.which("ip") is None:
        return "the program ip (iproute2) is not installed"
    if binaries() is None:
        return "PostgreSQL is not installed"
    try:
        with switch(1):
            return ""
    except subprocess.CalledProcessError:
        return "this kernel gives no network namespaces, bridges or cables"


@contextmanager
def switch(machines: int) -> Iterator[list[Machine]]:
    """So many machines on one bridge, this one with them."""
    made = [Machine(10 + number) for number in range(machines)]
    try:
        _ip("link", "add", BRIDGE, "type", "bridge")
        _ip("address", "add", f"{HERE}/24", "dev", BRIDGE)
        _ip("link", "set", BRIDGE, "up")
        for machine in made:
            machine.begin()
        yield made
    finally:
        for machine in made:
            machine.end()
        _ip("link", "delete", BRIDGE, must=False)


class Bench:
    """The same stack on one machine and on a disturbed cluster.

    Args:
        room: Has the stack.
        workers: Machines that read.
        cut_s: How long a cable is pulled.
    """

    def __init__(self, room: Path, workers: int, cut_s: float) -> None:
        self._room, self._workers, self._cut_s = room, workers, cut_s
        self.found = Found()

    def run(self) -> Found:
        """Both runs, and the comparison."""
        alone = self._room / "alone"
        if not (self._room / "alone.done").is_file():
            shutil.rmtree(alone, ignore_errors=True)
            started = time.monotonic()
            with self._batch(alone, _sqlite(alone), ["--workers", "1"]) as calm:
                assert calm.wait(DONE_S) in {0, 3}
            self.found.seconds["alone"] = round(time.monotonic() - started, 1)
            (self._room / "alone.done").touch()
        many = self._room / "many"
        shutil.rmtree(many, ignore_errors=True)
        many.mkdir()
        (self._room).chmod(0o755)
        with ExitStack() as stack:
            scheduler, database, *hands = stack.enter_context(switch(2 + self._workers))
            server = stack.enter_context(private_postgres(many / "server", database.address, database.within))
            url = server.database("night")
            crew = Crew(
                many / "crew", self._workers, WORKER_BYTES, scheduler.address,
                [scheduler.within, *(each.within for each in hands)], [each.address for each in hands],
            )  # fmt: skip
            stack.enter_context(crew)
            await_workers(crew, self._workers)
            started = time.monotonic()
            with self._batch(many, url, ["--cluster", crew.address]) as run, _store(url, many) as store:
                self._disturb(run, store, crew, hands)
                self.found.ended = run.wait(DONE_S) in {0, 3}
            self.found.seconds["cluster"] = round(time.monotonic() - started, 1)
            self._compare(url, many, alone)
        return self.found

    def _disturb(
        self, run: subprocess.Popen[bytes], store: Store, crew: Crew, hands: Sequence[Machine]
    ) -> None:
        """Pull one worker's cable when the first pages are done, and kill another meanwhile."""
        self._await(run, store, 1)
        hands[0].plug(into=False)
        began = time.monotonic()
        victim = crew.workers[1]
        end_tree(victim)
        self.found.killed += 1
        while run.poll() is None and time.monotonic() - began < self._cut_s:
            time.sleep(0.2)
        if run.poll() is None:
            self.found.cut_s = round(time.monotonic() - began, 1)
        hands[0].plug(into=True)
        crew.restart(2)

    def _await(self, run: subprocess.Popen[bytes], store: Store, pages: int) -> None:
        while run.poll() is None:
            count = store.ledger.balance()
            if count.taken_in and count.taken_in - count.waiting >= pages:
                return
            time.sleep(0.2)

    def _compare(self, url: str, many: Path, alone: Path) -> None:
        with _store(url, many) as store:
            count = store.ledger.balance()
            self.found.pages, self.found.quarantined = count.taken_in, count.quarantined
            self.found.balances = count.balances and not count.waiting
            ours = _drafts(store)
        with _store(_sqlite(alone), alone) as store:
            theirs = _drafts(store)
        self.found.drafts = len(theirs)
        self.found.equal = sum(ours.get(key) == text for key, text in theirs.items())
        self.found.other = len(ours.keys() | theirs.keys()) - self.found.equal

    @contextmanager
    def _batch(self, home: Path, url: str, options: Sequence[str]) -> Iterator[subprocess.Popen[bytes]]:
        home.mkdir(parents=True, exist_ok=True)
        words = ["-m", "formscan.cli", "batch", "run", str(self._room / "stack"), "--json"]
        command = [sys.executable, *words, "--home", str(home), "--db", url, *options]
        limits = {"OMP_THREAD_LIMIT": "1", "OMP_NUM_THREADS": "1"}
        with (self._room / "runs.log").open("ab") as log:
            run = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, **limits})
        try:
            yield run
        finally:
            end_tree(run)


def _sqlite(home: Path) -> str:
    return f"sqlite:///{(home / 'formscan.db').as_posix()}"


def _store(url: str, home: Path) -> Store:
    return Store.open(url, home / "images")


def _drafts(store: Store) -> dict[str, str]:
    """Every draft as the bytes it is kept as, but for the time it was made."""
    return {each.id: dump(replace(store.get_draft(each.id), created_at=AT)) for each in store.drafts(None)}


def _ip(*words: str, must: bool = True) -> None:
    subprocess.run(["ip", *words], check=must, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


if __name__ == "__main__":
    sys.exit(main())
