"""Patient and stay, as far as the form has them."""

from __future__ import annotations

from typing import Final

from formscan.emr.answers import fhir_date, fhir_moment, fhir_number
from formscan.emr.naming import HL7, UCUM, VN_SID, Json, Names, coding, extension, identifier
from formscan.emr.roles import Roles, Told, gender
from formscan.model.template import ValueType

_KEYS: Final = ("patient-internal-id", "national_id", "passport_number", "citizen_id", "insurance_number")
"""Identifiers of a patient, the one to find them by first."""
_CLASSES: Final = (("ngoại trú", "AMB", "ambulatory"), ("cấp cứu", "EMER", "emergency"))
"""Words in the title of a form that say what kind of stay it is; inpatient otherwise (HL7 v3 ActCode)."""


def patient_identifiers(roles: Roles, names: Names) -> list[Json]:
    """Numbers of the patient as written on the paper; one derived from the entry where there is none."""
    found = [made for told in roles.values() if (made := _patient_identifier(told)) is not None]
    rank = {f"{VN_SID}/{name}": place for place, name in enumerate(_KEYS)}
    found.sort(key=lambda made: rank.get(str(made["system"]), len(rank)))
    return found or [identifier("patient-of-entry", names.entry_id)]


def patient(roles: Roles, names: Names) -> Json:
    """The patient as the paper says; one of whom nothing is known can be stored too."""
    made: Json = {"resourceType": "Patient", "identifier": patient_identifiers(roles, names)}
    name = roles.one("Patient.name")
    if name:
        made["name"] = [{"use": "official", "text": name.value.text.strip()}]
    made["gender"] = gender(roles.one("Patient.gender"))
    born = fhir_date(roles.normalised("Patient.birthDate"))
    died = fhir_moment(roles.normalised("Patient.deceasedDateTime"))
    optional = {
        "birthDate": born,
        "deceasedDateTime": died,
        "telecom": _phones(roles.under("patient.", ValueType.PHONE)),
        "address": _address(roles),
        "contact": _contact(roles),
    }
    return made | {key: value for key, value in optional.items() if value}


def encounter(roles: Roles, names: Names, custodian: bool, diagnoses: list[Json]) -> Json:
    """The stay or visit.

    Args:
        roles: The entry.
        names: Identifiers.
        custodian: Whether the bundle has the organisation.
        diagnoses: ``Encounter.diagnosis``: references to Conditions of the bundle.
    """
    title = roles.template.title_vi.casefold()
    kind = next(
        ((code, display) for word, code, display in _CLASSES if word in title), ("IMP", "inpatient encounter")
    )
    start = fhir_moment(roles.normalised("Encounter.period.start"))
    end = fhir_moment(roles.normalised("Encounter.period.end"))
    made: Json = {
        "resourceType": "Encounter",
        "identifier": [identifier("encounter-of-entry", names.entry_id), *_paper_numbers(roles)],
        "status": "finished" if end else "unknown",
        "class": coding(f"{HL7}/v3-ActCode", *kind),
        "type": [{"text": roles.template.title_vi}],
        "subject": names.reference("Patient"),
        "period": _period(start, end),
        "reasonCode": [{"text": told.value.text} for told in roles.all("Encounter.reasonCode")],
        "length": _days(roles),
        "hospitalization": _leaving(roles),
        "diagnosis": diagnoses,
        "serviceProvider": names.reference("Organization") if custodian else None,
    }
    return {key: value for key, value in made.items() if value}


def _patient_identifier(told: Told) -> Json | None:
    target = told.field.fhir.target if told.field.fhir else ""
    number = told.value.normalised.strip()
    if not number or not (
        target == "Patient.identifier" or told.field.id.startswith(("patient.", "insurance."))
    ):
        return None
    if told.field.type is ValueType.CITIZEN_ID:
        return {"system": f"{VN_SID}/{_citizen_kind(number)}", "value": number}
    if told.field.type is ValueType.INSURANCE_NUMBER:
        return {"system": f"{VN_SID}/insurance_number", "value": number}
    if target != "Patient.identifier":
        return None
    own = told.field.fhir.system if told.field.fhir else None
    return {"system": own or f"{VN_SID}/patient-internal-id", "value": " ".join(number.split())}


def _citizen_kind(number: str) -> str:
    if not number.isdecimal():
        return "passport_number"
    return "national_id" if len(number) == 12 else "citizen_id"


def _phones(told: list[Told]) -> list[Json]:
    numbers = [number for one in told for number in one.value.normalised.split(";") if number]
    return [{"system": "phone", "value": number} for number in numbers]


def _address(roles: Roles) -> list[Json]:
    parts = [
        told for told in roles.under("patient.address", ValueType.TEXT) if not told.field.id.endswith("_code")
    ]
    if not parts:
        return []
    made: Json = {"use": "home", "text": ", ".join(told.value.text.strip() for told in parts)}
    for told in parts:
        element = told.field.fhir.target.rpartition(".")[2] if told.field.fhir else ""
        if element == "line":
            made.setdefault("line", []).append(told.value.text.strip())
        elif element in ("city", "district", "state"):
            made[element] = told.value.text.strip()
    return [made]


def _contact(roles: Roles) -> list[Json]:
    names = roles.all("Patient.contact.name")
    phones = _phones(
        [told for told in roles.all("Patient.contact.telecom") if told.field.type is ValueType.PHONE]
    )
    made: Json = {"name": {"text": names[0].value.text}} if names else {}
    if phones:
        made["telecom"] = phones
    return [made] if made else []


def _paper_numbers(roles: Roles) -> list[Json]:
    """Numbers of the stay on the paper; they have no system, because they are unique in no known one."""
    return [
        {"type": {"text": told.field.label_vi}, "value": " ".join(told.value.text.split())}
        for told in roles.all("Encounter.identifier")
    ]


def _days(roles: Roles) -> Json | None:
    days = fhir_number(roles.normalised("Encounter.length"))
    return None if days is None else {"value": days, "unit": "d", "system": UCUM, "code": "d"}


def _leaving(roles: Roles) -> Json | None:
    told = roles.one("Encounter.hospitalization.dischargeDisposition")
    if told is None:
        return None
    marked = {part.strip() for part in told.value.text.split(";")}
    labels = [choice.label_vi for choice in told.field.choices if choice.value in marked]
    return {"dischargeDisposition": {"text": ", ".join(labels) or told.value.text}}


def _period(start: str | None, end: str | None) -> Json:
    """A period FHIR accepts; none where the paper has the end before the start (the answers still say so)."""
    if start and end:
        shortest = min(len(start), len(end))
        if end[:shortest] < start[:shortest]:
            return {"extension": [extension("period-contradicts", "Boolean", value=True)]}
    return {name: moment for name, moment in (("start", start), ("end", end)) if moment}
