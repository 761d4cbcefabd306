"""Proves a promise: released above a threshold, at most N of 10,000 values are wrong, with 95 % confidence.

The threshold is found by fixed sequence testing (Learn then Test: Angelopoulos, Bates, Candes, Jordan, Lei
2021, arXiv:2110.01052, sec. 2). The thresholds and the place to begin are fixed on the documents of the fit;
on documents that were never used the hypotheses "more than N of 10,000 are wrong above this threshold" are
tested one after the other, from the start downwards, each at 5 %, and the first that stands ends it. So the
threshold may be chosen on the very data it is proven on: to be wrong, the first true hypothesis must have
been rejected, and that happens in at most 5 % of all cases.

Each test is the bound of Clopper and Pearson (1934). Errors come in clusters (a page that lies badly, a pen
that fails), so that n fields tell less than n: n and the count of wrong ones are divided by a design effect
(Korn, Graubard 1998, Survey Methodology 24:193), which is taken from the documents of the fit, where errors
are many.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from formscan.model.chance import Promise

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Labels = npt.NDArray[np.int64]

LEVEL: Final = 0.05
STEPS: Final = 60
"""Thresholds that may be tested."""
ENOUGH_WRONG: Final = 20
"""Wrong fields from which a design effect can be told."""
POWER: Final = 0.9
"""Probability with which as many fields as are said to lack shall be enough."""
NOTHING: Final = 2.0
"""A threshold above every probability."""


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """Proposals of one kind with their probability and what people made of them.

    Attributes:
        chances: (n,) probability that it is right, by a calibration that never saw these documents.
        wrong: (n,) it was not.
        documents: (n,) number of the document.
    """

    chances: Floats
    wrong: Flags
    documents: Labels

    def __len__(self) -> int:
        return len(self.chances)


def upper_bound(wrong: float, n: float, level: float = LEVEL) -> float:
    """One-sided upper bound of a share (Clopper, Pearson 1934); counts may be fractions."""
    from scipy.stats import beta

    return 1.0 if n <= wrong else float(beta.ppf(1 - level, wrong + 1, n - wrong))


def fields_needed(per_10000: int, wrong: float = 0.0) -> int:
    """Smallest number of fields with so many wrong ones that proves a promise."""
    share = per_10000 / 10_000
    low, high = 0, 1
    while upper_bound(wrong, high) > share:
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if upper_bound(wrong, middle) > share else (low, middle)
    return high


def prove(kind: str, per_10000: int, calibration: str, fit: Judged, proof: Judged) -> Promise:
    """Find the lowest threshold a promise can be proven for.

    Args:
        kind: Of field.
        per_10000: At most so many wrong.
        calibration: Version the probabilities are by.
        fit: From the documents of the fit, with probabilities from outside their fold.
        proof: From documents that were used for nothing.
    """
    spread = design_effect(fit)
    passed = 0
    found: tuple[float, int, int, float] | None = None
    for threshold in _sequence(fit, len(proof), per_10000, spread):
        through = proof.chances >= threshold
        passed, wrong = int(through.sum()), int((proof.wrong & through).sum())
        upper = upper_bound(wrong / spread, passed / spread)
        if upper > per_10000 / 10_000:
            break
        found = (threshold, passed, wrong, upper)
    if found is None:
        more = _lacking(fit, len(proof), per_10000, spread)
        return Promise(kind, per_10000, NOTHING, calibration, len(proof), 0, 0, 1.0, spread, more)
    threshold, passed, wrong, upper = found
    return Promise(kind, per_10000, threshold, calibration, len(proof), passed, wrong, upper, spread, 0)


def design_effect(judged: Judged) -> float:
    """How much more the share of wrong ones spreads over documents than over single fields; at least 1.

    The ratio estimator's variance (Cochran 1977, Sampling Techniques, 6.3) over the binomial one, among the
    surest fields that hold ``ENOUGH_WRONG`` wrong ones: those a threshold would have to do with.
    """
    order = np.argsort(-judged.chances, kind="stable")
    counted = np.cumsum(judged.wrong[order])
    if not len(order) or counted[-1] == 0:
        return 1.0
    kept = order[: int(np.searchsorted(counted, min(ENOUGH_WRONG, counted[-1]))) + 1]
    _, places = np.unique(judged.documents[kept], return_inverse=True)
    fields = np.bincount(places).astype(np.float64)
    wrong = np.bincount(places, weights=judged.wrong[kept].astype(np.float64))
    share, n, groups = wrong.sum() / fields.sum(), fields.sum(), len(fields)
    if groups < 2 or share in (0.0, 1.0):
        return 1.0
    across = groups / (groups - 1) * float(((wrong - share * fields) ** 2).sum()) / n**2
    return max(1.0, float(across / (share * (1 - share) / n)))


def _sequence(fit: Judged, fields: int, per_10000: int, spread: float) -> list[float]:
    """Thresholds to be tested in order; made of the fit alone, and of how many fields the proof has."""
    from scipy.stats import binom  # scipy.stats takes most of a second: only for who proves something

    grid = _grid(fit)
    if not len(grid):
        return []
    through, expected = _seen(fit, grid)
    n = (fields * through / spread).astype(np.int64)
    allowed = _allowed(n, per_10000)
    hope = np.where(allowed < 0, 0.0, binom.cdf(allowed, n, expected))
    return [float(threshold) for threshold in grid[int(np.argmax(hope)) :]] if hope.max() > 0 else []


def _grid(fit: Judged) -> Floats:
    """Thresholds from strict to lenient that let through even steps of the fit's fields."""
    if not len(fit):
        return np.zeros(0)
    steps = np.quantile(fit.chances, 1 - np.linspace(1 / STEPS, 1, STEPS))
    return np.asarray(np.unique(steps[steps > 0])[::-1], dtype=np.float64)


def _seen(fit: Judged, grid: Floats) -> tuple[Floats, Floats]:
    """For each threshold the share of the fit that passes, and the share of that which is wrong."""
    order = np.argsort(-fit.chances, kind="stable")
    wrong = np.concatenate([[0], np.cumsum(fit.wrong[order])])
    count = np.searchsorted(-fit.chances[order], -grid, side="right")
    return count / len(fit), (wrong[count] + 0.5) / (count + 1)


def _allowed(n: Labels, per_10000: int) -> Labels:
    """Most wrong ones among n with which a promise is still proven; -1 where even none is too few.

    The bound of k wrong ones is below the share just when ``binom.cdf(k, n, share) <= LEVEL``.
    """
    from scipy.stats import binom

    share = per_10000 / 10_000
    most = binom.ppf(LEVEL, n, share)
    return np.where(binom.cdf(most, n, share) <= LEVEL, most, most - 1).astype(np.int64)


def _lacking(fit: Judged, fields: int, per_10000: int, spread: float) -> int:
    """Fields still to be confirmed until some threshold will likely pass; at least 1."""
    from scipy.stats import binom

    grid, least = _grid(fit), fields_needed(per_10000)
    best = np.array([least * spread / max(_surest_share(fit), 0.02)])
    if len(grid):
        through, expected = _seen(fit, grid)
        sizes = np.ceil(least * 1.15 ** np.arange(40)).astype(np.int64)
        power = binom.cdf(_allowed(sizes, per_10000)[:, None], sizes[:, None], expected[None, :])
        passes: Flags = np.asarray(power >= POWER, dtype=np.bool_)
        sized = np.where(passes.any(axis=0), sizes[passes.argmax(axis=0)] * spread / through, np.inf)
        best = sized if np.isfinite(sized).any() else best
    return max(1, math.ceil(float(best.min())) - fields)


def _surest_share(fit: Judged) -> float:
    """Share of the fit's fields above the surest wrong one."""
    if not len(fit):
        return 1.0
    worst = fit.chances[fit.wrong].max(initial=-1.0)
    return float((fit.chances > worst).mean())


def judged(chances: Sequence[float], wrong: Sequence[bool], documents: Sequence[str]) -> Judged:
    """``Judged`` of plain lists."""
    numbers = {name: place for place, name in enumerate(dict.fromkeys(documents))}
    return Judged(
        np.array(chances, dtype=np.float64),
        np.array(wrong, dtype=np.bool_),
        np.array([numbers[name] for name in documents], dtype=np.int64),
    )
