"""Blind second keys and rulings about critical fields, and what stands behind each field now."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, Select, exists, func, insert, literal, select, update

from formscan.errors import AccessError, LeaseError, NotFoundError, StoreError
from formscan.model.looking import KeyTask, RulingTask, Waiting
from formscan.model.people import Permission
from formscan.model.reading import CheckedField, FieldState, FieldValue
from formscan.model.record import DraftPage, DraftState
from formscan.model.review import Action, ReviewedField
from formscan.model.second_look import Assurance, Look, LookKind, assurance, same_value
from formscan.store import drafts, leases
from formscan.store.access import has_accounts, need, need_other
from formscan.store.audit import Digests
from formscan.store.codec import dump, load
from formscan.store.leases import LOOK, Lease, Time
from formscan.store.rows import (
    DecisionRow,
    DraftPageRow,
    DraftRow,
    DraftSeenRow,
    FieldDraftRow,
    LeaseRow,
    LookRow,
)
from formscan.store.unit_of_work import Database, Unit

NEAR: Final = 20
"""Tasks looked at for one that nobody else is taking at this moment."""


class SecondLooks:
    """The queues of crops for a second and a third person, and what they made of them.

    Args:
        database: Where all is kept.
        digests: For values in the trail.
        clock: The time written beside what was done.
        time: The time as all workstations see it, for leases.
    """

    def __init__(
        self, database: Database, digests: Digests, clock: Callable[[], datetime], time: Time
    ) -> None:
        self._database, self._digests, self._clock, self._time = database, digests, clock, time

    def waiting(self, person: str) -> Waiting:
        """How much waits for this person."""
        with self._database.read() as connection:
            now = self._time(connection)
            counts = [
                connection.scalar(
                    select(func.count()).select_from(_open_tasks(kind, person, "", now).subquery())
                )
                for kind in (Assurance.NEEDS_KEY, Assurance.NEEDS_RULING)
            ]
        return Waiting(counts[0] or 0, counts[1] or 0)

    def next_key(self, person: str, window: str, skip: Iterable[str] = ()) -> tuple[KeyTask, Lease] | None:
        """The next field this person may key blind, leased to her window; ``None`` where there is none.

        Args:
            person: Who keys; drafts she had open or decided on are not offered.
            window: Hers.
            skip: Subjects of leases put aside in this session.

        Raises:
            RefusedError: Where she may not key.
        """
        skipped = frozenset(skip)

        def work(unit: Unit) -> tuple[KeyTask, Lease] | None:
            need(unit.connection, person, Permission.SECOND_KEY)
            return self._next(unit, Assurance.NEEDS_KEY, person, window, skipped)

        return self._database.write(work)

    def next_ruling(
        self, person: str, window: str, skip: Iterable[str] = ()
    ) -> tuple[RulingTask, Lease] | None:
        """The next field this person may rule on, leased to her window, with both values.

        Raises:
            RefusedError: Where she may not rule.
        """
        skipped = frozenset(skip)

        def work(unit: Unit) -> tuple[RulingTask, Lease] | None:
            need(unit.connection, person, Permission.ARBITRATE)
            found = self._next(unit, Assurance.NEEDS_RULING, person, window, skipped)
            if found is None:
                return None
            task, lease = found
            first, second = _both(unit.connection, task.draft_id, task.field_id)
            unit.trail.add(
                "field.dispute_seen", task.draft_id, person, self._clock(), {"field": task.field_id}
            )
            return RulingTask(task, first, second), lease

        return self._database.write(work)

    def key(self, draft_id: str, field_id: str, person: str, value: FieldValue, lease: Lease | None) -> None:
        """Keep what was keyed blind; nothing is said about whether it agrees.

        Raises:
            RefusedError: Where the person may not key, saw the draft, or decided on a field of it.
            AccessError: ``access.one_person`` where there are no accounts.
            StoreError: ``look.not_critical``, ``store.unverified``; ``LeaseError`` as ``leases.check``.
            ImmutableError: ``store.draft_closed``.
        """
        at = self._clock()

        def work(unit: Unit) -> None:
            connection = unit.connection
            _need_people(connection)
            need(connection, person, Permission.SECOND_KEY)
            self._check(unit, draft_id, field_id, lease)
            _need_critical(connection, draft_id, field_id)
            need_other(person, _hands(connection, draft_id), "second_key")
            look = Look(field_id, LookKind.KEY, person, at, value)
            self._keep(unit, draft_id, look)

        self._database.write(work)

    def rule(
        self, draft_id: str, field_id: str, person: str, value: FieldValue, reason: str, lease: Lease | None
    ) -> None:
        """Settle a field two people keyed differently: either value, or a third one with a reason.

        Raises:
            RefusedError: Where the person may not rule, or keyed or decided on the field herself.
            AccessError: ``access.one_person`` where there are no accounts.
            StoreError: ``look.nothing_to_rule``, ``store.reason_needed``; ``LeaseError``.
            ImmutableError: ``store.draft_closed``.
        """
        at = self._clock()

        def work(unit: Unit) -> None:
            connection = unit.connection
            _need_people(connection)
            need(connection, person, Permission.ARBITRATE)
            self._check(unit, draft_id, field_id, lease)
            if standing(connection, draft_id, field_id) is not Assurance.NEEDS_RULING:
                raise StoreError("look.nothing_to_rule", draft=draft_id, field=field_id)
            first, second = _both(connection, draft_id, field_id)
            need_other(person, _hands_of_field(connection, draft_id, field_id), "arbitrate")
            if not reason.strip() and not (same_value(value, first) or same_value(value, second)):
                raise StoreError("store.reason_needed")
            look = Look(field_id, LookKind.RULING, person, at, value, reason.strip(), first, second)
            action = Action.CONFIRMED if same_value(value, first) else Action.CORRECTED
            if value.state is not FieldState.VALUE:
                action = Action.STATED
            ruled = ReviewedField(field_id, action, person, at, first, value, reason.strip())
            drafts.record_step(unit, draft_id, (ruled,), self._digests)
            self._keep(unit, draft_id, look)

        self._database.write(work)

    def of_draft(self, draft_id: str) -> tuple[Look, ...]:
        """Second keys and rulings of a draft, oldest first; for the record, never for the second person."""
        with self._database.read() as connection:
            return looks_of(connection, draft_id)

    def standing(self, draft_id: str) -> dict[str, Assurance]:
        """What stands behind each critical field of a draft now."""
        wanted = select(FieldDraftRow.field_id, FieldDraftRow.assurance)
        wanted = wanted.where(FieldDraftRow.draft_id == draft_id, FieldDraftRow.critical == 1)
        with self._database.read() as connection:
            return {field_id: Assurance(told) for field_id, told in connection.execute(wanted)}

    # -- inside --------------------------------------------------------------------------------

    def _next(
        self, unit: Unit, kind: Assurance, person: str, window: str, skip: frozenset[str]
    ) -> tuple[KeyTask, Lease] | None:
        if not has_accounts(unit.connection):
            return None  # one person alone gives no second key
        now = self._time(unit.connection)
        tasks = _open_tasks(kind, person, window, now).limit(NEAR + len(skip))
        for draft_id, field_id in unit.connection.execute(tasks).all():
            lease = Lease(LOOK, _subject(draft_id, field_id), person, window)
            if lease.subject in skip:
                continue
            try:
                leases.take(unit, lease, now)
            except LeaseError:
                continue
            return _task(unit.connection, draft_id, field_id), lease
        return None

    def _check(self, unit: Unit, draft_id: str, field_id: str, lease: Lease | None) -> None:
        drafts.need_open(unit.connection, draft_id)
        subject = _subject(draft_id, field_id)
        leases.check(unit, LOOK, subject, lease, self._time(unit.connection))

    def _keep(self, unit: Unit, draft_id: str, look: Look) -> None:
        if look.value.state is FieldState.UNVERIFIED:
            raise StoreError("store.unverified", draft=draft_id)
        of_field = (LookRow.draft_id == draft_id, LookRow.field_id == look.field_id)
        place = unit.connection.scalar(select(func.count()).select_from(LookRow).where(*of_field)) or 0
        unit.connection.execute(
            insert(LookRow).values(
                draft_id=draft_id, field_id=look.field_id, place=place, kind=look.kind.value,
                person=look.person, at=look.at, noun=dump(look),
            )
        )  # fmt: skip
        detail: dict[str, object] = {"field": look.field_id, "value": self._digests.of_value(look.value)}
        if look.reason:
            detail["reason"] = self._digests.of(look.reason)
        told = "field.keyed_blind" if look.kind is LookKind.KEY else "field.ruled"
        unit.trail.add(told, draft_id, look.person, look.at, detail)
        leases.drop(unit, LOOK, _subject(draft_id, look.field_id))
        settle(unit.connection, draft_id, (look.field_id,))


def looks_of(connection: Connection, draft_id: str, field_id: str | None = None) -> tuple[Look, ...]:
    """Second keys and rulings of a draft, or of one of its fields, oldest first."""
    wanted = select(LookRow.noun).where(LookRow.draft_id == draft_id)
    if field_id is not None:
        wanted = wanted.where(LookRow.field_id == field_id)
    wanted = wanted.order_by(LookRow.field_id, LookRow.place)
    return tuple(load(Look, noun) for noun in connection.scalars(wanted))


def settle(connection: Connection, draft_id: str, field_ids: Iterable[str]) -> None:
    """Work out anew what stands behind these fields, after a decision, a key or a ruling."""
    wanted = sorted(set(field_ids))
    critical = select(FieldDraftRow.field_id).where(
        FieldDraftRow.draft_id == draft_id, FieldDraftRow.critical == 1, FieldDraftRow.field_id.in_(wanted)
    )
    for field_id in connection.scalars(critical).all():
        told = standing(connection, draft_id, field_id)
        of_field = (FieldDraftRow.draft_id == draft_id, FieldDraftRow.field_id == field_id)
        connection.execute(update(FieldDraftRow).where(*of_field).values(assurance=told.value))


def standing(connection: Connection, draft_id: str, field_id: str) -> Assurance:
    """What stands behind a field, from what is kept about it.

    Raises:
        NotFoundError: ``store.no_such_field``.
    """
    return assurance(
        _field(connection, draft_id, field_id),
        drafts.last_decision(connection, draft_id, field_id),
        looks_of(connection, draft_id, field_id),
    )


def _field(connection: Connection, draft_id: str, field_id: str) -> CheckedField:
    wanted = select(FieldDraftRow.noun)
    wanted = wanted.where(FieldDraftRow.draft_id == draft_id, FieldDraftRow.field_id == field_id)
    noun = connection.scalar(wanted)
    if noun is None:
        drafts.need_draft(connection, draft_id)
        raise NotFoundError("store.no_such_field", draft=draft_id, field=field_id)
    return load(CheckedField, noun)


def _task(connection: Connection, draft_id: str, field_id: str) -> KeyTask:
    field = _field(connection, draft_id, field_id)
    form = select(DraftRow.form_id, DraftRow.form_version).where(DraftRow.id == draft_id)
    row = connection.execute(form).one()
    nouns = connection.scalars(select(DraftPageRow.noun).where(DraftPageRow.draft_id == draft_id))
    page = next(page for page in (load(DraftPage, noun) for noun in nouns) if page.number == field.page)
    return KeyTask(draft_id, row.form_id, row.form_version, field_id, page, field.page_box, field.cell_boxes)


def _both(connection: Connection, draft_id: str, field_id: str) -> tuple[FieldValue, FieldValue]:
    decision = drafts.last_decision(connection, draft_id, field_id)
    keys = [look for look in looks_of(connection, draft_id, field_id) if look.kind is LookKind.KEY]
    if decision is None or not keys:
        raise StoreError("look.nothing_to_rule", draft=draft_id, field=field_id)
    return decision.value, keys[-1].value


def _open_tasks(kind: Assurance, person: str, window: str, now: datetime) -> Select[str, str]:
    """Fields in this standing that this person may look at and nobody else has now, oldest draft first."""
    subject = FieldDraftRow.draft_id + literal("/") + FieldDraftRow.field_id
    taken = exists().where(
        LeaseRow.kind == LOOK,
        LeaseRow.subject == subject,
        LeaseRow.expires_at > now,
        LeaseRow.window != window,
    )
    mine: list[ColumnElement[bool]] = [
        exists().where(
            LookRow.draft_id == FieldDraftRow.draft_id,
            LookRow.field_id == FieldDraftRow.field_id,
            LookRow.person == person,
        )
    ]
    decided = [DecisionRow.draft_id == FieldDraftRow.draft_id, DecisionRow.person == person]
    if kind is Assurance.NEEDS_KEY:
        seen = exists().where(DraftSeenRow.draft_id == FieldDraftRow.draft_id, DraftSeenRow.person == person)
        mine += [exists().where(*decided), seen]
    else:
        mine += [exists().where(*decided, DecisionRow.field_id == FieldDraftRow.field_id)]
    return (
        select(FieldDraftRow.draft_id, FieldDraftRow.field_id)
        .join(DraftRow, DraftRow.id == FieldDraftRow.draft_id)
        .where(FieldDraftRow.assurance == kind.value, DraftRow.state == DraftState.OPEN.value)
        .where(~taken, *(~one for one in mine))
        .order_by(DraftRow.created_at, FieldDraftRow.draft_id, FieldDraftRow.position)
    )


def _hands(connection: Connection, draft_id: str) -> Sequence[str]:
    """Who decided on a field of a draft, even if it was withdrawn, or had it open."""
    decided = select(DecisionRow.person).where(DecisionRow.draft_id == draft_id)
    seen = select(DraftSeenRow.person).where(DraftSeenRow.draft_id == draft_id)
    ruled = select(LookRow.person)
    ruled = ruled.where(LookRow.draft_id == draft_id, LookRow.kind == LookKind.RULING.value)
    return connection.scalars(decided.union(seen, ruled)).all()


def _hands_of_field(connection: Connection, draft_id: str, field_id: str) -> Sequence[str]:
    """Who decided on a field or keyed it blind."""
    decided = select(DecisionRow.person)
    decided = decided.where(DecisionRow.draft_id == draft_id, DecisionRow.field_id == field_id)
    keyed = select(LookRow.person)
    keyed = keyed.where(
        LookRow.draft_id == draft_id, LookRow.field_id == field_id, LookRow.kind == LookKind.KEY.value
    )
    return connection.scalars(decided.union(keyed)).all()


def _need_people(connection: Connection) -> None:
    if not has_accounts(connection):
        raise AccessError("access.one_person")


def _need_critical(connection: Connection, draft_id: str, field_id: str) -> None:
    if not _field(connection, draft_id, field_id).critical:
        raise StoreError("look.not_critical", draft=draft_id, field=field_id)


def _subject(draft_id: str, field_id: str) -> str:
    return f"{draft_id}/{field_id}"
