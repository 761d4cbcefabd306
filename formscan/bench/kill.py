"""Kills the window at random moments of a review and looks what is left (``formscan bench kill``).

After each kill every decision the window had shown as saved must be in the database, no draft may be half
released, and the audit chain must hold. A kill shows what a crashed program loses, not what a power cut does.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from formscan.settings import Settings

LONGEST_S: Final = 2.5
"""A kill comes at most so long after the first decision."""


@dataclass(slots=True)
class Losses:
    """What was found after the kills."""

    kills: int = 0
    shown_as_saved: int = 0
    lost: list[str] = field(default_factory=list)
    half_saved: int = 0
    broken_chains: int = 0


def main(argv: Sequence[str] | None = None) -> int:
    """Kill and look.

    Returns:
        0 where nothing was lost.
    """
    parser = argparse.ArgumentParser(prog="formscan bench kill", description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(argv)
    found = kill_often(given.kills, random.Random(given.seed))
    sys.stdout.write(
        json.dumps(
            {
                "kills": found.kills,
                "shown_as_saved": found.shown_as_saved,
                "lost": len(found.lost),
                "half_saved_entries": found.half_saved,
                "broken_audit_chains": found.broken_chains,
            }
        )
        + "\n"
    )
    return int(bool(found.lost or found.half_saved or found.broken_chains))


def kill_often(kills: int, chance: random.Random) -> Losses:
    """Prepare a folder and kill the window on it so often; a fresh folder where a review comes to its end."""
    losses = Losses()
    environment = {**os.environ, "QT_QPA_PLATFORM": os.environ.get("QT_QPA_PLATFORM", "offscreen")}
    with tempfile.TemporaryDirectory(prefix="formscan-kill-") as folder:
        home, round_ = Path(folder) / "0", 0
        while losses.kills < kills:
            if not home.exists():
                _window(["prepare", str(home)], environment).wait()
            saved, ended = _killed(home, chance.uniform(0.0, LONGEST_S), environment)
            if ended:
                round_ += 1
                home = Path(folder) / str(round_)
                continue
            losses.kills += 1
            _look(home, saved, losses)
    return losses


def _killed(home: Path, after_s: float, environment: dict[str, str]) -> tuple[list[tuple[str, str]], bool]:
    """Run the window and kill it; what it had shown as saved, and whether it had come to its end."""
    arguments = ["run", str(home), "--keys", "400", "--think-ms", "15", "--tell"]
    saved: list[tuple[str, str]] = []
    with _window(arguments, environment) as window:
        timer: threading.Timer | None = None
        for line in window.stdout or ():
            if line.startswith("{"):
                break
            draft, _, field_id = line.strip().partition(" ")
            saved.append((draft, field_id))
            if timer is None:
                timer = threading.Timer(after_s, window.kill)
                timer.start()
        ended = window.wait() == 0
        if timer is not None:
            timer.cancel()
            timer.join()
    return saved, ended


def _look(home: Path, saved: list[tuple[str, str]], losses: Losses) -> None:
    from formscan.store import Store

    settings = Settings(home=home)
    with Store.open(settings.database_url, settings.images) as store:
        known = {draft: {d.field_id for d in store.decisions(draft)} for draft in {one for one, _ in saved}}
        losses.shown_as_saved += len(set(saved))
        losses.lost += [field_id for draft, field_id in set(saved) if field_id not in known[draft]]
        losses.half_saved += len(store.entries())  # nothing was released, so there may be none
        losses.broken_chains += not store.verify_audit().intact


def _window(arguments: list[str], environment: dict[str, str]) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "ui.measure", *arguments]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
