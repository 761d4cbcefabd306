"""Runs over a stack: what went in, what was held and why, and whether that adds up."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select, update

from formscan.errors import ImmutableError, NotFoundError
from formscan.model.page import Held
from formscan.store.codec import canonical, dump, load
from formscan.store.rows import BatchRunRow, HeldRow
from formscan.store.unit_of_work import Unit


@dataclass(frozen=True, slots=True)
class BatchRun:
    """One run.

    Attributes:
        finished_at: ``None`` while it runs, or where it was killed.
        counts: By name; the balance uses ``pages`` (taken in) and ``read``, ``held``, ``duplicates``.
    """

    id: str
    started_at: datetime
    finished_at: datetime | None
    counts: tuple[tuple[str, int], ...] = ()

    def count(self, name: str) -> int:
        """A count, 0 where it was not given."""
        return dict(self.counts).get(name, 0)

    @property
    def unaccounted(self) -> int:
        """Pages taken in that are neither read nor held nor duplicates; 0 when the run adds up."""
        return self.count("pages") - sum(self.count(name) for name in ("read", "held", "duplicates"))


def start_run(unit: Unit, run_id: str, person: str, at: datetime) -> None:
    """Note a run; the same id again changes nothing, so that a killed run can go on."""
    if unit.connection.execute(select(BatchRunRow.id).where(BatchRunRow.id == run_id)).first():
        return
    row = {"id": run_id, "started_at": at, "finished_at": None, "counts": "{}"}
    unit.connection.execute(insert(BatchRunRow).values(**row))
    unit.trail.add("run.started", run_id, person, at, {})


def finish_run(unit: Unit, run_id: str, counts: Mapping[str, int], person: str, at: datetime) -> None:
    """Note how a run ended.

    Raises:
        NotFoundError: ``store.no_such_run``.
        ImmutableError: ``store.run_finished``.
    """
    if get_run(unit.connection, run_id).finished_at is not None:
        raise ImmutableError("store.run_finished", run=run_id)
    noted = {name: int(count) for name, count in counts.items()}
    changed = update(BatchRunRow).where(BatchRunRow.id == run_id)
    unit.connection.execute(changed.values(finished_at=at, counts=canonical(noted)))
    unit.trail.add("run.finished", run_id, person, at, dict(noted))


def get_run(connection: Connection, run_id: str) -> BatchRun:
    """A run.

    Raises:
        NotFoundError: ``store.no_such_run``.
    """
    found = _runs(connection, run_id)
    if not found:
        raise NotFoundError("store.no_such_run", run=run_id)
    return found[0]


def all_runs(connection: Connection) -> list[BatchRun]:
    """All runs, newest first."""
    return _runs(connection, None)


def add_held(unit: Unit, run_id: str, held: Held, at: datetime) -> bool:
    """Note a page or file that was not read; ``False`` where this run has it already.

    Raises:
        NotFoundError: ``store.no_such_run``.
    """
    get_run(unit.connection, run_id)
    source = held.source
    same = select(HeldRow.place).where(
        HeldRow.run_id == run_id, HeldRow.source_sha256 == source.sha256,
        HeldRow.source_name == source.name, HeldRow.page_index == source.index,
    )  # fmt: skip
    if unit.connection.execute(same).first():
        return False
    count = unit.connection.scalar(select(func.count()).where(HeldRow.run_id == run_id)) or 0
    unit.connection.execute(
        insert(HeldRow).values(
            run_id=run_id, place=count + 1, source_sha256=source.sha256, source_name=source.name,
            page_index=source.index, stage=held.stage, reason=held.reason, quarantined=held.quarantined,
            at=at, noun=dump(held),
        )
    )  # fmt: skip
    return True


def all_held(connection: Connection, run_id: str | None) -> list[Held]:
    """What was held in one run, or in all, in the order it was noted."""
    wanted = select(HeldRow.noun).order_by(HeldRow.at, HeldRow.run_id, HeldRow.place)
    if run_id is not None:
        wanted = wanted.where(HeldRow.run_id == run_id)
    return [load(Held, noun) for noun in connection.scalars(wanted)]


def _runs(connection: Connection, run_id: str | None) -> list[BatchRun]:
    wanted = select(BatchRunRow.id, BatchRunRow.started_at, BatchRunRow.finished_at, BatchRunRow.counts)
    wanted = wanted.order_by(BatchRunRow.started_at.desc(), BatchRunRow.id)
    if run_id is not None:
        wanted = wanted.where(BatchRunRow.id == run_id)
    return [
        BatchRun(row.id, row.started_at, row.finished_at, tuple(sorted(json.loads(row.counts).items())))
        for row in connection.execute(wanted)
    ]
