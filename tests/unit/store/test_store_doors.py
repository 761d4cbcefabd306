"""Every door of the store, tried by everybody who may not go through it."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from formscan.errors import LeaseError, RefusedError
from formscan.model.people import SYSTEM, Permission, allowed
from formscan.model.record import Draft, EmrEntry
from formscan.model.review import ReviewedField
from formscan.store import Store

_staff = runpy.run_path(str(Path(__file__).with_name("staff.py")))
hire, STAFF = _staff["hire"], _staff["STAFF"]
MakeDraft = Callable[..., Draft]
Decide = Callable[..., ReviewedField]
AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
EVERYBODY = (*STAFF, SYSTEM, "", "root", "who")


@pytest.fixture
def entry(store: Store, make_draft: MakeDraft, decide: Decide) -> EmrEntry:
    """A released entry, an open draft ``d2`` that is reviewed, and staff."""
    for name in ("d1", "d2"):
        store.add_draft(make_draft(name, fields=1))
        store.record(name, decide("f0"))
    released = store.release("d1", "lan", AT)
    hire(store)
    return released


def _may(name: str, permission: Permission) -> bool:
    return name in STAFF and permission in allowed({STAFF[name]})


def _door(store: Store, entry: EmrEntry, decide: Decide, permission: Permission, name: str) -> object:
    doors: dict[Permission, Callable[[], object]] = {
        Permission.REVIEW: lambda: store.record("d2", decide("f0", "y", person=name, before="v0")),
        Permission.RELEASE: lambda: store.release("d2", name, AT),
        Permission.READ: lambda: store.get_entry(entry.id, person=name),
        Permission.EXPORT: lambda: store.get_entry(entry.id, person=name, to_export=True),
        Permission.CORRECT: lambda: store.correct(
            entry.id, [decide("f0", f"by {name}", person=name)], name, "seen again"
        ),
        Permission.SECOND_KEY: lambda: store.looks.next_key(name, "w"),
        Permission.ARBITRATE: lambda: store.looks.next_ruling(name, "w"),
        Permission.ADMINISTER: lambda: store.accounts.set_roles("mai", {STAFF["mai"]}, name),
    }
    return doors[permission]()


@pytest.mark.parametrize(
    "permission",
    [
        Permission.REVIEW, Permission.RELEASE, Permission.READ, Permission.EXPORT, Permission.CORRECT,
        Permission.SECOND_KEY, Permission.ARBITRATE, Permission.ADMINISTER,
    ],
)  # fmt: skip
def test_that_a_door_opens_only_to_those_whose_role_allows_it(
    store: Store, entry: EmrEntry, decide: Decide, permission: Permission
) -> None:
    shut = [name for name in EVERYBODY if not _may(name, permission)]
    if permission in {Permission.READ, Permission.EXPORT}:
        shut.remove(SYSTEM)  # delivers what is released
    before = store.audit_head().seq
    for name in shut:
        with pytest.raises(RefusedError):
            _door(store, entry, decide, permission, name)
    lines = [event for event in store.audit(before) if event.action == "access.refused"]
    assert [(line.person, line.subject) for line in lines] == [(name, permission.value) for name in shut]
    _door(store, entry, decide, permission, next(name for name in STAFF if _may(name, permission)))
    assert store.verify_audit().intact


def test_that_a_locked_account_goes_through_no_door(store: Store, entry: EmrEntry, decide: Decide) -> None:
    store.accounts.set_active("sup", False, "admin")
    for permission in (Permission.REVIEW, Permission.RELEASE, Permission.READ, Permission.CORRECT):
        with pytest.raises(RefusedError):
            _door(store, entry, decide, permission, "sup")
    store.accounts.set_active("sup", True, "admin")
    _door(store, entry, decide, Permission.READ, "sup")


def test_that_a_role_taken_away_counts_from_the_next_act_on(store: Store, entry: EmrEntry) -> None:
    store.get_entry(entry.id, person="doctor")
    store.accounts.set_roles("doctor", {STAFF["scan"]}, "admin")
    with pytest.raises(RefusedError):
        store.get_entry(entry.id, person="doctor")


def test_that_reading_a_record_is_written_down_before_it_is_given_out(store: Store, entry: EmrEntry) -> None:
    before = store.audit_head().seq
    store.get_entry(entry.id, person="doctor")
    store.get_entry(entry.id, person="arch", to_export=True)
    lines = [(e.person, e.action, e.subject) for e in store.audit(before)]
    assert lines == [("doctor", "entry.read", entry.id), ("arch", "entry.exported", entry.id)]


def test_that_nobodys_reading_is_refused_once_there_are_people(store: Store, entry: EmrEntry) -> None:
    with pytest.raises(RefusedError):
        store.get_entry(entry.id)


def test_that_pictures_of_pages_are_shown_only_to_those_who_work_with_pages(
    store: Store, entry: EmrEntry
) -> None:
    sha256 = store.put_image(b"a page", "image/png")
    shut = {"admin", "", "root", "who"}
    before = store.audit_head().seq
    for name in EVERYBODY:
        if name in shut:
            with pytest.raises(RefusedError):
                store.get_image(sha256, person=name)
        else:
            assert store.get_image(sha256, person=name) == b"a page"
    with pytest.raises(RefusedError):
        store.get_image(sha256)
    refused = [event.person for event in store.audit(before) if event.action == "access.refused"]
    assert sorted(refused) == sorted([*shut, ""])


def test_that_opening_a_draft_is_written_down(store: Store, entry: EmrEntry) -> None:
    before = store.audit_head().seq
    store.leases.take_draft("d2", "hoa", "desk-1/a")
    assert [(e.person, e.action, e.subject) for e in store.audit(before)] == [("hoa", "draft.opened", "d2")]
    with pytest.raises(RefusedError):
        store.leases.take_draft("d2", "doctor", "desk-1/b")
    with pytest.raises(LeaseError):
        store.leases.take_draft("d2", "mai", "desk-1/b")
