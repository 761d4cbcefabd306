"""Notices that what comes in is no longer what a promise was proven on.

Two watches on fields people decided on since: one on their outcome, one on what they look like.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import chdtri

from formscan.engines.chance import value_of
from formscan.learning.calibration import Case, chance_of
from formscan.model.chance import Calibration, Clue, Promise

FALSE_ALARM_EVERY: Final = 100_000
"""Looked-at fields between two false alarms of the watch on outcomes, on average at least."""
WORSE: Final = 5.0
"""The watch is made for a share wrong this many times the promised one."""
MOVED: Final = 0.25
"""Population stability index from which a clue is taken to have moved (Siddiqi 2006, Credit Risk
Scorecards, ch. 9); what chance alone gives for so few documents is added to it."""
CHANCE: Final = 0.999
ENOUGH_DOCUMENTS: Final = 30


@dataclass(frozen=True, slots=True)
class Alarm:
    """Why a kind must stop.

    Attributes:
        what: ``outcome`` or the name of the clue that moved.
        value: Of the statistic.
        limit: It went beyond.
        fields: Fields that were looked at.
    """

    kind: str
    what: str
    value: float
    limit: float
    fields: int

    @property
    def told(self) -> str:
        """For the book."""
        return f"drift of {self.what}: {self.value:.3f} beyond {self.limit:.3f} over {self.fields} fields"


def watch(calibration: Calibration, promise: Promise, cases: Sequence[Case], documents: int) -> list[Alarm]:
    """Look at all fields of a kind people decided on since the promise was proven.

    Args:
        calibration: The promise was proven with.
        promise: Of the kind that is on.
        cases: In the order they were released.
        documents: In the fit of the calibration.
    """
    own = [case for case in cases if case.kind == promise.kind]
    passing = [c for c in own if not c.barred and chance_of(calibration, c) >= promise.threshold]
    found = outcome_alarm(promise, [not case.right for case in passing])
    fitted = calibration.of_kind(promise.kind)
    seen = len({case.document for case in own})
    alarms = [found] if found else []
    if fitted is not None and seen >= ENOUGH_DOCUMENTS:
        alarms += [
            alarm
            for clue in fitted.clues
            if len(clue.shares) > 1 and clue.name != "history"
            for alarm in (_moved(promise.kind, clue, own, seen, documents),)
            if alarm is not None
        ]
    return alarms


def outcome_alarm(promise: Promise, wrong: Sequence[bool]) -> Alarm | None:
    """CUSUM of log likelihood ratios (Page 1954, Biometrika 41:100) of outcomes above the threshold.

    With the limit ``ln n`` false alarms are at least n fields apart on average (Lorden 1971).
    """
    limit = math.log(FALSE_ALARM_EVERY)
    kept = promise.per_10000 / 10_000
    worse = min(0.5, WORSE * kept)
    up, down = math.log(worse / kept), math.log((1 - worse) / (1 - kept))
    total = 0.0
    for place, one in enumerate(wrong, 1):
        total = max(0.0, total + (up if one else down))
        if total > limit:
            return Alarm(promise.kind, "outcome", total, limit, place)
    return None


def stability(shares: Sequence[float], counts: Sequence[int]) -> float:
    """Population stability index: sum of (q - p) ln(q / p) over bins; empty bins count as half a case."""
    n = sum(counts)
    p = np.maximum(np.array(shares), 0.5 / max(n, 1))
    q = np.maximum(np.array(counts), 0.5) / max(n, 1)
    return float(((q - p) * np.log(q / p)).sum())


def _moved(kind: str, clue: Clue, cases: Sequence[Case], seen: int, documents: int) -> Alarm | None:
    values = np.array([value_of(clue, case.clues) for case in cases])
    counts = np.bincount(np.searchsorted(clue.edges, values, side="left"), minlength=len(clue.shares))
    value = stability(clue.shares, counts.tolist())
    chance = float(chdtri(len(clue.shares) - 1, 1 - CHANCE)) * (1 / seen + 1 / max(documents, 1))
    limit = MOVED + chance
    return Alarm(kind, clue.name, value, limit, len(cases)) if value > limit else None
