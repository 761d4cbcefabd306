"""Paints the cells of the inbox: roomy, with counts that matter in their colour."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from ui.theme import Theme
from ui.viewmodels.draft_table import TONE_ROLE

MARGIN: Final = 10


class DraftDelegate(QStyledItemDelegate):
    """Rows without a grid; the chosen one has a bar at its left end.

    Args:
        theme: The colours.
        parent: Qt parent.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme

    def sizeHint(  # noqa: N802 - as Qt calls it
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """Room for the text and the margins of ``paint``."""
        return super().sizeHint(option, index) + QSize(2 * MARGIN + 6, 0)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint one cell."""
        theme, rect = self.theme, option.rect
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, theme.colour("selection"))
            if index.column() == 0:
                painter.fillRect(QRect(rect.left(), rect.top(), 4, rect.height()), theme.colour("accent"))
        painter.setPen(theme.colour("border"))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        tone = str(index.data(TONE_ROLE) or "")
        font = painter.font()
        font.setBold(bool(tone) or index.column() == 0)
        painter.setFont(font)
        painter.setPen(theme.colour(tone or "text"))
        inner = rect.adjusted(MARGIN, 0, -MARGIN, 0)
        text = painter.fontMetrics().elidedText(
            str(index.data() or ""), Qt.TextElideMode.ElideRight, inner.width()
        )
        painter.drawText(inner, index.data(Qt.ItemDataRole.TextAlignmentRole), text)
        painter.restore()
