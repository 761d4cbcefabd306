"""What holds for any text: nothing is lost, nothing gains precision, looking twice changes nothing."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from formscan.model.geometry import Area
from formscan.model.reading import FieldState, FieldValue
from formscan.model.template import Cell, Choice, FieldKind, FieldSpec, FormTemplate, ValueType
from formscan.pipeline.check import check_value
from formscan.pipeline.rules.dates import check_date, check_datetime
from formscan.pipeline.rules.numbers import check_decimal, check_integer
from formscan.pipeline.rules.spans import span

SEPARATORS = re.compile(r"[\s/:|,_]+")
TYPED = st.one_of(
    st.text(max_size=30),
    st.text("0123456789_/|.,: ", max_size=20),
    st.from_regex(r"\A[0-9_]{0,2}[/|][0-9_]{0,2}[/|][0-9_]{0,4}\Z"),
)
KINDS = st.sampled_from([FieldKind.TEXT, FieldKind.COMB])


def field_of(kind: FieldKind, of: ValueType) -> FieldSpec:
    """A field of any type."""
    cells = tuple(Cell(Area(10.0 * i, 0.0, 10.0 * i + 9.0, 9.0)) for i in range(8))
    choices = (Choice("1", "Nam", "Male"), Choice("2", "Nữ", "Female"))
    groups = (2, 2, 4) if of is ValueType.DATE else ()
    return FieldSpec("some.field", 1, kind, of, "", "", cells, choices=choices, groups=groups, catalogue=None)


def look(field: FieldSpec, text: str) -> FieldValue:
    """The value of a text."""
    return check_value(FormTemplate("T", "1", "", "", "", "", "", (), (), (field,)), field, text)[0]


@settings(max_examples=300, deadline=None)
@given(KINDS, st.sampled_from(ValueType), TYPED)
def test_that_no_rule_loses_changes_or_adds_a_character(kind: FieldKind, of: ValueType, text: str) -> None:
    value = look(field_of(kind, of), text)
    if value.state is FieldState.VALUE:
        assert SEPARATORS.sub("", value.text) == SEPARATORS.sub("", text)
    else:
        assert not SEPARATORS.sub("", text)


@settings(max_examples=300, deadline=None)
@given(KINDS, st.sampled_from(ValueType), TYPED)
def test_that_looking_again_at_what_is_shown_changes_nothing(
    kind: FieldKind, of: ValueType, text: str
) -> None:
    field = field_of(kind, of)
    once = look(field, text)
    assert look(field, once.text) == once


@given(st.integers(0, 40), st.integers(0, 14), st.integers(1850, 2150), st.booleans())
def test_that_a_date_never_gains_precision(day: int, month: int, year: int, padded: bool) -> None:
    text = f"{day:02d}/{month:02d}/{year}" if padded else f"{day}/{month}/{year}"
    known = check_date(text).normalised
    if known:
        assert known.startswith(f"{year:04d}")
        assert (len(known) > 4) == (month > 0)
        assert (len(known) > 7) == (month > 0 and day > 0)


@given(st.dates(), st.times())
def test_that_every_moment_comes_back(date: object, time: object) -> None:
    day = st_date(date)
    clock = f"{time:%H:%M}"
    text = f"{clock} {day[8:]}/{day[5:7]}/{day[:4]}"
    known = check_datetime(text).normalised
    if 1850 <= int(day[:4]) <= 2150:
        assert known == f"{day}T{clock}"
        assert span(known) is not None
    else:
        assert known == ""


def st_date(date: object) -> str:
    """ISO form with four digits of the year."""
    return str(date).zfill(10)


@given(st.decimals(min_value=0, max_value=999, places=2))
def test_that_a_decimal_comma_comes_back_as_a_point(number: object) -> None:
    assert check_decimal(str(number).replace(".", ",")).normalised == str(number)


@given(st.integers(0, 10**9))
def test_that_thousands_may_be_grouped(number: int) -> None:
    assert check_integer(f"{number:,}".replace(",", ".")).normalised == str(number)


@given(st.text(max_size=40))
@settings(max_examples=200)
def test_that_no_text_breaks_a_span(text: str) -> None:
    found = span(text)
    assert found is None or found.first <= found.last
