"""Remedies go through the ledger: back to work or marked, with a line in the trail, and the count holds."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest

from formscan.errors import StoreError
from formscan.model.ledger import (
    CHOSEN_FORM,
    FileOutcome,
    NewFile,
    PageKey,
    PageOutcome,
    Stand,
    StoredPage,
    WorkState,
)
from formscan.model.page import Held, Source
from formscan.store import Scope, Store

SHA = "a" * 64


def held_page(
    store: Store, name: str, sha: str = SHA, *, folder: str = "/in", scanner: str = "", image: bool = True
) -> PageKey:
    stand = Stand("s", folder, scanner=scanner)
    taken = store.ledger.take_in([NewFile(f"{folder}/{name}", name, sha, 10, 99, stand)])[0]
    source = Source(name, sha)
    stored = StoredPage(source, store.put_image(name.encode(), "image/png"), 5, "image/png", 300.0)
    held = Held(source, "identify", "identify.no_form", (("score", "0.1"),))
    found = PageOutcome(0, stored if image else None, held)
    store.ledger.commit([FileOutcome(taken.id, 1, (found,), "w1")])
    return PageKey(taken.id, 0)


def unreadable(store: Store, name: str) -> PageKey:
    held = Held(Source(name, ""), "acquire", "acquire.unreadable")
    new = NewFile(f"/in/{name}", name, "", 0, 0, Stand("s", "/in"), held)
    return PageKey(store.ledger.take_in([new])[0].id)


def actions(store: Store) -> list[str]:
    return [event.action for event in store.audit()]


def test_that_a_turned_page_waits_with_its_new_image(store: Store) -> None:
    key = held_page(store, "a.png")
    before = store.ledger.page(key).stored
    assert before is not None
    turned = store.put_image(b"turned", "image/png")
    stored = dataclasses.replace(before, image_sha256=turned, image_bytes=6, notes=("turned.90",))
    assert store.ledger.amend(key, stored, "lan", "remedy.rotate")
    (work,) = store.ledger.waiting(9)
    assert work.page == stored
    assert store.ledger.steps(key)[-1].reason == "remedy.rotate"
    assert actions(store)[-1] == "page.amended"
    assert store.ledger.balance().balances
    assert not store.ledger.amend(key, stored, "lan", "remedy.rotate")  # it waits already


def test_that_a_named_form_reaches_the_worker(store: Store) -> None:
    key = held_page(store, "a.png")
    stored = store.ledger.page(key).stored
    assert stored is not None
    named = dataclasses.replace(stored, notes=(*stored.notes, f"{CHOSEN_FORM}36-BV2"))
    store.ledger.amend(key, named, "lan", "remedy.form")
    assert [work.form_id for work in store.ledger.waiting(9)] == ["36-BV2"]


def test_that_a_page_without_an_image_cannot_be_amended(store: Store) -> None:
    key = held_page(store, "a.png")
    stored = store.ledger.page(key).stored
    assert stored is not None
    bare = held_page(store, "b.png", "b" * 64, image=False)
    with pytest.raises(StoreError, match=r"store\.image_missing"):
        store.ledger.amend(bare, stored, "lan", "remedy.rotate")


def test_that_a_mark_keeps_the_page_in_the_count_and_its_first_reason(store: Store) -> None:
    page, file = held_page(store, "a.png"), unreadable(store, "b.png")
    assert store.ledger.mark([page, file], "remedy.rescan", "lan") == 2
    assert store.ledger.mark([page, file], "remedy.rescan", "lan") == 0
    assert store.ledger.mark([page], "remedy.given_up", "lan") == 1
    held = dict(store.ledger.held())
    assert held[page].reason == "remedy.given_up"
    assert dict(held[page].facts) == {"score": "0.1", "was": "identify.no_form"}
    count = store.ledger.balance()
    assert (count.held, count.balances) == (2, True)
    assert count.by_reason == {"remedy.given_up": 1, "remedy.rescan": 1}
    assert actions(store).count("page.marked") == 3
    assert store.ledger.requeue([page], "lan", "second thoughts") == 1


def test_that_folders_and_scanners_are_counted_and_add_up(store: Store) -> None:
    held_page(store, "a.png", "a" * 64, folder="/one", scanner="fi-7160")
    held_page(store, "b.png", "b" * 64, folder="/one")
    unreadable(store, "c.png")
    for by, names in (("folder", ["/in", "/one"]), ("scanner", ["", "fi-7160"])):
        counted = store.ledger.tally(by)
        assert sorted(counted) == names
        assert all(balance.balances for balance in counted.values())
        assert sum(balance.taken_in for balance in counted.values()) == 3


def test_that_the_pace_counts_a_page_once(store: Store) -> None:
    key = held_page(store, "a.png")
    store.ledger.requeue([key], "lan", "again")
    now = datetime.now(UTC) + timedelta(days=400)
    times = store.ledger.done_at(datetime(2020, 1, 1, tzinfo=UTC), now)
    assert len(times) == 1
    assert store.ledger.days(datetime(2020, 1, 1, tzinfo=UTC))[times[0].date().isoformat()].taken_in == 1


def test_that_a_night_is_the_files_that_moved_in_it(store: Store) -> None:
    held_page(store, "a.png")
    far = datetime.now(UTC) + timedelta(days=400)
    assert store.ledger.balance(Scope(since=far)).taken_in == 0
    assert store.ledger.balance(Scope(until=far)).taken_in == 1
    assert store.ledger.files(states=(WorkState.OPENED,))[0].opened == 1
