"""How sure a word is: letters the ink speaks for, texts beside it, words around it, a second look."""

from __future__ import annotations

import numpy as np
import pytest

from formscan.engines import word_sureness
from formscan.engines.ctc import Rows, beam, best_path
from formscan.engines.language import in_context, paired, word_prior
from formscan.engines.letters import CLASSES, INDEX
from formscan.engines.line_guess import Written, guessed, narrowed
from formscan.engines.word_sureness import agreed_words, sure_words, word_doubts


def _rows(text: str, doubt: dict[int, tuple[str, float]] | None = None) -> Rows:
    """Rows that say a text, two steps a letter; at some letters another one with a share."""
    rows = np.full((2 * len(text) + 1, CLASSES), 1e-6)
    rows[::2, 0] = 1.0
    for place, letter in enumerate(text):
        rows[2 * place + 1, INDEX[letter]] = 1.0
        if doubt and place in doubt:
            other, share = doubt[place]
            rows[2 * place + 1, INDEX[letter]], rows[2 * place + 1, INDEX[other]] = 1 - share, share
    return np.asarray(np.log(rows / rows.sum(axis=1, keepdims=True)), np.float32)


def _sure(rows: Rows, again: Rows | None = None) -> tuple[float, ...]:
    best = best_path(rows)
    found = in_context(one for one in beam(rows, word_prior(), 24, 24) if one.text)
    return sure_words(word_doubts(rows, best.text, best, found, 0.5, again))


def test_that_the_word_with_a_doubtful_letter_is_the_unsure_one() -> None:
    sure = _sure(_rows("viêm phổi trái", {7: ("ô", 0.45)}))
    assert len(sure) == 3
    assert sure[1] == min(sure) < sure[0]


def test_that_a_second_look_that_reads_a_word_otherwise_makes_it_unsure() -> None:
    rows = _rows("viêm phổi trái")
    same, other = _sure(rows, rows), _sure(rows, _rows("viêm phôi trái"))
    assert other[1] < same[1] - 0.1
    assert other[1] == min(other)


def test_that_the_likeliest_path_is_laid_as_the_search_lays_it() -> None:
    rows = _rows("viêm phổi trái", {7: ("ô", 0.3), 11: ("a", 0.2)})
    assert word_sureness._letters(rows, "viêm phổi trái") == pytest.approx(
        word_sureness._along(rows, "viêm phổi trái")
    )


def test_that_words_another_reader_has_too_are_surer() -> None:
    assert agreed_words("viêm gan", (0.6, 0.6), "viêm phổi") == pytest.approx((0.9, 0.6))
    assert agreed_words("viêm gan", (0.6, 0.6), "") == pytest.approx((0.6, 0.6))


def test_that_words_that_follow_each_other_in_the_lists_are_likelier_together() -> None:
    known, unknown = paired("viêm phổi"), paired("viêm trái")
    assert (known[0] or 0) > 0 > (unknown[0] or 0)
    assert paired("Viêm, phổi") == [None]  # a stop lies between them
    assert paired("3 ngày") == [None]
    rows = _rows("huyết áp", {6: ("ạ", 0.55)})
    plain = [one for one in beam(rows, word_prior(), 24, 24) if one.text]
    assert in_context(plain)[0].text == "huyết áp"


def test_that_nothing_written_has_no_words() -> None:
    rows = np.full((4, CLASSES), -20.0, np.float32)
    rows[:, 0] = 0.0
    assert word_doubts(rows, "", best_path(rows), [], 0.5) == []
    cell = Written(np.zeros((4, 4), np.uint8), 0.0, np.zeros((4, 4), np.uint8), rows)
    assert guessed(cell).texts == []


def test_that_a_line_is_narrowed_for_its_second_look_and_keeps_its_height() -> None:
    assert narrowed(np.zeros((40, 200), np.uint8)).shape == (40, 180)
    assert narrowed(np.zeros((40, 1), np.uint8)).shape == (40, 1)
