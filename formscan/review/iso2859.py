"""Single sampling plans by attributes: code letters, acceptance numbers, and when inspection gets stricter.

Source. The tables are those of MIL-STD-105E (1989, in the public domain), tables I, II-A, II-B and II-C.
Code letters, normal and tightened single plans are the same in ISO 2859-1:1999 (tables 1, 2-A, 2-B). For
reduced inspection ISO 2859-1:1999 has other acceptance numbers (its table 2-C closes the gap between Ac
and Re); here the older, public table with its gap is used, and the rule that goes with it: a lot in the
gap is accepted and inspection goes back to normal. Switching follows ISO 2859-1:1999, clause 9, with its
switching score. How the tables were checked: docs/decisions/060.

The tables are regular: acceptance numbers are constant along the diagonals of code letter and AQL, because
sample sizes and AQLs both grow by the fifth root of ten. So a diagonal is written once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from formscan.errors import ReviewError

LETTERS: Final = "ABCDEFGHJKLMNPQR"
"""Code letters in order; ``S`` exists only in tightened inspection."""
AQLS: Final = (
    0.010, 0.015, 0.025, 0.040, 0.065, 0.10, 0.15, 0.25, 0.40, 0.65, 1.0, 1.5, 2.5, 4.0, 6.5,
    10.0, 15.0, 25.0, 40.0, 65.0, 100.0, 150.0, 250.0, 400.0, 650.0, 1000.0,
)  # fmt: skip
"""Acceptance quality limits, nonconforming items per hundred."""


class Level(StrEnum):
    """Inspection level; II is usual, I halves the work, III sharpens it, S-1 to S-4 are for costly tests."""

    S1 = "S-1"
    S2 = "S-2"
    S3 = "S-3"
    S4 = "S-4"
    I = "I"  # noqa: E741 - as the standard calls it
    II = "II"
    III = "III"


class Severity(StrEnum):
    """How strict inspection is just now."""

    NORMAL = "normal"
    TIGHTENED = "tightened"
    REDUCED = "reduced"
    STOPPED = "stopped"
    """Five lots failed under tightened inspection: nothing is accepted until the work got better."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A single sampling plan.

    Attributes:
        letter: Code letter the plan stands at, after the arrows of the table were followed.
        size: Items to draw; where it reaches the lot size, all are inspected.
        accept: Most findings with which the lot is accepted (Ac).
        reject: Fewest findings with which it is not (Re); more than ``accept + 1`` only in reduced
            inspection.
    """

    letter: str
    size: int
    accept: int
    reject: int


@dataclass(frozen=True, slots=True)
class Lot:
    """One lot that was inspected for the first time.

    Attributes:
        accepted: Its verdict.
        findings: Nonconforming items in the sample.
        plan: The plan it was judged by.
        tighter: The plan of normal inspection one AQL step lower, for the switching score; ``None`` where
            there is none.
    """

    accepted: bool
    findings: int
    plan: Plan
    tighter: Plan | None = None


def code_letter(lot_size: int, level: Level) -> str:
    """Code letter of a lot size (table I).

    Raises:
        ReviewError: ``sample.lot_too_small`` for fewer than two items.
    """
    if lot_size < 2:
        raise ReviewError("sample.lot_too_small", lot=lot_size)
    row = sum(lot_size > most for most in _LOT_ENDS)
    return _CODES[row].split()[list(Level).index(level)]


def plan_for(
    lot_size: int, level: Level = Level.II, aql: float = 1.0, severity: Severity = Severity.NORMAL
) -> Plan:
    """The plan of a lot.

    Raises:
        ReviewError: ``sample.lot_too_small``, ``sample.no_such_aql``, ``sample.stopped``.
    """
    if aql not in AQLS:
        raise ReviewError("sample.no_such_aql", aql=aql)
    if severity is Severity.STOPPED:
        raise ReviewError("sample.stopped")
    found = plan_at(code_letter(lot_size, level), aql, severity)
    return found if found.size < lot_size else Plan(found.letter, lot_size, found.accept, found.reject)


def plan_at(letter: str, aql: float, severity: Severity) -> Plan:
    """The plan a code letter leads to (tables II-A, II-B, II-C); arrows lead to the next plan there is."""
    table, column = _TABLES[severity], AQLS.index(aql)
    start = LETTERS.index(letter)
    first = -1 if table.up(start + column) else 1
    for step in (first, -first):
        row = start
        while 0 <= row < len(table.sizes):
            numbers = table.numbers(row, column)
            if numbers is not None:
                return Plan((LETTERS + "S")[row], table.sizes[row], *numbers)
            row += step
    raise ReviewError("sample.no_plan", letter=letter, aql=aql)


def tighter_plan(lot_size: int, level: Level, aql: float) -> Plan | None:
    """The plan of normal inspection one AQL step lower; ``None`` at the lowest."""
    place = AQLS.index(aql)
    return plan_for(lot_size, level, AQLS[place - 1]) if place else None


def next_severity(lots: Iterable[Lot], *, steady: bool = False) -> Severity:
    """How the next lot is inspected, after those so far (ISO 2859-1:1999, clauses 9.3 and 9.4).

    Normal to tightened: 2 of 5 or fewer consecutive lots not accepted. Tightened to normal: 5 lots in a row
    accepted. Normal to reduced: a switching score of 30 while the work is steady. Reduced to normal: a lot
    not accepted, or findings between Ac and Re. Tightened inspection stops at the fifth lot not accepted.

    Args:
        lots: In the order they were inspected, the oldest first.
        steady: Whether the work is steady and whoever is responsible wants reduced inspection.
    """
    state = _Switch()
    for lot in lots:
        state.see(lot, steady)
    return state.severity


class _Switch:
    def __init__(self) -> None:
        self.severity = Severity.NORMAL
        self._recent: list[bool] = []
        self._failed_tightened = self._score = 0

    def see(self, lot: Lot, steady: bool) -> None:
        before = self.severity
        if before is Severity.NORMAL:
            self._normal(lot, steady)
        elif before is Severity.TIGHTENED:
            self._tightened(lot)
        elif before is Severity.REDUCED and (not lot.accepted or lot.findings > lot.plan.accept):
            self.severity = Severity.NORMAL
        if self.severity is not before:
            self._recent, self._failed_tightened, self._score = [], 0, 0

    def _normal(self, lot: Lot, steady: bool) -> None:
        self._recent = [*self._recent, lot.accepted][-5:]
        self._score = self._scored(lot)
        if self._recent.count(False) >= 2:
            self.severity = Severity.TIGHTENED
        elif steady and self._score >= 30:
            self.severity = Severity.REDUCED

    def _scored(self, lot: Lot) -> int:
        if lot.plan.accept >= 2:
            passed = lot.tighter is not None and lot.findings <= lot.tighter.accept
            return self._score + 3 if passed else 0
        return self._score + 2 if lot.accepted else 0

    def _tightened(self, lot: Lot) -> None:
        self._recent = [*self._recent, lot.accepted][-5:]
        self._failed_tightened += not lot.accepted
        if self._failed_tightened >= 5:
            self.severity = Severity.STOPPED
        elif len(self._recent) == 5 and all(self._recent):
            self.severity = Severity.NORMAL


@dataclass(frozen=True, slots=True)
class _Table:
    """Sizes by row, numbers by diagonal (row + column), and where the arrows between 0 and 1 point."""

    sizes: tuple[int, ...]
    diagonals: dict[int, tuple[int, int]]
    upward: frozenset[int]
    special: dict[tuple[int, int], tuple[int, int]]

    def up(self, diagonal: int) -> bool:
        return diagonal in self.upward or diagonal > max(self.diagonals)

    def numbers(self, row: int, column: int) -> tuple[int, int] | None:
        if (row, column) in self.special:
            return self.special[row, column]
        found = self.diagonals.get(row + column)
        if found is None or (found[0] == 0 and found[1] == 1 and column > _LAST_ZERO):
            return None  # plans without any finding allowed end at AQL 6.5
        if row + column > _LAST_BELOW_F and row > _ROW_E:
            return None
        return None if row == len(LETTERS) and column != 2 else found


_LAST_ZERO: Final = AQLS.index(6.5)
_LAST_BELOW_F: Final = 24
_ROW_E: Final = LETTERS.index("E")
_LOT_ENDS: Final = (8, 15, 25, 50, 90, 150, 280, 500, 1200, 3200, 10000, 35000, 150000, 500000)
_CODES: Final = (
    "A A A A A A B", "A A A A A B C", "A A B B B C D", "A B B C C D E", "B B C C C E F",
    "B B C D D F G", "B C D E E G H", "B C D E F H J", "C C E F G J K", "C D E G H K L",
    "C D F G J L M", "C D F H K M N", "D E G J L N P", "D E G J M P Q", "D E H K N Q R",
)  # fmt: skip
_SIZES: Final = (2, 3, 5, 8, 13, 20, 32, 50, 80, 125, 200, 315, 500, 800, 1250, 2000)
_REDUCED_SIZES: Final = (2, 2, 2, 3, 5, 8, 13, 20, 32, 50, 80, 125, 200, 315, 500, 800)


def _diagonals(first: int, accept: tuple[int, ...], start: int) -> dict[int, tuple[int, int]]:
    """The zero plan at ``first``, the others from ``start`` on; Re is Ac + 1."""
    return {first: (0, 1)} | {start + place: (ac, ac + 1) for place, ac in enumerate(accept)}


_GAPS: Final = (
    (0, 2), (1, 3), (1, 4), (2, 5), (3, 6), (5, 8), (7, 10), (10, 13), (14, 17), (21, 24),
)  # fmt: skip
_SMALL: Final = {
    0: ((1, 2), (2, 3), (3, 4), (5, 6), (7, 8), (10, 11), (14, 15), (21, 22), (30, 31)),
    1: ((1, 3), (2, 4), (3, 5), (5, 6), (7, 8), (10, 11), (14, 15), (21, 22), (30, 31)),
    2: ((1, 4), (2, 5), (3, 6), (5, 8), (7, 10), (10, 13), (14, 17), (21, 24)),
}
"""Reduced plans of A, B and C from AQL 25 on, where the sample is two for all three."""
_TABLES: Final = {
    Severity.NORMAL: _Table(
        _SIZES, _diagonals(14, (1, 2, 3, 5, 7, 10, 14, 21, 30, 44), 17), frozenset({15}), {}
    ),
    Severity.TIGHTENED: _Table(
        (*_SIZES, 3150), _diagonals(15, (1, 2, 3, 5, 8, 12, 18, 27, 41), 18), frozenset(), {}
    ),
    Severity.REDUCED: _Table(
        _REDUCED_SIZES,
        {14: (0, 1)} | {17 + place: numbers for place, numbers in enumerate(_GAPS)},
        frozenset({15}),
        {
            (row, AQLS.index(25.0) + step): numbers
            for row, small in _SMALL.items()
            for step, numbers in enumerate(small)
        },
    ),
}
