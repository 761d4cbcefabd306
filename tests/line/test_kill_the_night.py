"""A few kills of a small night; ``formscan bench kills`` does hundreds."""

from __future__ import annotations

import random
from pathlib import Path

from formscan.bench.kills import Harness


def test_that_killing_the_night_loses_doubles_and_repeats_nothing(tmp_path: Path) -> None:
    harness = Harness(tmp_path, "", 1, random.Random(3))
    harness.compose(cheap=12, forms=1)
    found = harness.run(kills=3, longest_s=3.0, budget_s=60.0)
    assert found.pages == 17
    assert sum(found.kills.values()) >= 1
    assert found.clean, found
