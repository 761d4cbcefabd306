"""The supervisor's desk in the store: corrections, samples, planted values and figures, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, text

from formscan.errors import FormScanError, ImmutableError, NotFoundError, RefusedError, StoreError
from formscan.model.people import Person, Role
from formscan.model.planted import Plant, PlantPolicy, holds
from formscan.model.reading import FieldState, FieldValue
from formscan.model.record import Draft, EmrEntry
from formscan.model.review import Action, ReviewedField
from formscan.model.supervision import (
    CorrectionKey,
    Grouping,
    LotVerdict,
    Origin,
    ReleasedField,
    Sample,
    SampleOrder,
)
from formscan.model.trail import TrailQuery
from formscan.store import Store
from formscan.store.codec import dump
from formscan.store.rows import AccountRow
from formscan.store.unit_of_work import Database, Unit

MakeDraft = Callable[..., Draft]
Decide = Callable[..., ReviewedField]
AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
LAN = Person("lan", "Lê Thị Lan", frozenset({Role.REVIEWING_CLERK}))
MINH = Person("minh", "Trần Minh", frozenset({Role.SUPERVISOR}))
HOA = Person("hoa", "Phạm Hoa", frozenset({Role.SUPERVISOR}))
DUC = Person("duc", "Ngô Đức", frozenset({Role.ADMINISTRATOR}))


def value(said: str) -> FieldValue:
    return FieldValue(FieldState.VALUE, said, said)


@pytest.fixture
def staffed(store: Store, url: str) -> Store:
    """A store with accounts; their passwords do not matter here."""
    database = Database(url, "desk-1")

    def work(unit: Unit) -> None:
        for person in (LAN, MINH, HOA, DUC):
            unit.connection.execute(
                insert(AccountRow).values(
                    person_id=person.id, source="local", active=1, password=None, totp=None, totp_step=0,
                    recovery="[]", changed_at=AT,
                )
            )  # fmt: skip

    for person in (LAN, MINH, HOA, DUC):
        store.put_person(person)
    database.write(work)
    database.close()
    return store


def released(
    store: Store, make_draft: MakeDraft, decide: Decide, name: str = "d1", keyed: str = "y"
) -> EmrEntry:
    store.add_draft(make_draft(name))
    for decision in (decide("f0"), decide("f1", keyed), decide("f2")):
        store.record(name, decision)
    return store.release(name, "lan", AT)


# -- corrections -------------------------------------------------------------------------------


def test_that_a_correction_is_seen_with_what_was_read_keyed_and_released(
    staffed: Store, make_draft: MakeDraft, decide: Decide
) -> None:
    entry = released(staffed, make_draft, decide)
    (made,) = staffed.corrections.waiting("minh")
    assert (made.read, made.keyed, made.released) == (value_of("1"), value("y"), value("y"))
    assert (made.person, made.entry_id, made.key.field_id) == ("lan", entry.id, "f1")
    assert made.place.page.image_sha256 == entry.pages[0].image_sha256
    assert made.place.page_box == entry.fields[1].page_box


def value_of(number: str) -> FieldValue:
    return FieldValue(FieldState.VALUE, f"v{number}", f"n{number}")


def test_that_withdrawn_and_overtaken_corrections_are_not_offered(
    staffed: Store, make_draft: MakeDraft, decide: Decide
) -> None:
    staffed.add_draft(make_draft())
    staffed.record("d1", decide("f0", "a"))
    staffed.record("d1", decide("f0", "b", before="a"))
    staffed.record("d1", decide("f1", "c"))
    staffed.undo("d1", "lan")
    assert [made.keyed for made in staffed.corrections.waiting("minh")] == [value("b")]


def test_that_nobody_approves_her_own_correction_and_none_is_looked_at_twice(
    staffed: Store, make_draft: MakeDraft, decide: Decide
) -> None:
    entry = released(staffed, make_draft, decide)
    staffed.correct(
        entry.id, (ReviewedField("f1", Action.CORRECTED, "minh", AT, value("y"), value("z")),), "minh", "r"
    )
    assert [made.key.origin for made in staffed.corrections.waiting("minh")] == [Origin.REVIEW]
    own = CorrectionKey(Origin.ENTRY, entry.id, 2, "f1")
    with pytest.raises(RefusedError, match=r"access\.own_work"):
        staffed.corrections.approve(own, "minh", AT)
    with pytest.raises(RefusedError, match=r"access\.own_work"):
        staffed.corrections.give_back(own, "minh", AT, "no")
    for who in ("lan", "duc", "nobody"):
        with pytest.raises(RefusedError, match=r"access\.refused"):
            staffed.corrections.approve(own, who, AT)
    staffed.corrections.approve(own, "hoa", AT)
    with pytest.raises(ImmutableError, match=r"correction\.looked_at"):
        staffed.corrections.give_back(own, "hoa", AT, "on second thoughts")
    with pytest.raises(NotFoundError, match=r"correction\.none"):
        staffed.corrections.approve(replace(own, field_id="f0"), "hoa", AT)
    actions = [line.action for line in staffed.audit()]
    assert actions[-1] == "correction.approved"


def test_that_a_returned_field_keeps_its_draft_back_until_it_is_decided_anew(
    staffed: Store, make_draft: MakeDraft, decide: Decide
) -> None:
    staffed.add_draft(make_draft())
    for decision in (decide("f0"), decide("f1", "y"), decide("f2")):
        staffed.record("d1", decision)
    (made,) = staffed.corrections.waiting("minh")
    with pytest.raises(StoreError, match=r"correction\.word_needed"):
        staffed.corrections.give_back(made.key, "minh", AT, "  ")
    staffed.corrections.give_back(made.key, "minh", AT, "look at the year again")
    (back,) = staffed.corrections.returned_to("lan")
    assert back.opinion is not None
    assert (back.opinion.said, back.opinion.person) == ("look at the year again", "minh")
    with pytest.raises(FormScanError, match=r"review\.returned"):
        staffed.release("d1", "lan", AT)
    later = replace(decide("f1", "w", before="y"), at=AT + timedelta(minutes=5))
    staffed.record("d1", later)
    assert staffed.corrections.returned_to("lan") == []
    assert staffed.release("d1", "lan", AT + timedelta(minutes=6)).value("f1") == value("w")


def test_that_the_author_answers_a_returned_correction_of_an_entry_with_a_new_version(
    staffed: Store, make_draft: MakeDraft, decide: Decide
) -> None:
    entry = released(staffed, make_draft, decide)
    (made,) = staffed.corrections.waiting("minh")
    change = ReviewedField(
        "f1", Action.CORRECTED, "lan", AT + timedelta(hours=1), value("y"), value("w"), "misread"
    )
    with pytest.raises(StoreError, match=r"correction\.not_returned"):
        staffed.corrections.answer(made.key, change)
    staffed.corrections.give_back(made.key, "minh", AT, "it says w")
    with pytest.raises(StoreError, match=r"store\.not_the_author"):
        staffed.corrections.answer(made.key, replace(change, person="minh"))
    fresh = staffed.corrections.answer(made.key, change)
    assert (fresh.version, fresh.value("f1"), fresh.reason) == (2, value("w"), "misread")
    assert staffed.corrections.returned_to("lan") == []
    assert staffed.get_entry(entry.id, 1, person="minh").value("f1") == value("y")
    with pytest.raises(StoreError, match=r"correction\.not_returned"):
        staffed.corrections.answer(made.key, change)


# -- samples -----------------------------------------------------------------------------------


def sample_of(store: Store, items: list[ReleasedField], accept: int = 0) -> Sample:
    sample = Sample("s1", AT, "minh", SampleOrder(), 3, len(items), accept, accept + 1)
    store.samples.keep(sample, items)
    return sample


def test_that_the_lot_is_the_newest_versions_without_the_inspectors_own_work(
    staffed: Store, make_draft: MakeDraft, decide: Decide
) -> None:
    entry = released(staffed, make_draft, decide)
    staffed.figures.catch_up(lambda *_: False)
    lot = staffed.samples.lot(SampleOrder(), "minh")
    assert [(item.entry_id, item.version, item.field_id, item.clerk) for item in lot] == [
        (entry.id, 1, field, "lan") for field in ("f0", "f1", "f2")
    ]
    assert staffed.samples.lot(SampleOrder(field_id="f1"), "minh")[0].field_id == "f1"
    assert staffed.samples.lot(SampleOrder(clerk="hoa"), "minh") == []
    assert staffed.samples.lot(SampleOrder(form_id="36-BV2"), "minh") == []
    assert staffed.samples.lot(SampleOrder(until=AT), "minh") == []
    assert len(staffed.samples.lot(SampleOrder(since=AT), "minh")) == 3
    with pytest.raises(RefusedError):
        staffed.samples.lot(SampleOrder(), "lan")


def test_that_a_finding_repairs_the_record_as_a_new_version(
    staffed: Store, make_draft: MakeDraft, decide: Decide
) -> None:
    entry = released(staffed, make_draft, decide)
    sample_of(staffed, staffed.samples.lot(SampleOrder(), "minh"))
    right = staffed.samples.judge("s1", 0, value_of("0"), "minh", AT)
    assert (right.right, right.version) == (True, None)
    with pytest.raises(StoreError, match=r"store\.reason_needed"):
        staffed.samples.judge("s1", 1, value("z"), "minh", AT)
    wrong = staffed.samples.judge("s1", 1, value("z"), "minh", AT, "a slip of the hand")
    assert (wrong.right, wrong.version, wrong.truly) == (False, 2, value("z"))
    fresh = staffed.get_entry(entry.id, person="minh")
    assert (fresh.version, fresh.value("f1"), fresh.released_by) == (2, value("z"), "minh")
    assert fresh.reason == "sample s1: a slip of the hand"
    assert staffed.get_entry(entry.id, 1, person="minh").value("f1") == value("y")
    with pytest.raises(ImmutableError, match=r"sample\.judged"):
        staffed.samples.judge("s1", 1, value("q"), "minh", AT, "again")
    state = staffed.samples.get("s1", "minh")
    assert (state.open, state.findings) == ((2,), 1)
    assert staffed.verify_audit().intact


def test_that_a_field_repaired_elsewhere_counts_as_found_and_is_not_repaired_twice(
    staffed: Store, make_draft: MakeDraft, decide: Decide
) -> None:
    entry = released(staffed, make_draft, decide)
    sample_of(staffed, staffed.samples.lot(SampleOrder(), "minh"))
    change = ReviewedField("f1", Action.CORRECTED, "hoa", AT, value("y"), value("z"))
    staffed.correct(entry.id, (change,), "hoa", "seen before")
    judged = staffed.samples.judge("s1", 1, value("z"), "minh", AT)
    assert (judged.right, judged.version) == (False, None)
    assert len(staffed.versions(entry.id)) == 2


def test_that_nobody_inspects_her_own_work_or_without_the_role(
    staffed: Store, make_draft: MakeDraft, decide: Decide
) -> None:
    staffed.add_draft(make_draft())
    for decision in (decide("f0"), decide("f1", "y", person="minh"), decide("f2")):
        staffed.record("d1", decision)
    entry = staffed.release("d1", "lan", AT)
    sample_of(staffed, [ReleasedField(entry.id, 1, field, "01-BV1", "lan") for field in ("f1", "f0")])
    with pytest.raises(RefusedError, match=r"access\.own_work"):
        staffed.samples.judge("s1", 0, value("y"), "minh", AT)
    with pytest.raises(RefusedError, match=r"access\.own_work"):
        staffed.samples.item("s1", 0, "minh", AT)
    with pytest.raises(RefusedError, match=r"access\.refused"):
        staffed.samples.judge("s1", 1, value_of("0"), "lan", AT)
    staffed.samples.item("s1", 1, "minh", AT)
    assert [line.action for line in staffed.audit()][-1] == "entry.read"


def test_that_a_lot_gets_its_verdict_once_and_only_with_the_true_counts(
    staffed: Store, make_draft: MakeDraft, decide: Decide
) -> None:
    released(staffed, make_draft, decide)
    sample_of(staffed, staffed.samples.lot(SampleOrder(), "minh")[:2])
    verdict = LotVerdict("s1", "minh", AT, False, 2, 1, 0.0, 1.0, 0.9)
    staffed.samples.judge("s1", 0, value_of("0"), "minh", AT)
    with pytest.raises(StoreError, match=r"sample\.unfinished"):
        staffed.samples.close(verdict)
    staffed.samples.judge("s1", 1, value("z"), "minh", AT, "slip")
    for lie in ({"findings": 0}, {"accepted": True}, {"inspected": 3}):
        with pytest.raises(StoreError, match=r"sample\.miscounted"):
            staffed.samples.close(replace(verdict, **lie))
    staffed.samples.close(verdict)
    assert staffed.samples.all("minh")[0][1] == verdict
    with pytest.raises(ImmutableError, match=r"sample\.closed"):
        staffed.samples.close(verdict)


# -- planted values ----------------------------------------------------------------------------


def plant(draft_id: str = "d1", field_id: str = "f1", shown: str = "planted") -> Plant:
    return Plant(draft_id, field_id, "lan", value(shown), value_of(field_id[1:]))


def answer(field_id: str, said: str, at: datetime = AT, reason: str = "") -> ReviewedField:
    return ReviewedField(field_id, Action.CONFIRMED, "lan", at, value("planted"), value(said), reason)


def test_that_plants_are_kept_once_for_an_untouched_draft_and_answered_beside_the_record(
    staffed: Store, make_draft: MakeDraft, decide: Decide
) -> None:
    staffed.add_draft(make_draft())
    assert staffed.plants.keep("d1", "lan", [plant()], AT) == (plant(),)
    assert staffed.plants.keep("d1", "lan", [plant(field_id="f2")], AT) == (plant(),)
    staffed.plants.answer_plant("d1", answer("f1", "planted"))
    assert staffed.decisions("d1") == []
    assert staffed.plants.withdraw_answer("d1", "lan", AT) == answer("f1", "planted")
    assert staffed.plants.plant_answers("d1", "lan") == ()
    with pytest.raises(StoreError, match=r"plant\.none"):
        staffed.plants.answer_plant("d1", answer("f0", "x"))
    staffed.add_draft(make_draft("d2"))
    staffed.record("d2", decide("f0"))
    assert staffed.plants.keep("d2", "lan", [plant("d2")], AT) == ()


def test_that_the_catch_is_counted_by_person(staffed: Store, make_draft: MakeDraft) -> None:
    for name, said in (("d1", "planted"), ("d2", "v1"), ("d3", "v1")):
        staffed.add_draft(make_draft(name))
        staffed.plants.keep(name, "lan", [plant(name)], AT)
        staffed.plants.answer_plant(name, answer("f1", said))
        staffed.plants.tell_plants(name, "lan", AT)
    (count,) = staffed.plants.catches("minh")
    assert (count.person, count.met, count.caught) == ("lan", 3, 2)
    assert [outcome.caught for _, outcome in staffed.plants.outcomes("lan", "minh")] == [False, True, True]
    assert staffed.plants.tell_plants("d1", "lan", AT) == ()


def test_that_a_field_decided_elsewhere_is_no_outcome(
    staffed: Store, make_draft: MakeDraft, decide: Decide
) -> None:
    staffed.add_draft(make_draft())
    staffed.plants.keep("d1", "lan", [plant()], AT)
    with pytest.raises(FormScanError, match=r"review\.unreviewed"):
        staffed.plants.tell_plants("d1", "lan", AT)
    staffed.record("d1", decide("f1"))
    assert staffed.plants.tell_plants("d1", "lan", AT) == ()
    assert staffed.plants.catches("minh") == []


def test_that_the_release_itself_refuses_a_planted_value_whatever_was_written_before(
    staffed: Store, make_draft: MakeDraft, decide: Decide
) -> None:
    """The core is gone round: decisions are written straight into the store."""
    staffed.add_draft(make_draft())
    staffed.plants.keep("d1", "lan", [plant()], AT)
    for decision in (decide("f0"), decide("f1", "Planted"), decide("f2")):
        staffed.record("d1", decision)
    with pytest.raises(StoreError, match=r"plant\.not_told"):
        staffed.release("d1", "lan", AT)
    staffed.plants.tell_plants("d1", "lan", AT)
    with pytest.raises(StoreError, match=r"plant\.in_record"):
        staffed.release("d1", "lan", AT)
    staffed.record("d1", decide("f1", before="Planted"))
    with pytest.raises(StoreError, match=r"plant\.in_record"):
        staffed.release("d1", "lan", AT)
    assert staffed.entries() == []


def test_that_a_person_who_was_told_may_key_it_with_a_reason_because_the_paper_says_so(
    staffed: Store, make_draft: MakeDraft, decide: Decide
) -> None:
    staffed.add_draft(make_draft())
    staffed.plants.keep("d1", "lan", [plant()], AT)
    staffed.plants.answer_plant("d1", answer("f1", "v1"))
    staffed.plants.tell_plants("d1", "lan", AT)
    for decision in (decide("f0"), decide("f2")):
        staffed.record("d1", decision)
    later = replace(decide("f1", "planted"), at=AT + timedelta(minutes=1), reason="so on the paper")
    staffed.record("d1", later)
    assert staffed.release("d1", "lan", AT + timedelta(minutes=2)).value("f1") == value("planted")


def test_that_the_policy_is_the_supervisors(staffed: Store) -> None:
    assert staffed.plants.policy() == PlantPolicy()
    staffed.plants.set_policy(PlantPolicy(0.02, "seed", 1), "minh", AT)
    assert staffed.plants.policy() == PlantPolicy(0.02, "seed", 1)
    with pytest.raises(RefusedError):
        staffed.plants.set_policy(PlantPolicy(0.0), "lan", AT)
    with pytest.raises(StoreError, match=r"plant\.rate"):
        staffed.plants.set_policy(PlantPolicy(1.5), "minh", AT)


STEPS = st.lists(
    st.sampled_from(
        ["confirm", "planted", "Planted!", "other", "undo", "answer", "wrong answer", "withdraw", "tell",
         "release"]
    ),
    max_size=14,
)  # fmt: skip


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_that_no_order_of_calls_exports_a_planted_value(
    staffed: Store, make_draft: MakeDraft, decide: Decide, steps: list[str]
) -> None:
    """Calls go to the store itself, past the core; only a reason given after being told lets it through."""
    name = f"d{len(staffed.drafts(None))}"
    staffed.add_draft(make_draft(name, fields=2))
    one = plant(name)
    staffed.plants.keep(name, "lan", [one], AT)
    staffed.record(name, decide("f0"))
    calls: dict[str, Callable[[], object]] = {
        "confirm": lambda: staffed.record(name, decide("f1")),
        "planted": lambda: staffed.record(name, decide("f1", "planted")),
        "Planted!": lambda: staffed.record(name, decide("f1", "Planted!")),
        "other": lambda: staffed.record(name, decide("f1", "other")),
        "undo": lambda: staffed.undo(name, "lan"),
        "answer": lambda: staffed.plants.answer_plant(name, answer("f1", "v1")),
        "wrong answer": lambda: staffed.plants.answer_plant(name, answer("f1", "planted")),
        "withdraw": lambda: staffed.plants.withdraw_answer(name, "lan", AT),
        "tell": lambda: staffed.plants.tell_plants(name, "lan", AT),
        "release": lambda: staffed.release(name, "lan", AT),
    }
    for step in [*steps, "tell", "release"]:
        try:
            made = calls[step]()
        except FormScanError:
            continue
        if isinstance(made, EmrEntry):
            field = made.fields[1]
            stood = [field.value, *(v for d in field.history for v in (d.before, d.value))]
            assert not any(holds(v, one) for v in stood)
            assert "planted" not in dump(made).casefold()
            return


# -- figures -----------------------------------------------------------------------------------


def test_that_figures_count_what_was_read_and_released_with_the_fields_behind_them(
    staffed: Store, make_draft: MakeDraft, decide: Decide
) -> None:
    released(staffed, make_draft, decide, "d1", "y")
    released(staffed, make_draft, decide, "d2", "")
    assert staffed.figures.catch_up(lambda _form, _version, field: field == "f1") == 0
    assert staffed.figures.catch_up(lambda *_: False) == 0
    by_field = {tally.key: tally for tally in staffed.figures.tallies(Grouping.FIELD, "minh")}
    assert [(t.n, t.equal, t.entries) for t in by_field.values()] == [(2, 2, 2), (2, 1, 2), (2, 2, 2)]
    assert sorted(by_field["f1"].table) == [("n1", "n1", 1), ("n1", "y", 1)]
    assert by_field["f0"].table == ()
    for group, key in (
        (Grouping.CLERK, "lan"), (Grouping.FORM, "01-BV1"), (Grouping.READER, "tesseract 5.5"),
        (Grouping.DAY, "2026-03-02"),
    ):  # fmt: skip
        (tally,) = staffed.figures.tallies(group, "minh")
        assert (tally.key, tally.n, tally.equal) == (key, 6, 5)
    (behind,) = staffed.figures.behind({Grouping.CLERK: "lan"}, "minh")
    assert (behind.field_id, behind.equal) == ("f1", False)
    assert len(staffed.figures.behind({Grouping.FIELD: "f0"}, "minh", unequal=False)) == 2
    with pytest.raises(RefusedError):
        staffed.figures.tallies(Grouping.CLERK, "lan")


def test_that_a_clerk_sees_nothing_of_the_desk_whichever_door_she_tries(staffed: Store) -> None:
    desk = staffed
    key = CorrectionKey(Origin.REVIEW, "d1", 1, "f1")
    doors: list[Callable[[], object]] = [
        lambda: desk.samples.all("lan"), lambda: desk.samples.get("s1", "lan"),
        lambda: desk.samples.lot(SampleOrder(), "lan"), lambda: desk.samples.item("s1", 0, "lan", AT),
        lambda: desk.samples.judge("s1", 0, value("x"), "lan", AT),
        lambda: desk.samples.close(LotVerdict("s1", "lan", AT, True, 1, 0, 0.0, 1.0, 0.9)),
        lambda: desk.plants.catches("lan"), lambda: desk.plants.outcomes("lan", "lan"),
        lambda: desk.plants.set_policy(PlantPolicy(), "lan", AT),
        lambda: desk.corrections.waiting("lan"), lambda: desk.corrections.approve(key, "lan", AT),
        lambda: desk.corrections.give_back(key, "lan", AT, "no"),
        lambda: desk.figures.behind({}, "lan"), lambda: desk.trail_pages.newest("lan"),
        lambda: desk.trail_pages.page(TrailQuery(), 9, 1, "lan"),
        lambda: list(desk.trail_pages.lines(TrailQuery(), 9, "lan")),
        lambda: desk.trail_pages.note_given_out(TrailQuery(), "csv", "lan", AT),
    ]  # fmt: skip
    for door in doors:
        with pytest.raises(RefusedError, match=r"access\.refused"):
            door()


# -- nothing is changed afterwards -------------------------------------------------------------


def test_that_the_database_refuses_to_change_what_was_said_and_found(
    url: str, staffed: Store, make_draft: MakeDraft, decide: Decide
) -> None:
    released(staffed, make_draft, decide)
    (made,) = staffed.corrections.waiting("minh")
    staffed.corrections.approve(made.key, "minh", AT)
    sample_of(staffed, staffed.samples.lot(SampleOrder(), "minh")[:1])
    staffed.samples.judge("s1", 0, value_of("0"), "minh", AT)
    staffed.samples.close(LotVerdict("s1", "minh", AT, True, 1, 0, 0.0, 1.0, 0.9))
    staffed.add_draft(make_draft("d9"))
    staffed.plants.keep("d9", "lan", [plant("d9")], AT)
    staffed.plants.answer_plant("d9", answer("f1", "planted"))
    staffed.plants.tell_plants("d9", "lan", AT)
    database = Database(url, "desk-1")
    for statement in (
        "UPDATE opinion SET word = 'returned'", "DELETE FROM judgement", "UPDATE lot_verdict SET noun = '{}'",
        "UPDATE plant_outcome SET caught = 1", "DELETE FROM plant", "UPDATE sample SET noun = '{}'",
        "DELETE FROM plant_answer", "UPDATE sample_item SET field_id = 'f0'",
    ):  # fmt: skip
        with pytest.raises(ImmutableError):
            database.write(partial(_execute, statement))
    database.close()


def _execute(statement: str, unit: Unit) -> None:
    unit.connection.execute(text(statement))
