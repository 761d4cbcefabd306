from __future__ import annotations

import json
from datetime import UTC, datetime

import numpy as np
import pytest

from formscan.bench.gate_figures import Row, coverage_at, expected_error, figures, markdown
from formscan.bench.gate_picture import reliability_picture
from formscan.learning.calibration import Case
from formscan.learning.release import fitted_on


def cases(seed: int, documents: int) -> list[Case]:
    rng = np.random.default_rng(seed)
    found = []
    for document in range(documents):
        for place in range(12):
            raw, formed = float(rng.normal(3, 1.5)), float(rng.random() < 0.7)
            right = bool(rng.random() < 1 / (1 + np.exp(-(raw / 2 - 1 + 3 * formed))))
            clues = {"score": raw, "well_formed": formed}
            found.append(
                Case("text", f"F/{place}", f"{seed}-{document}", clues, right, engine="e", form="F 1")
            )
    return found


def test_that_the_error_of_a_calibrated_score_is_small_and_of_a_shifted_one_its_shift() -> None:
    rng = np.random.default_rng(1)
    said = rng.random(40_000)
    right = rng.random(40_000) < said
    assert expected_error(said, right) < 0.01
    assert expected_error(np.full(40_000, 0.9), right) == pytest.approx(0.4, abs=0.02)


def test_that_coverage_stops_before_too_many_are_wrong_and_ties_pass_together() -> None:
    said = np.array([0.9, 0.9, 0.8, 0.7, 0.6])
    wrong = np.array([False, False, False, True, False])
    assert coverage_at(said, wrong, 14) == 0.6
    assert coverage_at(said, wrong, 2500) == 1.0
    assert coverage_at(np.array([0.9, 0.9, 0.8]), np.array([False, True, False]), 14) == 0.0
    assert coverage_at(np.zeros(3), np.zeros(3, dtype=np.bool_), 14) == 0.0, "0 never passes"


def test_that_the_figures_of_a_simulated_half_tell_the_better_score_and_keep_the_promise() -> None:
    made = fitted_on(cases(1, 80), cases(2, 80), "simulated", datetime(2026, 3, 2, tzinfo=UTC))
    rows = [
        Row(case, float(1 / (1 + np.exp(-case.clues["score"]))), chance, "clean" if k % 3 else "office")
        for k, (case, chance) in enumerate(made.proof)
    ]
    out = figures(made, rows, 10) | {
        "run": {"seed": 1, "pages_fit": 80, "pages_report": 80, "clean": 50, "damaged": 30}
    }
    whole = out["calibration"][0]
    assert whole["calibrated"] < whole["raw"]
    kept = [row["kept"] for row in out["seeded"]]
    assert len(kept) == 9
    assert min(kept) >= 8
    assert json.loads(json.dumps(out)) is not None
    assert "| text |" in markdown(out)
    picture = reliability_picture(rows)
    assert picture.width > 300
    assert np.asarray(picture).std() > 5
