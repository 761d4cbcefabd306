from __future__ import annotations

import random
from collections import Counter
from math import sqrt

import pytest

from formscan.model.reading import FieldState, FieldValue
from formscan.review.agreement import agreement, of_table, share_equal
from formscan.review.differences import Mark, difference, shown

COHEN_1960 = {
    ("1", "1"): 88, ("1", "2"): 14, ("1", "3"): 18, ("2", "1"): 10, ("2", "2"): 40, ("2", "3"): 10,
    ("3", "1"): 2, ("3", "2"): 6, ("3", "3"): 12,
}  # fmt: skip
"""Table 1 of Cohen (1960), n = 200: kappa 0.492."""


def test_that_kappa_is_that_of_cohens_own_example() -> None:
    found = of_table(COHEN_1960)
    assert found.kappa is not None
    assert (found.n, found.equal, round(found.kappa.value, 3)) == (200, 140, 0.492)


def test_that_ac1_stands_where_kappa_falls_because_nearly_all_are_the_same() -> None:
    found = of_table({("+", "+"): 118, ("+", "-"): 5, ("-", "+"): 2})  # Gwet 2008, table 2
    assert found.kappa is not None
    assert found.ac1 is not None
    assert round(found.share, 3) == 0.944
    assert round(found.kappa.value, 4) == -0.0234
    assert round(found.ac1.value, 4) == 0.9408


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_that_the_errors_are_those_that_drawing_again_shows(seed: int) -> None:
    chance = random.Random(seed)
    pairs = [(a, a if chance.random() < 0.8 else chance.choice("xyz")) for a in chance.choices("xyz", k=400)]
    whole = agreement(pairs)
    again = [agreement(chance.choices(pairs, k=400)) for _ in range(300)]
    for name in ("kappa", "ac1"):
        told = getattr(whole, name)
        values = [getattr(one, name).value for one in again]
        middle = sum(values) / len(values)
        spread = sqrt(sum((value - middle) ** 2 for value in values) / (len(values) - 1))
        assert told.high - told.value == pytest.approx(1.96 * spread, rel=0.2)


def test_that_names_and_numbers_have_a_share_but_no_kappa() -> None:
    many = agreement([(str(n), str(n)) for n in range(40)])
    assert (many.share, many.kappa, many.ac1) == (1.0, None, None)
    assert agreement([("a", "a")] * 9, categories=False).kappa is None
    assert agreement([("a", "a")] * 9).kappa is None  # one kind only: chance agrees always
    empty = share_equal(0, 0)
    assert (empty.share, empty.low, empty.high) == (0.0, 0.0, 1.0)


def test_that_counting_and_listing_give_the_same() -> None:
    pairs = [("a", "b"), ("a", "a"), ("b", "b"), ("b", "b")]
    assert agreement(pairs) == of_table(Counter(pairs))


def test_that_a_difference_marks_letters_with_their_tones() -> None:
    runs = difference("NGUYỄN THI HỒNG", "NGUYỄN THỊ HỒNG")
    assert [(run.mark, run.text) for run in runs] == [
        (Mark.SAME, "NGUYỄN TH"), (Mark.GONE, "I"), (Mark.NEW, "Ị"), (Mark.SAME, " HỒNG"),
    ]  # fmt: skip
    same = difference("Lê\u0323", "Lệ")
    assert [run.mark for run in same] == [Mark.SAME]


def test_that_a_difference_loses_nothing() -> None:
    for one, other in (("", "abc"), ("abc", ""), ("12/03/1957", "12/03/1967"), ("a", "a"), ("", "")):
        runs = difference(one, other)
        assert "".join(run.text for run in runs if run.mark is not Mark.NEW) == one
        assert "".join(run.text for run in runs if run.mark is not Mark.GONE) == other


def test_that_a_state_is_shown_by_its_name() -> None:
    assert shown(FieldValue(FieldState.BLANK)) == "[blank]"
    assert shown(FieldValue(FieldState.VALUE, "7", "7")) == "7"
