"""How likely a line's text is right, from what the network and the beam say of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from formscan.engines.ctc import BestPath
from formscan.engines.language import bare, words

_WEIGHTS: Final = (0.4622, 0.244, 0.7166, 0.7095, -1.5061, -0.583)
_BIAS: Final = 0.9923
_MOST: Final = 0.995


@dataclass(frozen=True, slots=True)
class Doubt:
    """Features of a line that was read.

    Attributes:
        least: Logarithm of the least sure step's probability.
        total: Logarithm of the best path's probability.
        mean: The same a character.
        margin: Score of the best text over the second by the beam; 0 where no beam was needed.
        strange: Share of words nobody listed.
        hand: How unlikely the line is machine print, 0..1.
    """

    least: float
    total: float
    mean: float
    margin: float
    strange: float
    hand: float

    @classmethod
    def of(cls, best: BestPath, text: str, margin: float, printed: float) -> Doubt:
        """Of a line: its best path, the text chosen, the beam's margin, the likelihood of print."""
        listed = words()
        spelled = [word for word in map(bare, text.split()) if word.isalpha()]
        strange = sum(word not in listed for word in spelled) / max(1, len(spelled))
        total = max(-60.0, best.log)
        return cls(
            max(-4.0, float(np.log(max(best.least, 1e-6)))),
            total,
            total / max(1, len(text)),
            min(margin, 6.0),
            strange,
            1 - printed,
        )

    def numbers(self) -> tuple[float, ...]:
        """As the weights want them."""
        return (self.least, self.total, self.mean, self.margin, self.strange, self.hand)


def sureness(doubt: Doubt) -> float:
    """Probability 0..1 that the whole line is right, as fitted by ``formscan bench sureness``."""
    score = float(np.dot(_WEIGHTS, doubt.numbers())) + _BIAS
    return float(min(_MOST, 1 / (1 + np.exp(-np.clip(score, -30, 30)))))
