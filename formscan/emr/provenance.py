"""The scanned pages as a document, and for each value who stands behind it and where it was read."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterable
from typing import Final

from formscan import __version__
from formscan.emr.naming import (
    CORE_EXTENSION,
    HL7,
    Json,
    Names,
    coding,
    concept,
    extension,
    identifier,
    nested,
    part,
    system,
)
from formscan.model.reading import FieldState, FieldValue, Flag, Reading
from formscan.model.record import DraftPage, EmrEntry, EntryField
from formscan.model.review import Action, ReviewedField
from formscan.model.second_look import Look
from formscan.model.template import FormTemplate

PARTICIPANT: Final = f"{HL7}/provenance-participant-type"
_ACTIVITIES: Final = {
    Action.CONFIRMED: "confirmed by a person as read",
    Action.CORRECTED: "typed by a person",
    Action.STATED: "state given by a person",
    Action.GATED: "let through by the release gate, no person looked",
}


def document(
    entry: EmrEntry,
    template: FormTemplate,
    names: Names,
    images: Callable[[str], bytes] | None,
    *,
    custodian: bool,
) -> Json:
    """The pages as scanned.

    Args:
        entry: The entry.
        template: Its form.
        names: Identifiers.
        images: Gives the stored bytes of an image; ``None`` leaves the bytes out.
        custodian: Whether the bundle has the organisation.

    Returns:
        A DocumentReference with one attachment a page.
    """
    made: Json = {
        "resourceType": "DocumentReference",
        "masterIdentifier": identifier("document-version", names.versioned),
        "identifier": [identifier("document-version", names.versioned)],
        "status": "current",
        "docStatus": "final" if entry.version == 1 else "amended",
        "type": {
            "coding": [coding(system("form-code"), template.code.replace(" ", ""), template.title_vi)],
            "text": template.title_vi,
        },
        "subject": names.reference("Patient"),
        "date": entry.released_at.isoformat(timespec="seconds"),
        "authenticator": names.reference("Practitioner", entry.released_by),
        "content": [{"attachment": _attachment(page, template, images)} for page in entry.pages],
        "context": {"encounter": [names.reference("Encounter")]},
    }
    if custodian:
        made["custodian"] = names.reference("Organization")
    authors = _written_authors(entry)
    if authors:
        made["author"] = [{"type": "Practitioner", "display": name} for name in authors]
    if entry.reason:
        made["description"] = entry.reason
    if entry.version > 1:
        before = identifier("document-version", f"{entry.id}/{entry.version - 1}")
        made["relatesTo"] = [
            {"code": "replaces", "target": {"type": "DocumentReference", "identifier": before}}
        ]
    if entry.problems:
        made["extension"] = [
            nested(
                "problem",
                [part("code", "Code", problem.code)]
                + ([part("page", "Integer", problem.page)] if problem.page is not None else []),
            )
            for problem in entry.problems
        ]
    return made


def provenance(entry: EmrEntry, field: EntryField, names: Names, targets: Iterable[Json]) -> Json:
    """Who stands behind one field, what was done, and where on which page it was read.

    Args:
        entry: The entry.
        field: The field.
        names: Identifiers.
        targets: References to Observations and Conditions made of the field.

    Returns:
        A Provenance of the field's item in the QuestionnaireResponse and of these.
    """
    tag = coding(system("provenance-of"), f"{names.versioned}/{field.field_id}")
    made: Json = {
        "resourceType": "Provenance",
        "meta": {"tag": [tag]},
        "target": [_element(names.reference("QuestionnaireResponse"), field.field_id), *targets],
        "recorded": entry.released_at.isoformat(timespec="seconds"),
        "agent": _agents(entry, field, names),
        "entity": [
            {
                "role": "source",
                "what": names.reference("DocumentReference"),
                "extension": _place(field),
            }
        ],
    }
    if not field.history:
        return made
    last = field.history[-1]
    made["occurredDateTime"] = last.at.isoformat(timespec="seconds")
    made["activity"] = {
        "coding": [coding(system("action"), last.action.value)],
        "text": _ACTIVITIES[last.action],
    }
    if last.reason or last.ground:
        made["reason"] = [{"text": last.reason or last.ground}]
    return made


def practitioner(person: str, name: str | None = None) -> Json:
    """Somebody who reviewed; the id is the login name."""
    made: Json = {"resourceType": "Practitioner", "identifier": [identifier("person", person)]}
    return made | {"name": [{"text": name}]} if name else made


def device() -> Json:
    """This program in this version."""
    return {
        "resourceType": "Device",
        "identifier": [identifier("device", f"formscan-{__version__}")],
        "status": "active",
        "deviceName": [{"name": "FormScan", "type": "user-friendly-name"}],
        "version": [{"value": __version__}],
        "type": {"text": "software that reads scanned forms"},
    }


def _attachment(page: DraftPage, template: FormTemplate, images: Callable[[str], bytes] | None) -> Json:
    made: Json = {
        "contentType": page.media_type,
        "language": "vi",
        "title": f"{template.code} ({page.number}/{len(template.pages)})",
        "extension": [
            extension("page", "Integer", page.number),
            extension("image-sha256", "String", page.image_sha256),
        ],
    }
    if images is None:
        return made
    data = images(page.image_sha256)
    made["data"] = base64.b64encode(data).decode("ascii")
    made["size"] = len(data)
    made["hash"] = base64.b64encode(hashlib.sha1(data, usedforsecurity=False).digest()).decode("ascii")
    return made


def _written_authors(entry: EmrEntry) -> list[str]:
    """Names of the doctors who signed the paper, as far as they are written; these are not the reviewers."""
    names = [
        field.value.text.strip()
        for field in entry.fields
        if field.field_id.startswith("signature.")
        and field.field_id.endswith("doctor.name")
        and field.value.state is FieldState.VALUE
    ]
    return list(dict.fromkeys(name for name in names if name))


def _element(target: Json, element: str) -> Json:
    return target | {"extension": [{"url": f"{CORE_EXTENSION}/targetElement", "valueUri": element}]}


def _agents(entry: EmrEntry, field: EntryField, names: Names) -> list[Json]:
    """Who typed, who looked last, who keyed it blind or ruled, and the program that put it together."""
    typed = {one.person for one in field.history if one.action in {Action.CORRECTED, Action.STATED}}
    gated = bool(field.history) and field.history[-1].action is Action.GATED
    looked = field.history[-1].person if field.history else entry.released_by
    others = sorted({look.person for look in field.looks} - {looked})
    verifiers = [*([] if gated else [looked]), *others]
    hands = [("enterer", person) for person in sorted(typed)] + [("verifier", one) for one in verifiers]
    agents: list[Json] = [
        {"type": concept(PARTICIPANT, kind), "who": names.reference("Practitioner", person)}
        for kind, person in hands
    ]
    return [*agents, {"type": concept(PARTICIPANT, "assembler"), "who": names.reference("Device")}]


def _place(field: EntryField) -> list[Json]:
    box = " ".join(str(edge) for edge in field.page_box.as_list())
    return [
        extension("page", "Integer", field.page),
        extension("box", "String", box),
        extension("crop-sha256", "String", field.crop_sha256),
        *(_reading(reading) for reading in field.readings),
        *(_flag(found) for found in field.flags),
        *(_decision(decision) for decision in field.history),
        *(_look(look) for look in field.looks),
        *([extension("assurance", "Code", field.assurance.value)] if field.assurance.value else []),
    ]


def _reading(reading: Reading) -> Json:
    parts = [
        part("engine", "String", reading.engine),
        part("state", "Code", reading.state.value),
        part("confidence", "Decimal", round(reading.confidence, 4)),
    ]
    if reading.model:
        parts.append(part("model", "String", reading.model))
    if reading.text.strip():
        parts.append(part("text", "String", reading.text))
    return nested("reading", parts)


def _flag(found: Flag) -> Json:
    return nested("flag", [part("code", "Code", found.code), part("severity", "Code", found.severity.value)])


def _decision(decision: ReviewedField) -> Json:
    parts = [
        part("action", "Code", decision.action.value),
        part("person", "String", decision.person),
        part("at", "Instant", decision.at.isoformat(timespec="seconds")),
        part("before", "String", _told(decision.before)),
        part("after", "String", _told(decision.value)),
    ]
    told = (("reason", decision.reason), ("ground", decision.ground))
    return nested("decision", parts + [part(name, "String", text) for name, text in told if text])


def _look(look: Look) -> Json:
    """A blind second key or a ruling."""
    parts = [
        part("kind", "Code", look.kind.value),
        part("person", "String", look.person),
        part("at", "Instant", look.at.isoformat(timespec="seconds")),
        part("value", "String", _told(look.value)),
    ]
    return nested("look", parts + ([part("reason", "String", look.reason)] if look.reason else []))


def _told(value: FieldValue) -> str:
    """State, and the text where there is one: ``blank``, ``value: 12/03/1957``."""
    return f"{value.state.value}: {value.text}" if value.text.strip() else value.state.value
