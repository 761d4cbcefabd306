"""Pictures of pages: fetched in the database thread, decoded beside it, a few kept."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from PySide6.QtCore import QObject, Signal

from ui.items.page_picture import PagePicture
from ui.tasks import TaskRunner
from ui.viewmodels.backend import Backend

KEPT: Final = 4
"""Pages kept decoded; one of 300 dpi takes about 12 MB in grey, 46 MB in colour."""


class PictureShelf(QObject):
    """Page pictures by the hash of their bytes.

    Args:
        backend: Where the bytes are.
        database: The thread of the store.
        pixels: Threads that decode.
        parent: Qt parent.
    """

    arrived = Signal(str)
    failed = Signal(str, object)

    def __init__(
        self, backend: Backend, database: TaskRunner, pixels: TaskRunner, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._backend = backend
        self._database = database
        self._pixels = pixels
        self._kept: OrderedDict[str, PagePicture] = OrderedDict()
        self._wanted: set[str] = set()

    def get(self, sha256: str) -> PagePicture | None:
        """The picture if it is there; otherwise it is fetched and ``arrived`` follows."""
        found = self._kept.get(sha256)
        if found is not None:
            self._kept.move_to_end(sha256)
            return found
        self.want(sha256)
        return None

    def want(self, sha256: str) -> None:
        """Fetch a picture that will be needed."""
        if sha256 in self._kept or sha256 in self._wanted:
            return
        self._wanted.add(sha256)
        self._database.run(
            lambda: self._backend.image(sha256),
            lambda data: self._decode(sha256, data),
            lambda error: self._give_up(sha256, error),
        )

    def _decode(self, sha256: str, data: bytes) -> None:
        self._pixels.run(
            lambda: PagePicture.decode(data),
            lambda picture: self._keep(sha256, picture),
            lambda error: self._give_up(sha256, error),
        )

    def _keep(self, sha256: str, picture: PagePicture) -> None:
        self._wanted.discard(sha256)
        self._kept[sha256] = picture
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        self.arrived.emit(sha256)

    def _give_up(self, sha256: str, error: Exception) -> None:
        self._wanted.discard(sha256)
        self.failed.emit(sha256, error)
