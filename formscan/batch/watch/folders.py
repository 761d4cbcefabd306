"""Watched folders into the ledger: what is quiet is taken in, with the stand its folder gives it."""

from __future__ import annotations

import hashlib
import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from formscan.batch.intake import take_in
from formscan.batch.watch.quiet import JOB_DONE, Quietness
from formscan.batch.watch.rules import FolderRule, with_sidecar
from formscan.model.ledger import Stand
from formscan.pipeline.acquire import FoundFile
from formscan.store import Ledger
from formscan.store.images import Images

POLL_S: Final = 3.0
PATIENCE_S: Final = 60.0
"""Quiet files wait this long for others that are still being written into their folder: one stack."""


class WatchedFolders:
    """Looks at folders again and again.

    Args:
        rules: The folders.
        ledger: Where files are noted.
        images: Takes the copies.
        person: Who ordered the watch.
        quietness: What counts as quiet.
        poll_s: Seconds between looks.
    """

    def __init__(
        self,
        rules: Sequence[FolderRule],
        ledger: Ledger,
        images: Images,
        person: str,
        quietness: Quietness | None = None,
        poll_s: float = POLL_S,
    ) -> None:
        self._rules = rules
        self._ledger, self._images, self._person = ledger, images, person
        self._quietness = quietness or Quietness()
        self._poll_s = poll_s
        self._taken: dict[Path, tuple[int, int]] = {}
        self._waits_since: dict[Path, float] = {}
        self.stirring = 0

    def files(
        self, stop: Callable[[], bool], hold: Callable[[], bool] = lambda: False, *, once: bool = False
    ) -> Iterator[str]:
        """Take in what is quiet, until told to stop.

        Args:
            stop: Whether to end.
            hold: Whether to take nothing in for now.
            once: End when everything that is there is taken in.

        Yields:
            Ids of files as they are noted.
        """
        while not stop():
            if not hold():
                yield from self.look()
                if once and not self.stirring:
                    return
            wake = time.monotonic() + self._poll_s
            while time.monotonic() < wake and not stop():
                time.sleep(0.05)

    def look(self) -> Iterator[str]:
        """Look at all folders once and take in what is quiet."""
        stirring = 0
        for plain in self._rules:
            if not plain.path.is_dir():
                continue  # a share that is away comes back
            rule = with_sidecar(plain)
            quiet = self._quietness.look(rule.path, self._is_known)
            stirring += quiet.stirring
            if quiet.files and self._may_take(rule.path, quiet.stirring):
                yield from self._take(rule, quiet.files)
        self.stirring = stirring

    def _may_take(self, folder: Path, stirring: int) -> bool:
        since = self._waits_since.setdefault(folder, time.monotonic())
        if stirring and time.monotonic() - since < PATIENCE_S:
            return False
        del self._waits_since[folder]
        return True

    def _take(self, rule: FolderRule, files: Sequence[Path]) -> Iterator[str]:
        by_folder: defaultdict[Path, list[Path]] = defaultdict(list)
        for file in files:
            by_folder[file.parent].append(file)
        for folder, group in by_folder.items():
            stand = _stand_of(rule, folder)
            stats = {path: path.stat() for path in group if path.exists()}
            yield from take_in(stats, self._ledger, self._images, stand, self._person)
            self._taken |= {path: (stat.st_size, stat.st_mtime_ns) for path, stat in stats.items()}

    def _is_known(self, path: Path, size: int, mtime_ns: int) -> bool:
        if self._taken.get(path) == (size, mtime_ns):
            return True
        rows = self._ledger.known_at(path.absolute().as_posix())
        if any(row.sha256 and (row.bytes_len, row.mtime_ns) == (size, mtime_ns) for row in rows):
            self._taken[path] = size, mtime_ns
            return True
        return False


def _stand_of(rule: FolderRule, folder: Path) -> Callable[[FoundFile, Path], Stand]:
    """How the files of one folder are worked on; a finished scan job says it for itself."""
    job = _job(folder)
    name = hashlib.sha256(folder.absolute().as_posix().encode()).hexdigest()[:16]
    now = datetime.now().astimezone()
    stack = f"scan-{name}" if job else f"watch-{name}-{datetime.now(UTC):%Y%m%dT%H%M%S.%f}"
    told: dict[str, Any] = job.get("order", {})

    def stand(_found: FoundFile, path: Path) -> Stand:
        scanned = datetime.fromtimestamp(path.stat().st_mtime, now.tzinfo)
        return Stand(
            stack,
            folder.absolute().as_posix(),
            rule.priority_of(scanned, now.date()) + int(told.get("priority", 0)),
            str(told.get("department") or rule.department),
            str(told.get("form") or rule.form),
            str(told.get("device") or rule.scanner),
        )

    return stand


def _job(folder: Path) -> dict[str, Any]:
    """What a finished scan job says; nothing where there is none, or it cannot be read."""
    try:
        found = json.loads((folder / JOB_DONE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
