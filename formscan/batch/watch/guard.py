"""Keeps the night from filling the disk or the memory: it waits until there is room again."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

GIB: Final = 2**30


@dataclass(frozen=True, slots=True)
class Guard:
    """What must stay free.

    Attributes:
        home: Folder of the database and the images.
        disk_bytes: Free space on its disk.
        memory_bytes: Memory that can be had without swapping.
        free_memory: Gives it.
    """

    home: Path
    disk_bytes: int = 2 * GIB
    memory_bytes: int = GIB // 2
    free_memory: Callable[[], int] = lambda: int(psutil.virtual_memory().available)

    def reason(self) -> str:
        """Why the night must wait: ``watch.disk``, ``watch.memory``, or empty."""
        if shutil.disk_usage(self.home).free < self.disk_bytes:
            return "watch.disk"
        return "watch.memory" if self.free_memory() < self.memory_bytes else ""
