from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from formscan.learning.calibration import Case, chance_of, cross_fitted, fit, history_of, logistic
from formscan.model.chance import FitCard

CARD = FitCard("simulated", datetime(2026, 3, 2, tzinfo=UTC), 0, 0, ("F 1",), ("any 1",), "0")


def cases(seed: int, documents: int, engines: tuple[str, ...] = ("one",)) -> list[Case]:
    """An engine that is far too sure of itself, and a clue that tells when it is wrong."""
    rng = np.random.default_rng(seed)
    found = []
    for document in range(documents):
        for field in range(8):
            raw, formed = float(rng.normal(4, 2)), bool(rng.random() < 0.8)
            right = rng.random() < 1 / (1 + np.exp(-(0.4 * raw - 1 + 2.5 * formed)))
            engine = engines[int(rng.integers(len(engines)))]
            clues = {"score": raw, "formed": float(formed), f"engine:{engine}": 1.0}
            found.append(Case("text", f"F/f{field}", f"{seed}-{document}", clues, bool(right), engine=engine))
    return found


def error(chances: np.ndarray[tuple[int], np.dtype[np.float64]], right: list[bool]) -> float:
    """Expected calibration error over ten equal bins."""
    bins = np.minimum((chances * 10).astype(int), 9)
    parts = [np.abs(chances[bins == b].sum() - np.array(right)[bins == b].sum()) for b in range(10)]
    return float(sum(parts) / len(right))


def test_that_the_probability_is_right_as_often_as_it_says_where_the_raw_score_is_not() -> None:
    made, fresh = fit(cases(1, 300), CARD), cases(2, 300)
    right = [case.right for case in fresh]
    calibrated = np.array([chance_of(made, case) for case in fresh])
    raw = np.array([1 / (1 + np.exp(-case.clues["score"])) for case in fresh])
    assert error(calibrated, right) < 0.03
    assert error(raw, right) > 2 * error(calibrated, right)


def test_that_the_clue_counts_for_something() -> None:
    made = fit(cases(1, 300), CARD)
    weights = {clue.name: clue.weight for clue in made.kinds[0].clues}
    assert weights["formed"] > 0.5
    assert weights["score"] > 0.3


def test_that_the_same_cases_give_the_same_version_and_others_another() -> None:
    assert fit(cases(1, 40), CARD).version == fit(cases(1, 40), CARD).version
    assert fit(cases(1, 40), CARD).version != fit(cases(3, 40), CARD).version


def test_that_engines_are_taken_from_the_data_and_a_stranger_counts_for_nothing() -> None:
    made = fit(cases(4, 60, ("ours", "theirs")), CARD)
    names = {clue.name for clue in made.kinds[0].clues}
    assert {"engine:ours", "engine:theirs"} <= names
    case = cases(5, 1)[0]
    stranger = replace(case, clues={**case.clues, "engine:unheard of": 1.0})
    assert chance_of(made, stranger) == chance_of(made, case)


def test_that_a_missing_clue_moves_nothing_from_the_average() -> None:
    made = fit(cases(1, 100), CARD)
    centre = next(clue.centre for clue in made.kinds[0].clues if clue.name == "score")
    case = cases(6, 1)[0]
    average = replace(case, clues={**case.clues, "score": centre})
    without = replace(case, clues={name: v for name, v in case.clues.items() if name != "score"})
    assert chance_of(made, without) == pytest.approx(chance_of(made, average))


def test_that_a_kind_that_was_never_wrong_keeps_the_engines_order_and_moves_as_a_whole() -> None:
    right = [replace(case, right=True) for case in cases(1, 30)]
    made = fit(right, CARD)
    first, last = sorted(right, key=lambda case: case.clues["score"])[:: len(right) - 1]
    assert 1 / (1 + np.exp(-first.clues["score"])) < chance_of(made, first) < chance_of(made, last) < 1
    assert [clue.name for clue in made.kinds[0].clues if clue.weight] == ["score"]


def test_that_a_kind_nobody_fitted_has_no_chance() -> None:
    assert chance_of(fit(cases(1, 30), CARD), replace(cases(1, 1)[0], kind="comb")) == 0.0


def test_that_no_case_is_judged_by_a_fit_that_saw_its_document() -> None:
    """A clue that gives the document's outcome away helps only who has seen the document."""
    rng = np.random.default_rng(9)
    blind = [
        Case("text", f"F/{k}", f"d{k}", {"id": float(rng.normal())}, bool(rng.random() < 0.5))
        for k in range(60)
    ]
    twins = [replace(case, field=f"{case.field}b") for case in blind]
    chances = cross_fitted([*blind, *twins])
    assert chances[:60] == pytest.approx(chances[60:], abs=0.2)
    assert abs(np.corrcoef(chances[:60], [case.right for case in blind])[0, 1]) < 0.5


def test_that_a_field_that_is_often_wrong_has_a_history() -> None:
    usual = [Case("text", "F/good", f"d{k}", {}, right=True) for k in range(40)]
    bad = [Case("text", "F/bad", f"d{k}", {}, right=k % 2 == 0) for k in range(20)]
    history = dict(history_of([*usual, *bad]))
    assert history["F/bad"] < -0.8 < 0.3 < history["F/good"]


def test_that_the_regression_finds_the_coefficients_data_were_made_with() -> None:
    rng = np.random.default_rng(1)
    values = rng.normal(size=(20_000, 2))
    right = rng.random(20_000) < 1 / (1 + np.exp(-(0.5 + values @ np.array([1.0, -2.0]))))
    bias, weights = logistic(values, right.astype(np.float64), 1.0)
    assert bias == pytest.approx(0.5, abs=0.1)
    assert weights == pytest.approx([1.0, -2.0], abs=0.1)
