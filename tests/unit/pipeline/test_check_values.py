"""One value at a time: what is understood, what is flagged, and that nothing is changed."""

from __future__ import annotations

import pytest

from formscan.model.geometry import Area
from formscan.model.reading import FieldState, FieldValue, Severity
from formscan.model.template import Cell, Choice, FieldKind, FieldSpec, FormTemplate, ValueType
from formscan.pipeline.check import check_value
from formscan.pipeline.flag_codes import FLAG_TEXTS, flag

SEX = (Choice("male", "Nam", "Male", "1"), Choice("female", "Nữ", "Female", "2"))


def spec(kind: FieldKind = FieldKind.TEXT, of: ValueType = ValueType.TEXT, **more: object) -> FieldSpec:
    """A field; ``cells`` may be a number."""
    field_id = str(more.pop("id", "some.field"))
    label = str(more.pop("label", "Nhãn"))
    names = more.pop("cells", ("",))
    names = [""] * names if isinstance(names, int) else list(names)  # type: ignore[call-overload]
    cells = tuple(Cell(Area(10.0 * i, 0.0, 10.0 * i + 9.0, 9.0), name) for i, name in enumerate(names))
    return FieldSpec(field_id, 1, kind, of, label, "Label", cells, **more)  # type: ignore[arg-type]


def form(*fields: FieldSpec) -> FormTemplate:
    """A form with these fields."""
    return FormTemplate("T", "1", "01/BV-01", "Mẫu", "Form", "", "", (), (), fields)


def look(field: FieldSpec, text: str) -> tuple[FieldValue, list[str]]:
    """The value and the codes of its flags."""
    value, flags = check_value(form(field), field, text)
    return value, [found.code for found in flags]


BIRTH = spec(FieldKind.COMB, ValueType.DATE, id="patient.birth_date", cells=8, groups=(2, 2, 4))
MOMENT = spec(of=ValueType.DATETIME, id="admission.at", cells=("hour", "minute", "day", "month", "year"))


@pytest.mark.parametrize(
    ("typed", "shown", "normalised", "codes"),
    [
        ("12031957", "12/03/1957", "1957-03-12", []),
        ("12/3/1957", "12/3/1957", "1957-03-12", []),
        ("3/1957", "3/1957", "1957-03", ["date.partial"]),
        ("1957", "1957", "1957", ["date.partial"]),
        ("00001957", "00/00/1957", "1957", ["date.partial"]),
        ("____1957", "__/__/1957", "1957", ["date.partial"]),
        ("__031957", "__/03/1957", "1957-03", ["date.partial"]),
        ("31022000", "31/02/2000", "", ["date.impossible"]),
        ("29022001", "29/02/2001", "", ["date.impossible"]),
        ("29022000", "29/02/2000", "2000-02-29", []),
        ("12/03/57", "12/03/57", "", ["date.two_digit_year"]),
        ("1_031957", "1_/03/1957", "", ["comb.gap"]),
        ("_1031957", "_1/03/1957", "", ["comb.gap"]),
        ("120319_7", "12/03/19_7", "", ["comb.gap"]),
        ("12/03/9157", "12/03/9157", "", ["date.year_implausible"]),
        ("1203195", "1203195", "", ["date.format"]),
    ],
)
def test_that_a_date_keeps_the_precision_of_the_paper(
    typed: str, shown: str, normalised: str, codes: list[str]
) -> None:
    value, found = look(BIRTH, typed)
    assert (value.text, value.normalised, found) == (shown, normalised, codes)


def test_that_a_date_that_cannot_be_is_a_hard_flag_and_a_missing_century_a_soft_one() -> None:
    assert FLAG_TEXTS["date.impossible"].severity is Severity.HARD
    assert FLAG_TEXTS["comb.gap"].severity is Severity.HARD
    assert FLAG_TEXTS["date.two_digit_year"].severity is Severity.SOFT


@pytest.mark.parametrize(
    ("read", "shown", "normalised"),
    [
        ("08|30|12|3|2024", "08:30 12/3/2024", "2024-03-12T08:30"),
        ("8||12|3|2024", "8:__ 12/3/2024", "2024-03-12T08"),
        ("|30|12|3|2024", "__:30 12/3/2024", "2024-03-12"),
        ("||12|3|2024", "12/3/2024", "2024-03-12"),
        ("|||3|2024", "3/2024", "2024-03"),
        ("||||2024", "2024", "2024"),
        ("08|30||3|2024", "08:30 3/2024", "2024-03"),
        ("08|30|12|3|24", "08:30 12/3/24", "2024-03-12T08:30"),
        ("25|30|12|3|2024", "25:30 12/3/2024", "2024-03-12"),
        ("08|30|31|4|2024", "08:30 31/4/2024", ""),
        ("8 giờ 30 ph ngày 12/03/2024", "8 giờ 30 ph ngày 12/03/2024", "2024-03-12T08:30"),
        ("12/3/2024\n8h30", "12/3/2024 8h30", "2024-03-12T08:30"),
    ],
)
def test_that_a_moment_is_as_exact_as_it_was_written(read: str, shown: str, normalised: str) -> None:
    value, _ = look(MOMENT, read)
    assert (value.text, value.normalised) == (shown, normalised)


def test_that_a_year_of_two_digits_is_read_only_in_moments_of_the_stay_and_flagged_there() -> None:
    assert look(MOMENT, "08|30|12|3|24")[1] == ["date.two_digit_year"]
    onset = spec(of=ValueType.DATE, id="history.onset")
    assert look(onset, "12/3/24")[0].normalised == ""


def test_that_an_hour_alone_is_usual_in_a_row_of_a_table_and_gets_no_date() -> None:
    row = spec(of=ValueType.DATETIME, id="notes.2.time", table="notes", row=2, column="time")
    assert look(row, "21:47") == (FieldValue(FieldState.VALUE, "21:47"), ["date.as_above"])
    assert look(MOMENT, "21:47")[1] == ["date.part_missing"]


@pytest.mark.parametrize(
    ("typed", "normalised", "codes"),
    [
        ("36,8", "36.8", []),
        ("36.8", "36.8", []),
        ("36,80", "36.80", []),
        ("36,8 oC", "36.8", []),
        ("36,8⁰C", "36.8", []),
        ("1.200,5", "1200.5", []),
        ("1.200", "", ["number.ambiguous_point"]),
        ("98 F", "", ["unit.differs"]),
        ("36-37", "", ["number.format"]),
        ("sốt", "", ["number.format"]),
    ],
)
def test_that_a_decimal_comma_is_understood(typed: str, normalised: str, codes: list[str]) -> None:
    value, found = look(spec(of=ValueType.DECIMAL, unit="°C"), typed)
    assert (value.text, value.normalised, found) == (typed, normalised, codes)


@pytest.mark.parametrize(
    ("typed", "shown", "normalised", "codes"),
    [
        ("_67", "67", "67", []),
        ("__8", "8", "8", []),
        ("008", "008", "8", []),
        ("67_", "67", "67", ["comb.trailing_blank"]),
        ("1_8", "1_8", "", ["comb.gap"]),
    ],
)
def test_that_blank_cells_before_a_number_are_usual_and_between_digits_never_closed_up(
    typed: str, shown: str, normalised: str, codes: list[str]
) -> None:
    value, found = look(spec(FieldKind.COMB, ValueType.INTEGER, cells=3), typed)
    assert (value.text, value.normalised, found) == (shown, normalised, codes)


@pytest.mark.parametrize(
    ("typed", "normalised", "codes"),
    [
        ("120|80", "120/80", []),
        ("120/80 mmHg", "120/80", []),
        ("120|", "120/", ["blood_pressure.part_missing"]),
        ("120", "", ["blood_pressure.format"]),
    ],
)
def test_that_half_a_blood_pressure_stays_half(typed: str, normalised: str, codes: list[str]) -> None:
    value, found = look(spec(of=ValueType.BLOOD_PRESSURE), typed)
    assert (value.normalised, found) == (normalised, codes)


@pytest.mark.parametrize(
    ("typed", "normalised", "codes"),
    [
        ("001157012345", "001157012345", []),
        ("001 157 012 345", "001157012345", []),
        ("003157012345", "003157012345", ["citizen_id.province"]),
        ("012345678", "012345678", ["citizen_id.old_number"]),
        ("B1234567", "B1234567", ["citizen_id.passport"]),
        ("00115701234", "", ["citizen_id.length"]),
        ("0011570I2345", "", ["citizen_id.format"]),
    ],
)
def test_that_numbers_of_persons_are_looked_at_closely(typed: str, normalised: str, codes: list[str]) -> None:
    value, found = look(spec(of=ValueType.CITIZEN_ID), typed)
    assert (value.text, value.normalised, found) == (typed, normalised, codes)


@pytest.mark.parametrize(
    ("typed", "normalised", "codes"),
    [
        ("DN4010123456789", "DN4010123456789", []),
        ("DN|4|01|01234|56789", "DN4010123456789", []),
        ("0123456789", "0123456789", []),
        ("ZZ4010123456789", "ZZ4010123456789", ["insurance.kind_unknown"]),
        ("DN9010123456789", "DN9010123456789", ["insurance.benefit"]),
        ("DN4030123456789", "DN4030123456789", ["insurance.province"]),
        ("DN401012345678", "", ["insurance.length"]),
        ("D14010123456789", "", ["insurance.format"]),
    ],
)
def test_that_an_insurance_number_is_taken_apart(typed: str, normalised: str, codes: list[str]) -> None:
    value, found = look(spec(of=ValueType.INSURANCE_NUMBER), typed)
    assert (value.normalised, found) == (normalised, codes)


@pytest.mark.parametrize(
    ("typed", "normalised", "codes"),
    [
        ("A000", "A00.0", []),
        ("a00.0", "A00.0", []),
        ("I10_", "I10", []),
        ("I_0_", "", ["comb.gap"]),
        ("A99.9", "A99.9", ["icd.unknown"]),
        ("AOOO", "", ["icd.format"]),
    ],
)
def test_that_a_code_gets_its_dot_and_is_looked_up(typed: str, normalised: str, codes: list[str]) -> None:
    value, found = look(spec(FieldKind.COMB, ValueType.ICD10, cells=4), typed)
    assert (value.normalised, found) == (normalised, codes)


@pytest.mark.parametrize(
    ("catalogue", "typed", "normalised", "codes"),
    [
        ("ethnic", "01", "01", []),
        ("ethnic", "Kinh", "01", []),
        ("ethnic", "99", "99", []),
        ("ethnic", "60", "", ["catalogue.unknown"]),
        ("occupation", "05", "05", []),
        ("province", "79", "79", []),
        ("province", "Kiên Giang", "91", []),
        ("province", "91", "91", ["province.two_editions"]),
        ("province", "An Giang", "", ["province.two_editions"]),
        ("nationality", "VN", "VN", []),
    ],
)
def test_that_catalogues_know_codes_and_names(
    catalogue: str, typed: str, normalised: str, codes: list[str]
) -> None:
    value, found = look(spec(of=ValueType.CATALOGUE, catalogue=catalogue), typed)
    assert (value.text, value.normalised, found) == (typed, normalised, codes)


def test_that_two_marks_where_one_is_allowed_are_never_chosen_from() -> None:
    single = spec(FieldKind.CHOICE, ValueType.CHOICE, choices=SEX)
    assert look(single, "male")[0] == FieldValue(FieldState.VALUE, "male", "1")
    assert look(single, "male;female") == (FieldValue(FieldState.VALUE, "male;female"), ["choice.several"])
    assert look(single, "both")[1] == ["choice.unknown"]
    several = spec(FieldKind.CHOICE, ValueType.CHOICE, choices=SEX, multiple=True)
    assert look(several, "male;female")[0].normalised == "1;2"


def test_that_a_blank_box_is_never_read_as_no() -> None:
    tick = spec(FieldKind.MARK, ValueType.BOOLEAN)
    assert look(tick, "") == (FieldValue(FieldState.BLANK), [])
    assert look(tick, "true")[0].normalised == "true"
    assert look(tick, "không") == (FieldValue(FieldState.VALUE, "không"), ["boolean.no_from_mark"])


@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        ("NGUYỄN VĂN A", []),
        ("Nguyễn Văn A", ["name.not_capitals"]),
        ("NGUYỄN V4N A", ["name.digits"]),
        ("NGUYỄN #", ["name.characters"]),
        ("NGUYẾN VĂN A", ["name.family_doubtful"]),
        ("DẶNG VĂN A", ["name.family_doubtful"]),
        ("KSOR H'LAN", []),
        ("SMITH JOHN", []),
        ("CON BÀ TRẦN THỊ B", []),
    ],
)
def test_that_a_name_is_looked_at_and_never_recased(typed: str, codes: list[str]) -> None:
    value, found = look(spec(of=ValueType.PERSON_NAME, label="Họ và tên (In hoa)"), typed)
    assert (value.text, value.normalised, found) == (typed, typed, codes)


@pytest.mark.parametrize(
    ("typed", "normalised", "codes"),
    [
        ("0912 345 678", "0912345678", []),
        ("+84912345678", "0912345678", []),
        ("024 3825 3531", "02438253531", []),
        ("01234567890", "01234567890", ["phone.legacy"]),
        ("0912345678/0987654321", "0912345678;0987654321", []),
        ("12345", "", ["phone.format"]),
    ],
)
def test_that_phones_are_understood(typed: str, normalised: str, codes: list[str]) -> None:
    value, found = look(spec(of=ValueType.PHONE), typed)
    assert (value.text, value.normalised, found) == (typed, normalised, codes)


def test_that_free_text_is_untouched() -> None:
    text = "  đau bụng\n  2 ngày, sốt 38|39 _ "
    assert look(spec(), text) == (FieldValue(FieldState.VALUE, text, text), [])


def test_that_a_required_blank_is_told() -> None:
    assert look(spec(required=True), " ")[1] == ["field.required_blank"]


def test_that_every_flag_has_a_sentence_and_advice_in_both_languages() -> None:
    for text in FLAG_TEXTS.values():
        assert all((text.vi, text.en, text.do_vi, text.do_en)), text.code
    found = flag("icd.unknown", code="Z99.99")
    assert "Z99.99" in FLAG_TEXTS["icd.unknown"].sentence(found, "en")
