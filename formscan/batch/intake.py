"""Taking in: a durable copy of every file first, then a row in the ledger, before anything is opened."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final

from formscan.model.ledger import NewFile, Stand
from formscan.model.page import Held, Source
from formscan.pipeline.acquire import AcquireLimits, FoundFile, find_files
from formscan.store import Ledger
from formscan.store.images import Images

GROUP: Final = 32
"""Files noted in one transaction; their copies are durable before it."""


def stack_id(paths: Iterable[Path]) -> str:
    """The same paths in the same order are the same stack, whenever they are run."""
    told = "\n".join(path.absolute().as_posix() for path in paths)
    return f"stack-{hashlib.sha256(told.encode()).hexdigest()[:24]}"


def take_in(
    paths: Iterable[Path],
    ledger: Ledger,
    images: Images,
    stand: Callable[[FoundFile, Path], Stand],
    who: str = "system",
    limits: AcquireLimits | None = None,
) -> Iterator[str]:
    """Copy files into the image store and note them in the ledger.

    A file that is known (same place, length and time, or same bytes) is not copied again; so a second run
    on the same folder does nothing. What is being written right now is taken as it is; look before.

    Args:
        paths: Files, folders and archives, in stack order.
        ledger: Notes them.
        images: Takes the copies.
        stand: How a file is to be worked on, by file and the path it was found under.
        who: Who ordered it.
        limits: What is refused unopened.

    Yields:
        Id of each file in order, once it is noted; those known before as well.
    """
    group: list[NewFile] = []
    for path in paths:
        for found in find_files(path.absolute(), limits or AcquireLimits()):
            known = _known(found, ledger)
            if known is None:
                group.append(_copied(found, images, stand(found, path)))
            if known is not None or len(group) >= GROUP:
                yield from _noted(group, ledger, who)
                group = []
            if known is not None:
                yield known
    yield from _noted(group, ledger, who)


def _noted(group: list[NewFile], ledger: Ledger, who: str) -> list[str]:
    return [taken.id for taken in ledger.take_in(group, who)]


def _known(found: FoundFile, ledger: Ledger) -> str | None:
    """Id of a file that is known without reading it."""
    if found.held is not None or "!/" in found.place:
        return None
    try:
        stat = found.path.stat()
    except OSError:
        return None
    return next(
        (
            file.id
            for file in reversed(ledger.known_at(found.place))
            if file.sha256 and (file.bytes_len, file.mtime_ns) == (stat.st_size, stat.st_mtime_ns)
        ),
        None,
    )


def _copied(found: FoundFile, images: Images, stand: Stand) -> NewFile:
    if found.held is not None:
        return NewFile(found.place, found.name, "", 0, 0, stand, found.held)
    try:
        stat = found.path.stat()
        sha256, length = images.take(found.path)
    except OSError as error:
        facts = (("error", type(error).__name__),)
        held = Held(Source(found.name, ""), "acquire", "acquire.unreadable", facts)
        return NewFile(found.place, found.name, "", 0, 0, stand, held)
    return NewFile(found.place, found.name, sha256, length, stat.st_mtime_ns, stand)


class Feeder:
    """Takes files in beside the reading, in a thread of its own.

    Args:
        files: Gives ids of files as they are noted, e.g. ``take_in``.
        stop: Whether to stop early.
    """

    def __init__(self, files: Iterable[str], stop: Callable[[], bool]) -> None:
        self._files = files
        self._stop = stop
        self._thread = threading.Thread(target=self._run, name="formscan-intake", daemon=True)
        self._error: BaseException | None = None
        self.ids: list[str] = []

    def __enter__(self) -> Feeder:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop = lambda: True
        self._thread.join()

    def busy(self) -> bool:
        """Whether files may still come in.

        Raises:
            Exception: What ended the intake, if it failed.
        """
        if self._thread.is_alive():
            return True
        if self._error is not None:
            raise self._error
        return False

    def _run(self) -> None:
        try:
            for each in self._files:
                self.ids.append(each)
                if self._stop():
                    return
        except Exception as error:  # noqa: BLE001 - handed to the thread that asks
            self._error = error
