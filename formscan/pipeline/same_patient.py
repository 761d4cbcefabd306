"""Whether two pages speak of the same patient, from what was read on them; readings err, so it is weighed.

Names and numbers are compared as they were read, by whichever reader: two pages agree where any two readings
are alike, and differ only where all readings of both are far apart and somebody is sure of one on each side.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from formscan.model.patient import words_of_name
from formscan.model.reading import CheckedField, FieldState
from formscan.model.words import without_diacritics

NAME: Final = "patient.name"
NUMBERS: Final = (
    "record.admission_number", "record.archive_number", "record.medical_code", "record.outpatient_number",
    "patient.code", "patient.citizen_id", "patient.insurance_number", "patient.birth_date",
)  # fmt: skip
"""Fields that say whose a page is; the same field of two pages is compared."""
ALIKE: Final = 0.72
"""Share of signs in common from which two readings of a name are alike."""
APART: Final = 0.45
"""Below it they are not."""
NUMBER_ALIKE: Final = 0.85
NUMBER_APART: Final = 0.55
OUTVOTED: Final = 3
"""So many comparisons against one settle the matter; otherwise it is mixed."""
LEAST_SIGNS: Final = 4
"""Shorter readings say nothing."""
SURE: Final = 0.5
"""Confidence one reading of each side must have for a difference to count."""


class Same(StrEnum):
    """What two pages say of their patients."""

    YES = "yes"
    NO = "no"
    MIXED = "mixed"
    """Some of it agrees and some does not: a person must look."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Sign:
    """Readings of one field, folded for comparison, with the confidence of the best."""

    texts: tuple[str, ...]
    confidence: float


@dataclass(slots=True)
class Identity:
    """Everything read so far that tells whose pages these are."""

    signs: dict[str, list[Sign]] = field(default_factory=dict)

    def add(self, other: Identity) -> None:
        """Take up what another page of the same patient says."""
        for name, found in other.signs.items():
            self.signs.setdefault(name, []).extend(found)

    def compare(self, other: Identity) -> Same:
        """Whether two say they are the same patient."""
        told = [
            _compare(name, mine, theirs)
            for name in self.signs.keys() & other.signs.keys()
            for mine in self.signs[name]
            for theirs in other.signs[name]
        ]
        yes, no = told.count(Same.YES), told.count(Same.NO)
        if not yes and not no:
            return Same.UNKNOWN
        if yes >= OUTVOTED * no:
            return Same.YES
        return Same.NO if no >= OUTVOTED * yes else Same.MIXED


def identity_of(fields: Iterable[CheckedField]) -> Identity:
    """What the fields of a page say about whose it is."""
    found: dict[str, list[Sign]] = {}
    for one in fields:
        if one.field_id == NAME or one.field_id in NUMBERS:
            texts = _texts(one)
            if texts:
                confidence = max([one.confidence, *(r.confidence for r in one.readings)])
                found[one.field_id] = [Sign(texts, confidence)]
    return Identity(found)


def _texts(read: CheckedField) -> tuple[str, ...]:
    values = [read.value.text] if read.value.state is FieldState.VALUE else []
    values += [r.text for r in read.readings if r.text]
    folded = (_folded(read.field_id, text) for text in values)
    return tuple(dict.fromkeys(text for text in folded if len(text) >= LEAST_SIGNS))


def _folded(field_id: str, text: str) -> str:
    if field_id == NAME:
        return " ".join(words_of_name(text))
    return "".join(sign for sign in without_diacritics(text).lower() if sign.isalnum())


def _compare(name: str, one: Sign, other: Sign) -> Same:
    likeness = max(_likeness(a, b) for a in one.texts for b in other.texts)
    alike, apart = (ALIKE, APART) if name == NAME else (NUMBER_ALIKE, NUMBER_APART)
    if likeness >= alike:
        return Same.YES
    if likeness < apart and min(one.confidence, other.confidence) >= SURE:
        return Same.NO
    return Same.UNKNOWN


def _likeness(one: str, other: str) -> float:
    """1 less the edits from one to the other (Levenshtein 1966) by the longer's length."""
    row = list(range(len(other) + 1))
    for place, sign in enumerate(one, 1):
        before, row[0] = row[0], place
        for at, there in enumerate(other, 1):
            before, row[at] = row[at], min(row[at] + 1, row[at - 1] + 1, before + (sign != there))
    return 1 - row[-1] / max(len(one), len(other), 1)
