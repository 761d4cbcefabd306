"""Measures the window: start to usable, key press to next field painted (``formscan bench window``).

The window runs in a process of its own on a real database with invented drafts of all forms, and is worked
with key events; nothing of the screen is imported here.
"""

from __future__ import annotations

import argparse
import compileall
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

START_S: Final = 1.5
"""Most seconds from the start of the process to a usable window."""
PAINTED_MS: Final = 50.0
"""Most milliseconds from a key press to the next field painted, for 99 of 100 keys."""
LIMIT_S: Final = 300
PREPARE_S: Final = 1800


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print.

    Returns:
        0 where both limits are kept, 1 where one is not, 2 where the window could not be run.
    """
    parser = argparse.ArgumentParser(prog="formscan bench window", description=__doc__)
    parser.add_argument("--keys", type=int, default=240, help="fields to decide on, at least 200")
    parser.add_argument("--starts", type=int, default=5, help="times the window is started")
    parser.add_argument("--platform", default="", help="Qt platform, e.g. offscreen; default the machine's")
    parser.add_argument("--think-ms", type=int, default=120, help="pause before each key")
    parser.add_argument("--queued", type=int, default=5000, help="drafts that wait in the inbox besides")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(argv)
    try:
        found = measure(max(200, given.keys), given.starts, given.platform, given.think_ms, given.queued)
    except (subprocess.SubprocessError, ValueError) as error:
        sys.stderr.write(f"the window could not be measured: {type(error).__name__}\n")
        return 2
    sys.stdout.write(json.dumps(found) + "\n" if given.json else told(found))
    kept = found["start_s"]["worst"] <= START_S and found["key_to_painted_ms"]["p99"] <= PAINTED_MS
    return 0 if kept else 1


def measure(keys: int, starts: int, platform: str, think_ms: int, queued: int = 0) -> dict[str, Any]:
    """Start the window several times on one folder; the last time press the keys.

    Raises:
        subprocess.SubprocessError: If the window fails or does not end.
    """
    environment = {**os.environ, **({"QT_QPA_PLATFORM": platform} if platform else {})}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    _compile_as_installed()
    with tempfile.TemporaryDirectory(prefix="formscan-window-") as folder:
        home = Path(folder) / "home"
        _call(["prepare", str(home), "--queued", str(queued)], environment, PREPARE_S)
        runs = [_run(home, 1, 0, environment) for _ in range(max(1, starts))]
        last = _run(home, keys, think_ms, environment)
    times = sorted(run["start_to_usable_s"] for run in [*runs, last])
    shown = sorted(run["window_shown_s"] for run in [*runs, last])
    return {
        "platform": last["platform"],
        "queued": queued,
        "start_s": {"n": len(times), "median": times[len(times) // 2], "worst": times[-1]},
        "shown_s": {"n": len(shown), "median": shown[len(shown) // 2], "worst": shown[-1]},
        **{name: last[name] for name in last if name.endswith("_ms")},
        "load": _load(),
    }


def told(found: dict[str, Any]) -> str:
    """The figures for a person."""
    lines = [
        f"window ({found['platform']}), {found['queued']} drafts queued, load of the machine {found['load']}",
        "start to usable        median {median:.2f} s, worst {worst:.2f} s, n={n}".format(**found["start_s"]),
        "start to window shown  median {median:.2f} s, worst {worst:.2f} s, n={n}".format(**found["shown_s"]),
    ]
    names = {
        "key_to_painted_ms": "key to next field painted",
        "of_that_computing_ms": "  of that computing",
        "page_turns_ms": "  with a page turn",
        "key_to_saved_ms": "key to journal on disk",
    }
    for key, name in names.items():
        figures = found[key]
        if figures["n"]:
            times = "p50 {p50:.1f}, p99 {p99:.1f}, worst {worst:.1f} ms, n={n}".format(**figures)
            lines.append(f"{name:26} {times}")
    return "\n".join(lines) + "\n"


def _compile_as_installed() -> None:
    """What installing a package does: a start is not to compile the program anew each time."""
    for package in ("formscan", "ui"):
        spec = find_spec(package)
        for folder in spec.submodule_search_locations or () if spec else ():
            compileall.compile_dir(folder, quiet=2)


def _run(home: Path, keys: int, think_ms: int, environment: dict[str, str]) -> dict[str, Any]:
    arguments = ["run", str(home), "--keys", str(keys), "--think-ms", str(think_ms)]
    out = _call([*arguments, "--began", repr(time.time())], environment)
    figures: dict[str, Any] = json.loads(out)
    return figures


def _call(arguments: list[str], environment: dict[str, str], limit_s: int = LIMIT_S) -> str:
    command = [sys.executable, "-m", "ui.measure", *arguments]
    done = subprocess.run(
        command, env=environment, check=True, timeout=limit_s, stdout=subprocess.PIPE, encoding="utf-8"
    )
    return done.stdout


def _load() -> str:
    try:
        return f"{os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    except (AttributeError, OSError):  # not on Windows
        return f"unknown on {os.cpu_count()} cores"


if __name__ == "__main__":
    sys.exit(main())
