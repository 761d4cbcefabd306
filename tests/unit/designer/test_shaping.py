"""A field made another kind of field, answers found in the print, codes as text and back."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formscan.designer.studio.opening import next_version, open_form
from formscan.designer.studio.shaping import answers_in_print, fhir_of, fhir_text, reshaped
from formscan.errors import StudioError
from formscan.model.geometry import Area
from formscan.model.template import Cell, Choice, FieldKind, FieldSpec, FormTemplate, ValueType
from formscan.paths import forms_dir
from formscan.templates import TemplateLibrary

FORMS = TemplateLibrary.load(forms_dir())


def _field(kind: FieldKind, meant: ValueType, places: int) -> FieldSpec:
    cells = tuple(Cell(Area(10 + 20 * n, 10, 22 + 20 * n, 22)) for n in range(places))
    return FieldSpec("sign", 1, kind, meant, "Dấu hiệu", "Sign", cells, "page")


def test_that_tick_boxes_become_numbers_in_boxes_and_tick_boxes_again() -> None:
    answers = (Choice("cough", "Ho", "Cough"), Choice("fever", "Sốt", "Fever"))
    ticks = reshaped(_field(FieldKind.CHOICE, ValueType.CHOICE, 2), "choices", answers)
    assert [c.name for c in ticks.cells] == ["cough", "fever"]
    comb = reshaped(ticks, "kind", FieldKind.COMB)
    assert [(c.value, c.code) for c in comb.choices] == [("cough", "1"), ("fever", "2")]
    assert {c.name for c in comb.cells} == {""}
    assert reshaped(comb, "kind", FieldKind.CHOICE) == ticks


@pytest.mark.parametrize("kind", list(FieldKind))
@pytest.mark.parametrize("before", [FieldKind.TEXT, FieldKind.COMB, FieldKind.MARK])
def test_that_the_type_fits_the_kind_and_only_questions_have_answers(
    kind: FieldKind, before: FieldKind
) -> None:
    start = _field(before, ValueType.BOOLEAN if before is FieldKind.MARK else ValueType.DATE, 3)
    made = reshaped(start, "kind", kind)
    fixed = {
        FieldKind.MARK: ValueType.BOOLEAN,
        FieldKind.CHOICE: ValueType.CHOICE,
        FieldKind.SIGNATURE: ValueType.PRESENCE,
        FieldKind.DRAWING: ValueType.PRESENCE,
    }
    if kind in fixed:
        assert made.type is fixed[kind]
    elif kind is not before:
        assert made.type not in {ValueType.CHOICE, ValueType.BOOLEAN, ValueType.PRESENCE}
    assert bool(made.choices) is (kind is FieldKind.CHOICE)
    assert [c.area for c in made.cells] == [c.area for c in start.cells]


def test_that_answers_go_where_a_comb_becomes_a_number() -> None:
    asked = reshaped(_field(FieldKind.COMB, ValueType.INTEGER, 2), "choices", (Choice("a", "A", "A"),))
    asked = replace(asked, multiple=True)
    plain = reshaped(asked, "type", ValueType.INTEGER)
    assert (plain.choices, plain.multiple) == ((), False)


def test_that_answers_and_names_that_are_not_as_many_as_places_are_refused() -> None:
    with pytest.raises(StudioError, match=r"studio\.answers"):
        reshaped(_field(FieldKind.CHOICE, ValueType.CHOICE, 3), "choices", (Choice("a", "A", "A"),))
    with pytest.raises(StudioError, match=r"studio\.no_question"):
        reshaped(_field(FieldKind.TEXT, ValueType.TEXT, 1), "choices", (Choice("a", "A", "A"),))
    with pytest.raises(StudioError, match=r"studio\.names"):
        reshaped(_field(FieldKind.TEXT, ValueType.DATE, 3), "names", "day, month")
    named = reshaped(_field(FieldKind.TEXT, ValueType.DATE, 3), "names", "day, month, year")
    assert [c.name for c in named.cells] == ["day", "month", "year"]


def test_that_printed_answers_are_found_beside_the_boxes_of_the_official_forms() -> None:
    asked = [
        (form, field)
        for form in FORMS.forms
        for field in form.fields
        if field.kind is FieldKind.COMB and field.type is ValueType.CHOICE
    ]
    right = 0
    for form, field in asked:
        told = answers_in_print(form.page(field.page), field)
        right += [c.code for c in told] == [c.code for c in field.choices]
    assert len(asked) > 100
    assert right >= 0.8 * len(asked)


def test_that_nothing_is_invented_where_no_numbers_are_printed() -> None:
    form = FORMS.get("15-BV1")
    name = next(f for f in form.fields if f.type is ValueType.PERSON_NAME)
    assert answers_in_print(form.page(name.page), name) == ()


@pytest.mark.parametrize("form", FORMS.forms, ids=lambda form: form.id)
def test_that_every_code_of_the_forms_is_the_same_after_being_typed(form: FormTemplate) -> None:
    for field in form.fields:
        assert fhir_of(fhir_text(field.fhir)) == field.fhir


@given(st.text(alphabet="ab:/ -1", max_size=20))
def test_that_what_is_typed_as_a_code_is_shown_as_it_was_taken(text: str) -> None:
    item = fhir_of(text)
    assert fhir_of(fhir_text(item)) == item


def test_that_a_form_begins_its_next_edition_with_everything_accepted() -> None:
    form = FORMS.get("18-BV1")
    assert next_version(form, FORMS.forms) == "2023.2"
    known = [*FORMS.forms, replace(form, version="2023.2")]
    assert next_version(form, known) == "2023.3"
    assert next_version(replace(form, version="B"), FORMS.forms) == "B2"
    begun = open_form(form, "2023.2").document
    assert not begun.waiting()
    assert len({f.handle for f in begun.fields}) == len(form.fields)
    again = begun.template()
    assert replace(again, version=form.version, digest=form.digest) == form
