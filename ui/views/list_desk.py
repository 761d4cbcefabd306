"""What desks with a table have in common: heading, counts, message, table, and something beside it."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QAbstractItemModel, QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from ui.desk import DeskParts
from ui.messages import Told
from ui.theme import Theme
from ui.views.desk_view import DeskView
from ui.widgets.banner import Banner
from ui.widgets.draft_delegate import DraftDelegate


class ListDesk(DeskView):
    """A heading over a table; a subclass adds what stands beside it and says what Enter does.

    Args:
        parts: What the desk is made of.
    """

    def __init__(self, parts: DeskParts) -> None:
        super().__init__()
        self._speech = parts.speech
        self._delegate = DraftDelegate(parts.theme, self)
        self.title, self.counts = QLabel(self), QLabel(self)
        self.banner = Banner(self)
        self.head = QHBoxLayout()
        self.body = QHBoxLayout()
        self._lay_out()

    def _lay_out(self) -> None:
        self.title.setObjectName("heading")
        self.counts.setObjectName("muted")
        self.counts.setWordWrap(True)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.title)
        words.addWidget(self.counts)
        self.head.setSpacing(8)
        self.head.addLayout(words, 1)
        self.body.setSpacing(14)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(20, 16, 20, 12)
        whole.setSpacing(10)
        whole.addLayout(self.head)
        whole.addWidget(self.banner)
        whole.addLayout(self.body, 1)

    def table_of(
        self, model: QAbstractItemModel, widths: tuple[int, ...], parent: QWidget | None = None
    ) -> QTableView:
        """A table in the manner of the house; the last column takes what is left."""
        table = QTableView(parent or self)
        table.setModel(model)
        table.setItemDelegate(self._delegate)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setShowGrid(False)
        table.setTabKeyNavigation(False)
        table.setWordWrap(False)
        table.verticalHeader().hide()
        table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        table.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 16)
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        for column, width in enumerate(widths):
            header.resizeSection(column, width)
        header.setStretchLastSection(True)
        model.headerDataChanged.connect(partial(widen, header))
        widen(header)
        table.installEventFilter(self)
        return table

    def name_table(self, table: QTableView, name: str) -> None:
        """Say what a table is."""
        table.setAccessibleName(name)

    def set_theme(self, theme: Theme) -> None:
        """Other colours."""
        self._delegate.theme = theme
        for table in self.findChildren(QTableView):
            table.viewport().update()

    def retranslate(self) -> None:
        """The language changed."""
        self.banner.retranslate()

    def entered(self, _table: QObject) -> None:
        """Enter was pressed in a table."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - as Qt calls it
        """Enter means the row."""
        if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.KeyPress:
            return False
        if not isinstance(watched, QTableView) or event.key() not in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            return False
        if not event.isAutoRepeat():
            self.entered(watched)
        return True

    def show_counts(self, text: str) -> None:
        """What stands below the heading."""
        self.counts.setText(text)
        for label in (self.title, self.counts):
            label.setAccessibleName(label.text())

    def tell(self, told: Told, tone: str = "info") -> bool:
        """Show a message."""
        self.banner.tell(told, tone)
        return True

    def tell_error(self, error: object) -> None:
        """Say what went wrong."""
        if isinstance(error, Exception):
            self.banner.tell(self._speech.messages.error(error), "bad")


def widen(header: QHeaderView, *_changed: object) -> None:
    """No column is narrower than its name, in whatever language; the last one takes what is left anyway."""
    for section in range(header.count()):
        needed = header.sectionSizeHint(section)
        if header.sectionSize(section) < needed:
            header.resizeSection(section, needed)
