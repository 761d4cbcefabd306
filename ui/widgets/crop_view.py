"""The picture of one field, as large as it fits, directly above its editor."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from formscan.model.geometry import Box
from ui.items.page_picture import PagePicture, Stance
from ui.theme import Theme

AROUND: Final = 0.35
"""Paper shown above and below the field, as a share of its height."""
LEAST_AROUND_MM: Final = 1.5
LARGEST: Final = 110.0
"""Pixels of the screen (device independent) an inch of paper takes at most, times 2."""


class CropView(QWidget):
    """Paints the field out of the page picture: upright, with a little paper around it.

    Args:
        theme: For the rim.
        parent: Qt parent.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._picture: PagePicture | None = None
        self._stance: Stance | None = None
        self._box: Box | None = None
        self._lit: tuple[Box, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(124)

    def sizeHint(self) -> QSize:  # noqa: N802 - as Qt calls it
        """As wide as there is room."""
        return QSize(600, self.height())

    def set_theme(self, theme: Theme) -> None:
        """Other colours."""
        self._theme = theme
        self.update()

    def show_field(
        self,
        picture: PagePicture | None,
        stance: Stance | None,
        box: Box | None,
        lit: tuple[Box, ...] = (),
    ) -> None:
        """Show a field of a page; ``lit`` are the parts of its box that are written on."""
        self._picture, self._stance, self._box, self._lit = picture, stance, box, lit
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Paint it."""
        painter = QPainter(self)
        room = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(self._theme.colour("desk"))
        painter.setPen(QPen(self._theme.colour("border"), 1))
        painter.drawRoundedRect(room, 4, 4)
        if self._picture is None or self._stance is None or self._box is None:
            return
        painter.save()
        painter.setClipRect(room.adjusted(1, 1, -1, -1))
        self._paint_paper(painter, room, self._picture, self._stance, self._box)
        painter.restore()

    def _paint_paper(
        self, painter: QPainter, room: QRectF, picture: PagePicture, stance: Stance, box: Box
    ) -> None:
        field = stance.upright(box)
        least = LEAST_AROUND_MM / 25.4 * stance.page.dpi
        margin = max(field.height() * AROUND, least)
        wide = field.adjusted(-2 * least, -margin, 2 * least, margin)
        scale = min(room.width() / wide.width(), room.height() / wide.height(), LARGEST * 2 / stance.page.dpi)
        # Written lines begin at the left, and so does the editor below; what is left of the room shows paper.
        painter.translate(room.left() + 4, room.center().y())
        painter.scale(scale, scale)
        painter.translate(-wide.left(), -wide.center().y())
        seen = painter.worldTransform().inverted()[0].mapRect(room)
        painter.save()
        painter.setTransform(stance.to_upright, combine=True)
        back = stance.to_upright.inverted()[0]
        picture.paint(painter, back.mapRect(seen))
        painter.restore()
        self._dim_around(painter, seen, [stance.upright(part) for part in self._lit or (box,)], least / 3)

    def _dim_around(self, painter: QPainter, seen: QRectF, parts: list[QRectF], rim: float) -> None:
        lit, shade = QPainterPath(), QPainterPath()
        for part in parts:
            framed = QPainterPath()
            framed.addRect(part.adjusted(-rim, -rim, rim, rim))
            lit = lit.united(framed)
        shade.addRect(seen)
        painter.fillPath(shade.subtracted(lit), self._theme.colour("veil"))
        pen = QPen(self._theme.colour("lit"), 2)
        pen.setCosmetic(True)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(lit)
