"""Planted wrong values in the tables, and the door that keeps them out of entries.

Answers to a planted value lie in tables of their own; no statement reads them into an entry. What the
release checks besides, in its own transaction: every planted value of the draft was told, and nothing that
stands in the history of its field is the planted value, unless a person keyed it after she was told, with
a reason, because the paper says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from formscan.errors import ImmutableError, ReviewError, StoreError
from formscan.model.people import Permission
from formscan.model.planted import Outcome, Plant, PlantPolicy, holds
from formscan.model.review import Action, ReviewedField
from formscan.model.supervision import CatchCount
from formscan.store.access import need
from formscan.store.audit import Digests
from formscan.store.codec import dump, load
from formscan.store.desk_rows import PlantAnswerRow, PlantOutcomeRow, PlantPolicyRow, PlantRow
from formscan.store.drafts import decisions, need_open
from formscan.store.unit_of_work import Database, Unit


class Plants:
    """Keeps plants, the answers to them, and what became of them.

    Args:
        database: Where.
        digests: For values in the trail.
    """

    def __init__(self, database: Database, digests: Digests) -> None:
        self._database, self._digests = database, digests

    def policy(self) -> PlantPolicy:
        """How often values are planted now."""
        wanted = select(PlantPolicyRow.noun).order_by(PlantPolicyRow.place.desc()).limit(1)
        with self._database.read() as connection:
            noun = connection.scalar(wanted)
        return PlantPolicy() if noun is None else load(PlantPolicy, noun)

    def set_policy(self, policy: PlantPolicy, person: str, at: datetime) -> None:
        """Change how often.

        Raises:
            RefusedError: The person may not.
            StoreError: ``plant.rate`` for a share that is none.
        """
        if not 0 <= policy.rate <= 1 or policy.most < 0:
            raise StoreError("plant.rate", rate=policy.rate)

        def work(unit: Unit) -> None:
            need(unit.connection, person, Permission.SAMPLE)
            place = (unit.connection.scalar(select(func.max(PlantPolicyRow.place))) or 0) + 1
            row = {"place": place, "at": at, "person": person, "rate": policy.rate, "noun": dump(policy)}
            unit.connection.execute(insert(PlantPolicyRow).values(**row))
            detail: dict[str, object] = {"rate": policy.rate, "most": policy.most}
            unit.trail.add("plant.policy", str(place), person, at, detail)

        self._database.write(work)

    def keep(self, draft_id: str, person: str, plants: Sequence[Plant], at: datetime) -> tuple[Plant, ...]:
        """Keep the plants of a person in a draft she opens first; later ones are ignored.

        Returns:
            Those that count: kept now or before, and not told yet.

        Raises:
            ImmutableError: ``store.draft_closed``.
        """

        def work(unit: Unit) -> tuple[Plant, ...]:
            need_open(unit.connection, draft_id)
            there = select(PlantRow.field_id).where(PlantRow.draft_id == draft_id).limit(1)
            fresh = unit.connection.execute(there).first() is None
            touched = any(d.action is not Action.GATED for d in decisions(unit.connection, draft_id))
            if fresh and plants and not touched:
                key = {"draft_id": draft_id, "person": person, "at": at}
                rows = [
                    {**key, "field_id": plant.field_id, "noun": dump(plant)}
                    for plant in plants
                    if (plant.draft_id, plant.person) == (draft_id, person)
                ]
                unit.connection.execute(insert(PlantRow), rows)
                told = {p.field_id: self._digests.of_value(p.value) for p in plants}
                unit.trail.add("plant.set", draft_id, "system", at, {"for": person, "fields": told})
            return _open(unit.connection, draft_id, person)

        if not plants:
            return self.open_plants(draft_id, person)
        return self._database.write(work)

    def open_plants(self, draft_id: str, person: str) -> tuple[Plant, ...]:
        """Plants of a person in a draft that were not told yet."""
        with self._database.read() as connection:
            return _open(connection, draft_id, person)

    def plant_answers(self, draft_id: str, person: str) -> tuple[ReviewedField, ...]:
        """What the person did with them, withdrawn answers left out, oldest first."""
        with self._database.read() as connection:
            return tuple(answer for _, answer in _answers(connection, draft_id, person))

    def answer_plant(self, draft_id: str, decision: ReviewedField) -> None:
        """Keep an answer; it is on the disk when this returns.

        Raises:
            RefusedError: The person may not review.
            StoreError: ``plant.none`` where nothing is planted for the person at that field.
            ImmutableError: ``store.draft_closed``.
        """

        def work(unit: Unit) -> None:
            need(unit.connection, decision.person, Permission.REVIEW)
            need_open(unit.connection, draft_id)
            planted = {plant.field_id for plant in _open(unit.connection, draft_id, decision.person)}
            if decision.field_id not in planted:
                raise StoreError("plant.none", draft=draft_id, field=decision.field_id)
            _write_answer(
                unit, draft_id, decision.person, decision.field_id, decision.at, None, dump(decision)
            )
            detail: dict[str, object] = {"field": decision.field_id, "answer": decision.action.value}
            unit.trail.add("plant.answered", draft_id, decision.person, decision.at, detail)

        self._database.write(work)

    def withdraw_answer(self, draft_id: str, person: str, at: datetime) -> ReviewedField | None:
        """Take back the person's last answer and return it; ``None`` where there is none."""

        def work(unit: Unit) -> ReviewedField | None:
            need_open(unit.connection, draft_id)
            given = _answers(unit.connection, draft_id, person)
            if not given:
                return None
            place, answer = given[-1]
            _write_answer(unit, draft_id, person, answer.field_id, at, place, None)
            unit.trail.add("plant.withdrawn", draft_id, person, at, {"field": answer.field_id})
            return answer

        return self._database.write(work)

    def tell_plants(self, draft_id: str, person: str, at: datetime) -> tuple[Outcome, ...]:
        """Close the person's plants in a draft and say what became of them.

        A plant whose field was decided elsewhere (in a group) is closed without an outcome.

        Raises:
            ReviewError: ``review.unreviewed`` where one of them was not answered.
        """

        def work(unit: Unit) -> tuple[Outcome, ...]:
            plants = _open(unit.connection, draft_id, person)
            last = {answer.field_id: answer for _, answer in _answers(unit.connection, draft_id, person)}
            decided = {made.field_id for made in decisions(unit.connection, draft_id)}
            told = []
            for plant in plants:
                answer = last.get(plant.field_id)
                if answer is None and plant.field_id not in decided:
                    raise ReviewError("review.unreviewed", count=1, open=1, reasons=0)
                caught = None if answer is None else not holds(answer.value, plant)
                _close(unit, plant, caught, at)
                if caught is not None:
                    told.append(Outcome(draft_id, plant.field_id, person, caught, at))
            return tuple(told)

        return self._database.write(work)

    def catches(self, by: str) -> list[CatchCount]:
        """Planted values met and caught, by person.

        Raises:
            RefusedError: ``by`` may not see figures about people.
        """
        wanted = select(PlantOutcomeRow.person, func.count(), func.sum(PlantOutcomeRow.caught))
        wanted = wanted.where(PlantOutcomeRow.caught.is_not(None)).group_by(PlantOutcomeRow.person)
        with self._database.read() as connection:
            need(connection, by, Permission.REPORT)
            rows = connection.execute(wanted.order_by(PlantOutcomeRow.person)).all()
        return [CatchCount(person, met, int(caught or 0)) for person, met, caught in rows]

    def outcomes(self, person: str, by: str, limit: int = 500) -> list[tuple[Plant, Outcome]]:
        """What one person met, newest first: what stands behind her catch rate.

        Raises:
            RefusedError: ``by`` may not see figures about people.
        """
        key = (PlantRow.draft_id == PlantOutcomeRow.draft_id, PlantRow.field_id == PlantOutcomeRow.field_id)
        wanted = select(PlantRow.noun, PlantOutcomeRow.caught, PlantOutcomeRow.at)
        wanted = wanted.join(PlantOutcomeRow, key[0] & key[1] & (PlantRow.person == PlantOutcomeRow.person))
        wanted = wanted.where(PlantRow.person == person, PlantOutcomeRow.caught.is_not(None))
        wanted = wanted.order_by(PlantOutcomeRow.at.desc(), PlantRow.draft_id, PlantRow.field_id).limit(limit)
        with self._database.read() as connection:
            need(connection, by, Permission.REPORT)
            rows = connection.execute(wanted).all()
        found = []
        for noun, caught, at in rows:
            plant = load(Plant, noun)
            found.append((plant, Outcome(plant.draft_id, plant.field_id, person, bool(caught), at)))
        return found


def check_release(
    connection: Connection, draft_id: str, history: Mapping[str, tuple[ReviewedField, ...]]
) -> None:
    """Refuse to release what holds a planted value.

    Args:
        connection: Of the release's transaction.
        draft_id: What is released.
        history: Decisions that count, by field.

    Raises:
        StoreError: ``plant.not_told`` while a planted value waits for its end; ``plant.in_record`` where a
            decision was made on a planted value, or takes it over without a reason.
    """
    closed = PlantOutcomeRow.__table__
    joined = (
        (closed.c.draft_id == PlantRow.draft_id)
        & (closed.c.field_id == PlantRow.field_id)
        & (closed.c.person == PlantRow.person)
    )
    wanted = select(PlantRow.noun, PlantOutcomeRow.at).outerjoin(PlantOutcomeRow, joined)
    for noun, told_at in connection.execute(wanted.where(PlantRow.draft_id == draft_id)):
        plant = load(Plant, noun)
        if told_at is None:
            raise StoreError("plant.not_told", draft=draft_id, field=plant.field_id)
        known = False
        for made in history.get(plant.field_id, ()):
            keyed_anew = made.at >= told_at and bool(made.reason.strip())
            if (holds(made.value, plant) and not keyed_anew) or (holds(made.before, plant) and not known):
                raise StoreError("plant.in_record", draft=draft_id, field=plant.field_id)
            known = known or holds(made.value, plant)


def _open(connection: Connection, draft_id: str, person: str) -> tuple[Plant, ...]:
    closed = select(PlantOutcomeRow.field_id)
    closed = closed.where(PlantOutcomeRow.draft_id == draft_id, PlantOutcomeRow.person == person)
    wanted = select(PlantRow.noun).where(PlantRow.draft_id == draft_id, PlantRow.person == person)
    wanted = wanted.where(PlantRow.field_id.not_in(closed)).order_by(PlantRow.field_id)
    return tuple(load(Plant, noun) for noun in connection.scalars(wanted))


def _answers(connection: Connection, draft_id: str, person: str) -> list[tuple[int, ReviewedField]]:
    columns = (PlantAnswerRow.place, PlantAnswerRow.withdraws, PlantAnswerRow.noun)
    wanted = select(*columns).where(PlantAnswerRow.draft_id == draft_id, PlantAnswerRow.person == person)
    rows = connection.execute(wanted.order_by(PlantAnswerRow.place)).all()
    withdrawn = {row[1] for row in rows if row[1] is not None}
    return [(place, load(ReviewedField, noun)) for place, _, noun in rows if noun and place not in withdrawn]


def _write_answer(
    unit: Unit,
    draft_id: str,
    person: str,
    field_id: str,
    at: datetime,
    withdraws: int | None,
    noun: str | None,
) -> None:
    there = select(func.max(PlantAnswerRow.place)).where(PlantAnswerRow.draft_id == draft_id)
    place = (unit.connection.scalar(there) or 0) + 1
    unit.connection.execute(
        insert(PlantAnswerRow).values(
            draft_id=draft_id, place=place, person=person, field_id=field_id, at=at, withdraws=withdraws,
            noun=noun,
        )
    )  # fmt: skip


def _close(unit: Unit, plant: Plant, caught: bool | None, at: datetime) -> None:
    key = {"draft_id": plant.draft_id, "field_id": plant.field_id, "person": plant.person}
    there = select(PlantOutcomeRow.at).where(
        PlantOutcomeRow.draft_id == plant.draft_id, PlantOutcomeRow.field_id == plant.field_id,
        PlantOutcomeRow.person == plant.person,
    )  # fmt: skip
    if unit.connection.execute(there).first():
        raise ImmutableError("store.immutable", draft=plant.draft_id, field=plant.field_id)
    value = None if caught is None else int(caught)
    unit.connection.execute(insert(PlantOutcomeRow).values(**key, caught=value, at=at))
    detail: dict[str, object] = {"field": plant.field_id, "caught": caught}
    unit.trail.add("plant.told", plant.draft_id, plant.person, at, detail)
