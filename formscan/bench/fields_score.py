"""Counts found, missed and invented places; F1 with intervals from a bootstrap over pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from formscan.bench.fields_truth import LEAST_LINE_PT, PageTruth, kinds_of
from formscan.designer.cells import iou, overlap, size_of
from formscan.model.geometry import Area

LEVELS: Final = (0.5, 0.75)
_DRAWS: Final = 2000

Counts = tuple[int, int, int]
"""Found, invented, missed."""


@dataclass(slots=True)
class FieldTally:
    """Counts of every page under (kind, level)."""

    pages: dict[tuple[str, float], list[Counts]] = field(default_factory=dict)

    def add(self, kind: str, level: float, counts: Counts) -> None:
        """Book one page."""
        self.pages.setdefault((kind, level), []).append(counts)

    def figures(self) -> dict[str, Any]:
        """F1, precision, recall, n and the 95 % interval of F1 by kind and level."""
        out: dict[str, Any] = {}
        for (kind, level), pages in sorted(self.pages.items()):
            out.setdefault(kind, {})[f"{level:g}"] = summary(pages)
        return out


def summary(pages: Sequence[Counts]) -> dict[str, Any]:
    """F1 of pages together, with a percentile interval over pages drawn with replacement."""
    counts = np.array(pages, dtype=np.int64).reshape(-1, 3)
    rng = np.random.default_rng(20260101)
    draws = rng.integers(0, len(counts), (_DRAWS, len(counts)))
    spread = [v for total in counts[draws].sum(axis=1) if (v := _f1(*total)) is not None]
    found, invented, missed = (int(v) for v in counts.sum(axis=0))
    low, high = np.percentile(spread, [2.5, 97.5]) if spread else (0.0, 1.0)
    return {
        "f1": _f1(found, invented, missed),
        "interval": [round(float(low), 4), round(float(high), 4)],
        "precision": found / (found + invented) if found + invented else None,
        "recall": found / (found + missed) if found + missed else None,
        "n": found + missed,
        "invented": invented,
        "pages": len(counts),
    }


def _f1(found: int, invented: int, missed: int) -> float | None:
    total = 2 * found + invented + missed
    return 2 * found / total if total else None


def matched(found: Sequence[Area], truth: Sequence[Area], level: float) -> tuple[set[int], set[int]]:
    """Indices of found and true places that belong together, best overlap first, each once."""
    pairs = [
        (value, i, j)
        for i, a in enumerate(found)
        for j, b in enumerate(truth)
        if overlap(a, b) > 0 and (value := iou(a, b)) >= level
    ]
    mine: set[int] = set()
    true: set[int] = set()
    for _, i, j in sorted(pairs, reverse=True):
        if i not in mine and j not in true:
            mine.add(i)
            true.add(j)
    return mine, true


def book(tally: FieldTally, truth: PageTruth, boxes: Sequence[Area], lines: Sequence[Area] | None) -> None:
    """Count one official page.

    A box is found where any box overlaps it enough; what is missed counts for the true box's kind, what is
    invented for the kind of the invented one. Not judged are boxes printed in a picture (the truth comes from
    the vector layer) and lines the truth does not tell of.
    """
    true_kinds, kinds = kinds_of(truth.boxes), kinds_of(boxes)
    for level in LEVELS:
        mine, true = matched(boxes, truth.boxes, level)
        extra = {i for i, a in enumerate(boxes) if i not in mine and not _pictured(a, truth)}
        for kind in ("comb", "tick", "cell"):
            hit = sum(k == kind and j in true for j, k in enumerate(true_kinds))
            missed = sum(k == kind for k in true_kinds) - hit
            invented = sum(k == kind and i in extra for i, k in enumerate(kinds))
            tally.add(kind, level, (hit, invented, missed))
        tally.add("boxes", level, (len(true), len(extra), len(truth.boxes) - len(true)))
        if lines is not None:
            mine, true = matched(lines, truth.lines, level)
            more = [a for i, a in enumerate(lines) if i not in mine and _judged(a, truth)]
            tally.add("line", level, (len(true), len(more), len(truth.lines) - len(true)))


def _pictured(box: Area, truth: PageTruth) -> bool:
    return any(overlap(box, a) > 0.9 * size_of(box) for a in truth.unjudged)


def _judged(line: Area, truth: PageTruth) -> bool:
    if line.width < LEAST_LINE_PT:
        return False
    covered = sum(overlap(line, a) for a in truth.unjudged)
    return covered < 0.4 * size_of(line)


def table(figures: Mapping[str, Any]) -> list[str]:
    """Markdown rows: kind, n, F1 at 0.5 and 0.75 with intervals."""
    rows = []
    for kind, by_level in figures.items():
        cells = [kind, str(by_level["0.5"]["n"])]
        for level in LEVELS:
            one = by_level[f"{level:g}"]
            low, high = one["interval"]
            cells.append("-" if one["f1"] is None else f"{one['f1']:.3f} ({low:.3f}-{high:.3f})")
        rows.append("| " + " | ".join(cells) + " |")
    return rows
