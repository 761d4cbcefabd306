"""How the night stands, for whoever looks: a small file in the data folder, written over every few seconds.

The window and ``formscan batch status`` of another process read it; a file ``night.pause`` beside it,
which anybody may create, makes the night pause.
"""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

STATUS: Final = "night.json"
PAUSE: Final = "night.pause"
FRESH_S: Final = 30.0
"""An older status is of a night that ended without a word."""


@dataclass(frozen=True, slots=True)
class NightStatus:
    """A moment of the night.

    Attributes:
        at: UTC, ISO 8601.
        state: ``working``, ``waiting`` (for files), ``paused``, ``closed`` (out of hours), ``guarded``
            (disk or memory), ``ended``.
        reason: Code of why it does not work, or empty.
        done: Pages that got a result since the start.
        waiting: Pages and files that wait.
        stirring: Files in watched folders that are still being written.
        pages_a_minute: Pace.
        done_by: Local time, ISO 8601, or empty.
        label: File and page of the last result.
        folders: How many are watched.
        workers: Processes that read.
    """

    at: str
    state: str
    reason: str = ""
    done: int = 0
    waiting: int = 0
    stirring: int = 0
    pages_a_minute: float = 0.0
    done_by: str = ""
    label: str = ""
    folders: int = 0
    workers: int = 0

    @property
    def is_running(self) -> bool:
        """Whether that night goes on, as far as the file tells."""
        age = (datetime.now(UTC) - datetime.fromisoformat(self.at)).total_seconds()
        return self.state != "ended" and age < FRESH_S


class NightBoard:
    """The file with the status, and the one that pauses.

    Args:
        home: Folder of the database.
    """

    def __init__(self, home: Path) -> None:
        self._home = home

    def write(self, status: NightStatus) -> None:
        """Put a status up, all at once."""
        temporary = self._home / f".{STATUS}.{secrets.token_hex(4)}"
        temporary.write_text(json.dumps(asdict(status), ensure_ascii=False), encoding="utf-8")
        try:
            temporary.replace(self._home / STATUS)
        except PermissionError:  # Windows: somebody is reading it; the next status comes soon
            temporary.unlink(missing_ok=True)

    def read(self) -> NightStatus | None:
        """The last status, or ``None`` where there never was one."""
        try:
            return NightStatus(**json.loads((self._home / STATUS).read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    @property
    def paused(self) -> bool:
        """Whether somebody asked for a pause."""
        return (self._home / PAUSE).exists()

    def pause(self, *, on: bool) -> None:
        """Ask for a pause, or for going on."""
        self._home.mkdir(parents=True, exist_ok=True)
        if on:
            (self._home / PAUSE).write_text(f"{os.getpid()}\n", encoding="ascii")
        else:
            (self._home / PAUSE).unlink(missing_ok=True)
