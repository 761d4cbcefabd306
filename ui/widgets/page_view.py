"""The page as scanned, upright, with the current field lit."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Final

from PySide6.QtCore import QPointF, QRect, QRectF, QSizeF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen, QPolygonF, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QGraphicsItem,
    QGraphicsScene,
    QGraphicsView,
    QStyleOptionGraphicsItem,
    QWidget,
)

from formscan.model.geometry import Box
from ui.items.page_picture import PagePicture, Stance
from ui.theme import Theme

STEP: Final = 1.2
NEAREST: Final = 6.0
FURTHEST: Final = 0.25


class PageItem(QGraphicsItem):
    """Paints the part of a page that is to be seen, from the size of it that fits."""

    def __init__(self, picture: PagePicture) -> None:
        super().__init__()
        self._picture = picture
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemUsesExtendedStyleOption)

    def boundingRect(self) -> QRectF:  # noqa: N802 - as Qt calls it
        """The page in its own pixels."""
        return QRectF(0, 0, self._picture.width, self._picture.height)

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Paint what is exposed."""
        self._picture.paint(painter, option.exposedRect)


class PageView(QGraphicsView):
    """A page to look at: the current field lit in it, or all of it.

    Args:
        theme: For the veil and the frame.
        parent: Qt parent.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._stance: Stance | None = None
        self._lit: list[Box] = []
        self._top: float | None = None
        self.notice = ""
        self._shown: PagePicture | None = None
        self.zoom = 1.0
        self.whole = False
        scene = QGraphicsScene(self)
        scene.setItemIndexMethod(QGraphicsScene.ItemIndexMethod.NoIndex)  # there is one item
        self.setScene(scene)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.FullViewportUpdate)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setDragMode(QGraphicsView.DragMode.ScrollHandDrag)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Other colours."""
        self._theme = theme
        self.setBackgroundBrush(theme.colour("desk"))
        self.viewport().update()

    def show_page(self, picture: PagePicture | None, stance: Stance | None, notice: str = "") -> None:
        """Show a page; with ``None`` only the notice, until the picture is there."""
        self.notice, self._stance = notice, stance
        if picture is not self._shown:
            self._shown = picture
            self.scene().clear()
            if picture is not None:
                self.scene().addItem(PageItem(picture))
        if picture is not None and stance is not None:
            for item in self.scene().items():
                item.setTransform(stance.to_upright)
        size = stance.size if stance else QSizeF(1, 1)
        around = size.height() if stance else 0.0
        self.setSceneRect(QRectF(-around, -around, size.width() + 2 * around, size.height() + 2 * around))
        self.aim()

    def shows(self, picture: PagePicture | None) -> bool:
        """Whether this picture is the one that is shown."""
        return picture is not None and picture is self._shown

    def light(self, lit: Sequence[Box]) -> None:
        """Light a field, or several of them; everything else is veiled."""
        self._lit, self._top = list(lit), None
        self.aim()

    def stops(self, lit: Sequence[Box]) -> list[tuple[float, list[Box]]]:
        """How to look at all of these at a readable size, screen by screen.

        Returns:
            For each screen its upper end (pixels of the upright page) and what is on it.
        """
        stance = self._stance
        if stance is None:
            return []
        scale = self.viewport().width() / stance.size.width()
        down, rim = self.viewport().height() / scale, 12 / scale
        found: list[tuple[float, list[Box]]] = []
        for box in sorted(lit, key=lambda box: stance.outline(box).boundingRect().top()):
            there = stance.outline(box).boundingRect()
            if not found or there.bottom() + rim > found[-1][0] + down:
                found.append((there.top() - rim, []))
            found[-1][1].append(box)
        return found

    def show_stop(self, top: float, lit: Sequence[Box]) -> None:
        """Show the width of the page from ``top`` on, with these lit."""
        self._lit, self._top = list(lit), top
        self.aim()

    def set_whole(self, whole: bool) -> None:
        """Show the whole page, or the surroundings of the field."""
        self.whole = whole
        self.aim()

    def zoom_by(self, steps: int) -> None:
        """Come nearer or go away, around the field."""
        self.whole = False
        self.zoom = min(max(self.zoom * STEP**steps, FURTHEST), NEAREST)
        self.aim()

    def aim(self) -> None:
        """Bring the lit field into view at the zoom the person chose; the zoom itself never jumps."""
        stance = self._stance
        if stance is None or self.viewport().width() < 2:
            return
        room = self.viewport().size()
        across = room.width() / stance.size.width()
        scale = across * self.zoom
        if self._top is not None:
            scale = across
        elif self.whole:
            scale = min(across, room.height() / stance.size.height())
        self.resetTransform()
        self.scale(scale, scale)
        self.centerOn(self._target(stance, room.width() / scale, room.height() / scale))
        self.viewport().update()

    def _target(self, stance: Stance, across: float, down: float) -> QPointF:
        """The centre of the view: the field, but never beyond the rim of the page without need."""
        middle = QPointF(stance.size.width() / 2, stance.size.height() / 2)
        if self._top is not None:
            lowest = max(stance.size.height() - down, 0.0)
            return QPointF(middle.x(), min(self._top, lowest) + down / 2)
        if self.whole or not self._lit:
            return middle
        outlines = [stance.outline(box).boundingRect() for box in self._lit]
        wanted = reduce(QRectF.united, outlines).center()
        return QPointF(
            _within(wanted.x(), across, stance.size.width()), _within(wanted.y(), down, stance.size.height())
        )

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - as Qt calls it
        """Keep the field in view."""
        super().resizeEvent(event)
        self.aim()

    def drawForeground(self, painter: QPainter, rect: QRectF | QRect) -> None:  # noqa: N802
        """Veil what is not lit; frame what is current."""
        if self._shown is None or self._stance is None:
            self._draw_notice(painter)
            return
        if not self._lit:
            return
        scale = painter.worldTransform().m11() or 1.0
        lit = QPainterPath()
        for box in self._lit:
            lit = lit.united(_path(self._stance.outline(box), 5 / scale))
        veil = QPainterPath()
        veil.addRect(QRectF(rect))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillPath(veil.subtracted(lit), self._theme.colour("veil"))
        pen = QPen(self._theme.colour("lit"), 2.5)
        pen.setCosmetic(True)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(lit)

    def _draw_notice(self, painter: QPainter) -> None:
        painter.resetTransform()
        painter.setPen(self._theme.colour("text"))
        painter.drawText(
            self.viewport().rect(), Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self.notice
        )


def _within(wanted: float, seen: float, length: float) -> float:
    if seen >= length:
        return length / 2
    return min(max(wanted, seen / 2), length - seen / 2)


def _path(outline: QPolygonF, margin: float) -> QPainterPath:
    path = QPainterPath()
    path.addRoundedRect(
        outline.boundingRect().adjusted(-margin, -margin, margin, margin), 2 * margin / 5, 2 * margin / 5
    )
    return path
