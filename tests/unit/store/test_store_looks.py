"""The second pair of eyes at critical fields, and everybody who tries to go round it."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from dataclasses import fields as parts
from datetime import UTC, datetime
from pathlib import Path

import pytest

from formscan.errors import AccessError, ImmutableError, LeaseError, RefusedError, StoreError, UnreviewedError
from formscan.model.looking import KeyTask
from formscan.model.reading import FieldState, FieldValue
from formscan.model.record import Draft
from formscan.model.review import ReviewedField
from formscan.model.second_look import Assurance
from formscan.store import Store

_staff = runpy.run_path(str(Path(__file__).with_name("staff.py")))
hire, critical, value = _staff["hire"], _staff["critical"], _staff["value"]
MakeDraft = Callable[..., Draft]
Decide = Callable[..., ReviewedField]
AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
BLANK = FieldValue(FieldState.BLANK)


@pytest.fixture
def ward(store: Store, make_draft: MakeDraft, decide: Decide) -> Store:
    """Staff and a draft of two fields that Lan reviewed; f0 is critical and reads ``v0``."""
    hire(store)
    store.add_draft(critical(make_draft(fields=2), "f0"))
    store.record_step("d1", [decide("f0"), decide("f1")])
    return store


def _standing(store: Store) -> Assurance:
    return store.looks.standing("d1")["f0"]


def test_that_a_critical_field_keeps_the_entry_back_until_somebody_else_keyed_the_same(ward: Store) -> None:
    with pytest.raises(UnreviewedError, match=r"review\.second_look") as told:
        ward.release("d1", "lan", AT)
    assert (told.value.facts["keys"], told.value.facts["rulings"]) == ("1", "0")
    ward.looks.key("d1", "f0", "hoa", FieldValue(FieldState.VALUE, "v0", "n0"), None)
    assert _standing(ward) is Assurance.SECOND_KEY
    entry = ward.release("d1", "lan", AT)
    assert [field.assurance for field in entry.fields] == [Assurance.SECOND_KEY, Assurance.NOT_ASKED]
    assert [look.person for look in entry.fields[0].looks] == ["hoa"]
    assert ward.get_entry(entry.id, person="sup") == entry
    assert ward.verify_audit().intact


def test_that_what_is_put_before_the_second_person_holds_no_value(ward: Store) -> None:
    found = ward.looks.next_key("hoa", "desk-1/a")
    assert found is not None
    task, lease = found
    assert {part.name for part in parts(KeyTask)} == {
        "draft_id", "form_id", "form_version", "field_id", "page", "page_box", "cell_boxes",
    }  # fmt: skip
    assert (task.draft_id, task.field_id, lease.subject) == ("d1", "f0", "d1/f0")
    assert "v0" not in repr(task)


@pytest.mark.parametrize("person", ["lan", "scan", "doctor", "arch", "admin", "who", ""])
def test_that_her_own_first_key_and_other_roles_give_no_second_one(ward: Store, person: str) -> None:
    with pytest.raises(RefusedError):
        ward.looks.key("d1", "f0", person, value("v0"), None)
    assert _standing(ward) is Assurance.NEEDS_KEY


def test_that_whoever_saw_the_draft_is_not_blind_any_more(ward: Store) -> None:
    assert ward.looks.waiting("hoa").keys == 1
    ward.leases.take_draft("d1", "hoa", "desk-1/a")
    ward.leases.give_back("desk-1/a")
    assert ward.looks.waiting("hoa").keys == 0
    assert ward.looks.next_key("hoa", "desk-1/a") is None
    with pytest.raises(RefusedError, match=r"access\.own_work"):
        ward.looks.key("d1", "f0", "hoa", value("v0"), None)


def test_that_a_withdrawn_decision_still_counts_as_having_seen(ward: Store, decide: Decide) -> None:
    ward.record("d1", decide("f1", "x", person="hoa", before="v1"))
    ward.undo_step("d1", "hoa")
    with pytest.raises(RefusedError, match=r"access\.own_work"):
        ward.looks.key("d1", "f0", "hoa", value("v0"), None)


def test_that_the_second_person_cannot_take_over_the_first_place_to_agree_with_herself(
    ward: Store, decide: Decide
) -> None:
    ward.looks.key("d1", "f0", "hoa", value("other"), None)
    assert _standing(ward) is Assurance.NEEDS_RULING
    ward.record("d1", decide("f0", "other", person="hoa", before="v0"))
    assert _standing(ward) is Assurance.NEEDS_KEY
    with pytest.raises(UnreviewedError, match="keys=1"):
        ward.release("d1", "hoa", AT)


def test_that_a_difference_needs_a_third_person_who_is_neither(ward: Store) -> None:
    ward.looks.key("d1", "f0", "hoa", value("other"), None)
    with pytest.raises(UnreviewedError, match="rulings=1"):
        ward.release("d1", "lan", AT)
    for person in ("lan", "hoa", "mai"):
        with pytest.raises(RefusedError):
            ward.looks.rule("d1", "f0", person, value("other"), "", None)
    found = ward.looks.next_ruling("sup", "desk-1/a")
    assert found is not None
    assert (found[0].first.text, found[0].second.text) == ("v0", "other")
    ward.looks.rule("d1", "f0", "sup", value("other"), "", found[1])
    assert _standing(ward) is Assurance.ARBITRATED
    entry = ward.release("d1", "lan", AT)
    assert entry.value("f0") == value("other")
    assert [d.person for d in entry.fields[0].history] == ["lan", "sup"]
    assert [look.kind.value for look in entry.fields[0].looks] == ["key", "ruling"]


def test_that_a_supervisor_who_keyed_or_decided_cannot_rule_on_it(
    store: Store, make_draft: MakeDraft, decide: Decide
) -> None:
    hire(store)
    store.add_draft(critical(make_draft(fields=1), "f0"))
    store.record("d1", decide("f0", person="sup"))
    store.looks.key("d1", "f0", "sup2", value("other"), None)
    for person in ("sup", "sup2"):
        assert store.looks.next_ruling(person, "desk-1/a") is None
        with pytest.raises(RefusedError, match=r"access\.own_work"):
            store.looks.rule("d1", "f0", person, value("other"), "", None)


def test_that_a_third_value_needs_a_reason(ward: Store) -> None:
    ward.looks.key("d1", "f0", "hoa", BLANK, None)
    with pytest.raises(StoreError, match=r"store\.reason_needed"):
        ward.looks.rule("d1", "f0", "sup", value("third"), " ", None)
    ward.looks.rule("d1", "f0", "sup", value("third"), "read under the stamp", None)
    assert ward.release("d1", "lan", AT).value("f0") == value("third")


def test_that_a_value_changed_after_the_ruling_is_not_covered_by_it(ward: Store, decide: Decide) -> None:
    ward.looks.key("d1", "f0", "hoa", value("other"), None)
    ward.looks.rule("d1", "f0", "sup", value("other"), "", None)
    ward.record("d1", decide("f0", "mine again", before="other"))
    assert _standing(ward) is Assurance.NEEDS_RULING
    with pytest.raises(RefusedError, match=r"access\.own_work"):
        ward.looks.rule("d1", "f0", "sup", value("other"), "", None)  # she has a hand in it now
    ward.looks.rule("d1", "f0", "sup2", value("other"), "", None)
    assert _standing(ward) is Assurance.ARBITRATED


def test_that_two_makes_of_reader_that_agree_need_nobody_and_two_of_one_make_do(
    store: Store, make_draft: MakeDraft, decide: Decide
) -> None:
    hire(store)
    store.add_draft(critical(make_draft("d1", fields=1), "f0", supporters=("glyphs", "lines")))
    store.record("d1", decide("f0"))
    assert _standing(store) is Assurance.READERS
    store.record("d1", decide("f0", "corrected", before="v0"))
    assert _standing(store) is Assurance.NEEDS_KEY  # the readers do not support what stands there now
    store.undo_step("d1", "lan")
    assert store.release("d1", "lan", AT).fields[0].assurance is Assurance.READERS


def test_that_one_person_alone_is_said_and_never_pretended_to_be_two(
    store: Store, make_draft: MakeDraft, decide: Decide
) -> None:
    store.add_draft(critical(make_draft(fields=1), "f0"))
    store.record("d1", decide("f0"))
    for person in ("lan", "somebody.else"):
        with pytest.raises(AccessError, match=r"access\.one_person"):
            store.looks.key("d1", "f0", person, value("v0"), None)
    entry = store.release("d1", "lan", AT)
    assert entry.fields[0].assurance is Assurance.ONE_PERSON
    line = [event for event in store.audit() if event.action == "entry.released"][-1]
    assert '"one_person":1' in line.detail


def test_that_the_first_account_ends_the_one_person_way(
    store: Store, make_draft: MakeDraft, decide: Decide
) -> None:
    store.add_draft(critical(make_draft(fields=1), "f0"))
    store.record("d1", decide("f0"))
    hire(store, "lan", "hoa")
    with pytest.raises(UnreviewedError, match=r"review\.second_look"):
        store.release("d1", "lan", AT)
    assert store.looks.waiting("hoa").keys == 1


def test_that_no_key_or_ruling_is_changed_or_comes_late(ward: Store) -> None:
    with pytest.raises(StoreError, match=r"look\.not_critical"):
        ward.looks.key("d1", "f1", "hoa", value("v1"), None)
    with pytest.raises(StoreError, match=r"look\.nothing_to_rule"):
        ward.looks.rule("d1", "f0", "sup", value("v0"), "", None)
    with pytest.raises(StoreError, match=r"store\.unverified"):
        ward.looks.key("d1", "f0", "hoa", FieldValue(FieldState.UNVERIFIED), None)
    ward.looks.key("d1", "f0", "hoa", FieldValue(FieldState.VALUE, "v0", "n0"), None)
    ward.release("d1", "lan", AT)
    with pytest.raises(ImmutableError):
        ward.looks.key("d1", "f0", "mai", value("v0"), None)


def test_that_a_field_is_before_one_second_person_at_a_time(ward: Store) -> None:
    first = ward.looks.next_key("hoa", "desk-1/a")
    assert first is not None
    assert ward.looks.next_key("mai", "desk-2/b") is None
    with pytest.raises(LeaseError):
        ward.looks.key("d1", "f0", "mai", value("v0"), None)
    again = ward.looks.next_key("hoa", "desk-1/a")
    assert again == first
    assert ward.looks.next_key("hoa", "desk-1/a", skip={"d1/f0"}) is None
    ward.leases.give_back("desk-1/a")
    assert ward.looks.next_key("mai", "desk-2/b") is not None
