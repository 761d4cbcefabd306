"""A page as scanned, ready to be painted at any size, and where its fields lie once it stands upright."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPolygonF, QTransform

from formscan.model.geometry import Box
from formscan.model.record import DraftPage

LEVELS: Final = 3
"""Sizes kept of a page: whole, half, quarter; painting never shrinks by more than two."""


@dataclass(frozen=True, slots=True, eq=False)
class PagePicture:
    """Decoded pixels of a page in a few sizes. Made in a worker thread, painted in the GUI thread."""

    levels: tuple[QImage, ...]

    @classmethod
    def decode(cls, data: bytes) -> PagePicture:
        """Decode the stored bytes.

        Raises:
            ValueError: If they are no picture Qt can read.
        """
        whole = QImage.fromData(data)
        if whole.isNull():
            raise ValueError("not a picture")
        grey = whole.isGrayscale()
        form = QImage.Format.Format_Grayscale8 if grey else QImage.Format.Format_RGB32
        levels = [whole.convertToFormat(form)]
        while len(levels) < LEVELS:
            last = levels[-1]
            levels.append(
                last.scaled(
                    max(1, last.width() // 2),
                    max(1, last.height() // 2),
                    Qt.AspectRatioMode.IgnoreAspectRatio,
                    Qt.TransformationMode.SmoothTransformation,
                )
            )
        return cls(tuple(levels))

    @property
    def width(self) -> int:
        """Pixels of the page as scanned."""
        return self.levels[0].width()

    @property
    def height(self) -> int:
        """Pixels of the page as scanned."""
        return self.levels[0].height()

    def paint(self, painter: QPainter, part: QRectF) -> None:
        """Paint a part of the page; the painter works in pixels of the page as scanned."""
        scale = abs(painter.deviceTransform().determinant()) ** 0.5
        level = 0
        while level + 1 < len(self.levels) and scale <= 0.5:
            level, scale = level + 1, scale * 2
        image = self.levels[level]
        across, down = image.width() / self.width, image.height() / self.height
        part = part.intersected(QRectF(0, 0, self.width, self.height))
        source = QRectF(part.left() * across, part.top() * down, part.width() * across, part.height() * down)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(part, image, source)


class Stance:
    """How a page is turned to stand upright: from pixels as scanned to pixels as shown.

    Args:
        page: The page.
    """

    def __init__(self, page: DraftPage) -> None:
        self.page = page
        turn = QTransform().rotate(page.turned - page.skew_deg)
        bounds = turn.mapRect(QRectF(0, 0, page.width, page.height))
        self.to_upright = turn * QTransform().translate(-bounds.left(), -bounds.top())
        self.size = bounds.size()

    def outline(self, box: Box) -> QPolygonF:
        """A box of the page as scanned, as shown."""
        return self.to_upright.map(QPolygonF(QRectF(box.left, box.top, box.width, box.height)))

    def upright(self, box: Box) -> QRectF:
        """The rectangle of a field as shown: the box without what skew added to its height."""
        around = self.outline(box).boundingRect()
        if self.page.turned % 180:
            width, height = float(box.height), float(box.width)
        else:
            width, height = float(box.width), float(box.height)
        centre: QPointF = around.center()
        return QRectF(centre.x() - width / 2, centre.y() - height / 2, width, height)
