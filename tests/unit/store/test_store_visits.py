"""A text no reader stands behind is kept only when each of its words was typed or gone through."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, text

from formscan.errors import ReviewError
from formscan.model.geometry import Box
from formscan.model.people import Person, Role
from formscan.model.reading import Alternative, CheckedField, FieldState, FieldValue, Reading
from formscan.model.record import Draft
from formscan.model.review import Action, ReviewedField
from formscan.model.supervision import ReleasedField, SampleOrder
from formscan.model.visits import (
    PIECE,
    Touch,
    Touched,
    all_typed,
    fitted,
    offered_texts,
    taken_over,
    untouched,
)
from formscan.paths import forms_dir
from formscan.pipeline.check import check_value
from formscan.review.sampling import upper_bound
from formscan.review.word_visits import WordVisits
from formscan.store import Store
from formscan.store.unit_of_work import Database
from formscan.supervision import SupervisorDesk
from formscan.templates import TemplateLibrary

AT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
READ = "đau bụng vùng hạ sườn phải ba ngày"
OTHER = "đau lưng vùng hạ sườn trái"
EMPTY = FieldValue(FieldState.UNVERIFIED)
WORDS = st.lists(st.sampled_from(["đau", "bụng", "ho", "sốt", "ba", "ngày", "zkh"]), min_size=1, max_size=9)


def _after(seconds: float) -> datetime:
    return AT + timedelta(seconds=seconds)


def _field(field_id: str, value: FieldValue = EMPTY, *, critical: bool = False) -> CheckedField:
    reading = Reading(READ, FieldState.UNVERIFIED, 0.2, "lines 1", alternatives=(Alternative(OTHER, 0.1),))
    box = Box(0, 0, 10, 10)
    return CheckedField(
        field_id, 1, value, 0.2, (reading,), (), "c" * 64, box, (box,), 0.1, critical=critical
    )


def _decided(text: str, touched: Sequence[Touched], field_id: str = "free", at: float = 600) -> ReviewedField:
    value = FieldValue(FieldState.VALUE, text, text)
    return ReviewedField(field_id, Action.CORRECTED, "lan", _after(at), EMPTY, value, touched=tuple(touched))


def _walked(text: str) -> tuple[Touched, ...]:
    """What the window says after Enter led through all of it."""
    ticks = iter(range(1, 500))
    visits = WordVisits(text, whole=True, clock=lambda: _after(next(ticks)))
    chosen = None
    while (chosen := visits.enter(chosen, ())) is not None:
        assert not visits.to_type(chosen)
    return visits.touched()


@pytest.fixture
def draft_id(store: Store, make_draft: Callable[[], Draft]) -> str:
    """A draft with a free text nobody stands behind, one that was read, and a critical one."""
    read = _field("read", FieldValue(FieldState.VALUE, READ, READ))
    made = replace(make_draft(), fields=(_field("free"), read, _field("crit", critical=True)))
    store.add_draft(made)
    return made.id


def _last(store: Store) -> dict[str, object]:
    told: dict[str, object] = json.loads(list(store.audit())[-1].detail)
    return told


def _refused(store: Store, draft_id: str, decision: ReviewedField) -> int:
    with pytest.raises(ReviewError, match=r"review\.not_visited") as refused:
        store.record(draft_id, decision)
    assert READ not in str(refused.value)
    return int(refused.value.facts["words"])


def test_that_what_was_taken_over_unseen_is_refused_and_leaves_nothing(store: Store, draft_id: str) -> None:
    assert _refused(store, draft_id, _decided(READ, ())) == len(READ.split())
    with pytest.raises(ReviewError, match=r"review\.not_visited"):
        store.record_step(draft_id, [_decided("38,5", (), "read"), _decided(OTHER, ())])
    assert store.decisions(draft_id) == []
    assert not [event for event in store.audit() if event.action.startswith("field.")]


def test_that_each_way_to_leave_words_out_is_refused(store: Store, draft_id: str) -> None:
    whole = _walked(READ)
    assert _refused(store, draft_id, _decided(READ, whole[1:])) == whole[0].end
    one_glance = (Touched(0, len(READ.split()), Touch.VISITED, AT),)
    assert _refused(store, draft_id, _decided(READ, one_glance)) == len(READ.split())
    at_once = tuple(replace(one, at=AT) for one in whole)
    assert _refused(store, draft_id, _decided(READ, at_once)) == len(READ.split())
    assert _refused(store, draft_id, _decided(READ, whole, at=0.5)) == len(READ.split())
    mended = READ.replace("phải", "trái")
    assert _refused(store, draft_id, _decided(mended, all_typed("đau", AT))) == len(READ.split()) - 1


def test_that_what_was_gone_through_or_typed_is_kept_and_the_trail_says_which(
    store: Store, draft_id: str
) -> None:
    store.record(draft_id, _decided(READ, _walked(READ)))
    told = _last(store)
    assert (told["visited"], told["typed_words"]) == (3, 0)
    assert float(str(told["visited_s"])) > 0
    store.record(draft_id, _decided("sốt cao", all_typed("sốt cao", AT)))
    assert "visited" not in _last(store)
    assert store.verify_audit().intact
    assert [d.value.text for d in store.decisions(draft_id)] == [READ, "sốt cao"]


def test_that_words_a_person_decided_before_keep_their_proof(store: Store, draft_id: str) -> None:
    store.record(draft_id, _decided(READ, _walked(READ)))
    longer = READ + " nay"
    at = len(READ.split())
    store.record(draft_id, _decided(longer, (Touched(at, at + 1, Touch.TYPED, _after(700)),), at=800))
    store.undo_step(draft_id, "lan")
    store.undo_step(draft_id, "lan")  # nothing stands there any more
    assert _refused(store, draft_id, _decided(longer, (), at=900)) == at


def test_that_read_and_critical_fields_have_rules_of_their_own(store: Store, draft_id: str) -> None:
    store.record(draft_id, _decided(OTHER, (), "read"))
    store.record(draft_id, _decided(READ, (), "crit"))
    assert len(store.decisions(draft_id)) == 2


def test_that_a_decision_written_before_visits_were_known_is_still_read(store: Store, draft_id: str) -> None:
    from formscan.store.codec import dump, load

    old = dump(_decided("ho", ())).replace(',"touched":[]', "")
    assert "touched" not in old
    assert load(ReviewedField, old).touched == ()


@given(WORDS, st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300, deadline=None)
def test_that_no_claim_passes_that_leaves_an_offered_word_out(words: list[str], data: st.DataObject) -> None:
    """An offered word passes only where it is said to be typed, or in a piece with a time of its own."""
    text = " ".join(words)
    offered = offered_texts(
        replace(_field("free"), readings=(Reading(text, FieldState.UNVERIFIED, 0.1, "e"),))
    )
    spans = st.tuples(
        st.integers(-2, len(words)), st.integers(0, len(words) + 3), st.sampled_from(Touch), st.integers(0, 5)
    )
    claimed = [Touched(a, b, how, _after(s)) for a, b, how, s in data.draw(st.lists(spans, max_size=6))]
    left = untouched(FieldValue(FieldState.VALUE, text, text), claimed, offered, _after(3))
    typed = {w for c in claimed if c.how is Touch.TYPED and c.at <= _after(3) for w in range(c.first, c.end)}
    at_a_glance: dict[datetime, list[int]] = {}
    for one in claimed:
        if one.how is Touch.VISITED and one.at <= _after(3):
            at_a_glance.setdefault(one.at, []).extend(range(one.first, one.end))
    seen = {word for glance in at_a_glance.values() if len(glance) <= PIECE for word in glance}
    assert set(left) == set(range(len(words))) - typed - seen


@given(WORDS, WORDS, st.data())
@settings(max_examples=200, deadline=None)
def test_that_what_enter_led_through_is_always_enough(
    words: list[str], others: list[str], data: st.DataObject
) -> None:
    """Edits between the stops included: the window never has a text the store would not keep."""
    ticks = iter(range(1, 10_000))
    visits = WordVisits(" ".join(words), whole=True, clock=lambda: _after(next(ticks)))
    chosen, text = None, " ".join(words)
    while (chosen := visits.enter(chosen, ())) is not None:
        if data.draw(st.booleans()):
            now = visits.text.split()
            place = data.draw(st.integers(0, len(now)))
            now[place : place + data.draw(st.integers(0, 1))] = data.draw(st.lists(st.sampled_from(others)))[
                :2
            ]
            text, chosen = " ".join(now), None
            visits.change(text)
    value = FieldValue(FieldState.VALUE, text, text)
    assert untouched(value, visits.touched(), (" ".join(words), " ".join(others)), _after(20_000)) == ()


def test_that_a_text_a_rule_writes_otherwise_keeps_its_proof() -> None:
    typed = all_typed("12 3 1957", AT)
    assert fitted(typed, "12 3 1957", "12/03/1957") == (Touched(0, 1, Touch.TYPED, AT),)
    assert fitted(typed[:0], "12 3 1957", "12/03/1957") == ()
    part = (Touched(0, 1, Touch.VISITED, AT),)
    assert fitted(part, "ho ba  ngày", "ho khan ba ngày") == (Touched(0, 1, Touch.VISITED, AT),)
    assert fitted(part, "ho ba", "ho ba") == part


def test_that_a_word_its_reader_was_not_sure_of_counts_only_typed(
    store: Store, make_draft: Callable[[], Draft]
) -> None:
    sure = tuple(0.5 if word == "phải" else 0.99 for word in READ.split())
    offered = (Alternative(READ, 0.1),)
    read = Reading("", FieldState.UNVERIFIED, 0.2, "lines 1", alternatives=offered, words=sure)
    made = replace(make_draft(), fields=(replace(_field("free"), readings=(read,)),))
    store.add_draft(made)
    assert _refused(store, made.id, _decided(READ, _walked(READ))) == 1
    gap = READ.split().index("phải")
    typed = Touched(gap, gap + 1, Touch.TYPED, _after(500))
    store.record(made.id, _decided(READ, (*_walked(READ), typed)))


def test_that_what_was_left_out_for_typing_is_never_kept(store: Store, draft_id: str) -> None:
    text = "đau bụng … hạ sườn"
    seen = tuple(Touched(place, place + 1, Touch.VISITED, _after(place)) for place in range(5))
    assert _refused(store, draft_id, _decided(text, seen)) == 1


def test_that_words_typed_in_any_decision_are_not_taken_over() -> None:
    whole, typed = (READ, _walked(READ)), (READ, all_typed(READ, AT))
    assert taken_over(READ, [whole], [READ]) == tuple(range(len(READ.split())))
    assert taken_over(READ, [(READ, ())], [READ]) == tuple(range(len(READ.split())))
    assert taken_over(READ, [typed], [READ]) == ()
    assert taken_over("sốt cao", [("sốt cao", ())], [READ, OTHER]) == ()
    longer = (READ + " nay", (Touched(len(READ.split()), len(READ.split()) + 1, Touch.TYPED, AT),))
    assert taken_over(longer[0], [typed, longer], [READ]) == ()
    mended = READ.replace("phải", "trái")
    only = (Touched(5, 6, Touch.TYPED, AT),)
    assert taken_over(mended, [(mended, only)], [READ]) == (0, 1, 2, 3, 4, 6, 7)


def _house(store: Store, make_draft: Callable[..., Draft]) -> None:
    """Two released documents: a text taken over, one typed, a choice, one that was read, a critical one."""
    read = _field("read", FieldValue(FieldState.VALUE, READ, READ))
    fields = (_field("taken"), _field("typed"), _field("kind"), read, _field("crit", critical=True))
    for name in ("d1", "d2"):
        store.add_draft(replace(make_draft(name), fields=fields))
        for field_id in ("taken", "kind", "read"):
            store.record(name, _decided(READ, _walked(READ), field_id))
        store.record(name, _decided(READ, all_typed(READ, AT), "typed"))
        store.record(name, _decided(READ, (), "crit"))
        store.release(name, "lan", _after(900))


def _count(store: Store) -> None:
    assert store.figures.catch_up(lambda _form, _version, field: field == "kind") == 0


def _lot(store: Store, made: str) -> list[ReleasedField]:
    return store.samples.lot(SampleOrder(made=made), "minh")


def test_that_texts_taken_over_and_all_others_are_lots_that_make_the_whole(
    store: Store, make_draft: Callable[..., Draft]
) -> None:
    _house(store, make_draft)
    _count(store)
    assert {item.field_id for item in _lot(store, "taken")} == {"taken"}
    assert (len(_lot(store, "taken")), len(_lot(store, "other")), len(_lot(store, ""))) == (2, 8, 10)
    assert {(one.entry_id, one.field_id) for one in (*_lot(store, "taken"), *_lot(store, "other"))} == {
        (one.entry_id, one.field_id) for one in _lot(store, "")
    }


def test_that_a_database_from_before_is_counted_anew(
    url: str, store: Store, make_draft: Callable[..., Draft], tmp_path: Path
) -> None:
    _house(store, make_draft)
    _count(store)
    store.close()
    database = Database(url, "desk-1")

    def go_back(connection: Connection) -> None:
        connection.execute(text("DROP TABLE last_write"))
        connection.execute(text("ALTER TABLE field_fact DROP COLUMN taken"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0012'"))

    database.alter(go_back)
    database.close()
    with Store.open(url, tmp_path) as again:
        assert _lot(again, "taken") == []
        assert len(_lot(again, "other")) == 10  # nothing is lost from the lots before it is counted
        _count(again)
        assert len(_lot(again, "taken")) == 2


def test_that_the_bound_is_about_the_lot_and_what_waits_is_counted_from_its_last_draw(
    store: Store, make_draft: Callable[..., Draft]
) -> None:
    _house(store, make_draft)
    minh, hour = Person("minh", "Minh", frozenset({Role.SUPERVISOR})), [_after(3600)]
    library = TemplateLibrary.load(forms_dir())
    desk = SupervisorDesk(store, lambda: minh, library, check_value, lambda: hour[0])
    _count(store)
    assert desk.taken_waiting() == 2
    sample = desk.draw(SampleOrder(bound=0.3, made="taken"))
    assert (sample.lot, sample.size, desk.taken_waiting()) == (2, 2, 0)
    for place in desk.sample(sample.id).open:
        desk.judge(desk.sample_field(sample.id, place))
    verdict = desk.close(sample.id)
    assert (verdict.upper, verdict.accepted) == (upper_bound(0, 2, lot=2), True)
    assert desk.draw(SampleOrder(bound=0.3, made="other")).lot == 8
    with pytest.raises(ReviewError, match=r"sample\.made"):
        desk.draw(SampleOrder(made="moon"))
