from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from formscan.errors import ImmutableError, NotFoundError, StoreError
from formscan.model.reading import FieldState, FieldValue
from formscan.model.record import Draft, DraftState
from formscan.model.review import ReviewedField
from formscan.store import Store

MakeDraft = Callable[..., Draft]
Decide = Callable[..., ReviewedField]


def test_that_a_draft_comes_back_as_it_was_read(store: Store, make_draft: MakeDraft) -> None:
    draft = make_draft(fields=5)
    assert store.add_draft(draft)
    assert store.get_draft("d1") == draft


def test_that_adding_a_draft_again_changes_nothing(
    store: Store, make_draft: MakeDraft, decide: Decide
) -> None:
    draft = make_draft()
    store.add_draft(draft)
    store.record("d1", decide("f0"))
    head = store.audit_head()
    assert not store.add_draft(replace(draft, form_version="2"))
    assert store.audit_head() == head
    assert store.get_draft("d1") == draft
    assert len(store.decisions("d1")) == 1


def test_that_a_draft_without_its_image_is_refused(store: Store, make_draft: MakeDraft) -> None:
    draft = make_draft()
    page = replace(draft.pages[0], image_sha256="a" * 64)
    with pytest.raises(StoreError, match=r"store\.image_missing"):
        store.add_draft(replace(draft, pages=(page,)))
    assert store.drafts(None) == []


def test_that_a_draft_that_cannot_be_kept_whole_is_not_kept_at_all(
    store: Store, make_draft: MakeDraft
) -> None:
    draft = make_draft()
    with pytest.raises(StoreError, match=r"store\.refused"):
        store.add_draft(replace(draft, fields=(*draft.fields, draft.fields[0])))
    assert store.drafts(None) == []
    assert store.audit_head().seq == 0


def test_that_a_draft_must_be_open_to_be_added(store: Store, make_draft: MakeDraft) -> None:
    with pytest.raises(StoreError, match=r"store\.draft_not_open"):
        store.add_draft(replace(make_draft(), state=DraftState.RELEASED))


def test_that_unknown_drafts_are_not_found(store: Store, decide: Decide) -> None:
    calls: list[Callable[[], object]] = [
        lambda: store.get_draft("none"),
        lambda: store.decisions("none"),
        lambda: store.record("none", decide("f0")),
        lambda: store.undo("none", "lan"),
        lambda: store.release("none", "lan", datetime.now(UTC)),
        lambda: store.discard_draft("none", "lan", ""),
    ]
    for call in calls:
        with pytest.raises(NotFoundError, match=r"store\.no_such_draft"):
            call()


def test_that_the_inbox_shows_counters_kept_beside_the_facts(
    store: Store, make_draft: MakeDraft, decide: Decide
) -> None:
    late = datetime(2026, 3, 3, tzinfo=UTC)
    store.add_draft(make_draft("b", fields=5, at=late))
    store.add_draft(make_draft("a", at=late - timedelta(days=1)))
    store.record("b", decide("f0"))
    store.record("b", decide("f0", "other", before="v0"))
    store.record_step("b", [decide("f1"), decide("f2")])
    first, second = store.drafts()
    assert (first.id, second.id) == ("a", "b")
    assert (second.pages, second.fields, second.reviewed, second.flagged, second.problems) == (1, 5, 3, 1, 1)
    assert second.first_source == "stack.pdf p.2"
    assert second.created_at == late
    store.undo("b", "lan")
    assert store.drafts()[1].reviewed == 1
    store.undo("b", "lan")
    assert store.drafts()[1].reviewed == 1
    store.undo("b", "lan")
    assert store.drafts()[1].reviewed == 0


def test_that_decisions_come_back_in_order_without_the_withdrawn_ones(
    store: Store, make_draft: MakeDraft, decide: Decide
) -> None:
    store.add_draft(make_draft())
    made = [decide("f0"), decide("f1", "x"), decide("f0", "y", reason="smudged"), decide("f2")]
    for decision in made[:3]:
        store.record("d1", decision)
    assert store.undo("d1", "lan") == made[2]
    store.record("d1", made[3])
    assert store.decisions("d1") == [made[0], made[1], made[3]]


def test_that_undo_takes_back_whole_steps_of_one_person(
    store: Store, make_draft: MakeDraft, decide: Decide
) -> None:
    store.add_draft(make_draft())
    step = (decide("f0"), decide("f1"))
    store.record_step("d1", step)
    store.record("d1", decide("f2", "x", person="minh"))
    assert store.undo_step("d1", "lan") == step
    assert store.undo_step("d1", "lan") == ()
    assert store.undo("d1", "lan") is None
    assert store.decisions("d1") == [decide("f2", "x", person="minh")]


def test_that_a_step_is_all_or_nothing(store: Store, make_draft: MakeDraft, decide: Decide) -> None:
    store.add_draft(make_draft())
    with pytest.raises(NotFoundError, match=r"store\.no_such_field"):
        store.record_step("d1", [decide("f0"), decide("f9")])
    assert store.decisions("d1") == []
    assert store.drafts()[0].reviewed == 0
    assert store.audit_head().seq == 1


def test_that_a_decision_leaving_a_field_unverified_is_refused(
    store: Store, make_draft: MakeDraft, decide: Decide
) -> None:
    store.add_draft(make_draft())
    with pytest.raises(StoreError, match=r"store\.unverified"):
        store.record("d1", replace(decide("f0"), value=FieldValue(FieldState.UNVERIFIED)))


def test_that_a_time_without_zone_is_refused(store: Store, make_draft: MakeDraft, decide: Decide) -> None:
    store.add_draft(make_draft())
    with pytest.raises(StoreError, match=r"zone|codec"):
        store.record("d1", replace(decide("f0"), at=datetime(2026, 3, 2)))  # noqa: DTZ001
    assert store.decisions("d1") == []


def test_that_a_discarded_draft_is_closed_and_stays_readable(
    store: Store, make_draft: MakeDraft, decide: Decide
) -> None:
    store.add_draft(make_draft())
    store.discard_draft("d1", "lan", "scanned twice")
    assert store.drafts() == []
    assert store.get_draft("d1").state is DraftState.DISCARDED
    calls: list[Callable[[], object]] = [
        lambda: store.record("d1", decide("f0")),
        lambda: store.undo("d1", "lan"),
        lambda: store.discard_draft("d1", "lan", ""),
        lambda: store.release("d1", "lan", datetime.now(UTC)),
    ]
    for call in calls:
        with pytest.raises(ImmutableError, match=r"store\.draft_closed"):
            call()
    assert [d.id for d in store.drafts(None)] == ["d1"]
