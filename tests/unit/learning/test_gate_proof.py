from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from formscan.learning.gate import (
    NOTHING,
    Judged,
    design_effect,
    fields_needed,
    prove,
    upper_bound,
)

PROMISE = 200
"""Of 10,000: so that a seeded run is small."""


def world(rng: np.random.Generator, documents: int, spill: float = 0.0) -> Judged:
    """Documents of 10 fields whose chance of being wrong falls with a score; ``spill``: bad documents."""
    fields = 10
    bad = np.repeat(rng.random(documents) < spill, fields)
    score = rng.random(documents * fields)
    wrong = rng.random(documents * fields) < np.where(bad, 0.5, 0.3 * (1 - score) ** 2)
    return Judged(score, wrong, np.repeat(np.arange(documents), fields))


def true_share(threshold: float, spill: float = 0.0) -> float:
    """Share wrong among everything at or above a threshold, by the formula of ``world``."""
    return spill * 0.5 + (1 - spill) * 0.1 * (1 - threshold) ** 2


def broken(seeds: int, documents: int, spill: float = 0.0) -> int:
    """In how many seeded runs a proven promise is not true."""
    count = 0
    for seed in range(seeds):
        rng = np.random.default_rng([seed, 11])
        made = prove("text", PROMISE, "v", world(rng, 300, spill), world(rng, documents, spill))
        count += made.proven and true_share(made.threshold, spill) > PROMISE / 10_000
    return count


def test_that_a_proven_promise_is_broken_in_no_more_than_one_of_twenty_runs() -> None:
    runs = 200
    assert broken(runs, 200) <= binom.ppf(0.99, runs, 0.05)


def test_that_it_holds_where_errors_come_document_by_document() -> None:
    runs = 120
    assert broken(runs, 300, spill=0.03) <= binom.ppf(0.99, runs, 0.05)


def test_that_choosing_the_threshold_by_what_was_seen_breaks_the_same_promise() -> None:
    """The naive way: the lowest threshold at which the share seen is small enough."""
    runs, count = 200, 0
    for seed in range(runs):
        seen = world(np.random.default_rng([seed, 12]), 200)
        order = np.argsort(-seen.chances)
        shares = np.cumsum(seen.wrong[order]) / np.arange(1, len(order) + 1)
        last = int(np.flatnonzero(shares <= PROMISE / 10_000).max())
        count += true_share(float(seen.chances[order][last])) > PROMISE / 10_000
    assert count > 0.25 * runs


def test_that_a_promise_that_can_be_kept_is_mostly_proven() -> None:
    made = [
        prove("text", PROMISE, "v", world(rng, 300), world(rng, 300))
        for rng in (np.random.default_rng([seed, 13]) for seed in range(40))
    ]
    kept = [one.passed / one.fields for one in made if one.proven]
    assert len(kept) >= 36
    assert float(np.median(kept)) > 0.25, "0.447 of the fields keep the promise in truth"


def test_that_too_few_fields_prove_nothing_and_say_how_many_are_lacking() -> None:
    rng = np.random.default_rng(5)
    made = prove("text", 14, "v", world(rng, 300), world(rng, 20))
    assert not made.proven
    assert made.threshold == NOTHING
    assert made.more > 1000


def test_that_as_many_fields_as_were_said_to_lack_are_mostly_enough() -> None:
    enough = 0
    for seed in range(40):
        rng = np.random.default_rng([seed, 14])
        known = world(rng, 400)
        lacking = prove("text", PROMISE, "v", known, world(rng, 5)).more
        enough += prove("text", PROMISE, "v", known, world(rng, lacking // 10 + 1)).proven
    assert enough >= 28


def test_that_without_any_fit_nothing_is_proven() -> None:
    nothing = Judged(np.zeros(0), np.zeros(0, dtype=np.bool_), np.zeros(0, dtype=np.int64))
    assert not prove("text", PROMISE, "v", nothing, world(np.random.default_rng(1), 500)).proven


@pytest.mark.parametrize(
    ("wrong", "n", "bound"), [(0, 299, 0.00997), (0, 2139, 0.0014), (3, 100, 0.07571), (1, 20, 0.21611)]
)
def test_that_the_bound_is_that_of_clopper_and_pearson(wrong: int, n: int, bound: float) -> None:
    assert upper_bound(wrong, n) == pytest.approx(bound, abs=2e-5)
    assert binom.cdf(wrong, n, upper_bound(wrong, n)) == pytest.approx(0.05, abs=1e-6)


def test_that_the_fewest_fields_for_a_promise_are_those_of_the_rule() -> None:
    assert fields_needed(14) == 2139
    assert fields_needed(100) == 299
    assert upper_bound(0, 298) > 0.01


def test_that_fields_that_fail_together_count_as_fewer() -> None:
    rng = np.random.default_rng(3)
    alone = world(rng, 400)
    wrong = np.repeat(rng.random(400) < 0.1, 10)
    together = Judged(np.full(4000, 0.9), wrong, alone.documents)
    assert design_effect(together) > 5
    assert design_effect(alone) < 2
