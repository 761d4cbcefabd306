"""Faults planted in a small form are told with their line, by the loader and by the checker."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from formscan.errors import NotFoundError, TemplateError
from formscan.model.geometry import Area
from formscan.model.template import FieldKind, FormTemplate
from formscan.pipeline.rules.cross import RULES
from formscan.templates import TemplateLibrary, check_form, field_rules, load_form

Write = Callable[[str], Path]

SHAPE = [
    (
        'code = "99/X"\n',
        'code = "99/X"\ncolour = "red"\n',
        "template.unknown_key",
        "colour",
        'colour = "red"',
    ),
    ('edition = "none"\n', "", "template.missing_key", "", "id ="),
    ("page = 1\nsection", 'page = "1"\nsection', "template", "fields[0].page", 'page = "1"'),
    ('kind = "comb"', 'kind = "brush"', "template.unknown_word", "fields[1].kind", 'kind = "brush"'),
    (
        "[[60, 10, 180, 25]]",
        "[[60, 10, 180]]",
        "template.wrong_length",
        "fields[0].cells[0]",
        "[[60, 10, 180]]",
    ),
    (
        '  [40, 60, 50, 70, "female"],',
        '  [40, 60, 50, "x", "female"],',
        "template",
        "fields[2].cells[1]",
        '[40, 60, 50, "x"',
    ),
    ("critical = true", 'critical = "yes"', "template", "fields[0].critical", 'critical = "yes"'),
    ("groups = [2, 2, 2]", "groups = [2, 0, 4]", "template", "fields[1].groups[1]", "groups = [2, 0, 4]"),
    ("left = 60", "wide = 60", "template", "tables[0].columns[1]", 'id = "order"'),
    (', en = "Sex" }', " }", "template.missing_key", "fields[2].label", 'vi = "Giới"'),
    ("size = [200, 120]", "size = [200]", "template.wrong_length", "pages[0].size", "size = [200]"),
    ('"bold", "Họ tên:"', '"fat", "Họ tên:"', "template.unknown_word", "pages[0].texts[0]", '"fat"'),
]


def _line(text: str, part: str) -> int:
    return next(n for n, line in enumerate(text.splitlines(), start=1) if part in line)


@pytest.mark.parametrize(("old", "new", "code", "key", "part"), SHAPE, ids=[s[3] or "root" for s in SHAPE])
def test_that_a_wrong_shape_is_told_with_its_line(
    small: str, write_form: Write, old: str, new: str, code: str, key: str, part: str
) -> None:
    assert old in small
    text = small.replace(old, new, 1)
    path = write_form(text)
    with pytest.raises(TemplateError) as raised:
        load_form(path)
    assert raised.value.code.startswith(code)
    problems = check_form(path)
    assert problems
    near = {_line(text, part), _line(text, part) - 1}
    assert any(p.code.startswith(code) and p.key.startswith(key) and p.line in near for p in problems), (
        problems
    )
    assert abs(int(raised.value.facts["line"]) - _line(text, part)) <= 1
    assert raised.value.facts["file"] == str(path)


MEANING = [
    ('id = "vital.blood_pressure"', 'id = "patient.name"', "field.doubled", 'id = "patient.name"', 2),
    ("[[60, 10, 180, 25]]", "[[60, 10, 280, 25]]", "field.off_page", "[[60, 10, 280, 25]]", 1),
    ("[[60, 10, 180, 25]]", "[[60, 10, 180, 43]]", "field.cells_overlap", "[60, 40, 70, 50]", 1),
    ("  [80, 95],", "  [68, 95],", "field.cells_overlap", "[68, 95]", 1),
    ('70, "female"]', '70, "woman"]', "choice.unknown_cell", '"woman"]', 1),
    ('70, "female"]', '70, "woman"]', "choice.without_cell", 'value = "female"', 1),
    ("groups = [2, 2, 2]", "groups = [2, 2, 4]", "comb.groups_differ", "groups =", 1),
    ("  [70, 40, 80, 50],\n", "", "comb.wrong_length", "cells = [", 2),
    ('"age_matches_birth_date"', '"age_matches_shoe_size"', "field.unknown_rule", "shoe_size", 1),
    ("critical = true", 'catalogue = "hats"', "field.unknown_catalogue", "hats", 1),
    ('type = "person_name"', 'type = "catalogue"', "field.no_catalogue", 'type = "catalogue"', 1),
    ('kind = "text"', 'kind = "mark"', "field.type_not_of_kind", 'type = "person_name"', 1),
    ('72, "diastolic"]', '72, "low"]', "cell.unknown_name", '"low"]', 1),
    ('72, "diastolic"]', '72, "systolic"]', "cell.doubled_name", '"systolic"]', 1),
    ('code = "85354-9", ', "", "fhir.observation_without_code", "fhir =", 1),
    ('section = "all"', 'section = "none"', "field.unknown_section", 'section = "none"', 1),
    ("page = 1", "page = 3", "field.unknown_page", "page = 3", 1),
    ("  [8, 8, 60, 26],", "  [8, 8, 260, 26],", "anchor.off_page", "[8, 8, 260, 26]", 1),
    ("  [8, 8, 60, 26],", "  [8, 100, 60, 115],", "anchor.without_print", "[8, 100, 60, 115]", 1),
    ("  [8, 8, 60, 26],\n", "", "page.no_anchors", "anchors =", 1),
    ("number = 1", "number = 2", "page.wrong_number", "number = 2", 1),
    ("  [10, 80, 190, 80,", "  [10, 80, 290, 80,", "print.off_page", "[10, 80, 290", 1),
    ("Họ tên:", "Họ tên:".replace("ọ", "o\u0323"), "print.not_nfc", '"bold"', 1),
    ("Họ tên:", "Họ 表:", "print.no_glyph", '"bold"', 1),
    ('id = "99-X"', 'id = "98-X"', "form.folder_differs", 'id = "98-X"', 1),
]


@pytest.mark.parametrize(("old", "new", "code", "part", "nth"), MEANING, ids=[m[2] for m in MEANING])
def test_that_a_wrong_meaning_is_told_with_its_line(
    small: str, write_form: Write, old: str, new: str, code: str, part: str, nth: int
) -> None:
    assert old in small
    text = small.replace(old, new, 1)
    lines = [n for n, line in enumerate(text.splitlines(), start=1) if part in line]
    problems = check_form(write_form(text))
    assert (code, lines[nth - 1]) in {(p.code, p.line) for p in problems}, (problems, lines)
    assert all(re.fullmatch(r"[a-z_]+\.[a-z_]+", p.code) for p in problems)


def test_that_a_form_may_name_exactly_the_rules_there_are() -> None:
    assert set(RULES) == field_rules.RULES


def test_that_a_sound_form_has_no_problem(small: str, write_form: Write) -> None:
    assert check_form(write_form(small)) == []


def test_that_text_that_is_not_toml_is_told_with_its_line(small: str, write_form: Write) -> None:
    path = write_form(small.replace("groups = [2, 2, 2]", "groups = [2, 2", 1))
    (problem,) = check_form(path)
    assert problem.code == "template.not_toml"
    assert 0 <= problem.line - _line(small, "groups =") <= 2


def test_that_a_missing_file_and_foreign_bytes_are_told(tmp_path: Path) -> None:
    assert check_form(tmp_path / "none.toml")[0].code == "template.unreadable"
    (tmp_path / "latin.toml").write_bytes("id = 'Họ'".encode("utf-16"))
    assert check_form(tmp_path / "latin.toml")[0].code == "template.not_utf8"


def test_that_a_table_becomes_one_field_a_cell_behind_the_field_it_follows(
    small: str, write_form: Write
) -> None:
    form = load_form(write_form(small))
    ids = [field.id for field in form.fields]
    assert ids[3:7] == ["notes.1.time", "notes.1.order", "notes.2.time", "notes.2.order"]
    cell = form.field("notes.2.order")
    assert (cell.table, cell.row, cell.column) == ("notes", 2, "order")
    assert cell.cells[0].area == Area(60, 95, 190, 110)


def test_that_a_field_keeps_everything_its_form_says(small: str, write_form: Write) -> None:
    form = load_form(write_form(small))
    sex, pressure = form.field("patient.sex"), form.field("vital.blood_pressure")
    assert [(c.value, c.label_vi, c.label_en, c.code) for c in sex.choices] == [
        ("male", "Nam", "Male", "1"),
        ("female", "Nữ", "Female", None),
    ]
    assert sex.kind is FieldKind.CHOICE
    assert [cell.name for cell in pressure.cells] == ["systolic", "diastolic"]
    assert pressure.fhir is not None
    assert pressure.fhir.unit == "mm[Hg]"
    assert form.field("patient.birth_date").groups == (2, 2, 2)
    assert form.page(1).rules[1].dash == 0.5
    assert len(form.digest) == 64


def test_that_a_changed_file_has_another_digest(small: str, write_form: Write) -> None:
    first = load_form(write_form(small)).digest
    assert load_form(write_form(small + "# a note\n")).digest != first


def _form(form_id: str, version: str) -> FormTemplate:
    return FormTemplate(form_id, version, form_id, "a", "a", "", "", (), (), ())


def test_that_the_newest_version_is_taken_where_none_is_named() -> None:
    library = TemplateLibrary([_form("A", "2023.10"), _form("A", "2023.9"), _form("B", "1")])
    assert library.get("A").version == "2023.10"
    assert library.get("A", "2023.9").version == "2023.9"
    with pytest.raises(NotFoundError):
        library.get("A", "2024.1")
    with pytest.raises(NotFoundError):
        library.get("C")


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_that_whatever_is_done_to_a_form_is_told_and_never_crashes(
    small: str, write_form: Write, data: st.DataObject
) -> None:
    lines = small.splitlines()
    at = data.draw(st.integers(0, len(lines) - 1))
    what = data.draw(st.sampled_from(["drop", "double", "swap", "word"]))
    if what == "drop":
        del lines[at]
    elif what == "double":
        lines.insert(at, lines[at])
    elif what == "swap":
        other = data.draw(st.integers(0, len(lines) - 1))
        lines[at], lines[other] = lines[other], lines[at]
    else:
        words = ["true", "-1", "nan", "inf", '""', "[]", "{}", '"x"', "1e99", "12"]
        lines[at] = re.sub(r'"[^"]*"|-?[0-9.]+', data.draw(st.sampled_from(words)), lines[at], count=1)
    path = write_form("\n".join(lines) + "\n")
    problems = check_form(path)
    assert all(1 <= p.line <= len(lines) + 1 for p in problems)
    try:
        load_form(path)
    except TemplateError:
        assert problems
