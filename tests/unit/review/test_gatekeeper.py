from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from formscan.engines.chance import Judge
from formscan.model.chance import Calibration, FitCard, KindChance, Promise, Switch
from formscan.model.geometry import Area, Box
from formscan.model.page import Source
from formscan.model.people import Person, Role
from formscan.model.reading import CheckedField, FieldState, FieldValue, Flag, Reading, Severity
from formscan.model.record import Draft, DraftPage
from formscan.model.review import GATE, Action
from formscan.model.template import Cell, FieldKind, FieldSpec, FormTemplate, PageTemplate, ValueType
from formscan.review.gatekeeper import Gatekeeper
from formscan.review.memory import MemoryJournal
from formscan.review.session import ReviewSession

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
ENGINE, OTHER = "one 1", "two 1"
CARD = FitCard("simulated", START, 9, 9, ("F 1",), (ENGINE,), "0")


def spec(field_id: str, *, critical: bool = False) -> FieldSpec:
    cell = Cell(Area(10, 10, 50, 20))
    return FieldSpec(
        field_id, 1, FieldKind.TEXT, ValueType.TEXT, field_id, field_id, (cell,), critical=critical
    )


NAMES = tuple(f"f{number}" for number in range(40))
FORM = FormTemplate(
    "F", "1", "F/1", "", "", "", "", (PageTemplate(1, 595, 842),), (),
    (*(spec(name) for name in NAMES), spec("key", critical=True)),
)  # fmt: skip
SURE = KindChance("text", 9.0, (), (1.0, 1.0, 0.0), 9, 0)
MADE = Calibration("a" * 64, CARD, (SURE,))
PROMISE = Promise("text", 14, 0.99, MADE.version, 4000, 3000, 0, 0.001, 1.0, 0)
ON = {"text": Switch("text", "hoa", START, PROMISE, 7)}


def read(
    field_id: str, *flags: Flag, engines: tuple[str, ...] = (ENGINE,), residual: float = 0.1
) -> CheckedField:
    box = Box(0, 0, 10, 10)
    said = tuple(Reading("ho", FieldState.VALUE, 0.9 - k / 100, engine) for k, engine in enumerate(engines))
    value = FieldValue(FieldState.VALUE, "ho", "ho")
    return CheckedField(
        field_id, 1, value, 0.9, said, flags, "0" * 64, box, (box,), residual, supporters=engines
    )


def draft(*changed: CheckedField) -> Draft:
    known = {field.field_id: field for field in changed}
    page = DraftPage(1, Source("a.png", "0" * 64), "1" * 64, "image/png", 9, 9, 300, 0, 0, 1, 0, 0)
    fields = tuple(known.get(one.id, read(one.id)) for one in FORM.fields)
    return Draft("d1", "F", "1", "2" * 64, (page,), fields, (), START)


def passed(what: Draft, on: Mapping[str, Switch] = ON, made: Calibration = MADE) -> set[str]:
    keeper = Gatekeeper(Judge(made), on, audited=0.0)
    return {stand.decision.field_id for stand in keeper.stands(what, FORM, START)}


def test_that_nothing_passes_while_the_gate_is_off() -> None:
    assert passed(draft(), {}) == set()


def test_that_what_is_sure_passes_with_the_promise_and_the_supervisor_beside_it() -> None:
    keeper = Gatekeeper(Judge(MADE), ON, audited=0.0)
    decision = keeper.stands(draft(), FORM, START)[0].decision
    assert (decision.action, decision.person, decision.reason) == (Action.GATED, GATE, "")
    assert decision.ground == "gate aaaaaaaaaaaa, step 7, promise 14/10,000, switched on by hoa"


def test_that_a_critical_field_needs_two_independent_readings() -> None:
    assert "key" not in passed(draft())
    assert "key" not in passed(draft(read("key", engines=(ENGINE, ENGINE))))
    assert "key" in passed(draft(read("key", engines=(ENGINE, OTHER))))


@pytest.mark.parametrize(
    "doubted",
    [
        read("f1", Flag("date.impossible", Severity.HARD)),
        read("f1", Flag("readers.disagree", Severity.SOFT)),
        read("f1", residual=1.5),
        read("f1", residual=float("inf")),
        read("f1", engines=("unheard of",)),
        replace(read("f1"), value=FieldValue(FieldState.UNVERIFIED)),
        replace(read("f1"), value=FieldValue(FieldState.BLANK)),
    ],
)
def test_that_a_doubt_a_stranger_or_another_kind_is_for_a_person(doubted: CheckedField) -> None:
    assert passed(draft(doubted)) == set(NAMES) - {"f1"}


def test_that_a_promise_holds_for_its_calibration_and_its_forms_only() -> None:
    assert passed(draft(), made=replace(MADE, version="b" * 64)) == set()
    assert passed(replace(draft(), form_version="2")) == set()


def test_that_less_sure_fields_are_left() -> None:
    doubtful = replace(MADE, kinds=(replace(SURE, bias=2.0),))
    assert passed(draft(), made=doubtful) == set()


def test_that_some_of_what_could_pass_is_left_for_people_to_look_at() -> None:
    keeper = Gatekeeper(Judge(MADE), ON, audited=0.25)
    first = {stand.decision.field_id for stand in keeper.stands(draft(), FORM, START)}
    again = {stand.decision.field_id for stand in keeper.stands(draft(), FORM, START)}
    other = {s.decision.field_id for s in keeper.stands(replace(draft(), id="d2"), FORM, START)}
    assert first == again != other
    assert 20 <= len(first) < 40


def session(what: Draft, flags: Mapping[str, tuple[Flag, ...]]) -> tuple[ReviewSession, MemoryJournal]:
    journal = MemoryJournal([what])
    keeper = Gatekeeper(Judge(MADE), ON, audited=0.0)
    journal.record_step(what.id, [stand.decision for stand in keeper.stands(what, FORM, START)])
    lan = Person("lan", "Lan", frozenset({Role.REVIEWING_CLERK}))
    made = ReviewSession(
        what, FORM, journal, lan, lambda _, text: (FieldValue(FieldState.VALUE, text, text), ()),
        cross_check=lambda _: flags,
    )  # fmt: skip
    return made, journal


def test_that_a_field_it_stands_for_is_decided_when_the_clerk_comes() -> None:
    review, _ = session(draft(), {})
    assert review.open_fields() == ("key",)
    assert not review.can_undo
    review.confirm("key")
    review.correct("f3", "other")
    entry = review.release()
    kept = {field.field_id: field for field in entry.fields}
    assert kept["f1"].history[-1].ground.startswith("gate aaaaaaaaaaaa")
    assert [one.action for one in kept["f3"].history] == [Action.GATED, Action.CORRECTED]


def test_that_the_gate_overrules_no_rule_between_fields() -> None:
    broken = {"f1": (Flag("stay.order", Severity.HARD),)}
    review, _ = session(draft(), broken)
    review.confirm("key")
    assert review.blockers() == ("f1",)
    review.give_reason("f1", "the paper says so")
    assert review.blockers() == ()
    last = review.decision("f1")
    assert last is not None
    assert (last.action, last.person) == (Action.CONFIRMED, "lan")
