"""Random acceptance samples: how many fields to look at, which ones, and what the findings say.

Bounds are exact. A share is bounded by Clopper and Pearson (1934, Biometrika 26:404) where the work goes on
without end, and by the hypergeometric distribution where a finite lot is judged; neither is an
approximation. A drawn sample is reproducible: the same fields and the same seed give the same sample,
whatever order the database gives them in.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Hashable, Sequence
from typing import Final, TypeVar

from formscan.errors import ReviewError

T = TypeVar("T")

CONFIDENCE: Final = 0.95
"""Probability that a bound holds."""
LARGEST: Final = 10_000_000
"""No sample is larger than this; a bound that needs more cannot be wanted."""


def interval(findings: int, size: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Two-sided Clopper-Pearson interval of a share.

    Returns:
        Lower and upper bound, 0..1; (0, 1) for an empty sample.
    """
    _sound(findings, size)
    side = (1 - confidence) / 2
    if not size:
        return 0.0, 1.0
    low = 0.0 if findings == 0 else _solve(lambda p: 1 - _binomial(findings - 1, size, p), side, rising=True)
    return low, _upper(findings, size, side)


def upper_bound(findings: int, size: int, lot: int | None = None, confidence: float = CONFIDENCE) -> float:
    """The share of wrong fields that is not exceeded with this confidence (one-sided).

    Args:
        findings: Wrong fields in the sample.
        size: Fields looked at.
        lot: Fields the sample was drawn from; the bound is then about exactly these.
        confidence: Probability that the bound holds.

    Returns:
        A share 0..1; 1 for an empty sample.
    """
    _sound(findings, size)
    if not size:
        return 1.0
    if lot is None:
        return _upper(findings, size, 1 - confidence)
    return _most_wrong(findings, size, lot, 1 - confidence) / lot


def size_for(bound: float, findings: int = 0, lot: int | None = None, confidence: float = CONFIDENCE) -> int:
    """The smallest sample that shows "at most ``bound`` are wrong" although so many were found.

    Args:
        bound: Wanted share, above 0 and below 1.
        findings: Wrong fields that may be found.
        lot: Fields to draw from; never more than these are needed.
        confidence: Probability that the bound holds.

    Raises:
        ReviewError: ``sample.bound`` for a share that cannot be shown.
    """
    if not 0 < bound < 1 or findings < 0 or not 0 < confidence < 1:
        raise ReviewError("sample.bound", bound=bound, findings=findings)
    alpha = 1 - confidence
    if lot is not None:
        wrong = math.floor(round(bound * lot, 9)) + 1  # the fewest that would be too many
        if wrong > lot:
            raise ReviewError("sample.bound", bound=bound, lot=lot)
        return _least(findings + 1, lot, lambda n: _hypergeometric(findings, lot, wrong, n) <= alpha)
    return _least(findings + 1, LARGEST, lambda n: _binomial(findings, n, bound) <= alpha)


def chance_of_acceptance(share: float, size: int, accept: int, lot: int | None = None) -> float:
    """Probability that a lot with this share of wrong fields is accepted (operating characteristic)."""
    if lot is None:
        return _binomial(accept, size, share)
    return _hypergeometric(accept, lot, round(share * lot), size)


def draw(
    items: Sequence[T],
    size: int,
    seed: int,
    *,
    key: Callable[[T], Hashable],
    stratum: Callable[[T], str] | None = None,
) -> tuple[T, ...]:
    """Draw without putting back.

    Args:
        items: What to draw from.
        size: How many; all where there are fewer.
        seed: The same seed draws the same items.
        key: A sortable key of an item that is its own.
        stratum: Draw from each stratum its share (largest remainders), at least one where the size allows.

    Returns:
        In the order they were drawn, which is the order to inspect them in.
    """
    chance = random.Random(seed)
    ordered = sorted(items, key=lambda item: repr(key(item)))
    if size >= len(ordered):
        chance.shuffle(ordered)
        return tuple(ordered)
    if stratum is None:
        return tuple(chance.sample(ordered, size))
    strata: dict[str, list[T]] = {}
    for item in ordered:
        strata.setdefault(stratum(item), []).append(item)
    wanted = allocate({name: len(there) for name, there in sorted(strata.items())}, size)
    drawn = [item for name, count in wanted.items() for item in chance.sample(strata[name], count)]
    chance.shuffle(drawn)
    return tuple(drawn)


def allocate(strata: dict[str, int], size: int) -> dict[str, int]:
    """Divide a sample over strata in proportion, by largest remainders, at least one each where it fits.

    Returns:
        Counts by stratum; their sum is ``size``, none is above the stratum's own.
    """
    whole = sum(strata.values())
    size = min(size, whole)
    least = 1 if size >= len(strata) else 0
    ideal = {name: size * count / whole for name, count in strata.items()} if whole else {}
    given = {name: min(strata[name], max(least, math.floor(share))) for name, share in ideal.items()}
    while sum(given.values()) != size:
        step = 1 if sum(given.values()) < size else -1
        able = [n for n in given if (given[n] < strata[n] if step > 0 else given[n] > least)]
        chosen = max(able, key=lambda name: (step * (ideal[name] - given[name]), name))
        given[chosen] += step
    return given


def _sound(findings: int, size: int) -> None:
    if not 0 <= findings <= size:
        raise ReviewError("sample.count", findings=findings, size=size)


def _binomial(most: int, size: int, share: float) -> float:
    """P(X <= most) for X ~ Binomial(size, share)."""
    if most >= size:
        return 1.0
    from scipy.special import bdtr

    return float(bdtr(most, size, share))


def _hypergeometric(most: int, lot: int, wrong: int, size: int) -> float:
    """P(X <= most) for X wrong ones among ``size`` drawn of ``lot`` with ``wrong``; exact integers."""
    found = range(max(0, size - (lot - wrong)), min(most, wrong, size) + 1)
    ways = sum(math.comb(wrong, k) * math.comb(lot - wrong, size - k) for k in found)
    return ways / math.comb(lot, size)


def _upper(findings: int, size: int, alpha: float) -> float:
    if findings == size:
        return 1.0
    return _solve(lambda p: _binomial(findings, size, p), alpha, rising=False)


def _most_wrong(findings: int, size: int, lot: int, alpha: float) -> int:
    """The most wrong fields a lot can hold for so few findings not to be a surprise."""
    low, high = findings, lot - (size - findings)
    while low < high:
        middle = (low + high + 1) // 2
        if _hypergeometric(findings, lot, middle, size) > alpha:
            low = middle
        else:
            high = middle - 1
    return low


def _least(low: int, high: int, holds: Callable[[int], bool]) -> int:
    if not holds(high):
        raise ReviewError("sample.bound", most=high)
    while low < high:
        middle = (low + high) // 2
        if holds(middle):
            high = middle
        else:
            low = middle + 1
    return low


def _solve(function: Callable[[float], float], target: float, *, rising: bool) -> float:
    low, high = 0.0, 1.0
    for _ in range(200):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        if (function(middle) < target) is rising:
            low = middle
        else:
            high = middle
    return (low + high) / 2
