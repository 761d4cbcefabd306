"""Editions of the form in the studio: what differs, which stored documents are touched, reading again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QAbstractItemModel, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from ui.speech import says, source
from ui.viewmodels.editions import EditionsModel, Looked
from ui.widgets.progress_row import ProgressRow

CHANGE_WIDTHS: Final = (90, 140, 165, 165)
DOCUMENT_WIDTHS: Final = (110, 72, 200, 120)


class StudioEditions(QWidget):
    """An earlier edition to compare with, the changes, the documents, and a button to read them again.

    Args:
        model: What decides.
        table_of: Makes a table in the manner of the house.
        parent: Qt parent.
    """

    chosen = Signal(str)
    """Another earlier edition is to be compared with (version)."""
    shown = Signal(str, str)
    """A change is looked at (id of the field, its id before)."""

    def __init__(
        self,
        model: EditionsModel,
        table_of: Callable[[QAbstractItemModel, tuple[int, ...]], QTableView],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.model = model
        self.name, self.earlier = QLabel(self), QComboBox(self)
        self.changes = table_of(model.changes, CHANGE_WIDTHS)
        self.told, self.documents = QLabel(self), table_of(model.documents, DOCUMENT_WIDTHS)
        self.again = QPushButton(self)
        self.progress = ProgressRow(self)
        self._looked: Looked | None = None
        self._build()

    def _build(self) -> None:
        self.documents.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.told.setObjectName("muted")
        self.told.setWordWrap(True)
        self.name.setBuddy(self.earlier)
        head = QHBoxLayout()
        head.addWidget(self.name)
        head.addWidget(self.earlier, 1)
        column = QVBoxLayout(self)
        column.addLayout(head)
        column.addWidget(self.changes, 3)
        column.addWidget(self.told)
        column.addWidget(self.documents, 2)
        column.addWidget(self.progress)
        column.addWidget(self.again)
        self.earlier.activated.connect(lambda row: self.chosen.emit(self.earlier.itemText(row)))
        self.changes.selectionModel().currentRowChanged.connect(self._show_change)
        self.progress.stopped.connect(self.model.stop)
        self.model.began.connect(lambda: self.progress.show_done(0))
        self.model.moved.connect(self.progress.show_done)
        for ended in (self.model.looked, self.model.ended, self.model.failed):
            ended.connect(self.progress.hide)
        self.model.looked.connect(self._show_looked)

    def retranslate(self) -> None:
        """The language changed."""
        self.name.setText(says("Compared with edition"))
        self.earlier.setAccessibleName(says("Compared with edition"))
        self.changes.setAccessibleName(says("Changes"))
        self.documents.setAccessibleName(says("Documents the new edition touches"))
        self.again.setText(says("Read the chosen documents again"))
        self.again.setAccessibleName(says("Read the chosen documents again"))
        self.model.retranslate()
        self.progress.retranslate()
        self._tell()

    def show_editions(self) -> None:
        """Offer the earlier editions there are."""
        self._looked = None
        self.earlier.clear()
        self.earlier.addItems([form.version for form in self.model.earlier])
        self.earlier.setEnabled(bool(self.model.earlier))
        self._tell()

    def begin(self) -> None:
        """Let the person go through the changes."""
        self.changes.setFocus(Qt.FocusReason.ShortcutFocusReason)
        if not self.changes.currentIndex().isValid():
            self.changes.selectRow(0)

    def rows(self) -> list[int]:
        """Rows of the documents that are chosen."""
        return sorted(index.row() for index in self.documents.selectionModel().selectedRows())

    def _show_change(self, *_rows: object) -> None:
        change = self.model.changes.item(self.changes.currentIndex().row())
        if change is not None:
            self.shown.emit(change.field_id, change.before)

    def _show_looked(self, looked: Looked) -> None:
        self._looked = looked
        self._tell()
        if looked.documents:
            self.documents.selectAll()
            self.documents.setFocus(Qt.FocusReason.OtherFocusReason)

    def _tell(self) -> None:
        self.told.setText(touched_told(self._looked, bool(self.model.earlier)))


def touched_told(looked: Looked | None, earlier: bool) -> str:
    """What is known of the stored documents, in a sentence."""
    if not earlier:
        return says("There is no earlier edition.")
    if looked is None:
        return says("Which stored documents are touched is looked up before saving (F9).")
    if looked.refused:
        return says("Which stored documents are touched is shown to a supervisor only.")
    told = source("Touches {all} stored documents: {undecided} read, {decided} decided, {released} released.")
    return says(told).format(
        all=looked.documents,
        undecided=looked.undecided,
        decided=looked.decided,
        released=looked.released,
    )
