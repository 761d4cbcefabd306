"""The night on its desk: how it stands, what it left to people, and what they do about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    QTimer,
    Signal,
)

from formscan.paths import short_folder
from ui.speech import Speech
from ui.tasks import TaskRunner
from ui.viewmodels.draft_table import TONE_ROLE
from ui.viewmodels.nightly import Nightly

if TYPE_CHECKING:
    from formscan.batch.morning.figures import HeldItem, Morning
    from formscan.batch.morning.remedies import Remedy
    from formscan.batch.watch.status import NightStatus

LOOK_MS: Final = 2000
COLUMNS: Final = 4


@dataclass(frozen=True, slots=True)
class _Load:
    morning: Morning
    items: tuple[HeldItem, ...]
    titles: dict[str, str]


class HeldTable(QAbstractTableModel):
    """Held files and pages, those of one reason together.

    Args:
        speech: Sentences.
        parent: Qt parent.
    """

    def __init__(self, speech: Speech, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._speech = speech
        self.items: tuple[HeldItem, ...] = ()

    def show(self, items: Sequence[HeldItem]) -> None:
        """Show these."""
        self.beginResetModel()
        self.items = tuple(items)
        self.endResetModel()

    def rowCount(self, _parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008, N802
        """Rows."""
        return len(self.items)

    def columnCount(self, _parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008, N802
        """Columns."""
        return COLUMNS

    def headerData(  # noqa: N802
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> str | None:
        """Names of the columns."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            names = (self.tr("Reason"), self.tr("File and page"), self.tr("Folder"), self.tr("Scanner"))
            return names[section]
        return None

    def data(
        self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """A cell; the first one is in the colour of its gravity."""
        item = self.items[index.row()]
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole}:
            return self._text(item, index.column())
        if role == TONE_ROLE and index.column() == 0:
            return "bad" if item.held.quarantined else "warn"
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        return None

    def retranslate(self) -> None:
        """The language changed."""
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, COLUMNS - 1)
        if self.items:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.items) - 1, COLUMNS - 1))

    def _text(self, item: HeldItem, column: int) -> str:
        if column == 0:
            return self._speech.messages.held(item.held).say
        return (item.held.source.label, short_folder(item.folder), item.scanner)[column - 1]


class NightModel(QObject):
    """Loads, pauses, remedies; the view shows.

    Args:
        backend: The core.
        database: Its thread.
        speech: Sentences.
        parent: Qt parent.
    """

    loaded = Signal()
    status_changed = Signal()
    remedied = Signal(str, int, int)
    """A remedy was applied: its name, to how many, of how many."""
    offered = Signal()
    """A page lies ready for the template studio."""
    written = Signal(str)
    """The report was written to a file."""
    failed = Signal(object)

    def __init__(
        self, backend: Nightly, database: TaskRunner, speech: Speech, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._backend, self._database = backend, database
        self.table = HeldTable(speech, self)
        self.morning: Morning | None = None
        self.titles: dict[str, str] = {}
        self.status: NightStatus | None = None
        self.paused = False
        self._looking = QTimer(self)
        self._looking.setInterval(LOOK_MS)
        self._looking.timeout.connect(self.look)

    def load(self) -> None:
        """Read the report and what is held; ``loaded`` or ``failed`` follows."""
        self._database.run(self._read, self._show, self.failed.emit)
        self.look()
        self._looking.start()

    def rest(self) -> None:
        """Nobody looks any more."""
        self._looking.stop()

    def look(self) -> None:
        """Look how the night stands."""
        self._database.run(self._stand, self._show_stand, self.failed.emit)

    def pause(self) -> None:
        """Pause, or go on."""
        on = not self.paused

        def work() -> tuple[NightStatus | None, bool]:
            self._backend.night.pause(on=on)
            return self._stand()

        self._database.run(work, self._show_stand, self.failed.emit)

    def remedies(self, rows: Sequence[int]) -> tuple[Remedy, ...]:
        """What can be done about these rows together, the likeliest of the first one first."""
        from formscan.batch.morning.remedies import remedies_for

        offered = [remedies_for(self.table.items[row].held.reason) for row in rows]
        return tuple(each for each in offered[0] if all(each in more for more in offered)) if offered else ()

    def rows_like(self, row: int) -> list[int]:
        """All rows held for the same reason."""
        reason = self.table.items[row].held.reason
        return [place for place, item in enumerate(self.table.items) if item.held.reason == reason]

    def apply(self, rows: Sequence[int], what: Remedy, value: str = "") -> None:
        """Do something about rows; ``remedied`` or ``failed`` follows, then the list is read again."""
        keys = [self.table.items[row].key for row in rows]
        if not keys:
            return

        def done(number: int) -> None:
            self.remedied.emit(what.value, number, len(keys))
            self.load()

        self._database.run(lambda: self._backend.night.remedy(keys, what, value), done, self.failed.emit)

    def offer(self, rows: Sequence[int]) -> None:
        """Put the first of these pages up for the template studio; ``offered`` or ``failed`` follows."""
        if rows:
            key = self.table.items[rows[0]].key
            self._database.run(
                lambda: self._backend.offer_page(key), lambda _none: self.offered.emit(), self.failed.emit
            )

    def write(self, path: Path, language: str) -> None:
        """Write the report to a file."""
        morning = self.morning
        if morning is not None:
            self._database.run(
                lambda: self._backend.night.write(morning, path, language),
                lambda _none: self.written.emit(path.name),
                self.failed.emit,
            )

    # -- in the database thread ----------------------------------------------------------------

    def _read(self) -> _Load:
        night = self._backend.night
        items = tuple(item for group in night.held() for item in group.items)
        return _Load(night.morning(), items, night.titles())

    def _stand(self) -> tuple[NightStatus | None, bool]:
        return self._backend.night.status(), self._backend.night.paused

    # -- in the window's -----------------------------------------------------------------------

    def _show(self, found: _Load) -> None:
        self.morning, self.titles = found.morning, found.titles
        self.table.show(found.items)
        self.loaded.emit()

    def _show_stand(self, found: tuple[NightStatus | None, bool]) -> None:
        self.status, self.paused = found
        self.status_changed.emit()
