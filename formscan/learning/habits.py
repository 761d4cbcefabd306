"""How one person writes, drawn by chance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Habit:
    """How one person writes, in heights of a small letter unless said otherwise.

    Attributes:
        fonts: Which fonts the letters come from; most from the first.
        slant: Shear, positive leans right.
        wide: Breadth of letters, 1 as in the font.
        tall: Height of what rises above small letters, 1 as in the font.
        joins: Share of neighbours joined by a stroke.
        haste: Rounds of smoothing: shapes melt into waves.
        wander: Spread of levels and sizes.
        warp: Amplitude of the smooth warp.
        gap: Blank between words.
        tight: Blank added between letters.
        drift: How far right of their vowel marks stand.
        spread: Spread of the places of marks.
        lift: How high above the letter marks stand.
        flat: How flat hats, tildes and breves are, 0 to 1.
        steep: Angle of acutes and graves, in radians; graves are flatter.
        capitals: Size of capitals, 1 as in the font.
        marks: Size of marks, 1 as taught.
    """

    fonts: tuple[int, ...]
    slant: float
    wide: float
    tall: float
    joins: float
    haste: int
    wander: float
    warp: float
    gap: float
    tight: float
    drift: float
    spread: float
    lift: float
    flat: float
    steep: float
    capitals: float
    marks: float

    @classmethod
    def drawn(cls, rng: np.random.Generator, fonts: int) -> Habit:
        """Somebody by chance."""
        return cls(
            fonts=tuple(int(k) for k in rng.integers(0, fonts, 2)),
            slant=float(rng.normal(0.1, 0.2)),
            wide=float(np.exp(rng.normal(0.08, 0.2))),
            tall=float(np.exp(rng.normal(0.0, 0.15))),
            joins=float(rng.choice([0.0, 0.35, 0.8], p=[0.3, 0.3, 0.4])),
            haste=int(rng.choice([0, 4, 10, 25, 45], p=[0.2, 0.25, 0.3, 0.15, 0.1])),
            wander=float(rng.uniform(0.02, 0.12)),
            warp=float(rng.uniform(0.02, 0.1)),
            gap=float(rng.uniform(0.5, 1.6)),
            tight=float(rng.normal(0.0, 0.07)),
            drift=float(rng.normal(0.12, 0.22)),
            spread=float(rng.uniform(0.03, 0.18)),
            lift=float(rng.uniform(0.0, 0.4)),
            flat=float(rng.uniform(0.0, 1.0)),
            steep=float(np.clip(rng.normal(0.75, 0.28), 0.15, 1.35)),
            capitals=float(np.exp(rng.normal(0.06, 0.16))),
            marks=float(np.exp(rng.normal(0.0, 0.2))),
        )
