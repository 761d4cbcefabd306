"""Acceptance samples: what they are drawn from, what an inspector found, and the versions that repair it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, insert, select

from formscan.errors import ImmutableError, NotFoundError, StoreError
from formscan.model.people import Permission
from formscan.model.reading import FieldState, FieldValue
from formscan.model.record import EmrEntry, EntryField
from formscan.model.review import Action, ReviewedField
from formscan.model.second_look import same_value
from formscan.model.supervision import (
    Judgement,
    LotVerdict,
    ReleasedField,
    Sample,
    SampleOrder,
    SampleState,
)
from formscan.store import entries
from formscan.store.access import need, need_other
from formscan.store.audit import Digests
from formscan.store.codec import dump, load
from formscan.store.desk_rows import FieldFactRow, JudgementRow, LotVerdictRow, SampleItemRow, SampleRow
from formscan.store.rows import EntryFieldRow, EntryVersionRow
from formscan.store.unit_of_work import Database, Unit


class Samples:
    """The samples of a database.

    Args:
        database: Where they are.
        digests: For values in the trail.
    """

    def __init__(self, database: Database, digests: Digests) -> None:
        self._database, self._digests = database, digests

    def lot(self, order: SampleOrder, person: str) -> list[ReleasedField]:
        """Fields of newest versions that an order speaks of; never the inspector's own.

        Raises:
            RefusedError: The person may not draw samples.
        """
        with self._database.read() as connection:
            need(connection, person, Permission.SAMPLE)
            return [found for found in _released(connection, order) if found.clerk != person]

    def keep(self, sample: Sample, items: Sequence[ReleasedField]) -> None:
        """Keep a sample with its fields in the order to look at them.

        Raises:
            RefusedError: The person may not draw samples.
            StoreError: ``sample.size`` where the items are not as many as the sample says.
            ImmutableError: A sample of that id is there.
        """
        if len(items) != sample.size or not items:
            raise StoreError("sample.size", size=sample.size, items=len(items))

        def work(unit: Unit) -> None:
            need(unit.connection, sample.drawn_by, Permission.SAMPLE)
            there = select(SampleRow.id).where(SampleRow.id == sample.id)
            if unit.connection.execute(there).first():
                raise ImmutableError("store.immutable", sample=sample.id)
            row = {"id": sample.id, "drawn_at": sample.drawn_at, "noun": dump(sample)}
            unit.connection.execute(insert(SampleRow).values(**row))
            rows = [
                {
                    "sample_id": sample.id, "position": place, "entry_id": item.entry_id,
                    "version": item.version, "field_id": item.field_id, "noun": dump(item),
                }
                for place, item in enumerate(items)
            ]  # fmt: skip
            unit.connection.execute(insert(SampleItemRow), rows)
            detail: dict[str, object] = {
                "scheme": sample.order.scheme, "lot": sample.lot, "size": sample.size,
                "accept": sample.accept, "reject": sample.reject, "seed": sample.order.seed,
                "made": sample.order.made,
                "items": self._digests.of("\n".join(str(row["noun"]) for row in rows)),
            }  # fmt: skip
            unit.trail.add("sample.drawn", sample.id, sample.drawn_by, sample.drawn_at, detail)

        self._database.write(work)

    def all(self, person: str) -> list[tuple[Sample, LotVerdict | None]]:
        """All samples with their verdicts, newest first.

        Raises:
            RefusedError: The person may not see samples.
        """
        wanted = select(SampleRow.noun, LotVerdictRow.noun)
        wanted = wanted.outerjoin(LotVerdictRow, LotVerdictRow.sample_id == SampleRow.id)
        with self._database.read() as connection:
            need(connection, person, Permission.SAMPLE)
            rows = connection.execute(wanted.order_by(SampleRow.drawn_at.desc(), SampleRow.id)).all()
        return [
            (load(Sample, sample), None if verdict is None else load(LotVerdict, verdict))
            for sample, verdict in rows
        ]

    def get(self, sample_id: str, person: str) -> SampleState:
        """A sample with what was done about it.

        Raises:
            NotFoundError: ``sample.none``.
            RefusedError: The person may not see samples.
        """
        with self._database.read() as connection:
            need(connection, person, Permission.SAMPLE)
            return _state(connection, sample_id)

    def item(self, sample_id: str, position: int, person: str, at: datetime) -> tuple[EmrEntry, EntryField]:
        """The entry version and the field an inspector looks at; that she reads it is in the trail.

        Raises:
            RefusedError: The person may not inspect, or the field is her own work.
            NotFoundError: ``sample.none``.
        """

        def work(unit: Unit) -> tuple[EmrEntry, EntryField]:
            need(unit.connection, person, Permission.SAMPLE)
            item = _item(unit.connection, sample_id, position)
            entry = entries.get_entry(unit.connection, item.entry_id, item.version, self._digests)
            field = _field(entry, item.field_id)
            need_other(person, (made.person for made in field.history), Permission.SAMPLE.value)
            unit.trail.add(
                "entry.read", entry.id, person, at,
                {"version": entry.version, "sample": sample_id, "field": item.field_id},
            )  # fmt: skip
            return entry, field

        return self._database.write(work)

    def judge(
        self,
        sample_id: str,
        position: int,
        truly: FieldValue,
        person: str,
        at: datetime,
        reason: str = "",
        flags: entries.Flags | None = None,
    ) -> Judgement:
        """Keep what the paper says at a field; where it differs, the record is repaired in the same breath.

        The judgement is about the version that was drawn. The repair goes into the newest version, unless
        that says already what the paper says.

        Args:
            sample_id: Of the sample.
            position: Of the field in it.
            truly: What the inspector reads on the paper.
            person: The inspector.
            at: When, with zone.
            reason: What is written beside the repair, needed where the value differs.
            flags: What stands at the field with the new value.

        Raises:
            RefusedError: The person may not inspect, or the field is her own work.
            NotFoundError: ``sample.none``.
            ImmutableError: ``sample.judged``, ``sample.closed``.
            StoreError: ``store.unverified``, ``store.reason_needed``.
        """
        if truly.state is FieldState.UNVERIFIED:
            raise StoreError("store.unverified")

        def work(unit: Unit) -> Judgement:
            need(unit.connection, person, Permission.SAMPLE)
            _need_open(unit.connection, sample_id, position)
            item = _item(unit.connection, sample_id, position)
            drawn = entries.get_entry(unit.connection, item.entry_id, item.version, self._digests)
            field = _field(drawn, item.field_id)
            need_other(person, (made.person for made in field.history), Permission.SAMPLE.value)
            right, version = same_value(field.value, truly), None
            if not right:
                version = self._repair(unit, sample_id, item, truly, person, at, reason, flags or {})
            judgement = Judgement(position, person, at, right, None if right else truly, version)
            unit.connection.execute(
                insert(JudgementRow).values(
                    sample_id=sample_id, position=position, is_right=int(right), noun=dump(judgement)
                )
            )
            detail: dict[str, object] = {"position": position, "right": right, "version": version}
            detail["truly"] = self._digests.of_value(truly)
            unit.trail.add("sample.judged", sample_id, person, at, detail)
            return judgement

        return self._database.write(work)

    def close(self, verdict: LotVerdict) -> None:
        """Keep what the whole sample says.

        Raises:
            RefusedError: The person may not.
            NotFoundError: ``sample.none``.
            ImmutableError: ``sample.closed``.
            StoreError: ``sample.unfinished`` while fields were not judged, ``sample.miscounted`` where the
                verdict counts other findings than were made.
        """

        def work(unit: Unit) -> None:
            need(unit.connection, verdict.person, Permission.SAMPLE)
            state = _state(unit.connection, verdict.sample_id)
            if state.verdict is not None:
                raise ImmutableError("sample.closed", sample=verdict.sample_id)
            if state.open:
                raise StoreError("sample.unfinished", sample=verdict.sample_id, open=len(state.open))
            counted = (len(state.judgements), state.findings, state.findings < state.sample.reject)
            if counted != (verdict.inspected, verdict.findings, verdict.accepted):
                raise StoreError("sample.miscounted", sample=verdict.sample_id)
            row = {"sample_id": verdict.sample_id, "at": verdict.at, "noun": dump(verdict)}
            unit.connection.execute(insert(LotVerdictRow).values(**row))
            detail: dict[str, object] = {
                "accepted": verdict.accepted, "inspected": verdict.inspected, "findings": verdict.findings,
                "upper": verdict.upper,
            }  # fmt: skip
            unit.trail.add("sample.closed", verdict.sample_id, verdict.person, verdict.at, detail)

        self._database.write(work)

    def _repair(
        self,
        unit: Unit,
        sample_id: str,
        item: ReleasedField,
        truly: FieldValue,
        person: str,
        at: datetime,
        reason: str,
        flags: entries.Flags,
    ) -> int | None:
        """Write the version that says what the paper says; ``None`` where the newest says it already."""
        need(unit.connection, person, Permission.CORRECT)
        latest = entries.get_entry(unit.connection, item.entry_id, None, self._digests)
        stands = _field(latest, item.field_id).value
        if same_value(stands, truly):
            return None
        if not reason.strip():
            raise StoreError("store.reason_needed")
        action = Action.CORRECTED if truly.state is FieldState.VALUE else Action.STATED
        change = ReviewedField(item.field_id, action, person, at, stands, truly, reason.strip())
        why = f"sample {sample_id}: {reason.strip()}"
        fresh = entries.corrected(latest, (change,), person, at, why, flags)
        return entries.write_correction(unit, fresh, (change,), self._digests).version


def _released(connection: Connection, order: SampleOrder) -> list[ReleasedField]:
    newest = (
        select(EntryVersionRow.entry_id, func.max(EntryVersionRow.version).label("version"))
        .group_by(EntryVersionRow.entry_id)
        .subquery()
    )
    fact = (FieldFactRow.entry_id == EntryFieldRow.entry_id) & (
        FieldFactRow.field_id == EntryFieldRow.field_id
    )
    of_newest = (EntryVersionRow.entry_id == newest.c.entry_id) & (
        EntryVersionRow.version == newest.c.version
    )
    of_version = (EntryFieldRow.entry_id == EntryVersionRow.entry_id) & (
        EntryFieldRow.version == EntryVersionRow.version
    )
    clerk = func.coalesce(FieldFactRow.clerk, EntryVersionRow.released_by)
    wanted = (
        select(
            EntryFieldRow.entry_id, EntryFieldRow.version, EntryFieldRow.field_id, EntryVersionRow.form_id,
            clerk,
        )
        .select_from(EntryVersionRow)
        .join(newest, of_newest)
        .join(EntryFieldRow, of_version)
        .outerjoin(FieldFactRow, fact)
        .where(*_wanted(order))
    )  # fmt: skip
    if order.clerk:
        wanted = wanted.where(clerk == order.clerk)
    return [ReleasedField(*row) for row in connection.execute(wanted)]


def _wanted(order: SampleOrder) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if order.form_id:
        found.append(EntryVersionRow.form_id == order.form_id)
    if order.field_id:
        found.append(EntryFieldRow.field_id == order.field_id)
    if order.made:
        taken = func.coalesce(FieldFactRow.taken, 0)
        found.append(taken == (1 if order.made == "taken" else 0))
    if order.since is not None:
        found.append(EntryVersionRow.released_at >= order.since)
    if order.until is not None:
        found.append(EntryVersionRow.released_at < order.until)
    return found


def _state(connection: Connection, sample_id: str) -> SampleState:
    noun = connection.scalar(select(SampleRow.noun).where(SampleRow.id == sample_id))
    if noun is None:
        raise NotFoundError("sample.none", sample=sample_id)
    items = select(SampleItemRow.noun).where(SampleItemRow.sample_id == sample_id)
    judged = select(JudgementRow.noun).where(JudgementRow.sample_id == sample_id)
    verdict = connection.scalar(select(LotVerdictRow.noun).where(LotVerdictRow.sample_id == sample_id))
    return SampleState(
        load(Sample, noun),
        tuple(load(ReleasedField, n) for n in connection.scalars(items.order_by(SampleItemRow.position))),
        tuple(load(Judgement, n) for n in connection.scalars(judged.order_by(JudgementRow.position))),
        None if verdict is None else load(LotVerdict, verdict),
    )


def _item(connection: Connection, sample_id: str, position: int) -> ReleasedField:
    wanted = select(SampleItemRow.noun).where(
        SampleItemRow.sample_id == sample_id, SampleItemRow.position == position
    )
    noun = connection.scalar(wanted)
    if noun is None:
        raise NotFoundError("sample.none", sample=sample_id, position=position)
    return load(ReleasedField, noun)


def _need_open(connection: Connection, sample_id: str, position: int) -> None:
    key = (JudgementRow.sample_id == sample_id, JudgementRow.position == position)
    if connection.execute(select(JudgementRow.position).where(*key)).first():
        raise ImmutableError("sample.judged", sample=sample_id, position=position)
    closed = select(LotVerdictRow.sample_id).where(LotVerdictRow.sample_id == sample_id)
    if connection.execute(closed).first():
        raise ImmutableError("sample.closed", sample=sample_id)


def _field(entry: EmrEntry, field_id: str) -> EntryField:
    found = next((field for field in entry.fields if field.field_id == field_id), None)
    if found is None:
        raise NotFoundError("store.no_such_field", entry=entry.id, field=field_id)
    return found
