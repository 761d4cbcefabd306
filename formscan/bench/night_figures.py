"""What the parts of ``formscan bench night`` say together."""

from __future__ import annotations

import json
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from scipy import stats

from formscan.bench.archive import Bundle
from formscan.bench.process_watch import growth, read_samples


def figures(room: Path, stack: Sequence[Bundle]) -> dict[str, Any]:
    """Everything that was measured in a room, for scripts."""
    sides: Counter[str] = Counter()
    for bundle in stack:
        sides.update(bundle.sides)
    return {
        "archive": {"pages": sum(bundle.pages for bundle in stack), "sides": dict(sides)},
        "compare": compared(_rows(room / "compare.jsonl")),
        "night": nights(room),
    }


def compared(rows: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Sums by engine, and ratios over bundles that both engines had.

    A run that ended badly is counted as such and is in no ratio. ``by_core_seconds`` is the speed-up two
    cores of their own would give: the worker's core-seconds of the run with one, over half of all
    core-seconds of the run with two; it does not depend on who else works on the machine, as clocks do.
    """
    found: defaultdict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
    failed: Counter[str] = Counter()
    for row in rows:
        if row["engine"] == "ocrmypdf":
            row["fine"] = row["code"] == 0
        if row["fine"]:
            row["all"] = row["core_seconds"] + row.get("server_core_seconds", 0.0)
            found[row["engine"]][row["bundle"]] = row
        else:
            failed[row["engine"]] += 1
    out: dict[str, Any] = {name: _sums(list(each.values())) for name, each in found.items()}
    ratios: dict[str, Any] = {}
    for name in found:
        if name not in {"loop", "ocrmypdf"}:
            ratios[f"overhead of {name}"] = _paired(found[name], found["loop"], "all", minus=1.0)
    for name in ("sqlite", "postgresql"):
        one, two = found[f"{name}-1"], found[f"{name}-2"]
        ratios[f"speed-up on {name}, clock"] = _paired(one, two, "seconds")
        ratios[f"speed-up on {name}, by_core_seconds"] = _possible(one, two)
    ratios["images a minute, times OCRmyPDF, clock"] = _paired(
        found["ocrmypdf"], found["sqlite-2"], "seconds"
    )
    ratios["images a core-minute, times OCRmyPDF"] = _paired(found["ocrmypdf"], found["sqlite-2"], "all")
    return {"engines": out, "ratios": {k: v for k, v in ratios.items() if v}, "failed": dict(failed)}


def _sums(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    pages, seconds = sum(row["pages"] for row in rows), sum(row["seconds"] for row in rows)
    cores = sum(row["all"] for row in rows)
    return {
        "runs": len(rows),
        "pages": pages,
        "pages_a_minute": round(pages / seconds * 60, 1),
        "core_seconds_a_page": round(cores / pages, 3),
        "load_before": [row["load"][0] for row in rows],
    }


def _paired(
    upper: dict[str, dict[str, Any]], lower: dict[str, dict[str, Any]], what: str, minus: float = 0.0
) -> dict[str, Any]:
    pairs = [(upper[name][what], lower[name][what]) for name in upper if name in lower]
    return _mean([one / other - minus for one, other in pairs])


def _possible(one: dict[str, dict[str, Any]], two: dict[str, dict[str, Any]]) -> dict[str, Any]:
    values = []
    for name in [name for name in one if name in two]:
        alone = one[name]["by_role"].get("worker", 0.0)
        values.append(alone / (two[name]["all"] / 2))
    return _mean(values)


def _mean(values: Sequence[float]) -> dict[str, Any]:
    """Mean over bundles with Student's 95 % interval."""
    if not values:
        return {}
    told: dict[str, Any] = {"n": len(values), "mean": round(float(np.mean(values)), 4)}
    if len(values) > 1:
        half = stats.t.ppf(0.975, len(values) - 1) * np.std(values, ddof=1) / math.sqrt(len(values))
        told["interval95"] = [round(told["mean"] - float(half), 4), round(told["mean"] + float(half), 4)]
    return told


def nights(room: Path) -> dict[str, Any]:
    """The parts of the long run; memory is told for each part, since each has processes of its own."""
    parts = _rows(room / "night.jsonl")
    pages, seconds = sum(p["pages"] for p in parts), sum(p["seconds"] for p in parts)
    cores = sum(p["core_seconds"] for p in parts)
    memory = {
        path.stem: [asdict(each) for each in growth(read_samples(path)) if each.role in {"driver", "worker"}]
        for path in sorted((room / "samples").glob("night-*.jsonl"))
    }
    told: dict[str, Any] = {"parts": parts, "memory": memory}
    if pages:
        told |= {
            "pages": pages,
            "pages_a_minute": round(pages / seconds * 60, 1),
            "core_seconds_a_page": round(cores / pages, 3),
            "pages_a_minute_by_core_seconds": round(2 * 60 / (cores / pages), 1),
        }
    slopes = [each["slope_mib"] for part in memory.values() for each in part if each["slope_mib"] is not None]
    return told | {"largest_slope_mib_per_1000": max(slopes, default=None)}


def _rows(path: Path) -> list[dict[str, Any]]:
    lines = path.read_text("utf-8").splitlines() if path.is_file() else []
    return [json.loads(line) for line in lines if line.endswith("}")]
