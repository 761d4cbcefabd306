"""Corrections as a supervisor looks at them: what was read, what a person made of it, what was released.

A correction is looked at once: it is approved, or returned to its author with a word. A returned one keeps
its draft from being released until the field is decided anew; on a released entry the author answers with
a new version. Nobody looks at her own.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, exists, insert, or_, select
from sqlalchemy.orm import aliased

from formscan.errors import ImmutableError, NotFoundError, StoreError
from formscan.model.people import Permission
from formscan.model.reading import CheckedField, FieldState, FieldValue
from formscan.model.record import DraftPage, EmrEntry, EntryField
from formscan.model.review import Action, ReviewedField
from formscan.model.supervision import Correction, CorrectionKey, FieldPlace, Opinion, Origin, Word
from formscan.store import entries
from formscan.store.access import need, need_other
from formscan.store.audit import Digests
from formscan.store.codec import dump, load
from formscan.store.desk_rows import OpinionRow
from formscan.store.rows import (
    DecisionRow,
    DraftPageRow,
    DraftRow,
    EntryFieldRow,
    EntryRow,
    EntryVersionRow,
    FieldDraftRow,
)
from formscan.store.unit_of_work import Database, Unit

AT_ONCE: Final = 200
_CHANGING: Final = (Action.CORRECTED.value, Action.STATED.value)


class Corrections:
    """The corrections of a database.

    Args:
        database: Where they are.
        digests: For values in the trail.
    """

    def __init__(self, database: Database, digests: Digests) -> None:
        self._database, self._digests = database, digests

    def waiting(
        self, person: str, before: datetime | None = None, limit: int = AT_ONCE, *, all_of_them: bool = False
    ) -> list[Correction]:
        """Corrections nobody said a word about, newest first.

        Args:
            person: Who looks; her own are left out.
            before: Only older ones, to go on.
            limit: Most to give.
            all_of_them: Also those somebody spoke about already, and her own.

        Raises:
            RefusedError: The person may not look at corrections.
        """
        with self._database.read() as connection:
            need(connection, person, Permission.APPROVE)
            found = [
                *_made_in_review(connection, person, before, limit, all_of_them),
                *_made_on_entries(connection, person, before, limit, all_of_them),
            ]
        return sorted(found, key=lambda made: made.at, reverse=True)[:limit]

    def approve(self, key: CorrectionKey, person: str, at: datetime, said: str = "") -> None:
        """Stand behind somebody else's correction.

        Raises:
            RefusedError: Where the person may not, or made it herself.
            NotFoundError: ``correction.none``.
            ImmutableError: ``correction.looked_at`` where somebody said a word already.
        """
        self._say(key, Opinion(Word.APPROVED, person, at, said.strip()))

    def give_back(self, key: CorrectionKey, person: str, at: datetime, said: str) -> None:
        """Return a correction to its author with a word.

        Raises:
            StoreError: ``correction.word_needed``.
            As ``approve``.
        """
        if not said.strip():
            raise StoreError("correction.word_needed")
        self._say(key, Opinion(Word.RETURNED, person, at, said.strip()))

    def returned_to(self, author: str) -> list[Correction]:
        """Corrections that came back to their author and were not answered yet, oldest word first."""
        wanted = select(OpinionRow.origin, OpinionRow.subject, OpinionRow.place, OpinionRow.field_id)
        wanted = wanted.where(OpinionRow.author == author, OpinionRow.word == Word.RETURNED.value)
        with self._database.read() as connection:
            keys = connection.execute(wanted.order_by(OpinionRow.at)).all()
            found = [_one(connection, CorrectionKey(Origin(o), s, p, f)) for o, s, p, f in keys]
            return [made for made in found if made is not None and not _answered(connection, made)]

    def answer(
        self, key: CorrectionKey, change: ReviewedField, flags: entries.Flags | None = None
    ) -> EmrEntry:
        """Answer a returned correction of a released entry: its author writes a new version.

        Args:
            key: The returned correction.
            change: By its author, made on the value that stands, with a reason.
            flags: What stands at the field then.

        Raises:
            RefusedError: ``access.own_work`` turned round: only the author answers.
            StoreError: ``correction.not_returned``, and as ``Store.correct``.
        """

        def work(unit: Unit) -> EmrEntry:
            need(unit.connection, change.person, Permission.REVIEW)
            made = _one(unit.connection, key)
            returned = made is not None and made.opinion is not None and made.opinion.word is Word.RETURNED
            if made is None or not returned or not made.entry_id or _answered(unit.connection, made):
                raise StoreError("correction.not_returned", subject=key.subject, field=key.field_id)
            if made.person != change.person or change.field_id != key.field_id:
                raise StoreError("store.not_the_author")
            latest = entries.get_entry(unit.connection, made.entry_id, None, self._digests)
            fresh = entries.corrected(latest, (change,), change.person, change.at, change.reason, flags or {})
            unit.trail.add(
                "correction.answered", key.subject, change.person, change.at, {"field": key.field_id}
            )
            return entries.write_correction(unit, fresh, (change,), self._digests)

        return self._database.write(work)

    def _say(self, key: CorrectionKey, opinion: Opinion) -> None:
        def work(unit: Unit) -> None:
            need(unit.connection, opinion.person, Permission.APPROVE)
            made = _one(unit.connection, key)
            if made is None:
                raise NotFoundError("correction.none", subject=key.subject, field=key.field_id)
            need_other(opinion.person, (made.person,), Permission.APPROVE.value)
            if made.opinion is not None:
                raise ImmutableError("correction.looked_at", subject=key.subject, field=key.field_id)
            unit.connection.execute(
                insert(OpinionRow).values(
                    origin=key.origin.value, subject=key.subject, place=key.place, field_id=key.field_id,
                    word=opinion.word.value, author=made.person, at=opinion.at, noun=dump(opinion),
                )
            )  # fmt: skip
            detail: dict[str, object] = {"field": key.field_id, "place": key.place, "author": made.person}
            if opinion.said:
                detail["said"] = self._digests.of(opinion.said)
            unit.trail.add(f"correction.{opinion.word}", key.subject, opinion.person, opinion.at, detail)

        self._database.write(work)


def _withdrawn(step: Any) -> ColumnElement[bool]:
    taken_back = aliased(DecisionRow)
    return exists().where(taken_back.draft_id == step.draft_id, taken_back.withdraws == step.step)


def _with_opinion(wanted: Any, origin: Origin, subject: Any, place: Any, field_id: Any) -> Any:
    same = (
        (OpinionRow.origin == origin.value)
        & (OpinionRow.subject == subject)
        & (OpinionRow.place == place)
        & (OpinionRow.field_id == field_id)
    )
    return wanted.outerjoin(OpinionRow, same)


def _review_query() -> Any:
    """Decisions that changed what was put forward and still count."""
    wanted = (
        select(
            DecisionRow.draft_id, DecisionRow.step, DecisionRow.noun, FieldDraftRow.noun, DraftRow.form_id,
            DraftRow.form_version, EntryRow.id, OpinionRow.noun,
        )
        .join(
            FieldDraftRow,
            (FieldDraftRow.draft_id == DecisionRow.draft_id)
            & (FieldDraftRow.field_id == DecisionRow.field_id),
        )
        .join(DraftRow, DraftRow.id == DecisionRow.draft_id)
        .outerjoin(EntryRow, EntryRow.draft_id == DecisionRow.draft_id)
    )  # fmt: skip
    wanted = _with_opinion(
        wanted, Origin.REVIEW, DecisionRow.draft_id, DecisionRow.step, DecisionRow.field_id
    )
    return wanted.where(
        DecisionRow.action.in_(_CHANGING),
        FieldDraftRow.state == FieldState.VALUE.value,
        ~_withdrawn(DecisionRow),
    )


def _made_in_review(
    connection: Connection, person: str, before: datetime | None, limit: int, everything: bool
) -> list[Correction]:
    later = aliased(DecisionRow)
    superseded = exists().where(
        later.draft_id == DecisionRow.draft_id,
        later.field_id == DecisionRow.field_id,
        later.step > DecisionRow.step,
        ~_withdrawn(later),
    )
    wanted = _review_query().where(~superseded)
    if not everything:
        wanted = wanted.where(OpinionRow.word.is_(None), DecisionRow.person != person)
    if before is not None:
        wanted = wanted.where(DecisionRow.at < before)
    wanted = wanted.order_by(DecisionRow.at.desc(), DecisionRow.draft_id, DecisionRow.step).limit(limit)
    return [_from_review(connection, row) for row in connection.execute(wanted).all()]


def _from_review(connection: Connection, row: Sequence[Any]) -> Correction:
    draft_id, step, made_noun, read_noun, form_id, form_version, entry_id, opinion = row
    made, read = load(ReviewedField, made_noun), load(CheckedField, read_noun)
    page = _page(connection, draft_id, read.page)
    return Correction(
        key=CorrectionKey(Origin.REVIEW, draft_id, step, made.field_id),
        place=FieldPlace(form_id, form_version, made.field_id, page, read.page_box, read.cell_boxes),
        person=made.person,
        at=made.at,
        action=made.action,
        read=read.value,
        keyed=made.value,
        reason=made.reason,
        released=_released(connection, entry_id, made.field_id) if entry_id else None,
        entry_id=entry_id or "",
        opinion=None if opinion is None else load(Opinion, opinion),
    )


def _entry_query() -> Any:
    """Fields that a later version of an entry changed."""
    old = aliased(EntryFieldRow)
    wanted = (
        select(
            EntryFieldRow.entry_id, EntryFieldRow.version, EntryFieldRow.noun, old.noun,
            EntryVersionRow.form_id, EntryVersionRow.form_version, EntryVersionRow.draft_id, OpinionRow.noun,
        )
        .join(
            EntryVersionRow,
            (EntryVersionRow.entry_id == EntryFieldRow.entry_id)
            & (EntryVersionRow.version == EntryFieldRow.version),
        )
        .join(
            old,
            (old.entry_id == EntryFieldRow.entry_id)
            & (old.version == EntryFieldRow.version - 1)
            & (old.position == EntryFieldRow.position),
        )
    )  # fmt: skip
    wanted = _with_opinion(
        wanted, Origin.ENTRY, EntryFieldRow.entry_id, EntryFieldRow.version, EntryFieldRow.field_id
    )
    return wanted.where(EntryVersionRow.version > 1, EntryFieldRow.noun != old.noun)


def _made_on_entries(
    connection: Connection, person: str, before: datetime | None, limit: int, everything: bool
) -> list[Correction]:
    wanted = _entry_query()
    if not everything:
        wanted = wanted.where(OpinionRow.word.is_(None), EntryVersionRow.released_by != person)
    if before is not None:
        wanted = wanted.where(EntryVersionRow.released_at < before)
    wanted = wanted.order_by(EntryVersionRow.released_at.desc(), EntryFieldRow.entry_id).limit(limit)
    return [_from_entry(connection, row) for row in connection.execute(wanted).all()]


def _from_entry(connection: Connection, row: Sequence[Any]) -> Correction:
    entry_id, version, new_noun, old_noun, form_id, form_version, draft_id, opinion = row
    new, old = load(EntryField, new_noun), load(EntryField, old_noun)
    made = new.history[-1]
    page = _page(connection, draft_id, new.page)
    return Correction(
        key=CorrectionKey(Origin.ENTRY, entry_id, version, new.field_id),
        place=FieldPlace(form_id, form_version, new.field_id, page, new.page_box),
        person=made.person,
        at=made.at,
        action=made.action,
        read=old.value,
        keyed=new.value,
        reason=made.reason,
        released=_released(connection, entry_id, new.field_id),
        entry_id=entry_id,
        opinion=None if opinion is None else load(Opinion, opinion),
    )


def _one(connection: Connection, key: CorrectionKey) -> Correction | None:
    if key.origin is Origin.REVIEW:
        of_draft = (DecisionRow.draft_id == key.subject, DecisionRow.step == key.place)
        wanted = _review_query().where(*of_draft, DecisionRow.field_id == key.field_id)
        row = connection.execute(wanted).first()
        return None if row is None else _from_review(connection, row)
    of_entry = (EntryFieldRow.entry_id == key.subject, EntryFieldRow.version == key.place)
    row = connection.execute(_entry_query().where(*of_entry, EntryFieldRow.field_id == key.field_id)).first()
    return None if row is None else _from_entry(connection, row)


def _answered(connection: Connection, made: Correction) -> bool:
    """Whether the field was decided anew after it was returned."""
    assert made.opinion is not None
    if made.entry_id:
        newest = _newest_field(connection, made.entry_id, made.key.field_id)
        return newest is None or newest.history[-1].at > made.opinion.at
    later = select(DecisionRow.step).where(
        DecisionRow.draft_id == made.key.subject,
        DecisionRow.field_id == made.key.field_id,
        or_(DecisionRow.at > made.opinion.at, DecisionRow.step > made.key.place),
        ~_withdrawn(DecisionRow),
    )
    return connection.execute(later.limit(1)).first() is not None


def _released(connection: Connection, entry_id: str, field_id: str) -> FieldValue | None:
    newest = _newest_field(connection, entry_id, field_id)
    return None if newest is None else newest.value


def _newest_field(connection: Connection, entry_id: str, field_id: str) -> EntryField | None:
    wanted = select(EntryFieldRow.noun).where(
        EntryFieldRow.entry_id == entry_id, EntryFieldRow.field_id == field_id
    )
    noun = connection.scalar(wanted.order_by(EntryFieldRow.version.desc()).limit(1))
    return None if noun is None else load(EntryField, noun)


def _page(connection: Connection, draft_id: str, number: int) -> DraftPage:
    nouns = connection.scalars(
        select(DraftPageRow.noun).where(DraftPageRow.draft_id == draft_id).order_by(DraftPageRow.position)
    )
    pages = [load(DraftPage, noun) for noun in nouns]
    found = next((page for page in pages if page.number == number), None)
    if found is None:
        raise StoreError("store.damaged", draft=draft_id, page=number)
    return found
