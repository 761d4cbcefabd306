"""The patient index, and whose record an entry is.

Nothing here merges two patients or links an entry by itself. Linking is a person's act with a line in the
trail; taking it back is another one, and both stay. Identifiers carry the time they held and are unique to
nobody. Words of names lie in a column without tones (``đ`` as ``d``, which full-text folding leaves alone).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, Subquery, delete, func, insert, or_, select, update

from formscan.errors import NotFoundError, StoreError
from formscan.model.patient import Identifier, Link, Patient, PatientKind, PatientQuery, words_of_name
from formscan.model.people import Permission
from formscan.store.access import need
from formscan.store.codec import dump, load
from formscan.store.rows import EntryRow, PatientIdentifierRow, PatientLinkRow, PatientRow, PatientWordRow
from formscan.store.unit_of_work import Database, Unit

MOST: Final = 200
"""Patients a search gives to be ranked; a search that finds more needs another word."""


class Patients:
    """The index of a database.

    Args:
        database: Where it is kept.
        clock: The time, with zone.
    """

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database, self._clock = database, clock

    def add(self, patient: Patient, by: str) -> Patient:
        """Take somebody into the index; the id is made here.

        Raises:
            StoreError: ``patient.nameless`` where a known patient has no name.
            RefusedError: Where ``by`` may not.
        """
        made, at = replace(patient, id=secrets.token_hex(12)), self._clock()
        if not words_of_name(made.name) and made.kind is not PatientKind.UNIDENTIFIED:
            raise StoreError("patient.nameless")

        def work(unit: Unit) -> None:
            need(unit.connection, by, Permission.LINK_PATIENT)
            _write(unit.connection, made)
            detail: dict[str, object] = {"kind": made.kind.value, "identifiers": len(made.identifiers)}
            unit.trail.add("patient.added", made.id, by, at, detail)

        self._database.write(work)
        return made

    def change(self, patient: Patient, by: str, reason: str) -> None:
        """Write a patient anew, e.g. with another identifier or the name of a new-born; the old one stays.

        Identifiers may end and others may come, but none is taken away.

        Raises:
            NotFoundError: ``store.no_such_patient``.
            StoreError: ``store.reason_needed``, ``patient.identifier_lost``.
        """
        if not reason.strip():
            raise StoreError("store.reason_needed")
        at = self._clock()

        def work(unit: Unit) -> None:
            need(unit.connection, by, Permission.LINK_PATIENT)
            before = _get(unit.connection, patient.id)
            kept = {(one.kind, one.key) for one in patient.identifiers}
            if any((one.kind, one.key) not in kept for one in before.identifiers):
                raise StoreError("patient.identifier_lost", patient=patient.id)
            _write(unit.connection, patient)
            unit.trail.add("patient.changed", patient.id, by, at, {"version": _version(unit, patient.id)})

        self._database.write(work)

    def get(self, patient_id: str, person: str) -> Patient:
        """A patient; that it was read is in the trail.

        Raises:
            NotFoundError: ``store.no_such_patient``.
            RefusedError: Where the person may not.
        """
        at = self._clock()

        def work(unit: Unit) -> Patient:
            need(unit.connection, person, Permission.FIND_PATIENT)
            unit.trail.add("patient.read", patient_id, person, at, {})
            return _get(unit.connection, patient_id)

        return self._database.write(work)

    def find(self, query: PatientQuery, person: str) -> list[Patient]:
        """Patients with one of the identifiers (also ended ones), the words of the name, or the birth date.

        The last word may be a beginning. That somebody searched is in the trail, without what for.

        Raises:
            RefusedError: Where the person may not.
        """
        at = self._clock()

        def work(unit: Unit) -> list[Patient]:
            need(unit.connection, person, Permission.FIND_PATIENT)
            found = [] if query.empty else _found(unit.connection, query)
            unit.trail.add("patient.searched", "", person, at, {"found": len(found)})
            return found

        return self._database.write(work)

    # -- whose record it is --------------------------------------------------------------------

    def link(self, entry_id: str, patient_id: str, person: str, reason: str = "") -> Link:
        """Say whose record an entry is.

        Raises:
            NotFoundError: ``store.no_such_entry``, ``store.no_such_patient``.
            StoreError: ``patient.linked_already``: it must be taken back first.
            RefusedError: Where the person may not.
        """
        return self._say(entry_id, patient_id, person, reason)

    def unlink(self, entry_id: str, person: str, reason: str) -> Link:
        """Take back whose record an entry is said to be; both acts stay.

        Raises:
            StoreError: ``store.reason_needed``, ``patient.not_linked``.
            As ``link``.
        """
        if not reason.strip():
            raise StoreError("store.reason_needed")
        return self._say(entry_id, None, person, reason)

    def links(self, entry_id: str) -> list[Link]:
        """Everything that was said about whose record an entry is, oldest first."""
        with self._database.read() as connection:
            return _links(connection, entry_id)

    def linked(self, entry_id: str) -> str | None:
        """Id of the patient an entry belongs to now."""
        said = self.links(entry_id)
        return said[-1].patient_id if said else None

    def linked_all(self, person: str) -> dict[str, Patient]:
        """The patient of every entry that has one now; that the list was read is in the trail.

        Raises:
            RefusedError: Where the person may not.
        """
        at = self._clock()
        newest = _newest_links()
        same = (PatientLinkRow.entry_id == newest.c.entry_id) & (PatientLinkRow.place == newest.c.place)
        wanted = (
            select(PatientLinkRow.entry_id, PatientRow.noun)
            .join(newest, same)
            .join(PatientRow, (PatientRow.id == PatientLinkRow.patient_id) & (PatientRow.newest == 1))
        )

        def work(unit: Unit) -> dict[str, Patient]:
            need(unit.connection, person, Permission.FIND_PATIENT)
            found = {row.entry_id: load(Patient, row.noun) for row in unit.connection.execute(wanted)}
            unit.trail.add("patient.listed", "", person, at, {"found": len(found)})
            return found

        return self._database.write(work)

    def entries_of(self, patient_id: str) -> list[str]:
        """Ids of the entries that belong to a patient now."""
        newest = _newest_links()
        same = (PatientLinkRow.entry_id == newest.c.entry_id) & (PatientLinkRow.place == newest.c.place)
        wanted = select(PatientLinkRow.entry_id).join(newest, same)
        wanted = wanted.where(PatientLinkRow.patient_id == patient_id).order_by(PatientLinkRow.entry_id)
        with self._database.read() as connection:
            return list(connection.scalars(wanted))

    def _say(self, entry_id: str, patient_id: str | None, person: str, reason: str) -> Link:
        at = self._clock()

        def work(unit: Unit) -> Link:
            connection = unit.connection
            need(connection, person, Permission.LINK_PATIENT)
            if connection.scalar(select(EntryRow.id).where(EntryRow.id == entry_id)) is None:
                raise NotFoundError("store.no_such_entry", entry=entry_id)
            if patient_id is not None:
                _get(connection, patient_id)
            said = _links(connection, entry_id)
            now = said[-1].patient_id if said else None
            if (now is None) == (patient_id is None):
                raise StoreError("patient.not_linked" if now is None else "patient.linked_already")
            made = Link(entry_id, len(said), patient_id, person, at, reason.strip())
            connection.execute(
                insert(PatientLinkRow).values(
                    entry_id=entry_id, place=made.place, patient_id=patient_id, person=person, at=at,
                    reason=made.reason,
                )
            )  # fmt: skip
            act = "entry.linked" if patient_id else "entry.unlinked"
            unit.trail.add(act, entry_id, person, at, {"patient": patient_id or now, "place": made.place})
            return made

        return self._database.write(work)


def _write(connection: Connection, patient: Patient) -> None:
    """Write a new version of a patient and what it is found by."""
    before = select(func.max(PatientRow.version)).where(PatientRow.id == patient.id)
    version = (connection.scalar(before) or 0) + 1
    row = {"birth": patient.birth, "sex": patient.sex, "kind": patient.kind.value, "noun": dump(patient)}
    old = update(PatientRow).where(PatientRow.id == patient.id).values(newest=0)
    connection.execute(old)
    connection.execute(insert(PatientRow).values(id=patient.id, version=version, newest=1, **row))
    for table in (PatientWordRow, PatientIdentifierRow):
        connection.execute(delete(table).where(table.patient_id == patient.id))
    for word in sorted(set(words_of_name(patient.name))):
        connection.execute(insert(PatientWordRow).values(word=word, patient_id=patient.id))
    for place, one in enumerate(patient.identifiers):
        key = {"patient_id": patient.id, "place": place, "kind": one.kind.value, "key": one.key}
        connection.execute(insert(PatientIdentifierRow).values(**key))


def _version(unit: Unit, patient_id: str) -> int:
    return (
        unit.connection.scalar(select(func.max(PatientRow.version)).where(PatientRow.id == patient_id)) or 0
    )


def _get(connection: Connection, patient_id: str) -> Patient:
    noun = connection.scalar(
        select(PatientRow.noun).where(PatientRow.id == patient_id, PatientRow.newest == 1)
    )
    if noun is None:
        raise NotFoundError("store.no_such_patient", patient=patient_id)
    return load(Patient, noun)


def _found(connection: Connection, query: PatientQuery) -> list[Patient]:
    ways = [_by_identifier(query.identifiers), _by_name(words_of_name(query.name))]
    if not any(way is not None for way in ways) and query.birth:
        ways.append(PatientRow.birth.startswith(query.birth, autoescape=True))
    given = [way for way in ways if way is not None]
    wanted = select(PatientRow.noun).where(PatientRow.newest == 1, or_(*given))
    wanted = wanted.order_by(PatientRow.id).limit(MOST)
    return [load(Patient, noun) for noun in connection.scalars(wanted)]


def _by_identifier(identifiers: Iterable[Identifier]) -> ColumnElement[bool] | None:
    keys = sorted({one.key for one in identifiers if one.key})
    if not keys:
        return None
    having = select(PatientIdentifierRow.patient_id).where(PatientIdentifierRow.key.in_(keys))
    return PatientRow.id.in_(having)


def _by_name(words: tuple[str, ...]) -> ColumnElement[bool] | None:
    if not words:
        return None
    having = [
        PatientRow.id.in_(select(PatientWordRow.patient_id).where(PatientWordRow.word == word))
        for word in words[:-1]
    ]
    begun = PatientWordRow.word.startswith(words[-1], autoescape=True)
    last = PatientRow.id.in_(select(PatientWordRow.patient_id).where(begun))
    out: ColumnElement[bool] = last
    for one in having:
        out = out & one
    return out


def _newest_links() -> Subquery:
    return (
        select(PatientLinkRow.entry_id, func.max(PatientLinkRow.place).label("place"))
        .group_by(PatientLinkRow.entry_id)
        .subquery()
    )


def _links(connection: Connection, entry_id: str) -> list[Link]:
    columns = (
        PatientLinkRow.entry_id, PatientLinkRow.place, PatientLinkRow.patient_id, PatientLinkRow.person,
        PatientLinkRow.at, PatientLinkRow.reason,
    )  # fmt: skip
    wanted = select(*columns).where(PatientLinkRow.entry_id == entry_id).order_by(PatientLinkRow.place)
    return [Link(*row) for row in connection.execute(wanted)]
