"""What a reader says about each word, over whatever text stands there."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from formscan.model.geometry import Box
from formscan.model.read_words import GAP, GAP_SIGN, LEAST, ReadWords, read_words
from formscan.model.reading import Alternative, CheckedField, FieldState, FieldValue, Reading

READ = ReadWords(("viêm", "phổi", "thuỳ", "dưới"), (0.99, 0.95, 0.4, 0.99))
WORDS = st.lists(st.sampled_from(["viêm", "phổi", "thuỳ", "dưới", "ho"]), max_size=7)


def _field(*readings: Reading) -> CheckedField:
    box = Box(0, 0, 10, 10)
    value = FieldValue(FieldState.UNVERIFIED)
    return CheckedField("note", 1, value, 0.2, readings, (), "c" * 64, box, (box,), 0.1)


def test_that_a_word_keeps_its_probability_where_others_come_and_go() -> None:
    assert READ.over(["viêm", "phổi", "dưới"]) == [0.99, 0.95, 0.99]
    assert READ.over(["ho", "viêm", "phế", "dưới"]) == [None, 0.99, None, 0.99]
    assert READ.over([]) == []


def test_that_an_unsure_word_and_one_only_another_reading_has_are_left_out_of_what_is_taken_over() -> None:
    assert READ.masked("viêm phổi thuỳ dưới") == f"viêm phổi {GAP_SIGN} dưới"
    assert READ.masked("viêm phổi thùy dưới") == f"viêm phổi {GAP_SIGN} dưới"
    assert READ.gaps(["viêm", GAP_SIGN, "dưới"]) == {1}


def test_that_a_short_text_is_chosen_as_a_whole() -> None:
    assert READ.masked("thuỳ dưới") == "thuỳ dưới"
    assert READ.gaps(["thuỳ", GAP_SIGN]) == {1}


def test_that_where_nothing_is_told_of_words_nothing_is_left_out() -> None:
    assert ReadWords((), ()).masked("viêm phổi thuỳ dưới") == "viêm phổi thuỳ dưới"


@given(WORDS)
def test_that_nothing_unsure_is_left_in_a_text_to_take_over(words: list[str]) -> None:
    shown = READ.masked(" ".join(words)).split()
    if len(words) >= LEAST:
        pairs = zip(READ.over(words), words, shown, strict=True)
        assert all(told == (word if (sure or 0.0) >= GAP else GAP_SIGN) for sure, word, told in pairs)


def test_that_the_words_of_the_first_text_offered_are_told_where_nobody_stands_behind_one() -> None:
    offered = Alternative("viêm phổi\nthuỳ dưới", 0.3)
    reading = Reading("", FieldState.UNVERIFIED, 0.0, "lines 1", alternatives=(offered,), words=READ.sure)
    assert read_words(_field(reading), str) == READ
    assert read_words(_field(replace(reading, words=())), str) is None
    assert read_words(_field(replace(reading, words=(0.9,))), str) is None  # of another text
    assert read_words(_field(), str) is None
