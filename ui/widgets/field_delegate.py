"""Paints the lines of the field list: a sign for the state, the label, and what stands there."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTreeView, QWidget

from ui.theme import Theme
from ui.viewmodels.field_list import ROW_ROLE, Row

TONES: Final = {
    "open": "muted",
    "doubt": "warn",
    "confirmed": "ok",
    "gated": "ok",
    "corrected": "info",
    "stated": "ok",
    "trouble": "bad",
}


class FieldDelegate(QStyledItemDelegate):
    """Lines of one height; the state has its own shape, not only its own colour.

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
        """The same for all, so that the list is fast."""
        return QSize(200, option.fontMetrics.height() + 10)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint one line."""
        row = index.data(ROW_ROLE)
        if not isinstance(row, Row):
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if row.field_id:
            self._paint_field(painter, option, row)
        else:
            self._paint_section(painter, option.rect, row)
        painter.restore()

    def _paint_section(self, painter: QPainter, rect: QRect, row: Row) -> None:
        painter.fillRect(rect, self.theme.colour("raised"))
        font = QFont(painter.font())
        font.setBold(True)
        painter.setFont(font)
        count = str(row.open) if row.open else "✓"
        painter.setPen(self.theme.colour("muted" if row.open else "ok"))
        inner = rect.adjusted(10, 0, -10, 0)
        painter.drawText(inner, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, count)
        room = inner.adjusted(0, 0, -painter.fontMetrics().horizontalAdvance(count) - 8, 0)
        painter.setPen(self.theme.colour("text"))
        label = painter.fontMetrics().elidedText(row.label, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, label)

    def _paint_field(self, painter: QPainter, option: QStyleOptionViewItem, row: Row) -> None:
        rect, theme = option.rect, self.theme
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, theme.colour("selection"))
            painter.fillRect(QRect(rect.left(), rect.top(), 4, rect.height()), theme.colour("accent"))
        centre = QPointF(rect.left() + 18, rect.center().y() + 0.5)
        paint_sign(painter, theme, row.mark, centre, painter.fontMetrics().height() * 0.30)
        inner = rect.adjusted(34, 0, -8, 0)
        metrics = painter.fontMetrics()
        right = min(metrics.horizontalAdvance(row.text) + 2, int(inner.width() * 0.46)) if row.text else 0
        painter.setPen(theme.colour("text"))
        left_room = inner.adjusted(0, 0, -right - (10 if right else 0), 0)
        label = metrics.elidedText(row.label, Qt.TextElideMode.ElideRight, left_room.width())
        painter.drawText(left_room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, label)
        if right:
            painter.setPen(theme.colour("muted"))
            text = metrics.elidedText(row.text, Qt.TextElideMode.ElideRight, right)
            painter.drawText(inner, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)


def field_rows(parent: QWidget) -> QTreeView:
    """An empty list of such lines: a tree without branches.

    Every key changes two lines and goes to another. ``QListView`` then asks its model about all of them, here
    466 calls into Python a key where the tree makes 29.
    """
    rows = QTreeView(parent)
    rows.setUniformRowHeights(True)
    rows.setHeaderHidden(True)
    rows.setRootIsDecorated(False)
    rows.setItemsExpandable(False)
    rows.setIndentation(0)
    return rows


def paint_sign(painter: QPainter, theme: Theme, mark: str, centre: QPointF, radius: float) -> None:
    """The sign of a state: ring, triangle, tick, pencil stroke, bar or cross."""
    colour = theme.colour(TONES.get(mark, "muted"))
    painter.setPen(
        QPen(colour, 1.8, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    )
    painter.setBrush(Qt.BrushStyle.NoBrush)
    x, y, r = centre.x(), centre.y(), radius
    if mark == "open":
        painter.drawEllipse(centre, r * 0.85, r * 0.85)
    elif mark == "doubt":
        painter.setBrush(colour)
        painter.drawPolygon(
            QPolygonF([QPointF(x, y - r), QPointF(x + r, y + r * 0.8), QPointF(x - r, y + r * 0.8)])
        )
    elif mark == "confirmed":
        painter.drawPolyline(
            QPolygonF([QPointF(x - r, y), QPointF(x - r * 0.3, y + r * 0.75), QPointF(x + r, y - r * 0.8)])
        )
    elif mark == "gated":
        posts = [(x - r * 0.8, y + r * 0.8), (x - r * 0.8, y - r * 0.7), (x + r * 0.8, y - r * 0.7)]
        painter.drawPolyline(QPolygonF([QPointF(*at) for at in (*posts, (x + r * 0.8, y + r * 0.8))]))
    elif mark == "corrected":
        painter.drawLine(QPointF(x - r * 0.8, y + r * 0.8), QPointF(x + r * 0.8, y - r * 0.8))
        painter.drawLine(QPointF(x - r, y + r), QPointF(x + r, y + r))
    elif mark == "stated":
        painter.drawRoundedRect(QRectF(x - r, y - r * 0.45, 2 * r, r * 0.9), r * 0.4, r * 0.4)
    else:
        painter.drawLine(QPointF(x - r * 0.8, y - r * 0.8), QPointF(x + r * 0.8, y + r * 0.8))
        painter.drawLine(QPointF(x - r * 0.8, y + r * 0.8), QPointF(x + r * 0.8, y - r * 0.8))
