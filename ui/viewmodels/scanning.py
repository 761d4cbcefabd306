"""The scan desk: scanners, a live preview, a job that goes on after a stop."""

from __future__ import annotations

import io
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol, TypeVar, cast

from PySide6.QtCore import QObject, Signal, Slot

from formscan.model.page import Pixels
from ui.items.page_picture import PagePicture
from ui.tasks import TaskRunner
from ui.viewmodels.backend import Backend, Digitised

if TYPE_CHECKING:
    from formscan.scanner.device import Halt, ScanSettings
    from formscan.scanner.job import JobOrder, KeptSide, ScanJob
    from formscan.scanner.room import Found, ScanRoom

T = TypeVar("T")
SCREEN: Final = (1000, 1414)
"""Pixels of a page as it is shown."""


class Scanning(Protocol):
    """A backend that has scanners."""

    @property
    def scan_room(self) -> ScanRoom:
        """The room; touches no store, and may be used in any thread."""

    def digitise(
        self, paths: Sequence[Path], progress: Callable[[int, str], None], cancelled: Callable[[], bool]
    ) -> Digitised:
        """See ``Backend``."""


def scanning(backend: Backend) -> Scanning:
    """The backend, which must have scanners.

    Raises:
        TypeError: If it has none: the desk is not offered on such a core.
    """
    if not hasattr(type(backend), "scan_room"):
        raise TypeError(type(backend).__name__)
    return cast("Scanning", backend)


@dataclass(frozen=True, slots=True)
class _Seen:
    """Something a worker thread saw: a picture, and the side it is of."""

    picture: PagePicture
    side: KeptSide | None = None


class ScanModel(QObject):
    """Scans beside the window; one thing at a time.

    Args:
        backend: The core.
        pixels: Threads to scan in.
        parent: Qt parent.
    """

    found = Signal()
    """The scanners are known."""
    picture_changed = Signal()
    moved = Signal()
    """Another sheet is safe."""
    stopped = Signal(object)
    """The paper stopped: the ``Halt``."""
    finished = Signal()
    """The job is whole."""
    read = Signal(object)
    """Its pages were read: ``Digitised``."""
    failed = Signal(object)
    busy_changed = Signal()
    _saw = Signal()

    def __init__(self, backend: Scanning, pixels: TaskRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._backend, self._pixels = backend, pixels
        self._seen: deque[_Seen] = deque()
        self._stop = False
        self.scanners: list[Found] = []
        self.picture: PagePicture | None = None
        self.job: ScanJob | None = None
        self.kept: list[KeptSide] = []
        self.notes: dict[str, int] = {}
        self.busy = ""
        self._saw.connect(self._take)

    def look(self) -> None:
        """Look for scanners, and for a job that was left open."""

        def work() -> tuple[list[Found], list[ScanJob]]:
            room = self._backend.scan_room
            return room.look(), room.open_jobs()

        def done(seen: tuple[list[Found], list[ScanJob]]) -> None:
            self.scanners, jobs = seen
            if self.job is None and jobs:
                self._adopt(jobs[0])
            self.found.emit()

        self._begin("looking", work, done)

    def preview(self, device: str, settings: ScanSettings) -> None:
        """Scan one side coarsely; the picture grows."""

        def work() -> None:
            for pixels in self._backend.scan_room.preview(device, settings):
                self._note(_Seen(_picture(pixels)))
                if self._stop:
                    return

        self._begin("previewing", work, lambda _none: self.picture_changed.emit())

    def scan(self, order: JobOrder) -> None:
        """Begin a job."""

        def work() -> Halt:
            self.job = self._backend.scan_room.begin(order)
            return self._run(self.job)

        self.kept, self.notes, self.job = [], {}, None
        self._begin("scanning", work, self._end)

    def go_on(self) -> None:
        """Go on with the job after a stop."""
        job = self.job
        if job is not None and not job.done:
            self._begin("scanning", lambda: self._run(job), self._end)

    def finish(self) -> None:
        """State that the job is whole, whatever was counted."""
        job = self.job
        if job is not None and job.sheets and not self.busy:
            self._begin("finishing", job.finish, lambda _none: self.finished.emit())

    def stop(self) -> None:
        """Stop after this sheet."""
        self._stop = True

    def digitise(self) -> None:
        """Read the pages of the finished job."""
        job = self.job
        if job is not None and job.done:
            paths = [job.folder]
            self._begin(
                "reading",
                lambda: self._backend.digitise(paths, lambda _done, _label: None, lambda: self._stop),
                self.read.emit,
            )

    @property
    def can_go_on(self) -> bool:
        """There is a job that waits for a person."""
        return self.job is not None and not self.job.done and not self.busy

    # -- in a worker thread --------------------------------------------------------------------

    def _run(self, job: ScanJob) -> Halt:
        def told(side: KeptSide) -> None:
            if side.file:
                self._note(_Seen(_small(job.folder / side.file), side))

        return self._backend.scan_room.scan(job, told, lambda: not self._stop)

    def _note(self, seen: _Seen) -> None:
        self._seen.append(seen)
        self._saw.emit()

    # -- in the window's -----------------------------------------------------------------------

    @Slot()
    def _take(self) -> None:
        moved = False
        while self._seen:
            seen = self._seen.popleft()
            self.picture = seen.picture
            if seen.side is not None:
                self.kept.append(seen.side)
                for note in seen.side.notes:
                    self.notes[note] = self.notes.get(note, 0) + 1
                moved = True
        self.picture_changed.emit()
        if moved:
            self.moved.emit()

    def _adopt(self, job: ScanJob) -> None:
        self.job = job
        self.kept = [side for side in job.kept if side.file]

    def _begin(self, what: str, work: Callable[[], T], done: Callable[[T], None]) -> None:
        if self.busy:
            return
        self._stop = False
        self._set_busy(what)

        def ended(result: T) -> None:
            self._set_busy("")
            done(result)

        def failed(error: Exception) -> None:
            self._set_busy("")
            self.failed.emit(error)

        self._pixels.run(work, ended, failed)

    def _end(self, halt: Halt) -> None:
        if self.job is not None and self.job.done:
            self.finished.emit()
        else:
            self.stopped.emit(halt)

    def _set_busy(self, what: str) -> None:
        self.busy = what
        self.busy_changed.emit()


def _small(path: Path) -> PagePicture:
    """A page in the size of the screen: whole ones would pile up faster than they are looked at."""
    from PIL import Image

    with Image.open(path) as page:
        page.draft("RGB", SCREEN)
        page.thumbnail(SCREEN)
        out = io.BytesIO()
        page.convert("RGB").save(out, "BMP")
    return PagePicture.decode(out.getvalue())


def _picture(pixels: Pixels) -> PagePicture:
    from PIL import Image

    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "BMP")
    return PagePicture.decode(out.getvalue())
