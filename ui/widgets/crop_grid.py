"""A screen of look-alike crops: only what is shown exists, however many there are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFont,
    QFontMetrics,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from formscan.model.template import FieldKind, FieldSpec
from formscan.review.groups import Tile
from ui.theme import Theme

GAP: Final = 8
PAD: Final = 5
Key = tuple[str, str]


class CropGrid(QWidget):
    """Crops in rows, each over what it is read as; arrows move, one of them is current.

    Args:
        theme: Colours.
        picture: The crop of a tile, if it is there.
        said: What a tile is read as, in words.
        parent: Qt parent.
    """

    moved = Signal()
    """Another tile is current."""
    sized = Signal(int)
    """So many tiles fit."""

    def __init__(
        self,
        theme: Theme,
        picture: Callable[[Tile], QImage | None],
        said: Callable[[Tile], str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme, self._picture, self._said = theme, picture, said
        self.tiles: tuple[Tile, ...] = ()
        self.left_out: set[Key] = set()
        self.current = 0
        self._crop = QSize(150, 64)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(360, 160)

    @property
    def crop_size(self) -> QSize:
        """Of a crop, in device independent pixels."""
        return self._crop

    @property
    def room(self) -> int:
        """Tiles that fit."""
        across, down = self._shape()
        return across * down

    @property
    def tile(self) -> Tile | None:
        """The current one."""
        return self.tiles[self.current] if self.current < len(self.tiles) else None

    def set_theme(self, theme: Theme) -> None:
        """Other colours."""
        self._theme = theme
        self.update()

    def show_tiles(self, tiles: Sequence[Tile], spec: FieldSpec | None) -> None:
        """Show these; the kind of field settles the size of a crop."""
        here = self.tile
        self.tiles = tuple(tiles)
        self.left_out &= {tile.key for tile in self.tiles}
        keys = [tile.key for tile in self.tiles]
        stays = here is not None and here.key in keys
        place = keys.index(here.key) if stays and here is not None else self.current
        self.current = min(place, max(0, len(keys) - 1))
        if spec is not None and crop_size(spec) != self._crop:
            self._crop = crop_size(spec)
            self.sized.emit(self.room)
        self.update()
        self.moved.emit()

    def go_to(self, place: int) -> None:
        """Make a tile the current one."""
        if self.tiles and 0 <= place < len(self.tiles) and place != self.current:
            self.current = place
            self.update()
            self.moved.emit()

    def leave_out(self) -> None:
        """Mark the current tile as odd, or take the mark away."""
        if self.tile is not None:
            self.left_out ^= {self.tile.key}
            self.update()
            self.moved.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - as Qt calls it
        """Arrows, Home and End move."""
        across, _ = self._shape()
        steps = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Up: -across,
            Qt.Key.Key_Down: across,
            Qt.Key.Key_Home: -self.current,
            Qt.Key.Key_End: len(self.tiles) - 1 - self.current,
        }
        if event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier or event.key() not in steps:
            super().keyPressEvent(event)
        else:
            self.go_to(self.current + steps[Qt.Key(event.key())])

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - as Qt calls it
        """Choose the tile under the pointer."""
        point = event.position().toPoint()
        for place in range(len(self.tiles)):
            if self._rect(place).contains(point):
                self.go_to(place)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - as Qt calls it
        """Tell how many fit now."""
        super().resizeEvent(event)
        self.sized.emit(self.room)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - as Qt calls it
        """Paint the tiles that are to be seen."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), self._theme.colour("window"))
        for place, tile in enumerate(self.tiles[: self.room]):
            rect = self._rect(place)
            if rect.intersects(event.rect()):
                self._paint(painter, rect, tile, here=place == self.current)

    def _paint(self, painter: QPainter, rect: QRect, tile: Tile, *, here: bool) -> None:
        odd, theme = tile.key in self.left_out, self._theme
        painter.setBrush(theme.colour("warn_back" if odd else "surface"))
        name = "focus" if here else "warn" if odd else "border"
        painter.setPen(QPen(theme.colour(name), 3 if here and self.hasFocus() else 1))
        painter.drawRoundedRect(QRectF(rect).adjusted(1.5, 1.5, -1.5, -1.5), 4, 4)
        place = QRect(rect.left() + PAD, rect.top() + PAD, self._crop.width(), self._crop.height())
        picture = self._picture(tile)
        if picture is None:
            painter.fillRect(place, theme.colour("desk"))
        else:
            painter.drawImage(place, picture)
        under = QRect(place.left(), place.bottom() + 2, place.width(), rect.bottom() - place.bottom() - PAD)
        font = QFont(self.font())
        font.setBold(not odd)
        painter.setFont(font)
        painter.setPen(theme.colour("warn" if odd else "text"))
        said = f"✕  {self._said(tile)}" if odd else self._said(tile)
        text = QFontMetrics(font).elidedText(said, Qt.TextElideMode.ElideRight, under.width())
        painter.drawText(under, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter, text)

    def _cell(self) -> QSize:
        text = self.fontMetrics().height() + 6
        return QSize(self._crop.width() + 2 * PAD, self._crop.height() + text + 2 * PAD)

    def _shape(self) -> tuple[int, int]:
        cell = self._cell()
        across = max(1, (self.width() + GAP) // (cell.width() + GAP))
        return across, max(1, (self.height() + GAP) // (cell.height() + GAP))

    def _rect(self, place: int) -> QRect:
        across, _ = self._shape()
        cell = self._cell()
        spare = self.width() - across * (cell.width() + GAP) + GAP
        row, column = divmod(place, across)
        left = spare // 2 + column * (cell.width() + GAP)
        return QRect(left, row * (cell.height() + GAP), cell.width(), cell.height())

    def focusInEvent(self, event: object) -> None:  # noqa: N802 - as Qt calls it
        """Show where the keys go."""
        self.update()

    focusOutEvent = focusInEvent  # noqa: N815 - as Qt calls it


def crop_size(spec: FieldSpec) -> QSize:
    """How large a crop of a field is shown."""
    if spec.kind is FieldKind.MARK:
        return QSize(104, 64)
    if spec.kind is FieldKind.COMB:
        return QSize(min(320, 48 + 30 * len(spec.cells)), 56)
    return QSize(250, 64) if spec.kind is FieldKind.SIGNATURE else QSize(300, 58)
