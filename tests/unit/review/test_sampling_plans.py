from __future__ import annotations

from dataclasses import replace

import pytest

from formscan.errors import ReviewError
from formscan.review.iso2859 import (
    AQLS,
    LETTERS,
    Level,
    Lot,
    Plan,
    Severity,
    code_letter,
    next_severity,
    plan_at,
    plan_for,
    tighter_plan,
)
from formscan.review.sampling import chance_of_acceptance

NORMAL, TIGHTENED, REDUCED = Severity.NORMAL, Severity.TIGHTENED, Severity.REDUCED

KNOWN_LETTERS = [
    (8, Level.II, "A"), (15, Level.II, "B"), (50, Level.II, "D"), (90, Level.I, "C"), (500, Level.II, "H"),
    (1200, Level.II, "J"), (1201, Level.II, "K"), (3200, Level.II, "K"), (3201, Level.II, "L"),
    (3200, Level.I, "H"), (3200, Level.III, "L"), (35_000, Level.II, "M"), (150_000, Level.II, "N"),
    (500_001, Level.II, "Q"), (500_001, Level.III, "R"), (500_001, Level.S4, "K"), (100, Level.S1, "B"),
]  # fmt: skip
"""Entries of table I, read in print (Montgomery, Introduction to Statistical Quality Control, ch. 15)."""

KNOWN_PLANS = [
    ("K", 1.0, NORMAL, 125, 3, 4), ("J", 2.5, NORMAL, 80, 5, 6), ("K", 2.5, NORMAL, 125, 7, 8),
    ("L", 1.0, NORMAL, 200, 5, 6), ("L", 1.0, TIGHTENED, 200, 3, 4), ("L", 1.0, REDUCED, 80, 2, 5),
    ("H", 2.5, TIGHTENED, 50, 2, 3), ("K", 2.5, TIGHTENED, 125, 5, 6), ("L", 2.5, TIGHTENED, 200, 8, 9),
    ("K", 2.5, REDUCED, 50, 3, 6), ("H", 2.5, REDUCED, 20, 1, 4), ("L", 2.5, REDUCED, 80, 5, 8),
    ("A", 6.5, NORMAL, 2, 0, 1), ("E", 1.0, NORMAL, 13, 0, 1), ("F", 1.0, NORMAL, 13, 0, 1),
    ("G", 1.0, NORMAL, 50, 1, 2), ("R", 0.010, NORMAL, 1250, 0, 1), ("Q", 0.025, TIGHTENED, 3150, 1, 2),
    ("E", 250.0, NORMAL, 13, 44, 45), ("F", 250.0, NORMAL, 13, 44, 45), ("A", 10.0, TIGHTENED, 8, 1, 2),
    ("J", 0.65, NORMAL, 80, 1, 2), ("N", 0.10, NORMAL, 500, 1, 2), ("P", 0.65, TIGHTENED, 800, 8, 9),
]  # fmt: skip


@pytest.mark.parametrize(("lot", "level", "letter"), KNOWN_LETTERS)
def test_that_code_letters_are_those_of_the_printed_table(lot: int, level: Level, letter: str) -> None:
    assert code_letter(lot, level) == letter


@pytest.mark.parametrize(("letter", "aql", "severity", "size", "accept", "reject"), KNOWN_PLANS)
def test_that_plans_are_those_of_the_printed_tables(
    letter: str, aql: float, severity: Severity, size: int, accept: int, reject: int
) -> None:
    found = plan_at(letter, aql, severity)
    assert (found.size, found.accept, found.reject) == (size, accept, reject)


def test_that_a_lot_between_1201_and_3200_at_level_two_is_judged_by_125_fields() -> None:
    assert plan_for(3000, Level.II, 1.0) == Plan("K", 125, 3, 4)
    assert plan_for(3000, Level.II, 1.0, TIGHTENED) == Plan("K", 125, 2, 3)


@pytest.mark.parametrize("severity", [NORMAL, TIGHTENED, REDUCED])
def test_that_every_letter_and_aql_leads_to_a_plan_and_a_stricter_aql_never_allows_more(
    severity: Severity,
) -> None:
    for letter in LETTERS:
        shares = []
        for aql in AQLS:
            plan = plan_at(letter, aql, severity)
            assert plan.accept < plan.reject
            shares.append(plan.accept / plan.size)
        assert shares == sorted(shares)


def test_that_work_at_the_aql_is_nearly_always_accepted() -> None:
    for letter in "GHJKLMN":
        for aql in (0.65, 1.0, 1.5, 2.5, 4.0):
            plan = plan_at(letter, aql, NORMAL)
            assert chance_of_acceptance(aql / 100, plan.size, plan.accept) > 0.87


def test_that_tightened_inspection_accepts_less_often_than_normal_at_every_aql() -> None:
    for aql in (0.65, 1.0, 1.5, 2.5, 4.0):
        normal, tight = plan_at("L", aql, NORMAL), plan_at("L", aql, TIGHTENED)
        share = 2 * aql / 100
        assert chance_of_acceptance(share, tight.size, tight.accept) < chance_of_acceptance(
            share, normal.size, normal.accept
        )


def test_that_a_sample_as_large_as_the_lot_inspects_all_of_it() -> None:
    assert plan_for(60, Level.II, 0.10) == Plan("K", 60, 0, 1)


@pytest.mark.parametrize(
    ("lot", "aql", "severity", "code"),
    [
        (1, 1.0, NORMAL, "sample.lot_too_small"),
        (100, 1.1, NORMAL, "sample.no_such_aql"),
        (100, 1.0, Severity.STOPPED, "sample.stopped"),
    ],
)
def test_that_what_the_tables_do_not_have_is_refused(
    lot: int, aql: float, severity: Severity, code: str
) -> None:
    with pytest.raises(ReviewError) as told:
        plan_for(lot, Level.II, aql, severity)
    assert told.value.code == code


def lots(pattern: str, findings: int = 0) -> list[Lot]:
    plan = plan_for(3000, Level.II, 1.0)
    tighter = tighter_plan(3000, Level.II, 1.0)
    return [Lot(sign == "a", findings if sign == "a" else 9, plan, tighter) for sign in pattern]


@pytest.mark.parametrize(
    ("pattern", "severity"),
    [
        ("", NORMAL), ("aaaar", NORMAL), ("raaar", TIGHTENED), ("raaaar", NORMAL), ("rr", TIGHTENED),
        ("rraaaa", TIGHTENED), ("rraaaaa", NORMAL), ("rrrararaarar", Severity.STOPPED),
        ("rrrrrr", TIGHTENED), ("rrrrrrr", Severity.STOPPED), ("rraaaaara", NORMAL),
    ],
)  # fmt: skip
def test_that_inspection_follows_the_switching_rules(pattern: str, severity: Severity) -> None:
    assert next_severity(lots(pattern)) is severity


def test_that_reduced_inspection_needs_a_score_of_thirty_and_steady_work() -> None:
    assert next_severity(lots("a" * 9), steady=True) is NORMAL
    assert next_severity(lots("a" * 10), steady=True) is REDUCED
    assert next_severity(lots("a" * 30), steady=False) is NORMAL
    assert next_severity(lots("a" * 10, findings=3), steady=True) is NORMAL  # not at the tighter AQL
    few = [replace(lot, plan=plan_for(100, Level.II, 1.0)) for lot in lots("a" * 15)]
    assert next_severity(few[:14], steady=True) is NORMAL
    assert next_severity(few, steady=True) is REDUCED


def test_that_reduced_inspection_ends_with_a_lot_in_the_gap() -> None:
    reduced = plan_for(3000, Level.II, 1.0, REDUCED)
    gap = Lot(accepted=True, findings=reduced.accept + 1, plan=reduced)
    assert next_severity([*lots("a" * 10), gap], steady=True) is NORMAL
