"""The inbox: drafts that wait, pages that were not read, and files being taken in."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from formscan.model.page import Held
from formscan.model.record import DraftSummary
from formscan.model.template import FormTemplate
from ui.speech import Speech
from ui.tasks import Task, TaskRunner
from ui.viewmodels.backend import Backend, Digitised
from ui.viewmodels.draft_table import DraftTable


@dataclass(frozen=True, slots=True)
class HeldGroup:
    """Pages and files that were not read for the same reason."""

    reason: str
    quarantined: bool
    count: int
    examples: tuple[Held, ...]


@dataclass(frozen=True, slots=True)
class _Load:
    """What the database thread found."""

    drafts: tuple[DraftSummary, ...]
    held: tuple[Held, ...]
    forms: dict[tuple[str, str], FormTemplate | None]


class InboxModel(QObject):
    """What waits for a person.

    Args:
        backend: The core.
        database: The thread of the store.
        pixels: Threads for work on pages.
        speech: For the table.
        parent: Qt parent.
    """

    loaded = Signal()
    load_failed = Signal(object)
    import_began = Signal()
    import_moved = Signal(int, str)
    """So many pages were read, the last one of this file."""
    import_ended = Signal(object)
    import_failed = Signal(object)

    def __init__(
        self,
        backend: Backend,
        database: TaskRunner,
        pixels: TaskRunner,
        speech: Speech,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._backend = backend
        self._database = database
        self._pixels = pixels
        self._forms: dict[tuple[str, str], FormTemplate | None] = {}
        self._loading: Task[_Load] | None = None
        self._stop = threading.Event()
        self.table = DraftTable(speech, lambda form_id, version: self._forms.get((form_id, version)), self)
        self.held: tuple[HeldGroup, ...] = ()
        self.importing = False

    def load(self) -> None:
        """Read the drafts again; ``loaded`` or ``load_failed`` follows."""
        if self._loading is not None:
            self._loading.drop()
        self._loading = self._database.run(self._read, self._show, self._tell)

    def _read(self) -> _Load:
        drafts = tuple(self._backend.drafts())
        keys = {(draft.form_id, draft.form_version) for draft in drafts}
        forms = {key: self._backend.form(*key) for key in sorted(keys)}
        return _Load(drafts, tuple(self._backend.held()), forms)

    def _show(self, found: _Load) -> None:
        self._loading = None
        self._forms = found.forms
        self.held = _grouped(found.held)
        self.table.take(found.drafts)
        self.loaded.emit()

    def _tell(self, error: Exception) -> None:
        self._loading = None
        self.load_failed.emit(error)

    def next_draft(self) -> str | None:
        """The draft to go on with after one was released."""
        draft = self.table.draft(0)
        return draft.id if draft else None

    # -- taking files in -----------------------------------------------------------------------

    @Slot(object)
    def digitise(self, paths: Sequence[Path]) -> None:
        """Turn files and folders into drafts beside the review; one stack at a time."""
        if self.importing or not paths:
            return
        self.importing = True
        self._stop.clear()
        self.import_began.emit()
        kept = tuple(paths)
        self._pixels.run(
            lambda: self._backend.digitise(kept, self.import_moved.emit, self._stop.is_set),
            self._end_import,
            self._fail_import,
        )

    @Slot()
    def stop_import(self) -> None:
        """Stop after the page that is being read; drafts made so far stay."""
        self._stop.set()

    def _end_import(self, report: Digitised) -> None:
        self.importing = False
        self.import_ended.emit(report)
        self.load()

    def _fail_import(self, error: Exception) -> None:
        self.importing = False
        self.import_failed.emit(error)
        self.load()


def _grouped(held: Sequence[Held]) -> tuple[HeldGroup, ...]:
    counts = Counter((item.quarantined, item.reason) for item in held)
    groups = (
        HeldGroup(
            reason,
            quarantined,
            count,
            tuple(item for item in held if (item.quarantined, item.reason) == (quarantined, reason)),
        )
        for (quarantined, reason), count in counts.items()
    )
    return tuple(sorted(groups, key=lambda group: (-group.count, group.reason)))
