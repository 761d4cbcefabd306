"""Cuts the power in a model of a disk and looks what is left (``formscan bench powercut``).

The real writer works in a real folder while everything it asks of the file system is noted: files made,
flushed, renamed, folders made and flushed. The model then cuts the power after any of these steps. What was
flushed is there; of everything else (the bytes of a file, a new name in a folder, each by itself) any part
may be there or not, as on a file system that promises no more than POSIX does. A page counts as lost when
the writer had said it was safe and it is not there whole. A careless writer (no flush) is cut in the same
way, to show that the model can lose something.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from formscan.scanner.journal import OPEN_NAME, JobJournal, write_durably
from formscan.store.images import ImageFolder

Step = tuple[str, str, str]
"""What was asked: (make, path, ""), (written, path, SHA-256 of the content), (flush, path, SHA-256),
(rename, from, to), (folder, path, ""), (names, folder, ""), (safe, path, SHA-256); (line, path, SHA-256)
is said of a file that grows: it is there as it was then, or as it was flushed later."""
Writer = Callable[[Path, bytes], Path]

_WRITES: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT


@dataclass(frozen=True, slots=True)
class Cuts:
    """What was found.

    Attributes:
        cuts: How often the power was cut.
        acknowledged: Pages said to be safe before a cut, summed over the cuts.
        lost: Of these, pages that were not there whole.
        cuts_with_loss: Cuts that lost at least one.
    """

    cuts: int
    acknowledged: int
    lost: int
    cuts_with_loss: int


@dataclass(slots=True)
class Disk:
    """What survives: contents by file, and names by folder, as far as they were flushed."""

    contents: dict[int, str] = field(default_factory=dict)
    names: dict[str, dict[str, int]] = field(default_factory=dict)

    def holds(self, root: str, path: str) -> str | None:
        """SHA-256 of what lies under a path below ``root``; ``None`` where a name on the way is missing."""
        inner = Path(path).relative_to(root).parts
        place, node = root, -1
        for part in inner:
            found = self.names.get(place, {}).get(part)
            if found is None:
                return None
            place, node = f"{place}/{part}", found
        return self.contents.get(node)


def main(argv: Sequence[str] | None = None) -> int:
    """Cut and look.

    Returns:
        0 where the writer of the program lost nothing and the careless one did.
    """
    parser = argparse.ArgumentParser(prog="formscan bench powercut", description=__doc__)
    parser.add_argument("--cuts", type=int, default=1000)
    parser.add_argument("--pages", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(argv)
    found = {
        name: cut_often(writer, given.pages, given.cuts, given.seed)
        for name, writer in (
            ("image store", durable),
            ("intake", copied),
            ("scan job", scanned),
            ("careless", careless),
        )
    }
    sys.stdout.write(json.dumps({name: asdict(each) for name, each in found.items()}) + "\n")
    kept = sum(each.lost for name, each in found.items() if name != "careless")
    return int(kept > 0 or not found["careless"].lost)


def durable(root: Path, data: bytes) -> Path:
    """The way page images are kept."""
    folder, sha256 = ImageFolder(root), hashlib.sha256(data).hexdigest()
    folder.put(data, sha256)
    return folder.path(sha256)


def copied(root: Path, data: bytes) -> Path:
    """The way files are taken in."""
    folder, source = ImageFolder(root), root.parent / "source"
    source.write_bytes(data)
    sha256, _ = folder.take(source)
    return folder.path(sha256)


def scanned(root: Path, data: bytes) -> Path:
    """The way a scan job keeps a sheet: the page first, then its line in the journal."""
    sha256 = hashlib.sha256(data).hexdigest()
    journal = JobJournal(root)
    if not root.is_dir():
        root.mkdir()
        journal.begin({"device": "model"})
    path = root / f"{sha256}.jpg"
    write_durably(path, data)
    journal.add({"sheet": [{"file": path.name, "sha256": sha256}]})
    return path


def unflushed_journal(root: Path, data: bytes) -> Path:
    """A scan job that keeps its pages well and only writes its journal."""
    path = durable(root, data)
    with (root / OPEN_NAME).open("ab") as file:
        file.write(b"a sheet\n")
    return path


def careless(root: Path, data: bytes) -> Path:
    """What many programs do: write, rename, done."""
    sha256 = hashlib.sha256(data).hexdigest()
    path = root / sha256[:2] / sha256
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".part")
    temporary.write_bytes(data)
    temporary.replace(path)
    return path


def cut_often(writer: Writer, pages: int, cuts: int, seed: int) -> Cuts:
    """Note what a writer does with so many pages, and cut the power at random steps of it."""
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="formscan-cut-") as folder:
        root = Path(folder).resolve() / "images"
        with noted(root.parent) as steps:
            for _ in range(pages):
                data = chance.randbytes(chance.randrange(1, 2000))
                path = writer(root, data)
                journal = root / OPEN_NAME
                if journal.is_file():
                    steps.append(("line", journal.as_posix(), _digest(journal)))
                steps.append(("safe", path.as_posix(), hashlib.sha256(data).hexdigest()))
        told = list(steps)
        found = [_cut(told, root.parent.as_posix(), chance) for _ in range(cuts)]
    lost = [missing for _, missing in found]
    return Cuts(cuts, sum(safe for safe, _ in found), sum(lost), sum(each > 0 for each in lost))


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _cut(steps: Sequence[Step], root: str, chance: random.Random) -> tuple[int, int]:
    """Pages that were safe at a random moment, and how many of them are not there."""
    done = steps[: chance.randrange(1, len(steps) + 1)]
    disk = after_cut(done, chance)
    safe = {path: sha256 for what, path, sha256 in done if what == "safe"}
    lost = {path for path, sha256 in safe.items() if disk.holds(root, path) != sha256}
    grown: dict[str, set[str | None]] = {}
    for what, path, sha256 in reversed(done):
        if what in {"line", "flush"}:
            grown.setdefault(path, set()).add(sha256)
        if what == "line":
            if disk.holds(root, path) not in grown[path]:
                lost.add(path)
            break
    return len(safe), len(lost)


def after_cut(steps: Sequence[Step], chance: random.Random) -> Disk:
    """What is on the disk when the power goes after ``steps``."""
    disk, live = Disk(), dict[str, int]()
    unflushed: dict[int, str] = {}
    pending: dict[str, list[tuple[str, int | None]]] = {}
    share = chance.choice((0.0, 0.5, 0.9))

    def name(path: str, node: int | None) -> None:
        folder, _, last = path.rpartition("/")
        pending.setdefault(folder, []).append((last, node))

    for number, (what, path, other) in enumerate(steps):
        if what in {"make", "folder"}:
            live[path] = number
            name(path, number)
        elif what == "rename":
            live[other] = live.pop(path)
            name(path, None)
            name(other, live[other])
        elif what == "flush" and path in live:
            disk.contents[live[path]] = other
        elif what == "written":
            unflushed[live[path]] = other
        elif what == "names":
            _settle(disk, path, pending.pop(path, []))
    for node, content in unflushed.items():
        if chance.random() < share:
            disk.contents.setdefault(node, content)
    for folder, moves in pending.items():
        _settle(disk, folder, [move for move in moves if chance.random() < share])
    return disk


def _settle(disk: Disk, folder: str, moves: Sequence[tuple[str, int | None]]) -> None:
    names = disk.names.setdefault(folder, {})
    for last, node in moves:
        if node is None:
            names.pop(last, None)
        else:
            names[last] = node


@contextmanager
def noted(below: Path) -> Iterator[list[Step]]:
    """Everything this process asks of the file system below a folder, as it happens."""
    steps: list[Step] = []
    watching = [True]
    within = f"{below.as_posix()}/"

    def note(event: str, arguments: tuple[Any, ...]) -> None:
        if not watching[0] or event not in _EVENTS:
            return
        step = _EVENTS[event](arguments)
        if step is not None and step[1].startswith(within):
            steps.append(step)

        if step is not None and step[0] == "rename" and Path(step[1]).is_file():
            steps.insert(-1, ("written", step[1], hashlib.sha256(Path(step[1]).read_bytes()).hexdigest()))

    def flush(handle: int) -> None:
        real(handle)
        path = Path(f"/proc/self/fd/{handle}").readlink()
        if path.is_dir():
            steps.append(("names", path.as_posix(), ""))
        else:
            steps.append(("flush", path.as_posix(), hashlib.sha256(path.read_bytes()).hexdigest()))

    real = os.fsync
    sys.addaudithook(note)  # it cannot be taken away again, only told to stop
    os.fsync = flush  # type: ignore[assignment]  # everybody here hands it a number
    try:
        yield steps
    finally:
        os.fsync = real
        watching[0] = False


def _opened(arguments: tuple[Any, ...]) -> Step | None:
    path, _, flags = arguments
    made = isinstance(flags, int) and flags & _WRITES and isinstance(path, str | os.PathLike)
    if made and flags & os.O_APPEND and Path(path).exists():
        return None  # the file that is there goes on
    return ("make", os.fspath(path), "") if made else None


_EVENTS: Final[dict[str, Callable[[tuple[Any, ...]], Step | None]]] = {
    "open": _opened,
    "os.rename": lambda a: ("rename", os.fspath(a[0]), os.fspath(a[1])),
    "os.mkdir": lambda a: ("folder", os.fspath(a[0]), ""),
}


if __name__ == "__main__":
    sys.exit(main())
