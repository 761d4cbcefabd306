"""Confidence intervals of shares."""

from __future__ import annotations

import math
from typing import Final

Z95: Final = 1.959963984540054


def wilson(right: int, n: int, z: float = Z95) -> tuple[float, float]:
    """Wilson's score interval of a share (Wilson 1927, JASA 22:209).

    Returns:
        Lower and upper bound, 0..1; (0, 1) for n = 0.
    """
    if n == 0:
        return 0.0, 1.0
    share, spread = right / n, z * z / n
    middle = (share + spread / 2) / (1 + spread)
    half = z * math.sqrt(share * (1 - share) / n + spread / (4 * n)) / (1 + spread)
    low = 0.0 if right == 0 else max(0.0, middle - half)
    return low, 1.0 if right == n else min(1.0, middle + half)


def most_when_none(n: int) -> float:
    """Upper end of the two-sided 95 % Clopper-Pearson interval where nothing was seen in n trials."""
    return float(1 - 0.025 ** (1 / n)) if n else 1.0
