"""A few kills of a small night; ``formscan bench kills`` does hundreds."""

from __future__ import annotations

import random
from pathlib import Path

from formscan.bench.kills import Harness
from formscan.bench.kills_stack import compose


def test_that_killing_the_night_loses_doubles_and_repeats_nothing(tmp_path: Path) -> None:
    files = compose(tmp_path / "stack", pages=12, forms=2, foreign=1)
    for slow in ("endless.pdf", "huge.png"):  # half a minute each
        next((tmp_path / "stack").glob(f"*{slow}")).unlink()
    harness = Harness(tmp_path, tmp_path / "run", None, 1, random.Random(3))
    found = harness.run(kills=3, longest_s=3.0, budget_s=60.0)
    assert found.pages == files - 2
    assert found.kills.total() >= 1
    assert found.drafts >= 1
    assert found.clean, found
