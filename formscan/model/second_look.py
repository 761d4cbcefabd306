"""What makes a critical field sure: two readings that do not know of each other, or a person's ruling.

A critical field counts as settled when one of these holds for the value that stands there now:

* two readers of different make read the same (``READERS``);
* another person keyed the same value blind, seeing neither the reading nor the first value (``SECOND_KEY``);
* the two keys differed and a third person, who saw both and the crop, ruled (``ARBITRATED``).

Where no accounts exist there is only one person; then nothing of this can be had except the first, and the
field says so (``ONE_PERSON``) instead of pretending.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from formscan.model.reading import CheckedField, FieldState, FieldValue
from formscan.model.review import ReviewedField


class LookKind(StrEnum):
    """What a second pair of eyes did."""

    KEY = "key"
    """Keyed the field blind."""
    RULING = "ruling"
    """Settled a field two people keyed differently."""


@dataclass(frozen=True, slots=True)
class Look:
    """A blind second key or a ruling.

    Attributes:
        person: Id of who did it.
        at: Time with zone.
        value: What was keyed or ruled.
        reason: Why, of a ruling.
        first: Of a ruling: what the first person had.
        second: Of a ruling: what was keyed blind.
    """

    field_id: str
    kind: LookKind
    person: str
    at: datetime
    value: FieldValue
    reason: str = ""
    first: FieldValue | None = None
    second: FieldValue | None = None


class Assurance(StrEnum):
    """What makes a critical value sure, or what it still lacks."""

    NOT_ASKED = ""
    """Not a critical field."""
    UNDECIDED = "undecided"
    """Nobody decided on it yet."""
    NEEDS_KEY = "needs_key"
    NEEDS_RULING = "needs_ruling"
    READERS = "readers"
    SECOND_KEY = "second_key"
    ARBITRATED = "arbitrated"
    CORRECTED = "corrected"
    """Changed after the release by a named person with a reason."""
    ONE_PERSON = "one_person"
    """Released where no accounts exist: one person stands behind it, nobody else looked."""

    @property
    def settled(self) -> bool:
        """The field does not keep the entry back."""
        return self not in {Assurance.UNDECIDED, Assurance.NEEDS_KEY, Assurance.NEEDS_RULING}


def assurance(field: CheckedField, decision: ReviewedField | None, looks: Sequence[Look]) -> Assurance:
    """What stands behind the value a field has now.

    Args:
        field: As it was read.
        decision: The last decision that counts, ``None`` while there is none.
        looks: Second keys and rulings about the field, oldest first.
    """
    if not field.critical:
        return Assurance.NOT_ASKED
    if decision is None:
        return Assurance.UNDECIDED
    value = decision.value
    if any(look.kind is LookKind.RULING and same_value(look.value, value) for look in looks):
        return Assurance.ARBITRATED
    if len(field.supporters) > 1 and same_value(field.value, value):
        return Assurance.READERS
    keys = [look for look in looks if look.kind is LookKind.KEY]
    if not keys or keys[-1].person == decision.person:
        return Assurance.NEEDS_KEY
    return Assurance.SECOND_KEY if same_value(keys[-1].value, value) else Assurance.NEEDS_RULING


def same_value(one: FieldValue, other: FieldValue) -> bool:
    """Whether two values say the same: equal machine forms, or equal texts but for runs of blanks."""
    if one.state is not other.state:
        return False
    if one.state is not FieldState.VALUE:
        return True
    if one.normalised and other.normalised:
        return _plain(one.normalised) == _plain(other.normalised)
    return _plain(one.text) == _plain(other.text)


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())
