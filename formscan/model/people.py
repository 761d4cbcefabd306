"""Who works with the program."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a person may do."""

    SCANNING_CLERK = "scanning_clerk"
    REVIEWING_CLERK = "reviewing_clerk"
    SUPERVISOR = "supervisor"
    ARCHIVIST = "archivist"
    ADMINISTRATOR = "administrator"
    READER = "reader"


@dataclass(frozen=True, slots=True)
class Person:
    """A person with an account; ``id`` is the login name and never re-used."""

    id: str
    name: str
    roles: frozenset[Role]
