"""A session against the simplest model there is: a list of steps and a list of undone steps."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from formscan.errors import ReviewError, UnreviewedError
from formscan.model.geometry import Area, Box
from formscan.model.page import Source
from formscan.model.people import Person
from formscan.model.reading import CheckedField, FieldState, FieldValue, Flag, Severity
from formscan.model.record import Draft, DraftPage
from formscan.model.template import Cell, FieldKind, FieldSpec, FormTemplate, PageTemplate, ValueType
from formscan.review.memory import MemoryJournal
from formscan.review.session import ReviewSession

NAMES = ["a", "b", "c", "d", "e"]
CELLS = (Cell(Area(0, 0, 9, 9)),)
SPECS = tuple(FieldSpec(n, 1, FieldKind.TEXT, ValueType.TEXT, n, n, CELLS) for n in NAMES)
FORM = FormTemplate("F", "1", "F", "", "", "", "", (PageTemplate(1, 595, 842),), (), SPECS)
PAGE = DraftPage(1, Source("a", "0" * 64), "1" * 64, "image/png", 9, 9, 300, 0, 0, 1, 0, 0)
WRONG = Flag("text.wrong", Severity.HARD)
PROPOSED = {
    "a": FieldValue(FieldState.VALUE, "1", "1"),
    "b": FieldValue(FieldState.BLANK),
    "c": FieldValue(FieldState.UNVERIFIED),
    "d": FieldValue(FieldState.BLANK),
    "e": FieldValue(FieldState.VALUE, "2", "2"),
}
STATES = [FieldState.BLANK, FieldState.ILLEGIBLE, FieldState.STRUCK_OUT]
Said = tuple[str, FieldValue, str]


def check(_spec: FieldSpec, text: str) -> tuple[FieldValue, tuple[Flag, ...]]:
    return FieldValue(FieldState.VALUE, text, text), (WRONG,) if text == "bad" else ()


def twins(values: Mapping[str, FieldValue]) -> dict[str, tuple[Flag, ...]]:
    return {"e": (WRONG,)} if values["a"].text == values["e"].text == "same" else {}


def draft() -> Draft:
    box = Box(0, 0, 9, 9)
    fields = tuple(
        CheckedField(n, 1, PROPOSED[n], 0.5, (), (), "0" * 64, box, (box,), 0.1 if n != "d" else 2.0)
        for n in NAMES
    )
    return Draft("d1", "F", "1", "", (PAGE,), fields, (), datetime(2026, 1, 1, tzinfo=UTC))


class ReviewModel(RuleBasedStateMachine):
    """Every rule does the same to the session and to the model; the invariants compare them."""

    def __init__(self) -> None:
        super().__init__()
        self.journal = MemoryJournal([draft()])
        self.at = datetime(2026, 1, 1, tzinfo=UTC)
        self.steps: list[list[Said]] = []
        self.undone: list[list[Said]] = []

    def clock(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at

    @initialize()
    def sit_down(self) -> None:
        person = Person("lan", "Lan", frozenset())
        self.session = ReviewSession(
            draft(), FORM, self.journal, person, check, self.clock, cross_check=twins
        )

    @rule()
    def be_killed_and_come_back(self) -> None:
        self.sit_down()
        self.undone = []

    def do(self, step: list[Said]) -> None:
        self.steps.append(step)
        self.undone = []

    @rule(field=st.sampled_from(NAMES), reason=st.sampled_from(["", "why"]))
    def confirm(self, field: str, reason: str) -> None:
        if PROPOSED[field].state is FieldState.UNVERIFIED:
            self.refused(lambda: self.session.confirm(field, reason))
        else:
            self.session.confirm(field, reason)
            self.do([(field, PROPOSED[field], reason)])

    @rule(
        field=st.sampled_from(NAMES),
        text=st.sampled_from(["1", "same", "bad", ""]),
        reason=st.sampled_from(["", "why"]),
    )
    def correct(self, field: str, text: str, reason: str) -> None:
        if not text or (text == "bad" and not reason):
            self.refused(lambda: self.session.correct(field, text, reason))
        else:
            self.session.correct(field, text, reason)
            self.do([(field, FieldValue(FieldState.VALUE, text, text), reason)])

    @rule(field=st.sampled_from(NAMES), state=st.sampled_from(STATES))
    def state(self, field: str, state: FieldState) -> None:
        self.session.state(field, state)
        self.do([(field, FieldValue(state), "")])

    @rule()
    def confirm_blanks(self) -> None:
        decided = self.standing()
        wanted = [n for n in NAMES if n == "b" and n not in decided]
        assert list(self.session.confirm_blanks()) == wanted
        if wanted:
            self.do([(n, PROPOSED[n], "") for n in wanted])

    @rule()
    def undo(self) -> None:
        shown = self.session.undo()
        if not self.steps:
            assert shown is None
            return
        self.undone.append(self.steps.pop())
        assert shown == self.undone[-1][0][0] == self.session.current

    @rule()
    def redo(self) -> None:
        shown = self.session.redo()
        if not self.undone:
            assert shown is None
            return
        self.steps.append(self.undone.pop())
        assert shown == self.steps[-1][0][0] == self.session.current

    @rule()
    def try_to_release(self) -> None:
        if self.blocked():
            self.refused(self.session.release)

    def refused(self, call: object) -> None:
        before = self.journal.decisions("d1")
        try:
            call()  # type: ignore[operator]
        except (ReviewError, UnreviewedError):
            assert self.journal.decisions("d1") == before
            return
        raise AssertionError

    def standing(self) -> dict[str, tuple[FieldValue, str]]:
        return {field: (value, reason) for step in self.steps for field, value, reason in step}

    def blocked(self) -> list[str]:
        stands = self.standing()
        same = all(n in stands and stands[n][0].text == "same" for n in ("a", "e"))
        hard = {n for n, (value, _) in stands.items() if value.text == "bad"} | ({"e"} if same else set())
        return [n for n in NAMES if n not in stands or (n in hard and not stands[n][1])]

    @invariant()
    def the_session_says_what_the_model_says(self) -> None:
        stands = self.standing()
        for name in NAMES:
            decision = self.session.decision(name)
            told = None if decision is None else (decision.value, decision.reason)
            assert told == stands.get(name)
            assert self.session.value(name) == stands.get(name, (PROPOSED[name], ""))[0]
        assert list(self.session.open_fields()) == [n for n in NAMES if n not in stands]
        assert list(self.session.blockers()) == self.blocked()
        assert self.session.can_undo == bool(self.steps)
        assert self.session.can_redo == bool(self.undone)

    @invariant()
    def the_journal_has_it_all(self) -> None:
        said = [(d.field_id, d.value, d.reason) for d in self.journal.decisions("d1")]
        assert said == [one for step in self.steps for one in step]


ReviewModel.TestCase.settings = settings(
    max_examples=100, stateful_step_count=30, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestReviewModel = ReviewModel.TestCase
