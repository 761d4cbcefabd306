"""The transaction: valid for two validators whatever stands on the paper, and faithful to it."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import fhirkit
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formscan.emr import check_structure, to_fhir, to_questionnaire
from formscan.emr.answers import fhir_date, fhir_moment, fhir_time
from formscan.errors import ExportError
from formscan.model.reading import FieldState, FieldValue
from formscan.model.record import EmrEntry
from formscan.model.second_look import Assurance, Look, LookKind
from formscan.model.template import FormTemplate

MakeEntry = Callable[..., EmrEntry]
Images = Callable[[str], bytes]
Json = dict[str, Any]

FULL = {
    "facility.name": "Bệnh viện Đa khoa Mẫu",
    "patient.name": "TRẦN THỊ MẪU",
    "patient.birth_date": "03/1957",
    "patient.sex": "female",
    "patient.citizen_id": "001157012345",
    "patient.phone": "0912 345 678",
    "patient.ethnicity_code": "Kinh",
    "patient.address.province": "Hà Nội",
    "insurance.number": "DN4010123456789",
    "admission.at": "08|30|12|3|2024",
    "discharge.at": "10||20|3|2024",
    "meal.at": "11:30",
    "stay.total_days": "8",
    "vital.pulse": "82",
    "vital.temperature": "36,80",
    "vital.blood_pressure": "120/80",
    "diagnosis.discharge": "Tăng huyết áp vô căn",
    "diagnosis.discharge.code": "I10",
    "treatment.surgery": "true",
    "signature.doctor": "present",
    "signature.doctor.name": "BS. Lê Văn Thử",
    "summary.course": "dòng một\ndòng hai",
}


@pytest.fixture(scope="module")
def bundle(make_entry: MakeEntry, template: FormTemplate, images: Images) -> Json:
    """The transaction of a full entry."""
    return to_fhir(make_entry(FULL), template, images)


def of_kind(bundle: Json, kind: str) -> list[Json]:
    """All resources of one kind."""
    return [e["resource"] for e in bundle["entry"] if e["resource"]["resourceType"] == kind]


def issues(resource: Json) -> list[str]:
    """What the validator of plain R4 says of a resource, or of a bundle and all in it."""
    return [str(issue) for issue in fhirkit.validate(json.dumps(resource))]


def items(resource: Json) -> dict[str, Json]:
    """Items that are no groups, by ``linkId``."""

    def walk(level: list[Json]) -> Iterator[Json]:
        for item in level:
            yield from walk(item["item"]) if "item" in item else [item]

    return {item["linkId"]: item for item in walk(resource["item"])}


def test_that_a_second_validator_of_plain_r4_finds_nothing(bundle: Json) -> None:
    assert fhirkit.FHIR_VERSION.startswith("4.0")
    assert issues(bundle) == []


def test_that_the_second_validator_does_find_what_is_planted(bundle: Json) -> None:
    broken = json.loads(json.dumps(bundle))
    of_kind(broken, "QuestionnaireResponse")[0]["authored"] = "5/1/2026"
    of_kind(broken, "Patient")[0]["nickname"] = "Mẫu"
    del of_kind(broken, "Observation")[0]["code"]
    assert len(issues(broken)) == 3


def test_that_a_broken_structure_never_leaves() -> None:
    bundle = {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [{"resource": {"resourceType": "Observation"}}],
    }
    with pytest.raises(ExportError) as caught:
        check_structure(bundle)
    assert caught.value.code == "export.structure"


def test_that_every_request_is_conditional_and_every_reference_resolves(bundle: Json) -> None:
    urls = {entry["fullUrl"] for entry in bundle["entry"]}
    assert len(urls) == len(bundle["entry"])
    for entry in bundle["entry"]:
        request = entry["request"]
        assert (
            ("ifNoneExist" in request) if request["method"] == "POST" else ("?identifier=" in request["url"])
        )
    assert set(_references(bundle)) <= urls


def _references(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("reference"), str):
            yield value["reference"]
        for inner in value.values():
            yield from _references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner)


def test_that_the_patient_is_as_written(bundle: Json) -> None:
    (patient,) = of_kind(bundle, "Patient")
    assert patient["name"] == [{"use": "official", "text": "TRẦN THỊ MẪU"}]
    assert (patient["gender"], patient["birthDate"]) == ("female", "1957-03")
    assert [(one["system"].rpartition("/")[2], one["value"]) for one in patient["identifier"]] == [
        ("national_id", "001157012345"),
        ("insurance_number", "DN4010123456789"),
    ]
    assert patient["telecom"] == [{"system": "phone", "value": "0912345678"}]
    assert patient["address"][0]["state"] == "Hà Nội"


def test_that_a_moment_without_minutes_becomes_its_date_and_one_with_them_gets_the_zone(bundle: Json) -> None:
    (stay,) = of_kind(bundle, "Encounter")
    assert stay["period"] == {"start": "2024-03-12T08:30:00+07:00", "end": "2024-03-20"}
    assert stay["length"]["value"] == 8
    assert stay["diagnosis"][0]["use"]["coding"][0]["code"] == "DD"


def test_that_answers_are_complete_and_word_for_word(bundle: Json, template: FormTemplate) -> None:
    (answers,) = of_kind(bundle, "QuestionnaireResponse")
    assert answers["questionnaire"] == "urn:formscan:Questionnaire:T-01|2026.1"
    found = items(answers)
    assert set(found) == {field.id for field in template.fields}
    temperature = found["vital.temperature"]["answer"][0]
    assert temperature["valueDecimal"] == 36.8
    assert temperature["_valueDecimal"]["extension"][0]["valueString"] == "36,80"
    assert found["summary.course"]["answer"] == [{"valueString": "dòng một\ndòng hai"}]
    assert found["patient.sex"]["answer"][0]["valueCoding"]["code"] == "female"
    assert (
        found["diagnosis.discharge.code"]["answer"][0]["valueCoding"]["system"]
        == "http://hl7.org/fhir/sid/icd-10"
    )
    assert found["meal.at"]["answer"][0]["valueTime"] == "11:30:00"
    ethnic = found["patient.ethnicity_code"]["answer"][0]["valueCoding"]
    assert (ethnic["code"], ethnic["extension"][0]["valueString"]) == ("01", "Kinh")


def test_that_blank_is_not_no_and_unread_states_have_no_answer(
    make_entry: MakeEntry, template: FormTemplate, images: Images
) -> None:
    states = {
        "treatment.surgery": FieldState.BLANK,
        "patient.name": FieldState.ILLEGIBLE,
        "summary.course": FieldState.STRUCK_OUT,
    }
    bundle = to_fhir(make_entry(states), template, images)
    found = items(of_kind(bundle, "QuestionnaireResponse")[0])
    for field_id, state in states.items():
        assert "answer" not in found[field_id]
        assert found[field_id]["extension"][0]["valueCode"] == state.value


def test_that_what_is_not_understood_keeps_its_words(
    make_entry: MakeEntry, template: FormTemplate, images: Images
) -> None:
    odd = {"patient.birth_date": "31/02/2000", "vital.pulse": "nhanh", "patient.sex": "male;female"}
    bundle = to_fhir(make_entry(odd), template, images)
    found = items(of_kind(bundle, "QuestionnaireResponse")[0])
    said = found["patient.birth_date"]["answer"][0]["_valueDate"]["extension"]
    assert [one.get("valueCode") or one["valueString"] for one in said] == ["as-text", "31/02/2000"]
    (patient,) = of_kind(bundle, "Patient")
    assert "birthDate" not in patient
    assert patient["gender"] == "unknown"
    (pulse,) = of_kind(bundle, "Observation")
    assert pulse["dataAbsentReason"]["coding"][0]["code"] == "as-text"
    assert issues(bundle) == []


def test_that_findings_have_codes_units_and_components(bundle: Json) -> None:
    seen = {one["code"]["coding"][0]["code"]: one for one in of_kind(bundle, "Observation")}
    assert seen["8867-4"]["valueQuantity"] == {
        "value": 82,
        "unit": "lần/ph",
        "system": "http://unitsofmeasure.org",
        "code": "/min",
    }
    assert [part["valueQuantity"]["value"] for part in seen["85354-9"]["component"]] == [120, 80]
    (diagnosis,) = of_kind(bundle, "Condition")
    assert diagnosis["code"] == {
        "coding": [{"system": "http://hl7.org/fhir/sid/icd-10", "code": "I10"}],
        "text": "Tăng huyết áp vô căn",
    }


def test_that_half_a_blood_pressure_says_which_half_is_missing(
    make_entry: MakeEntry, template: FormTemplate, images: Images
) -> None:
    (seen,) = of_kind(to_fhir(make_entry({"vital.blood_pressure": "120|"}), template, images), "Observation")
    assert seen["component"][0]["valueQuantity"]["value"] == 120
    assert "valueQuantity" not in seen["component"][1]
    assert seen["component"][1]["dataAbsentReason"]["coding"][0]["code"] == "unknown"


def test_that_pages_go_with_digests(bundle: Json, make_entry: MakeEntry, template: FormTemplate) -> None:
    (document,) = of_kind(bundle, "DocumentReference")
    page = document["content"][0]["attachment"]
    data = base64.b64decode(page["data"])
    assert base64.b64decode(page["hash"]) == hashlib.sha1(data, usedforsecurity=False).digest()
    assert page["extension"][1]["valueString"] == hashlib.sha256(data).hexdigest()
    assert document["author"][0]["display"] == "BS. Lê Văn Thử"
    without = of_kind(to_fhir(make_entry(FULL), template, None), "DocumentReference")[0]
    assert "data" not in without["content"][0]["attachment"]


def test_that_a_picture_that_was_changed_is_not_given_out(
    make_entry: MakeEntry, template: FormTemplate
) -> None:
    with pytest.raises(ExportError) as caught:
        to_fhir(make_entry(FULL), template, lambda _: b"another picture")
    assert caught.value.code == "export.image_changed"


def test_that_the_wrong_template_is_refused(
    make_entry: MakeEntry, template: FormTemplate, images: Images
) -> None:
    with pytest.raises(ExportError) as caught:
        to_fhir(make_entry(FULL, form_version="2001.1"), template, images)
    assert caught.value.code == "export.other_form"


def test_that_a_field_the_form_has_not_is_refused(
    make_entry: MakeEntry, template: FormTemplate, images: Images
) -> None:
    entry = make_entry(FULL)
    strange = replace(entry, fields=(*entry.fields, replace(entry.fields[0], field_id="no.such_field")))
    with pytest.raises(ExportError) as caught:
        to_fhir(strange, template, images)
    assert caught.value.code == "export.unknown_field"


def test_that_characters_fhir_forbids_are_replaced_where_it_shows(
    make_entry: MakeEntry, template: FormTemplate, images: Images
) -> None:
    bundle = to_fhir(make_entry({"patient.name": "TRẦN\x00MẪU"}), template, images)
    assert of_kind(bundle, "Patient")[0]["name"][0]["text"] == "TRẦN\ufffdMẪU"


def test_that_somebody_stands_behind_every_value(bundle: Json, template: FormTemplate) -> None:
    proofs = of_kind(bundle, "Provenance")
    assert len(proofs) == len(template.fields)
    (proof,) = [one for one in proofs if one["target"][0]["extension"][0]["valueUri"] == "vital.pulse"]
    kinds = [agent["type"]["coding"][0]["code"] for agent in proof["agent"]]
    assert kinds == ["enterer", "verifier", "assembler"]
    told = {part["url"].rpartition(":")[2] for part in proof["entity"][0]["extension"]}
    assert told == {"page", "box", "crop-sha256", "reading", "flag", "decision"}
    assert len(proof["target"]) == 2


def test_that_a_patient_without_any_number_can_be_stored(
    make_entry: MakeEntry, template: FormTemplate, images: Images
) -> None:
    bundle = to_fhir(make_entry({}), template, images)
    (patient,) = of_kind(bundle, "Patient")
    assert patient["identifier"] == [{"system": "urn:formscan:patient-of-entry", "value": "e" * 32}]
    assert "name" not in patient
    assert not of_kind(bundle, "Observation")
    assert not of_kind(bundle, "Condition")
    assert issues(bundle) == []


def test_that_a_stay_that_ends_before_it_begins_has_no_period(
    make_entry: MakeEntry, template: FormTemplate, images: Images
) -> None:
    moments = {"admission.at": "08|30|12|3|2024", "discharge.at": "08|00|12|3|2024"}
    (stay,) = of_kind(to_fhir(make_entry(moments), template, images), "Encounter")
    assert "start" not in stay["period"]


def test_that_the_same_entry_gives_the_same_bundle(
    bundle: Json, make_entry: MakeEntry, template: FormTemplate, images: Images
) -> None:
    assert to_fhir(make_entry(FULL), template, images) == bundle


def test_that_a_correction_replaces_the_document_before(
    make_entry: MakeEntry, template: FormTemplate, images: Images
) -> None:
    bundle = to_fhir(make_entry(FULL, version=2, reason="sai tuổi"), template, images)
    (document,) = of_kind(bundle, "DocumentReference")
    assert document["relatesTo"][0]["target"]["identifier"]["value"] == f"{'e' * 32}/1"
    assert of_kind(bundle, "QuestionnaireResponse")[0]["status"] == "amended"
    assert {one["status"] for one in of_kind(bundle, "Observation")} == {"amended"}


def test_that_a_form_is_a_questionnaire_its_answers_fit(bundle: Json, template: FormTemplate) -> None:
    form = to_questionnaire(template)
    assert issues(form) == []
    asked = items(form)
    for link, item in items(of_kind(bundle, "QuestionnaireResponse")[0]).items():
        for answer in item.get("answer", ()):
            kind = asked[link]["type"]
            values = {name.lstrip("_") for name in answer}
            allowed = {
                "choice": {"valueCoding"},
                "open-choice": {"valueCoding", "valueString"},
                "text": {"valueString"},
                "string": {"valueString"},
            }.get(kind, {f"value{kind[0].upper()}{kind[1:]}"})
            assert values <= allowed, link


@settings(max_examples=30, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(sorted(FULL)),
        st.one_of(st.text(max_size=12), st.text("0123456789/|.,:_- ", max_size=12)),
        max_size=8,
    )
)
def test_that_whatever_is_written_gives_a_valid_bundle(
    make_entry: MakeEntry, template: FormTemplate, images: Images, written: dict[str, str]
) -> None:
    bundle = to_fhir(make_entry(written), template, images)
    assert issues(bundle) == []


@pytest.mark.parametrize(
    ("normalised", "moment"),
    [
        ("1957", "1957"),
        ("1957-03", "1957-03"),
        ("1957-03-12", "1957-03-12"),
        ("1957-03-12T08", "1957-03-12"),
        ("1957-03-12T08:30", "1957-03-12T08:30:00+07:00"),
        ("", None),
        ("12/03/1957", None),
    ],
)
def test_that_partial_moments_stay_partial(normalised: str, moment: str | None) -> None:
    assert fhir_moment(normalised) == moment
    assert fhir_date(normalised) == (moment[:10] if moment else None)
    assert fhir_time(normalised) is None


def test_that_a_second_key_and_one_person_alone_stand_in_the_provenance(
    make_entry: MakeEntry, template: FormTemplate
) -> None:
    entry = make_entry(FULL)
    sure = {"patient.name": Assurance.SECOND_KEY, "patient.birth_date": Assurance.ONE_PERSON}
    fields = tuple(replace(f, assurance=sure.get(f.field_id, Assurance.NOT_ASKED)) for f in entry.fields)
    look = Look("patient.name", LookKind.KEY, "hoa", entry.released_at, FieldValue(FieldState.VALUE, "x"))
    fields = tuple(replace(f, looks=(look,)) if f.field_id == "patient.name" else f for f in fields)
    made = to_fhir(replace(entry, fields=fields), template, None)
    told = json.dumps(made)
    assert '"valueCode": "one_person"' in told
    assert '"valueCode": "second_key"' in told
    people = [p["identifier"][0]["value"] for p in of_kind(made, "Practitioner")]
    assert "hoa" in people
    assert issues(made) == []
