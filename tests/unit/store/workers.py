"""What the writing processes of the tests do; started by path with ``runpy``, so that no import is needed.

``ARGS`` is handed in: the name of the job and its arguments.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from formscan.model.reading import FieldState, FieldValue
from formscan.model.review import Action, ReviewedField
from formscan.store import Store

FIELDS = 6
"""Fields of each draft in ``steps_of``."""


def decision(field_id: str, text: str, person: str) -> ReviewedField:
    """A correction to ``text``."""
    value = FieldValue(FieldState.VALUE, text, text)
    return ReviewedField(field_id, Action.CORRECTED, person, datetime.now(UTC), value, value)


def write_many(url: str, images: str, draft_id: str, person: str, count: int) -> None:
    """Make ``count`` decisions about one draft, as fast as they go, into a database that may be new."""
    with Store.open(url, Path(images), workstation=person) as store:
        for number in range(count):
            store.record(draft_id, decision(f"f{number % FIELDS}", f"{person}-{number}", person))


def write_and_undo(url: str, images: str, draft_id: str, person: str, count: int) -> None:
    """Make decisions and take every second one back."""
    with Store.open(url, Path(images), workstation=person) as store:
        for number in range(count):
            store.record(draft_id, decision(f"f{number % FIELDS}", f"{person}-{number}", person))
            if number % 2:
                store.undo(draft_id, person)


def open_only(url: str, images: str) -> None:
    """Open a database that may be new."""
    Store.open(url, Path(images)).close()


def steps_of(draft: int) -> list[tuple[str, int, tuple[str, ...]]]:
    """The steps taken on one draft: (what, draft, fields); every field is decided when it is released."""
    return [
        ("record", draft, ("f0",)),
        ("record", draft, ("f1",)),
        ("undo", draft, ()),
        ("record", draft, ("f1",)),
        ("record", draft, ("f2", "f3", "f4")),
        ("undo", draft, ()),
        ("record", draft, ("f2", "f3", "f4")),
        ("record", draft, ("f5",)),
        ("release", draft, ()),
    ]


def take(store: Store, number: int, step: tuple[str, int, tuple[str, ...]]) -> None:
    """Take one step; decisions carry the step's number, so that each can be told apart."""
    what, draft, fields = step
    draft_id = f"d{draft}"
    if what == "undo":
        store.undo(draft_id, "lan")
    elif what == "release":
        store.release(draft_id, "lan", datetime.now(UTC))
    else:
        store.record_step(draft_id, [decision(field, str(number), "lan") for field in fields])


def work_on(url: str, images: str, notes: str, start: int, drafts: int) -> None:
    """Take all steps from number ``start`` on; note each one once the store has said that it is kept."""
    steps = [step for draft in range(drafts) for step in steps_of(draft)]
    handle = os.open(notes, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    with Store.open(url, Path(images)) as store:
        for number in range(start, len(steps)):
            take(store, number, steps[number])
            os.write(handle, b"%d\n" % number)


JOBS: dict[str, Callable[..., None]] = {
    "write_many": write_many,
    "write_and_undo": write_and_undo,
    "open_only": open_only,
    "work_on": work_on,
}


def main(job: str, *args: Any) -> None:
    """Run a job."""
    JOBS[job](*args)


if "ARGS" in globals():
    main(*globals()["ARGS"])
