"""The trail in pages, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from formscan.model.record import AuditEvent, Draft
from formscan.model.review import ReviewedField
from formscan.model.trail import TrailQuery
from formscan.store import Store, trail_pages

MakeDraft = Callable[..., Draft]
Decide = Callable[..., ReviewedField]
AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


@pytest.fixture
def worked(store: Store, make_draft: MakeDraft, decide: Decide) -> Store:
    """Two drafts with decisions of two people."""
    for name, person in (("d1", "lan"), ("d2", "hoa")):
        store.add_draft(make_draft(name))
        for field in ("f0", "f1", "f2"):
            store.record(name, decide(field, person=person))
    store.release("d1", "lan", AT)
    return store


def numbers(store: Store, query: TrailQuery) -> list[int]:
    found: list[int] = []
    below = store.trail_pages.newest("anybody")
    while below:
        stretch = store.trail_pages.look(query, below, "anybody")
        found.extend(stretch.found)
        below = stretch.below
    return found


def test_that_stretches_together_find_what_one_look_over_all_lines_finds(
    worked: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = list(worked.audit())
    queries: dict[TrailQuery, Callable[[AuditEvent], bool]] = {
        TrailQuery(): lambda _line: True,
        TrailQuery(person="lan"): lambda line: line.person == "lan",
        TrailQuery(action="field"): lambda line: line.action.startswith("field."),
        TrailQuery(action="entry.released"): lambda line: line.action == "entry.released",
        TrailQuery(subject="d2"): lambda line: line.subject.startswith("d2"),
        TrailQuery(person="hoa", action="field.confirmed", subject="d2"): lambda line: line.person == "hoa",
        TrailQuery(since=AT): lambda line: line.at >= AT,
        TrailQuery(until=AT): lambda line: line.at < AT,
        TrailQuery(person="nobody"): lambda _line: False,
    }
    for length in (2, 3, 1000):
        monkeypatch.setattr(trail_pages, "STRETCH", length)
        for query, fits in queries.items():
            expected = [line.seq for line in reversed(lines) if fits(line)]
            assert numbers(worked, query) == expected, (length, query)


def test_that_a_page_is_what_lies_between_two_numbers_newest_first(worked: Store) -> None:
    lines = list(worked.audit())
    page = worked.trail_pages.page(TrailQuery(person="lan"), len(lines), 1, "anybody")
    assert page == [line for line in reversed(lines) if line.person == "lan"]
    assert worked.trail_pages.page(TrailQuery(), 3, 2, "anybody") == [lines[2], lines[1]]


def test_that_lines_come_oldest_first_and_no_farther_than_told(
    worked: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trail_pages, "AT_ONCE", 2)
    lines = list(worked.audit())
    assert list(worked.trail_pages.lines(TrailQuery(), 5, "anybody")) == lines[:5]
    upto = worked.trail_pages.note_given_out(TrailQuery(), "csv", "lan", AT + timedelta(days=1))
    assert upto == len(lines)
    assert list(worked.audit())[-1].action == "trail.given_out"


def test_that_signs_of_a_pattern_are_only_signs(worked: Store) -> None:
    assert numbers(worked, TrailQuery(subject="%")) == []
    assert numbers(worked, TrailQuery(action="fiel_")) == []
