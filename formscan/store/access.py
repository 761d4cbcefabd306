"""Who may do what, asked in the transaction that does it: windows, commands and direct calls alike.

While there is no account at all, one person works with the program and nothing is asked. From the first
account on, every act needs the name of somebody whose account is active and whose roles allow it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sqlalchemy import Connection, select

from formscan.errors import RefusedError
from formscan.model.people import SYSTEM, SYSTEM_PERMISSIONS, Permission, Person
from formscan.store.codec import load
from formscan.store.rows import AccountRow, PersonRow


def has_accounts(connection: Connection) -> bool:
    """Whether people sign in here; before the first account one person works alone."""
    return connection.execute(select(AccountRow.person_id).limit(1)).first() is not None


def need(connection: Connection, person_id: str | None, permission: Permission) -> None:
    """Refuse unless this person may do this now.

    Raises:
        RefusedError: ``access.refused``; facts name person and permission.
    """
    if not has_accounts(connection):
        return
    if person_id == SYSTEM and permission in SYSTEM_PERMISSIONS:
        return
    wanted = (
        select(PersonRow.noun)
        .join(AccountRow, AccountRow.person_id == PersonRow.id)
        .where(PersonRow.id == person_id, AccountRow.active == 1)
    )
    noun = connection.scalar(wanted)
    if noun is None or not load(Person, noun).may(permission):
        raise RefusedError("access.refused", person=person_id or "", permission=permission.value)


def need_one_of(connection: Connection, person_id: str | None, permissions: Collection[Permission]) -> None:
    """Refuse unless this person may do one of these now.

    Raises:
        RefusedError: ``access.refused``; facts name the person and the first of the permissions.
    """
    for permission in permissions:
        try:
            need(connection, person_id, permission)
        except RefusedError:
            continue
        return
    raise RefusedError("access.refused", person=person_id or "", permission=next(iter(permissions)).value)


def need_other(person_id: str, hands: Iterable[str], act: str) -> None:
    """Refuse where a person would look at her own work.

    Args:
        person_id: Who wants to.
        hands: Whose work it is.
        act: What must be done by somebody else, e.g. ``second_key``.

    Raises:
        RefusedError: ``access.own_work``.
    """
    if person_id in set(hands):
        raise RefusedError("access.own_work", person=person_id, permission=act)
