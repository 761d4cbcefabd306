"""The ledger loses nothing, doubles nothing, and its count comes from two sides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from formscan.errors import NotFoundError
from formscan.model.ledger import FileOutcome, NewFile, PageKey, PageOutcome, Stand, StoredPage, WorkState
from formscan.model.page import Held, Source
from formscan.model.record import Draft, DraftPage, ReadPage
from formscan.store import Scope, Store

SHA = "a" * 64


def new(name: str, sha: str = SHA, stack: str = "s", priority: int = 0) -> NewFile:
    return NewFile(f"/in/{name}", name, sha, 10, 99, Stand(stack, "/in", priority))


def refused(name: str, reason: str = "acquire.unreadable") -> NewFile:
    held = Held(Source(name, ""), "acquire", reason, quarantined=reason == "acquire.empty")
    return NewFile(f"/in/{name}", name, "", 0, 0, Stand("s", "/in"), held)


def stored(store: Store, name: str, index: int = 0, count: int = 1) -> StoredPage:
    image = store.put_image(f"{name} {index}".encode(), "image/png")
    return StoredPage(Source(name, SHA, index, count), image, 5, "image/png", 300.0)


def read(page: StoredPage, form: str = "A", number: int = 1) -> ReadPage:
    kept = DraftPage(
        number, page.source, page.image_sha256, page.media_type, 10, 10, 300.0, 0, 0.0, 1.0, 0.1, 0.2
    )
    return ReadPage(kept, form, "1", "d" * 64, ())


def outcome(store: Store, name: str, index: int = 0, pixels: str = "", *, done: bool = True) -> PageOutcome:
    page = stored(store, name, index)
    return PageOutcome(index, page, read(page) if done else None, pixels or f"{name}{index}".ljust(64, "0"))


def opened(store: Store, name: str, sha: str = SHA, pages: int = 1, *, done: bool = True) -> str:
    taken = store.ledger.take_in([new(name, sha)])[0]
    results = tuple(outcome(store, name, index, done=done) for index in range(pages))
    store.ledger.commit([FileOutcome(taken.id, pages, results, "w1")])
    return taken.id


def draft_of(pages: tuple[ReadPage, ...], draft_id: str = "d1") -> Draft:
    made = datetime(2026, 3, 2, tzinfo=UTC)
    return Draft(draft_id, "A", "1", "d" * 64, tuple(page.page for page in pages), (), (), made)


def test_that_a_file_counts_from_the_moment_it_is_taken_in(store: Store) -> None:
    store.ledger.take_in([new("a.png")])
    count = store.ledger.balance()
    assert (count.taken_in, count.waiting, count.balances) == (1, 1, True)


def test_that_the_same_bytes_in_the_same_place_change_nothing(store: Store) -> None:
    first = store.ledger.take_in([new("a.png")])[0]
    again = store.ledger.take_in([new("a.png")])[0]
    assert (first.new, again.new, first.id) == (True, False, again.id)
    assert store.ledger.balance().taken_in == 1


def test_that_the_same_bytes_in_another_place_are_a_duplicate(store: Store) -> None:
    store.ledger.take_in([new("a.png")])
    copy = store.ledger.take_in([new("b.png")])[0]
    assert copy.state is WorkState.DUPLICATE
    assert store.ledger.file(copy.id).held == Held(
        Source("b.png", SHA), "acquire", "duplicate.exact", (("of", "a.png"),)
    )
    count = store.ledger.balance()
    assert (count.taken_in, count.waiting, count.duplicates, count.balances) == (2, 1, 1, True)


def test_that_other_bytes_in_the_same_place_are_another_file(store: Store) -> None:
    ids = {store.ledger.take_in([new("a.png", sha * 64)])[0].id for sha in "ab"}
    assert len(ids) == 2
    assert {file.id for file in store.ledger.known_at("/in/a.png")} == ids


def test_that_a_refused_place_counts_once_and_is_replaced_when_it_gives_bytes(store: Store) -> None:
    for _ in range(2):
        store.ledger.take_in([refused("a.png")])
    count = store.ledger.balance()
    assert (count.taken_in, count.held, count.balances) == (1, 1, True)
    assert count.by_reason == {"acquire.unreadable": 1}
    store.ledger.take_in([new("a.png")])
    count = store.ledger.balance()
    assert (count.taken_in, count.held, count.waiting, count.balances) == (1, 0, 1, True)
    store.ledger.take_in([refused("a.png")])
    assert store.ledger.balance().balances


def test_that_an_opened_file_has_a_row_for_each_page_and_they_are_finished_in_any_order(store: Store) -> None:
    taken = store.ledger.take_in([new("a.pdf"), new("b.png", "b" * 64)])[0]
    store.ledger.commit([FileOutcome(taken.id, 3, (outcome(store, "a.pdf", 0),))])
    assert store.ledger.file(taken.id).state is WorkState.OPENED
    count = store.ledger.balance()
    assert (count.taken_in, count.waiting, count.balances) == (4, 4, True)
    assert [(w.name, w.key.index, w.single) for w in store.ledger.waiting(9)] == [
        ("a.pdf", 1, True), ("a.pdf", 2, True), ("b.png", 0, False),
    ]  # fmt: skip
    assert store.ledger.first_waiting("s") == (0, 1)
    store.ledger.commit([FileOutcome(taken.id, 3, (outcome(store, "a.pdf", 2),))])
    assert store.ledger.first_waiting("s") == (0, 1)
    store.ledger.commit([FileOutcome(taken.id, 3, (outcome(store, "a.pdf", 1),))])
    assert store.ledger.first_waiting("s") == (1, -1)
    assert store.ledger.balance().balances


def test_that_packed_ink_is_kept_of_the_last_pages_only(store: Store) -> None:
    for number in range(4):
        taken = store.ledger.take_in([new(f"{number}.png", str(number) * 64)])[0]
        found = replace(outcome(store, f"{number}.png"), sheet=b"ink")
        store.ledger.commit([FileOutcome(taken.id, 1, (found,))])
        key = PageKey(taken.id, 0)
        store.ledger.draft(draft_of((store.ledger.read_page(key),), f"d{number}"), [key])
    store.ledger.forget_sheets("s", 1)
    assert [ink for _, _, ink in store.ledger.stack_pages("s", (-1, -1), 9)] == [b"", b"", b"ink", b"ink"]


def test_that_a_draft_has_the_priority_of_its_pages_and_of_its_stack_from_then_on(store: Store) -> None:
    for number, priority in enumerate((0, 7)):
        taken = store.ledger.take_in([new(f"{number}.png", str(number) * 64, f"s{number}", priority)])[0]
        store.ledger.commit([FileOutcome(taken.id, 1, (outcome(store, f"{number}.png"),))])
        key = PageKey(taken.id, 0)
        store.ledger.draft(draft_of((store.ledger.read_page(key),), f"d{number}"), [key])
    assert {draft.id: draft.priority for draft in store.drafts()} == {"d0": 0, "d1": 7}
    store.ledger.reprioritise("s0", 9)
    assert {draft.id: draft.priority for draft in store.drafts()} == {"d0": 9, "d1": 7}


def test_that_a_result_that_comes_twice_changes_nothing(store: Store) -> None:
    file = opened(store, "a.png", done=False)
    result = FileOutcome(file, None, (outcome(store, "a.png"),), "w1")
    assert store.ledger.commit([result]) == 1
    late = Held(Source("a.png", SHA), "read", "read.worker_died", quarantined=True)
    assert store.ledger.commit([result, FileOutcome(file, None, (PageOutcome(0, None, late),))]) == 0
    page = store.ledger.page(PageKey(file, 0))
    assert (page.state, page.form_id, page.worker) == (WorkState.READ, "A", "w1")


def test_that_a_page_is_drafted_with_its_draft_or_not_at_all(store: Store) -> None:
    file = opened(store, "a.png")
    key = PageKey(file, 0)
    page = store.ledger.read_page(key)
    assert store.ledger.draft(draft_of((page,)), [key])
    assert not store.ledger.draft(draft_of((page,)), [key])
    kept = store.ledger.page(key)
    assert (kept.state, kept.draft_id, kept.settled) == (WorkState.DRAFTED, "d1", True)
    count = store.ledger.balance()
    assert (count.drafted, count.balances, count.by_form) == (1, True, {"A": 1})
    store.discard_draft("d1", "lan", "not ours")
    count = store.ledger.balance()
    assert (count.drafted, count.discarded, count.balances) == (0, 1, True)


def test_that_the_first_page_with_the_same_pixels_stays_and_a_held_copy_is_a_duplicate(store: Store) -> None:
    keys = []
    for name, sha in (("a.png", "a"), ("b.png", "b")):
        taken = store.ledger.take_in([new(name, sha * 64)])[0]
        store.ledger.commit([FileOutcome(taken.id, 1, (outcome(store, name, 0, "f" * 64),))])
        keys.append(PageKey(taken.id, 0))
    wanted = [(key, "f" * 64) for key in keys]
    assert store.ledger.claim(wanted) == store.ledger.claim(wanted) == {keys[0]: None, keys[1]: keys[0]}
    count = store.ledger.balance()
    assert (count.waiting, count.duplicates, count.balances) == (1, 1, True)


def test_that_a_quarantined_page_goes_back_with_a_reason_and_its_history_stays(store: Store) -> None:
    file = opened(store, "a.png", done=False)
    key = PageKey(file, 0)
    held = Held(Source("a.png", SHA), "read", "read.timeout", quarantined=True)
    store.ledger.commit([FileOutcome(file, None, (PageOutcome(0, None, held),), "w1")])
    assert [k for k, _ in store.ledger.held()] == [key]
    assert store.ledger.balance().quarantined == 1
    assert store.ledger.requeue([key], "lan", "try again") == 1
    assert store.ledger.requeue([key], "lan", "try again") == 0
    assert [w.key for w in store.ledger.waiting(5)] == [key]
    told = [(s.state, s.reason, s.who) for s in store.ledger.steps(key)]
    assert told == [
        (WorkState.TAKEN_IN, "", "w1"),
        (WorkState.QUARANTINED, "read.timeout", "w1"),
        (WorkState.TAKEN_IN, "try again", "lan"),
    ]
    assert store.ledger.balance().balances
    assert store.verify_audit().intact


def test_that_a_file_nobody_could_open_counts_once_and_can_go_back(store: Store) -> None:
    taken = store.ledger.take_in([new("a.pdf")])[0]
    assert [store.ledger.attempt(PageKey(taken.id, 0)) for _ in range(2)] == [1, 2]
    held = Held(Source("a.pdf", SHA), "acquire", "acquire.crashed", quarantined=True)
    store.ledger.give_up(taken.id, held)
    assert (store.ledger.balance().quarantined, store.ledger.balance().balances) == (1, True)
    assert store.ledger.requeue([PageKey(taken.id)], "lan", "new version") == 1
    assert store.ledger.file(taken.id).attempts == 0


def test_that_a_file_whose_pages_nobody_could_count_is_held_as_a_whole(store: Store) -> None:
    taken = store.ledger.take_in([new("a.pdf")])[0]
    held = Held(Source("a.pdf", SHA), "acquire", "store.image_not_written")
    store.ledger.commit([FileOutcome(taken.id, None, (PageOutcome(0, None, held),), "w1")])
    count = store.ledger.balance()
    assert (count.taken_in, count.held, count.balances) == (1, 1, True)
    assert store.ledger.requeue([PageKey(taken.id)], "lan", "disk is free again") == 1
    assert store.ledger.waiting(1)[0].key == PageKey(taken.id, 0)


def test_that_urgent_work_comes_first_then_the_order_of_arrival(store: Store) -> None:
    ledger = store.ledger
    ledger.take_in([new("a.png", "a" * 64), new("b.png", "b" * 64)])
    ledger.take_in([new("c.png", "c" * 64, "today", 5)])
    assert [w.name for w in ledger.waiting(9)] == ["c.png", "a.png", "b.png"]
    ledger.reprioritise("s", 9)
    assert [w.name for w in ledger.waiting(2)] == ["a.png", "b.png"]


def test_that_a_scope_counts_only_what_it_names(store: Store) -> None:
    first = opened(store, "a.png", "a" * 64)
    store.ledger.take_in([new("b.png", "b" * 64, "other")])
    assert store.ledger.balance(Scope(stack="other")).taken_in == 1
    assert store.ledger.balance(Scope(files=(first,))).waiting == 1
    assert store.ledger.balance(Scope(folder="/in")).taken_in == 2
    many = tuple(str(number) for number in range(900))
    assert store.ledger.balance(Scope(files=(*many, first))).taken_in == 1
    assert store.ledger.is_done("s")
    assert not store.ledger.is_done("other")
    assert store.ledger.unsettled_stacks() == ["s"]


def test_that_pages_of_a_stack_come_in_its_order(store: Store) -> None:
    for name in ("b.png", "a.png"):
        opened(store, name, name[0] * 64)
    rows = store.ledger.stack_pages("s", (-1, -1), 9)
    assert [page.source.name for page, _, _ in rows] == ["b.png", "a.png"]
    assert [read is not None for _, read, _ in rows] == [True, True]
    assert [page.source.name for page, _, _ in store.ledger.stack_pages("s", (0, 0), 9)] == ["a.png"]


def test_that_unknown_files_and_pages_are_named(store: Store) -> None:
    with pytest.raises(NotFoundError, match=r"store\.no_such_file"):
        store.ledger.file("0" * 64)
    with pytest.raises(NotFoundError, match=r"store\.no_such_page"):
        store.ledger.page(PageKey("0" * 64, 0))


def test_that_two_committers_of_one_result_write_it_once(open_store: Callable[[], Store]) -> None:
    one, two = open_store(), open_store()
    file = opened(one, "a.png", done=False)
    result = FileOutcome(file, None, (outcome(one, "a.png"),))
    assert one.ledger.commit([result]) + two.ledger.commit([result]) == 1
