"""The trail as a table of any length: the window holds a few pages of it and never waits for one.

A row whose page is not here shows dots and asks for it; the page comes from the database thread. Only the
page asked for last is fetched next, so that a scroll bar thrown from end to end fetches what is looked at,
not what was passed.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any, Final, Protocol

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    QTimer,
    Signal,
)

from formscan.emr.trail_words import words_of
from formscan.model.record import AuditEvent
from formscan.model.trail import TrailQuery, TrailStretch
from ui.speech import Speech, says, source
from ui.tasks import TaskRunner

PAGE: Final = 100
"""Rows fetched at once."""
KEPT: Final = 60
"""Pages kept in the window."""
GATHERED: Final = 5
"""Stretches looked through before their rows are added: each time the window paints all lines it shows."""
BREATH_MS: Final = 10
"""Before the next stretch, so that the window paints while nothing is counted beside it."""
COLUMNS: Final = (
    source("Number"),
    source("Time"),
    source("Person"),
    source("What"),
    source("Record"),
    source("About"),
    source("Workstation"),
)
NUMBER: Final = 0
EVENT_ROLE: Final = int(Qt.ItemDataRole.UserRole)
TONE_ROLE: Final = EVENT_ROLE + 1
WAITING: Final = "…"
GRAVE: Final = ("access.", "plant.", "sample.", "entry.corrected", "correction.returned")
"""Beginnings of actions that an inspector looks for."""

Index = QModelIndex | QPersistentModelIndex


class TrailSource(Protocol):
    """Where lines come from; called in the database thread."""

    def trail_newest(self) -> int:
        """Number of the newest line."""

    def trail_look(self, query: TrailQuery, below: int) -> TrailStretch:
        """Numbers of matching lines in the next stretch."""

    def trail_page(self, query: TrailQuery, first: int, last: int) -> Sequence[AuditEvent]:
        """Matching lines between two numbers, newest first."""


class TrailTable(QAbstractTableModel):
    """Lines that match a query, newest first.

    Args:
        source: The lines.
        database: The thread they are read in.
        speech: For dates and words.
        parent: Qt parent.
    """

    counted = Signal()
    """More rows are known, or all."""
    arrived = Signal()
    """A page is here."""
    failed = Signal(object)

    def __init__(
        self, source: TrailSource, database: TaskRunner, speech: Speech, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._source, self._database, self._speech = source, database, speech
        self.query = TrailQuery()
        self._turn = 0
        self._newest = self._below = self._next = 0
        self._rows = 0
        self._gathered: list[Sequence[int]] = []
        self._breath = QTimer(self)
        self._breath.setSingleShot(True)
        self._breath.setInterval(BREATH_MS)
        self._breath.timeout.connect(self._look)
        self._starts: list[int] = []
        self._kept: OrderedDict[int, Sequence[AuditEvent]] = OrderedDict()
        self._wanted: list[int] = []
        self._fetching: int | None = None
        self._names: dict[str, str] = {}

    # -- loading -------------------------------------------------------------------------------

    def load(self, query: TrailQuery) -> None:
        """Show the lines of a query; rows come as they are found."""
        self._turn += 1
        self.beginResetModel()
        self.query, self._rows, self._starts = query, 0, []
        self._kept.clear()
        self._wanted, self._fetching, self._below = [], None, 0
        self._gathered = []
        self._breath.stop()
        self.endResetModel()
        turn = self._turn
        self._database.run(self._source.trail_newest, lambda n: self._begin(turn, n), self.failed.emit)

    @property
    def complete(self) -> bool:
        """The whole trail was looked through."""
        return self._below == 0

    @property
    def newest(self) -> int:
        """Number of the newest line when the query began."""
        return self._newest

    def _begin(self, turn: int, newest: int) -> None:
        if turn != self._turn:
            return
        self._newest = self._below = self._next = newest
        if not newest:
            self.counted.emit()
        elif self.query.everything:  # numbers have no gaps: nothing is to be looked through
            self._below = 0
            self._add(range(newest, 0, -1), newest)
        else:
            self._look()

    def _look(self) -> None:
        query, below, turn = self.query, self._next, self._turn
        self._database.run(
            lambda: self._source.trail_look(query, below), lambda s: self._take(turn, s), self.failed.emit
        )

    def _take(self, turn: int, stretch: TrailStretch) -> None:
        if turn != self._turn:
            return
        self._next = stretch.below
        self._gathered.append(stretch.found)
        if not self._rows or not stretch.below or len(self._gathered) >= GATHERED:
            found = [number for one in self._gathered for number in one]
            self._below, self._gathered = stretch.below, []
            self._add(found, len(found))
        if stretch.below:
            self._breath.start()

    def _add(self, found: Sequence[int], count: int) -> None:
        """Take up numbers of matching lines; only where pages begin is remembered."""
        if count:
            self.beginInsertRows(QModelIndex(), self._rows, self._rows + count - 1)
            first = -self._rows % PAGE
            begun = self._rows // PAGE if first else None
            self._starts.extend(found[first::PAGE] if first < count else ())
            self._rows += count
            self.endInsertRows()
            if begun is not None:  # the page at the seam has more rows now
                self._kept.pop(begun, None)
                if self._fetching == begun:
                    self._fetching = None
        self.counted.emit()

    # -- pages ---------------------------------------------------------------------------------

    def line(self, row: int) -> AuditEvent | None:
        """The line in a row, ``None`` while its page is not here; it is then asked for."""
        page = row // PAGE
        lines = self._kept.get(page)
        if lines is None:
            self._want(page)
            return None
        self._kept.move_to_end(page)
        place = row - page * PAGE
        return lines[place] if place < len(lines) else None

    def _want(self, page: int) -> None:
        if page == self._fetching or page in self._wanted:
            return
        self._wanted = [*self._wanted[-3:], page]
        self._fetch()

    def _fetch(self) -> None:
        if self._fetching is not None or not self._wanted:
            return
        page = self._wanted.pop()
        if page >= len(self._starts):
            return
        last = self._starts[page + 1] + 1 if page + 1 < len(self._starts) else self._below + 1
        query, first, turn = self.query, self._starts[page], self._turn
        self._fetching = page
        self._database.run(
            lambda: self._source.trail_page(query, first, last),
            lambda lines: self._keep(turn, page, lines),
            lambda error: self._give_up(turn, error),
        )

    def _keep(self, turn: int, page: int, lines: Sequence[AuditEvent]) -> None:
        if turn != self._turn:
            return
        if self._fetching == page:
            self._fetching = None
            self._kept[page] = lines
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
            last = min((page + 1) * PAGE, self._rows) - 1
            self.dataChanged.emit(self.index(page * PAGE, 0), self.index(last, len(COLUMNS) - 1))
            self.arrived.emit()
        self._fetch()

    def _give_up(self, turn: int, error: Exception) -> None:
        if turn == self._turn:
            self._fetching, self._wanted = None, []
            self.failed.emit(error)

    # -- showing -------------------------------------------------------------------------------

    def name_people(self, names: dict[str, str]) -> None:
        """Names of people by id."""
        self._names = names

    def retranslate(self) -> None:
        """The language changed."""
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(COLUMNS) - 1)
        if self._rows:
            self.dataChanged.emit(self.index(0, 0), self.index(self._rows - 1, len(COLUMNS) - 1))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008 - as Qt calls it
        """Rows known so far."""
        return 0 if parent.isValid() else self._rows

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008
        """Columns."""
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(  # noqa: N802
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Names of the columns."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return says(COLUMNS[section])
        return _alignment(section) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What stands in a cell."""
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(index.column())
        if role not in _ROLES:
            return None
        line = self.line(index.row())
        if role == EVENT_ROLE:
            return line
        if role == TONE_ROLE:
            return (
                "warn" if line is not None and line.action.startswith(GRAVE) and index.column() == 3 else ""
            )
        text = WAITING if line is None else self._cell(line, index.column())
        if role == Qt.ItemDataRole.DisplayRole:
            return text
        return f"{says(COLUMNS[index.column()])}: {text}"

    def words(self, line: AuditEvent) -> str:
        """What happened, in words."""
        return words_of(line.action, self._speech.language)

    def _cell(self, line: AuditEvent, column: int) -> str:
        cells: tuple[Callable[[], str], ...] = (
            lambda: self._speech.locale.toString(line.seq),
            lambda: line.at.astimezone().strftime("%d/%m/%Y %H:%M:%S"),
            lambda: self._names.get(line.person, line.person),
            lambda: self.words(line),
            lambda: line.subject[:16],
            lambda: about(line),
            lambda: line.workstation,
        )
        return cells[column]()


def about(line: AuditEvent) -> str:
    """The facts of a line that are no digests, short."""
    told: dict[str, Any] = json.loads(line.detail)
    parts = []
    for name, value in told.items():
        if isinstance(value, str | int | float | bool) and not _is_digest(value) and value != "":
            parts.append(str(value) if name == "field" else f"{name} {value}")
    return " · ".join(parts)


def _is_digest(value: object) -> bool:
    return isinstance(value, str) and len(value) == 64 and all(sign in "0123456789abcdef" for sign in value)


def _alignment(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column == NUMBER else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


_ROLES: Final = frozenset(
    {
        int(Qt.ItemDataRole.DisplayRole),
        int(Qt.ItemDataRole.AccessibleTextRole),
        int(Qt.ItemDataRole.ToolTipRole),
        EVENT_ROLE,
        TONE_ROLE,
    }
)
