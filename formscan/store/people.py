"""Persons and their accounts in the tables. An id is never given to another person."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, insert, select, update

from formscan.errors import AccessError, NotFoundError
from formscan.model.people import SYSTEM, Account, Person, Role
from formscan.store.codec import dump, load
from formscan.store.rows import AccountRow, PersonRow
from formscan.store.unit_of_work import Unit

SHORTEST_PASSWORD: Final = 12
"""Signs; no other rule, as NIST SP 800-63B advises (which asks for 8 at least beside other measures)."""
LONGEST_PASSWORD: Final = 256
_LOGIN: Final = re.compile(r"[a-z0-9][a-z0-9._@-]{1,63}")


@dataclass(frozen=True, slots=True)
class Kept:
    """What a sign-in is checked against."""

    source: str
    active: bool
    password: str | None
    totp: str | None


def login_of(name: str) -> str:
    """How a name is kept and compared: without case and outer blanks."""
    return unicodedata.normalize("NFKC", name).strip().casefold()


def need_good_password(password: str, person: Person) -> None:
    """Refuse a password that is too short or just the name.

    Raises:
        AccessError: ``people.weak_password``.
    """
    plain = password.casefold()
    same = plain in {person.id.casefold(), person.name.casefold()} or len(set(plain)) < 4
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD or same:
        raise AccessError("people.weak_password", least=SHORTEST_PASSWORD)


def put_person(unit: Unit, person: Person, by: str, at: datetime) -> None:
    """Add a person, or change name and roles."""
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


def add_account(unit: Unit, person: Person, hashed: str | None, source: str, by: str, at: datetime) -> None:
    """Make an account.

    Raises:
        AccessError: ``people.bad_name``, ``people.taken``, ``people.no_roles``.
    """
    if person.id != login_of(person.id) or not _LOGIN.fullmatch(person.id) or person.id == SYSTEM:
        raise AccessError("people.bad_name")
    if not person.roles:
        raise AccessError("people.no_roles")
    if kept(unit.connection, person.id) is not None:
        raise AccessError("people.taken")
    put_person(unit, person, by, at)
    unit.connection.execute(
        insert(AccountRow).values(
            person_id=person.id, source=source, active=1, password=hashed, totp=None, totp_step=0,
            recovery="[]", changed_at=at,
        )
    )  # fmt: skip
    unit.trail.add("person.account_made", person.id, by, at, {"source": source})


def change_roles(unit: Unit, person_id: str, roles: frozenset[Role], by: str, at: datetime) -> None:
    """Give somebody other roles.

    Raises:
        AccessError: ``people.no_roles``, ``people.last_administrator``.
        NotFoundError: ``store.no_such_person``.
    """
    account = get_account(unit.connection, person_id)
    if not roles:
        raise AccessError("people.no_roles")
    if Role.ADMINISTRATOR not in roles:
        _keep_an_administrator(unit.connection, account)
    put_person(unit, replace(account.person, roles=roles), by, at)


def set_active(unit: Unit, person_id: str, active: bool, by: str, at: datetime) -> None:
    """Lock an account or open it again.

    Raises:
        AccessError: ``people.last_administrator``.
        NotFoundError: ``store.no_such_person``.
    """
    account = get_account(unit.connection, person_id)
    if not active:
        _keep_an_administrator(unit.connection, account)
    change = update(AccountRow).where(AccountRow.person_id == person_id)
    unit.connection.execute(change.values(active=int(active), changed_at=at))
    unit.trail.add("person.account_opened" if active else "person.account_locked", person_id, by, at, {})


def kept(connection: Connection, person_id: str) -> Kept | None:
    """What a sign-in of this name is checked against, ``None`` where there is no account."""
    columns = (AccountRow.source, AccountRow.active, AccountRow.password, AccountRow.totp)
    row = connection.execute(select(*columns).where(AccountRow.person_id == person_id)).one_or_none()
    return None if row is None else Kept(row[0], bool(row[1]), row[2], row[3])


def get_account(connection: Connection, person_id: str) -> Account:
    """An account.

    Raises:
        NotFoundError: ``store.no_such_person``.
    """
    found = next((a for a in all_accounts(connection, person_id)), None)
    if found is None:
        raise NotFoundError("store.no_such_person", person=person_id)
    return found


def all_accounts(connection: Connection, person_id: str | None = None) -> list[Account]:
    """All accounts by id, or the one of that id."""
    columns = (PersonRow.noun, AccountRow.source, AccountRow.active, AccountRow.totp, AccountRow.recovery)
    wanted = select(*columns).join(PersonRow, PersonRow.id == AccountRow.person_id).order_by(PersonRow.id)
    if person_id is not None:
        wanted = wanted.where(PersonRow.id == person_id)
    return [
        Account(load(Person, noun), source, bool(active), totp is not None, len(json.loads(recovery)))
        for noun, source, active, totp, recovery in connection.execute(wanted)
    ]


def get_person(connection: Connection, person_id: str) -> Person:
    """A person.

    Raises:
        NotFoundError: ``store.no_such_person``.
    """
    noun = connection.scalar(select(PersonRow.noun).where(PersonRow.id == person_id))
    if noun is None:
        raise NotFoundError("store.no_such_person", person=person_id)
    return load(Person, noun)


def all_people(connection: Connection) -> list[Person]:
    """All persons by id."""
    return [load(Person, noun) for noun in connection.scalars(select(PersonRow.noun).order_by(PersonRow.id))]


def _keep_an_administrator(connection: Connection, account: Account) -> None:
    others = (
        other for other in all_accounts(connection) if other.active and other.person.id != account.person.id
    )
    if Role.ADMINISTRATOR in account.person.roles and not any(
        Role.ADMINISTRATOR in other.person.roles for other in others
    ):
        raise AccessError("people.last_administrator")
