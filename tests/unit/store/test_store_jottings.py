"""What is typed and not decided: kept for its author, gone with the decision, never in the trail."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from formscan.errors import ImmutableError, NotFoundError, RefusedError
from formscan.model.record import Draft
from formscan.model.review import ReviewedField
from formscan.store import Store

hire = runpy.run_path(str(Path(__file__).with_name("staff.py")))["hire"]
AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


@pytest.fixture
def draft(store: Store, make_draft: Callable[..., Draft]) -> str:
    store.add_draft(make_draft("d1", fields=2))
    return "d1"


def test_that_typed_text_is_kept_for_its_author_alone(store: Store, draft: str) -> None:
    store.jottings.keep(draft, "lan", {"f0": "Nguy", "f1": "12/0"})
    store.jottings.keep(draft, "lan", {"f0": "Nguyễn", "f1": ""})
    store.jottings.keep(draft, "hoa", {"f1": "của Hoa"})
    assert store.jottings.of(draft, "lan") == {"f0": "Nguyễn"}
    assert store.jottings.of(draft, "hoa") == {"f1": "của Hoa"}


def test_that_the_decision_takes_the_text_away_in_its_own_transaction(
    store: Store, draft: str, decide: Callable[..., ReviewedField]
) -> None:
    store.jottings.keep(draft, "lan", {"f0": "Nguyễn", "f1": "12/0"})
    store.jottings.keep(draft, "hoa", {"f0": "Hoa"})
    store.record(draft, decide("f0", person="lan"))
    assert store.jottings.of(draft, "lan") == {"f1": "12/0"}
    assert store.jottings.of(draft, "hoa") == {"f0": "Hoa"}
    store.record(draft, decide("f1", person="lan"))
    store.release(draft, "lan", AT)
    assert store.jottings.of(draft, "hoa") == {}


def test_that_nothing_is_kept_of_a_closed_draft_or_by_somebody_who_may_not_review(
    store: Store, draft: str
) -> None:
    with pytest.raises(NotFoundError):
        store.jottings.keep("nowhere", "lan", {"f0": "x"})
    store.discard_draft(draft, "lan", "double")
    store.jottings.keep(draft, "lan", {"f0": ""})
    with pytest.raises(ImmutableError):
        store.jottings.keep(draft, "lan", {"f0": "x"})
    hire(store)
    with pytest.raises(RefusedError):
        store.jottings.keep(draft, "doctor", {"f0": "x"})


def test_that_typed_text_is_in_no_line_of_the_trail(store: Store, draft: str) -> None:
    before = store.audit_head().seq
    store.jottings.keep(draft, "lan", {"f0": "Nguyễn"})
    assert list(store.audit(before)) == []
