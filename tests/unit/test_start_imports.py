"""What the window needs before it can be used loads nothing that may come later."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

START = """
import json, sys
import ui.backing, ui.main_window, ui.start
import formscan.app, formscan.store, formscan.templates
print(json.dumps(sorted(sys.modules)))
"""


@pytest.fixture(scope="module")
def loaded() -> frozenset[str]:
    """Names of the modules a start of the window loads."""
    done = subprocess.run([sys.executable, "-c", START], check=True, capture_output=True, encoding="utf-8")
    return frozenset(json.loads(done.stdout))


@pytest.mark.parametrize("late", ["numpy", "PIL", "cv2", "structlog", "rich", "scipy", "onnxruntime", "dask"])
def test_that_the_window_starts_without_what_only_later_work_needs(loaded: frozenset[str], late: str) -> None:
    assert "sqlalchemy" in loaded
    assert late not in loaded
