"""Files that nobody writes to any more. Polling only, so that it works on Windows and on network shares.

A file is quiet when its length and time have not changed for a while, its name is not that of a half
copied file, and no process of this machine has it open for writing (where the system tells). A folder a
scanner fills is quiet when its job is finished (``formscan.scanner``).
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from formscan.pipeline.intake.stacks import folder_members

QUIET_S: Final = 5.0
"""Without a change for so long; copying over a slow share writes more often than that."""
EMPTY_S: Final = 60.0
"""An empty file is one whose bytes are still to come, up to here."""
HALF_COPIED: Final = (".part", ".partial", ".tmp", ".temp", ".crdownload", ".download", ".filepart", ".!ut")
JOB_OPEN: Final = ".scan.jsonl"
JOB_DONE: Final = ".scan.json"


@dataclass(frozen=True, slots=True)
class Quiet:
    """What can be taken in now.

    Attributes:
        files: Quiet files in stack order.
        stirring: Files that are not quiet yet.
    """

    files: tuple[Path, ...]
    stirring: int


class Quietness:
    """Remembers how files looked before.

    Args:
        quiet_s: How long a file must not have changed.
        clock: Seconds that only go up.
    """

    def __init__(self, quiet_s: float = QUIET_S, clock: Callable[[], float] = time.monotonic) -> None:
        self._quiet_s = quiet_s
        self._clock = clock
        self._seen: dict[Path, tuple[int, int, float]] = {}

    def look(self, root: Path, known: Callable[[Path, int, int], bool]) -> Quiet:
        """Look at a folder once.

        Args:
            root: The folder.
            known: Whether a file of that path, length and time was taken in before; it is passed over.
        """
        now, waiting, there = self._clock(), [], set()
        stirring = 0
        for path, stat in _files(root):
            there.add(path)
            if known(path, stat.st_size, stat.st_mtime_ns):
                self._seen.pop(path, None)
            elif self._is_quiet(path, stat, now):
                waiting.append(path)
            else:
                stirring += 1
        for gone in [path for path in self._seen if path.is_relative_to(root) and path not in there]:
            del self._seen[gone]
        written = open_for_writing(waiting)
        quiet = tuple(path for path in waiting if path not in written)
        return Quiet(quiet, stirring + len(written))

    def _is_quiet(self, path: Path, stat: os.stat_result, now: float) -> bool:
        size, mtime, since = self._seen.get(path, (-1, -1, now))
        if (size, mtime) != (stat.st_size, stat.st_mtime_ns):
            since = now
        self._seen[path] = stat.st_size, stat.st_mtime_ns, since
        return now - since >= (self._quiet_s if stat.st_size else max(EMPTY_S, self._quiet_s))


def _files(root: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """Files below a folder in stack order, without half copied ones and those of open scan jobs."""
    open_jobs: dict[Path, bool] = {}
    for member in folder_members(root):
        path = member.path
        if path is None or is_half_copied(path.name):
            continue
        folder = path.parent
        if folder not in open_jobs:
            open_jobs[folder] = (folder / JOB_OPEN).exists() and not (folder / JOB_DONE).exists()
        if open_jobs[folder]:
            continue
        try:
            yield path, path.stat()
        except OSError:
            continue  # gone between listing and looking; it is looked for again next time


def is_half_copied(name: str) -> bool:
    """Whether a name is one under which programs write what is not whole yet."""
    small = name.casefold()
    return small.startswith((".", "~$")) or small.endswith(HALF_COPIED)


def open_for_writing(paths: Iterable[Path]) -> set[Path]:
    """Those of ``paths`` that a process of this machine has open for writing, where the system tells.

    Linux tells of processes one may look into; Windows refuses to open such a file for writing again.
    Elsewhere, and of other machines on a share, nothing is known: quietness has to do.
    """
    wanted = {str(path.absolute()): path for path in paths}
    if not wanted:
        return set()
    if os.name == "nt":
        return {path for path in wanted.values() if not _opens_for_writing(path)}
    return {wanted[name] for name in _written_files(wanted.keys())}


def _opens_for_writing(path: Path) -> bool:
    try:
        with path.open("rb+"):
            return True
    except OSError:
        return False


def _written_files(wanted: Iterable[str]) -> set[str]:
    names, found, own = set(wanted), set(), str(os.getpid())
    for process in Path("/proc").glob("[0-9]*"):
        if process.name == own:
            continue
        try:
            for handle in (process / "fd").iterdir():
                name = str(handle.readlink())
                if name in names and _writes(process / "fdinfo" / handle.name):
                    found.add(name)
        except OSError:
            continue  # ended meanwhile, or not ours to look into
    return found


def _writes(info: Path) -> bool:
    for line in info.read_text().splitlines():
        if line.startswith("flags:"):
            return int(line.split()[1], 8) & (os.O_WRONLY | os.O_RDWR) != 0
    return False
