"""What a screen reader sees of the real window, asked over AT-SPI under Xvfb."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).resolve().parent / "reader"
PARTS = ("dbus-run-session", "xvfb-run", "/usr/bin/python3")
CONTROLS = {
    "push button",
    "text",
    "list",
    "table",
    "menu item",
    "check menu item",
    "radio menu item",
    "label",
}
UNNAMED_OF_QT = {"filler", "panel", "layered pane", "split pane", "scroll pane", "separator", "table cell"}


def _missing() -> str:
    lacking = [part for part in PARTS if shutil.which(part) is None]
    if lacking or sys.platform == "win32":
        return f"not here: {', '.join(lacking) or 'AT-SPI'}"
    told = subprocess.run(["/usr/bin/python3", "-c", "import pyatspi"], check=False, capture_output=True)
    return "" if told.returncode == 0 else "python3-pyatspi is not installed"


def _walk(place: str, sign: str) -> list[dict[str, Any]]:
    environment = {name: value for name, value in os.environ.items() if name != "QT_QPA_PLATFORM"}
    environment["NO_AT_BRIDGE"] = "0"
    command = [
        "dbus-run-session", "--", "xvfb-run", "-a", "-s", "-screen 0 1400x900x24",
        str(HERE / "walk.sh"), sys.executable, place, sign,
    ]  # fmt: skip
    # The bus of a session that is just ending takes its socket away, which has the name of the next one's.
    with tempfile.TemporaryDirectory(prefix="reader-") as apart:
        told = subprocess.run(
            command, env={**environment, "XDG_RUNTIME_DIR": apart}, check=False, capture_output=True,
            encoding="utf-8", timeout=280,
        )  # fmt: skip
    assert told.returncode == 0, f"{place}: the window never showed {sign!r}: {told.stderr[-800:]}"
    nodes: list[dict[str, Any]] = json.loads(told.stdout.splitlines()[-1])
    return nodes


@pytest.mark.skipif(bool(_missing()), reason=_missing() or "-")
@pytest.mark.parametrize(
    ("place", "sign", "least"),
    [("inbox", "Drafts to review", 8), ("review", "01/BV-01", 15), ("groups", "Group 1 of", 10)],
)
def test_that_a_screen_reader_finds_a_name_for_everything_the_keys_reach(
    place: str, sign: str, least: int
) -> None:
    nodes = _walk(place, sign)
    reached = [node for node in nodes if node["focusable"] and node["role"] not in UNNAMED_OF_QT]
    nameless = [node["role"] for node in reached if not (node["name"] or node["description"]).strip()]
    assert nameless == []
    controls = Counter(node["role"] for node in nodes if node["role"] in CONTROLS and node["name"])
    assert sum(controls.values()) >= least, controls
    assert not [
        n for n in nodes if n["role"] in {"push button", "menu item", "label"} and not n["name"].strip()
    ]
