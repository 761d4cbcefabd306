"""Rules between fields, on the forms that ship: they speak when something is wrong and only then."""

from __future__ import annotations

from pathlib import Path

import pytest

from formscan.model.reading import FieldState, FieldValue, Severity
from formscan.model.template import FormTemplate
from formscan.pipeline.check import check_value, cross_check, rule_names
from formscan.pipeline.flag_codes import FLAG_TEXTS
from formscan.templates import TemplateLibrary, load_form

GOOD = {
    "patient.birth_date": "12031957",
    "patient.age": "67",
    "patient.sex": "male",
    "admission.at": "08|30|12|3|2024",
    "stay.1.at": "09|00|12|3|2024",
    "stay.2.at": "10|00|15|3|2024",
    "discharge.at": "10|00|20|3|2024",
    "stay.total_days": "__8",
    "insurance.valid_to": "31|12|2024",
    "outcome": "improved",
    "diagnosis.discharge.main": "Tăng huyết áp vô căn",
    "diagnosis.discharge.main.code": "I10_",
    "vital.pulse": "82",
    "vital.temperature": "36,8",
    "vital.blood_pressure": "120|80",
    "vital.respiratory_rate": "18",
    "vital.weight": "56,5",
}


@pytest.fixture(scope="module")
def record(repository: Path) -> FormTemplate:
    """The record of internal medicine."""
    return load_form(repository / "forms" / "01-BV1" / "2023.1" / "form.toml")


def found(template: FormTemplate, **changes: str) -> set[tuple[str, str]]:
    """Field and code of every finding, with ``__`` for the dots in field ids."""
    written = GOOD | {name.replace("__", "."): text for name, text in changes.items()}
    values = {
        name: check_value(template, template.field(name), text)[0]
        for name, text in written.items()
        if any(field.id == name for field in template.fields)
    }
    return {(name, flag.code) for name, flags in cross_check(template, values).items() for flag in flags}


def test_that_a_record_in_order_raises_nothing(record: FormTemplate) -> None:
    assert found(record) == set()


@pytest.mark.parametrize(("age", "fits"), [("65", False), ("66", True), ("68", True), ("69", False)])
def test_that_age_may_differ_by_one_year(record: FormTemplate, age: str, fits: bool) -> None:
    mismatch = {("patient.age", "age.birth_date_mismatch"), ("patient.birth_date", "age.birth_date_mismatch")}
    assert found(record, patient__age=age) == (set() if fits else mismatch)


def test_that_a_partial_birth_date_is_compared_as_far_as_it_is_known(record: FormTemplate) -> None:
    assert found(record, patient__birth_date="____1957") == set()
    assert ("patient.age", "age.birth_date_mismatch") in found(record, patient__birth_date="____1947")


def test_that_nobody_is_born_after_admission(record: FormTemplate) -> None:
    assert ("patient.birth_date", "birth.after_admission") in found(record, patient__birth_date="13032024")
    assert FLAG_TEXTS["birth.after_admission"].severity is Severity.HARD


def test_that_leaving_before_coming_is_a_hard_flag(record: FormTemplate) -> None:
    findings = found(record, discharge__at="10|00|11|3|2024", stay__total_days="")
    assert ("discharge.at", "stay.order") in findings
    assert FLAG_TEXTS["stay.order"].severity is Severity.HARD


def test_that_the_same_minute_twice_is_only_asked_about(record: FormTemplate) -> None:
    assert found(record, stay__1__at="08|30|12|3|2024") == {("stay.1.at", "stay.same_time")}
    assert found(record, stay__1__at="||12|3|2024") == set()


def test_that_transfers_must_follow_each_other(record: FormTemplate) -> None:
    assert ("stay.2.at", "stay.order") in found(record, stay__2__at="10|00|11|3|2024")
    assert ("discharge.at", "stay.order") in found(record, stay__2__at="10|00|21|3|2024")


@pytest.mark.parametrize(("days", "fits"), [("__7", False), ("__8", True), ("__9", True), ("_10", False)])
def test_that_days_may_count_the_last_one_or_not(record: FormTemplate, days: str, fits: bool) -> None:
    wrong = {("stay.total_days", "stay.total_days_mismatch")}
    assert found(record, stay__total_days=days) == (set() if fits else wrong)


def test_that_death_is_told_only_where_it_is_the_outcome(record: FormTemplate) -> None:
    both = found(record, death__at="08|00|20|3|2024")
    assert both == {("death.at", "death.without_outcome"), ("outcome", "death.without_outcome")}
    assert found(record, death__at="08|00|20|3|2024", outcome="died") == set()
    assert found(record, death__at="", outcome="died") == {("death.at", "death.details_missing")}
    assert found(record, death__at="08|00|20|3|2024", outcome="") == set()


def test_that_an_insurance_must_not_have_ended_before(record: FormTemplate) -> None:
    assert found(record, insurance__valid_to="11|3|2024") == {("insurance.valid_to", "insurance.expired")}
    assert found(record, insurance__valid_to="12|3|2024") == set()
    assert found(record, insurance__valid_to="|3|2024") == set()


@pytest.mark.parametrize(
    ("field", "text", "code"),
    [
        ("vital__blood_pressure", "80|120", "blood_pressure.order"),
        ("vital__blood_pressure", "1200|80", "vital.implausible"),
        ("vital__pulse", "820", "vital.implausible"),
        ("vital__temperature", "368", "vital.implausible"),
        ("vital__respiratory_rate", "180", "vital.implausible"),
        ("vital__weight", "5,65", "vital.implausible"),
        ("diagnosis__discharge__main", "Gãy xương đùi", "icd.text_differs"),
    ],
)
def test_that_what_no_living_patient_has_is_flagged(
    record: FormTemplate, field: str, text: str, code: str
) -> None:
    name = field.replace("__", ".")
    name = f"{name}.code" if code == "icd.text_differs" else name
    if text == "1200|80":  # four digits are no blood pressure at all
        assert found(record, **{field: text}) == set()
    else:
        assert found(record, **{field: text}) == {(name, code)}


def test_that_limits_of_an_infant_are_those_of_an_infant(record: FormTemplate) -> None:
    infant = {"patient__birth_date": "____2024", "patient__age": "_0", "vital__weight": "56,5"}
    assert found(record, **infant) == {("vital.weight", "vital.implausible")}
    unwritten = {"patient__birth_date": "01012024", "patient__age": "", "vital__weight": "56,5"}
    assert found(record, **unwritten) == {("vital.weight", "vital.implausible")}


def test_that_a_mans_record_on_a_form_for_women_is_asked_about(record: FormTemplate) -> None:
    from dataclasses import replace

    obstetric = replace(record, code="05/BV-01", _by_id={})
    assert ("patient.sex", "sex.form_mismatch") in found(obstetric)
    assert ("patient.sex", "sex.form_mismatch") not in found(obstetric, patient__sex="female")


def test_that_a_personal_number_is_held_against_sex_and_birth() -> None:
    from formscan.model.geometry import Area
    from formscan.model.template import Cell, Choice, FieldKind, FieldSpec, ValueType

    def one(field_id: str, of: ValueType, **more: object) -> FieldSpec:
        cells = (Cell(Area(0, 0, 9, 9)),)
        rules = ("citizen_id_matches_sex_and_birth",)
        return FieldSpec(field_id, 1, FieldKind.TEXT, of, "", "", cells, rules=rules, **more)  # type: ignore[arg-type]

    choices = (Choice("1", "1. Nam", "Male"), Choice("2", "2. Nữ", "Female"))
    fields = (
        one("patient.sex", ValueType.CHOICE, choices=choices),
        one("patient.birth_date", ValueType.DATE),
        one("patient.citizen_id", ValueType.CITIZEN_ID),
    )
    template = FormTemplate("T", "1", "01/BV-01", "", "", "", "", (), (), fields)

    def findings(sex: str, birth: str, number: str) -> set[tuple[str, str]]:
        texts = {"patient.sex": sex, "patient.birth_date": birth, "patient.citizen_id": number}
        values = {name: check_value(template, template.field(name), text)[0] for name, text in texts.items()}
        return {(name, flag.code) for name, flags in cross_check(template, values).items() for flag in flags}

    assert findings("2", "1957", "001157012345") == set()
    assert findings("2", "3/2001", "001301012345") == set()
    assert {code for _, code in findings("1", "1957", "001157012345")} == {"citizen_id.sex_mismatch"}
    assert {code for _, code in findings("2", "1958", "001157012345")} == {"citizen_id.birth_mismatch"}
    assert findings("", "", "001157012345") == set()
    assert findings("1", "1958", "012345678") == set()


@pytest.mark.parametrize("state", [FieldState.BLANK, FieldState.ILLEGIBLE, FieldState.UNVERIFIED])
def test_that_rules_are_silent_about_what_is_not_known(record: FormTemplate, state: FieldState) -> None:
    values = {field.id: FieldValue(state) for field in record.fields}
    assert cross_check(record, values) == {}


def test_that_every_rule_a_form_names_exists(repository: Path) -> None:
    named = {
        rule
        for form in TemplateLibrary.load(repository / "forms").forms
        for field in form.fields
        for rule in field.rules
    }
    assert named <= rule_names()
