"""Kills the night at random moments and looks what is left (``formscan bench kills``).

A run over a stack with files in it that do harm is killed again and again: a worker, the driver, the whole
tree, on PostgreSQL its connections to the database or the server, and, in starts that work with Dask, the
scheduler. After every kill the count must balance, and no page that was committed may be gone or have
been worked on again. In the end the drafts must be those of a run nobody disturbed, field by field. A page
whose worker was killed as often as is allowed is quarantined, and its document then lacks it: such
documents may differ, and of other pages of its form which page they are a second scan of. Nothing else may.
Where anything is amiss, the database of the slice stays in ``--room``; slices with other seeds add up there.
A kill shows what a crash loses, not what a power cut does (``bench powercut``).
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import psutil

from formscan.bench.crew import Crew, end_tree, is_worker
from formscan.bench.intervals import most_when_none
from formscan.bench.kills_stack import PAGE_S, WORKER_MIB, compose
from formscan.bench.postgres import Server, private_postgres
from formscan.model.ledger import PageKey, WorkState
from formscan.model.record import Draft
from formscan.store import Store

ENDED: Final = frozenset({WorkState.READ, WorkState.HELD, WorkState.QUARANTINED, WorkState.SET_ASIDE})
DONE_S: Final = 7200
"""For the run that is left in peace; on a machine with ten times more work than cores it takes an hour."""
EARLY: Final = 0.1
"""Share of starts that are killed before they have done anything, too."""
CRASH: Final = 0.5
"""Share of ends of a database server that leave it no time to tidy up."""
DASK: Final = 0.2
"""Share of starts that work with Dask, where that is wanted."""
AT: Final = datetime(2026, 1, 1, tzinfo=UTC)
NEAR: Final = "duplicate.near:"
Place = tuple[str, int]
"""Name of a file and page in it."""


@dataclass(slots=True)
class Kills:
    """What was found.

    Attributes:
        kills: By what was killed.
        starts: By what worked.
        pages: Pages of the stack.
        checks: How often the ledger was looked at.
        unbalanced: Looks at which the count did not balance.
        lost: Pages that were committed and then were not.
        again: Pages that were worked on again after their result was committed.
        died: Pages quarantined because the worker that had them was killed as often as is allowed.
        drafts: Documents in the end.
        deserted: Runs that ended by themselves though only what they can do without was killed.
        renamed: Drafts that differ only in which page theirs is a second scan of; one of that form died.
        other: Drafts that are not those of an undisturbed run though no page of theirs died.
        poison_s: Seconds each harmful file cost in the undisturbed run (one worker).
    """

    seed: int = 0
    database: str = "sqlite"
    kills: Counter[str] = field(default_factory=Counter)
    starts: Counter[str] = field(default_factory=Counter)
    pages: int = 0
    checks: int = 0
    unbalanced: int = 0
    lost: int = 0
    again: int = 0
    died: int = 0
    deserted: int = 0
    drafts: int = 0
    renamed: int = 0
    other: int = 0
    chain_intact: bool = False
    ended: bool = False
    poison_s: dict[str, float] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """For a line of a file; ``asdict`` would count the pairs of a counter."""
        return {each.name: getattr(self, each.name) for each in fields(self)} | {"clean": self.clean}

    @property
    def clean(self) -> bool:
        """Nothing was lost, doubled or read again, and it came to its end."""
        return (
            not (self.unbalanced + self.lost + self.again + self.deserted + self.other)
            and self.chain_intact
            and self.ended
        )


def main(argv: Sequence[str] | None = None) -> int:
    """Kill and look.

    Returns:
        0 where nothing was lost.
    """
    parser = argparse.ArgumentParser(prog="formscan bench kills", description=__doc__)
    parser.add_argument("--room", type=Path, required=True, help="folder for the stack and what is found")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--pages", type=int, default=2000)
    parser.add_argument("--forms", type=int, default=40, help="of these, pages of a form")
    parser.add_argument("--foreign", type=int, default=60, help="of these, paper of others")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--longest", type=float, default=2.0, help="seconds until a kill, at most")
    parser.add_argument("--minutes", type=float, default=600.0, help="stop killing after so long")
    parser.add_argument("--postgresql", action="store_true", help="a server of its own instead of SQLite")
    parser.add_argument("--dask", action="store_true", help="some starts work with a Dask cluster")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(argv)
    room = given.room.resolve()
    if not (room / "stack").is_dir():
        compose(room / "stack", given.pages, given.forms, given.foreign)
    place = room / f"seed-{given.seed}"
    shutil.rmtree(place, ignore_errors=True)
    with _database(place, given.postgresql) as server:
        harness = Harness(room, place, server, given.workers, random.Random(given.seed), dask=given.dask)
        found = harness.run(given.kills, given.longest, given.minutes * 60)
    found.seed, found.database = given.seed, "postgresql" if given.postgresql else "sqlite"
    with (room / "kills.jsonl").open("a", encoding="utf-8") as out:
        out.write(json.dumps(found.document()) + "\n")
    if found.clean:
        shutil.rmtree(place, ignore_errors=True)
    sys.stdout.write(json.dumps(summed(room / "kills.jsonl"), indent=1) + "\n")
    return int(not found.clean)


@contextmanager
def _database(place: Path, postgresql: bool) -> Iterator[Server | None]:
    if not postgresql:
        yield None
        return
    with private_postgres(place / "server") as server:
        yield server


def summed(path: Path) -> dict[str, Any]:
    """All slices together; the interval is that of a kill that loses something."""
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    kills: Counter[str] = Counter()
    for row in rows:
        kills.update(row["kills"])
    names = ("checks", "unbalanced", "lost", "again", "died", "deserted", "drafts", "renamed", "other")
    told: dict[str, Any] = {name: sum(row.get(name, 0) for row in rows) for name in names}
    n = kills.total()
    wrong = sum(told[name] for name in ("unbalanced", "lost", "again", "deserted", "other"))
    told |= {"slices": len(rows), "kills": dict(kills), "n": n, "clean": all(row["clean"] for row in rows)}
    if not wrong and n:
        told["share_of_kills_that_lose_at_most_95"] = round(most_when_none(n), 4)
    return told | {"poison_s": rows[-1]["poison_s"] if rows else {}}


class Harness:
    """One stack, one database, and a run that is killed.

    Args:
        room: Has the stack, and gets the undisturbed run where it is not there yet.
        place: An empty folder for this run.
        server: Has the database; ``None`` for SQLite in ``place``.
        workers: Processes of the run; 0 works in the driver.
        chance: Decides what is killed and when.
        dask: Whether some starts work with a cluster.
    """

    def __init__(
        self,
        room: Path,
        place: Path,
        server: Server | None,
        workers: int,
        chance: random.Random,
        *,
        dask: bool = False,
    ) -> None:
        self._room = room
        self._home = place / "home"
        self._place = place
        self._server = server
        self._url = _sqlite(self._home) if server is None else server.database("night")
        self._workers = workers
        self._chance = chance
        self._ended: dict[PageKey, WorkState] = {}
        self._dask = dask
        self._crew: Crew | None = None
        self.found = Kills()

    def run(self, kills: int, longest_s: float, budget_s: float) -> Kills:
        """Kill so often, then let it come to its end, and compare with the run nobody disturbed."""
        self._home.mkdir(parents=True)
        started = time.monotonic()
        try:
            while self.found.kills.total() < kills and time.monotonic() - started < budget_s:
                if not self._round(kills, longest_s):
                    break
        finally:
            if self._crew is not None:
                self._crew.end()
        with self._started(self._command(self._home, self._url, self._workers)) as last:
            self.found.ended = last.wait(DONE_S) in {0, 3}
        self._look()
        self._compare()
        return self.found

    def _round(self, kills: int, longest_s: float) -> bool:
        """One start, kills of what it can do without, and the kill that ends it; whether it was killed."""
        cluster = self._dask and self._chance.random() < DASK
        command = self._command(self._home, self._url, self._workers)
        if cluster:
            command += ["--cluster", self._manned().address]
        self.found.starts["dask" if cluster else "processes"] += 1
        with self._started(command) as driver:
            if self._chance.random() > EARLY:
                self._await_work(driver)
            while self.found.kills.total() < kills:
                time.sleep(self._chance.uniform(0.0, longest_s))
                if driver.poll() is not None:
                    self.found.deserted += driver.poll() not in {0, 3}
                    break
                victim = self._chance.choice(self._victims(cluster))
                if self._kill(driver, victim, cluster):
                    self.found.kills[victim] += 1
                    if victim in {"driver", "tree"}:
                        break
            ended = driver.poll() in {0, 3}
        self._look()
        return not ended

    def _victims(self, cluster: bool) -> list[str]:
        named = ["worker", "driver", "tree"]
        named += ["scheduler", "scheduler"] if cluster else []
        return named + ([] if self._server is None else ["connection", "server"])

    def _manned(self) -> Crew:
        if self._crew is None:
            self._crew = Crew(self._place / "crew", self._workers, WORKER_MIB * 2**20)
            self._crew.start()
        return self._crew

    def _await_work(self, driver: subprocess.Popen[bytes]) -> None:
        """Wait until the run has moved something: a kill before that shows little."""
        with self._open() as store:
            before = store.ledger.balance()
            while driver.poll() is None and store.ledger.balance() == before:
                time.sleep(0.3)

    def _kill(self, driver: subprocess.Popen[bytes], victim: str, cluster: bool) -> bool:
        if victim == "connection" and self._server is not None:
            return self._server.cut(self._url) > 0
        if victim == "server" and self._server is not None:
            self._server.restart(crash=self._chance.random() < CRASH)
            return True
        if victim == "scheduler":
            crew = self._manned()
            crew.end()  # its workers have nobody to work for and end as well
            crew.start()
            return True
        if victim == "tree":
            if cluster and self._crew is not None:
                self._crew.end()
                self._crew = None
            end_tree(driver)
            return True
        if victim == "driver":
            driver.kill()
            return True
        hands = self._manned().hands() if cluster else self._own_workers(driver)
        if not hands:
            return False
        try:
            self._chance.choice(hands).kill()
        except psutil.NoSuchProcess:
            return False
        return True

    def _own_workers(self, driver: subprocess.Popen[bytes]) -> list[psutil.Process]:
        try:
            return [each for each in psutil.Process(driver.pid).children(recursive=True) if is_worker(each)]
        except psutil.Error:
            return []

    def _command(self, home: Path, url: str, workers: int) -> list[str]:
        words = ["-m", "formscan.cli", "batch", "run", str(self._room / "stack"), "--json"]
        return [sys.executable, *words, "--home", str(home), "--workers", str(workers), "--db", url]

    @contextmanager
    def _started(self, command: Sequence[str]) -> Iterator[subprocess.Popen[bytes]]:
        environment = {
            **os.environ, "OMP_THREAD_LIMIT": "1", "OMP_NUM_THREADS": "1",
            "FORMSCAN_PAGE_S": str(PAGE_S), "FORMSCAN_WORKER_MIB": str(WORKER_MIB),
        }  # fmt: skip
        with (self._room / "runs.log").open("ab") as log:
            run = subprocess.Popen(list(command), stdout=subprocess.DEVNULL, stderr=log, env=environment)
        try:
            yield run
        finally:
            end_tree(run)

    def _open(self) -> Store:
        return Store.open(self._url, self._home / "images")

    def _look(self) -> None:
        """Check the ledger against what it said before."""
        with self._open() as store:
            ledger = store.ledger
            self.found.checks += 1
            self.found.unbalanced += not ledger.balance().balances
            pages = {page.key: page for page in ledger.pages()}
            steps = Counter(
                step.key for step in ledger.steps() if step.state in ENDED and step.key.index >= 0
            )
        for key in self._ended:
            page = pages.get(key)
            self.found.lost += page is None or page.state is WorkState.TAKEN_IN
        self.found.again = sum(number > 1 for number in steps.values())
        self._ended = {key: page.state for key, page in pages.items() if page.state is not WorkState.TAKEN_IN}

    def _compare(self) -> None:
        """Hold the drafts against those of a run without a kill."""
        with self._open() as store:
            count = store.ledger.balance()
            self.found.pages = count.taken_in
            self.found.unbalanced += not count.balances or bool(count.waiting)
            self.found.chain_intact = store.verify_audit().intact
            ours, gone = _drafts(store), _quarantined(store)
        calm, known, self.found.poison_s = self._undisturbed()
        died = gone - known
        self.found.died, self.found.drafts = len(died), len(ours)
        self.found.renamed, self.found.other = compared(calm, ours, died)

    def _undisturbed(self) -> tuple[dict[str, Draft], set[Place], dict[str, float]]:
        """Drafts and quarantined pages of a run nobody kills, and what harmful files cost in it."""
        calm = self._room / "calm"
        if not (self._room / "calm.done").is_file():
            shutil.rmtree(calm, ignore_errors=True)
            calm.mkdir()
            with self._started(self._command(calm, _sqlite(calm), min(self._workers, 1))) as run:
                assert run.wait(DONE_S) in {0, 3}
            (self._room / "calm.done").touch()
        with Store.open(_sqlite(calm), calm / "images") as store:
            names = {file.id: file.name for file in store.ledger.files()}
            ends = sorted(
                (step.at, step.key.file_id) for step in store.ledger.steps()
                if step.state in ENDED
            )  # fmt: skip
            cost: dict[str, float] = {}
            for (before, _), (at, file) in pairwise(ends):
                if "-x-" in names[file]:
                    cost[names[file]] = round((at - before).total_seconds(), 1)
            return _drafts(store), _quarantined(store), cost


def _sqlite(home: Path) -> str:
    return f"sqlite:///{(home / 'formscan.db').as_posix()}"


def _drafts(store: Store) -> dict[str, Draft]:
    found = [store.get_draft(each.id) for each in store.drafts(None)]
    return {draft.id: replace(draft, created_at=AT) for draft in found}


def compared(
    calm: Mapping[str, Draft], ours: Mapping[str, Draft], died: AbstractSet[Place]
) -> tuple[int, int]:
    """Drafts of a killed run beside those of an undisturbed one, by id.

    Args:
        calm: Of the undisturbed run.
        ours: Of the killed one.
        died: Pages that were quarantined in the killed one only; documents of theirs may differ.

    Returns:
        How many of the others name another page as the one theirs is a second scan of, where a page of that
        form died; and how many differ in anything else.
    """
    hurt = [draft for draft in calm.values() if died & _places(draft)]
    touched = {place for draft in hurt for place in _places(draft)}
    kinds = {kind for draft in hurt for kind in _kinds(draft)}
    differ = [key for key in calm if ours.get(key) != calm[key] and not died & _places(calm[key])]
    renamed = [
        key for key in differ
        if key in ours and kinds & _kinds(calm[key]) and _unnamed(ours[key]) == _unnamed(calm[key])
    ]  # fmt: skip
    strange = [draft for key, draft in ours.items() if key not in calm and not _places(draft) <= touched]
    return len(renamed), len(differ) - len(renamed) + len(strange)


def _kinds(draft: Draft) -> set[tuple[str, int]]:
    """The pages of forms a draft has."""
    return {(draft.form_id, page.number) for page in draft.pages}


def _unnamed(draft: Draft) -> Draft:
    """A draft without which pages its own are second scans of: the first of its like stands for all."""
    pages = tuple(
        replace(page, notes=tuple(note for note in page.notes if not note.startswith(NEAR)))
        for page in draft.pages
    )
    problems = tuple(problem for problem in draft.problems if problem.code != "pages.near_duplicate")
    return replace(draft, pages=pages, problems=problems)


def _places(draft: Draft) -> set[Place]:
    return {(page.source.name, page.source.index) for page in draft.pages}


def _quarantined(store: Store) -> set[Place]:
    return {
        (held.source.name, held.source.index)
        for _, held in store.ledger.held()
        if held.reason in {"read.worker_died", "read.timeout", "read.memory"}
    }


if __name__ == "__main__":
    sys.exit(main())
