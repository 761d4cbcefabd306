from __future__ import annotations

import itertools
from collections import Counter
from fractions import Fraction
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formscan.errors import ReviewError
from formscan.review.sampling import allocate, chance_of_acceptance, draw, interval, size_for, upper_bound


@pytest.mark.parametrize(
    ("bound", "findings", "size"),
    [(0.01, 0, 299), (0.01, 1, 473), (0.01, 2, 628), (0.05, 0, 59), (0.05, 1, 93), (0.001, 0, 2995)],
)
def test_that_sizes_are_the_known_ones_for_95_percent(bound: float, findings: int, size: int) -> None:
    assert size_for(bound, findings) == size
    assert upper_bound(findings, size) <= bound < upper_bound(findings, size - 1)


def test_that_clopper_pearson_gives_the_published_interval() -> None:
    low, high = interval(10, 263)  # Newcombe 1998 (Stat Med 17:857), method 5: 81/263 and 15/148 as well
    assert (round(low, 4), round(high, 4)) == (0.0184, 0.0688)
    low, high = interval(81, 263)
    assert (round(low, 4), round(high, 4)) == (0.2527, 0.3676)
    low, high = interval(15, 148)
    assert (round(low, 4), round(high, 4)) == (0.0578, 0.1617)
    assert interval(0, 20)[0] == 0.0
    assert round(interval(0, 20)[1], 4) == 0.1684
    assert interval(0, 0) == (0.0, 1.0)
    assert interval(7, 7)[1] == 1.0


def test_that_a_small_lot_needs_fewer_and_never_more_than_all() -> None:
    assert size_for(0.05, 0, lot=100) < size_for(0.05, 0)
    assert size_for(0.05, 0, lot=100) == 39  # P(no wrong one among 39 | 6 of 100) = 0.048
    assert size_for(0.01, 0, lot=50) == 48  # one wrong one must not be missed: 1 - n/50 <= 0.05
    assert upper_bound(0, 100, lot=100) == 0.0
    assert upper_bound(3, 100, lot=100) == 0.03


def brute(most: int, lot: int, wrong: int, size: int) -> Fraction:
    ways = sum(comb(wrong, k) * comb(lot - wrong, size - k) for k in range(most + 1) if size - k >= 0)
    return Fraction(ways, comb(lot, size))


@given(st.integers(1, 60), st.data())
def test_that_the_bound_of_a_lot_is_the_most_wrong_fields_that_are_no_surprise(
    lot: int, data: st.DataObject
) -> None:
    size = data.draw(st.integers(1, lot))
    findings = data.draw(st.integers(0, size))
    most = round(upper_bound(findings, size, lot) * lot)
    assert findings <= most <= lot - (size - findings)
    assert brute(findings, lot, most, size) > Fraction(1, 20)
    if most < lot - (size - findings):
        assert brute(findings, lot, most + 1, size) <= Fraction(1, 20)


@given(st.integers(1, 400), st.data())
def test_that_an_interval_holds_the_share_and_grows_with_the_findings(n: int, data: st.DataObject) -> None:
    found = data.draw(st.integers(0, n))
    low, high = interval(found, n)
    assert low <= found / n <= high
    if found < n:
        assert interval(found + 1, n) >= (low, high)


@given(st.integers(0, 3), st.sampled_from([0.2, 0.1, 0.05, 0.02]))
def test_that_the_size_is_the_smallest_that_shows_the_bound(findings: int, bound: float) -> None:
    size = size_for(bound, findings)
    assert chance_of_acceptance(bound, size, findings) <= 0.05
    assert chance_of_acceptance(bound, size - 1, findings) > 0.05


@pytest.mark.parametrize(("bound", "lot"), [(0.0, None), (1.0, None), (-1, None), (0.999999999999, 5)])
def test_that_a_bound_nobody_can_show_is_refused(bound: float, lot: int | None) -> None:
    with pytest.raises(ReviewError, match=r"sample\.bound"):
        size_for(bound, 0, lot)


ITEMS = [(f"e{n:03}", f"f{n % 7}") for n in range(500)]


def test_that_the_same_seed_draws_the_same_whatever_order_the_fields_come_in() -> None:
    one = draw(ITEMS, 40, 7, key=lambda item: item)
    assert draw(list(reversed(ITEMS)), 40, 7, key=lambda item: item) == one
    assert draw(ITEMS, 40, 8, key=lambda item: item) != one
    assert len(set(one)) == 40


def test_that_every_field_is_drawn_equally_often() -> None:
    counts = Counter(item for seed in range(4000) for item in draw(list(range(20)), 5, seed, key=lambda n: n))
    expected = 4000 * 5 / 20
    assert sum((count - expected) ** 2 / expected for count in counts.values()) < 43.8  # chi2, 19 df, p=.001


def test_that_strata_get_their_share_and_none_is_forgotten() -> None:
    items = [("a", n) for n in range(900)] + [("b", n) for n in range(99)] + [("c", 0)]
    drawn = draw(items, 100, 3, key=lambda item: item, stratum=lambda item: item[0])
    assert Counter(name for name, _ in drawn) == {"a": 90, "b": 9, "c": 1}


@given(st.dictionaries(st.text("abcdef", min_size=1), st.integers(1, 50), min_size=1), st.integers(0, 200))
def test_that_allocation_adds_up_and_stays_within_each_stratum(strata: dict[str, int], size: int) -> None:
    given_ = allocate(strata, size)
    assert sum(given_.values()) == min(size, sum(strata.values()))
    assert all(0 <= given_[name] <= strata[name] for name in strata)
    if size >= len(strata):
        assert min(given_.values()) >= 1


def test_that_the_bound_keeps_its_promise_when_lots_are_drawn_again_and_again() -> None:
    """Coverage, exactly: over all ways the sample can fall, the bound fails in at most 5 %."""
    lot, size = 40, 15
    for wrong in range(0, lot + 1, 4):
        missed = Fraction(0)
        for found in range(max(0, size - (lot - wrong)), min(size, wrong) + 1):
            if upper_bound(found, size, lot) * lot < wrong - 1e-9:
                missed += Fraction(comb(wrong, found) * comb(lot - wrong, size - found), comb(lot, size))
        assert missed <= Fraction(1, 20)


def test_that_counts_that_cannot_be_are_refused() -> None:
    for findings, size in itertools.product((-1, 6), (5,)):
        with pytest.raises(ReviewError, match=r"sample\.count"):
            upper_bound(findings, size)
