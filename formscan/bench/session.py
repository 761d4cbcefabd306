"""A day of two clerks and a supervisor through the real window, by keys: ``formscan bench session``.

Nothing of the screen is imported here; the window runs in a process of its own on invented forms.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

LIMIT_S = 3600


def main(argv: Sequence[str] | None = None) -> int:
    """Work the day and print what was done.

    Returns:
        0 where every form was released and no mouse was used, 1 otherwise, 2 where the window got stuck.
    """
    parser = argparse.ArgumentParser(prog="formscan bench session", description=__doc__)
    parser.add_argument("--forms", type=int, default=20)
    parser.add_argument("--pictures", type=Path, help="folder for pictures of the steps")
    parser.add_argument("--platform", default="offscreen", help="Qt platform; empty for the machine's")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(argv)
    if given.pictures is not None:
        given.pictures.mkdir(parents=True, exist_ok=True)
    try:
        found = measure(given.forms, given.platform, given.pictures)
    except subprocess.SubprocessError as error:
        sys.stderr.write(f"the day was not worked to its end: {type(error).__name__}\n")
        return 2
    sys.stdout.write(json.dumps(found) + "\n" if given.json else told(found))
    return 0 if found["released"] == found["forms"] and not found["mouse"] else 1


def measure(forms: int, platform: str, pictures: Path | None) -> dict[str, Any]:
    """Work a day on so many forms.

    Raises:
        subprocess.SubprocessError: The window got stuck or did not end.
    """
    environment = {**os.environ, **({"QT_QPA_PLATFORM": platform} if platform else {})}
    with tempfile.TemporaryDirectory(prefix="formscan-session-") as folder:
        command = [sys.executable, "-m", "ui.working_day", str(Path(folder) / "home"), "--forms", str(forms)]
        command += ["--pictures", str(pictures)] if pictures is not None else []
        done = subprocess.run(
            command, env=environment, check=True, timeout=LIMIT_S, stdout=subprocess.PIPE, encoding="utf-8"
        )
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return figures


def told(found: dict[str, Any]) -> str:
    """The day for a person."""
    return (
        "{forms} forms, {decided} fields decided, {keys} keys, {mouse} events of a mouse; "
        "{plants_told} planted values told, {screens_of_groups} screens of look-alikes, "
        "{second_keys} second keys, {rulings} rulings, {released} released, {corrections} approved, "
        "a sample of {sampled} fields with {findings} findings; {seconds} s\n"
    ).format_map(found)


if __name__ == "__main__":
    sys.exit(main())
