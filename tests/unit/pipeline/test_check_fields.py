"""Several readers of one field: what is proposed, how sure, and what a person must look at."""

from __future__ import annotations

import numpy as np
import pytest

from formscan.model.geometry import Area, Box
from formscan.model.reading import CellReading, CheckedField, Crop, FieldState, Reading
from formscan.model.template import Cell, Choice, FieldKind, FieldSpec, FormTemplate, ValueType
from formscan.pipeline.check import check_fields

AGE = FieldSpec(
    "patient.age",
    1,
    FieldKind.COMB,
    ValueType.INTEGER,
    "Tuổi",
    "Age",
    tuple(Cell(Area(10.0 * i, 0.0, 10.0 * i + 9.0, 9.0)) for i in range(3)),
)
BIRTH = FieldSpec(
    "patient.birth_date",
    1,
    FieldKind.TEXT,
    ValueType.DATE,
    "Sinh ngày",
    "Born",
    tuple(Cell(Area(10.0 * i, 0.0, 10.0 * i + 9.0, 9.0), name) for i, name in enumerate(("month", "year"))),
)


def checked(*readings: Reading, field: FieldSpec = AGE, residual_mm: float = 0.2) -> CheckedField:
    """One field through the check."""
    paper = np.full((20, 60), 255, np.uint8)
    crop = Crop(field, paper, paper, (), 300.0, Box(5, 6, 65, 26), residual_mm, (Box(5, 6, 15, 16),))
    form = FormTemplate("T", "1", "01/BV-01", "", "", "", "", (), (), (field,))
    (found,) = check_fields(form, [crop], [readings])
    return found


def said(text: str, confidence: float = 0.9, state: FieldState = FieldState.VALUE) -> Reading:
    """What one reader says."""
    return Reading(text, state, confidence, "reader 1")


def codes(field: CheckedField) -> list[str]:
    """Codes of the flags."""
    return [found.code for found in field.flags]


def test_that_a_reading_becomes_a_proposal_with_its_place_and_confidence() -> None:
    field = checked(said("67"))
    assert (field.value.text, field.value.normalised, field.confidence) == ("67", "67", 0.9)
    assert (field.page_box, field.cell_boxes, field.flags) == (Box(5, 6, 65, 26), (Box(5, 6, 15, 16),), ())
    assert len(field.crop_sha256) == 64


def test_that_what_no_reader_stands_behind_stays_unverified() -> None:
    field = checked(said("67", 0.4, FieldState.UNVERIFIED))
    assert (field.value.state, field.value.text, codes(field)) == (
        FieldState.UNVERIFIED,
        "",
        ["readers.unsure"],
    )
    assert field.readings[0].text == "67"


def test_that_a_field_nobody_read_is_unverified() -> None:
    field = checked()
    assert (field.value.state, field.confidence, codes(field)) == (
        FieldState.UNVERIFIED,
        0.0,
        ["readers.none"],
    )


def test_that_readers_who_disagree_are_flagged_and_believed_less() -> None:
    field = checked(said("67", 0.9), said("61", 0.8))
    assert field.value.text == "67"
    assert field.confidence == pytest.approx(0.9 * 0.2 / (1 - 0.72))
    assert codes(field) == ["readers.disagree"]


def test_that_readers_who_mean_the_same_agree() -> None:
    field = checked(said("067", 0.7), said("67", 0.95))
    assert (field.value.text, field.confidence, codes(field)) == ("67", 0.95, [])


def test_that_blank_against_a_value_is_a_disagreement() -> None:
    field = checked(said("", 0.6, FieldState.BLANK), said("67", 0.9))
    assert (field.value.text, codes(field)) == ("67", ["readers.disagree"])


def test_that_blank_is_not_proposed_where_another_reader_saw_ink() -> None:
    field = checked(said("", 0.9, FieldState.BLANK), said("", 0.3, FieldState.UNVERIFIED))
    assert (field.value.state, codes(field)) == (FieldState.UNVERIFIED, ["readers.unsure"])


def test_that_two_certain_readers_who_disagree_are_worth_a_coin() -> None:
    assert checked(said("67", 1.0), said("61", 1.0)).confidence == 0.5


@pytest.mark.parametrize(
    ("residual", "flagged"), [(0.2, False), (1.0, False), (1.2, True), (float("inf"), True)]
)
def test_that_a_place_that_is_not_proven_is_told(residual: float, flagged: bool) -> None:
    assert ("registration.doubtful" in codes(checked(said("67"), residual_mm=residual))) is flagged


def test_that_cells_tell_of_blanks_the_text_leaves_out() -> None:
    cells = tuple(
        CellReading("", text, FieldState.VALUE if text else FieldState.BLANK, 0.9) for text in ("6", "7", "")
    )
    field = checked(Reading("67", FieldState.VALUE, 0.9, "comb 1", cells=cells))
    assert (field.value.text, codes(field)) == ("67", ["comb.trailing_blank"])


def test_that_a_doubtful_cell_is_named() -> None:
    cells = (
        CellReading("", "", FieldState.BLANK, 0.9),
        CellReading("", "6", FieldState.UNVERIFIED, 0.4),
        CellReading("", "7", FieldState.VALUE, 0.9),
    )
    field = checked(Reading("67", FieldState.VALUE, 0.4, "comb 1", cells=cells))
    assert [(found.code, found.facts) for found in field.flags] == [("comb.doubtful_cell", (("cells", "2"),))]


SEX = FieldSpec(
    "patient.sex",
    1,
    FieldKind.CHOICE,
    ValueType.CHOICE,
    "Giới",
    "Sex",
    tuple(Cell(Area(20.0 * i, 0.0, 20.0 * i + 9.0, 9.0), name) for i, name in enumerate(("m", "f"))),
    choices=(Choice("m", "Nam", "Male"), Choice("f", "Nữ", "Female")),
)


def test_that_a_struck_out_cell_is_named_and_a_mark_taken_back_is_told() -> None:
    struck = CellReading("m", "", FieldState.STRUCK_OUT, 0.95)
    cells = (struck, CellReading("f", "true", FieldState.VALUE, 0.99))
    field = checked(Reading("f", FieldState.VALUE, 0.8, "marks 2", cells=cells), field=SEX)
    assert (field.value.text, codes(field)) == ("f", ["mark.taken_back"])
    comb = (*(CellReading("", "6", FieldState.VALUE, 0.9),) * 2, struck)
    field = checked(Reading("66", FieldState.UNVERIFIED, 0.4, "comb 1", cells=comb))
    assert field.value.state is FieldState.UNVERIFIED
    assert ("comb.struck_cell", (("cells", "3"),)) in [(found.code, found.facts) for found in field.flags]


def test_that_marks_that_contradict_the_question_are_told() -> None:
    cells = tuple(CellReading(name, "true", FieldState.VALUE, 0.99) for name in ("m", "f"))
    field = checked(Reading("", FieldState.UNVERIFIED, 0.5, "marks 2", cells=cells), field=SEX)
    assert (field.value.state, codes(field)) == (
        FieldState.UNVERIFIED,
        ["readers.unsure", "mark.contradicts"],
    )


def test_that_parts_go_where_their_cells_are_named() -> None:
    field = checked(said("3|1957"), field=BIRTH)
    assert (field.value.text, field.value.normalised) == ("3/1957", "1957-03")


@pytest.mark.parametrize("state", [FieldState.STRUCK_OUT, FieldState.ILLEGIBLE, FieldState.COVERED])
def test_that_other_states_are_kept(state: FieldState) -> None:
    field = checked(said("", 0.8, state))
    assert (field.value.state, field.value.text, field.confidence) == (state, "", 0.8)


def test_that_crops_without_readings_for_each_are_refused() -> None:
    form = FormTemplate("T", "1", "", "", "", "", "", (), (), (AGE,))
    with pytest.raises(ValueError, match="zip"):
        check_fields(form, [], [(said("1"),)])
