"""How probable it is that a proposed value is right, by kind of field, and what may be promised about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

Pairs = tuple[tuple[str, float], ...]
"""Names with numbers, in a fixed order."""


@dataclass(frozen=True, slots=True)
class FitCard:
    """What a calibration was fitted on.

    Attributes:
        data: In words, e.g. ``confirmed fields of this store``.
        made_at: When, with zone.
        fields: Fields a person decided on that were used.
        documents: Documents they come from.
        forms: ``id version`` of every form among them.
        engines: ``engine model`` of every reading that was put forward; others are strangers.
        program: Version of the program.
    """

    data: str
    made_at: datetime
    fields: int
    documents: int
    forms: tuple[str, ...]
    engines: tuple[str, ...]
    program: str


@dataclass(frozen=True, slots=True)
class Clue:
    """One number known about a proposed value and what it counts for.

    Attributes:
        centre: Mean over the fit; a missing clue has this value and counts for nothing.
        scale: Spread over the fit, above 0.
        weight: Change of the log odds of being right for one spread more.
        edges: Inner edges of ten equally filled bins over the fit, for noticing drift.
        shares: Share of the fit in each bin; one more than edges.
    """

    name: str
    centre: float
    scale: float
    weight: float
    edges: tuple[float, ...] = ()
    shares: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class KindChance:
    """The probability for one kind: a logistic regression, bent by a beta calibration.

    Attributes:
        bias: Log odds at the centre of all clues.
        bend: (a, b, c) of the beta calibration: ``log odds = a ln p - b ln(1 - p) + c``.
        fields: Fields of this kind in the fit.
        wrong: How many of them were proposed wrong.
    """

    kind: str
    bias: float
    clues: tuple[Clue, ...]
    bend: tuple[float, float, float]
    fields: int
    wrong: int


@dataclass(frozen=True, slots=True)
class Calibration:
    """A fitted confidence; ``version`` is a digest of all the rest.

    Attributes:
        history: Log odds that the field was proposed right in the fit, by ``form/field``, drawn towards 0.
    """

    version: str
    card: FitCard
    kinds: tuple[KindChance, ...]
    history: Pairs = ()

    def of_kind(self, kind: str) -> KindChance | None:
        """The model of a kind; ``None`` where it was not fitted."""
        return next((one for one in self.kinds if one.kind == kind), None)


@dataclass(frozen=True, slots=True)
class Promise:
    """What was proven about a kind: released above the threshold, at most so many are wrong.

    Attributes:
        kind: Of field, see ``engines.clues.kind_of``.
        per_10000: At most this many wrong among 10,000 released without a person.
        threshold: Smallest probability that is released; above 1 where nothing is proven.
        calibration: Version of the calibration it holds for.
        fields: Fields of the kind in the proof, none of them used in the fit.
        passed: Of them at or above the threshold.
        wrong: Of these.
        upper: One-sided 95 % upper bound of the share wrong.
        spread: Design effect the bound was widened by: errors come in clusters, page by page.
        more: Confirmed fields that lack, as far as can be told; 0 where it is proven.
    """

    kind: str
    per_10000: int
    threshold: float
    calibration: str
    fields: int
    passed: int
    wrong: int
    upper: float
    spread: float
    more: int

    @property
    def proven(self) -> bool:
        """Whether anything may be released on it."""
        return self.more == 0


@dataclass(frozen=True, slots=True)
class GateStep:
    """One line of the gate's own book: what was installed, proven, switched, or alarmed; never changed.

    Attributes:
        seq: 1, 2, ...
        action: ``installed``, ``on``, ``off``, ``alarm``.
        kind: Of field; empty for ``installed``.
        person: Who did it; ``system`` for an alarm.
        calibration: Version it is about.
        promise: What was proven, where it is switched on.
        reason: Why.
    """

    seq: int
    at: datetime
    action: str
    kind: str
    person: str
    calibration: str
    promise: Promise | None
    reason: str


@dataclass(frozen=True, slots=True)
class Switch:
    """A kind that is switched on: by whom, since when, on which promise."""

    kind: str
    person: str
    at: datetime
    promise: Promise
    seq: int

    @property
    def told(self) -> str:
        """As it stands beside every value it let through."""
        promise = self.promise
        return (
            f"gate {promise.calibration[:12]}, step {self.seq}, promise {promise.per_10000}/10,000, "
            f"switched on by {self.person}"
        )
