"""A page as scanned, ready to be painted at any size, and where its fields lie once it stands upright."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, cast

from PySide6.QtCore import QBuffer, QIODevice, QPointF, QRectF
from PySide6.QtGui import QImage, QImageReader, QPainter, QPolygonF, QTransform

from formscan.model.geometry import Box
from formscan.model.record import DraftPage

LEVELS: Final = 3
"""Sizes kept of a page: whole, half, quarter; painting never shrinks by more than two."""
_STRIP: Final = 128
"""Rows worked on by one call that keeps other threads from running: about a millisecond of a page."""


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
        whole = _read(data)
        if whole.isNull():
            raise ValueError("not a picture")
        grey = all(strip.allGray() for strip in _strips(whole))
        form = QImage.Format.Format_Grayscale8 if grey else QImage.Format.Format_RGB32
        levels = [_converted(whole, form)]
        while len(levels) < LEVELS:
            levels.append(_halved(levels[-1]))
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


def _read(data: bytes) -> QImage:
    """Decode; unlike ``QImage.fromData``, the reader lets other threads run meanwhile."""
    buffer = QBuffer()
    buffer.setData(data)
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    return QImageReader(buffer).read()


def _strips(image: QImage) -> Iterator[QImage]:
    for top in range(0, image.height(), _STRIP):
        yield image.copy(0, top, image.width(), min(_STRIP, image.height() - top))


def _converted(image: QImage, form: QImage.Format) -> QImage:
    """As ``convertToFormat``, which holds up the window for as long as a whole page takes."""
    if image.format() == form:
        return image
    whole = QImage(image.size(), form)
    rows, line, top = memoryview(whole.bits()), whole.bytesPerLine(), 0
    for strip in _strips(image):
        turned = strip.convertToFormat(form)  # has a name because a view of its bits does not keep it
        rows[top * line : (top + turned.height()) * line] = turned.constBits()
        top += turned.height()
    return whole


def _halved(image: QImage) -> QImage:
    """Half the size, each pixel the mean of four; of an odd one the last row or column is left out.

    Pillow lets other threads run meanwhile, ``QImage.scaled`` does not.

    Args:
        image: Grayscale8 or RGB32.
    """
    from PIL import Image

    width, height = image.width(), image.height()
    across, down = min(2, width), min(2, height)
    mode = "L" if image.format() == QImage.Format.Format_Grayscale8 else "RGBX"
    bits = cast("bytes", image.constBits())
    pixels = Image.frombuffer(mode, (width, height), bits, "raw", mode, image.bytesPerLine(), 1)
    half = pixels.reduce((across, down), (0, 0, width // across * across, height // down * down))
    line = half.width * len(half.getbands())
    return QImage(half.tobytes(), half.width, half.height, line, image.format()).copy()
