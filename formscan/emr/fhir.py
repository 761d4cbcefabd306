"""A released entry as a FHIR R4 transaction that can be posted again without doubling anything.

Everything of one version is created unless it is there: ``ifNoneExist`` with an identifier, or with a tag
where no identifier can be searched (Provenance has none, and not every server knows those of Questionnaire
and QuestionnaireResponse; every R4 server must know ``_tag``). What several versions share (stay, findings,
a patient without a number) is updated by its identifier. A patient with a number is taken as it is where it
is known already.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Final

from formscan.emr import clinical, findings, provenance
from formscan.emr.agreement import require_form
from formscan.emr.naming import (
    Json,
    Names,
    derived_uuid,
    identifier,
    printable,
    query,
    system,
    token,
)
from formscan.emr.questionnaire import response, to_questionnaire
from formscan.emr.roles import Roles
from formscan.errors import ExportError
from formscan.model.record import EmrEntry
from formscan.model.review import Action
from formscan.model.template import FormTemplate

FHIR_VERSION: Final = "4.0.1"


def to_fhir(
    entry: EmrEntry,
    template: FormTemplate,
    images: Callable[[str], bytes] | None,
    *,
    custodian: str | None = None,
    people: Mapping[str, str] | None = None,
) -> Json:
    """Give out an entry.

    Args:
        entry: Any version of a released entry.
        template: The form it was read through, of the same id and version.
        images: Gives the stored bytes of a page image by its SHA-256; ``None`` leaves the bytes out.
        custodian: Name of the hospital; the one written on the paper otherwise, if any.
        people: Names of reviewers by id, where they are known.

    Returns:
        A FHIR R4 (4.0.1) transaction Bundle as JSON values.

    Raises:
        ExportError: If the template is another one (``require_form``), an image is not what its digest
            says, or the bundle breaks the structure of FHIR.
    """
    require_form(entry, template)
    bundle = _Bundle(entry, template, Names.of(entry))
    bundle.build(_proven(images), custodian, people or {})
    made: Json = {"resourceType": "Bundle", "type": "transaction", "entry": printable(bundle.entries)}
    check_structure(made)
    return made


def check_structure(bundle: Json) -> None:
    """Check a bundle against the structure of FHIR.

    Raises:
        ExportError: If it breaks it; facts name the first place, never a value.
    """
    from fhir.resources.R4B.bundle import Bundle
    from pydantic import ValidationError

    try:
        Bundle.model_validate(bundle)
    except ValidationError as error:
        first = error.errors(include_input=False, include_context=False)[0]
        place = ".".join(str(step) for step in first["loc"])
        raise ExportError("export.structure", place=place, kind=first["type"]) from None


class _Bundle:
    """The entries of one transaction, in the order in which they refer to each other."""

    def __init__(self, entry: EmrEntry, template: FormTemplate, names: Names) -> None:
        self._entry, self._template, self._names = entry, template, names
        self._roles = Roles(entry, template)
        self.entries: list[Json] = []

    def build(
        self, images: Callable[[str], bytes] | None, custodian: str | None, people: Mapping[str, str]
    ) -> None:
        """Add everything."""
        hospital = custodian or self._written_hospital()
        if hospital:
            self._create("Organization", "", _organization(hospital))
        for person in self._people():
            self._create("Practitioner", person, provenance.practitioner(person, people.get(person)))
        self._create("Device", "", provenance.device())
        self._patient()
        diagnoses = list(findings.diagnoses(self._roles, self._names))
        self._update(
            "Encounter",
            "",
            clinical.encounter(self._roles, self._names, bool(hospital), self._used(diagnoses)),
        )
        self._form_and_answers()
        document = provenance.document(
            self._entry, self._template, self._names, images, custodian=bool(hospital)
        )
        self._create("DocumentReference", "", document)
        self._findings(diagnoses)

    def _written_hospital(self) -> str | None:
        told = self._roles.one("Encounter.serviceProvider")
        return " ".join(told.value.text.split()) if told else None

    def _people(self) -> list[str]:
        made = [decision for field in self._entry.fields for decision in field.history]
        hands = {decision.person for decision in made if decision.action is not Action.GATED}
        looked = {look.person for field in self._entry.fields for look in field.looks}
        return sorted(hands | looked | {self._entry.released_by})

    def _patient(self) -> None:
        made = clinical.patient(self._roles, self._names)
        own = made["identifier"][0]["system"] == system("patient-of-entry")
        (self._update if own else self._create)("Patient", "", made)

    def _form_and_answers(self) -> None:
        form = to_questionnaire(self._template)
        self._tagged("Questionnaire", "", form)
        reviewer = self._names.reference("Practitioner", self._entry.released_by)
        answers = response(self._entry, self._template, self._names, reviewer)
        self._tagged("QuestionnaireResponse", "", answers)

    def _findings(self, diagnoses: list[findings.Finding]) -> None:
        made = [*findings.observations(self._roles, self._names), *diagnoses]
        targets: dict[str, list[Json]] = {}
        for finding in made:
            kind = finding.resource["resourceType"]
            self._update(kind, finding.key, finding.resource)
            for field_id in finding.fields:
                targets.setdefault(field_id, []).append(self._names.reference(kind, finding.key))
        for field in self._entry.fields:
            proof = provenance.provenance(self._entry, field, self._names, targets.get(field.field_id, ()))
            self._tagged("Provenance", field.field_id, proof)

    def _used(self, diagnoses: list[findings.Finding]) -> list[Json]:
        """``Encounter.diagnosis`` of the diagnoses that stand."""
        return [
            {"condition": self._names.reference("Condition", finding.key)}
            | ({"use": finding.use} if finding.use else {})
            for finding in diagnoses
            if "verificationStatus" not in finding.resource
        ]

    def _create(self, kind: str, key: str, resource: Json) -> None:
        request = {"method": "POST", "url": kind, "ifNoneExist": query(identifier=_known_by(resource))}
        self._add(kind, key, resource, request)

    def _tagged(self, kind: str, key: str, resource: Json) -> None:
        known = query(_tag=token(resource["meta"]["tag"][0]))
        self._add(kind, key, resource, {"method": "POST", "url": kind, "ifNoneExist": known})

    def _update(self, kind: str, key: str, resource: Json) -> None:
        request = {"method": "PUT", "url": f"{kind}?{query(identifier=_known_by(resource))}"}
        self._add(kind, key, resource, request)

    def _add(self, kind: str, key: str, resource: Json, request: Json) -> None:
        self.entries.append(
            {"fullUrl": self._names.full_url(kind, key), "resource": resource, "request": request}
        )


def _known_by(resource: Json) -> str:
    """The search value of the identifier a resource is known by."""
    found = resource["identifier"]
    return token(found[0] if isinstance(found, list) else found)


def _organization(name: str) -> Json:
    known = str(derived_uuid("organization", " ".join(name.casefold().split())))
    return {"resourceType": "Organization", "identifier": [identifier("organization", known)], "name": name}


def _proven(images: Callable[[str], bytes] | None) -> Callable[[str], bytes] | None:
    """Images whose bytes are what their digest says."""
    if images is None:
        return None

    def proven(sha256: str) -> bytes:
        data = images(sha256)
        if hashlib.sha256(data).hexdigest() != sha256:
            raise ExportError("export.image_changed", image=sha256)
        return data

    return proven
