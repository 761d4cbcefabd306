"""Combs: whose ink, which character, which string."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from formscan.bench.desk import Desk
from formscan.engines.boxes import CombReader
from formscan.engines.ctc import Rows
from formscan.engines.glyphs import CHARACTERS, CLASSES, STRUCK, GlyphNet, normalise
from formscan.engines.grammar import LETTERS, Guess, allowed, blank_cell, guess, plausible, strings
from formscan.engines.line_net import LineNet
from formscan.errors import EngineError
from formscan.learning.glyphs import held_out, load_digits
from formscan.model.page import Grey
from formscan.model.reading import FieldState
from formscan.model.template import Choice, ValueType


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def clear() -> Desk:
    """A desk whose hand both networks are sure of."""
    return Desk(np.random.default_rng(14))


def test_that_a_citizen_id_is_read_whole(clear: Desk) -> None:
    crop = clear.comb(list("001085012346"), ValueType.CITIZEN_ID)
    (reading,) = CombReader().read([crop])
    assert (reading.state, reading.text) == (FieldState.VALUE, "001085012346")
    assert reading.confidence > 0.5
    assert [cell.text for cell in reading.cells] == list("001085012346")
    assert reading.model.startswith("glyphs@")


def test_that_two_networks_that_read_the_same_are_both_named(clear: Desk) -> None:
    (reading,) = CombReader().read([clear.comb(list("001085012346"), ValueType.CITIZEN_ID)])
    assert reading.engine == "glyphs+lines 2"
    assert [part.split("@")[0] for part in reading.model.split(" ")] == ["glyphs", "lines"]


def test_that_a_string_the_line_network_reads_otherwise_is_less_sure_and_has_one_make(clear: Desk) -> None:
    crop = clear.comb(list("001085012346"), ValueType.CITIZEN_ID)

    class Shorter(LineNet):
        """Sees one digit less than there are."""

        def rows(self, pictures: Sequence[Grey]) -> list[Rows]:
            return [rows[: int(len(rows) * 0.8)] for rows in super().rows(pictures)]

    (reading,) = CombReader(lines=Shorter()).read([crop])
    assert (reading.state, reading.text) == (FieldState.VALUE, "001085012346")
    assert reading.engine == "glyphs 2"
    assert reading.confidence <= 0.8


def test_that_an_empty_comb_is_blank_and_never_zero(desk: Desk) -> None:
    (reading,) = CombReader().read([desk.comb([""] * 4)])
    assert (reading.state, reading.text) == (FieldState.BLANK, "")
    assert all(cell.state is FieldState.BLANK for cell in reading.cells)


def test_that_a_blank_cell_among_filled_ones_is_kept(desk: Desk) -> None:
    (reading,) = CombReader().read([desk.comb(["7", ""])])
    assert reading.text == "7_"


def test_that_an_icd_code_begins_with_a_letter(desk: Desk) -> None:
    (reading,) = CombReader().read([desk.comb(list("B018"), ValueType.ICD10)])
    assert reading.text == "B018"
    assert all(other.text[0].isalpha() for other in reading.alternatives)


def test_that_wide_cells_hold_several_characters(desk: Desk) -> None:
    crop = desk.comb(["DN", "4", "79", "7932"], ValueType.INSURANCE_NUMBER, width=170)
    (reading,) = CombReader().read([crop])
    assert reading.text == "DN4797932"
    assert [cell.text for cell in reading.cells] == ["DN", "4", "79", "7932"]


def test_that_a_scribbled_out_cell_is_no_value(desk: Desk) -> None:
    blank, cells = desk.boxes(2)
    image = blank.copy()
    desk.write(image, cells[0], "4")
    for offset in range(-16, 17, 4):
        image[52 + offset : 56 + offset, 36:84] = 0
        image[46:76, 60 + offset : 63 + offset] = 0
    crop = desk.crop(desk.comb(["", ""]).field, image, blank, cells)
    (reading,) = CombReader().read([crop])
    assert reading.state in {FieldState.STRUCK_OUT, FieldState.UNVERIFIED}


def test_that_a_cell_in_which_a_stroke_of_none_of_them_ends_is_not_called_blank(desk: Desk) -> None:
    crop = desk.comb(["4", "", "7"])
    image = crop.image.copy()
    middle = round(crop.cells[1].centre[0])
    image[: crop.cells[1].top + 26, middle - 2 : middle + 3] = 30
    (reading,) = CombReader().read([replace(crop, image=image)])
    assert reading.cells[1].state is FieldState.UNVERIFIED
    assert reading.state is FieldState.UNVERIFIED


def test_that_one_batch_gives_one_reading_a_crop(desk: Desk) -> None:
    crops = [desk.comb(["1"]), desk.comb(["", ""]), desk.comb(["2", "3"])]
    assert [reading.text for reading in CombReader().read(crops)] == ["1", "", "23"]
    assert CombReader().read([]) == []


def test_that_missing_weights_are_an_engine_error(desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="glyphs"):
        CombReader(GlyphNet(tmp_path / "none.onnx")).read([desk.comb(["1"])])
    (tmp_path / "broken.onnx").write_bytes(b"no network")
    with pytest.raises(EngineError, match="glyphs"):
        CombReader(GlyphNet(tmp_path / "broken.onnx")).read([desk.comb(["1"])])


def test_that_probabilities_sum_to_one_and_specks_are_not_blown_up() -> None:
    speck = np.zeros((40, 40), np.uint8)
    speck[18:22, 18:22] = 255
    small = normalise(speck, 300.0)
    assert 0 < np.count_nonzero(small) < 60
    rows = GlyphNet().probabilities([small, normalise(np.zeros((5, 5), np.uint8), 300.0)])
    assert np.allclose(rows.sum(axis=1), 1, atol=1e-5)


def test_that_a_capital_o_in_a_place_for_digits_counts_as_zero() -> None:
    row = np.zeros(CLASSES, np.float32)
    row[CHARACTERS.index("O")], row[CHARACTERS.index("0")], row[CHARACTERS.index("A")] = 0.5, 0.3, 0.2
    found = guess(row, "0123456789")
    assert found.best == "0"
    assert found.confidence == pytest.approx(0.8)
    assert guess(row, "0123456789", closed=True).confidence == pytest.approx(0.999)
    row[:] = row / 2
    assert guess(row, "0123456789", closed=True).confidence == pytest.approx(0.4), "more likely no digit"


def test_that_a_cell_is_as_sure_wherever_its_numbers_lie_in_memory() -> None:
    rng = np.random.default_rng(5)
    glyphs = rng.integers(0, 255, (6, 32, 32), dtype=np.uint8)
    told = GlyphNet().probabilities(list(glyphs))
    assert np.array_equal(told, np.round(told, 6).astype(np.float32)), "or sums of them would not be exact"
    for row in np.round(rng.dirichlet(np.full(CLASSES, 0.3), 20), 6).astype(np.float32):
        found = set()
        for offset in range(0, 64, 4):
            memory = np.zeros(row.nbytes + 128, np.uint8)
            start = -memory.ctypes.data % 64 + offset
            moved = memory[start : start + row.nbytes].view(np.float32)
            moved[:] = row
            found.add(guess(moved, LETTERS, closed=True))
        assert len(found) == 1


def test_that_a_toned_capital_counts_as_its_letter_where_no_tones_may_stand() -> None:
    row = np.zeros(CLASSES, np.float32)
    row[CHARACTERS.index("Ạ")], row[CHARACTERS.index("A")], row[STRUCK] = 0.5, 0.3, 0.2
    found = guess(row, "ABC")
    assert found.best == "A"
    assert found.confidence == pytest.approx(0.8)
    assert found.struck == found.other == pytest.approx(0.2)
    assert guess(row, CHARACTERS).best == "Ạ"


def test_that_a_date_of_the_calendar_goes_before_one_that_is_none_but_ink_can_outvote_it(desk: Desk) -> None:
    field = desk.comb([""] * 8, ValueType.DATE).field
    cells = [Guess(((digit, 0.99),)) for digit in "31"] + [Guess((("1", 0.55), ("0", 0.44)))]
    cells += [Guess(((digit, 0.99),)) for digit in "31957"]
    assert strings(cells, field=field)[0].text == "31031957"
    cells[2] = Guess((("1", 0.97), ("0", 0.02)))
    assert strings(cells, field=field)[0].text == "31131957"


@pytest.mark.parametrize(
    ("kind", "text", "right"),
    [
        (ValueType.CITIZEN_ID, "001085012346", True),
        (ValueType.CITIZEN_ID, "701085012346", False),
        (ValueType.CITIZEN_ID, "000085012346", False),
        (ValueType.CITIZEN_ID, "001485012346", False),
        (ValueType.INSURANCE_NUMBER, "DN4797932145678", True),
        (ValueType.INSURANCE_NUMBER, "DN9797932145678", False),
        (ValueType.PHONE, "0912345678", True),
        (ValueType.PHONE, "4912345678", False),
        (ValueType.DATE, "29021996", True),
        (ValueType.DATE, "29131996", False),
        (ValueType.DATE, "2_021996", True),
        (ValueType.INTEGER, "999", True),
    ],
)
def test_that_the_make_of_a_number_is_known(desk: Desk, kind: ValueType, text: str, right: bool) -> None:
    assert plausible(desk.comb([""] * len(text), kind).field, text) is right


def test_that_a_number_in_a_box_must_be_one_of_the_answers(desk: Desk) -> None:
    told = tuple(Choice(name, name, name, code) for name, code in (("cured", "2"), ("no_better", "3")))
    crops = [desk.comb([digit]) for digit in "37"]
    asked = [replace(crop, field=replace(crop.field, type=ValueType.CHOICE, choices=told)) for crop in crops]
    answer, none = CombReader().read(asked)
    assert (answer.state, answer.text) == (FieldState.VALUE, "no_better")
    assert [cell.text for cell in answer.cells] == ["3"]
    assert (none.state, none.text) == (FieldState.UNVERIFIED, "7")


def test_that_each_box_of_a_question_takes_the_number_of_one_answer(desk: Desk) -> None:
    told = tuple(
        Choice(name, name, name, code) for name, code in (("thin", "1"), ("lying", "4"), ("other", "8"))
    )
    asked = [
        replace(crop, field=replace(crop.field, type=ValueType.CHOICE, choices=told, multiple=True))
        for crop in (desk.comb(["8", "1", ""]), desk.comb(["", "4", "7"]), desk.comb(["", "", ""]))
    ]
    both, unknown, none = CombReader().read(asked)
    assert (both.state, both.text) == (FieldState.VALUE, "thin;other")
    assert [cell.text for cell in both.cells] == ["8", "1", ""]
    assert unknown.state is FieldState.UNVERIFIED
    assert none.state is FieldState.BLANK


def test_that_a_person_looks_where_a_box_may_hold_two_digits(desk: Desk) -> None:
    told = tuple(Choice(name, name, name, code) for name, code in (("pale", "1"), ("dark", "12")))
    crop = desk.comb(["1", ""])
    field = replace(crop.field, type=ValueType.CHOICE, choices=told, multiple=True)
    (reading,) = CombReader().read([replace(crop, field=field)])
    assert (reading.state, reading.text) == (FieldState.UNVERIFIED, "pale")


def test_that_strings_are_ranked_by_the_product_of_their_cells() -> None:
    row = np.zeros(CLASSES, np.float32)
    row[1], row[7] = 0.6, 0.4
    ranked = strings([guess(row, "17"), blank_cell(1.0), guess(row, "17")])
    assert [found.text for found in ranked[:2]] == ["1_1", "1_7"]
    assert ranked[0].confidence == pytest.approx(0.36)


def test_that_the_insurance_number_starts_with_two_letters(desk: Desk) -> None:
    told = desk.comb([""] * 15, ValueType.INSURANCE_NUMBER).field
    assert [allowed(told, place).isdigit() for place in (0, 1, 2, 14)] == [False, False, True, True]
    short = desk.comb([""] * 10, ValueType.INSURANCE_NUMBER).field
    assert allowed(short, 0).isdigit()


def test_that_held_out_digits_are_read(shared_data: Path) -> None:
    digits = load_digits(shared_data, held=True)
    assert len(digits.values) > 1200
    assert sum(held_out(index) for index in range(7023)) == len(digits.values)
    glyphs = [normalise(np.kron(image, np.ones((2, 2), np.uint8)), 300.0) for image in digits.images[:400]]
    rows = GlyphNet().probabilities(glyphs)
    assert (rows[:, :10].argmax(axis=1) == digits.values[:400]).mean() > 0.97
