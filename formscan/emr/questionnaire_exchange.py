"""A form given out as a FHIR R4 Questionnaire and taken back with what was changed in it.

Besides what ``to_questionnaire`` says, the exchanged one carries English words (extension ``translation``)
and the whole ``form.toml`` (extension ``form-file``), so that another hospital has the paper too. What is
taken back are words, answers' words and codes, units, codes of findings and what is required; places on
paper are not changed by it, and what would need another place is refused.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from formscan.emr.answers import item_type
from formscan.emr.naming import CORE_EXTENSION, UCUM, Json, extension, printable
from formscan.emr.questionnaire import to_questionnaire
from formscan.errors import InputError
from formscan.model.template import Choice, FhirItem, FieldSpec, FormTemplate, Section, ValueType

TRANSLATION: Final = f"{CORE_EXTENSION}/translation"
_UNIT: Final = f"{CORE_EXTENSION}/questionnaire-unit"
_FILE: Final = "urn:formscan:extension:form-file"
_CODE: Final = "urn:formscan:extension:answer-code"
_SECTION: Final = "section:"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing a Questionnaire says otherwise than the form.

    Attributes:
        link_id: Of the item; empty for the form itself.
        what: ``label_vi``, ``label_en``, ``required``, ``multiple``, ``unit``, ``fhir``, ``choices``.
    """

    link_id: str
    what: str
    before: str
    after: str


def exchanged(template: FormTemplate, form_file: str) -> Json:
    """A form as a Questionnaire for others.

    Args:
        template: The form.
        form_file: Text of its ``form.toml``.
    """
    made = to_questionnaire(template)
    made["_title"] = _translated(template.title_en)
    data = base64.b64encode(form_file.encode("utf-8")).decode("ascii")
    made["extension"] = [extension("form-file", "Base64Binary", data)]
    sections = {section.id: section for section in template.sections}
    for item in _items(made):
        link = str(item["linkId"])
        if link.startswith(_SECTION):
            item["_text"] = _translated(sections[link.removeprefix(_SECTION)].label_en)
            continue
        field = template.field(link)
        item["_text"] = _translated(field.label_en)
        for option, choice in zip(item.get("answerOption", []), field.choices, strict=True):
            option["valueCoding"]["_display"] = _translated(choice.label_en)
            if choice.code:
                option["valueCoding"]["extension"] = [extension("answer-code", "Code", choice.code)]
    return dict(printable(made))


def form_file_of(document: Json) -> str | None:
    """The ``form.toml`` a Questionnaire carries.

    Raises:
        InputError: ``questionnaire.form_file`` if it is spoilt.
    """
    data = _extension(document, _FILE, "valueBase64Binary")
    if data is None:
        return None
    try:
        return base64.b64decode(str(data), validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise InputError("questionnaire.form_file") from error


def taken_back(document: Json, template: FormTemplate) -> tuple[FormTemplate, list[Change]]:
    """The form with what a Questionnaire says otherwise, and what that is.

    Args:
        document: A FHIR R4 Questionnaire; items that are missing stay as they are on the form.
        template: The form on whose paper it is filled.

    Raises:
        InputError: ``questionnaire.none`` if it is no Questionnaire; ``questionnaire.items`` if it has items
            the paper has no place for; ``questionnaire.type`` if an item asks for another type of answer;
            ``questionnaire.answers`` if it has answers the paper has no box for. Facts name the items.
    """
    if document.get("resourceType") != "Questionnaire":
        raise InputError("questionnaire.none")
    items = {str(item.get("linkId", "")): item for item in _items(document)}
    known = {field.id for field in template.fields} | {f"{_SECTION}{s.id}" for s in template.sections}
    strange = sorted(set(items) - known)
    if strange:
        raise InputError("questionnaire.items", items=", ".join(strange[:10]), count=len(strange))
    title_vi, title_en = str(document.get("title") or template.title_vi), _english(document, "_title")
    form = replace(
        template,
        title_vi=title_vi,
        title_en=title_en or template.title_en,
        sections=tuple(_section(items.get(f"{_SECTION}{s.id}"), s) for s in template.sections),
        fields=tuple(_field(items.get(field.id), field) for field in template.fields),
    )
    return form, list(_changes(template, form))


def _section(item: Json | None, section: Section) -> Section:
    if item is None:
        return section
    english = _english(item, "_text") or section.label_en
    return replace(section, label_vi=str(item.get("text") or section.label_vi), label_en=english)


def _field(item: Json | None, field: FieldSpec) -> FieldSpec:
    if item is None:
        return field
    if item.get("type") != item_type(field):
        raise InputError(
            "questionnaire.type", item=field.id, asks=item.get("type", ""), paper=item_type(field)
        )
    multiple = bool(item.get("repeats", False)) if field.type is ValueType.CHOICE else field.multiple
    return replace(
        field,
        label_vi=str(item.get("text") or field.label_vi),
        label_en=_english(item, "_text") or field.label_en,
        required=bool(item.get("required", False)),
        multiple=multiple,
        choices=_choices(item, field),
        fhir=_finding(item, field),
        unit=_unit(item, field),
    )


def _choices(item: Json, field: FieldSpec) -> tuple[Choice, ...]:
    if field.type is not ValueType.CHOICE or "answerOption" not in item:
        return field.choices
    told = {str(one["valueCoding"].get("code", "")): one["valueCoding"] for one in item["answerOption"]}
    if set(told) != {choice.value for choice in field.choices}:
        raise InputError("questionnaire.answers", item=field.id)
    found = []
    for choice in field.choices:
        one = told[choice.value]
        code = _extension(one, _CODE, "valueCode")
        found.append(
            Choice(
                choice.value,
                str(one.get("display") or choice.label_vi),
                _english(one, "_display") or choice.label_en,
                choice.code if code is None else str(code),
            )
        )
    return tuple(found)


def _finding(item: Json, field: FieldSpec) -> FhirItem | None:
    """Code of the finding; other targets are not said in a Questionnaire and stay."""
    if not item.get("code") or (field.fhir and field.fhir.target != "Observation"):
        return field.fhir
    code, before = item["code"][0], field.fhir or FhirItem("Observation")
    told = replace(before, code=str(code.get("code", "")), system=str(code.get("system", "")))
    unit = _extension(item, _UNIT, "valueCoding")
    if isinstance(unit, dict) and unit.get("system") == UCUM:
        told = replace(told, unit=str(unit.get("code", "")))
    return told


def _unit(item: Json, field: FieldSpec) -> str | None:
    told = _extension(item, _UNIT, "valueCoding")
    return str(told.get("display") or field.unit) if isinstance(told, dict) else field.unit


def _changes(before: FormTemplate, after: FormTemplate) -> Iterator[Change]:
    for what in ("title_vi", "title_en"):
        yield from _change("", what, before, after)
    for old, new in zip(before.sections, after.sections, strict=True):
        for what in ("label_vi", "label_en"):
            yield from _change(f"{_SECTION}{old.id}", what, old, new)
    for old_field, new_field in zip(before.fields, after.fields, strict=True):
        for what in ("label_vi", "label_en", "required", "multiple", "unit", "fhir", "choices"):
            yield from _change(old_field.id, what, old_field, new_field)


def _change(link_id: str, what: str, before: object, after: object) -> Iterator[Change]:
    old, new = getattr(before, what), getattr(after, what)
    if old != new:
        yield Change(link_id, what, str(old), str(new))


def _items(document: Json) -> Iterator[Json]:
    """All items, groups before what is in them."""
    for item in document.get("item", []):
        yield item
        yield from _items(item)


def _translated(english: str) -> Json:
    parts = [{"url": "lang", "valueCode": "en"}, {"url": "content", "valueString": english}]
    return {"extension": [{"url": TRANSLATION, "extension": parts}]}


def _english(element: Json, name: str) -> str | None:
    """The English words beside a string of an element."""
    for one in element.get(name, {}).get("extension", []):
        parts = {part.get("url"): part for part in one.get("extension", [])}
        if one.get("url") == TRANSLATION and parts.get("lang", {}).get("valueCode") == "en":
            return str(parts.get("content", {}).get("valueString", "")) or None
    return None


def _extension(element: Json, url: str, value: str) -> Any:
    found = (one.get(value) for one in element.get("extension", []) if one.get("url") == url)
    return next(found, None)
