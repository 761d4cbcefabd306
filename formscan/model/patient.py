"""Who a record is about, as far as anybody knows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from formscan.model.words import without_diacritics


class PatientKind(StrEnum):
    """What is known of somebody; each of them can be stored and found."""

    KNOWN = "known"
    NEWBORN = "newborn"
    """Named after the mother ("Con bà ...") until there is a birth certificate."""
    FOREIGNER = "foreigner"
    UNIDENTIFIED = "unidentified"
    """Nobody knows the name; the note says how he was found."""


class IdentifierKind(StrEnum):
    """What a number is."""

    CITIZEN_ID = "citizen_id"
    INSURANCE = "insurance"
    PASSPORT = "passport"
    HOSPITAL = "hospital"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Identifier:
    """A number somebody has or had; never a key: numbers are re-issued, shared, mistyped and missing.

    Attributes:
        since: Day from which it is known to hold, ISO, or empty.
        until: Day it ended, ISO; empty while it holds.
        source: Where it was seen, e.g. the id of an entry.
    """

    kind: IdentifierKind
    value: str
    since: str = ""
    until: str = ""
    source: str = ""

    @property
    def key(self) -> str:
        """How it is compared."""
        return identifier_key(self.kind, self.value)


@dataclass(frozen=True, slots=True)
class Patient:
    """A person in the index.

    Attributes:
        id: Of the index; means nothing outside.
        name: As written; ``Con bà ...`` of a new-born, empty of somebody unidentified.
        birth: ``1957``, ``1957-03`` or ``1957-03-12``, or empty.
        sex: ``male``, ``female`` or empty.
        identifiers: Those that hold and those that held.
        note: What else tells her from others: the mother, where he was found, an estimated age.
    """

    id: str
    name: str
    birth: str = ""
    sex: str = ""
    kind: PatientKind = PatientKind.KNOWN
    identifiers: tuple[Identifier, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class PatientQuery:
    """What is known of somebody who is looked for; every part may be empty.

    Attributes:
        birth: Partial ISO date.
    """

    name: str = ""
    birth: str = ""
    sex: str = ""
    identifiers: tuple[Identifier, ...] = ()

    @property
    def empty(self) -> bool:
        """Nothing to look for."""
        return not (words_of_name(self.name) or self.birth or any(one.key for one in self.identifiers))


@dataclass(frozen=True, slots=True)
class Link:
    """Somebody said whose record an entry is, or took that back (``patient_id`` is then ``None``)."""

    entry_id: str
    place: int
    patient_id: str | None
    person: str
    at: datetime
    reason: str


def identifier_key(kind: IdentifierKind, value: str) -> str:
    """Letters and digits only; of an insurance card the ten digits that stay when the card changes.

    A card of 15 signs is two letters and a digit of entitlement, two digits of the province and the ten
    digits of the social insurance number (QD 1351/QD-BHXH of 2015); since 2020 cards show the ten alone.
    """
    plain = re.sub(r"[^0-9A-Z]", "", without_diacritics(value).upper())
    return plain[-10:] if kind is IdentifierKind.INSURANCE and len(plain) == 15 else plain


def words_of_name(name: str) -> tuple[str, ...]:
    """Words of a name without tones, ``đ`` as ``d``, lower case."""
    return tuple(re.findall(r"[a-z0-9]+", without_diacritics(name).lower()))


def birth_of(text: str) -> str:
    """``12/03/1957``, ``3/1957``, ``1957`` or ISO, whole or in part, as partial ISO; empty for others."""
    parts = [int(part) for part in re.findall(r"\d+", text)]
    if re.fullmatch(r"\s*\d{4}(-\d{1,2}){0,2}\s*", text):
        parts.reverse()
    if not 1 <= len(parts) <= 3 or not 1850 <= parts[-1] <= 2200:
        return ""
    if (len(parts) > 1 and not 1 <= parts[-2] <= 12) or (len(parts) > 2 and not 1 <= parts[0] <= 31):
        return ""
    return "-".join([f"{parts[-1]:04}", *(f"{part:02}" for part in reversed(parts[:-1]))])
