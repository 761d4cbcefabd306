"""Figures of the gate: calibration error, coverage at a promise, and promises in seeded runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from formscan.bench.intervals import wilson
from formscan.learning.calibration import Case
from formscan.learning.gate import Judged, prove
from formscan.learning.release import Fitted, of_kind
from formscan.model.chance import Promise

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

BINS: Final = 10
AIM: Final = 14
"""Wrong per 10,000: what two people who key everything reach."""
FIXED: Final = 0.85
PROMISES: Final = (AIM, 100, 300)
DRAWS: Final = 200
SIZE: Final = 6000
"""Fields of one seeded proof, about."""


@dataclass(frozen=True, slots=True)
class Row:
    """One proposal of the report half.

    Attributes:
        raw: The engine's own score.
        chance: Calibrated, whatever bars it.
    """

    case: Case
    raw: float
    chance: float
    severity: str


def figures(made: Fitted, rows: Sequence[Row], runs: int) -> dict[str, Any]:
    """All figures of one file of pages."""
    kinds = sorted({row.case.kind for row in rows})
    groups: dict[str, Callable[[Row], bool]] = {
        "all proposals": lambda row: True,
        "all with ink": lambda row: "." not in row.case.kind,
    }
    for kind in kinds:
        groups[kind] = lambda row, kind=kind: row.case.kind == kind  # type: ignore[misc]
    return {
        "calibration": [_calibrated(name, [r for r in rows if holds(r)]) for name, holds in groups.items()],
        "coverage": [_covered(name, [r for r in rows if holds(r)]) for name, holds in groups.items()],
        "clues": _clues(made),
        "proven": [_promise(made.promise(kind, n)) for kind in made.kinds for n in PROMISES],
        "seeded": _seeded(made, rows, runs),
        "version": made.calibration.version,
        "engines": list(made.calibration.card.engines),
    }


def expected_error(chances: Floats, right: Flags) -> float:
    """Expected calibration error over ten bins of equal width (Guo et al. 2017, ICML, eq. 3)."""
    if not len(chances):
        return 0.0
    bins = np.minimum((chances * BINS).astype(np.int64), BINS - 1)
    gaps = [abs(float(chances[bins == b].sum() - right[bins == b].sum())) for b in range(BINS)]
    return sum(gaps) / len(chances)


def coverage_at(chances: Floats, wrong: Flags, per_10000: int) -> float:
    """Largest share at or above one threshold of which at most so many are wrong; ties pass together."""
    if not len(chances):
        return 0.0
    order = np.argsort(-chances, kind="stable")
    seen = np.cumsum(wrong[order]) <= per_10000 / 10_000 * np.arange(1, len(order) + 1)
    last = np.append(np.diff(chances[order]) != 0, True)
    passing = np.flatnonzero(seen & last & (chances[order] > 0))
    return float(passing.max() + 1) / len(order) if len(passing) else 0.0


def _arrays(rows: Sequence[Row]) -> tuple[Floats, Floats, Floats, Flags, npt.NDArray[np.int64]]:
    """Raw score, probability, the same with 0 where barred, wrong, and number of the document."""
    names = {name: place for place, name in enumerate(dict.fromkeys(r.case.document for r in rows))}
    return (
        np.array([r.raw for r in rows], dtype=np.float64),
        np.array([r.chance for r in rows], dtype=np.float64),
        np.array([0.0 if r.case.barred else r.chance for r in rows], dtype=np.float64),
        np.array([not r.case.right for r in rows], dtype=np.bool_),
        np.array([names[r.case.document] for r in rows], dtype=np.int64),
    )


def _spread(rows: Sequence[Row], measure: Callable[[npt.NDArray[np.int64]], float]) -> tuple[float, float]:
    """95 % interval of a measure over documents drawn with replacement (seed 1)."""
    documents = _arrays(rows)[4]
    places = [np.flatnonzero(documents == d) for d in np.unique(documents)]
    rng = np.random.default_rng(1)
    found = [
        measure(np.concatenate([places[k] for k in rng.integers(len(places), size=len(places))]))
        for _ in range(DRAWS)
    ]
    low, high = np.percentile(found, [2.5, 97.5])
    return float(low), float(high)


def _calibrated(name: str, rows: Sequence[Row]) -> dict[str, Any]:
    raw, chance, _, wrong, _ = _arrays(rows)
    right = ~wrong
    low, high = _spread(rows, lambda at: expected_error(chance[at], right[at]))
    return {
        "what": name, "n": len(rows), "wrong": int(wrong.sum()), "raw": expected_error(raw, right),
        "calibrated": expected_error(chance, right), "low": low, "high": high,
    }  # fmt: skip


def _covered(name: str, rows: Sequence[Row]) -> dict[str, Any]:
    raw, chance, gated, wrong, _ = _arrays(rows)
    low, high = _spread(rows, lambda at: coverage_at(chance[at], wrong[at], AIM))
    raw_low, raw_high = _spread(rows, lambda at: coverage_at(raw[at], wrong[at], AIM))
    return {
        "what": name, "n": len(rows), "raw": coverage_at(raw, wrong, AIM), "raw_low": raw_low,
        "raw_high": raw_high, "calibrated": coverage_at(chance, wrong, AIM), "low": low, "high": high,
        "through_the_gate": coverage_at(gated, wrong, AIM),
        "fixed_wrong": int((wrong & (raw >= FIXED)).sum()), "fixed_n": int((raw >= FIXED).sum()),
    }  # fmt: skip


def _clues(made: Fitted) -> dict[str, list[tuple[str, float]]]:
    """The clues that count most, by kind."""
    return {
        kind.kind: [
            (clue.name, round(clue.weight, 2))
            for clue in sorted(kind.clues, key=lambda clue: -abs(clue.weight))[:6]
            if abs(clue.weight) > 0.05
        ]
        for kind in made.calibration.kinds
    }


def _promise(promise: Promise) -> dict[str, Any]:
    return {
        "kind": promise.kind, "per_10000": promise.per_10000, "proven": promise.proven,
        "fields": promise.fields, "passed": promise.passed, "wrong": promise.wrong,
        "at_most": promise.upper * 10_000 if promise.proven else None, "more": promise.more,
        "design_effect": promise.spread,
    }  # fmt: skip


def _seeded(made: Fitted, rows: Sequence[Row], runs: int) -> list[dict[str, Any]]:
    """The gate on proofs drawn from the report half, document by document with replacement.

    The report half is the whole world here, so what is truly wrong above a threshold is known exactly.
    Kinds that were never wrong in it are left out: no promise about them could be broken.
    """
    worlds = {
        "clean": [r for r in rows if r.severity == "clean"],
        "damaged": [r for r in rows if r.severity != "clean"],
        "all": list(rows),
    }
    known = [(case, chance) for case, chance in made.fit]
    spoilt = sorted({r.case.kind for r in rows if not r.case.right})
    found = []
    for world, own in worlds.items():
        for kind in [kind for kind in spoilt if any(r.case.kind == kind for r in own)]:
            truth = of_kind([(r.case, r.chance) for r in own if r.case.kind == kind], kind)
            raw = np.array([r.raw for r in own if r.case.kind == kind])
            for n in PROMISES:
                fit = of_kind(known, kind)
                row = _runs(kind, n, fit, truth, runs)
                fixed = raw >= FIXED
                share = float(truth.wrong[fixed].mean()) if fixed.any() else 0.0
                found.append(
                    {"world": world, **row, "fixed_share": share, "fixed_broken": share > n / 10_000}
                )
    return found


def _runs(kind: str, per_10000: int, fit: Judged, truth: Judged, runs: int) -> dict[str, Any]:
    places = [np.flatnonzero(truth.documents == d) for d in np.unique(truth.documents)]
    documents = max(1, round(SIZE / len(truth) * len(places)))
    broken, proven, coverage = 0, 0, []
    for seed in range(runs):
        rng = np.random.default_rng([seed, 17])
        drawn = [places[k] for k in rng.integers(len(places), size=documents)]
        at = np.concatenate(drawn)
        labels = np.repeat(np.arange(documents), [len(one) for one in drawn])
        made = prove(kind, per_10000, "", fit, Judged(truth.chances[at], truth.wrong[at], labels))
        if made.proven:
            through = truth.chances >= made.threshold
            proven += 1
            coverage.append(float(through.mean()))
            broken += float(truth.wrong[through].mean() if through.any() else 0.0) > per_10000 / 10_000
    low, high = wilson(runs - broken, runs)
    return {
        "kind": kind, "per_10000": per_10000, "n": len(truth), "wrong": int(truth.wrong.sum()), "runs": runs,
        "proven": proven, "kept": runs - broken, "low": low, "high": high,
        "coverage": float(np.mean(coverage)) if coverage else 0.0,
    }  # fmt: skip


def markdown(out: dict[str, Any]) -> str:
    """The figures as a page."""
    run = out["run"]
    lines = [
        "# Calibrated confidence and the release gate, measured",
        "",
        (
            f"Fitted on {run['pages_fit']} composed pages of the tuning half, measured on "
            f"{run['pages_report']} of the report half ({run['clean']} clean, {run['damaged']} damaged; "
            f"seed {run['seed']}): other ink, other writers. `x.blank` are proposals that a field is blank. "
            "Intervals: 95 %, over documents."
        ),
        "",
        f"Readers in the fit: {', '.join(out['engines'])}.",
        "",
        "![Reliability: how often right against what was said](gate-reliability.png)",
        "",
        "## Expected calibration error (ten bins)",
        "",
        "| what | n | wrong | engine's score | calibrated | 95 % |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {r['what']} | {r['n']} | {r['wrong']} | {r['raw']:.3f} | {r['calibrated']:.3f} | "
        f"{r['low']:.3f} to {r['high']:.3f} |"
        for r in out["calibration"]
    ]
    lines += [
        "",
        f"## Coverage at {AIM} wrong per 10,000 (best threshold in hindsight for both)",
        "",
        (
            "| what | n | engine's score | 95 % | calibrated | 95 % | past the rules of the gate | "
            f"wrong at a fixed {FIXED} |"
        ),
        "|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {r['what']} | {r['n']} | {r['raw']:.1%} | {r['raw_low']:.1%} to {r['raw_high']:.1%} | "
        f"{r['calibrated']:.1%} | {r['low']:.1%} to {r['high']:.1%} | {r['through_the_gate']:.1%} | "
        f"{r['fixed_wrong']} of {r['fixed_n']} |"
        for r in out["coverage"]
    ]
    return "\n".join([*lines, *_proofs(out), *_seeds(out), *_weights(out)]) + "\n"


def _proofs(out: dict[str, Any]) -> list[str]:
    lines = [
        "",
        "## What is proven on the report half as it is",
        "",
        "| kind | promise per 10,000 | fields | passed | wrong | at most | confirmed fields lacking |",
        "|---|---|---|---|---|---|---|",
    ]
    return lines + [
        f"| {r['kind']} | {r['per_10000']} | {r['fields']} | {r['passed'] if r['proven'] else '-'} | "
        f"{r['wrong'] if r['proven'] else '-'} | {format(r['at_most'], '.1f') if r['proven'] else '-'} | "
        f"{r['more'] or '-'} |"
        for r in out["proven"]
    ]


def _seeds(out: dict[str, Any]) -> list[str]:
    lines = [
        "",
        f"## Promises in seeded runs (proofs of about {SIZE} fields drawn from the report half)",
        "",
        (
            "Documents are drawn with replacement, and the report half counts as the whole world, so that "
            "what is truly wrong above a threshold is known exactly. A run in which nothing could be proven "
            "keeps its promise by asking people: see *proven*. Kinds that were never wrong are left out."
        ),
        "",
        (
            "| pages | kind | fields (wrong) | promise per 10,000 | runs | proven | kept | 95 % | passes | "
            f"fixed {FIXED}: wrong per 10,000 | kept |"
        ),
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    return lines + [
        f"| {r['world']} | {r['kind']} | {r['n']} ({r['wrong']}) | {r['per_10000']} | {r['runs']} | "
        f"{r['proven']} | {r['kept']} | {r['low']:.1%} to {r['high']:.1%} | {r['coverage']:.1%} | "
        f"{r['fixed_share'] * 10_000:.0f} | {'no' if r['fixed_broken'] else 'yes'} |"
        for r in out["seeded"]
    ]


def _weights(out: dict[str, Any]) -> list[str]:
    lines = ["", "## What counts (change of log odds for one spread)", ""]
    return lines + [
        f"- {kind}: {', '.join(f'{name} {weight:+.2f}' for name, weight in clues)}"
        for kind, clues in out["clues"].items()
        if clues
    ]
