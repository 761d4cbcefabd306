"""Suggestions are found without tones and never change anything by themselves."""

from __future__ import annotations

import pytest

from formscan.model.geometry import Area
from formscan.model.template import Cell, FieldKind, FieldSpec, ValueType
from formscan.model.words import words_of
from formscan.pipeline import lexicon
from formscan.review.completion import MOST, Completer, Lists, Subject, WordIndex, subject_of

LISTS = Lists(
    family=("Nguyễn", "Trần", "Đặng"),
    given=("Thị", "Thanh", "Đức", "Hồng"),
    places=(
        ("Phường Tân Phú", "Thành phố Đồng Xoài", "Tỉnh Bình Phước"),
        ("Phường Tân Phú", "Quận Cái Răng", "Thành phố Cần Thơ"),
        ("Phường Cái Khế", "Quận Ninh Kiều", "Thành phố Cần Thơ"),
        ("Phường Ninh Kiều", "", "Thành phố Cần Thơ"),
    ),
    icd10={
        "J18": "Viêm phổi, tác nhân không xác định",
        "J18.9": "Viêm phổi, không đặc hiệu",
        "A00": "Bệnh tả",
    },
    catalogues={"ethnic": {"01": "Kinh", "05": "Khơ-me"}, "occupation": {"03": "Hưu và > 60 tuổi"}},
    drugs=("Penicilin", "Paracetamol"),
)


def _spec(
    field_id: str,
    type_: ValueType = ValueType.TEXT,
    kind: FieldKind = FieldKind.TEXT,
    catalogue: str | None = None,
) -> FieldSpec:
    cells = (Cell(Area(0, 0, 100, 12)),)
    return FieldSpec(field_id, 1, kind, type_, field_id, field_id, cells, catalogue=catalogue)


@pytest.fixture
def completer() -> Completer:
    return Completer(LISTS)


def _texts(
    completer: Completer, spec: FieldSpec, text: str, around: dict[str, str] | None = None
) -> list[str]:
    return [one.text for one in completer.suggest(spec, text, around or {})]


def test_that_a_name_is_completed_word_by_word_without_tones_in_the_case_it_is_typed(
    completer: Completer,
) -> None:
    name = _spec("patient.name", ValueType.PERSON_NAME)
    assert _texts(completer, name, "NGUYEN") == ["NGUYỄN"]
    assert _texts(completer, name, "dan") == ["Đặng"]
    assert _texts(completer, name, "NGUYỄN TH") == ["NGUYỄN THỊ", "NGUYỄN THANH"]
    assert _texts(completer, name, "Trần duc") == ["Trần Đức"]
    assert _texts(completer, name, "Trần ") == []


def test_that_a_code_is_found_by_code_and_by_words_of_its_title(completer: Completer) -> None:
    comb = _spec("diagnosis.admission.code", ValueType.ICD10, FieldKind.COMB)
    assert set(_texts(completer, comb, "viem phoi")) == {"J18", "J189"}
    assert _texts(completer, comb, "j189") == ["J189"]
    assert _texts(completer, comb, "J189") == []  # it stands there already, dotless in a comb
    assert _texts(completer, comb, "j18") == ["J18", "J189"]
    written = _spec("diagnosis.code", ValueType.ICD10)
    assert "J18.9" in _texts(completer, written, "dac hieu viem")


def test_that_an_empty_code_field_takes_up_the_diagnosis_beside_it(completer: Completer) -> None:
    comb = _spec("diagnosis.admission.code", ValueType.ICD10, FieldKind.COMB)
    assert _texts(completer, comb, "", {"diagnosis.admission": "Bệnh tả"}) == ["A00"]
    assert _texts(completer, comb, "") == []


def test_that_an_address_is_completed_along_its_hierarchy(completer: Completer) -> None:
    ward, district, province = (_spec(f"patient.address.{part}") for part in ("ward", "district", "province"))
    labels = [
        one.label for one in completer.suggest(ward, "tan phu", {"patient.address.province": "Cần Thơ"})
    ]
    assert labels == ["Phường Tân Phú, Quận Cái Răng, Thành phố Cần Thơ"]
    assert _texts(completer, ward, "cai khe") == ["Phường Cái Khế"]
    assert _texts(completer, district, "", {"patient.address.ward": "Cái Khế"}) == ["Quận Ninh Kiều"]
    assert _texts(completer, province, "", {"patient.address.district": "Quận Ninh Kiều"}) == ["Cần Thơ"]
    assert _texts(completer, province, "binh") == ["Bình Phước"]


def test_that_a_relative_is_a_name_and_after_a_comma_an_address(completer: Completer) -> None:
    relative = _spec("relative.name_address")
    assert _texts(completer, relative, "Trần d") == ["Trần Đức"]
    assert _texts(completer, relative, "Trần Đức, cai khe") == ["Trần Đức, Phường Cái Khế"]


def test_that_lists_with_codes_are_found_by_both(completer: Completer) -> None:
    assert _texts(completer, _spec("patient.ethnicity"), "ki") == ["Kinh"]
    code = _spec("patient.ethnicity_code", ValueType.CATALOGUE, FieldKind.COMB, "ethnic")
    assert _texts(completer, code, "kho") == ["05"]
    assert _texts(completer, code, "0") == ["01", "05"]
    assert _texts(completer, _spec("traits.allergy.allergen"), "dị ứng peni") == ["dị ứng Penicilin"]


def test_that_what_was_decided_at_a_field_is_offered_there_again_and_nowhere_else(
    completer: Completer,
) -> None:
    hospital = _spec("facility.name")
    assert _texts(completer, hospital, "") == []
    completer.learn(hospital, "BV Đa khoa Ninh Kiều")
    assert _texts(completer, hospital, "") == []  # once may be chance
    assert _texts(completer, hospital, "bv da") == ["BV Đa khoa Ninh Kiều"]
    completer.learn(hospital, "BV Đa khoa Ninh Kiều")
    completer.learn(hospital, " ")
    assert _texts(completer, hospital, "") == ["BV Đa khoa Ninh Kiều"]
    assert _texts(completer, _spec("facility.department"), "bv") == []


@pytest.mark.parametrize(
    "field_id", ["patient.name", "patient.workplace", "relative.phone", "diagnosis.main"]
)
def test_that_what_is_about_one_patient_is_never_offered_to_another(
    completer: Completer, field_id: str
) -> None:
    spec = _spec(field_id)
    completer.learn(spec, "Xưởng mộc Hòa Bình")
    completer.learn(spec, "Xưởng mộc Hòa Bình")
    assert _texts(completer, spec, "xuong") == []


def test_that_no_more_is_offered_than_has_a_key_and_never_what_stands_there() -> None:
    many = Completer(Lists(family=tuple(f"Ngô{letter}" for letter in "abcdefgh")))
    name = _spec("patient.name", ValueType.PERSON_NAME)
    assert len(many.suggest(name, "ngo", {})) == MOST
    assert "Ngôa" not in _texts(many, name, "Ngôa")


def test_that_a_field_without_lists_gets_nothing(completer: Completer) -> None:
    assert subject_of(_spec("vital.pulse", ValueType.INTEGER)) is Subject.NONE
    assert _texts(completer, _spec("vital.pulse", ValueType.INTEGER), "8") == []
    assert _texts(completer, _spec("exam.general"), "tim") == []


def test_that_words_are_found_in_any_order_and_one_letter_finds_nothing() -> None:
    index = WordIndex(["A00 Bệnh tả", "B05 Bệnh sởi", "C10 U ác của họng"])
    assert index.find("soi benh") == [1]
    assert index.find("b05") == [1]
    assert index.find("benh khac") == []
    assert index.find("b") == []


@pytest.mark.parametrize("asked", ["viem phoi", "phoi viem", "a00", "j18.9 viem", "u ac", "gay xuong", "zzz"])
def test_that_the_index_finds_in_icd10_what_looking_at_every_title_finds(asked: str) -> None:
    texts = [f"{code} {title}" for code, title in lexicon.icd10().items()]
    wanted = words_of(asked)
    looked_at = {
        place
        for place, text in enumerate(texts)
        if all(any(word.startswith(begun) for word in words_of(text)) for begun in wanted)
    }
    assert set(WordIndex(texts).find(asked, len(texts))) == looked_at
