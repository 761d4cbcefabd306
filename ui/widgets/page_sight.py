"""A picture of a page that always fits its place."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.items.page_picture import PagePicture
from ui.theme import Theme


class PageSight(QWidget):
    """Paints the whole page, or what is said in its place.

    Args:
        theme: The colours.
        parent: Qt parent.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._picture: PagePicture | None = None
        self._instead = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(200, 160)

    def sizeHint(self) -> QSize:  # noqa: N802 - as Qt calls it
        """Upright, as paper lies."""
        return QSize(380, 520)

    def set_theme(self, theme: Theme) -> None:
        """Other colours."""
        self._theme = theme
        self.update()

    def show_picture(self, picture: PagePicture | None, instead: str = "") -> None:
        """Show a page, or words where there is none."""
        self._picture, self._instead = picture, instead
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - as Qt calls it
        """Paint the page in the middle."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        if self._picture is None:
            painter.setPen(self._theme.colour("muted"))
            painter.drawText(self.rect(), 0x1084, self._instead)  # centred, words wrapped
            return
        scale = min(self.width() / self._picture.width, self.height() / self._picture.height)
        wide, high = self._picture.width * scale, self._picture.height * scale
        place = QRectF((self.width() - wide) / 2, (self.height() - high) / 2, wide, high)
        painter.save()
        painter.translate(place.topLeft())
        painter.scale(scale, scale)
        self._picture.paint(painter, QRectF(0, 0, self._picture.width, self._picture.height))
        painter.restore()
        painter.setPen(self._theme.colour("border"))
        painter.drawRect(place.adjusted(0, 0, -1, -1))
