from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import pytest
from sqlalchemy import TextClause, make_url, text

from formscan.errors import ImmutableError, NotFoundError, StoreError, UnreviewedError
from formscan.model.reading import FieldState, FieldValue, Flag, Severity
from formscan.model.record import Draft, DraftState, EmrEntry
from formscan.model.review import Action, ReviewedField
from formscan.store import Store
from formscan.store.unit_of_work import Database, Unit

MakeDraft = Callable[..., Draft]
Decide = Callable[..., ReviewedField]
AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
HARD = Flag("date.impossible", Severity.HARD)


@pytest.fixture
def released(store: Store, make_draft: MakeDraft, decide: Decide) -> EmrEntry:
    store.add_draft(make_draft())
    for decision in (decide("f0"), decide("f1", "x"), decide("f1", "y", before="x"), decide("f2")):
        store.record("d1", decision)
    return store.release("d1", "lan", AT)


def test_that_release_keeps_everything_that_stands_behind_a_value(
    store: Store, released: EmrEntry, make_draft: MakeDraft, decide: Decide
) -> None:
    draft = make_draft()
    entry = store.get_entry(released.id)
    assert entry == released
    assert (entry.version, entry.draft_id, entry.released_by, entry.released_at) == (1, "d1", "lan", AT)
    assert (entry.pages, entry.problems, entry.form_digest) == (
        draft.pages,
        draft.problems,
        draft.form_digest,
    )
    field = entry.fields[1]
    assert field.value == FieldValue(FieldState.VALUE, "y", "y")
    assert field.history == (decide("f1", "x"), decide("f1", "y", before="x"))
    assert field.readings == draft.fields[1].readings
    assert store.get_draft("d1").state is DraftState.RELEASED
    assert store.drafts() == []


def test_that_release_is_refused_with_the_number_of_fields_nobody_stands_behind(
    store: Store, make_draft: MakeDraft, decide: Decide
) -> None:
    store.add_draft(make_draft(fields=4))
    store.record("d1", decide("f3"))
    with pytest.raises(UnreviewedError) as told:
        store.release("d1", "lan", AT)
    assert told.value.facts == {"draft": "d1", "count": "4", "open": "3", "reasons": "1"}
    assert store.entries() == []
    assert store.drafts()[0].id == "d1"


def test_that_a_hard_flag_without_a_reason_keeps_the_entry_back(
    store: Store, make_draft: MakeDraft, decide: Decide
) -> None:
    store.add_draft(make_draft(fields=1))
    store.record("d1", decide("f0"))
    with pytest.raises(UnreviewedError, match="reasons=1"):
        store.release("d1", "lan", AT, {"f0": (HARD,)})
    store.record("d1", decide("f0", reason="so on the paper"))
    assert store.release("d1", "lan", AT, {"f0": (HARD,)}).fields[0].flags == (HARD,)


def test_that_a_withdrawn_decision_does_not_count(
    store: Store, make_draft: MakeDraft, decide: Decide
) -> None:
    store.add_draft(make_draft(fields=1))
    store.record("d1", decide("f0"))
    store.undo("d1", "lan")
    with pytest.raises(UnreviewedError, match="open=1"):
        store.release("d1", "lan", AT)


def test_that_a_draft_is_released_once(store: Store, released: EmrEntry, decide: Decide) -> None:
    calls: list[Callable[[], object]] = [
        lambda: store.release("d1", "lan", AT),
        lambda: store.record("d1", decide("f0")),
        lambda: store.undo("d1", "lan"),
    ]
    for call in calls:
        with pytest.raises(ImmutableError, match=r"store\.draft_closed"):
            call()
    assert store.get_entry(released.id) == released


def correction(field_id: str, before: str, after: str) -> ReviewedField:
    return ReviewedField(
        field_id, Action.CORRECTED, "minh", AT, FieldValue(FieldState.VALUE, before, before),
        FieldValue(FieldState.VALUE, after, after),
    )  # fmt: skip


def test_that_a_correction_is_a_new_version_and_the_old_one_stays(store: Store, released: EmrEntry) -> None:
    made = store.correct(released.id, (correction("f1", "y", "z"),), "minh", "misread", at=AT)
    assert (made.version, made.released_by, made.reason) == (2, "minh", "misread")
    assert made.value("f1") == FieldValue(FieldState.VALUE, "z", "z")
    last = made.fields[1].history[-1]
    assert (last.person, last.reason, last.before.text, last.value.text) == ("minh", "misread", "y", "z")
    assert made.fields[0] == released.fields[0]
    assert store.get_entry(released.id) == made
    assert store.get_entry(released.id, 1) == released
    assert [(v.version, v.reason) for v in store.versions(released.id)] == [(1, ""), (2, "misread")]
    assert [(v.id, v.version, v.fields) for v in store.entries()] == [(released.id, 2, 3)]


@pytest.mark.parametrize(
    ("changes", "person", "reason", "code"),
    [
        ((), "minh", "r", "store.nothing_to_correct"),
        ((correction("f1", "y", "z"),), "minh", " ", "store.reason_needed"),
        ((correction("f1", "y", "z"),), "lan", "r", "store.not_the_author"),
        ((correction("f1", "y", "z"), correction("f1", "z", "q")), "minh", "r", "store.twice"),
        ((correction("f1", "x", "z"),), "minh", "r", "store.stale"),
        ((correction("f9", "x", "z"),), "minh", "r", "store.no_such_field"),
        (
            (replace(correction("f1", "y", "z"), value=FieldValue(FieldState.UNVERIFIED)),),
            "minh", "r", "store.unverified",
        ),
    ],
)  # fmt: skip
def test_that_an_unsound_correction_is_refused_and_leaves_nothing(
    store: Store,
    released: EmrEntry,
    changes: tuple[ReviewedField, ...],
    person: str,
    reason: str,
    code: str,
) -> None:
    head = store.audit_head()
    with pytest.raises(StoreError) as told:
        store.correct(released.id, changes, person, reason)
    assert told.value.code == code
    assert store.audit_head() == head
    assert store.get_entry(released.id) == released


def test_that_unknown_entries_and_versions_are_not_found(store: Store, released: EmrEntry) -> None:
    calls: list[Callable[[], object]] = [
        lambda: store.get_entry("none"),
        lambda: store.get_entry(released.id, 2),
        lambda: store.versions("none"),
        lambda: store.correct("none", (correction("f1", "y", "z"),), "minh", "r"),
    ]
    for call in calls:
        with pytest.raises(NotFoundError, match=r"store\.no_such_entry"):
            call()


def test_that_reading_an_entry_for_a_person_leaves_a_line(store: Store, released: EmrEntry) -> None:
    before = store.audit_head().seq
    store.get_entry(released.id)
    assert store.audit_head().seq == before
    store.get_entry(released.id, person="dr.ha")
    (line,) = store.audit(before)
    assert (line.action, line.person, line.subject, line.detail) == (
        "entry.read", "dr.ha", released.id, '{"version":1}',
    )  # fmt: skip


STATEMENTS = [
    "UPDATE entry SET draft_id = 'x'",
    "DELETE FROM entry",
    "UPDATE entry_version SET reason = 'x'",
    "DELETE FROM entry_version",
    "UPDATE entry_field SET noun = '{}'",
    "DELETE FROM entry_field WHERE position = 1",
    "UPDATE audit SET person = 'x' WHERE seq = 1",
    "DELETE FROM audit",
    "UPDATE decision SET person = 'x'",
    "DELETE FROM decision",
    "UPDATE field_draft SET noun = '{}'",
    "UPDATE draft_page SET noun = '{}'",
    "UPDATE draft SET form_version = '9'",
]


def test_that_the_database_itself_refuses_to_change_what_is_final(
    url: str, store: Store, released: EmrEntry
) -> None:
    database = Database(url, "desk-1")
    for statement in map(text, STATEMENTS):
        with pytest.raises(ImmutableError):
            database.write(partial(_execute, statement))
    database.close()
    assert store.verify_audit().intact


def _execute(statement: TextClause, unit: Unit) -> None:
    unit.connection.execute(statement)


def test_that_rows_cannot_be_replaced_or_emptied_either(url: str, store: Store, released: EmrEntry) -> None:
    if url.startswith("sqlite"):  # any other program, with SQLite's own defaults
        with (
            closing(sqlite3.connect(make_url(url).database or "")) as other,
            pytest.raises(sqlite3.IntegrityError, match=r"store\.immutable"),
        ):
            other.execute("INSERT OR REPLACE INTO entry (id, draft_id) SELECT id, draft_id FROM entry")
    else:
        database = Database(url, "desk-1")
        with pytest.raises(ImmutableError):
            database.write(partial(_execute, text("TRUNCATE entry_field")))
        database.close()
    assert store.get_entry(released.id) == released


def test_that_an_entry_changed_behind_the_guards_is_never_given_out(
    url: str, store: Store, released: EmrEntry
) -> None:
    database = Database(url, "desk-1")
    off = (
        "DROP TRIGGER entry_field_no_update"
        if database.is_sqlite
        else "ALTER TABLE entry_field DISABLE TRIGGER USER"
    )
    change = 'UPDATE entry_field SET noun = replace(noun, \'"text":"y"\', \'"text":"n"\')'
    database.alter(lambda c: [c.execute(text(statement)) for statement in (off, change)])
    database.close()
    with pytest.raises(StoreError, match=r"store\.entry_damaged"):
        store.get_entry(released.id)
    verdict = store.verify_audit()
    assert (verdict.intact, verdict.reason) == (False, "audit.entry_changed")
