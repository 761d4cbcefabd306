from __future__ import annotations

import random
import runpy
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from sqlalchemy import make_url

from formscan.model.people import Person
from formscan.model.record import Draft, DraftState
from formscan.store import Store

MakeDraft = Callable[..., Draft]
Start = Callable[..., BaseProcess]
Step = tuple[str, int, tuple[str, ...]]

WRITERS = 4
DECISIONS = 50
KILLS = {"sqlite": 24, "postgresql": 8}
DRAFTS = 150
WORKERS: dict[str, Any] = runpy.run_path(str(Path(__file__).with_name("workers.py")))


def finish(processes: list[BaseProcess]) -> None:
    for process in processes:
        process.join(120)
    assert [process.exitcode for process in processes] == [0] * len(processes)


def test_that_processes_opening_a_new_database_at_once_make_one_schema(
    bare_url: str, tmp_path: Path, start_worker: Start
) -> None:
    finish([start_worker("open_only", bare_url, str(tmp_path)) for _ in range(WRITERS)])
    with Store.open(bare_url, tmp_path) as store:
        assert store.audit_head().seq == 0


def test_that_no_decision_of_several_processes_is_lost(
    url: str, tmp_path: Path, store: Store, make_draft: MakeDraft, start_worker: Start
) -> None:
    store.add_draft(make_draft(fields=6))
    images = str(tmp_path / "images")
    people = [f"p{number}" for number in range(WRITERS)]
    finish([start_worker("write_many", url, images, "d1", person, DECISIONS) for person in people])
    kept = store.decisions("d1")
    assert len(kept) == WRITERS * DECISIONS
    for person in people:
        texts = [decision.value.text for decision in kept if decision.person == person]
        assert texts == [f"{person}-{number}" for number in range(DECISIONS)]
    assert store.drafts()[0].reviewed == 6
    verdict = store.verify_audit()
    assert (verdict.intact, verdict.lines) == (True, 1 + WRITERS * DECISIONS)


def test_that_processes_that_undo_do_not_take_each_others_decisions(
    url: str, tmp_path: Path, store: Store, make_draft: MakeDraft, start_worker: Start
) -> None:
    store.add_draft(make_draft(fields=6))
    images = str(tmp_path / "images")
    finish([start_worker("write_and_undo", url, images, "d1", person, 20) for person in ("p0", "p1")])
    kept = [decision.value.text for decision in store.decisions("d1")]
    wanted = [f"{person}-{number}" for person in ("p0", "p1") for number in range(0, 20, 2)]
    assert sorted(kept) == sorted(wanted)
    assert store.drafts()[0].reviewed == 3
    assert store.verify_audit().intact


def expected(steps: list[Step]) -> tuple[list[tuple[str, str]], bool]:
    """What must stand in one draft after these of its numbered steps: (field, step number) and released."""
    made: list[list[tuple[str, str]]] = []
    released = False
    for number, (what, _, fields) in enumerate(steps):
        if what == "undo":
            made.pop()
        elif what == "release":
            released = True
        else:
            made.append([(field, str(number)) for field in fields])
    return [pair for step in made for pair in step], released


def standing(store: Store, draft: int, first: int) -> tuple[list[tuple[str, str]], bool]:
    """What stands in the store, with step numbers counted from the draft's ``first``."""
    kept = [(d.field_id, str(int(d.value.text) - first)) for d in store.decisions(f"d{draft}")]
    released = store.get_draft(f"d{draft}").state is DraftState.RELEASED
    assert released == any(entry.draft_id == f"d{draft}" for entry in store.entries())
    return kept, released


def steps_taken(store: Store, noted: int) -> int:
    """How many steps the store holds: all that were noted, and at most the one that was under way."""
    of_draft: list[Step] = WORKERS["steps_of"](0)
    length = len(of_draft)
    found = []
    for taken in (noted, noted + 1):
        draft, within = divmod(taken, length)
        wanted = [
            (d, length if d < draft else within if d == draft else 0) for d in (draft - 1, draft, draft + 1)
        ]
        if all(standing(store, d, d * length) == expected(of_draft[:n]) for d, n in wanted if d >= 0):
            found.append(taken)
    assert len(found) == 1, f"{noted} steps were noted, and the store holds something else"
    return found[0]


def kill_somewhere(process: BaseProcess, notes: Path, noted: int, dice: random.Random) -> None:
    """Kill a process at a random moment after its first new note."""
    end = time.monotonic() + 120
    while process.is_alive() and count(notes) <= noted:
        assert time.monotonic() < end
        time.sleep(0.001)
    time.sleep(dice.uniform(0, 0.04))
    process.kill()
    process.join(120)


def count(notes: Path) -> int:
    """Whole lines noted."""
    return notes.read_bytes().count(b"\n")


def test_that_killing_a_writer_loses_nothing_it_was_told_is_kept(
    url: str, tmp_path: Path, store: Store, make_draft: MakeDraft, start_worker: Start
) -> None:
    drafts = [make_draft(fields=6)]
    drafts += [replace(drafts[0], id=f"d{number}") for number in range(DRAFTS)]
    for draft in drafts:
        store.add_draft(draft)
    notes, dice = tmp_path / "notes", random.Random(7)
    notes.touch()
    kills = KILLS[make_url(url).get_backend_name()]
    for _ in range(kills):
        noted = count(notes)
        process = start_worker("work_on", url, str(tmp_path / "images"), str(notes), noted, DRAFTS)
        kill_somewhere(process, notes, noted, dice)
        assert process.exitcode not in (0, 1), "the writer was not killed"
        store.put_person(Person("lan", "Lan", frozenset()))  # waits for what the server still finishes
        noted = count(notes)
        if steps_taken(store, noted) > noted:
            with notes.open("ab") as file:
                file.write(b"%d\n" % noted)
    assert store.verify_audit().intact
    noted = count(notes)
    assert noted >= kills
    everything = [step for draft in range(DRAFTS) for step in WORKERS["steps_of"](draft)][:noted]
    length = len(WORKERS["steps_of"](0))
    for number in range(DRAFTS):
        first = number * length
        assert standing(store, number, first) == expected(everything[first : first + length])
    for entry in store.entries():
        assert len(store.get_entry(entry.id).fields) == 6
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(make_url(url).database or "")) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_that_killing_the_first_opening_leaves_a_database_that_opens(
    bare_url: str, tmp_path: Path, start_worker: Start
) -> None:
    dice = random.Random(11)
    for _ in range(6):
        process = start_worker("open_only", bare_url, str(tmp_path))
        process.join(dice.uniform(0.02, 0.5))
        process.kill()
        process.join(120)
    with Store.open(bare_url, tmp_path) as store:
        assert store.verify_audit().intact
        assert store.drafts(None) == []


def test_that_a_fresh_process_opens_and_writes_too(
    url: str, tmp_path: Path, store: Store, make_draft: MakeDraft, start_worker: Start
) -> None:
    store.add_draft(make_draft(fields=6))
    finish([start_worker("write_many", url, str(tmp_path / "images"), "d1", "p0", 6, fresh=True)])
    assert len(store.decisions("d1")) == 6
