"""A share over time: one point a day with its interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.theme import Theme

LEFT, RIGHT, TOP, BOTTOM = 52, 14, 12, 24


@dataclass(frozen=True, slots=True)
class Point:
    """One day.

    Attributes:
        name: As written below.
        share: 0..1.
        low: Lower end of the interval.
        high: Upper end.
    """

    name: str
    share: float
    low: float
    high: float


class Trend(QWidget):
    """Paints points with their intervals over the days.

    Args:
        theme: Colours.
        parent: Qt parent.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._points: tuple[Point, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(150)

    def sizeHint(self) -> QSize:  # noqa: N802 - as Qt calls it
        """As wide as there is room."""
        return QSize(400, self.height())

    def set_theme(self, theme: Theme) -> None:
        """Other colours."""
        self._theme = theme
        self.update()

    def show_points(self, points: Sequence[Point]) -> None:
        """Show these, oldest first."""
        self._points = tuple(points)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - as Qt calls it
        """Paint."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = self._theme
        painter.fillRect(self.rect(), theme.colour("surface"))
        painter.setPen(QPen(theme.colour("border"), 1))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        room = QRectF(self.rect()).adjusted(LEFT, TOP, -RIGHT, -BOTTOM)
        floor = self._floor()
        for share in (floor, (1 + floor) / 2, 1.0):
            y = self._y(room, share, floor)
            painter.setPen(QPen(theme.colour("border"), 1, Qt.PenStyle.DotLine))
            painter.drawLine(QPointF(room.left(), y), QPointF(room.right(), y))
            painter.setPen(theme.colour("muted"))
            box = QRectF(0, y - 9, LEFT - 8, 18)
            painter.drawText(
                box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, f"{100 * share:.0f} %"
            )
        self._paint_points(painter, room, floor)

    def _paint_points(self, painter: QPainter, room: QRectF, floor: float) -> None:
        theme, count = self._theme, len(self._points)
        if not count:
            return
        step = room.width() / max(1, count)
        line = QPolygonF()
        for place, point in enumerate(self._points):
            x = room.left() + (place + 0.5) * step
            painter.setPen(QPen(theme.colour("muted"), 1.5))
            top, bottom = self._y(room, point.high, floor), self._y(room, max(point.low, floor), floor)
            painter.drawLine(QPointF(x, top), QPointF(x, bottom))
            line.append(QPointF(x, self._y(room, max(point.share, floor), floor)))
        painter.setPen(QPen(theme.colour("accent"), 2))
        painter.drawPolyline(line)
        painter.setBrush(theme.colour("accent"))
        for at in line.toList():
            painter.drawEllipse(at, 3.5, 3.5)
        painter.setPen(theme.colour("muted"))
        ends = {0: Qt.AlignmentFlag.AlignLeft, count - 1: Qt.AlignmentFlag.AlignRight}
        for place, side in ends.items():
            below = QRectF(room.left(), room.bottom() + 4, room.width(), BOTTOM - 4)
            if place == 0 or count > 1:
                painter.drawText(below, side | Qt.AlignmentFlag.AlignTop, self._points[place].name)

    def _floor(self) -> float:
        least = min((point.low for point in self._points), default=0.9)
        return max(0.0, min(0.9, int(least * 10) / 10))

    @staticmethod
    def _y(room: QRectF, share: float, floor: float) -> float:
        return room.bottom() - room.height() * (share - floor) / (1 - floor)
