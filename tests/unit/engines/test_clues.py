from __future__ import annotations

import math
from dataclasses import replace

import pytest

from formscan.engines.clues import agreeing, barred, clues_of, is_syllable, kind_of
from formscan.model.geometry import Area, Box
from formscan.model.page import Source
from formscan.model.reading import Alternative, CheckedField, FieldState, FieldValue, Flag, Reading, Severity
from formscan.model.record import DraftPage
from formscan.model.template import Cell, FieldKind, FieldSpec, ValueType

SPEC = FieldSpec("f", 1, FieldKind.TEXT, ValueType.TEXT, "x", "x", (Cell(Area(1, 1, 9, 9)),))
PAGE = DraftPage(1, Source("a.png", "0" * 64), "1" * 64, "image/png", 9, 9, 300, 0, 0.5, 0.9, 0.1, 0.2)
READ = Reading("ho khan", FieldState.VALUE, 0.9, "one 1", "m", (Alternative("ho khen", 0.05),))
FIELD = CheckedField(
    "f", 1, FieldValue(FieldState.VALUE, "ho khan", "ho khan"), 0.9, (READ,), (), "0" * 64,
    Box(0, 0, 9, 9), (), 0.2, (("ink_share", 0.1), ("ink_depth", 0.5), ("paper_noise", 0.01)),
)  # fmt: skip


@pytest.mark.parametrize("word", ["Nguyễn", "khuya", "nghiêng", "đau", "quyết", "sốt", "ho", "gì"])
def test_that_vietnamese_syllables_are_known_by_their_shape(word: str) -> None:
    assert is_syllable(word)


@pytest.mark.parametrize("word", ["Tessrct", "zkl", "ngghe", "abcde", "hospital", ""])
def test_that_rubbish_is_no_syllable(word: str) -> None:
    assert not is_syllable(word)


@pytest.mark.parametrize(
    ("kind", "value_type", "state", "name"),
    [
        (FieldKind.TEXT, ValueType.TEXT, FieldState.VALUE, "text"),
        (FieldKind.TEXT, ValueType.DATE, FieldState.VALUE, "number"),
        (FieldKind.TEXT, ValueType.DATE, FieldState.BLANK, "number.blank"),
        (FieldKind.COMB, ValueType.CITIZEN_ID, FieldState.VALUE, "comb"),
        (FieldKind.MARK, ValueType.BOOLEAN, FieldState.BLANK, "mark.blank"),
    ],
)
def test_that_a_blank_is_a_kind_of_its_own(
    kind: FieldKind, value_type: ValueType, state: FieldState, name: str
) -> None:
    assert kind_of(replace(SPEC, kind=kind, type=value_type), FieldValue(state)) == name


def test_that_every_clue_is_a_finite_number() -> None:
    hopeless = replace(FIELD, residual_mm=float("inf"), measures=())
    for field in (FIELD, hopeless):
        clues = clues_of(SPEC, field, PAGE, {"F/f": 0.3}, "F")
        assert all(math.isfinite(value) for value in clues.values())
        assert clues["history"] == 0.3
    assert "ink_share" not in clues_of(SPEC, hopeless, PAGE, {}, "F")


def test_that_nothing_is_known_where_nothing_is_put_forward() -> None:
    unsure = replace(READ, state=FieldState.UNVERIFIED)
    assert clues_of(SPEC, replace(FIELD, readings=(unsure,)), PAGE, {}, "F") == {}


def test_that_the_same_engine_twice_is_no_second_opinion() -> None:
    assert agreeing(replace(FIELD, readings=(READ, READ))) == ()
    other = replace(READ, engine="two 1", confidence=0.8)
    assert agreeing(replace(FIELD, readings=(READ, other))) == (other,)
    assert agreeing(replace(FIELD, readings=(READ, replace(other, text="ho khen")))) == ()


def test_that_rules_doubts_and_unproven_places_bar_a_value() -> None:
    assert barred(SPEC, FIELD) == ""
    assert barred(SPEC, replace(FIELD, flags=(Flag("date.partial", Severity.INFO),))) == ""
    assert barred(SPEC, replace(FIELD, flags=(Flag("date.impossible", Severity.HARD),))) == "flagged"
    assert barred(SPEC, replace(FIELD, residual_mm=1.2)) == "place"
    assert barred(SPEC, replace(FIELD, value=FieldValue(FieldState.UNVERIFIED))) == "unverified"
    critical = replace(SPEC, critical=True)
    assert barred(critical, replace(FIELD, supporters=("one",))) == "critical"
    assert barred(critical, replace(FIELD, supporters=("one", "two"))) == ""
