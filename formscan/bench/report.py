"""Turns measured pages into figures: numbers with n and 95 % intervals, as JSON and as tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import numpy.typing as npt

from formscan.bench.intervals import most_when_none, wilson
from formscan.bench.jobs import Measured
from formscan.bench.rival import Comparison
from formscan.bench.score import Tally

_LINE_STAGES = ("acquire", "clean", "identify", "align", "locate", "read", "check")


def figures(
    measured: Sequence[Measured], comparison: Comparison | None, speed: dict[str, Any]
) -> dict[str, Any]:
    """All figures of one run."""
    own = [m for m in measured if m.expected]
    foreign = [m for m in measured if not m.expected]
    forms = [m for m in own if m.kind != "sheet"]
    tally = Tally()
    for page in own:
        tally.merge(page.tally)
    return {
        "identification": _identified(forms),
        "by_severity": {
            s: _identified([m for m in forms if m.severity == s]) for s in _values(forms, "severity")
        },
        "by_base": {k: _identified([m for m in forms if m.kind == k]) for k in _values(forms, "kind")},
        "foreign": {group: _foreign(pages) for group, pages in _grouped(foreign).items()},
        "registration": registration([m.errors for m in own]),
        "registration_by_severity": {
            s: registration([m.errors for m in own if m.severity == s]) for s in _values(own, "severity")
        },
        "fields": tally.rows(),
        "seconds_per_page": _seconds(forms),
        "against_one_call_a_field": _compared(comparison),
        "speed": speed,
    }


def registration(errors: Iterable[npt.NDArray[np.float64]]) -> dict[str, Any]:
    """Error of field centres in pixels at 300 dpi, and how often the line did not know of a large one."""
    kept = [e for e in errors if len(e)]
    if not kept:
        return {"fields": 0}
    every = np.vstack(kept)
    silent = (every[:, 1] > 1.0) & (every[:, 2] <= 1.0)
    p50, p99 = np.percentile(every[:, 0], [50, 99])
    return {
        "fields": len(every),
        "pages": len(kept),
        "p50_px": float(p50),
        "p99_px": float(p99),
        "worst_px": float(every[:, 0].max()),
        "beyond_1_mm": int((every[:, 1] > 1.0).sum()),
        "silent_beyond_1_mm": int(silent.sum()),
        "silent_at_most": most_when_none(len(every))
        if not silent.any()
        else wilson(int(silent.sum()), len(every))[1],
        "not_proven": int(np.isinf(every[:, 2]).sum()),
    }


def _identified(pages: Sequence[Measured]) -> dict[str, Any]:
    n = len(pages)
    right = sum(m.got == m.expected for m in pages)
    wrong = sum(bool(m.got) and m.got != m.expected for m in pages)
    held = Counter(m.held for m in pages if m.held)
    return {
        "pages": n,
        "right": right,
        "right_95": wilson(right, n),
        "held": sum(held.values()),
        "held_why": dict(held),
        "wrongly_accepted": wrong,
        "wrongly_accepted_at_most": most_when_none(n) if not wrong else wilson(wrong, n)[1],
        "wrong_pages": [f"{m.name} -> {m.got}" for m in pages if m.got and m.got != m.expected],
        "held_pages": [f"{m.name}: {m.held}" for m in pages if m.held][:40],
    }


def _foreign(pages: Sequence[Measured]) -> dict[str, Any]:
    accepted = [m for m in pages if m.got]
    n = len(pages)
    return {
        "pages": n,
        "accepted": len(accepted),
        "accepted_at_most": most_when_none(n) if not accepted else wilson(len(accepted), n)[1],
        "accepted_pages": [f"{m.name} ({m.severity}) -> {m.got}" for m in accepted],
        "held_why": dict(Counter(m.held for m in pages if m.held)),
    }


def _grouped(pages: Sequence[Measured]) -> dict[str, list[Measured]]:
    groups: dict[str, list[Measured]] = {}
    for page in pages:
        official = "forms taken out of the library" if page.left_out else "other official forms"
        name = f"{official}, {page.severity}" if ":" in page.name else "funsd"
        groups.setdefault(name, []).append(page)
    return groups


def _seconds(pages: Sequence[Measured]) -> dict[str, Any]:
    """Mean core-seconds a page by stage, over pages that went all the way."""
    whole = [m.seconds for m in pages if m.got]
    if not whole:
        return {"pages": 0}
    stages = {s: float(np.mean([each.get(s, 0.0) for each in whole])) for s in _LINE_STAGES}
    once = float(np.sum([each.get("render", 0.0) for each in whole]))
    return {"pages": len(whole), **stages, "total": sum(stages.values()), "render_once_s": once}


def _compared(comparison: Comparison | None) -> dict[str, Any] | None:
    if comparison is None or not comparison.pages:
        return None
    c = comparison
    return {
        **asdict(c),
        "times_faster": c.rival_seconds / c.line_seconds if c.line_seconds else None,
        "line_right_share": c.line_right / c.fields if c.fields else None,
        "rival_right_share": c.rival_right / c.fields if c.fields else None,
        "line_right_95": wilson(c.line_right, c.fields),
        "rival_right_95": wilson(c.rival_right, c.fields),
    }


def _values(pages: Sequence[Measured], name: str) -> list[str]:
    return sorted({str(getattr(page, name)) for page in pages})
