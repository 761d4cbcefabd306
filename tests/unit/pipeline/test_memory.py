"""Memory a page needed goes back to the system."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from formscan.pipeline.memory import give_back


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="tells resident memory from /proc")
def test_that_small_freed_pieces_do_not_stay_resident() -> None:
    pieces = [np.ones(8_000, np.uint8) for _ in range(12_000)]  # too small to be mapped by themselves
    kept = pieces[-1]
    full = _resident_mib()
    del pieces
    give_back()
    assert full - _resident_mib() > 60
    assert kept[0] == 1


def _resident_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * 4096 / 2**20
