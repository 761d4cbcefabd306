"""How far two judgements of the same fields agree, with n and an interval."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from formscan.review.sampling import interval

Z95: Final = 1.959963984540054
MOST_CATEGORIES: Final = 12
"""Values that are not of a few kinds (names, numbers) have a share of equals, but no kappa."""

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Coefficient:
    """A coefficient of agreement beyond chance with its 95 % interval (normal approximation)."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Agreement:
    """Agreement of pairs.

    Attributes:
        n: Pairs.
        equal: Pairs whose two values are the same.
        low: Lower end of the exact 95 % interval of the share of equals (Clopper-Pearson).
        high: Upper end.
        kappa: Cohen's kappa; ``None`` where there are no few categories, or where chance alone would agree
            always.
        ac1: Gwet's AC1, which does not fall where nearly all values are the same; ``None`` as above.
    """

    n: int
    equal: int
    low: float
    high: float
    kappa: Coefficient | None = None
    ac1: Coefficient | None = None

    @property
    def share(self) -> float:
        """Share of equals, 0..1; 0 where there are no pairs."""
        return self.equal / self.n if self.n else 0.0


def share_equal(equal: int, n: int) -> Agreement:
    """Agreement where only the counts are known."""
    return Agreement(n, equal, *interval(equal, n))


def agreement(pairs: Iterable[Pair], *, categories: bool = True) -> Agreement:
    """Agreement of pairs of values; with coefficients beyond chance where the values are few kinds.

    Args:
        pairs: (one, other) of each field.
        categories: Whether the field has categories at all (a choice, a mark, a digit).
    """
    return of_table(Counter(pairs), categories=categories)


def of_table(table: Mapping[Pair, int], *, categories: bool = True) -> Agreement:
    """As ``agreement``, from counts of pairs."""
    n = sum(table.values())
    plain = share_equal(sum(count for (one, other), count in table.items() if one == other), n)
    kinds = sorted({value for pair in table for value in pair})
    if not categories or n < 2 or not 2 <= len(kinds) <= MOST_CATEGORIES:
        return plain
    shares = {pair: count / n for pair, count in table.items() if count}
    return Agreement(n, plain.equal, plain.low, plain.high, _cohen(shares, kinds, n), _gwet(shares, kinds, n))


def _cohen(shares: Mapping[Pair, float], kinds: list[str], n: int) -> Coefficient | None:
    """Kappa with the large-sample error of Fleiss, Cohen and Everitt (1969, Psychol Bull 72:323)."""
    rows, columns = _margins(shares, kinds)
    seen = sum(shares.get((kind, kind), 0.0) for kind in kinds)
    chance = sum(rows[kind] * columns[kind] for kind in kinds)
    if chance >= 1:
        return None
    kappa = (seen - chance) / (1 - chance)
    on = sum(
        shares.get((k, k), 0.0) * ((1 - chance) - (rows[k] + columns[k]) * (1 - seen)) ** 2 for k in kinds
    )
    off = sum(p * (columns[a] + rows[b]) ** 2 for (a, b), p in shares.items() if a != b)
    spread = on + (1 - seen) ** 2 * off - (seen * chance - 2 * chance + seen) ** 2
    return _with_error(kappa, spread / (n * (1 - chance) ** 4))


def _gwet(shares: Mapping[Pair, float], kinds: list[str], n: int) -> Coefficient:
    """AC1 with its variance (Gwet 2008, Br J Math Stat Psychol 61:29, equation 37)."""
    rows, columns = _margins(shares, kinds)
    middle = {kind: (rows[kind] + columns[kind]) / 2 for kind in kinds}
    q = len(kinds)
    seen = sum(shares.get((kind, kind), 0.0) for kind in kinds)
    chance = sum(share * (1 - share) for share in middle.values()) / (q - 1)
    value = (seen - chance) / (1 - chance)
    on = sum(shares.get((k, k), 0.0) * (1 - middle[k]) for k in kinds) / (q - 1) - seen * chance
    every = sum(p * (1 - (middle[a] + middle[b]) / 2) ** 2 for (a, b), p in shares.items()) / (q - 1) ** 2
    spread = seen * (1 - seen) - 4 * (1 - value) * on + 4 * (1 - value) ** 2 * (every - chance**2)
    return _with_error(value, spread / (n * (1 - chance) ** 2))


def _margins(shares: Mapping[Pair, float], kinds: list[str]) -> tuple[dict[str, float], dict[str, float]]:
    rows, columns = dict.fromkeys(kinds, 0.0), dict.fromkeys(kinds, 0.0)
    for (one, other), share in shares.items():
        rows[one] += share
        columns[other] += share
    return rows, columns


def _with_error(value: float, variance: float) -> Coefficient:
    half = Z95 * math.sqrt(max(0.0, variance))
    return Coefficient(value, max(-1.0, value - half), min(1.0, value + half))
