"""Ten simulated clerks at one database: nothing lost, nothing reviewed twice, no lock error shown.

Each clerk is a process of its own with its own connection, as a window is. She takes the first draft nobody
works on, decides on every open field with a pause between them, now and then takes a step back, now and then
walks away without giving the draft back, keys critical fields blind, rules where she is a supervisor, and
releases what is complete. Afterwards the database is counted against what the clerks were told.

``formscan bench clerks [--url URL] [--postgresql] [--clerks 10] [--minutes 10] [--drafts 200] [--fields 30]``
"""

from __future__ import annotations

import argparse
import contextlib
import json
import multiprocessing
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

from formscan.bench.postgres import private_postgres
from formscan.errors import FormScanError, ImmutableError, LeaseError, UnreviewedError
from formscan.model.geometry import Box
from formscan.model.page import Source
from formscan.model.people import Person, Role
from formscan.model.reading import CheckedField, FieldState, FieldValue, Reading
from formscan.model.record import Draft, DraftPage, DraftState, DraftSummary
from formscan.model.review import Action, ReviewedField
from formscan.store import Store
from formscan.store.leases import Lease, new_window

CRITICAL_EACH: Final = 8
"""Every eighth field is critical."""
WRONG_KEY: Final = 0.1
STEP_BACK: Final = 0.03
WALK_AWAY: Final = 0.01
"""Shares of the acts that are a wrong blind key, a step back, a walk away with the draft in hand."""


@dataclass(slots=True)
class Tally:
    """What a clerk did and was told.

    Attributes:
        counts: Acts by name.
        shown: Errors a window would have shown, by code; ``lease.held`` and ``lease.lost`` are no errors.
    """

    counts: Counter[str] = field(default_factory=Counter)
    shown: Counter[str] = field(default_factory=Counter)

    def add(self, other: Tally) -> None:
        """Take in another's."""
        self.counts.update(other.counts)
        self.shown.update(other.shown)


@dataclass(frozen=True, slots=True)
class Shift:
    """One clerk's work.

    Attributes:
        name: Login name.
        seconds: How long at most.
        pause_s: Mean pause between two acts.
        away_s: How long she stays away when she walks away; 0 never.
        seed: Of her chances.
    """

    name: str
    seconds: float
    pause_s: float
    away_s: float
    seed: int


def prepare(store: Store, clerks: int, drafts: int, fields: int) -> list[str]:
    """Accounts and drafts.

    Returns:
        Login names; every second is a supervisor's, so that a third person is always left for a ruling.
    """
    store.accounts.add(
        Person("admin", "Admin", frozenset({Role.ADMINISTRATOR})), None, "bench", source="ldap"
    )
    names = [f"clerk{number:02}" for number in range(clerks)]
    for number, name in enumerate(names):
        role = Role.SUPERVISOR if number % 2 else Role.REVIEWING_CLERK
        store.accounts.add(Person(name, name, frozenset({role})), None, "admin", source="ldap")
    image = store.put_image(b"a page", "image/png")
    for number in range(drafts):
        store.add_draft(_draft(number, fields, image))
    return names


def work(store: Store, shift: Shift) -> Tally:
    """One clerk's shift; ends when the time is over or nothing is left to do."""
    clerk = _Clerk(store, shift)
    end = time.monotonic() + shift.seconds
    while time.monotonic() < end:
        did = clerk.review() or clerk.key() or clerk.rule()
        if not did and clerk.finished():
            break
        if not did:
            time.sleep(min(0.2, max(shift.pause_s, 0.02)))
    store.leases.give_back(clerk.window)
    return clerk.tally


class _Clerk:
    """Acts of one clerk, each counted."""

    def __init__(self, store: Store, shift: Shift) -> None:
        self.store, self.shift = store, shift
        self.window = new_window(shift.name)
        self.chance = random.Random(shift.seed)
        self.tally = Tally()

    def finished(self) -> bool:
        """No draft is open any more."""
        return not self.store.drafts()

    def review(self) -> bool:
        """Take a draft and go through it; whether anything was done."""
        for draft in self.store.drafts():
            complete = draft.reviewed == draft.fields
            if draft.held_by or (complete and draft.waiting):
                continue
            if self._guarded("taken", partial(self._take, draft)):
                return True
        return False

    def key(self) -> bool:
        """Key one critical field blind."""
        found = self.store.looks.next_key(self.shift.name, self.window)
        if found is None:
            return False
        task, lease = found
        wrong = self.chance.random() < WRONG_KEY
        text = "mistyped" if wrong else _text(task.field_id)
        self._pause()
        value = FieldValue(FieldState.VALUE, text, text)

        def act() -> None:
            self.store.looks.key(task.draft_id, task.field_id, self.shift.name, value, lease)

        return self._guarded("keyed", act)

    def rule(self) -> bool:
        """Settle one difference, where she may."""
        if not self.store.person(self.shift.name).roles & {Role.SUPERVISOR}:
            return False
        found = self.store.looks.next_ruling(self.shift.name, self.window)
        if found is None:
            return False
        task, lease = found
        place = task.place
        self._pause()

        def act() -> None:
            self.store.looks.rule(
                place.draft_id, place.field_id, self.shift.name, task.first, "as on the paper", lease
            )

        return self._guarded("ruled", act)

    def _take(self, summary: DraftSummary) -> None:
        lease = self.store.leases.take_draft(summary.id, self.shift.name, self.window)
        draft = self.store.get_draft(summary.id)
        done = {decision.field_id for decision in self.store.decisions(summary.id)}
        for one in draft.fields:
            if one.field_id not in done and not self._decide(draft.id, one.field_id, lease):
                return  # somebody else took over meanwhile
        try:
            self.store.release(draft.id, self.shift.name, datetime.now(UTC), lease=lease)
            self.tally.counts["released"] += 1
        except UnreviewedError:
            self.tally.counts["waits for others"] += 1
        self.store.leases.give_back(self.window, "draft")

    def _decide(self, draft_id: str, field_id: str, lease: Lease) -> bool:
        self._pause()
        if self.shift.away_s and self.chance.random() < WALK_AWAY:
            self.tally.counts["walked away"] += 1
            time.sleep(self.shift.away_s)
        value = FieldValue(FieldState.VALUE, _text(field_id), _text(field_id))
        decision = ReviewedField(field_id, Action.CONFIRMED, self.shift.name, datetime.now(UTC), value, value)
        if not self._guarded("decided", lambda: self.store.record(draft_id, decision, lease=lease)):
            return False
        if self.chance.random() >= STEP_BACK:
            return True

        def back() -> None:
            self.store.undo_step(draft_id, self.shift.name, lease=lease)

        again = self._guarded("taken back", back)
        return again and self._guarded("decided", lambda: self.store.record(draft_id, decision, lease=lease))

    def _guarded(self, name: str, act: Callable[[], None]) -> bool:
        try:
            act()
        except LeaseError as error:
            self.tally.counts[error.code] += 1
            return False
        except ImmutableError:  # released by somebody else between the list and the taking
            self.tally.counts["already closed"] += 1
            return False
        except FormScanError as error:
            self.tally.shown[error.code] += 1
            return False
        self.tally.counts[name] += 1
        return True

    def _pause(self) -> None:
        if self.shift.pause_s:
            time.sleep(self.chance.expovariate(1 / self.shift.pause_s))


@dataclass(frozen=True, slots=True)
class Count:
    """What the database holds against what the clerks were told.

    Attributes:
        told: Decisions that were acknowledged and not taken back, rulings included.
        kept: Decisions that count in the database.
        twice: Fields with two reviewed values that count and no ruling between them.
        released: Drafts released.
        drafts: All drafts.
        trail: The audit chain holds.
    """

    told: int
    kept: int
    twice: int
    released: int
    drafts: int
    trail: bool

    @property
    def sound(self) -> bool:
        """Nothing lost, nothing twice, trail whole."""
        return self.told == self.kept and not self.twice and self.trail


def count(store: Store, tally: Tally) -> Count:
    """Count the database against what the clerks were told."""
    kept = twice = 0
    drafts = store.drafts(None)
    for draft in drafts:
        looks = store.looks.of_draft(draft.id)
        ruled = Counter(look.field_id for look in looks if look.kind == "ruling")
        made = Counter(decision.field_id for decision in store.decisions(draft.id))
        kept += made.total()
        twice += sum(1 for field_id, times in made.items() if times - ruled[field_id] > 1)
    told = tally.counts["decided"] - tally.counts["taken back"] + tally.counts["ruled"]
    released = sum(draft.state is DraftState.RELEASED for draft in drafts)
    return Count(told, kept, twice, released, len(drafts), store.verify_audit().intact)


def main(arguments: Sequence[str]) -> int:
    """Run the shifts as processes and print the count as JSON."""
    told = _parser().parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="formscan-clerks-") as folder, contextlib.ExitStack() as around:
        url = told.url or f"sqlite:///{Path(folder, 'clerks.db').as_posix()}"
        if told.postgresql:
            Path(folder).chmod(0o755)  # the server may run as somebody else
            url = around.enter_context(private_postgres(Path(folder, "server"))).database("clerks")
        images = Path(folder, "images")
        with Store.open(url, images) as store:
            names = prepare(store, told.clerks, told.drafts, told.fields)
        shifts = [
            Shift(name, told.minutes * 60, told.pause, told.away, seed) for seed, name in enumerate(names)
        ]
        began = time.monotonic()
        tally = _run(url, images, shifts)
        seconds = time.monotonic() - began
        with Store.open(url, images) as store:
            result = count(store, tally)
    document = {
        "database": url.split(":", 1)[0], "clerks": told.clerks, "seconds": round(seconds, 1),
        "acts": dict(tally.counts), "errors_shown": dict(tally.shown), "decisions_told": result.told,
        "decisions_kept": result.kept, "reviewed_twice": result.twice, "released": result.released,
        "drafts": result.drafts, "trail_intact": result.trail,
    }  # fmt: skip
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")
    return 0 if result.sound and not tally.shown else 1


def _run(url: str, images: Path, shifts: Sequence[Shift]) -> Tally:
    context = multiprocessing.get_context("spawn")
    tally = Tally()
    with context.Pool(len(shifts)) as pool:
        for one in pool.starmap(_shift, [(url, str(images), shift) for shift in shifts]):
            tally.add(one)
    return tally


def _shift(url: str, images: str, shift: Shift) -> Tally:
    with contextlib.closing(Store.open(url, Path(images), workstation=shift.name)) as store:
        return work(store, shift)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="formscan bench clerks", description="Simulated clerks.")
    parser.add_argument("--url", default="", help="database; a fresh SQLite file where left out")
    parser.add_argument("--postgresql", action="store_true", help="a server of its own instead")
    parser.add_argument("--clerks", type=int, default=10)
    parser.add_argument("--minutes", type=float, default=10.0, help="at most")
    parser.add_argument("--drafts", type=int, default=200)
    parser.add_argument("--fields", type=int, default=30)
    parser.add_argument("--pause", type=float, default=0.5, help="mean seconds between two acts")
    parser.add_argument("--away", type=float, default=200.0, help="seconds away; more than a lease lasts")
    return parser


def _text(field_id: str) -> str:
    return f"value of {field_id}"


def _draft(number: int, fields: int, image: str) -> Draft:
    name = f"stack-{number:05}.pdf"
    page = DraftPage(
        1, Source(name, f"{number:064x}", 0, 1), image, "image/png", 100, 100, 200.0, 0, 0.0, 0.9, 0.1, 0.2
    )
    made = tuple(_field(place) for place in range(fields))
    return Draft(f"draft-{number:05}", "01-BV1", "2023.1", "0" * 64, (page,), made, (), datetime.now(UTC))


def _field(place: int) -> CheckedField:
    field_id = f"f{place}"
    value = FieldValue(FieldState.VALUE, _text(field_id), _text(field_id))
    reading = Reading(_text(field_id), FieldState.VALUE, 0.9, "glyphs 1")
    box = Box(1, 1, 20, 20)
    return CheckedField(
        field_id, 1, value, 0.9, (reading,), (), "c" * 64, box, (box,), 0.1,
        critical=place % CRITICAL_EACH == 0, supporters=("glyphs",),
    )  # fmt: skip
