"""What is typed and not decided, written down a moment after the last key: a window that dies loses none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Protocol, runtime_checkable

from PySide6.QtCore import QObject, QTimer, Signal

from ui.tasks import TaskRunner
from ui.viewmodels.backend import Backend

REST_MS: Final = 300
"""Without a key for so long, what was typed is written down."""


@runtime_checkable
class Jotting(Protocol):
    """What a core has that keeps texts nobody decided on; called in the database thread."""

    def jot(self, draft_id: str, texts: Mapping[str, str]) -> None:
        """Keep what stands in editors; an empty text is forgotten."""

    def jotted(self, draft_id: str) -> Mapping[str, str]:
        """What was kept, by field."""


def jotted(backend: Backend, draft_id: str) -> Mapping[str, str]:
    """What a core kept of a draft, nothing where it keeps nothing; only in the database thread."""
    return backend.jotted(draft_id) if isinstance(backend, Jotting) else {}


class Jotter(QObject):
    """Writes down the texts of one draft after the other.

    Args:
        backend: The core.
        database: The thread of the store.
        parent: Qt parent.
    """

    failed = Signal(str, object)
    """Field and error: a text could not be written down; it still stands in the window."""
    written = Signal(object)
    """Texts by field that are on the disk now."""

    def __init__(self, backend: Backend, database: TaskRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._backend, self._database = backend, database
        self._draft, self._waiting = "", dict[str, str]()
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MS)
        self._rest.timeout.connect(self.write)

    def turn_to(self, draft_id: str) -> None:
        """Another draft; what waits is written first."""
        self.write()
        self._draft = draft_id

    def note(self, field_id: str, text: str) -> None:
        """A text stands in an editor; an empty one, no more."""
        if self._draft:
            self._waiting[field_id] = text
            self._rest.start()

    def settle(self, field_id: str) -> None:
        """Nothing of this field waits any more."""
        self._waiting.pop(field_id, None)

    def write(self) -> None:
        """Write down what waits."""
        self._rest.stop()
        backend = self._backend
        if not self._waiting or not isinstance(backend, Jotting):
            self._waiting = {}
            return
        draft_id, texts = self._draft, dict(self._waiting)
        self._waiting = {}

        def told(error: Exception) -> None:
            self._waiting = {**texts, **self._waiting}  # tried again with the next key
            self.failed.emit(next(iter(texts)), error)

        def done(_nothing: None) -> None:
            self.written.emit(texts)

        self._database.run(lambda: backend.jot(draft_id, texts), done, told)
