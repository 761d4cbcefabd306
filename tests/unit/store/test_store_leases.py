from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from formscan.errors import LeaseError
from formscan.model.record import Draft
from formscan.model.review import ReviewedField
from formscan.store import Store
from formscan.store.leases import LEASE_S, Lease, new_window

MakeDraft = Callable[..., Draft]
Decide = Callable[..., ReviewedField]
START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


class Clock:
    """A time that is moved by hand."""

    now = START

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def two(url: str, tmp_path: Path, make_draft: MakeDraft, store: Store) -> tuple[Store, Clock]:
    """A store with one draft and a clock of its own."""
    store.add_draft(make_draft())
    clock = Clock()
    return Store.open(url, tmp_path / "images", workstation="desk-2", clock=clock), clock


def test_that_a_draft_is_in_one_hand_until_the_hand_is_silent_for_too_long(
    two: tuple[Store, Clock], decide: Decide
) -> None:
    with two[0] as store:
        clock = two[1]
        hers = store.leases.take_draft("d1", "lan", new_window("desk-1"))
        with pytest.raises(LeaseError, match=r"lease\.held.*lan"):
            store.leases.take_draft("d1", "hoa", new_window("desk-2"))
        assert store.drafts()[0].held_by == "lan"
        clock.now = START + timedelta(seconds=LEASE_S - 1)
        assert store.leases.renew(hers.window) == 1
        clock.now = START + timedelta(seconds=2 * LEASE_S - 2)
        with pytest.raises(LeaseError):
            store.leases.take_draft("d1", "hoa", new_window("desk-2"))
        clock.now = START + timedelta(seconds=2 * LEASE_S)
        theirs = store.leases.take_draft("d1", "hoa", new_window("desk-2"))
        assert [e.action for e in store.audit()][-2:] == ["lease.taken_over", "draft.opened"]
        with pytest.raises(LeaseError, match=r"lease\.lost"):
            store.record("d1", decide("f0"), lease=hers)
        assert store.leases.renew(hers.window) == 0
        store.record("d1", decide("f0", person="hoa"), lease=theirs)
        assert [d.person for d in store.decisions("d1")] == ["hoa"]


def test_that_no_kind_of_write_goes_past_somebody_elses_lease(
    two: tuple[Store, Clock], decide: Decide
) -> None:
    with two[0] as store:
        store.leases.take_draft("d1", "lan", new_window("desk-1"))
        made_up = Lease("draft", "d1", "hoa", "desk-2/forged")
        for lease in (None, made_up):
            for attempt in (
                lambda lease=lease: store.record("d1", decide("f0", person="hoa"), lease=lease),
                lambda lease=lease: store.undo_step("d1", "hoa", lease=lease),
                lambda lease=lease: store.release("d1", "hoa", START, lease=lease),
                lambda lease=lease: store.discard_draft("d1", "hoa", "x", lease=lease),
            ):
                with pytest.raises(LeaseError):
                    attempt()
        assert store.decisions("d1") == []


def test_that_a_person_goes_on_at_the_same_machine_and_the_window_before_is_told(
    two: tuple[Store, Clock], decide: Decide
) -> None:
    with two[0] as store:
        crashed = store.leases.take_draft("d1", "lan", new_window("desk-1"))
        again = store.leases.take_draft("d1", "lan", new_window("desk-1"))
        store.record("d1", decide("f0"), lease=again)
        with pytest.raises(LeaseError, match=r"lease\.lost"):
            store.record("d1", decide("f1"), lease=crashed)
        with pytest.raises(LeaseError):
            store.leases.take_draft("d1", "lan", new_window("desk-9"))


def test_that_giving_back_and_releasing_make_free(two: tuple[Store, Clock], decide: Decide) -> None:
    with two[0] as store:
        hers = store.leases.take_draft("d1", "lan", new_window("desk-1"))
        store.leases.give_back(hers.window)
        theirs = store.leases.take_draft("d1", "hoa", new_window("desk-2"))
        for field_id in ("f0", "f1", "f2"):
            store.record("d1", decide(field_id, person="hoa"), lease=theirs)
        store.release("d1", "hoa", START, lease=theirs)
        assert store.leases.holders() == {}
