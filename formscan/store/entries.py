"""Released entries: made in one transaction, never changed; a correction is a new version."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from formscan.errors import ImmutableError, NotFoundError, StoreError, UnreviewedError
from formscan.model.people import Permission
from formscan.model.reading import CheckedField, FieldState, Flag, Severity
from formscan.model.record import Draft, DraftState, EmrEntry, EntryField
from formscan.model.review import Action, ReviewedField
from formscan.model.second_look import Assurance, Look, assurance
from formscan.store import opinions, plants
from formscan.store.access import has_accounts, need
from formscan.store.audit import Digests
from formscan.store.codec import dump, load
from formscan.store.drafts import decision_detail, decisions, get_draft, need_open, set_state
from formscan.store.looks import looks_of
from formscan.store.rows import EntryFieldRow, EntryRow, EntryVersionRow
from formscan.store.unit_of_work import Unit

Flags = Mapping[str, tuple[Flag, ...]]


@dataclass(frozen=True, slots=True)
class EntrySummary:
    """The newest version of an entry, for lists."""

    id: str
    version: int
    draft_id: str
    form_id: str
    form_version: str
    released_by: str
    released_at: datetime
    reason: str
    fields: int


def entry_id_of(draft_id: str) -> str:
    """Id of the entry a draft becomes: the same draft always gives the same one."""
    return hashlib.sha256(f"entry:{draft_id}".encode()).hexdigest()[:32]


def release(
    unit: Unit, draft_id: str, person: str, at: datetime, flags: Flags | None, digests: Digests
) -> EmrEntry:
    """Make version 1 of an entry out of a draft and its decisions.

    ``flags`` are what stands at each field now; ``None`` takes those of the proposals that were kept.

    Raises:
        NotFoundError: No such draft.
        ImmutableError: ``store.draft_closed``.
        UnreviewedError: Fields without a decision (``open``) or hard flags without a reason (``reasons``);
            ``review.second_look`` where critical fields wait for a second key (``keys``) or a ruling
            (``rulings``); ``review.returned`` where a supervisor gave a correction back.
        StoreError: ``plant.not_told``, ``plant.in_record``.
        RefusedError: The person may not release.
    """
    need(unit.connection, person, Permission.RELEASE)
    need_open(unit.connection, draft_id)
    draft = get_draft(unit.connection, draft_id)
    history = _by_field(decisions(unit.connection, draft_id))
    standing = _kept_flags(draft, history) if flags is None else flags
    _need_reviewed(draft, history, standing)
    opinions.check_release(unit.connection, draft_id, history)
    plants.check_release(unit.connection, draft_id, history)
    sure = _assured(unit.connection, draft, history)
    entry = EmrEntry(
        id=entry_id_of(draft_id),
        version=1,
        draft_id=draft_id,
        form_id=draft.form_id,
        form_version=draft.form_version,
        form_digest=draft.form_digest,
        pages=draft.pages,
        fields=tuple(
            replace(_field(f, history[f.field_id], standing.get(f.field_id, ())), assurance=told, looks=looks)
            for f, (told, looks) in zip(draft.fields, sure, strict=True)
        ),
        problems=draft.problems,
        released_by=person,
        released_at=at,
    )
    unit.connection.execute(insert(EntryRow).values(id=entry.id, draft_id=draft_id))
    digest = _write_version(unit.connection, entry, digests)
    set_state(unit, draft_id, DraftState.RELEASED)
    made = [field.history[-1].action for field in entry.fields]
    detail: dict[str, object] = {action.value: made.count(action) for action in Action}
    alone = sum(field.assurance is Assurance.ONE_PERSON for field in entry.fields)
    detail |= {"draft": draft_id, "version": 1, "fields": len(made), "one_person": alone, "digest": digest}
    unit.trail.add("entry.released", entry.id, person, at, detail)
    return entry


def write_correction(
    unit: Unit, entry: EmrEntry, changes: Sequence[ReviewedField], digests: Digests
) -> EmrEntry:
    """Write a version made by ``corrected`` with these changes beside those before it."""
    digest = _write_version(unit.connection, entry, digests)
    detail: dict[str, object] = {
        "version": entry.version,
        "replaces": entry.version - 1,
        "reason": digests.of(entry.reason),
        "changes": [decision_detail(change, digests) for change in changes],
        "digest": digest,
    }
    unit.trail.add("entry.corrected", entry.id, entry.released_by, entry.released_at, detail)
    return entry


def corrected(
    latest: EmrEntry, changes: Sequence[ReviewedField], person: str, at: datetime, reason: str, flags: Flags
) -> EmrEntry:
    """The next version of an entry; nothing is written.

    Raises:
        StoreError: ``store.reason_needed``, ``store.nothing_to_correct``, ``store.twice`` (a field is
            changed twice), ``store.not_the_author``, ``store.unverified``, or ``store.stale`` where a
            change was made on another value than the one that stands.
        NotFoundError: ``store.no_such_field``.
    """
    _sound(changes, person, reason)
    wanted = {change.field_id: replace(change, reason=change.reason or reason) for change in changes}
    fields = []
    for field in latest.fields:
        change = wanted.pop(field.field_id, None)
        if change is not None and change.before != field.value:
            raise StoreError("store.stale", entry=latest.id, field=field.field_id)
        fields.append(field if change is None else _changed(field, change, flags))
    if wanted:
        raise NotFoundError("store.no_such_field", entry=latest.id, field=next(iter(wanted)))
    return replace(
        latest,
        version=latest.version + 1,
        fields=tuple(fields),
        released_by=person,
        released_at=at,
        reason=reason,
    )


def get_entry(connection: Connection, entry_id: str, version: int | None, digests: Digests) -> EmrEntry:
    """A version of an entry, the newest where none is named; checked against its digest.

    Raises:
        NotFoundError: ``store.no_such_entry``.
        StoreError: ``store.entry_damaged`` where it is not what was released.
    """
    of_entry = EntryVersionRow.entry_id == entry_id
    wanted = select(EntryVersionRow.version, EntryVersionRow.noun, EntryVersionRow.digest).where(of_entry)
    if version is not None:
        wanted = wanted.where(EntryVersionRow.version == version)
    row = connection.execute(wanted.order_by(EntryVersionRow.version.desc()).limit(1)).one_or_none()
    if row is None:
        raise NotFoundError("store.no_such_entry", entry=entry_id, version=version or "")
    nouns = _field_nouns(connection, entry_id, row.version)
    if digest_of(row.noun, nouns, digests) != row.digest:
        raise StoreError("store.entry_damaged", entry=entry_id, version=row.version)
    fields = tuple(load(EntryField, noun) for noun in nouns)
    return replace(load(EmrEntry, row.noun), fields=fields)


def summaries(connection: Connection) -> list[EntrySummary]:
    """The newest version of every entry, newest release first."""
    newest = (
        select(EntryVersionRow.entry_id, func.max(EntryVersionRow.version).label("version"))
        .group_by(EntryVersionRow.entry_id)
        .subquery()
    )
    of_newest = (EntryVersionRow.entry_id == newest.c.entry_id) & (
        EntryVersionRow.version == newest.c.version
    )
    wanted = select(*_SUMMARY).join(newest, of_newest)
    wanted = wanted.order_by(EntryVersionRow.released_at.desc(), EntryVersionRow.entry_id)
    return [EntrySummary(*row) for row in connection.execute(wanted)]


def versions(connection: Connection, entry_id: str) -> list[EntrySummary]:
    """All versions of one entry, first one first.

    Raises:
        NotFoundError: ``store.no_such_entry``.
    """
    wanted = select(*_SUMMARY).where(EntryVersionRow.entry_id == entry_id).order_by(EntryVersionRow.version)
    found = [EntrySummary(*row) for row in connection.execute(wanted)]
    if not found:
        raise NotFoundError("store.no_such_entry", entry=entry_id)
    return found


def stored_digest(connection: Connection, entry_id: str, version: int, digests: Digests) -> str | None:
    """Digest of what the tables hold for a version now; ``None`` where it is not there."""
    key = (EntryVersionRow.entry_id == entry_id, EntryVersionRow.version == version)
    noun = connection.scalar(select(EntryVersionRow.noun).where(*key))
    return None if noun is None else digest_of(noun, _field_nouns(connection, entry_id, version), digests)


def digest_of(noun: str, field_nouns: Sequence[str], digests: Digests) -> str:
    """Keyed digest over a version as it is kept."""
    return digests.of("\n".join((noun, *field_nouns)))


_SUMMARY = (
    EntryVersionRow.entry_id, EntryVersionRow.version, EntryVersionRow.draft_id, EntryVersionRow.form_id,
    EntryVersionRow.form_version, EntryVersionRow.released_by, EntryVersionRow.released_at,
    EntryVersionRow.reason, EntryVersionRow.fields,
)  # fmt: skip


def _field_nouns(connection: Connection, entry_id: str, version: int) -> Sequence[str]:
    wanted = (
        select(EntryFieldRow.noun)
        .where(EntryFieldRow.entry_id == entry_id, EntryFieldRow.version == version)
        .order_by(EntryFieldRow.position)
    )
    return connection.scalars(wanted).all()


def _by_field(made: Sequence[ReviewedField]) -> dict[str, tuple[ReviewedField, ...]]:
    history: dict[str, tuple[ReviewedField, ...]] = {}
    for decision in made:
        history[decision.field_id] = (*history.get(decision.field_id, ()), decision)
    return history


def _kept_flags(draft: Draft, history: Mapping[str, tuple[ReviewedField, ...]]) -> Flags:
    """Flags of the proposals whose value stands unchanged."""
    return {
        field.field_id: field.flags
        for field in draft.fields
        if field.field_id in history and history[field.field_id][-1].value == field.value
    }


def _need_reviewed(draft: Draft, history: Mapping[str, tuple[ReviewedField, ...]], flags: Flags) -> None:
    missing = [field.field_id for field in draft.fields if field.field_id not in history]
    lacking = [
        field_id
        for field_id, made in history.items()
        if not made[-1].reason and any(flag.severity is Severity.HARD for flag in flags.get(field_id, ()))
    ]
    if missing or lacking:
        raise UnreviewedError(
            draft=draft.id, count=len(missing) + len(lacking), open=len(missing), reasons=len(lacking)
        )


def _assured(
    connection: Connection, draft: Draft, history: Mapping[str, tuple[ReviewedField, ...]]
) -> list[tuple[Assurance, tuple[Look, ...]]]:
    """What makes each field sure, with the looks behind it, in the order of the draft.

    Where there are no accounts there is one person only; what she cannot have is written down as such.
    """
    by_field: dict[str, tuple[Look, ...]] = {}
    for look in looks_of(connection, draft.id):
        by_field[look.field_id] = (*by_field.get(look.field_id, ()), look)
    looks = [by_field.get(field.field_id, ()) for field in draft.fields]
    told = [
        assurance(field, history[field.field_id][-1], made)
        for field, made in zip(draft.fields, looks, strict=True)
    ]
    if not has_accounts(connection):
        told = [one if one.settled else Assurance.ONE_PERSON for one in told]
    keys, rulings = told.count(Assurance.NEEDS_KEY), told.count(Assurance.NEEDS_RULING)
    if keys or rulings:
        raise UnreviewedError(
            "review.second_look", draft=draft.id, count=keys + rulings, keys=keys, rulings=rulings
        )
    return list(zip(told, looks, strict=True))


def _field(field: CheckedField, history: tuple[ReviewedField, ...], flags: tuple[Flag, ...]) -> EntryField:
    return EntryField(
        field_id=field.field_id,
        page=field.page,
        page_box=field.page_box,
        crop_sha256=field.crop_sha256,
        value=history[-1].value,
        readings=field.readings,
        flags=tuple(flags),
        history=history,
    )


def _changed(field: EntryField, change: ReviewedField, flags: Flags) -> EntryField:
    standing = tuple(flags.get(field.field_id, ()))
    sure = Assurance.CORRECTED if field.assurance is not Assurance.NOT_ASKED else field.assurance
    history = (*field.history, change)
    return replace(field, value=change.value, flags=standing, history=history, assurance=sure)


def _sound(changes: Sequence[ReviewedField], person: str, reason: str) -> None:
    if not reason.strip():
        raise StoreError("store.reason_needed")
    if not changes:
        raise StoreError("store.nothing_to_correct")
    if len({change.field_id for change in changes}) != len(changes):
        raise StoreError("store.twice")
    if any(change.person != person for change in changes):
        raise StoreError("store.not_the_author")
    if any(change.value.state is FieldState.UNVERIFIED for change in changes):
        raise StoreError("store.unverified")


def _write_version(connection: Connection, entry: EmrEntry, digests: Digests) -> str:
    noun, nouns = dump(replace(entry, fields=())), [dump(field) for field in entry.fields]
    digest = digest_of(noun, nouns, digests)
    key = {"entry_id": entry.id, "version": entry.version}
    there = select(EntryVersionRow.version).where(
        EntryVersionRow.entry_id == entry.id, EntryVersionRow.version == entry.version
    )
    if connection.execute(there).first():
        raise ImmutableError("store.immutable", entry=entry.id, version=entry.version)
    connection.execute(
        insert(EntryVersionRow).values(
            **key, replaces=entry.version - 1 or None, draft_id=entry.draft_id, form_id=entry.form_id,
            form_version=entry.form_version, released_by=entry.released_by, released_at=entry.released_at,
            reason=entry.reason, fields=len(nouns), noun=noun, digest=digest,
        )
    )  # fmt: skip
    rows = [
        {
            **key, "position": position, "field_id": field.field_id, "state": field.value.state.value,
            "text": field.value.text, "normalised": field.value.normalised, "noun": nouns[position],
        }
        for position, field in enumerate(entry.fields)
    ]  # fmt: skip
    if rows:
        connection.execute(insert(EntryFieldRow), rows)
    return digest
