"""From rows of probabilities to texts."""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formscan.engines.ctc import Rows, beam, best_path, likelihoods
from formscan.engines.language import word_prior
from formscan.engines.letters import ALPHABET, CLASSES, INDEX, known, parts_of
from formscan.engines.numbers import only
from formscan.model.geometry import Area
from formscan.model.template import Cell, FieldKind, FieldSpec, ValueType

FEW = "ab "


def rows_of(steps: int, seed: int) -> Rows:
    """Random rows in which only ``FEW`` and the blank are possible."""
    rng = np.random.default_rng(seed)
    rows = np.full((steps, CLASSES), -1e9, np.float32)
    kept = [0, *[INDEX[c] for c in FEW]]
    shares = rng.dirichlet(np.ones(len(kept)) * 0.7, steps) + 1e-3
    rows[:, kept] = np.log(shares / shares.sum(axis=1, keepdims=True))
    return rows


def likelihood(rows: Rows, text: str) -> float:
    return likelihoods(rows, [text])[0]


def every_text(rows: Rows) -> dict[str, float]:
    """Probability of each text, by going over every path."""
    found: dict[str, float] = defaultdict(float)
    kept = [0, *[INDEX[c] for c in FEW]]
    for path in itertools.product(kept, repeat=len(rows)):
        text = "".join(ALPHABET[k - 1] for k, _ in itertools.groupby(path) if k)
        found[text] += math.exp(sum(float(rows[i, k]) for i, k in enumerate(path)))
    return found


@given(st.integers(1, 5), st.integers(0, 200))
@settings(max_examples=25, deadline=None)
def test_that_the_likelihood_of_a_text_is_the_sum_over_all_its_paths(steps: int, seed: int) -> None:
    rows = rows_of(steps, seed)
    for text, probability in every_text(rows).items():
        assert likelihood(rows, text) == pytest.approx(math.log(probability), abs=1e-3)


@given(st.integers(1, 5), st.integers(0, 200))
@settings(max_examples=25, deadline=None)
def test_that_a_wide_beam_finds_the_likeliest_text(steps: int, seed: int) -> None:
    rows = rows_of(steps, seed)
    sums: dict[str, float] = defaultdict(float)
    for text, probability in every_text(rows).items():
        sums[" ".join(text.split())] += probability
    (found,) = beam(rows, width=500, most=1)
    exact = every_text(rows)
    shown = max((p for text, p in exact.items() if " ".join(text.split()) == found.text), default=0.0)
    assert shown == pytest.approx(max(exact.values()), rel=0.02)


def test_that_a_doubled_letter_needs_a_blank_between() -> None:
    rows = np.full((3, CLASSES), -1e9, np.float32)
    rows[[0, 1, 2], [INDEX["a"], 0, INDEX["a"]]] = 0
    assert best_path(rows).text == "aa"
    rows[1] = rows[0]
    assert best_path(rows).text == "a"


def test_that_a_text_that_cannot_be_is_never_likely() -> None:
    assert likelihood(rows_of(2, 1), "ababab") < -1e8


@given(st.integers(1, 6), st.integers(0, 200))
@settings(max_examples=25, deadline=None)
def test_that_texts_weighed_together_weigh_what_each_does_alone(steps: int, seed: int) -> None:
    rows = rows_of(steps, seed)
    texts = ["", FEW[0], FEW[1] * 2, "".join(FEW[:3]), "ababababab"]
    assert likelihoods(rows, texts) == pytest.approx([likelihood(rows, text) for text in texts])
    assert likelihoods(rows, []) == []


def test_that_a_long_line_is_weighed_without_losing_its_digits() -> None:
    rows = np.concatenate([rows_of(6, seed) for seed in range(120)])
    whole = best_path(rows)
    assert -1e4 < likelihood(rows, whole.text) < 0
    assert likelihood(rows, whole.text) >= whole.log - 1e-6


def test_that_the_prior_prefers_words_and_ink_outvotes_it() -> None:
    prior = word_prior()
    assert prior("Nguyễn", False) > prior("Nguyến", False)
    assert prior("bệnh", True) > prior("bệnhviện", True)
    assert prior("36,8", True) == 0.0
    rows = np.full((2, CLASSES), -20.0, np.float32)
    rows[0, INDEX["x"]] = rows[1, INDEX["q"]] = -1e-6
    assert beam(rows, prior)[0].text == "xq"


def test_that_every_letter_is_put_together_of_its_parts() -> None:
    assert len(ALPHABET) == len(set(ALPHABET)) == CLASSES - 1
    vowels = {c for c in ALPHABET if c.lower() in "ăắằẳẵặâấầẩẫậđêếềểễệôốồổỗộơớờởỡợưứừửữự"}
    assert len(vowels) == 2 * 37
    assert {parts_of(c) for c in ALPHABET if c.isalpha()}.__len__() == sum(c.isalpha() for c in ALPHABET)
    assert (parts_of("Ặ").base, parts_of("Ặ").shape, parts_of("Ặ").upper) == ("a", "breve", True)


def test_that_decomposed_text_is_composed_and_strange_signs_are_dropped() -> None:
    assert known("Nguye\u0302\u0303n\u00a0  Va\u0306n ☺ A") == "Nguyễn Văn A"


@pytest.mark.parametrize(
    ("read", "told"),
    [
        ("07:4209/01/2024", "07:42 09/01/2024"),
        ("7:429/1/24", "7:42 9/1/24"),
        ("07:42 09/01/2024", "07:42 09/01/2024"),
        ("07:42", "07:42"),
        ("09/01/2024", "09/01/2024"),
        ("07:421", "07:421"),
    ],
)
def test_that_a_blank_lost_between_a_time_and_a_date_is_put_back(read: str, told: str) -> None:
    cells = (Cell(Area(0, 0, 0.5, 0.1), ""),)
    field = FieldSpec("signed.at", 1, FieldKind.TEXT, ValueType.DATETIME, "", "", cells)
    assert only(field).tidied(read) == told
    date = replace(field, type=ValueType.DATE)
    assert only(date).tidied("09/01/2024") == "09/01/2024"
