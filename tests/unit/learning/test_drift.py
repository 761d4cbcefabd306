from __future__ import annotations

import numpy as np
import pytest

from formscan.learning.drift import outcome_alarm, stability
from formscan.model.chance import Promise

PROMISE = Promise("text", 14, 0.99, "v", 4000, 3000, 0, 0.001, 1.0, 0)


def outcomes(seed: int, n: int, share: float) -> list[bool]:
    return [bool(one) for one in np.random.default_rng(seed).random(n) < share]


def test_that_a_kept_promise_hardly_ever_rings() -> None:
    rung = sum(outcome_alarm(PROMISE, outcomes(seed, 5000, 0.0014)) is not None for seed in range(60))
    assert rung <= 7, "60 runs of 5,000: three times the fields between two false alarms"


def test_that_a_share_ten_times_as_high_rings_within_two_thousand_fields() -> None:
    found = [outcome_alarm(PROMISE, outcomes(seed, 2000, 0.014)) for seed in range(60)]
    assert sum(alarm is not None for alarm in found) >= 55


def test_that_a_change_late_in_the_stream_is_found_soon() -> None:
    found = outcome_alarm(PROMISE, outcomes(1, 4000, 0.0005) + outcomes(2, 1000, 0.05))
    assert found is not None
    assert 4000 < found.fields < 4500


def test_that_the_index_is_nothing_for_the_same_and_large_for_a_shift() -> None:
    shares = (0.25, 0.25, 0.25, 0.25)
    assert stability(shares, (250, 250, 250, 250)) == pytest.approx(0.0)
    assert stability(shares, (10, 90, 400, 500)) > 0.25
    assert np.isfinite(stability(shares, (0, 0, 0, 1000)))
