"""The form as a FHIR Questionnaire, and the complete answers to it, word for word."""

from __future__ import annotations

from collections.abc import Callable

from formscan.emr.answers import answers, item_type
from formscan.emr.naming import (
    CORE_EXTENSION,
    UCUM,
    Json,
    Names,
    ascii_name,
    choice_system,
    coding,
    extension,
    identifier,
    questionnaire_url,
    system,
)
from formscan.model.reading import FieldState
from formscan.model.record import EmrEntry
from formscan.model.template import FieldSpec, FormTemplate, ValueType


def to_questionnaire(template: FormTemplate) -> Json:
    """A form's definition.

    Args:
        template: The form; sections become groups, fields items whose ``linkId`` is the field's id.

    Returns:
        A FHIR R4 Questionnaire with canonical URL ``urn:formscan:Questionnaire:<id>`` and the form's version.
    """
    return {
        "resourceType": "Questionnaire",
        "meta": {"tag": [coding(system("form-version"), f"{template.id}/{template.version}")]},
        "url": questionnaire_url(template),
        "version": template.version,
        "name": ascii_name(template.id),
        "title": template.title_vi,
        "status": "active",
        "subjectType": ["Patient"],
        "description": f"{template.title_en}. {template.code}. {template.edition}. {template.source}",
        "code": [coding("urn:formscan:form-code", template.code.replace(" ", ""), template.title_vi)],
        "item": _grouped(template, lambda field: _item(template, field), {"type": "group"}),
    }


def response(entry: EmrEntry, template: FormTemplate, names: Names, reviewer: Json) -> Json:
    """All answers of an entry.

    Fields that hold no value keep their item with the extension ``field-state`` and no answer: blank is not
    "no". Fields of pages that were not in the document have no item.
    """
    released = {field.field_id: field for field in entry.fields}

    def item(field: FieldSpec) -> Json | None:
        found = released.get(field.id)
        if found is None:
            return None
        made: Json = {"id": field.id, "linkId": field.id, "text": field.label_vi}
        if found.value.state is not FieldState.VALUE:
            return made | {"extension": [extension("field-state", "Code", found.value.state.value)]}
        return made | {"answer": answers(template, field, found.value)}

    made: Json = {
        "resourceType": "QuestionnaireResponse",
        "meta": {"tag": [coding(system("entry-version"), names.versioned)]},
        "identifier": identifier("entry-version", names.versioned),
        "questionnaire": f"{questionnaire_url(template)}|{template.version}",
        "status": "completed" if entry.version == 1 else "amended",
        "subject": names.reference("Patient"),
        "encounter": names.reference("Encounter"),
        "authored": entry.released_at.isoformat(timespec="seconds"),
        "author": reviewer,
        "item": _grouped(template, item, {}),
    }
    if entry.form_digest:
        made["extension"] = [extension("form-digest", "String", entry.form_digest)]
    return made


def _grouped(template: FormTemplate, make: Callable[[FieldSpec], Json | None], group: Json) -> list[Json]:
    """Items in the order of the form, those of one section in a group."""
    labels = {section.id: section.label_vi for section in template.sections}
    top: list[Json] = []
    groups: dict[str, Json] = {}
    for field in template.fields:
        made = make(field)
        if made is None:
            continue
        if field.section not in labels:
            top.append(made)
            continue
        if field.section not in groups:
            group_of_it = {"linkId": f"section:{field.section}", "text": labels[field.section]}
            groups[field.section] = group_of_it | group | {"item": []}
            top.append(groups[field.section])
        groups[field.section]["item"].append(made)
    return top


def _item(template: FormTemplate, field: FieldSpec) -> Json:
    made: Json = {
        "linkId": field.id,
        "text": field.label_vi,
        "type": item_type(field),
        "required": field.required,
    }
    if field.multiple or field.type is ValueType.ICD10:
        made["repeats"] = True
    if field.fhir and field.fhir.code and field.fhir.system and field.fhir.target == "Observation":
        made["code"] = [coding(field.fhir.system, field.fhir.code, field.label_en or None)]
    if field.unit and made["type"] in ("integer", "decimal"):
        unit = {"display": field.unit}
        if field.fhir and field.fhir.unit:
            unit |= {"system": UCUM, "code": field.fhir.unit}
        made["extension"] = [{"url": f"{CORE_EXTENSION}/questionnaire-unit", "valueCoding": unit}]
    if field.type is ValueType.CHOICE:
        answers_of = choice_system(template, field)
        made["answerOption"] = [
            {"valueCoding": coding(answers_of, choice.value, choice.label_vi)} for choice in field.choices
        ]
    return made
