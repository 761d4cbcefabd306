"""The gate's book: calibrations, and who installed, switched on or off what; only ever added to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, func, insert, select

from formscan.errors import NotFoundError, StoreError
from formscan.model.chance import Calibration, GateStep, Promise, Switch
from formscan.model.people import Permission, Role
from formscan.model.reading import FieldValue
from formscan.model.record import Draft, DraftState, EmrEntry
from formscan.model.review import GATE, Action, ReviewedField
from formscan.store import drafts, entries, looks, people
from formscan.store.access import need
from formscan.store.audit import Digests
from formscan.store.codec import dump, load
from formscan.store.gate_rows import CalibrationRow, GateStepRow
from formscan.store.unit_of_work import Database, Unit

INSTALLED: Final = "installed"
ON: Final = "on"
OFF: Final = "off"
ALARM: Final = "alarm"


class GateBook:
    """The door to the book; every method is one transaction.

    Args:
        database: Of the store.
        digests: For the trail.
        clock: The time.
    """

    def __init__(self, database: Database, digests: Digests, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._digests = digests
        self._clock = clock

    def install(self, made: Calibration, person: str, reason: str) -> None:
        """See ``install``."""
        at = self._clock()
        self._database.write(lambda unit: install(unit, made, person, at, reason))

    def switch_on(self, promise: Promise, person: str, reason: str) -> GateStep:
        """See ``switch_on``."""
        at = self._clock()
        return self._database.write(lambda unit: switch_on(unit, promise, person, at, reason))

    def switch_off(self, kind: str, person: str, reason: str) -> bool:
        """See ``switch_off``."""
        at = self._clock()
        return self._database.write(lambda u: switch_off(u, kind, person, at, reason, alarm=False))

    def alarm(self, kind: str, reason: str) -> bool:
        """Stop a kind because what comes in is no longer what the promise was proven on."""
        at = self._clock()
        return self._database.write(lambda u: switch_off(u, kind, GATE, at, reason, alarm=True))

    def steps(self) -> list[GateStep]:
        """The whole book, in order."""
        return self._database.look(steps)

    def switches(self) -> dict[str, Switch]:
        """Kinds that are on now."""
        return self._database.look(switches)

    def calibration(self, version: str = "") -> Calibration | None:
        """See ``get_calibration``."""
        return self._database.look(lambda connection: get_calibration(connection, version))

    def versions(self) -> list[str]:
        """Versions that are kept, oldest first."""
        with self._database.read() as connection:
            wanted = select(CalibrationRow.version).order_by(CalibrationRow.at, CalibrationRow.version)
            return list(connection.scalars(wanted))

    def stand(self, draft_id: str, stands: Sequence[tuple[int, ReviewedField]]) -> int:
        """See ``stand``."""
        return self._database.write(lambda unit: stand(unit, draft_id, stands, self._digests))

    def untouched(self) -> list[str]:
        """Open drafts nobody decided on, and the gate neither."""
        return self._database.look(
            lambda connection: [d.id for d in drafts.summaries(connection, DraftState.OPEN) if not d.reviewed]
        )

    def confirmed(self) -> Iterator[tuple[Draft, EmrEntry]]:
        """What readers proposed beside what people released, oldest first; corrections made since count."""
        with self._database.read() as connection:
            known = [(entry.id, entry.draft_id) for entry in reversed(entries.summaries(connection))]
        for entry_id, draft_id in known:
            with self._database.read() as connection:
                draft = drafts.get_draft(connection, draft_id)
                entry = entries.get_entry(connection, entry_id, None, self._digests)
            yield draft, entry


def install(unit: Unit, made: Calibration, person: str, at: datetime, reason: str) -> None:
    """Make a calibration the one that counts; an older one comes back the same way. Every kind is off then.

    Raises:
        StoreError: ``store.not_a_supervisor``.
    """
    need_supervisor(unit.connection, person)
    known = select(CalibrationRow.version).where(CalibrationRow.version == made.version)
    if unit.connection.execute(known).first() is None:
        unit.connection.execute(insert(CalibrationRow).values(version=made.version, at=at, noun=dump(made)))
    _add(unit, GateStep(0, at, INSTALLED, "", person, made.version, None, reason))


def switch_on(unit: Unit, promise: Promise, person: str, at: datetime, reason: str) -> GateStep:
    """Let a kind through on a promise.

    Raises:
        StoreError: ``store.not_a_supervisor``; ``store.not_proven`` for a promise that is not; and
            ``store.other_calibration`` where it was made for another calibration than the one installed.
    """
    need_supervisor(unit.connection, person)
    if not promise.proven:
        raise StoreError("store.not_proven", kind=promise.kind, more=promise.more)
    if promise.calibration != installed_version(unit.connection):
        raise StoreError("store.other_calibration", kind=promise.kind)
    return _add(unit, GateStep(0, at, ON, promise.kind, person, promise.calibration, promise, reason))


def switch_off(unit: Unit, kind: str, person: str, at: datetime, reason: str, *, alarm: bool) -> bool:
    """Stop a kind; ``False`` where it was not on. An alarm needs no supervisor.

    Raises:
        StoreError: ``store.not_a_supervisor``.
    """
    if not alarm:
        need_supervisor(unit.connection, person)
    on = switches(unit.connection).get(kind)
    if on is None:
        return False
    what = ALARM if alarm else OFF
    _add(unit, GateStep(0, at, what, kind, person, on.promise.calibration, None, reason))
    return True


def steps(connection: Connection) -> list[GateStep]:
    """The whole book, in order."""
    wanted = select(GateStepRow.noun).order_by(GateStepRow.seq)
    return [load(GateStep, noun) for noun in connection.scalars(wanted)]


def switches(connection: Connection) -> dict[str, Switch]:
    """Kinds that are on now: switched on since the last calibration was installed, and not off since."""
    on: dict[str, Switch] = {}
    for step in steps(connection):
        if step.action == INSTALLED:
            on.clear()
        elif step.action == ON and step.promise is not None:
            on[step.kind] = Switch(step.kind, step.person, step.at, step.promise, step.seq)
        else:
            on.pop(step.kind, None)
    return on


def installed_version(connection: Connection) -> str:
    """Version of the calibration that counts; empty where there is none."""
    wanted = (
        select(GateStepRow.noun)
        .where(GateStepRow.action == INSTALLED)
        .order_by(GateStepRow.seq.desc())
        .limit(1)
    )
    noun = connection.scalar(wanted)
    return "" if noun is None else load(GateStep, noun).calibration


def get_calibration(connection: Connection, version: str = "") -> Calibration | None:
    """A calibration; without a version the one that counts, ``None`` where there is none.

    Raises:
        NotFoundError: ``store.no_such_calibration``.
    """
    wanted = version or installed_version(connection)
    if not wanted:
        return None
    noun = connection.scalar(select(CalibrationRow.noun).where(CalibrationRow.version == wanted))
    if noun is None:
        raise NotFoundError("store.no_such_calibration", version=wanted)
    return load(Calibration, noun)


def stand(unit: Unit, draft_id: str, stands: Sequence[tuple[int, ReviewedField]], digests: Digests) -> int:
    """Keep what the gate stands for in a draft nobody decided on.

    Every decision is held against the book in this transaction: a switch that went off meanwhile lets
    nothing through any more.

    Args:
        unit: The transaction.
        draft_id: An open draft; one with decisions stays as it is.
        stands: Number of the step that switched the kind on, and the decision.
        digests: For the trail.

    Returns:
        How many were kept.

    Raises:
        StoreError: ``store.not_the_gate`` for a decision that is somebody's, or changes the proposal.
    """
    drafts.need_open(unit.connection, draft_id)
    if drafts.decisions(unit.connection, draft_id):
        return 0
    on = {switch.seq for switch in switches(unit.connection).values()}
    proposals = {f.field_id: f.value for f in drafts.get_draft(unit.connection, draft_id).fields}
    for _, decision in stands:
        _need_gate(draft_id, decision, proposals.get(decision.field_id))
    kept = [decision for seq, decision in stands if seq in on]
    if kept:
        drafts.record_step(unit, draft_id, kept, digests, gate=True)
        looks.settle(unit.connection, draft_id, (decision.field_id for decision in kept))
    return len(kept)


def need_supervisor(connection: Connection, person_id: str) -> None:
    """Refuse anybody who is no supervisor, or unknown; also where nobody signs in.

    Raises:
        StoreError: ``store.not_a_supervisor``.
        RefusedError: Accounts exist and this one may not, or is locked.
    """
    need(connection, person_id, Permission.SWITCH_GATE)
    try:
        roles = people.get_person(connection, person_id).roles
    except NotFoundError:
        roles = frozenset()
    if Role.SUPERVISOR not in roles:
        raise StoreError("store.not_a_supervisor", person=person_id)


def _need_gate(draft_id: str, decision: ReviewedField, proposed: FieldValue | None) -> None:
    gated = decision.action is Action.GATED and decision.person == GATE
    if not gated or decision.value != proposed:
        raise StoreError("store.not_the_gate", draft=draft_id, field=decision.field_id)


def _add(unit: Unit, step: GateStep) -> GateStep:
    last = unit.connection.scalar(select(func.max(GateStepRow.seq))) or 0
    made = GateStep(
        last + 1, step.at, step.action, step.kind, step.person, step.calibration, step.promise, step.reason
    )
    unit.connection.execute(
        insert(GateStepRow).values(seq=made.seq, action=made.action, kind=made.kind, noun=dump(made))
    )
    detail: dict[str, object] = {"step": made.seq, "calibration": made.calibration}
    if made.promise is not None:
        told = made.promise
        detail |= {"per_10000": told.per_10000, "wrong": told.wrong, "passed": told.passed}
    unit.trail.add(f"gate.{made.action}", made.kind or "calibration", made.person, made.at, detail)
    return made
