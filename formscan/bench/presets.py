"""How bad it may get: random damage of three severities.

``clean`` is a good scanner and fresh paper. ``office`` is what the document scanner of a records room
gives: small skew, stretch of a fraction of a percent, JPEG, now and then a stamp, a fold, punch holes.
``hard`` adds what a phone, a copier or years in a folder do.
"""

from __future__ import annotations

import math
from enum import StrEnum

import numpy as np

from formscan.bench.damage import Damage, Fold


class Severity(StrEnum):
    """How much a page went through."""

    CLEAN = "clean"
    OFFICE = "office"
    HARD = "hard"


def draw(severity: Severity, rng: np.random.Generator) -> Damage:
    """Random damage of that severity; the same generator state gives the same damage."""
    return {Severity.CLEAN: _clean, Severity.OFFICE: _office, Severity.HARD: _hard}[severity](rng)


def _clean(rng: np.random.Generator) -> Damage:
    return Damage(
        skew_deg=float(rng.uniform(-0.3, 0.3)),
        blur_px=float(rng.uniform(0.2, 0.6)),
        noise=float(rng.uniform(0.5, 2.0)),
        contrast=(int(rng.integers(0, 20)), int(rng.integers(245, 256))),
        seed=int(rng.integers(2**31)),
    )


def _office(rng: np.random.Generator) -> Damage:
    border = rng.random() < 0.25
    return Damage(
        dpi=float(rng.choice([200, 240, 300, 300, 300])),
        turn=int(rng.choice([0, 0, 0, 0, 0, 0, 0, 90, 180, 270])),
        skew_deg=float(np.clip(rng.normal(0, 1.0), -3.5, 3.5)),
        scale=(float(rng.uniform(0.992, 1.008)), float(rng.uniform(0.992, 1.008))),
        shift_mm=(float(rng.uniform(-2, 2)), float(rng.uniform(-2, 2))),
        waves=_bent(rng, 0.25),
        folds=_creases(rng, 1) if rng.random() < 0.25 else (),
        margin_mm=float(rng.uniform(2, 8)) if border else float(rng.uniform(-1, 0)),
        lid=int(rng.integers(0, 40)) if border else int(rng.integers(235, 256)),
        holes=int(rng.choice([0, 0, 0, 2, 4])),
        bleed=float(rng.uniform(0.03, 0.12)) if rng.random() < 0.3 else 0.0,
        stamps=_stamps(rng) if rng.random() < 0.2 else (),
        blur_px=float(rng.uniform(0.3, 0.8)),
        light=(float(rng.uniform(0, 0.15)), float(rng.uniform(0, 360))),
        noise=float(rng.uniform(1, 5)),
        specks=float(rng.uniform(0, 2)),
        contrast=(int(rng.integers(0, 45)), int(rng.integers(230, 256))),
        jpeg=int(rng.integers(65, 93)),
        seed=int(rng.integers(2**31)),
    )


def _hard(rng: np.random.Generator) -> Damage:
    border = rng.random() < 0.5
    return Damage(
        dpi=float(rng.choice([150, 200, 240, 300])),
        turn=int(rng.choice([0, 0, 0, 90, 180, 270])),
        skew_deg=float(np.clip(rng.normal(0, 4.0), -9, 9)),
        scale=(float(rng.uniform(0.975, 1.02)), float(rng.uniform(0.975, 1.02))),
        shift_mm=(float(rng.uniform(-5, 5)), float(rng.uniform(-5, 5))),
        corners_mm=_corners(rng, 5.0) if rng.random() < 0.5 else (),
        waves=_bent(rng, 0.8),
        folds=_creases(rng, int(rng.integers(1, 3))) if rng.random() < 0.6 else (),
        margin_mm=float(rng.uniform(4, 15)),
        lid=int(rng.integers(0, 60)) if border else int(rng.integers(225, 256)),
        holes=int(rng.choice([0, 2, 4])),
        bleed=float(rng.uniform(0.05, 0.22)) if rng.random() < 0.5 else 0.0,
        stamps=_stamps(rng) if rng.random() < 0.5 else (),
        blur_px=float(rng.uniform(0.4, 1.2)),
        light=(float(rng.uniform(0.1, 0.4)), float(rng.uniform(0, 360))),
        noise=float(rng.uniform(3, 11)),
        specks=float(rng.uniform(0, 8)),
        copies=1 if rng.random() < 0.4 else 0,
        contrast=(int(rng.integers(0, 70)), int(rng.integers(205, 256))),
        jpeg=int(rng.integers(38, 85)),
        seed=int(rng.integers(2**31)),
    )


def _bent(rng: np.random.Generator, most_mm: float) -> tuple[tuple[float, float, float, float, float], ...]:
    """Three waves of 120 to 320 mm; together they displace by about ``most_mm``."""
    waves = []
    for _ in range(3):
        k, turn, way = (
            2 * math.pi / rng.uniform(120, 320),
            rng.uniform(0, math.pi),
            rng.uniform(0, 2 * math.pi),
        )
        size = rng.uniform(0, most_mm) / 2
        waves.append(
            (
                k * math.cos(turn),
                k * math.sin(turn),
                rng.uniform(0, 2 * math.pi),
                size * math.cos(way),
                size * math.sin(way),
            )
        )
    return tuple((float(a), float(b), float(c), float(d), float(e)) for a, b, c, d, e in waves)


def _creases(rng: np.random.Generator, count: int) -> tuple[Fold, ...]:
    """Letters are folded across, now and then lengthwise."""
    return tuple(
        Fold(
            across=float(rng.uniform(0.3, 0.7)),
            angle_deg=float((0.0 if rng.random() < 0.75 else 90.0) + rng.uniform(-1.5, 1.5)),
            kink_mm=float(rng.uniform(0.05, 0.35)),
            reach_mm=float(rng.uniform(3, 8)),
            turn_deg=float(rng.uniform(-0.12, 0.12)),
            shadow=float(rng.uniform(0.1, 0.35)),
        )
        for _ in range(count)
    )


def _stamps(rng: np.random.Generator) -> tuple[tuple[float, float, float, float], ...]:
    x, y = rng.uniform(30, 180), rng.uniform(30, 260)
    return ((float(x), float(y), float(rng.uniform(13, 18)), float(rng.uniform(0.35, 0.8))),)


def _corners(rng: np.random.Generator, most_mm: float) -> tuple[tuple[float, float], ...]:
    moves = rng.uniform(-most_mm, most_mm, (4, 2))
    return tuple((float(x), float(y)) for x, y in moves)
