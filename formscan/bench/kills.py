"""Kills the night at random moments and looks what is left (``formscan bench kills``).

A run over a stack with poison files in it is killed again and again: its workers, the process that gives
out the work, the whole tree, on PostgreSQL also its connections. After every kill the count must balance, no
page that was committed may be gone or have been worked on again, and in the end the drafts must be those of
a run nobody disturbed. A kill shows what a crash loses, not what a power cut does (``bench powercut``).
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Final

import numpy as np
import psutil
from PIL import Image

from formscan.model.ledger import PageKey, WorkState
from formscan.paths import forms_dir
from formscan.store import Store
from formscan.templates import TemplateLibrary, render_page

DPI: Final = 150.0
SIZE: Final = (1240, 1754)
FORM: Final = "36-BV2"
ENDED: Final = (WorkState.READ, WorkState.HELD, WorkState.QUARANTINED)
DONE_S: Final = 1800
EARLY: Final = 0.1
"""Share of starts that are killed before they have done anything, too."""
VICTIMS: Final = ("worker", "driver", "tree")


@dataclass(slots=True)
class Kills:
    """What was found.

    Attributes:
        kills: By what was killed.
        pages: Pages of the stack.
        checks: How often the ledger was looked at.
        unbalanced: Looks at which the count did not balance.
        lost: Pages that were committed and then were not.
        again: Pages that were worked on again after their result was committed.
        died: Pages quarantined because the worker that had them was killed as often as is allowed.
        same_drafts: The drafts are those of an undisturbed run, whose pages were not quarantined here.
    """

    kills: Counter[str] = field(default_factory=Counter)
    pages: int = 0
    checks: int = 0
    unbalanced: int = 0
    lost: int = 0
    again: int = 0
    died: int = 0
    drafts: int = 0
    same_drafts: bool = False
    chain_intact: bool = False

    @property
    def clean(self) -> bool:
        """Nothing was lost, doubled or read again."""
        wrong = self.unbalanced + self.lost + self.again
        return not wrong and self.same_drafts and self.chain_intact


def main(argv: Sequence[str] | None = None) -> int:
    """Kill and look.

    Returns:
        0 where nothing was lost.
    """
    parser = argparse.ArgumentParser(prog="formscan bench kills", description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--pages", type=int, default=400, help="cheap pages: nearly blank, held")
    parser.add_argument("--forms", type=int, default=20, help="pages of a form, drafted")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--longest", type=float, default=10.0, help="seconds until a kill, at most")
    parser.add_argument("--minutes", type=float, default=600.0, help="stop killing after so long")
    parser.add_argument("--db", default="", help="PostgreSQL URL of an empty database; default SQLite")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="formscan-kills-") as folder:
        harness = Harness(Path(folder), given.db, given.workers, random.Random(given.seed))
        harness.compose(given.pages, given.forms)
        found = harness.run(given.kills, given.longest, given.minutes * 60)
    sys.stdout.write(
        json.dumps({each.name: getattr(found, each.name) for each in fields(found)} | {"clean": found.clean})
        + "\n"
    )
    return int(not found.clean)


class Harness:
    """One stack, one database, and a run that is killed.

    Args:
        room: An empty folder.
        url: Database; empty for SQLite in ``room``.
        workers: Processes of the run; 0 works in the driver.
        chance: Decides what is killed and when.
    """

    def __init__(self, room: Path, url: str, workers: int, chance: random.Random) -> None:
        self._room = room
        self._home = room / "home"
        self._stack = room / "stack"
        self._url = url or f"sqlite:///{(self._home / 'formscan.db').as_posix()}"
        self._workers = workers
        self._chance = chance
        self._ended: dict[PageKey, WorkState] = {}
        self.found = Kills()

    def compose(self, cheap: int, forms: int) -> None:
        """Write the stack: cheap pages, pages of a form, and files nobody can read."""
        self._stack.mkdir(parents=True)
        self._home.mkdir(exist_ok=True)
        chance = np.random.default_rng(7)
        blank = np.full(SIZE[::-1], 255, np.uint8)
        for number in range(cheap):
            page = blank.copy()
            y, x = chance.integers(100, 1000, 2)
            page[y, x] = int(chance.integers(200, 254))
            page[number // 1000 + 1, number % 1000 + 1] = 250
            Image.fromarray(page).save(self._stack / f"{number:05d}-blank.png", dpi=(DPI, DPI))
        form = TemplateLibrary.load(forms_dir()).get(FORM)
        for number in range(forms):
            drawn = render_page(form, 1 + number % len(form.pages), DPI).copy()
            drawn[5, 5 + number] = 200
            place = round(number * cheap / max(forms, 1))
            Image.fromarray(drawn).save(self._stack / f"{place:05d}-form-{number:04d}.png", dpi=(DPI, DPI))
        write_poison(self._stack)

    def run(self, kills: int, longest_s: float, budget_s: float) -> Kills:
        """Kill so often, then let it come to its end, and compare with a run in another folder."""
        started = time.monotonic()
        while sum(self.found.kills.values()) < kills and time.monotonic() - started < budget_s:
            if not self._round(longest_s):
                break
        assert self._start().wait(DONE_S) in {0, 3}
        self._look()
        return self._compare()

    def _round(self, longest_s: float) -> bool:
        """One start, kills of its workers, and the kill that ends it; ``False`` where it came to its end."""
        with self._start() as driver:
            if self._chance.random() > EARLY:
                self._await_work(driver)
            while True:
                time.sleep(self._chance.uniform(0.0, longest_s))
                if driver.poll() is not None:
                    return False
                victim = self._chance.choice(VICTIMS)
                if not self._kill(driver, victim):
                    continue
                self.found.kills[victim] += 1
                if victim != "worker":
                    break
            driver.wait(60)
        self._look()
        return True

    def _await_work(self, driver: subprocess.Popen[bytes]) -> None:
        """Wait until the run has moved something: a kill before that shows little."""
        with self._open() as store:
            before = store.ledger.balance()
            while driver.poll() is None and store.ledger.balance() == before:
                time.sleep(0.1)

    def _kill(self, driver: subprocess.Popen[bytes], victim: str) -> bool:
        try:
            tree = psutil.Process(driver.pid).children(recursive=True)
        except psutil.Error:
            return False
        workers = [each for each in tree if _is_worker(each)]
        if victim == "worker":
            chosen = [self._chance.choice(workers)] if workers else []
        else:
            chosen = [*(tree if victim == "tree" else ()), psutil.Process(driver.pid)]
        for each in chosen:
            try:
                each.kill()
            except psutil.NoSuchProcess:
                continue
        return bool(chosen)

    def _start(self, home: Path | None = None, url: str = "") -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "formscan.cli", "batch", "run", str(self._stack), "--json"]
        options = ["--home", str(home or self._home), "--workers", str(self._workers)]
        options += ["--db", url or self._url]
        return subprocess.Popen(
            [*command, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=_environment()
        )

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

    def _compare(self) -> Kills:
        """Run the stack once more without a kill, elsewhere, and compare."""
        with self._open() as store:
            count = store.ledger.balance()
            self.found.pages = count.taken_in
            self.found.unbalanced += not count.balances or bool(count.waiting)
            self.found.chain_intact = store.verify_audit().intact
            self.found.died = count.by_reason.get("read.worker_died", 0)
            drafts = {draft.id for draft in store.drafts(None)}
        self.found.drafts = len(drafts)
        undisturbed = self._undisturbed()
        self.found.same_drafts = drafts == undisturbed or (self.found.died > 0 and bool(drafts & undisturbed))
        return self.found

    def _undisturbed(self) -> set[str]:
        """Ids of the drafts of a run nobody kills."""
        calm = self._room / "calm"
        url = f"sqlite:///{(calm / 'formscan.db').as_posix()}"
        assert self._start(calm, url).wait(DONE_S) in {0, 3}
        with Store.open(url, calm / "images") as store:
            return {draft.id for draft in store.drafts(None)}


def write_poison(folder: Path) -> None:
    """Files that must cost nothing but themselves: truncated, a pixel bomb, no picture, an encrypted PDF."""
    import zlib

    import pikepdf

    whole = folder / "00000-whole.jpg"
    Image.new("L", (400, 600), 250).save(whole, dpi=(DPI, DPI))
    data = whole.read_bytes()
    whole.unlink()
    (folder / "00001-truncated.jpg").write_bytes(data[: len(data) // 2])
    (folder / "00003-nothing.jpg").write_bytes(b"")
    head = b"IHDR" + (21000).to_bytes(4, "big") * 2 + b"\x08\x00\x00\x00\x00"
    chunks = [head, b"IDAT" + zlib.compress(b""), b"IEND"]
    bomb = b"".join(
        (len(chunk) - 4).to_bytes(4, "big") + chunk + zlib.crc32(chunk).to_bytes(4, "big") for chunk in chunks
    )
    (folder / "00005-bomb.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bomb)
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(folder / "00007-locked.pdf", encryption=pikepdf.Encryption(owner="a", user="b"))


def _is_worker(process: psutil.Process) -> bool:
    try:
        return "spawn_main" in " ".join(process.cmdline())
    except psutil.Error:
        return False


def _environment() -> dict[str, str]:
    return {**os.environ, "OMP_THREAD_LIMIT": "1", "OMP_NUM_THREADS": "1"}


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.exit(main())
