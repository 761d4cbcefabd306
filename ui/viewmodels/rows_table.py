"""A short table: rows of text with something behind each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from ui.speech import says

T = TypeVar("T")
ITEM_ROLE: Final = int(Qt.ItemDataRole.UserRole)
TONE_ROLE: Final = ITEM_ROLE + 1

Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class Line(Generic[T]):
    """One row.

    Attributes:
        cells: Texts, one a column.
        item: What stands behind it.
        tones: Column to ``ok``, ``warn`` or ``bad``.
        heard: Column to what a screen reader says of it, where that is not what is shown.
    """

    cells: tuple[str, ...]
    item: T
    tones: tuple[tuple[int, str], ...] = ()
    heard: tuple[tuple[int, str], ...] = ()


class RowsTable(QAbstractTableModel, Generic[T]):
    """A table that is small enough to be here as a whole.

    Args:
        columns: English sources of the names of the columns.
        numbers: Columns that are aligned at the right.
        parent: Qt parent.
    """

    def __init__(
        self, columns: Sequence[str], numbers: Sequence[int] = (), parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._columns, self._numbers = tuple(columns), frozenset(numbers)
        self._lines: tuple[Line[T], ...] = ()

    def take(self, lines: Sequence[Line[T]]) -> None:
        """Show these."""
        self.beginResetModel()
        self._lines = tuple(lines)
        self.endResetModel()

    def reword(self, lines: Sequence[Line[T]]) -> None:
        """Show the same rows in another language; what is chosen stays chosen."""
        self._lines = tuple(lines)
        self.retranslate()
        if self._lines:
            self.dataChanged.emit(self.index(0, 0), self.index(len(lines) - 1, len(self._columns) - 1))

    def item(self, row: int) -> T | None:
        """What stands behind a row."""
        return self._lines[row].item if 0 <= row < len(self._lines) else None

    def retranslate(self) -> None:
        """The language changed."""
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(self._columns) - 1)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008 - as Qt calls it
        """Rows."""
        return 0 if parent.isValid() else len(self._lines)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008
        """Columns."""
        return 0 if parent.isValid() else len(self._columns)

    def headerData(  # noqa: N802
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Names of the columns."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return says(self._columns[section])
        return self._alignment(section) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What stands in a cell."""
        line, column = self._lines[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return line.cells[column]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self._alignment(column)
        if role in {Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole}:
            return f"{says(self._columns[column])}: {dict(line.heard).get(column, line.cells[column])}"
        if role == TONE_ROLE:
            return dict(line.tones).get(column, "")
        return line.item if role == ITEM_ROLE else None

    def _alignment(self, column: int) -> Qt.AlignmentFlag:
        side = Qt.AlignmentFlag.AlignRight if column in self._numbers else Qt.AlignmentFlag.AlignLeft
        return side | Qt.AlignmentFlag.AlignVCenter
