"""Small pictures of many fields: a page is decoded once for all the crops asked of it, a few are kept."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import Final

from PySide6.QtCore import QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPen

from formscan.review.groups import Tile
from ui.items.page_picture import PagePicture, Stance
from ui.tasks import TaskRunner
from ui.viewmodels.backend import Backend

KEPT: Final = 1200
"""Crops kept; one takes about 80 kB."""
SHARP: Final = 2
"""Pixels of a crop a pixel of the screen, so that it is sharp at 200 %."""
AROUND_MM: Final = 1.5
_Key = tuple[str, str]


class CropShelf(QObject):
    """Crops by document and field.

    Args:
        backend: Where the page images are.
        database: The thread of the store.
        pixels: Threads that decode and cut.
        parent: Qt parent.
    """

    arrived = Signal()
    failed = Signal(object)

    def __init__(
        self, backend: Backend, database: TaskRunner, pixels: TaskRunner, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._backend, self._database, self._pixels = backend, database, pixels
        self._kept: OrderedDict[_Key, QImage] = OrderedDict()
        self._wanted: set[_Key] = set()

    def get(self, tile: Tile) -> QImage | None:
        """The crop if it is there; ``want`` it otherwise."""
        found = self._kept.get(tile.key)
        if found is not None:
            self._kept.move_to_end(tile.key)
        return found

    def want(self, tiles: Sequence[Tile], size: QSize) -> None:
        """Fetch crops that are not there; those of one page together."""
        pages: dict[str, list[Tile]] = {}
        for tile in tiles:
            if tile.key not in self._kept and tile.key not in self._wanted:
                self._wanted.add(tile.key)
                pages.setdefault(tile.page.image_sha256, []).append(tile)
        for sha256, group in pages.items():
            self._fetch(sha256, tuple(group), size)

    def clear(self) -> None:
        """Crops of another size are wanted."""
        self._kept.clear()

    def _fetch(self, sha256: str, tiles: tuple[Tile, ...], size: QSize) -> None:
        self._database.run(
            lambda: self._backend.image(sha256),
            lambda data: self._cut(data, tiles, size),
            lambda error: self._give_up(tiles, error),
        )

    def _cut(self, data: bytes, tiles: tuple[Tile, ...], size: QSize) -> None:
        self._pixels.run(
            lambda: cut(data, tiles, size),
            lambda found: self._keep(tiles, found),
            lambda error: self._give_up(tiles, error),
        )

    def _keep(self, tiles: Iterable[Tile], found: Sequence[QImage]) -> None:
        for tile, image in zip(tiles, found, strict=True):
            self._wanted.discard(tile.key)
            self._kept[tile.key] = image
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        self.arrived.emit()

    def _give_up(self, tiles: Iterable[Tile], error: Exception) -> None:
        self._wanted -= {tile.key for tile in tiles}
        self.failed.emit(error)


def cut(data: bytes, tiles: Sequence[Tile], size: QSize) -> list[QImage]:
    """Cut fields out of one page, upright, each fitted into ``size`` with its place outlined.

    Raises:
        ValueError: If the bytes are no picture.
    """
    picture = PagePicture.decode(data)
    return [_crop(picture, Stance(tile.page), tile, size) for tile in tiles]


def _crop(picture: PagePicture, stance: Stance, tile: Tile, size: QSize) -> QImage:
    field = stance.upright(tile.field.page_box)
    least = AROUND_MM / 25.4 * stance.page.dpi
    wide = field.adjusted(-least, -least, least, least)
    image = QImage(size * SHARP, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    scale = min(image.width() / wide.width(), image.height() / wide.height())
    painter = QPainter(image)
    painter.translate(image.width() / 2, image.height() / 2)
    painter.scale(scale, scale)
    painter.translate(-wide.center())
    seen = painter.worldTransform().inverted()[0].mapRect(QRectF(image.rect()))
    painter.save()
    painter.setTransform(stance.to_upright, combine=True)
    picture.paint(painter, stance.to_upright.inverted()[0].mapRect(seen))
    painter.restore()
    pen = QPen(Qt.GlobalColor.darkYellow, 2)
    pen.setCosmetic(True)
    painter.setPen(pen)
    painter.drawRect(field.adjusted(-least / 4, -least / 4, least / 4, least / 4))
    painter.end()
    image.setDevicePixelRatio(SHARP)
    return image
