from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from formscan.model.record import DraftState, DraftSummary
from formscan.review.queue import ordered

START = datetime(2026, 3, 2, tzinfo=UTC)
PLAIN = DraftSummary("plain", "F", "1", START, DraftState.OPEN, 1, 10, 0, 0, 0, "a")
IN_ORDER = (
    replace(PLAIN, id="begun", reviewed=3, created_at=START + timedelta(days=9)),
    replace(PLAIN, id="today", priority=5),
    replace(PLAIN, id="two-problems", problems=2),
    replace(PLAIN, id="one-problem-many-flags", problems=1, flagged=9),
    replace(PLAIN, id="one-problem", problems=1),
    replace(PLAIN, id="most-wrong-expected", expected=3.4),
    replace(PLAIN, id="some-wrong-expected", expected=1.1, flagged=1),
    replace(PLAIN, id="half-flagged", fields=4, flagged=2),
    replace(PLAIN, id="third-flagged-but-more", fields=30, flagged=10),
    replace(PLAIN, id="oldest", created_at=START - timedelta(hours=1)),
    replace(PLAIN, id="plain"),
    replace(PLAIN, id="plain-too"),
    replace(PLAIN, id="released", state=DraftState.RELEASED, problems=9),
)


def test_that_what_needs_a_person_most_comes_first_however_it_came_in() -> None:
    for turn in range(len(IN_ORDER)):
        assert ordered((*IN_ORDER[turn:], *IN_ORDER[:turn])) == IN_ORDER
    for pair in itertools.combinations(IN_ORDER, 2):
        assert ordered(reversed(pair)) == pair


def test_that_a_draft_without_fields_and_a_fully_reviewed_one_have_a_place() -> None:
    empty = replace(PLAIN, id="empty", fields=0)
    done = replace(PLAIN, id="done", reviewed=10)
    assert [draft.id for draft in ordered([done, empty])] == ["done", "empty"]


def test_that_what_others_have_in_hand_or_must_look_at_comes_last() -> None:
    free = replace(PLAIN, id="free")
    held = replace(PLAIN, id="held", reviewed=5, problems=3, held_by="hoa")
    waits = replace(PLAIN, id="waits", reviewed=10, waiting=2)
    half = replace(PLAIN, id="half", reviewed=5, waiting=2)
    assert [d.id for d in ordered((held, waits, free, half))] == ["half", "free", "held", "waits"]
