"""How exactly skew is found: the eight known pages, and printed pages turned by known angles.

The known pages' angles are stated in whole degrees, so the residual is also measured by a second method
that shares nothing with the first: how far the lines of neighbouring strips of the straightened page are
shifted against each other.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from formscan.bench.shared import shared_data
from formscan.model.page import Grey, Page, Source
from formscan.pipeline.acquire import acquire
from formscan.pipeline.clean import as_grey, clean, straightened

EXPECTED: Final = (-1, -2, -6, 7, 3, -3, 3, 15)
"""Degrees, positive clockwise, of ``deskew-1`` to ``deskew-8``."""
STRIPS: Final = 8
SEARCH_DEG: Final = 0.8

_Floats = npt.NDArray[np.float64]


def main(argv: Sequence[str] = ()) -> int:
    """Measure and print.

    Args:
        argv: ``--data`` folder of development data, ``--pages`` how many composed pages, ``--seed``.

    Returns:
        0; 3 where the data are absent.
    """
    parser = argparse.ArgumentParser(prog="formscan bench deskew", description=__doc__)
    parser.add_argument("--data", type=Path, default=shared_data())
    parser.add_argument("--pages", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    told = parser.parse_args(list(argv))
    if told.data is None or not (told.data / "deskew").is_dir():
        sys.stderr.write("deskew: no development data\n")
        return 3
    cv2.setNumThreads(1)
    known = known_pages(told.data)
    errors, seconds = composed_pages(told.data, told.pages, told.seed)
    composed = _summary(errors, seconds)
    both = json.dumps({"known": known, "composed": composed}, indent=2) + "\n"
    sys.stdout.write(both if told.json else _told(composed, known))
    return 0


def known_pages(data: Path) -> list[dict[str, float]]:
    """Per known page: stated and found angle, and the residual by strips after either was taken out."""
    rows: list[dict[str, float]] = []
    for number, stated in enumerate(EXPECTED, start=1):
        (page,) = acquire(data / "deskew" / f"deskew-{number}.png")
        assert isinstance(page, Page)
        found, grey = clean(page).skew_deg, as_grey(page.pixels)
        rows.append(
            {
                "page": number,
                "stated_deg": stated,
                "found_deg": round(found, 3),
                "left_by_strips_deg": round(residual_deg(straightened(grey, 0, found)[0]), 3),
                "left_by_strips_at_stated_deg": round(residual_deg(straightened(grey, 0, stated)[0]), 3),
            }
        )
    return rows


def composed_pages(data: Path, count: int, seed: int) -> tuple[_Floats, float]:
    """Errors in degrees on official forms drawn, turned, blurred, shaded and made noisy; seconds a page."""
    rng = np.random.default_rng(seed)
    blanks = [page for form in sorted((data / "vn_moh_forms").glob("*.pdf")) for page in _first(form)]
    errors: list[float] = []
    spent = 0.0
    for number in range(count):
        deg = float(rng.uniform(-8, 8))
        page = Page(Source("composed", ""), _scanned(blanks[number % len(blanks)], deg, rng), 300.0)
        started = time.process_time()
        found = clean(page)
        spent += time.process_time() - started
        errors.append(found.skew_deg - deg)
    return np.array(errors), spent / max(count, 1)


def residual_deg(straight: Grey) -> float:
    """Skew left in a nearly straight page: median of the shifts between strips, degrees, clockwise."""
    ink = 255.0 - straight.astype(np.float64)
    width = ink.shape[1]
    cuts = np.linspace(0.15 * width, 0.85 * width, STRIPS + 1).astype(int)
    sums = [_detail(ink[:, a:b].sum(axis=1), width / 60) for a, b in pairwise(cuts)]
    angles = [
        angle
        for apart in (1, 2, 3, 4)
        for one, other in zip(sums, sums[apart:], strict=False)
        if (angle := _angle(one, other, 0.7 * width / STRIPS * apart)) is not None
    ]
    return float(np.median(angles)) if angles else math.nan


def _detail(sums: _Floats, sigma: float) -> _Floats:
    soft = cv2.GaussianBlur(sums[:, None], (0, 0), sigma)[:, 0]
    return np.asarray(sums - soft, dtype=np.float64)


def _angle(one: _Floats, other: _Floats, apart: float) -> float | None:
    reach = int(apart * math.tan(math.radians(SEARCH_DEG))) + 2
    inner = slice(reach, -reach)
    scores = [float(one[inner] @ np.roll(other, -t)[inner]) for t in range(-reach, reach + 1)]
    best = int(np.argmax(scores))
    if not 0 < best < len(scores) - 1:
        return None
    low, mid, high = scores[best - 1 : best + 2]
    shift = best - reach + 0.5 * (low - high) / (low - 2 * mid + high)
    return math.degrees(math.atan2(shift, apart))


def _first(form: Path) -> list[Grey]:
    """The first page of a form at 300 dpi."""
    pages = acquire(form)
    page = next(pages, None)
    return [as_grey(page.pixels)] if isinstance(page, Page) else []


def _scanned(blank: Grey, deg: float, rng: np.random.Generator) -> Grey:
    height, width = blank.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), -deg, 1.0)
    out = cv2.warpAffine(blank, turn, (width, height), flags=cv2.INTER_CUBIC, borderValue=255)
    out = cv2.GaussianBlur(out, (0, 0), float(rng.uniform(0.5, 1.5)))
    shade = np.linspace(1.0, float(rng.uniform(0.75, 1.0)), width)[None, :]
    rough = out * shade + rng.normal(0, float(rng.uniform(2, 10)), out.shape)
    return np.asarray(np.clip(rough, 0, 255), dtype=np.uint8)


def _summary(errors: _Floats, seconds: float) -> dict[str, float]:
    size = np.abs(errors)
    return {
        "n": len(errors),
        "p50_deg": round(float(np.percentile(size, 50)), 4),
        "p95_deg": round(float(np.percentile(size, 95)), 4),
        "worst_deg": round(float(size.max()), 4),
        "within_0.1": int((size <= 0.1).sum()),
        "clean_core_s": round(seconds, 3),
    }


def _told(composed: dict[str, float], known: list[dict[str, float]]) -> str:
    rows = [
        f"page {row['page']:.0f}: stated {row['stated_deg']:+.0f}, found {row['found_deg']:+.2f}; "
        "left by strips "
        f"{row['left_by_strips_deg']:+.3f} (at the stated angle {row['left_by_strips_at_stated_deg']:+.3f})"
        for row in known
    ]
    return "\n".join([*rows, f"composed: {composed}", ""])
