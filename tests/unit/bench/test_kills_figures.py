"""Slices of kills add up, and one that lost something spoils the sum."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from formscan.bench.kills import AT, Kills, compared, summed
from formscan.model.page import Source
from formscan.model.record import Draft, DraftPage, Problem


def test_that_slices_add_up_and_a_loss_shows(tmp_path: Path) -> None:
    good = Kills(1, kills=Counter(worker=30, scheduler=10), checks=9, chain_intact=True, ended=True)
    noted = tmp_path / "kills.jsonl"
    noted.write_text(json.dumps(good.document()) + "\n", "utf-8")
    told = summed(noted)
    assert (told["n"], told["kills"], told["clean"]) == (40, {"worker": 30, "scheduler": 10}, True)
    assert told["share_of_kills_that_lose_at_most_95"] == pytest.approx(1 - 0.025 ** (1 / 40), abs=1e-4)
    bad = Kills(2, kills=Counter(tree=5), lost=1, chain_intact=True, ended=True)
    with noted.open("a", encoding="utf-8") as out:
        out.write(json.dumps(bad.document()) + "\n")
    told = summed(noted)
    assert (told["n"], told["lost"], told["clean"]) == (45, 1, False)
    assert "share_of_kills_that_lose_at_most_95" not in told


def draft(name: str, near: str = "", form: str = "36-BV2", width: int = 100) -> Draft:
    """A document of one page, a second scan of another where that is named."""
    notes = (f"duplicate.near:{near}",) if near else ()
    problems = (Problem("pages.near_duplicate", 1, (("of", near),)),) if near else ()
    page = DraftPage(
        1, Source(name, name), name, "image/png", width, 140, 150.0, 0, 0.0, 0.1, 0.1, 0.0, notes
    )
    return Draft(name, form, "1", "d", (page,), (), problems, AT)


def by_id(*drafts: Draft) -> dict[str, Draft]:
    return {each.id: each for each in drafts}


def test_that_a_page_whose_like_died_may_name_another_and_differ_in_nothing_else() -> None:
    calm = by_id(draft("a"), draft("b", "a"), draft("c", "a"))
    ours = by_id(draft("b"), draft("c", "b"))
    assert compared(calm, ours, {("a", 0)}) == (2, 0)
    assert compared(calm, ours, set()) == (0, 3)
    assert compared(calm, by_id(draft("b", width=99), draft("c", "b")), {("a", 0)}) == (1, 1)


def test_that_a_page_of_another_form_may_not_differ_and_none_may_be_strange_or_gone() -> None:
    calm = by_id(draft("a"), draft("b", "x", form="07-BV1"))
    assert compared(calm, by_id(draft("b", form="07-BV1")), {("a", 0)}) == (0, 1)
    assert compared(calm, {}, {("a", 0)}) == (0, 1)
    assert compared(calm, calm | by_id(draft("new")), {("a", 0)}) == (0, 1)
    assert compared(calm, calm, set()) == (0, 0)
