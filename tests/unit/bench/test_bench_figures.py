"""Intervals and figures of the bench."""

from __future__ import annotations

import numpy as np
import pytest

from formscan.bench.intervals import most_when_none, wilson
from formscan.bench.jobs import Measured
from formscan.bench.report import figures, registration
from formscan.bench.tables import markdown


def test_that_wilson_agrees_with_the_published_example() -> None:
    # Newcombe 1998, Statistics in Medicine 17:857, table I, method 3: 81 of 263 and 15 of 148
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(15, 148) == pytest.approx((0.0624, 0.1605), abs=5e-5)


def test_that_nothing_seen_is_not_called_impossible() -> None:
    assert most_when_none(300) == pytest.approx(0.01222, abs=1e-4)
    assert wilson(0, 10)[0] == 0.0
    assert wilson(0, 0) == (0.0, 1.0)


def test_that_an_error_the_line_did_not_know_of_is_counted_as_silent() -> None:
    rows = np.array([[0.5, 0.04, 0.05], [15.0, 1.27, 0.2], [15.0, 1.27, 1.5], [15.0, 1.27, np.inf]])
    out = registration([rows])
    assert out["beyond_1_mm"] == 3
    assert out["silent_beyond_1_mm"] == 1
    assert out["not_proven"] == 1


def test_that_a_page_taken_for_another_counts_as_wrongly_accepted() -> None:
    pages = [
        Measured("a", "own", "clean", "01-BV1:1", got="01-BV1:1"),
        Measured("b", "own", "clean", "01-BV1:2", got="15-BV1:1"),
        Measured("c", "own", "office", "36-BV2:1", held="identify.no_form"),
        Measured("d:1", "foreign", "as is", "", got="01-BV1:1"),
    ]
    out = figures(pages, None, {})
    assert (out["identification"]["right"], out["identification"]["held"]) == (1, 1)
    assert out["identification"]["wrongly_accepted"] == 1
    assert out["foreign"]["other official forms, as is"]["accepted"] == 1


def test_that_the_table_tells_n_and_interval() -> None:
    pages = [Measured("a", "own", "clean", "01-BV1:1", got="01-BV1:1", seconds={"read": 0.5})]
    run = {"pages": 1, "sheets": 0, "foreign": 0, "seed": 1, "split": "report"}
    text = markdown({"run": run, **figures(pages, None, {})})
    assert "| all | 1 | 1 | 20.7% to 100.0% |" in text
