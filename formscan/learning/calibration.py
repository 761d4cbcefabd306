"""Fits the probability that a proposed value is right, kind by kind, on fields people decided on.

It begins at the engine's own score. A logistic regression with a ridge (Newton steps; how strong is found by
cross-validation over documents) on clues in units of their spread moves it, and it is bent by a beta
calibration (Kull, Silva Filho, Flach 2017) that is fitted on odds each document got from a regression made
without it. Every number of it can be read and explained; it is fitted in a second and never needs a torch.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

import numpy as np
import numpy.typing as npt

from formscan.engines.chance import chance
from formscan.engines.clues import ENGINE
from formscan.model.chance import Calibration, Clue, FitCard, KindChance, Pairs

Floats = npt.NDArray[np.float64]

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
FOLDS: Final = 5
RIDGES: Final = (3.0, 10.0, 30.0, 100.0, 300.0, 1000.0)
"""How strongly weights are drawn to 0; the one that judges unseen documents best is taken."""
BEND_RIDGE: Final = 5.0
ONE_CASE: Final = 1.0
SCORE: Final = "score"
FEW_WRONG: Final = 5
"""With fewer wrong or right cases no clue is learnt: the engine's score stays, moved as a whole."""
STRENGTH: Final = 8.0
"""Cases of the average field that the history of a single field is mixed with."""
BINS: Final = 10


@dataclass(frozen=True, slots=True)
class Case:
    """One proposal a person decided on.

    Attributes:
        kind: See ``engines.clues.kind_of``.
        field: ``form/field``.
        document: Whatever names the document; cases of one document are never split.
        clues: As ``engines.clues.clues_of`` gives them; ``history`` is put in here.
        right: The proposal was the value that was released.
        barred: Why it is for a person whatever its probability, see ``engines.clues.barred``.
        engine: As the card lists it.
        form: ``id version``, as the card lists it.
    """

    kind: str
    field: str
    document: str
    clues: Mapping[str, float]
    right: bool
    barred: str = ""
    engine: str = ""
    form: str = ""


def fit(cases: Sequence[Case], card: FitCard) -> Calibration:
    """Fit every kind there are cases of.

    Args:
        cases: Of documents none of which is used to prove anything later.
        card: What they are; counts are filled in.

    Returns:
        The calibration; its version is a digest of it, so the same cases give the same version.
    """
    told = _with_history(cases)
    kinds = tuple(
        _fit_kind(kind, [case for case in told if case.kind == kind])
        for kind in sorted({case.kind for case in cases})
    )
    counted = replace(card, fields=len(cases), documents=len({case.document for case in cases}))
    bare = Calibration("", counted, kinds, history_of(cases))
    return replace(
        bare, version=hashlib.sha256(repr((kinds, bare.history, card.engines)).encode()).hexdigest()
    )


def history_of(cases: Sequence[Case]) -> Pairs:
    """Log odds that a field was proposed right relative to its kind, drawn towards 0 where it is rare."""
    kinds: dict[str, list[bool]] = {}
    fields: dict[tuple[str, str], list[bool]] = {}
    for case in cases:
        kinds.setdefault(case.kind, []).append(case.right)
        fields.setdefault((case.kind, case.field), []).append(case.right)
    found: dict[str, float] = {}
    for (kind, field), right in sorted(fields.items()):
        usual = (sum(kinds[kind]) + 0.5) / (len(kinds[kind]) + 1)
        own = (sum(right) + STRENGTH * usual) / (len(right) + STRENGTH)
        found[field] = found.get(field, 0.0) + _odds(own) - _odds(usual)
    return tuple((field, round(odds, 6)) for field, odds in found.items())


def with_history(case: Case, history: Mapping[str, float]) -> Case:
    """The case with the history of its field put in."""
    return replace(case, clues={**case.clues, "history": history.get(case.field, 0.0)})


def cross_fitted(cases: Sequence[Case]) -> list[float]:
    """Probability of each case by a calibration that never saw its document; a kind unknown there gives 0."""
    found = [0.0] * len(cases)
    for fold in sorted({_fold(case) for case in cases}):
        rest = [case for case in cases if _fold(case) != fold]
        made = fit(rest, FitCard("", EPOCH, 0, 0, (), (), "")) if rest else None
        for place, case in enumerate(cases):
            if _fold(case) == fold and made is not None:
                found[place] = chance_of(made, case)
    return found


def chance_of(calibration: Calibration, case: Case) -> float:
    """Probability of a case by a calibration; 0 where its kind was not fitted."""
    fitted = calibration.of_kind(case.kind)
    return chance(fitted, with_history(case, dict(calibration.history)).clues) if fitted else 0.0


def _odds(p: float) -> float:
    return float(np.log(p / (1 - p)))


def _with_history(cases: Sequence[Case]) -> list[Case]:
    """Each case with the history of its field in the documents of the other folds."""
    known = [dict(history_of([c for c in cases if _fold(c) != k])) for k in range(FOLDS)]
    return [
        replace(case, clues={**case.clues, "history": known[_fold(case)].get(case.field, 0.0)})
        for case in cases
    ]


def _fold(case: Case) -> int:
    return hashlib.sha256(case.document.encode()).digest()[0] % FOLDS


def _fit_kind(kind: str, cases: Sequence[Case]) -> KindChance:
    """Begins at what the engine says and moves as far as the cases speak for it."""
    right = np.array([case.right for case in cases], dtype=np.float64)
    wrong = int(len(right) - right.sum())
    names = sorted({name for case in cases for name in case.clues})
    values = np.array([[_value(case, name) for name in names] for case in cases]).reshape(len(cases), -1)
    clues = _clues(names, values)
    scaled = _scaled(values, clues)
    told = np.array([case.clues.get(SCORE, 0.0) for case in cases])
    bend = (1.0, 1.0, 0.0)
    if min(wrong, len(cases) - wrong) < FEW_WRONG:
        bias, weights = logistic(scaled[:, :0], right, 1.0, told, ONE_CASE)[0], np.zeros(len(names))
    else:
        folds = np.array([_fold(case) for case in cases])
        ridge = min(RIDGES, key=lambda one: _loss(_held_out(scaled, right, folds, one, told), right))
        bias, weights = logistic(scaled, right, ridge, told)
        bend = _bend(_held_out(scaled, right, folds, ridge, told), right)
    kept = tuple(
        replace(clue, weight=round(float(weight) + (clue.scale if clue.name == SCORE else 0.0), 8))
        for clue, weight in zip(clues, weights, strict=True)
    )
    begins = sum(clue.centre for clue in clues if clue.name == SCORE)
    return KindChance(kind, round(bias + begins, 8), kept, bend, len(cases), wrong)


def _loss(odds: Floats, right: Floats) -> float:
    """Mean negative log likelihood."""
    return float(np.logaddexp(0.0, np.where(right > 0, -odds, odds)).mean())


def _value(case: Case, name: str) -> float:
    """A clue's number, NaN where it is missing and its absence says nothing."""
    return float(case.clues.get(name, 0.0 if name.startswith(ENGINE) else np.nan))


def _clues(names: Sequence[str], values: Floats) -> tuple[Clue, ...]:
    return tuple(
        _clue(name, values[:, place][~np.isnan(values[:, place])]) for place, name in enumerate(names)
    )


def _clue(name: str, column: Floats) -> Clue:
    spread = float(column.std())
    edges = np.unique(np.quantile(column, np.linspace(0, 1, BINS + 1)[1:-1]))
    shares = np.bincount(np.searchsorted(edges, column, side="left"), minlength=len(edges) + 1) / len(column)
    return Clue(
        name,
        round(float(column.mean()), 8),
        round(spread, 8) if spread > 1e-6 else 1.0,
        0.0,
        tuple(round(float(edge), 6) for edge in edges),
        tuple(round(float(share), 6) for share in shares),
    )


def _scaled(values: Floats, clues: Sequence[Clue]) -> Floats:
    centre, scale = np.array([clue.centre for clue in clues]), np.array([clue.scale for clue in clues])
    return np.asarray(np.nan_to_num((values - centre) / scale, nan=0.0), dtype=np.float64)


def logistic(
    values: Floats, right: Floats, ridge: float, offset: Floats | None = None, base: float = 1e-6
) -> tuple[float, Floats]:
    """Ridge logistic regression by Newton's method (McCullagh, Nelder 1989, ch. 4).

    Args:
        values: (n, k), in units of their spread.
        right: (n,) of 0 and 1.
        ridge: Penalty on the weights.
        offset: (n,) log odds that are there already; the bias is then counted from them.
        base: Penalty on the bias; next to none.

    Returns:
        Bias and (k,) weights.
    """
    full = np.column_stack([np.ones(len(values)), values])
    penalty = np.full(full.shape[1], ridge)
    penalty[0] = base
    found = np.zeros(full.shape[1])
    given = np.zeros(len(right)) if offset is None else offset
    if offset is None:
        found[0] = _odds(float((right.sum() + 1) / (len(right) + 2)))
    for _ in range(60):
        p = _p(full @ found + given)
        slope = full.T @ (right - p) - penalty * found
        bend = (full * (p * (1 - p))[:, None]).T @ full + np.diag(penalty + 1e-9)
        step = np.linalg.solve(bend, slope)
        found += step * min(1.0, 5.0 / max(float(np.abs(step).max()), 1e-12))
        if float(np.abs(step).max()) < 1e-9:
            break
    return float(found[0]), np.asarray(found[1:], dtype=np.float64)


def _held_out(
    scaled: Floats, right: Floats, folds: npt.NDArray[np.int64], ridge: float, told: Floats
) -> Floats:
    """Log odds of each case by a regression that never saw its document."""
    odds = np.zeros(len(right))
    for fold in np.unique(folds):
        inside = folds == fold
        rest = inside if inside.all() else ~inside
        bias, weights = logistic(scaled[rest], right[rest], ridge, told[rest])
        odds[inside] = bias + told[inside] + scaled[inside] @ weights
    return odds


def _bend(odds: Floats, right: Floats) -> tuple[float, float, float]:
    """Beta calibration with a, b > 0, drawn to the straight line (1, 1, 0): a curve that keeps the order."""
    p = np.clip(_p(odds), 1e-6, 1 - 1e-6)
    parts = np.column_stack([np.log(p), -np.log1p(-p)])
    for used in ((0, 1), (0,), (1,)):
        c, slopes = logistic(parts[:, used], right, BEND_RIDGE, odds)
        whole = np.ones(2)
        whole[list(used)] += slopes
        if (whole > 0.05).all():
            return round(float(whole[0]), 8), round(float(whole[1]), 8), round(c, 8)
    return 1.0, 1.0, 0.0


def _p(odds: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(odds, -30, 30))), dtype=np.float64)
