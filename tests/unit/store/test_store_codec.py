from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from formscan.errors import StoreError
from formscan.model.geometry import Box
from formscan.model.page import Held
from formscan.model.people import Person
from formscan.model.reading import CheckedField, FieldState, FieldValue, Reading
from formscan.model.record import DraftPage, EmrEntry, Problem
from formscan.model.review import Action, ReviewedField
from formscan.store.codec import canonical, dump, dump_all, load, load_all

PIXELS = st.integers(0, 5000)
ZONES = st.sampled_from([UTC, timezone(timedelta(hours=7)), timezone(timedelta(hours=-3, minutes=-30))])
st.register_type_strategy(Box, st.builds(lambda x, y: Box(x, y, x + 1, y + 7), PIXELS, PIXELS))
st.register_type_strategy(float, st.floats(allow_nan=False))
st.register_type_strategy(datetime, st.datetimes(timezones=ZONES))
NOUNS = [CheckedField, DraftPage, Held, Person, Problem, Reading, ReviewedField, EmrEntry]


@pytest.mark.parametrize("kind", NOUNS, ids=lambda kind: kind.__name__)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_that_a_noun_comes_back_equal_and_writes_the_same_bytes(
    kind: type[object], data: st.DataObject
) -> None:
    noun = data.draw(st.from_type(kind))
    text = dump(noun)
    assert load(kind, text) == noun
    assert dump(load(kind, text)) == text


def test_that_canonical_json_is_sorted_tight_and_unescaped() -> None:
    assert canonical({"b": "Nguyễn", "a": [1, 2.5, None]}) == '{"a":[1,2.5,null],"b":"Nguyễn"}'
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical(math.nan)


def test_that_equal_times_in_other_zones_keep_their_zone() -> None:
    value = FieldValue(FieldState.BLANK)
    at = datetime(2026, 3, 2, 8, 0, tzinfo=timezone(timedelta(hours=7)))
    decision = load(ReviewedField, dump(ReviewedField("a", Action.CONFIRMED, "p", at, value, value)))
    assert decision.at.utcoffset() == timedelta(hours=7)


def test_that_a_time_without_zone_is_refused() -> None:
    value = FieldValue(FieldState.BLANK)
    with pytest.raises(StoreError, match=r"store\.codec"):
        dump(ReviewedField("a", Action.CONFIRMED, "p", datetime(2026, 3, 2), value, value))  # noqa: DTZ001


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"state":"value","txt":"a"}', '{"state":"no","text":""}', "3"]
)
def test_that_a_text_that_is_no_such_noun_is_refused_without_quoting_it(text: str) -> None:
    with pytest.raises(StoreError) as told:
        load(FieldValue, text)
    assert told.value.facts == {}
    assert told.value.__suppress_context__


def test_that_fields_added_to_a_noun_later_may_be_missing_in_old_texts() -> None:
    assert load(FieldValue, '{"state":"blank"}') == FieldValue(FieldState.BLANK)


def test_that_arrays_of_nouns_come_back_in_order() -> None:
    problems = (Problem("b", 2), Problem("a", None, (("x", "y"),)))
    assert load_all(Problem, dump_all(Problem, problems)) == problems
