"""Words the eye should stop at: where readings differ, and those in no list."""

from __future__ import annotations

from dataclasses import replace

from formscan.model.geometry import Box
from formscan.model.reading import Alternative, CheckedField, FieldState, FieldValue, Reading
from formscan.review.choices import MOST, doubting, other_readings
from formscan.review.word_doubt import doubtful_words, next_word


def _words(text: str, *others: str) -> list[str]:
    return [text[start:end] for start, end in doubtful_words(text, others)]


def test_that_words_the_readings_differ_on_are_doubted() -> None:
    assert _words("viêm phổi trái", "viêm phối trái") == ["phổi"]
    assert _words("viêm phổi trái", "viêm phổi trái") == []
    assert _words("viêm phổi", "viêm phổi trái") == []
    assert _words("viêm phổi trái", "phổi trái") == ["viêm"]


def test_that_words_in_no_list_are_doubted_whatever_the_readings_say() -> None:
    assert _words("viêm xphổiq trái 12/03") == ["xphổiq"]


def test_that_the_next_word_goes_round_and_every_word_is_walked_where_none_is_in_doubt() -> None:
    text = "viêm phổi trái"
    assert next_word(text, ["viêm phối trái"], 0) == (5, 9)
    assert next_word(text, ["viêm phối trái"], 9) == (5, 9)
    assert next_word(text, [], 0) == (0, 4)
    assert next_word(text, [], 4) == (5, 9)
    assert next_word("", [], 0) is None


def _proposal(*texts: tuple[str, float]) -> CheckedField:
    box = Box(0, 0, 10, 10)
    others = tuple(Alternative(text, sure) for text, sure in texts)
    reading = Reading("", FieldState.UNVERIFIED, 0.0, "lines 1", alternatives=others)
    value = FieldValue(FieldState.UNVERIFIED)
    return CheckedField("note", 1, value, 0.0, (reading,), (), "0" * 64, box, (box,), 0.1)


def test_that_the_likeliest_reading_is_offered_where_nothing_stands_however_unlikely() -> None:
    found = other_readings(_proposal(("ho khan", 0.0004), ("ho khen", 0.0001)), "", str)
    assert [one.text for one in found] == ["ho khan"]
    assert other_readings(_proposal(("ho khan", 0.0004)), "ho", str) == ()
    many = _proposal(*((f"ho {k}", 0.1 + k / 100) for k in range(7)))
    assert [one.text for one in other_readings(many, "", str)] == [f"ho {k}" for k in (6, 5, 4, 3)]
    assert len(other_readings(many, "ho 6", str)) == MOST


def test_that_an_unlikely_reading_makes_no_word_doubtful_where_a_reader_stands_behind_the_text() -> None:
    unread = _proposal(("ho khen", 0.05), ("ho khản", 0.01))
    others = other_readings(unread, "", str)
    assert doubting(unread, others) == ("ho khen", "ho khản")
    read = replace(unread, value=FieldValue(FieldState.VALUE, "ho khan", "ho khan"))
    assert doubting(read, others) == ("ho khen",)


def test_that_a_text_its_reader_does_not_stand_behind_is_the_first_choice() -> None:
    comb = replace(_proposal(("J185", 0.1)).readings[0], text="J189", confidence=0.8)
    doubtful = replace(_proposal(), readings=(comb, replace(comb, text="", state=FieldState.BLANK)))
    assert [one.text for one in other_readings(doubtful, "", str)] == ["J189", "J185"]
