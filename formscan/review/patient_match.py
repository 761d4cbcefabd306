"""Who in the index may be meant, the likeliest first, each with the reasons; a person decides, never this.

The weights are logarithms (base 2) of how much more often two records of one person agree in something than
two of different people, the way of Fellegi and Sunter, "A Theory for Record Linkage", JASA 64 (1969). The
shares behind them are estimates, not measured on a hospital's index; ``WEIGHTS`` is the place to put
measured ones.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from formscan.model.patient import (
    Identifier,
    IdentifierKind,
    Patient,
    PatientQuery,
    birth_of,
    words_of_name,
)
from formscan.model.reading import FieldState
from formscan.model.record import EmrEntry

WEIGHTS: Final[Mapping[str, float]] = {
    "citizen_id.same": 18.0,  # 0.95 of one person's records against 1 in 300,000 by a typing error
    "insurance.same": 16.0,  # cards are lent within families now and then
    "passport.same": 16.0,
    "hospital.same": 14.0,  # codes are given again after years
    "other.same": 8.0,
    "citizen_id.former": 14.0,  # the number matches one that ended
    "insurance.former": 13.0,
    "passport.former": 13.0,
    "hospital.former": 10.0,
    "other.former": 5.0,
    "citizen_id.other": -5.0,  # both have one and they differ: re-issued (9 to 12 digits) or another person
    "insurance.other": -2.0,
    "name.same": 9.0,  # 0.9 against 1 in 550: Vietnamese names are few
    "name.toneless": 7.5,
    "name.order": 6.0,  # the same words in another order
    "name.begun": 4.0,  # the last word is not typed out
    "name.part": 2.5,  # the given name and one more word
    "name.other": -5.0,
    "birth.same": 13.0,  # 0.95 against 1 in 9,000 days of a mixed ward
    "birth.swapped": 7.0,  # day and month the other way round
    "birth.month": 8.0,
    "birth.year": 5.0,
    "birth.near": 1.0,  # a year off: age was written instead
    "birth.other": -7.0,
    "sex.same": 0.9,
    "sex.other": -5.0,
}
"""Bits by reason; a reason's code is stable, the window has the words."""
IDENTIFIER_FIELDS: Final[Mapping[str, IdentifierKind]] = {
    "patient.citizen_id": IdentifierKind.CITIZEN_ID,
    "insurance.number": IdentifierKind.INSURANCE,
    "patient.code": IdentifierKind.HOSPITAL,
    "record.medical_code": IdentifierKind.HOSPITAL,
}
"""Fields of the forms that hold a number of the patient."""
LEAST: Final = 2.0
"""Candidates below this are not shown: there is hardly a reason for them."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that speaks for or against a candidate."""

    code: str
    weight: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who may be meant.

    Attributes:
        score: Sum of the weights of the reasons, in bits.
        reasons: The weightiest first.
    """

    patient: Patient
    score: float
    reasons: tuple[Reason, ...]


def ranked(query: PatientQuery, patients: Iterable[Patient]) -> tuple[Candidate, ...]:
    """The candidates worth a look, the likeliest first; equal ones in the order of their ids."""
    found = [_candidate(query, patient) for patient in patients]
    worth = [one for one in found if one.score >= LEAST]
    return tuple(sorted(worth, key=lambda one: (-one.score, one.patient.id)))


def query_of(entry: EmrEntry) -> PatientQuery:
    """What a released entry says about its patient."""
    texts = {f.field_id: f.value for f in entry.fields if f.value.state is FieldState.VALUE}

    def said(field_id: str) -> str:
        return texts[field_id].text if field_id in texts else ""

    birth = texts.get("patient.birth_date")
    identifiers = tuple(
        Identifier(kind, said(field_id), source=entry.id)
        for field_id, kind in IDENTIFIER_FIELDS.items()
        if said(field_id)
    )
    sex = texts["patient.sex"].text if "patient.sex" in texts else ""
    return PatientQuery(
        said("patient.name"),
        birth_of(birth.normalised or birth.text) if birth is not None else "",
        sex if sex in {"male", "female"} else "",
        identifiers,
    )


def _candidate(query: PatientQuery, patient: Patient) -> Candidate:
    codes = [*_identifiers(query.identifiers, patient.identifiers)]
    codes += [
        _name(query.name, patient.name),
        _birth(query.birth, patient.birth),
        _sex(query.sex, patient.sex),
    ]
    reasons = sorted((Reason(code, WEIGHTS[code]) for code in codes if code), key=lambda r: -abs(r.weight))
    return Candidate(patient, round(sum(reason.weight for reason in reasons), 3), tuple(reasons))


def _identifiers(asked: tuple[Identifier, ...], known: tuple[Identifier, ...]) -> Iterable[str]:
    """One reason a kind: the best match, else that they differ."""
    for kind in IdentifierKind:
        wanted = {one.key for one in asked if one.kind is kind and one.key}
        there = [one for one in known if one.kind is kind and one.key]
        if not wanted or not there:
            continue
        hits = [one for one in there if one.key in wanted]
        if any(not one.until for one in hits):
            yield f"{kind}.same"
        elif hits:
            yield f"{kind}.former"
        elif f"{kind}.other" in WEIGHTS:
            yield f"{kind}.other"


def _name(asked: str, known: str) -> str:
    wanted, there = words_of_name(asked), words_of_name(known)
    if not wanted or not there:
        return ""
    if _with_tones(asked) == _with_tones(known):
        return "name.same"
    if wanted == there:
        return "name.toneless"
    if sorted(wanted) == sorted(there):
        return "name.order"
    if len(wanted) == len(there) and wanted[:-1] == there[:-1] and there[-1].startswith(wanted[-1]):
        return "name.begun"
    common = set(wanted) & set(there)
    if (wanted[-1] in common and len(common) > 1) or common == set(wanted):
        return "name.part"
    return "name.other"


def _with_tones(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


def _birth(asked: str, known: str) -> str:
    one, other = asked.split("-"), known.split("-")
    if not asked or not known:
        return ""
    shared = min(len(one), len(other))
    if one[:shared] == other[:shared]:
        return ("birth.year", "birth.month", "birth.same")[shared - 1]
    if shared == 3 and one[0] == other[0] and one[1:] == other[:0:-1]:
        return "birth.swapped"
    near = abs(int(one[0]) - int(other[0])) == 1 and one[1:shared] == other[1:shared]
    return "birth.near" if near else "birth.other"


def _sex(asked: str, known: str) -> str:
    if not asked or not known:
        return ""
    return "sex.same" if asked == known else "sex.other"
