"""Who may do what, asked in the transaction that does it: windows, commands and direct calls alike.

While there is no account at all, one person works with the program and nothing is asked. From the first
account on, every act needs the name of somebody whose account is active and whose roles allow it.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, select

from formscan.errors import RefusedError
from formscan.model.people import SYSTEM, SYSTEM_PERMISSIONS, Permission, Person, allowed
from formscan.store.codec import load
from formscan.store.rows import AccountRow, PersonRow


def has_accounts(connection: Connection) -> bool:
    """Whether people sign in here; before the first account one person works alone."""
    return connection.execute(select(AccountRow.person_id).limit(1)).first() is not None


def need(connection: Connection, person_id: str | None, permission: Permission, *others: Permission) -> None:
    """Refuse unless this person may do this now, or one of the ``others``.

    Raises:
        RefusedError: ``access.refused``; facts name the person and the first permission.
    """
    if not has_accounts(connection):
        return
    wanted = (permission, *others)
    if person_id == SYSTEM and not SYSTEM_PERMISSIONS.isdisjoint(wanted):
        return
    account = (
        select(PersonRow.noun)
        .join(AccountRow, AccountRow.person_id == PersonRow.id)
        .where(PersonRow.id == person_id, AccountRow.active == 1)
    )
    noun = connection.scalar(account)
    if noun is None or allowed(load(Person, noun).roles).isdisjoint(wanted):
        raise RefusedError("access.refused", person=person_id or "", permission=permission.value)


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
