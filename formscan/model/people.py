"""Who works with the program, and what each role may do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

SYSTEM: Final = "system"
"""Id under which the program itself takes pages in and delivers entries; nobody signs in with it."""


class Role(StrEnum):
    """What a person is; a person may have several."""

    SCANNING_CLERK = "scanning_clerk"
    REVIEWING_CLERK = "reviewing_clerk"
    SUPERVISOR = "supervisor"
    ARCHIVIST = "archivist"
    ADMINISTRATOR = "administrator"
    READER = "reader"


class Permission(StrEnum):
    """What a person may do; asked for at every door of the store, in the transaction that does it."""

    SCAN = "scan"
    """Take pages in."""
    REVIEW = "review"
    """Open drafts, decide on fields, discard."""
    RELEASE = "release"
    SECOND_KEY = "second_key"
    """Key a critical field blind."""
    ARBITRATE = "arbitrate"
    """Settle a critical field where two keys differ."""
    CORRECT = "correct"
    """Propose or write a new version of a released entry."""
    APPROVE = "approve"
    """Approve or return what somebody else corrected."""
    SAMPLE = "sample"
    """Draw acceptance samples, judge them, plant known errors."""
    SWITCH_GATE = "switch_gate"
    """Install a calibration, let a kind of field through without a person, and stop it."""
    REPORT = "report"
    """See figures about people and their work."""
    READ = "read"
    """Read a released record."""
    EXPORT = "export"
    """Give a released record out."""
    FIND_PATIENT = "find_patient"
    LINK_PATIENT = "link_patient"
    """Say whose record an entry is, and take that back."""
    READ_AUDIT = "read_audit"
    ADMINISTER = "administer"
    """Accounts and roles."""
    RESET_CODES = "reset_codes"
    """Switch off the one-time codes of somebody who lost the device; not an administrator's."""


PERMISSIONS: Final[Mapping[Role, frozenset[Permission]]] = {
    Role.SCANNING_CLERK: frozenset({Permission.SCAN}),
    Role.REVIEWING_CLERK: frozenset(
        {
            Permission.REVIEW,
            Permission.RELEASE,
            Permission.SECOND_KEY,
            Permission.FIND_PATIENT,
            Permission.LINK_PATIENT,
        }
    ),
    Role.SUPERVISOR: frozenset(
        {
            Permission.REVIEW,
            Permission.RELEASE,
            Permission.SECOND_KEY,
            Permission.ARBITRATE,
            Permission.CORRECT,
            Permission.APPROVE,
            Permission.SAMPLE,
            Permission.SWITCH_GATE,
            Permission.REPORT,
            Permission.READ,
            Permission.FIND_PATIENT,
            Permission.LINK_PATIENT,
            Permission.READ_AUDIT,
            Permission.RESET_CODES,
        }
    ),
    Role.ARCHIVIST: frozenset(
        {Permission.SCAN, Permission.READ, Permission.EXPORT, Permission.FIND_PATIENT, Permission.READ_AUDIT}
    ),
    Role.ADMINISTRATOR: frozenset({Permission.ADMINISTER, Permission.READ_AUDIT, Permission.RESET_CODES}),
    Role.READER: frozenset({Permission.READ, Permission.FIND_PATIENT}),
}
"""The matrix. An administrator of accounts reads no record, and nobody who only reads changes one."""

SEES_PAGES: Final = (
    Permission.READ,
    Permission.SCAN,
    Permission.REVIEW,
    Permission.SECOND_KEY,
    Permission.ARBITRATE,
)
"""One of these is needed to see the picture of a page."""

SEES_NIGHT: Final = (Permission.SCAN, Permission.REPORT)
"""One of these is needed to see how the night went: names of files, and pictures of pages that were held."""

SYSTEM_PERMISSIONS: Final = frozenset({Permission.SCAN, Permission.READ, Permission.EXPORT})
"""What the program does by itself: the night's intake and the delivery of released entries."""


@dataclass(frozen=True, slots=True)
class Person:
    """A person with an account; ``id`` is the login name and never re-used."""

    id: str
    name: str
    roles: frozenset[Role]

    def may(self, permission: Permission) -> bool:
        """Whether one of the roles allows it."""
        return permission in allowed(self.roles)


@dataclass(frozen=True, slots=True)
class Account:
    """How somebody signs in.

    Attributes:
        person: Whose it is.
        source: ``local`` (a password kept here), ``ldap`` or ``oidc``.
        active: Locked accounts stay: their names stand behind what was done.
        second_factor: A one-time code is asked for besides the password.
        recovery_codes: How many are left.
    """

    person: Person
    source: str = "local"
    active: bool = True
    second_factor: bool = False
    recovery_codes: int = 0


def needed_to_reset_codes(whose: Person) -> Permission:
    """What it takes to switch somebody's one-time codes off; an administrator's are her peers' matter."""
    return Permission.ADMINISTER if whose.may(Permission.ADMINISTER) else Permission.RESET_CODES


def allowed(roles: Iterable[Role]) -> frozenset[Permission]:
    """Everything these roles may do together."""
    return frozenset().union(*(PERMISSIONS[role] for role in roles))


NOBODY: Final = Person("", "", frozenset())
"""Who is at the window while nobody has signed in."""
