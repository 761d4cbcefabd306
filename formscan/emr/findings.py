"""Vital signs, other observations and diagnoses, as far as the form sends fields to them.

Each is identified by entry and field over all versions, so that a correction replaces what an earlier version
gave out; a value that is no longer there is withdrawn (*entered in error*).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from formscan.emr.answers import UNKNOWN, fhir_number, original_text
from formscan.emr.naming import HL7, ICD10, LOINC, UCUM, Json, Names, coding, concept, identifier
from formscan.emr.roles import Roles, Told
from formscan.model.reading import FieldState
from formscan.model.template import ValueType

SYSTOLIC: Final = ("8480-6", "Systolic blood pressure")
DIASTOLIC: Final = ("8462-4", "Diastolic blood pressure")
PRESSURE: Final = ("85354-9", "Blood pressure panel with all children optional")
VITAL_CODES: Final = frozenset(
    {"8867-4", "8310-5", "9279-1", "29463-7", "8302-2", "2708-6", "59408-5", "39156-5", "9843-4", PRESSURE[0]}
)
"""LOINC codes of the category vital signs."""
DIAGNOSIS_ROLE: Final = f"{HL7}/diagnosis-role"
_NUMBERS: Final = frozenset({ValueType.INTEGER, ValueType.DECIMAL})


@dataclass(frozen=True, slots=True)
class Finding:
    """One resource made of fields.

    Attributes:
        key: Unique within entry and kind; part of its identifier.
        fields: Ids of the fields it was made of.
        resource: Observation or Condition.
        use: Role of a diagnosis in the stay, ``None`` where the form does not say.
    """

    key: str
    fields: tuple[str, ...]
    resource: Json
    use: Json | None = None


def observations(roles: Roles, names: Names) -> Iterator[Finding]:
    """An Observation of every field the form sends to one; a blank field makes none."""
    for told in roles.told():
        code = _observation_code(told)
        held = told.value.state is FieldState.VALUE
        if code is None or not (held or _withdrawn(told, names)):
            continue
        vital = code["coding"][0]["code"] in VITAL_CODES
        made: Json = {
            "resourceType": "Observation",
            "identifier": [identifier("entry-field", f"{names.entry_id}/{told.field.id}")],
            "status": _status(names, held=held),
            "category": [concept(f"{HL7}/observation-category", "vital-signs" if vital else "exam")],
            "code": code | {"text": told.field.label_vi},
            "subject": names.reference("Patient"),
            "encounter": names.reference("Encounter"),
            "_effectiveDateTime": {"extension": [UNKNOWN]},
            "derivedFrom": [names.reference("QuestionnaireResponse")],
        }
        yield Finding(told.field.id, (told.field.id,), made | _observed(told))


def diagnoses(roles: Roles, names: Names) -> Iterator[Finding]:
    """A Condition of every diagnosis: the written words and the code beside them make one."""
    pairs: dict[str, list[Told]] = {}
    for told in roles.told():
        if _is_diagnosis(told):
            pairs.setdefault(_stem(told.field.id), []).append(told)
    for stem, both in pairs.items():
        held = [told for told in both if told.value.state is FieldState.VALUE]
        if held:
            yield from _held(stem, held, names)
        elif any(_withdrawn(told, names) for told in both):
            label = {"text": both[0].field.label_vi}
            wrong = {"verificationStatus": concept(f"{HL7}/condition-ver-status", "entered-in-error")}
            fields = tuple(told.field.id for told in both)
            yield Finding(stem, fields, _condition(both[0], names, stem, label) | wrong)


def _held(stem: str, held: list[Told], names: Names) -> Iterator[Finding]:
    codes = [
        code
        for told in held
        if told.field.type is ValueType.ICD10
        for code in told.value.normalised.split(";")
    ]
    words = [told.value.text for told in held if told.field.type is not ValueType.ICD10]
    text = {"text": (words or [told.value.text for told in held])[0]}
    use = next((told.field.fhir for told in held if told.field.fhir), None)
    for place, code in enumerate(codes or [""], 1):
        key = stem if place == 1 else f"{stem}.{place}"
        concept_of_it = ({"coding": [coding(ICD10, code)]} if code else {}) | text
        role = (
            concept(DIAGNOSIS_ROLE, use.code) if use and use.code and use.system == DIAGNOSIS_ROLE else None
        )
        fields = tuple(told.field.id for told in held)
        yield Finding(key, fields, _condition(held[0], names, key, concept_of_it), role)


def _condition(told: Told, names: Names, key: str, code: Json) -> Json:
    return {
        "resourceType": "Condition",
        "identifier": [identifier("entry-field", f"{names.entry_id}/{key}")],
        "category": [
            concept(f"{HL7}/condition-category", "encounter-diagnosis", "Encounter Diagnosis")
            | {"text": told.field.label_vi}
        ],
        "code": code,
        "subject": names.reference("Patient"),
        "encounter": names.reference("Encounter"),
        "evidence": [{"detail": [names.reference("QuestionnaireResponse")]}],
    }


def _stem(field_id: str) -> str:
    return field_id.removesuffix(".code").removesuffix(".text")


def _is_diagnosis(told: Told) -> bool:
    if told.field.fhir:
        return told.field.fhir.target == "Condition"
    return told.field.type is ValueType.ICD10


def _observation_code(told: Told) -> Json | None:
    fhir = told.field.fhir
    if fhir is None or fhir.target != "Observation" or not fhir.code:
        return None
    display = PRESSURE[1] if fhir.code == PRESSURE[0] else None
    return concept(fhir.system or LOINC, fhir.code, display)


def _observed(told: Told) -> Json:
    """The value of an Observation, or why there is none; the words of the paper with it."""
    if told.value.state is not FieldState.VALUE:
        return {"dataAbsentReason": concept(f"{HL7}/data-absent-reason", "unknown")}
    words = {"extension": [original_text(told.value.text)]}
    if told.field.type is ValueType.BLOOD_PRESSURE and told.value.normalised:
        high, _, low = told.value.normalised.partition("/")
        return words | {"component": [_component(SYSTOLIC, high), _component(DIASTOLIC, low)]}
    if told.field.type is ValueType.BOOLEAN and told.value.normalised:
        return words | {"valueBoolean": told.value.normalised == "true"}
    if told.field.type in _NUMBERS | {ValueType.BLOOD_PRESSURE, ValueType.BOOLEAN}:
        number = fhir_number(told.value.normalised)
        if number is None:
            return words | {"dataAbsentReason": concept(f"{HL7}/data-absent-reason", "as-text")}
        return words | {"valueQuantity": _quantity(told, number)}
    return {"valueString": told.value.text}


def _component(code: tuple[str, str], number: str) -> Json:
    made: Json = {"code": concept(LOINC, *code)}
    if not number:
        return made | {"dataAbsentReason": concept(f"{HL7}/data-absent-reason", "unknown")}
    return made | {"valueQuantity": {"value": int(number), "unit": "mmHg", "system": UCUM, "code": "mm[Hg]"}}


def _quantity(told: Told, number: int | float) -> Json:
    code = told.field.fhir.unit if told.field.fhir else None
    made: Json = {"value": number}
    if told.field.unit or code:
        made["unit"] = told.field.unit or code
    return made | ({"system": UCUM, "code": code} if code else {})


def _withdrawn(told: Told, names: Names) -> bool:
    """An earlier version may have given out a value that is no longer there."""
    return (
        names.version > 1
        and told.value.state is not FieldState.VALUE
        and any(
            before.state is FieldState.VALUE
            for decision in told.entry.history
            for before in (decision.before, decision.value)
        )
    )


def _status(names: Names, *, held: bool) -> str:
    if not held:
        return "entered-in-error"
    return "final" if names.version == 1 else "amended"
