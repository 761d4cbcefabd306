from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import text

from formscan.errors import StoreError
from formscan.model.chance import Calibration, FitCard, Promise
from formscan.model.ledger import FileOutcome, NewFile, PageKey, PageOutcome, Stand, StoredPage
from formscan.model.people import Person, Role
from formscan.model.record import ReadPage
from formscan.model.review import GATE, Action, ReviewedField
from formscan.store import Store
from tests.unit.store.conftest import START, Decide, MakeDraft

CARD = FitCard("simulated", START, 10, 2, ("01-BV1 2023.1",), ("tesseract 5.5 vie",), "0")
FIRST = Calibration("a" * 64, CARD, ())
SECOND = Calibration("b" * 64, CARD, ())
PROMISE = Promise("text", 14, 0.99, FIRST.version, 4000, 3000, 0, 0.001, 1.0, 0)


@pytest.fixture
def hoa(store: Store) -> str:
    store.put_person(Person("hoa", "Hoa", frozenset({Role.SUPERVISOR})))
    store.put_person(Person("lan", "Lan", frozenset({Role.REVIEWING_CLERK})))
    return "hoa"


def gated(decide: Decide, field_id: str) -> ReviewedField:
    return replace(decide(field_id), action=Action.GATED, person=GATE, reason="gate")


def test_that_the_gate_is_off_until_a_supervisor_switches_it_on(store: Store, hoa: str) -> None:
    assert store.gate.switches() == {}
    store.gate.install(FIRST, hoa, "first")
    assert store.gate.switches() == {}
    step = store.gate.switch_on(PROMISE, hoa, "proven")
    switch = store.gate.switches()["text"]
    assert (switch.person, switch.promise, switch.seq) == (hoa, PROMISE, step.seq)
    assert "switched on by hoa" in switch.told
    assert "14/10,000" in switch.told


@pytest.mark.parametrize("person", ["lan", "nobody"])
def test_that_nobody_else_may_install_or_switch(store: Store, hoa: str, person: str) -> None:
    store.gate.install(FIRST, hoa, "first")
    store.gate.switch_on(PROMISE, hoa, "proven")
    for refused in (
        lambda: store.gate.install(SECOND, person, "mine"),
        lambda: store.gate.switch_on(PROMISE, person, "quick"),
        lambda: store.gate.switch_off("text", person, "no"),
    ):
        with pytest.raises(StoreError, match=r"store\.not_a_supervisor"):
            refused()
    assert list(store.gate.switches()) == ["text"]


def test_that_an_unproven_promise_switches_nothing_on(store: Store, hoa: str) -> None:
    store.gate.install(FIRST, hoa, "first")
    with pytest.raises(StoreError, match=r"store\.not_proven"):
        store.gate.switch_on(replace(PROMISE, more=100), hoa, "hope")
    with pytest.raises(StoreError, match=r"store\.other_calibration"):
        store.gate.switch_on(replace(PROMISE, calibration=SECOND.version), hoa, "old")


def test_that_another_calibration_switches_all_off_and_the_old_one_comes_back(store: Store, hoa: str) -> None:
    store.gate.install(FIRST, hoa, "first")
    store.gate.switch_on(PROMISE, hoa, "proven")
    store.gate.install(SECOND, hoa, "better")
    assert store.gate.switches() == {}
    assert store.gate.calibration() == SECOND
    store.gate.install(FIRST, hoa, "back")
    assert store.gate.calibration() == FIRST
    assert store.gate.switches() == {}, "a promise is given anew"
    assert store.gate.versions() == [FIRST.version, SECOND.version]


def test_that_an_alarm_stops_a_kind_without_a_supervisor(store: Store, hoa: str) -> None:
    store.gate.install(FIRST, hoa, "first")
    store.gate.switch_on(PROMISE, hoa, "proven")
    assert store.gate.alarm("text", "drift") is True
    assert store.gate.alarm("text", "drift") is False
    assert store.gate.switches() == {}
    assert [step.action for step in store.gate.steps()] == ["installed", "on", "alarm"]


def test_that_every_step_is_in_the_trail_by_name(store: Store, hoa: str) -> None:
    store.gate.install(FIRST, hoa, "first")
    store.gate.switch_on(PROMISE, hoa, "proven")
    store.gate.switch_off("text", hoa, "enough")
    told = [(e.action, e.person) for e in store.audit() if e.action.startswith("gate.")]
    assert told == [("gate.installed", hoa), ("gate.on", hoa), ("gate.off", hoa)]
    assert store.verify_audit().intact


def test_that_a_field_it_stands_for_arrives_in_the_entry_with_the_promise(
    store: Store, hoa: str, make_draft: MakeDraft, decide: Decide
) -> None:
    store.gate.install(FIRST, hoa, "first")
    seq = store.gate.switch_on(PROMISE, hoa, "proven").seq
    store.add_draft(make_draft())
    assert store.gate.untouched() == ["d1"]
    assert store.gate.stand("d1", [(seq, gated(decide, "f0")), (seq, gated(decide, "f1"))]) == 2
    assert store.gate.untouched() == []
    assert store.gate.stand("d1", [(seq, gated(decide, "f2"))]) == 0, "only where nobody decided yet"
    store.record("d1", decide("f2"))
    entry = store.release("d1", "lan", START)
    assert [field.history[-1].action for field in entry.fields] == [
        Action.GATED,
        Action.GATED,
        Action.CONFIRMED,
    ]
    (draft, kept) = next(store.gate.confirmed())
    assert (draft.id, kept) == ("d1", entry)


def test_that_a_page_whose_every_field_is_the_gates_is_counted_so_until_a_person_decides(
    store: Store, hoa: str, make_draft: MakeDraft, decide: Decide
) -> None:
    store.gate.install(FIRST, hoa, "first")
    seq = store.gate.switch_on(PROMISE, hoa, "proven").seq
    draft = make_draft(fields=2)
    taken = store.ledger.take_in([NewFile("/in/a.png", "a.png", "a" * 64, 9, 9, Stand("s", "/in"))])[0]
    kept = draft.pages[0]
    stored = StoredPage(kept.source, kept.image_sha256, 5, "image/png", 300.0)
    read = ReadPage(kept, draft.form_id, draft.form_version, draft.form_digest, draft.fields)
    store.ledger.commit([FileOutcome(taken.id, 1, (PageOutcome(0, stored, read, "b" * 64),), "w1")])
    store.ledger.draft(draft, [PageKey(taken.id, 0)], "lan")
    store.gate.stand("d1", [(seq, gated(decide, "f0"))])
    assert (store.ledger.balance().drafted, store.ledger.balance().gated) == (1, 0)
    other = make_draft("d3", fields=1)
    second = store.ledger.take_in([NewFile("/in/b.png", "b.png", "c" * 64, 9, 9, Stand("s", "/in"))])[0]
    page = StoredPage(other.pages[0].source, other.pages[0].image_sha256, 5, "image/png", 300.0)
    whole = ReadPage(other.pages[0], other.form_id, other.form_version, other.form_digest, other.fields)
    store.ledger.commit([FileOutcome(second.id, 1, (PageOutcome(0, page, whole, "d" * 64),), "w1")])
    store.ledger.draft(other, [PageKey(second.id, 0)], "lan")
    store.gate.stand("d3", [(seq, gated(decide, "f0"))])
    count = store.ledger.balance()
    assert (count.drafted, count.gated, count.balances) == (1, 1, True)
    store.record("d3", decide("f0"))
    count = store.ledger.balance()
    assert (count.drafted, count.gated, count.balances) == (2, 0, True)


def test_that_a_switch_that_went_off_meanwhile_lets_nothing_through(
    store: Store, hoa: str, make_draft: MakeDraft, decide: Decide
) -> None:
    store.gate.install(FIRST, hoa, "first")
    seq = store.gate.switch_on(PROMISE, hoa, "proven").seq
    store.add_draft(make_draft())
    store.gate.alarm("text", "drift")
    assert store.gate.stand("d1", [(seq, gated(decide, "f0"))]) == 0
    assert store.decisions("d1") == []


def test_that_nobody_can_decide_in_the_name_of_the_gate(
    store: Store, hoa: str, make_draft: MakeDraft, decide: Decide
) -> None:
    store.gate.install(FIRST, hoa, "first")
    seq = store.gate.switch_on(PROMISE, hoa, "proven").seq
    store.add_draft(make_draft())
    with pytest.raises(StoreError, match=r"store\.not_the_gate"):
        store.record("d1", gated(decide, "f0"))
    for forged in (decide("f0"), replace(gated(decide, "f0"), value=decide("f0", "other").value)):
        with pytest.raises(StoreError, match=r"store\.not_the_gate"):
            store.gate.stand("d1", [(seq, forged)])


def test_that_a_person_may_correct_what_the_gate_stood_for(
    store: Store, hoa: str, make_draft: MakeDraft, decide: Decide
) -> None:
    store.gate.install(FIRST, hoa, "first")
    seq = store.gate.switch_on(PROMISE, hoa, "proven").seq
    store.add_draft(make_draft(fields=1))
    store.gate.stand("d1", [(seq, gated(decide, "f0"))])
    store.record("d1", decide("f0", "seen"))
    entry = store.release("d1", "lan", START)
    assert [decision.action for decision in entry.fields[0].history] == [Action.GATED, Action.CORRECTED]


@pytest.mark.parametrize(
    "statement", ["UPDATE gate_step SET kind = 'x'", "DELETE FROM gate_step", "DELETE FROM calibration"]
)
def test_that_the_book_cannot_be_rewritten(store: Store, hoa: str, statement: str) -> None:
    store.gate.install(FIRST, hoa, "first")
    with pytest.raises(StoreError, match=r"store\.immutable"):
        store._database.alter(lambda connection: connection.execute(text(statement)))
