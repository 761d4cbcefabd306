"""Questions with numbered answers are told from items, dates and lines; rules from stems of letters."""

from __future__ import annotations

import numpy as np
import pytest

from formscan.designer.from_pixels import _thickness
from formscan.designer.numbered import Print, numbered_question, question_within
from formscan.designer.places import places_of
from formscan.designer.printed import PrintedSheet, Segment, Word
from formscan.designer.proposed import PlaceKind
from formscan.model.geometry import Area

BOXES = Area(300, 100, 328, 114)


def _line(y: float, text: str, x: float = 40.0) -> list[Print]:
    """Words of a line, 6 pt a letter."""
    out = []
    for word in text.split(" "):
        out.append(Print(x, y, 11.0, word))
        x += 6.0 * (len(word) + 1)
    return out


def test_that_answers_over_two_lines_are_one_question() -> None:
    prints = [*_line(100, "1.3. Ho: 1. Khan 2. Có đờm"), *_line(116, "3. Ra máu 4. Khác")]
    asked = numbered_question(prints, Area(300, 96, 328, 118))
    assert asked is not None
    assert (asked.label, asked.answers) == ("Ho", ("Khan", "Có đờm", "Ra máu", "Khác"))


def test_that_an_item_with_a_number_before_a_question_is_its_label() -> None:
    asked = numbered_question(_line(110, "2. Thần: 1. Còn thần 2. Không còn thần"), BOXES)
    assert asked is not None
    assert (asked.label, asked.answers) == ("Thần", ("Còn thần", "Không còn thần"))


@pytest.mark.parametrize(
    "text",
    [
        "1. Họ và tên: 2. Sinh ngày:",
        "Ngày nhận",
        "Nhiệt độ 37.5 độ 1. Một",
        "2. Hai 3. Ba",
    ],
)
def test_that_items_and_single_numbers_are_no_answers(text: str) -> None:
    assert numbered_question(_line(110, text), BOXES) is None


def test_that_another_item_on_the_line_ends_the_last_answer() -> None:
    asked = numbered_question(_line(110, "1. Cấp cứu 2. Khoa - Lần thứ"), BOXES)
    assert asked is not None
    assert asked.answers == ("Cấp cứu", "Khoa")


def test_that_the_question_of_a_label_is_what_stands_before_its_answers() -> None:
    assert question_within("1.4. Ợ: 1. Có 2. Không") == "Ợ"
    assert question_within("Số lượng 2. Hai") is None


def _sheet(text: str) -> PrintedSheet:
    """A line of words, two boxes behind it."""
    words, x = [], 40.0
    for word in text.split(" "):
        wide = 5.0 * len(word)
        words.append(Word(Area(x, 101, x + wide, 112), 110.0, 11.0, word))
        x += wide + 4.0
    boxes = (Area(x + 8, 99, x + 22, 113), Area(x + 22, 99, x + 36, 113))
    return PrintedSheet(1, 595.0, 842.0, tuple(words), (), boxes, (), np.eye(3))


def test_that_boxes_beside_numbered_answers_are_proposed_as_a_question() -> None:
    (place,) = places_of(_sheet("Dấu hiệu: 1. Ho 2. Sốt 3. Đau"))
    assert (place.kind, place.label) == (PlaceKind.COMB, "Dấu hiệu")
    assert place.answers == ("Ho", "Sốt", "Đau")


def test_that_boxes_beside_other_words_stay_what_they_are() -> None:
    (place,) = places_of(_sheet("Số ngày điều trị:"))
    assert place.answers == ()
    assert place.label == "Số ngày điều trị"


def test_that_many_stems_of_a_heading_do_not_make_rules_wide() -> None:
    stems = [Segment(20.0 * n, 50, 20.0 * n, 62, 2.9) for n in range(30)]
    rules = [Segment(x, 180, x, 750, 0.36) for x in (39.0, 88.0, 304.0, 575.0)]
    assert _thickness([*stems, *rules], 200.0) == pytest.approx(2.0, abs=0.01)
    assert _thickness([], 200.0) == 2.0
