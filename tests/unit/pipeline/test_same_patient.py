"""Readings of names and numbers say whose pages these are, or that nobody can say."""

from __future__ import annotations

from formscan.model.geometry import Box
from formscan.model.reading import CheckedField, FieldState, FieldValue, Reading
from formscan.pipeline.same_patient import Identity, Same, identity_of


def read(field_id: str, text: str, confidence: float = 0.9, *others: str) -> CheckedField:
    """A field with what readers made of it."""
    value = FieldValue(FieldState.VALUE, text, text) if text else FieldValue(FieldState.BLANK)
    readings = tuple(Reading(each, FieldState.VALUE, confidence, "x") for each in (text, *others) if each)
    return CheckedField(field_id, 1, value, confidence, readings, (), "0" * 64, Box(0, 0, 9, 9), (), 0.1)


def _whose(name: str = "", number: str = "", confidence: float = 0.9) -> Identity:
    fields = [read("patient.name", name, confidence), read("record.admission_number", number, confidence)]
    return identity_of(fields)


def test_that_a_name_read_with_a_slip_is_the_same_name() -> None:
    assert _whose("Nguyễn Thị Hòa").compare(_whose("NGUYEN THI HOA")) is Same.YES
    assert _whose("Nguyễn Thị Hòa").compare(_whose("Nguyên Thị Hoe")) is Same.YES


def test_that_another_name_surely_read_is_another_patient() -> None:
    assert _whose("Nguyễn Thị Hòa").compare(_whose("Trần Văn Bình")) is Same.NO


def test_that_a_difference_nobody_is_sure_of_says_nothing() -> None:
    assert _whose("Nguyễn Thị Hòa").compare(_whose("Trần Văn Bình", confidence=0.3)) is Same.UNKNOWN


def test_that_blank_fields_and_short_readings_say_nothing() -> None:
    assert _whose().compare(_whose("Trần Văn Bình")) is Same.UNKNOWN
    assert _whose(number="12").compare(_whose(number="34")) is Same.UNKNOWN


def test_that_names_that_agree_and_numbers_that_do_not_are_for_a_person() -> None:
    one, other = _whose("Trần Văn Bình", "24001234"), _whose("Trần Văn Bình", "99887766")
    assert one.compare(other) is Same.MIXED


def test_that_any_reader_may_be_right() -> None:
    one = identity_of([read("patient.name", "Xxxx Yyyy", 0.9, "Trần Văn Bình")])
    assert one.compare(_whose("Trần Văn Bình")) is Same.YES


def test_that_one_misread_page_does_not_outvote_the_others() -> None:
    record = _whose("Trần Văn Bình")
    for _ in range(3):
        record.add(_whose("Trần Văn Bình"))
    record.add(_whose("Lê Quý Xuân Hương"))
    assert record.compare(_whose("Trần Văn Bình")) is Same.YES
