"""Slices of kills add up, and one that lost something spoils the sum."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from formscan.bench.kills import Kills, summed


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
