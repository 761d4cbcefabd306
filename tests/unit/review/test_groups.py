"""Look-alikes: what may be decided among many, and that each gets a decision of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formscan.errors import ReviewError, StoreError
from formscan.model.geometry import Area, Box
from formscan.model.page import Source
from formscan.model.people import Person, Role
from formscan.model.reading import CheckedField, FieldState, FieldValue, Flag, Severity
from formscan.model.record import Draft, DraftPage
from formscan.model.review import Action, Method, ReviewedField
from formscan.model.template import Cell, FieldKind, FieldSpec, FormTemplate, PageTemplate, ValueType
from formscan.review.groups import GroupSession, Likeness, Tile, grouped, may_be_grouped, tiles_of, without
from formscan.review.journal import Check
from formscan.review.memory import MemoryJournal
from formscan.review.session import ReviewSession

PEN = Person("lan", "Lan", frozenset({Role.REVIEWING_CLERK}))
OTHER = Person("hoa", "Hoa", frozenset({Role.REVIEWING_CLERK}))
AT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
BLANK = FieldValue(FieldState.BLANK)
SOFT = Flag("read.low_confidence", Severity.SOFT)
HARD = Flag("date.impossible", Severity.HARD)
INFO = Flag("told", Severity.INFO)


def _spec(
    field_id: str, kind: FieldKind, type_: ValueType, cells: int = 1, *, critical: bool = False
) -> FieldSpec:
    places = tuple(Cell(Area(10 + 9 * n, 10, 18 + 9 * n, 20)) for n in range(cells))
    return FieldSpec(field_id, 1, kind, type_, field_id, field_id, places, critical=critical)


FORM = FormTemplate(
    "F", "1", "F/1", "", "", "", "", (PageTemplate(1, 595, 842),), (),
    (
        _spec("tick", FieldKind.MARK, ValueType.BOOLEAN),
        _spec("people", FieldKind.COMB, ValueType.CATALOGUE, 2),
        _spec("age", FieldKind.COMB, ValueType.INTEGER, 2),
        _spec("ward", FieldKind.TEXT, ValueType.TEXT),
        _spec("story", FieldKind.TEXT, ValueType.TEXT, 3),
        _spec("name", FieldKind.TEXT, ValueType.PERSON_NAME, critical=True),
        _spec("allergy", FieldKind.MARK, ValueType.BOOLEAN, critical=True),
    ),
)  # fmt: skip


def _said(text: str) -> FieldValue:
    return FieldValue(FieldState.VALUE, text, text)


def _field(
    field_id: str, value: FieldValue, sure: float = 0.9, *flags: Flag, off: float = 0.1
) -> CheckedField:
    box = Box(0, 0, 10, 10)
    return CheckedField(field_id, 1, value, sure, (), flags, "0" * 64, box, (box,), off)


def _draft(number: int, **values: FieldValue) -> Draft:
    page = DraftPage(1, Source("a.png", "0" * 64), "1" * 64, "image/png", 9, 9, 300, 0, 0, 1, 0, 0)
    standing = {spec.id: BLANK for spec in FORM.fields} | {
        "name": _said("AN"), "people": _said("01"), "age": _said(str(20 + number)), "tick": _said("true"),
    } | values  # fmt: skip
    fields = tuple(_field(field_id, value, 0.9 - number / 100) for field_id, value in standing.items())
    return Draft(f"d{number}", "F", "1", "", (page,), fields, (), AT)


def _check(_form: tuple[str, str]) -> Check:
    def check(_spec: FieldSpec, text: str) -> tuple[FieldValue, tuple[Flag, ...]]:
        if not text.strip():
            return BLANK, ()
        return _said(text.strip()), (HARD,) if "!" in text else ()

    return check


@pytest.fixture
def drafts() -> list[Draft]:
    return [_draft(number) for number in range(6)]


@pytest.fixture
def journal(drafts: list[Draft]) -> MemoryJournal:
    return MemoryJournal(drafts)


Make = Callable[[], list[Tile]]


@pytest.fixture
def tiles(drafts: list[Draft], journal: MemoryJournal) -> Make:
    return lambda: [tile for d in drafts for tile in tiles_of(d, FORM, journal.decisions(d.id))]


@pytest.fixture
def session(journal: MemoryJournal) -> GroupSession:
    return GroupSession(journal, PEN, _check, lambda: AT)


def test_that_look_alikes_come_together_with_the_most_doubtful_first(tiles: Make) -> None:
    groups = {(group.likeness, group.text): group for group in grouped(tiles())}
    assert {(kind.value, text) for kind, text in groups} == {
        ("blank", ""), ("mark", "true"), ("comb", "01"), ("field", ""),
    }  # fmt: skip
    sure = [tile.field.confidence for tile in groups[Likeness.MARK, "true"].tiles]
    assert sure == sorted(sure)
    assert [tile.spec.id for tile in groups[Likeness.FIELD, ""].tiles] == ["age"] * 6


def test_that_few_of_a_kind_are_no_group_and_words_only_come_where_they_repeat(drafts: list[Draft]) -> None:
    wards = [_draft(n, ward=_said("Cái Khế" if n < 4 else f"Xã {n}")) for n in range(6)]
    found = grouped(tile for d in wards for tile in tiles_of(d, FORM, ()))
    texts = [group for group in found if group.likeness is Likeness.TEXT]
    assert [(group.text, len(group.tiles)) for group in texts] == [("Cái Khế", 4)]
    assert grouped(tiles_of(drafts[0], FORM, ()), least=7) == ()


def test_that_a_narrative_is_never_in_a_group() -> None:
    same = [_draft(n, story=_said("Ho ba ngày")) for n in range(6)]
    assert all(
        tile.spec.id != "story"
        for group in grouped(tile for d in same for tile in tiles_of(d, FORM, ()))
        for tile in group.tiles
    )


def test_that_critical_doubtful_unread_and_unproven_fields_are_left_out() -> None:
    age, name = FORM.field("age"), FORM.field("name")
    assert may_be_grouped(age, _field("age", _said("5")))
    assert may_be_grouped(age, _field("age", _said("5"), 0.9, INFO))
    assert not may_be_grouped(name, _field("name", _said("AN")))
    assert not may_be_grouped(name, _field("name", BLANK))
    for bad in (
        _field("age", _said("5"), 0.9, SOFT),
        _field("age", _said("5"), 0.9, HARD),
        _field("age", _said("5"), off=1.5),
        _field("age", _said("5"), off=float("inf")),
        _field("age", FieldValue(FieldState.UNVERIFIED)),
        _field("age", FieldValue(FieldState.STRUCK_OUT)),
    ):
        assert not may_be_grouped(age, bad)


def test_that_one_step_confirms_a_screen_with_a_decision_for_each(
    tiles: Make, session: GroupSession, journal: MemoryJournal
) -> None:
    marks = next(group for group in grouped(tiles()) if group.likeness is Likeness.MARK)
    assert session.confirm(marks.tiles) == ()
    for tile in marks.tiles:
        (made,) = journal.decisions(tile.draft_id)
        assert (made.field_id, made.action, made.person) == ("tick", Action.CONFIRMED, "lan")
        assert (made.method, made.value, made.before) == (Method.GROUP, tile.value, tile.value)
    assert all(group.likeness is not Likeness.MARK for group in grouped(tiles()))


@given(st.lists(st.sampled_from([spec.id for spec in FORM.fields]), min_size=1, max_size=12))
def test_that_a_screen_with_a_critical_field_is_refused_as_a_whole(fields: list[str]) -> None:
    made = [_draft(number) for number in range(len(fields))]
    journal = MemoryJournal(made)
    session = GroupSession(journal, PEN, _check, lambda: AT)
    screen = [
        Tile(
            d.id,
            FORM.key,
            FORM.field(field_id),
            next(f for f in d.fields if f.field_id == field_id),
            d.pages[0],
        )
        for d, field_id in zip(made, fields, strict=True)
    ]
    if any(tile.spec.critical for tile in screen):
        with pytest.raises(ReviewError, match="not_in_groups"):
            session.confirm(screen)
        assert all(journal.decisions(d.id) == [] for d in made)
    else:
        assert session.confirm(screen) == ()
    for tile in screen:
        if tile.spec.critical:
            with pytest.raises(ReviewError, match="not_in_groups"):
                session.correct(tile, "x")
            with pytest.raises(ReviewError, match="not_in_groups"):
                session.state(tile, FieldState.BLANK)


def test_that_the_odd_one_is_corrected_or_given_a_state(
    tiles: Make, session: GroupSession, journal: MemoryJournal
) -> None:
    one, other, third = (tile for tile in tiles() if tile.spec.id == "people" and tile.draft_id < "d3")
    assert session.correct(one, "02") == ()
    assert session.state(other, FieldState.ILLEGIBLE) == ()
    assert session.correct(third, "01") == ()
    made = [journal.decisions(tile.draft_id)[0] for tile in (one, other, third)]
    assert [d.action for d in made] == [Action.CORRECTED, Action.STATED, Action.CONFIRMED]
    assert [d.method for d in made] == [Method.GROUP] * 3
    with pytest.raises(ReviewError, match="reason_needed"):
        session.correct(one, "31!")
    with pytest.raises(ReviewError, match="empty_text"):
        session.correct(one, " ")
    with pytest.raises(ReviewError, match="not_a_state"):
        session.state(one, FieldState.VALUE)


def test_that_what_somebody_decided_meanwhile_is_left_and_told(
    tiles: Make, session: GroupSession, journal: MemoryJournal
) -> None:
    screen = [tile for tile in tiles() if tile.spec.id == "tick"]
    mine = ReviewedField("tick", Action.STATED, "hoa", AT, screen[0].value, BLANK)
    journal.record(screen[0].draft_id, mine)
    refused = session.confirm(screen)
    assert [(r.tile, r.error.code) for r in refused] == [(screen[0], "review.decided_meanwhile")]
    assert journal.decisions(screen[0].draft_id) == [mine]
    assert all(len(journal.decisions(tile.draft_id)) == 1 for tile in screen[1:])


def test_that_a_screen_is_undone_at_once_but_for_documents_that_went_on(
    tiles: Make, session: GroupSession, journal: MemoryJournal, drafts: list[Draft]
) -> None:
    screen = [tile for tile in tiles() if tile.spec.id == "tick"]
    session.confirm(screen)
    assert session.can_undo
    own = ReviewSession(drafts[2], FORM, journal, PEN, _check(("F", "1")), lambda: AT)
    own.confirm("name")
    opened = session.undo()
    assert [tile.draft_id for tile in opened] == ["d0", "d1", "d3", "d4", "d5"]
    assert [d.field_id for d in journal.decisions("d2")] == ["tick", "name"]
    assert session.undo() == ()
    assert not session.can_undo


def test_that_a_refusal_of_the_store_leaves_the_others_decided(
    tiles: Make, journal: MemoryJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = journal.record

    def record(draft_id: str, decision: ReviewedField) -> None:
        if draft_id == "d1":
            raise StoreError("store.disk_full")
        kept(draft_id, decision)

    monkeypatch.setattr(journal, "record", record)
    screen = [tile for tile in tiles() if tile.spec.id == "tick"]
    refused = GroupSession(journal, PEN, _check, lambda: AT).confirm(screen)
    assert [r.tile.draft_id for r in refused] == ["d1"]
    assert sum(len(journal.decisions(tile.draft_id)) for tile in screen) == 5


def test_that_a_group_loses_what_was_decided(tiles: Make) -> None:
    group = grouped(tiles())[0]
    assert len(without(group, [group.tiles[0].key]).tiles) == len(group.tiles) - 1


def test_that_a_closed_document_has_no_tiles(drafts: list[Draft]) -> None:
    closed = replace(drafts[0], state=type(drafts[0].state)("released"))
    assert tiles_of(closed, FORM, ()) == ()
