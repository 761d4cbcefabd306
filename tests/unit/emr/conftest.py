"""A small form with a field of every type, and entries of it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone

import pytest

from formscan.model.geometry import Area, Box
from formscan.model.page import Source
from formscan.model.reading import FieldState, FieldValue, Flag, Reading, Severity
from formscan.model.record import DraftPage, EmrEntry, EntryField, Problem
from formscan.model.review import Action, ReviewedField
from formscan.model.template import (
    Cell,
    Choice,
    FhirItem,
    FieldKind,
    FieldSpec,
    FormTemplate,
    PageTemplate,
    Section,
    ValueType,
)
from formscan.pipeline.check import check_value

AT = datetime(2026, 1, 5, 9, 30, tzinfo=timezone(timedelta(hours=7)))
PICTURE = b"the bytes of a scanned page"
ROLE = "http://terminology.hl7.org/CodeSystem/diagnosis-role"
LOINC = "http://loinc.org"


def _spec(
    field_id: str, of: ValueType, target: str | None = None, code: str | None = None, **more: object
) -> FieldSpec:
    system = ROLE if target == "Condition" else LOINC if target == "Observation" else None
    unit = more.pop("ucum", None)
    fhir = FhirItem(target, code, system, str(unit) if unit else None) if target else None
    section = "patient" if field_id.startswith("patient.") else "stay"
    kind = {ValueType.CHOICE: FieldKind.CHOICE, ValueType.BOOLEAN: FieldKind.MARK}.get(of, FieldKind.TEXT)
    cells = (Cell(Area(10, 10, 90, 30)),)
    return FieldSpec(
        field_id,
        1,
        kind,
        of,
        f"Nhãn {field_id}",
        "Label",
        cells,
        section=section,
        fhir=fhir,
        **more,  # type: ignore[arg-type]
    )


_SEX = (Choice("male", "1. Nam", "Male", "1"), Choice("female", "2. Nữ", "Female", "2"))
_FIELDS = (
    _spec("facility.name", ValueType.TEXT, "Encounter.serviceProvider"),
    _spec("patient.name", ValueType.PERSON_NAME, "Patient.name"),
    _spec("patient.birth_date", ValueType.DATE, "Patient.birthDate"),
    _spec("patient.sex", ValueType.CHOICE, "Patient.gender", choices=_SEX),
    _spec("patient.citizen_id", ValueType.CITIZEN_ID, "Patient.identifier"),
    _spec("patient.phone", ValueType.PHONE),
    _spec("patient.ethnicity_code", ValueType.CATALOGUE, catalogue="ethnic"),
    _spec("patient.address.province", ValueType.TEXT, "Patient.address.state"),
    _spec("insurance.number", ValueType.INSURANCE_NUMBER, "Patient.identifier"),
    _spec("admission.at", ValueType.DATETIME, "Encounter.period.start"),
    _spec("discharge.at", ValueType.DATETIME, "Encounter.period.end"),
    _spec("meal.at", ValueType.TIME),
    _spec("stay.total_days", ValueType.INTEGER, "Encounter.length"),
    _spec("vital.pulse", ValueType.INTEGER, "Observation", "8867-4", unit="lần/ph", ucum="/min"),
    _spec("vital.temperature", ValueType.DECIMAL, "Observation", "8310-5", unit="⁰C", ucum="Cel"),
    _spec("vital.blood_pressure", ValueType.BLOOD_PRESSURE, "Observation", "85354-9", ucum="mm[Hg]"),
    _spec("diagnosis.discharge", ValueType.TEXT, "Condition", "DD"),
    _spec("diagnosis.discharge.code", ValueType.ICD10, "Condition", "DD"),
    _spec("treatment.surgery", ValueType.BOOLEAN),
    _spec("signature.doctor", ValueType.PRESENCE),
    _spec("signature.doctor.name", ValueType.PERSON_NAME),
    _spec("summary.course", ValueType.TEXT),
)


@pytest.fixture(scope="session")
def template() -> FormTemplate:
    """The form."""
    sections = (Section("patient", "Người bệnh", "Patient"), Section("stay", "Điều trị", "Stay"))
    page = PageTemplate(1, 595.0, 842.0)
    return FormTemplate(
        "T-01",
        "2026.1",
        "01/T",
        "PHIẾU THỬ",
        "Test form",
        "TT 32/2023",
        "made up",
        (page,),
        sections,
        _FIELDS,
        "d" * 64,
    )


MakeEntry = Callable[..., EmrEntry]


@pytest.fixture(scope="session")
def make_entry(template: FormTemplate) -> MakeEntry:
    """Makes an entry from texts by field id; a ``FieldState`` in place of a text is a state."""

    def make(written: Mapping[str, str | FieldState], **more: object) -> EmrEntry:
        fields = tuple(_field(template, spec, written.get(spec.id, "")) for spec in template.fields)
        digest = hashlib.sha256(PICTURE).hexdigest()
        source = Source("a.pdf", "0" * 64)
        page = DraftPage(1, source, digest, "image/png", 2480, 3508, 300.0, 0, 0.1, 0.9, 0.2, 0.4)
        facts: dict[str, object] = {
            "id": "e" * 32,
            "version": 1,
            "draft_id": "d" * 32,
            "form_id": template.id,
            "form_version": template.version,
            "form_digest": template.digest,
            "pages": (page,),
            "fields": fields,
            "problems": (Problem("pages.missing", 2),),
            "released_by": "lan",
            "released_at": AT,
        }
        return EmrEntry(**(facts | more))  # type: ignore[arg-type]

    return make


@pytest.fixture(scope="session")
def images() -> Callable[[str], bytes]:
    """The store's images."""
    return lambda _: PICTURE


def _field(template: FormTemplate, spec: FieldSpec, text: str | FieldState) -> EntryField:
    flags: tuple[Flag, ...] = ()
    if isinstance(text, FieldState):
        value = FieldValue(text)
    else:
        value, flags = check_value(template, spec, text)
    before = FieldValue(FieldState.UNVERIFIED)
    seen = (
        ReviewedField(spec.id, Action.CORRECTED, "minh", AT, before, value),
        ReviewedField(spec.id, Action.CONFIRMED, "lan", AT, value, value, "đọc lại"),
    )
    reading = Reading("x", FieldState.UNVERIFIED, 0.31, "tesseract 5.5", "vie")
    doubt = Flag("readers.unsure", Severity.SOFT)
    return EntryField(spec.id, 1, Box(10, 20, 110, 60), "c" * 64, value, (reading,), (doubt, *flags), seen)
