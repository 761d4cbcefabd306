"""Accounts. An id is never given to another person."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from formscan.errors import NotFoundError
from formscan.model.people import Person
from formscan.store.codec import dump, load
from formscan.store.rows import PersonRow
from formscan.store.unit_of_work import Unit


def put_person(unit: Unit, person: Person, by: str, at: datetime) -> None:
    """Add an account, or change its name and roles."""
    there = unit.connection.scalar(select(PersonRow.noun).where(PersonRow.id == person.id))
    noun = dump(person)
    if there == noun:
        return
    if there is None:
        unit.connection.execute(insert(PersonRow).values(id=person.id, noun=noun))
    else:
        unit.connection.execute(update(PersonRow).where(PersonRow.id == person.id).values(noun=noun))
    action = "person.added" if there is None else "person.changed"
    unit.trail.add(action, person.id, by, at, {"roles": sorted(role.value for role in person.roles)})


def get_person(connection: Connection, person_id: str) -> Person:
    """An account.

    Raises:
        NotFoundError: ``store.no_such_person``.
    """
    noun = connection.scalar(select(PersonRow.noun).where(PersonRow.id == person_id))
    if noun is None:
        raise NotFoundError("store.no_such_person", person=person_id)
    return load(Person, noun)


def all_people(connection: Connection) -> list[Person]:
    """All accounts by id."""
    return [load(Person, noun) for noun in connection.scalars(select(PersonRow.noun).order_by(PersonRow.id))]
