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

from ui.desks import all_desks

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
LEAST = {"inbox": 8, "review": 15, "groups": 10, "staff": 10, "studio": 8}
"""Named controls in view; four at least anywhere."""
UNNAMED_OF_QT = {"filler", "panel", "layered pane", "split pane", "scroll pane", "separator", "table cell"}


def _missing() -> str:
    lacking = [part for part in PARTS if shutil.which(part) is None]
    if lacking or sys.platform == "win32":
        return f"not here: {', '.join(lacking) or 'AT-SPI'}"
    told = subprocess.run(["/usr/bin/python3", "-c", "import pyatspi"], check=False, capture_output=True)
    return "" if told.returncode == 0 else "python3-pyatspi is not installed"


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, Any]]]:
    """What was told at each place, in one walk through one window."""
    environment = {name: value for name, value in os.environ.items() if name != "QT_QPA_PLATFORM"}
    environment["NO_AT_BRIDGE"] = "0"
    folder = tmp_path_factory.mktemp("walk")
    command = [
        "dbus-run-session", "--", "xvfb-run", "-a", "-s", "-screen 0 1400x900x24",
        str(HERE / "walk.sh"), sys.executable, str(folder),
    ]  # fmt: skip
    # The bus of a session that is just ending takes its socket away, which has the name of the next one's.
    with tempfile.TemporaryDirectory(prefix="reader-") as apart:
        environment["XDG_RUNTIME_DIR"] = apart
        told = subprocess.run(
            command, env=environment, check=False, capture_output=True, encoding="utf-8", timeout=280
        )
    assert told.returncode == 0, told.stderr[-800:]
    nodes: dict[str, list[dict[str, Any]]] = json.loads(told.stdout.splitlines()[-1])
    return nodes


@pytest.mark.skipif(bool(_missing()), reason=_missing() or "-")
@pytest.mark.parametrize("place", ["inbox", "review", *(desk.id for desk in all_desks())])
def test_that_a_screen_reader_finds_a_name_for_everything_the_keys_reach(
    walked: dict[str, list[dict[str, Any]]], place: str
) -> None:
    nodes = walked[place]
    reached = [node for node in nodes if node["focusable"] and node["role"] not in UNNAMED_OF_QT]
    nameless = [node["role"] for node in reached if not (node["name"] or node["description"]).strip()]
    assert nameless == []
    controls = Counter(node["role"] for node in nodes if node["role"] in CONTROLS and node["name"])
    assert sum(controls.values()) >= LEAST.get(place, 4), controls
    focused = [node for node in nodes if node["focused"]]
    assert focused, "nothing has the focus"
    assert all(node["name"] for node in focused), focused
    assert not [
        n for n in nodes if n["role"] in {"push button", "menu item", "label"} and not n["name"].strip()
    ]


@pytest.mark.skipif(bool(_missing()), reason=_missing() or "-")
def test_that_each_place_was_shown_by_itself(walked: dict[str, list[dict[str, Any]]]) -> None:
    said = {place: frozenset(str(node["name"]) for node in nodes) for place, nodes in walked.items()}
    signs = {"inbox": "Drafts to review", "review": "01/BV-01", "groups": "Group 1 of", "staff": "Accounts"}
    for place, sign in signs.items():
        where = {one for one, names in said.items() if any(name.startswith(sign) for name in names)}
        assert where == {place}, sign
