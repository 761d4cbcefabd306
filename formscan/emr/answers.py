"""One value of a field as a FHIR answer; what has no machine form keeps its words and says so.

Every answer carries the text as written in the extension ``originalText``. A partial date stays partial. A
moment whose minutes were not written has only a date (FHIR has nothing in between), never invented minutes.
"""

from __future__ import annotations

import re
from typing import Final

from formscan.emr.naming import CORE_EXTENSION, Json, catalogue_system, choice_system, coding
from formscan.model.reading import FieldState, FieldValue
from formscan.model.template import FieldSpec, FormTemplate, ValueType

ZONE: Final = "+07:00"
"""Viet Nam has one time zone and no summer time."""
AS_TEXT: Final = {"url": f"{CORE_EXTENSION}/data-absent-reason", "valueCode": "as-text"}
UNKNOWN: Final = {"url": f"{CORE_EXTENSION}/data-absent-reason", "valueCode": "unknown"}

_MOMENT: Final = re.compile(r"(\d{4}(?:-\d\d(?:-\d\d)?)?)(?:T(\d\d)(?::(\d\d))?)?")
_CLOCK: Final = re.compile(r"(\d\d):(\d\d)")

ITEM_TYPES: Final = {
    ValueType.TEXT: "text",
    ValueType.PERSON_NAME: "string",
    ValueType.DATE: "date",
    ValueType.TIME: "time",
    ValueType.DATETIME: "dateTime",
    ValueType.INTEGER: "integer",
    ValueType.DECIMAL: "decimal",
    ValueType.BLOOD_PRESSURE: "string",
    ValueType.CITIZEN_ID: "string",
    ValueType.INSURANCE_NUMBER: "string",
    ValueType.ICD10: "open-choice",
    ValueType.PHONE: "string",
    ValueType.CATALOGUE: "open-choice",
    ValueType.CHOICE: "choice",
    ValueType.BOOLEAN: "boolean",
    ValueType.PRESENCE: "boolean",
}
"""Type of the Questionnaire's item by type of the value."""


def item_type(field: FieldSpec) -> str:
    """Type of the Questionnaire's item of a field."""
    return "open-choice" if field.type is ValueType.TEXT and field.catalogue else ITEM_TYPES[field.type]


def fhir_date(normalised: str) -> str | None:
    """A FHIR ``date`` of the same precision, ``None`` where it is no date."""
    found = _MOMENT.fullmatch(normalised)
    return found[1] if found else None


def fhir_moment(normalised: str) -> str | None:
    """A FHIR ``dateTime``: with seconds (zero) and zone where hour and minute were written, else the date."""
    found = _MOMENT.fullmatch(normalised)
    if found is None:
        return None
    date, hour, minute = found.groups()
    return f"{date}T{hour}:{minute}:00{ZONE}" if hour and minute and len(date) == 10 else date


def fhir_time(normalised: str) -> str | None:
    """A FHIR ``time`` with seconds (zero), ``None`` where no minute was written."""
    return f"{normalised}:00" if _CLOCK.fullmatch(normalised) else None


def fhir_number(normalised: str) -> int | float | None:
    """A JSON number; zeros at the end of decimals are only in the text as written."""
    try:
        return float(normalised) if "." in normalised else int(normalised)
    except ValueError:
        return None


def original_text(text: str) -> Json:
    """What the paper says, word for word."""
    return {"url": f"{CORE_EXTENSION}/originalText", "valueString": text}


def answers(template: FormTemplate, field: FieldSpec, value: FieldValue) -> list[Json]:
    """The answers of a questionnaire item; empty unless there is a value.

    Args:
        template: Form of the field.
        field: The field.
        value: Its value.

    Returns:
        As a rule one answer; several for several marks or codes.
    """
    if value.state is not FieldState.VALUE:
        return []
    kind = item_type(field)
    if kind in ("choice", "open-choice"):
        return _codings(template, field, value)
    if kind in ("text", "string"):
        return [{"valueString": value.text}]
    name = f"value{kind[0].upper()}{kind[1:]}"
    told = _primitive(kind, field, value.normalised)
    words = [original_text(value.text)]
    if told is None:
        return [{f"_{name}": {"extension": [AS_TEXT, *words]}}]
    return [{name: told, f"_{name}": {"extension": words}}]


def _primitive(kind: str, field: FieldSpec, normalised: str) -> object | None:
    if kind == "boolean":
        present = field.type is ValueType.PRESENCE and normalised
        return True if present or normalised == "true" else (False if normalised == "false" else None)
    if kind in ("integer", "decimal"):
        return fhir_number(normalised)
    return {"date": fhir_date, "dateTime": fhir_moment, "time": fhir_time}[kind](normalised)


def _codings(template: FormTemplate, field: FieldSpec, value: FieldValue) -> list[Json]:
    words = {"extension": [original_text(value.text)]}
    if not value.normalised:
        if field.type is ValueType.CHOICE:
            return [{"valueCoding": words | {"display": value.text}}]
        return [{"valueString": value.text}]
    if field.type is ValueType.CHOICE:
        labels = {choice.value: choice.label_vi for choice in field.choices}
        marked = list(dict.fromkeys(part.strip() for part in value.text.split(";") if part.strip()))
        made = [coding(choice_system(template, field), code, labels.get(code)) for code in marked]
    else:
        catalogue = "icd10" if field.type is ValueType.ICD10 else field.catalogue or "text"
        made = [coding(catalogue_system(catalogue), code) for code in value.normalised.split(";")]
    return [{"valueCoding": words | one} for one in made]
