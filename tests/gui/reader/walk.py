"""Walks what a screen reader sees of every place of a window; prints it as JSON (Debian's python3, pyatspi).

Usage: ``walk.py FOLDER COMMAND...`` starts the window; in FOLDER places are asked for (``window.py``). The
walker is on the bus first: a window that asks for the registry while that starts is never listed.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PATIENCE_S = 150.0
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
    elif depth > 1:
        return  # another desk of the pile
    for place in range(min(node.childCount, 60)):
        yield from seen(node.getChildAtIndex(place), depth + 1)


def places(folder: Path, until: float) -> list[str]:
    """All places the window can show."""
    while (told := _told(folder)).partition(" ")[0] != "ready":
        _wait(until)
    return told.split()[1:]


def at(folder: Path, place: str, until: float) -> None:
    """Ask for a place and wait until it is shown."""
    fresh = folder / "wanted.new"
    fresh.write_text(place, "utf-8")
    fresh.replace(folder / "wanted")
    while _told(folder) != place:
        _wait(until)


def _told(folder: Path) -> str:
    shown = folder / "shown"
    return shown.read_text("utf-8") if shown.exists() else ""


def _wait(until: float) -> None:
    if time.monotonic() > until:
        raise TimeoutError
    time.sleep(0.05)


def main() -> int:
    """Start the window, wait, walk every place, print."""
    folder, command = Path(sys.argv[1]), sys.argv[2:]
    environment = {**os.environ, "QT_QPA_PLATFORM": "xcb", "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1"}
    pyatspi.Registry.getDesktop(0)
    until = time.monotonic() + PATIENCE_S
    found: dict[str, list[dict[str, object]]] = {}
    with subprocess.Popen(command, env=environment, stdout=sys.stderr) as window:
        try:
            for place in places(folder, until):
                at(folder, place, until)
                while not (nodes := list(seen(application(window.pid)))):
                    _wait(until)
                found[place] = nodes
        except TimeoutError:
            sys.stderr.write(f"walked {sorted(found)}; the window says {_told(folder)!r}\n")
            return 1
        finally:
            window.kill()
            sys.stdout.write(json.dumps(found) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
