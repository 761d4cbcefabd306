from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formscan.errors import FormScanError, ReviewError
from formscan.model.geometry import Area, Box
from formscan.model.page import Source
from formscan.model.people import Person, Role
from formscan.model.planted import Outcome, Plant, PlantPolicy, holds
from formscan.model.reading import Alternative, CheckedField, FieldState, FieldValue, Flag, Reading, Severity
from formscan.model.record import Draft, DraftPage, EmrEntry
from formscan.model.review import ReviewedField
from formscan.model.template import Cell, Choice, FieldKind, FieldSpec, FormTemplate, PageTemplate, ValueType
from formscan.review.memory import MemoryJournal
from formscan.review.planted import choose, disguised
from formscan.review.planted_journal import PlantedJournal
from formscan.review.session import ReviewSession

LAN = Person("lan", "Nguyễn Thị Lan", frozenset({Role.REVIEWING_CLERK}))
START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
SEXES = (Choice("male", "Nam", "Male"), Choice("female", "Nữ", "Female"))
EVERY = PlantPolicy(1.0, "seed", most=99)


def spec(field_id: str, kind: FieldKind = FieldKind.TEXT, type_: ValueType = ValueType.TEXT) -> FieldSpec:
    choices = SEXES if kind is FieldKind.CHOICE else ()
    return FieldSpec(field_id, 1, kind, type_, field_id, field_id, (Cell(Area(1, 1, 9, 9)),), choices=choices)


FORM = FormTemplate(
    "F", "1", "F/1", "", "", "", "", (PageTemplate(1, 595, 842),), (),
    (
        spec("name", type_=ValueType.PERSON_NAME), spec("born", type_=ValueType.DATE),
        spec("sex", FieldKind.CHOICE, ValueType.CHOICE), spec("note"),
        spec("signed", FieldKind.SIGNATURE, ValueType.PRESENCE), spec("unread"),
    ),
)  # fmt: skip


def check(of: FieldSpec, text: str) -> tuple[FieldValue, tuple[Flag, ...]]:
    text = text.strip()
    if of.type is ValueType.DATE:
        day, _, month = text[:5].partition("/")
        if not (day.isdigit() and month.isdigit() and 1 <= int(day) <= 31 and 1 <= int(month) <= 12):
            return FieldValue(FieldState.VALUE, text), (Flag("date.impossible", Severity.HARD),)
    return FieldValue(FieldState.VALUE, text, text.casefold()), ()


def proposal(field_id: str, text: str, *others: str) -> CheckedField:
    box = Box(0, 0, 10, 10)
    value = FieldValue(FieldState.VALUE, text, text.casefold()) if text else FieldValue(FieldState.UNVERIFIED)
    alternatives = tuple(Alternative(other, 0.3) for other in others)
    reading = Reading(text, value.state, 0.6, "tesseract 5.5", alternatives=alternatives)
    return CheckedField(field_id, 1, value, 0.6, (reading,), (), "0" * 64, box, (box,), 0.1)


def draft() -> Draft:
    page = DraftPage(1, Source("a.png", "0" * 64), "1" * 64, "image/png", 9, 9, 300, 0, 0, 1, 0, 0)
    fields = (
        proposal("name", "TRẦN VĂN ĐỨC", "TRẦN VĂN ĐÚC"), proposal("born", "12/03/1957", "12/08/1957"),
        proposal("sex", "male"), replace(proposal("note", "x"), value=FieldValue(FieldState.BLANK)),
        proposal("signed", "true"), proposal("unread", ""),
    )  # fmt: skip
    return Draft("d1", "F", "1", "", (page,), fields, (), START)


@dataclass
class Log:
    """The plants in memory, as the store keeps them."""

    plants: list[Plant] = field(default_factory=list)
    answers: list[ReviewedField] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)

    def open_plants(self, draft_id: str, person: str) -> tuple[Plant, ...]:
        return tuple(p for p in self.plants if (p.draft_id, p.person) == (draft_id, person))

    def plant_answers(self, _draft_id: str, person: str) -> tuple[ReviewedField, ...]:
        return tuple(answer for answer in self.answers if answer.person == person)

    def answer_plant(self, _draft_id: str, decision: ReviewedField) -> None:
        self.answers.append(decision)

    def withdraw_answer(self, _draft_id: str, _person: str, _at: datetime) -> ReviewedField | None:
        return self.answers.pop() if self.answers else None

    def tell_plants(self, draft_id: str, person: str, at: datetime) -> tuple[Outcome, ...]:
        last = {answer.field_id: answer.value for answer in self.answers}
        told = tuple(
            Outcome(draft_id, p.field_id, person, not holds(last[p.field_id], p), at) for p in self.plants
        )
        self.plants, self.answers = [], []
        self.outcomes += told
        return told


class Desk:
    """A clerk with her draft, opened anew when she is told about plants."""

    def __init__(self, chance: PlantPolicy = EVERY) -> None:
        self.at = START
        self.truth = draft()
        self.journal = MemoryJournal([self.truth])
        self.log = Log(list(choose(self.truth, FORM, "lan", chance, check)))
        self.planted = tuple(self.log.plants)
        self.open()

    def open(self) -> None:
        plants = self.log.open_plants("d1", "lan")
        journal = PlantedJournal(self.journal, self.log, plants)
        self.session = ReviewSession(disguised(self.truth, plants), FORM, journal, LAN, check, self.clock)

    def clock(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at

    def finish(self) -> EmrEntry:
        """Confirm what is open, release, hear about plants, and once more."""
        for _ in range(2):
            for field_id in self.session.open_fields():
                if self.session.proposal(field_id).value.state is FieldState.UNVERIFIED:
                    self.session.state(field_id, FieldState.ILLEGIBLE)
                else:
                    self.session.confirm(field_id)
            try:
                return self.session.release()
            except ReviewError as told:
                if told.code != "review.planted":
                    raise
                self.open()
        raise AssertionError

    def do(self, step: str, field_id: str) -> object:
        """One step by name."""
        session = self.session
        if step == "confirm":
            session.confirm(field_id)
        elif step == "state":
            session.state(field_id, FieldState.ILLEGIBLE)
        elif step == "type":
            session.correct(field_id, "01/02/1999")
        elif step == "keep":
            for plant in self.planted:
                if plant.field_id == field_id:
                    session.correct(field_id, plant.value.text)
        elif step == "open":
            self.open()
        else:
            others = {"undo": session.undo, "redo": session.redo, "blanks": session.confirm_blanks}
            return others[step]() if step in others else session.release()
        return None


def test_that_plants_are_chosen_by_the_seed_and_never_in_what_cannot_be_judged() -> None:
    chosen = choose(draft(), FORM, "lan", EVERY, check)
    assert {plant.field_id for plant in chosen} == {"name", "born", "sex"}
    assert choose(draft(), FORM, "lan", EVERY, check) == chosen
    assert choose(draft(), FORM, "minh", EVERY, check) != chosen
    assert len(choose(draft(), FORM, "lan", replace(EVERY, most=1), check)) == 1
    assert choose(draft(), FORM, "lan", PlantPolicy(0.0, "seed"), check) == ()
    assert choose(draft(), FORM, "lan", EVERY, check, skip=lambda s: s.id == "name")[0].field_id == "born"


def test_that_the_rate_is_kept_over_many_drafts() -> None:
    chance = PlantPolicy(0.1, "seed", most=99)
    found = sum(len(choose(replace(draft(), id=f"d{n}"), FORM, "lan", chance, check)) for n in range(700))
    assert 160 < found < 260  # 3 fields in 700 drafts: 210 expected, four standard errors either way


def test_that_a_planted_value_is_one_nobody_read_and_breaks_no_rule() -> None:
    for n in range(60):
        for plant in choose(replace(draft(), id=f"d{n}"), FORM, "lan", EVERY, check):
            of = next(f for f in FORM.fields if f.id == plant.field_id)
            offered = {"TRẦN VĂN ĐỨC", "TRẦN VĂN ĐÚC", "12/03/1957", "12/08/1957", "male"}
            assert plant.value.text not in offered
            assert not check(of, plant.value.text)[1]
            if of.type is ValueType.CHOICE:
                assert plant.value.text == "female"
            else:
                assert len(plant.value.text) == len(plant.truly.text)


def test_that_a_planted_field_looks_like_any_other() -> None:
    seen = disguised(draft(), choose(draft(), FORM, "lan", EVERY, check))
    name = next(f for f in seen.fields if f.field_id == "name")
    assert (name.flags, name.readings[0].alternatives) == ((), ())
    assert name.readings[0].text == name.value.text != "TRẦN VĂN ĐỨC"
    assert next(f for f in seen.fields if f.field_id == "unread") == draft().fields[-1]


def test_that_whoever_confirms_everything_is_told_and_releases_only_what_was_read() -> None:
    desk = Desk()
    entry = desk.finish()
    assert [outcome.caught for outcome in desk.log.outcomes] == [False, False, False]
    assert {f.field_id: f.value.text for f in entry.fields}["name"] == "TRẦN VĂN ĐỨC"


def test_that_whoever_looks_catches_it() -> None:
    desk = Desk()
    desk.session.correct("name", "TRẦN VĂN ĐỨC")
    desk.session.state("born", FieldState.ILLEGIBLE)
    desk.finish()
    assert [o.caught for o in desk.log.outcomes] == [True, True, False]


def test_that_answers_are_undone_in_the_order_they_were_given() -> None:
    desk = Desk(replace(EVERY, most=99))
    desk.session.confirm("name")
    desk.session.state("note", FieldState.STRUCK_OUT)
    desk.session.confirm("born")
    assert desk.session.undo() == "born"
    assert desk.session.undo() == "note"
    assert desk.session.undo() == "name"
    assert desk.session.undo() is None
    assert desk.journal.decisions("d1") == desk.log.answers == []


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["confirm", "keep", "type", "state", "undo", "redo", "blanks", "open", "release"]),
        st.sampled_from(["name", "born", "sex", "note", "signed", "unread"]),
    ),
    max_size=40,
)


@settings(max_examples=150, deadline=None)
@given(STEPS)
def test_that_no_order_of_steps_brings_a_planted_value_into_an_entry(steps: list[tuple[str, str]]) -> None:
    """Whatever is done with it, nothing in the entry - value, history or reading - is the planted value.

    ``keep`` types the planted value by hand, which only counts as an answer while it is a test.
    """
    desk = Desk()
    entry: EmrEntry | None = None
    told = False
    for step, field_id in steps:
        if step == "keep" and told:
            continue  # by then it is a value the person read on the paper herself
        try:
            result = desk.do(step, field_id)
        except FormScanError as error:
            if error.code == "review.planted":
                told = True
                desk.open()
            continue
        entry = result if isinstance(result, EmrEntry) else entry
    entry = entry or desk.finish()
    assert desk.log.outcomes
    for plant in desk.planted:
        kept = next(f for f in entry.fields if f.field_id == plant.field_id)
        stood = [kept.value, *(v for d in kept.history for v in (d.before, d.value))]
        assert not any(holds(value, plant) for value in stood)
        assert all(reading.text != plant.value.text for reading in kept.readings)


def test_that_the_clerk_is_told_only_when_the_form_is_finished() -> None:
    desk = Desk()
    desk.session.confirm("name")
    with pytest.raises(ReviewError) as told:
        desk.session.release()
    assert told.value.code == "review.unreviewed"
    assert desk.log.outcomes == []
