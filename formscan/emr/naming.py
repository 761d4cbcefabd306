"""Names used in FHIR resources: systems, canonical URLs, extensions, identifiers, full URLs.

Everything of this program lies under ``urn:formscan``; patients' numbers use the systems of the Vietnamese
core guide (``hl7.fhir.vn.core``), codes those of HL7, LOINC, UCUM and ICD-10.

Extensions::

    field-state      code        on an item: blank, struck_out, illegible, covered, not_applicable, unverified
    form-digest      string      on the answers: SHA-256 of the template they were read through
    page, box        on entities: page of the form (1-based); left top right bottom in pixels of the scan
    crop-sha256      on entities: SHA-256 of what the readers saw
    image-sha256     on attachments: SHA-256 of the page image
    reading          on entities: engine, model, state, text, confidence of one reader
    flag             on entities: code and severity of a rule that did not hold
    decision         on entities: action, person, at, before, after, reason of one hand
    problem          on the document: code and page of what was found about the whole document
"""

from __future__ import annotations

import re
import unicodedata
import uuid
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from formscan.model.record import EmrEntry
from formscan.model.template import FieldSpec, FormTemplate

Json = dict[str, Any]
"""A FHIR element as JSON."""

BASE: Final = "urn:formscan"
VN_SID: Final = "http://fhir.ehealth.gov.vn/core/sid"
VN_CODES: Final = "http://fhir.ehealth.gov.vn/core/CodeSystem"
ICD10: Final = "http://hl7.org/fhir/sid/icd-10"
LOINC: Final = "http://loinc.org"
UCUM: Final = "http://unitsofmeasure.org"
HL7: Final = "http://terminology.hl7.org/CodeSystem"
CORE_EXTENSION: Final = "http://hl7.org/fhir/StructureDefinition"

CATALOGUE_SYSTEMS: Final = {
    "ethnic": f"{VN_CODES}/vn-core-race",
    "occupation": f"{VN_CODES}/vn-core-occupation-4069",
    "icd10": ICD10,
}
_FORBIDDEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_SPACE: Final = uuid.UUID("5f0f3d0e-6d0b-5c59-9e0e-5b7a3b0d3c11")
"""Name space of the derived UUIDs; never change it, or everything is exported twice."""


@dataclass(frozen=True, slots=True)
class Names:
    """Identifiers and full URLs of everything that is made from one entry."""

    entry_id: str
    version: int

    @classmethod
    def of(cls, entry: EmrEntry) -> Names:
        """Names for an entry."""
        return cls(entry.id, entry.version)

    @property
    def versioned(self) -> str:
        """``<entry id>/<version>``: one identifier a version."""
        return f"{self.entry_id}/{self.version}"

    def full_url(self, kind: str, key: str = "") -> str:
        """The same ``urn:uuid`` each time for the same thing of the same version."""
        return f"urn:uuid:{derived_uuid(self.versioned, kind, key)}"

    def reference(self, kind: str, key: str = "") -> Json:
        """A reference to another resource of the same bundle."""
        return {"reference": self.full_url(kind, key)}


def derived_uuid(*parts: str) -> uuid.UUID:
    """A UUID made from parts, the same each time (RFC 4122 version 5)."""
    return uuid.uuid5(_SPACE, "\x1f".join(parts))


def system(name: str) -> str:
    """System of an identifier or code of this program."""
    return f"{BASE}:{name}"


def identifier(name: str, value: str) -> Json:
    """An identifier in a system of this program."""
    return {"system": system(name), "value": value}


def extension(name: str, kind: str, value: object) -> Json:
    """A simple extension of this program, e.g. ``extension("page", "Integer", 2)``."""
    return {"url": f"{BASE}:extension:{name}", f"value{kind}": value}


def nested(name: str, parts: list[Json]) -> Json:
    """An extension with parts; their URLs are relative, as the standard wants."""
    return {"url": f"{BASE}:extension:{name}", "extension": parts}


def part(name: str, kind: str, value: object) -> Json:
    """One part of a nested extension."""
    return {"url": name, f"value{kind}": value}


def coding(code_system: str, code: str, display: str | None = None) -> Json:
    """A coding."""
    made = {"system": code_system, "code": code}
    return made | {"display": display} if display else made


def concept(code_system: str, code: str, display: str | None = None) -> Json:
    """A codeable concept with one coding."""
    return {"coding": [coding(code_system, code, display)]}


def query(**values: str) -> str:
    """Search parameters, encoded."""
    return "&".join(f"{name}={quote(value, safe='')}" for name, value in values.items())


def token(made: Json) -> str:
    """The search value of an identifier or coding, escaped as FHIR R4 search asks (3.1.1.4.0.1)."""
    value = re.sub(r"([\\|,$])", r"\\\1", str(made.get("value", made.get("code"))))
    return f"{made['system']}|{value}"


def printable(value: Any) -> Any:
    """The same JSON value with every character FHIR forbids in strings replaced by U+FFFD, visibly."""
    if isinstance(value, str):
        return _FORBIDDEN.sub("\ufffd", value)
    if isinstance(value, dict):
        return {name: printable(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [printable(inner) for inner in value]
    return value


def questionnaire_url(template: FormTemplate) -> str:
    """Canonical URL of a form, without version."""
    return f"{BASE}:Questionnaire:{template.id}"


def choice_system(template: FormTemplate, field: FieldSpec) -> str:
    """Code system of the answers of one choice field."""
    return f"{BASE}:CodeSystem:{template.id}:{field.id}"


def catalogue_system(catalogue: str) -> str:
    """Code system of a catalogue."""
    return CATALOGUE_SYSTEMS.get(catalogue, f"{BASE}:CodeSystem:{catalogue}")


def ascii_name(text: str) -> str:
    """A computer name: ASCII letters, digits and ``_``, beginning with a letter, at most 255 characters."""
    bare = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    kept = "".join(c if c.isascii() and c.isalnum() else "_" for c in bare if not unicodedata.combining(c))
    return f"Form_{kept}"[:255]
