from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from formscan.errors import ReviewError, StoreError, UnreviewedError
from formscan.model.geometry import Area, Box
from formscan.model.page import Source
from formscan.model.people import Person, Role
from formscan.model.reading import CheckedField, FieldState, FieldValue, Flag, Severity
from formscan.model.record import Draft, DraftPage, DraftState
from formscan.model.review import Action, ReviewedField
from formscan.model.template import Cell, FieldKind, FieldSpec, FormTemplate, PageTemplate, ValueType
from formscan.review.memory import MemoryJournal
from formscan.review.session import ReviewSession

PEN = Person("lan", "Nguyễn Thị Lan", frozenset({Role.REVIEWING_CLERK}))
START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
DOUBT = Flag("read.low_confidence", Severity.SOFT)
IMPOSSIBLE = Flag("date.impossible", Severity.HARD)
MISSING = Flag("field.required_blank", Severity.SOFT)
ORDER = Flag("date.order", Severity.HARD, (("other", "left"),))


def spec(field_id: str, page: int = 1) -> FieldSpec:
    cell = Cell(Area(10, 10, 50, 20))
    return FieldSpec(field_id, page, FieldKind.TEXT, ValueType.TEXT, field_id, field_id, (cell,))


FORM = FormTemplate(
    "F", "1", "F/1", "", "", "", "", tuple(PageTemplate(n, 595, 842) for n in (1, 2, 3)), (),
    (spec("late", 2), spec("came"), spec("left"), spec("note"), spec("gone", 3)),
)  # fmt: skip


def proposal(
    field_id: str, value: FieldValue, *flags: Flag, page: int = 1, residual: float = 0.1
) -> CheckedField:
    box = Box(0, 0, 10, 10)
    return CheckedField(field_id, page, value, 0.9, (), flags, "0" * 64, box, (box,), residual)


def written(text: str) -> FieldValue:
    return FieldValue(FieldState.VALUE, text, text)


def page(number: int) -> DraftPage:
    return DraftPage(number, Source("a.png", "0" * 64), "1" * 64, "image/png", 9, 9, 300, 0, 0, 1, 0, 0)


def draft(*fields: CheckedField) -> Draft:
    default = (
        proposal("came", written("2"), DOUBT),
        proposal("left", written("5")),
        proposal("note", FieldValue(FieldState.BLANK)),
        proposal("late", FieldValue(FieldState.UNVERIFIED), page=2),
    )
    return Draft("d1", "F", "1", "", (page(1), page(2)), fields or default, (), START)


def check(of: FieldSpec, text: str) -> tuple[FieldValue, tuple[Flag, ...]]:
    if not text.strip():
        return FieldValue(FieldState.BLANK), (MISSING,) if of.required else ()
    return written(text.strip()), (IMPOSSIBLE,) if "!" in text else ()


def order(values: Mapping[str, FieldValue]) -> dict[str, tuple[Flag, ...]]:
    came, left = values["came"].normalised, values["left"].normalised
    return {"came": (ORDER,), "left": (ORDER,)} if came and left and left < came else {}


class Clock:
    def __init__(self) -> None:
        self.at = START

    def __call__(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at


def session(
    of: Draft | None = None, journal: MemoryJournal | None = None, person: Person = PEN
) -> ReviewSession:
    of = of or draft()
    return ReviewSession(of, FORM, journal or MemoryJournal([of]), person, check, Clock(), cross_check=order)


def test_that_fields_come_in_reading_order_and_only_of_pages_present() -> None:
    assert [field.id for field in session().fields] == ["came", "left", "note", "late"]


def test_that_a_draft_of_another_form_is_refused() -> None:
    with pytest.raises(ReviewError, match=r"review\.wrong_form"):
        session(replace(draft(), form_version="2"))
    with pytest.raises(ReviewError, match=r"review\.wrong_form"):
        session(draft(proposal("came", written("2"))))


def test_that_a_decision_is_in_the_journal_before_the_call_returns() -> None:
    journal = MemoryJournal([draft()])
    session(journal=journal).confirm("came")
    (kept,) = journal.decisions("d1")
    assert (kept.field_id, kept.action, kept.person, kept.before) == (
        "came", Action.CONFIRMED, "lan", written("2"),
    )  # fmt: skip
    assert kept.at == START + timedelta(seconds=1)


def test_that_a_second_session_goes_on_where_the_first_stopped() -> None:
    journal = MemoryJournal([draft()])
    first = session(journal=journal)
    first.confirm("came")
    first.correct("left", "7")
    second = session(journal=journal)
    assert second.open_fields() == ("note", "late")
    assert second.current == "note"
    assert second.value("left") == written("7")
    assert second.undo() == "left"
    assert second.value("left") == written("5")


def test_that_nothing_happens_where_the_journal_refuses() -> None:
    class Full(MemoryJournal):
        def record(self, draft_id: str, decision: ReviewedField) -> None:
            raise StoreError("store.disk_full")

    opened = session(journal=Full([draft()]))
    with pytest.raises(StoreError):
        opened.confirm("came")
    assert opened.decision("came") is None
    assert not opened.can_undo


def test_that_an_unverified_proposal_cannot_be_confirmed_only_corrected_or_stated() -> None:
    opened = session()
    with pytest.raises(ReviewError, match=r"review\.nothing_to_confirm"):
        opened.confirm("late")
    opened.correct("late", "9")
    opened.state("late", FieldState.ILLEGIBLE)
    assert opened.value("late") == FieldValue(FieldState.ILLEGIBLE)
    assert [d.action for d in opened.history("late")] == [Action.CORRECTED, Action.STATED]


def test_that_confirming_a_blank_gives_the_state_blank() -> None:
    opened = session()
    opened.confirm("note")
    kept = opened.decision("note")
    assert kept is not None
    assert kept.value == FieldValue(FieldState.BLANK)


@pytest.mark.parametrize("text", ["", "  ", "\n"])
def test_that_an_empty_correction_is_refused(text: str) -> None:
    with pytest.raises(ReviewError, match=r"review\.empty_text"):
        session().correct("came", text)


@pytest.mark.parametrize("state", [FieldState.VALUE, FieldState.UNVERIFIED])
def test_that_value_and_unverified_are_no_states_to_give(state: FieldState) -> None:
    with pytest.raises(ReviewError, match=r"review\.not_a_state"):
        session().state("came", state)


def test_that_typing_the_very_same_value_counts_as_confirmed() -> None:
    opened = session()
    opened.correct("left", "5")
    opened.correct("came", "3")
    actions = [d.action for f in ("left", "came") if (d := opened.decision(f))]
    assert actions == [Action.CONFIRMED, Action.CORRECTED]


def test_that_an_unknown_field_is_refused_everywhere() -> None:
    opened = session()
    for call in (opened.go_to, opened.confirm, opened.flags, opened.proposal, opened.decision):
        with pytest.raises(ReviewError, match=r"review\.no_such_field"):
            call("gone")


def test_that_walking_wraps_to_open_fields_and_stops_at_the_rims() -> None:
    opened = session()
    assert opened.current == "came"
    assert opened.previous() == "came"
    assert opened.next_open() == "left"
    opened.confirm("note")
    assert opened.next_open() == "late"
    assert opened.next() == "late"
    assert opened.next_open() == "came"
    opened.go_to("note")
    assert opened.previous() == "left"
    for field in ("came", "left"):
        opened.confirm(field)
    opened.correct("late", "1")
    assert opened.next_open() is None
    assert opened.current == "left"


def test_that_doubts_end_with_a_decision_but_rules_are_asked_again() -> None:
    opened = session()
    assert opened.flags("came") == (DOUBT,)
    opened.confirm("came")
    assert opened.flags("came") == ()
    opened.correct("came", "2!", "so written on paper")
    assert opened.flags("came") == (IMPOSSIBLE,)


def test_that_the_rules_are_asked_about_a_blank_too() -> None:
    fields = tuple(replace(spec, required=spec.id == "left") for spec in FORM.fields)
    journal = MemoryJournal([draft()])
    opened = ReviewSession(draft(), replace(FORM, fields=fields), journal, PEN, check, Clock())
    opened.state("left", FieldState.BLANK)
    opened.state("came", FieldState.BLANK)
    assert opened.flags("left") == (MISSING,)
    assert opened.flags("came") == ()
    opened.state("left", FieldState.ILLEGIBLE)
    assert opened.flags("left") == ()


def test_that_a_hard_flag_needs_a_reason() -> None:
    opened = session()
    with pytest.raises(ReviewError, match=r"review\.reason_needed"):
        opened.correct("came", "3!")
    with pytest.raises(ReviewError, match=r"review\.reason_needed"):
        opened.correct("came", "3!", "   ")
    assert opened.decision("came") is None
    opened.correct("came", "3!", "stands so on the paper")
    assert "came" not in opened.blockers()


def test_that_rules_between_fields_follow_what_stands_now() -> None:
    opened = session()
    opened.correct("came", "8")
    opened.confirm("left")
    assert opened.flags("came") == opened.flags("left") == (ORDER,)
    assert opened.blockers() == ("came", "left", "note", "late")
    opened.give_reason("left", "asked the ward")
    assert opened.blockers() == ("came", "note", "late")
    opened.correct("came", "1")
    assert opened.flags("left") == ()
    assert opened.blockers() == ("note", "late")


def test_that_a_rule_between_fields_noted_on_a_proposal_goes_when_it_is_settled_elsewhere() -> None:
    fields = [proposal("came", written("9"), ORDER), proposal("left", written("5"), ORDER, DOUBT)]
    fields += [proposal("note", FieldValue(FieldState.BLANK)), proposal("late", written("1"), page=2)]
    opened = session(draft(*fields))
    assert set(opened.flags("left")) == {ORDER, DOUBT}
    opened.correct("came", "4")
    assert opened.flags("left") == (DOUBT,)


def test_that_blanks_are_confirmed_as_one_step_only_where_nothing_is_doubtful() -> None:
    blank = FieldValue(FieldState.BLANK)
    fields = [proposal("came", blank), proposal("left", blank, residual=1.4)]
    fields += [proposal("note", blank, DOUBT), proposal("late", blank, page=2)]
    opened = session(draft(*fields))
    assert opened.confirm_blanks() == ("came", "late")
    assert opened.open_fields() == ("left", "note")
    assert opened.undo() == "came"
    assert opened.open_fields() == ("came", "left", "note", "late")
    assert opened.redo() == "came"
    assert opened.open_fields() == ("left", "note")
    assert opened.confirm_blanks() == ()


def test_that_undo_takes_back_own_steps_only() -> None:
    journal = MemoryJournal([draft()])
    other = replace(PEN, id="minh")
    mine, theirs = session(journal=journal), session(journal=journal, person=other)
    mine.confirm("came")
    theirs.confirm("left")
    assert mine.undo() == "came"
    assert mine.undo() is None
    assert mine.open_fields() == ("came", "note", "late")


def test_that_a_new_decision_ends_redo_but_a_failed_one_does_not() -> None:
    opened = session()
    opened.confirm("came")
    opened.undo()
    with pytest.raises(ReviewError):
        opened.correct("came", "")
    assert opened.can_redo
    assert opened.redo() == "came"
    opened.undo()
    opened.confirm("left")
    assert opened.redo() is None
    assert opened.decision("came") is None


def test_that_release_names_how_many_fields_are_missing() -> None:
    opened = session()
    opened.confirm("came")
    with pytest.raises(UnreviewedError) as told:
        opened.release()
    assert told.value.facts == {"count": "3", "open": "3", "reasons": "0", "first": "left"}


def test_that_release_makes_the_entry_and_closes_the_draft() -> None:
    opened = session()
    opened.correct("came", "3!", "so written")
    opened.confirm("left")
    opened.confirm_blanks()
    opened.state("late", FieldState.ILLEGIBLE)
    entry = opened.release()
    assert entry.value("came") == written("3!")
    assert entry.value("note") == FieldValue(FieldState.BLANK)
    assert entry.fields[0].flags == (IMPOSSIBLE,)
    assert opened.closed
    for step in (opened.undo, opened.redo, opened.release, opened.confirm_blanks):
        with pytest.raises(ReviewError, match=r"review\.closed"):
            step()
    with pytest.raises(ReviewError, match=r"review\.closed"):
        opened.confirm("came")


def test_that_release_sees_what_another_person_withdrew_meanwhile() -> None:
    journal = MemoryJournal([draft()])
    theirs = session(journal=journal, person=replace(PEN, id="minh"))
    theirs.confirm("came")
    mine = session(journal=journal)
    mine.confirm("left")
    mine.confirm("note")
    mine.correct("late", "1")
    theirs.undo()
    with pytest.raises(UnreviewedError):
        mine.release()


def test_that_release_counts_what_another_person_decided_meanwhile() -> None:
    journal = MemoryJournal([draft()])
    mine = session(journal=journal)
    session(journal=journal, person=replace(PEN, id="minh")).correct("late", "1")
    mine.confirm("came")
    mine.confirm("left")
    mine.confirm("note")
    assert mine.release().value("late") == written("1")


def test_that_a_released_draft_opens_for_looking_only() -> None:
    opened = session(replace(draft(), state=DraftState.RELEASED))
    assert opened.closed
    assert opened.value("came") == written("2")
    with pytest.raises(ReviewError, match=r"review\.closed"):
        opened.confirm("came")
