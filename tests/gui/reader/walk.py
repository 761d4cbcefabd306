"""Walks what a screen reader sees of a running window and prints it as JSON (Debian's python3 with pyatspi).

Usage: ``walk.py SIGN COMMAND...`` starts the window and waits until something whose name begins with SIGN
is showing. The walker is on the bus first: a window that asks for the registry while that starts is never
listed.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

PATIENCE_S = 240.0
pyatspi: Any = importlib.import_module("pyatspi")


def application(pid: int) -> Any:
    """The window's process on the accessibility bus."""
    desktop = pyatspi.Registry.getDesktop(0)
    for place in range(desktop.childCount):
        found = desktop.getChildAtIndex(place)
        if found is not None and found.get_process_id() == pid:
            return found
    return None


def seen(node: Any, depth: int = 0) -> Iterator[dict[str, object]]:
    """All showing nodes below one, with role, name and whether keys reach them."""
    if node is None or depth > 25:
        return
    states = node.getState()
    showing = states.contains(pyatspi.STATE_SHOWING)
    if showing:
        yield {
            "role": node.getRoleName(),
            "name": node.name or "",
            "description": node.description or "",
            "focusable": states.contains(pyatspi.STATE_FOCUSABLE),
            "focused": states.contains(pyatspi.STATE_FOCUSED),
        }
    for place in range(min(node.childCount, 60)):
        yield from seen(node.getChildAtIndex(place), depth + 1)


def walked(pid: int, sign: str) -> tuple[bool, list[dict[str, object]]]:
    """Whether the sign showed in time, and what shows."""
    until = time.monotonic() + PATIENCE_S
    nodes: list[dict[str, object]] = []
    while time.monotonic() < until:
        found = application(pid)
        nodes = list(seen(found)) if found is not None else []
        if any(str(node["name"]).startswith(sign) for node in nodes):
            return True, nodes
        time.sleep(0.5)
    return False, nodes


def main() -> int:
    """Start, wait, walk, print."""
    sign, command = sys.argv[1], sys.argv[2:]
    environment = {**os.environ, "QT_QPA_PLATFORM": "xcb", "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1"}
    pyatspi.Registry.getDesktop(0)
    with subprocess.Popen(command, env=environment, stdout=sys.stderr) as window:
        shown, nodes = walked(window.pid, sign)
        window.kill()
    sys.stdout.write(json.dumps(nodes) + "\n")
    return 0 if shown else 1


if __name__ == "__main__":
    sys.exit(main())
