"""A blank page with its fields drawn over it; fields are picked, moved, resized and drawn with the mouse."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from formscan.designer.studio.document import StudioField
from formscan.model.geometry import POINTS_PER_INCH, Area
from formscan.model.page import Grey
from ui.items.grey_image import image_of
from ui.theme import Theme

_GRIP: Final = 9.0
_LEAST_PT: Final = 4.0


class PaperView(QWidget):
    """Shows one page; what the mouse did is told in points of the page.

    Args:
        theme: Colours of fields by standing.
        dpi: Of the page shown.
        parent: Qt parent, usually a scroll area.
    """

    picked = Signal(str)
    toggled = Signal(str)
    """A field was clicked with Ctrl held: choose it besides, or not any more."""
    placed = Signal(int)
    """A place of the current field was clicked, 0-based."""
    moved = Signal(float, float)
    resized = Signal(float, float)
    drawn = Signal(object)

    def __init__(self, theme: Theme, dpi: float, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._scale = theme, dpi / POINTS_PER_INCH
        self._image = QImage()
        self._fields: tuple[StudioField, ...] = ()
        self._current = ""
        self._marked: frozenset[str] = frozenset()
        self._place = -1
        self._start: QPointF | None = None
        self._now = QPointF()
        self._way = ""
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)

    def set_theme(self, theme: Theme) -> None:
        """Other colours."""
        self._theme = theme
        self.update()

    def show_page(self, page: Grey | None) -> None:
        """Show a drawn page (uint8 grey at ``dpi``), or nothing."""
        self._image = QImage() if page is None else image_of(page)
        self.setMinimumSize(self._image.size())
        self.resize(self._image.size())
        self.update()

    def show_fields(
        self,
        fields: Sequence[StudioField],
        current: str,
        marked: frozenset[str] = frozenset(),
        place: int = -1,
    ) -> None:
        """Draw these fields, the current one lit and its chosen place strongest, marked ones set off."""
        self._fields, self._current, self._marked, self._place = tuple(fields), current, marked, place
        self.update()

    def outline(self, handle: str) -> QRectF:
        """Where a field is shown, pixels of this widget; empty where it is not on the page."""
        for field in self._fields:
            if field.handle == handle:
                return self._rect(field.spec.area)
        return QRectF()

    def sizeHint(self) -> QSize:  # noqa: N802 - as Qt calls it
        """The page."""
        return self._image.size()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """The page, the fields, what is being drawn."""
        painter = QPainter(self)
        painter.drawImage(0, 0, self._image)
        for field in self._fields:
            self._paint(painter, field)
        if self._start is not None and self._way == "draw":
            painter.setPen(QPen(self._theme.colour("lit"), 1.5, Qt.PenStyle.DashLine))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(self._start, self._now).normalized())

    def _paint(self, painter: QPainter, field: StudioField) -> None:
        current = field.handle == self._current
        lit = current or field.handle in self._marked
        name = "lit" if lit else "ok" if field.accepted else "warn"
        colour = self._theme.colour(name)
        fill = self._theme.colour(name)
        dashed = Qt.PenStyle.SolidLine if current else Qt.PenStyle.DashLine
        painter.setPen(QPen(colour, 2.5, dashed) if lit else QPen(colour, 1.0))
        moves = current and self._start is not None and self._way == "move"
        for at, cell in enumerate(field.spec.cells):
            chosen = current and at == self._place
            fill.setAlpha(140 if chosen else 70 if lit else 30)
            painter.setBrush(fill)
            alone = self._place < 0 or chosen
            shift = self._now - self._start if moves and alone and self._start else QPointF()
            painter.drawRect(self._rect(cell.area).translated(shift))
        if current:
            painter.fillRect(self._grip(field), colour)

    def _grip(self, field: StudioField) -> QRectF:
        """The corner by which the chosen place, or the last one, is resized."""
        corner = self._rect(field.spec.cells[self._place].area).bottomRight()
        return QRectF(corner.x() - _GRIP / 2, corner.y() - _GRIP / 2, _GRIP, _GRIP)

    def _rect(self, area: Area) -> QRectF:
        k = self._scale
        return QRectF(area.left * k, area.top * k, area.width * k, area.height * k)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Pick a field, take its corner, or begin to draw one (with Shift, or on free paper)."""
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        at = event.position()
        self._start = self._now = at
        held = event.modifiers()
        current = next((f for f in self._fields if f.handle == self._current), None)
        if current is not None and (self._grip(current).center() - at).manhattanLength() <= _GRIP:
            self._way = "resize"
            return
        hit = None if held & Qt.KeyboardModifier.ShiftModifier else self._hit(at)
        self._way = "draw" if hit is None else "move"
        if hit is not None and held & Qt.KeyboardModifier.ControlModifier:
            self._way = "toggle"
            self.toggled.emit(hit.handle)
        elif hit is not None and hit.handle != self._current:
            self._way = "pick"
            self.picked.emit(hit.handle)

    def _hit(self, at: QPointF) -> StudioField | None:
        inside = [f for f in self._fields if any(self._rect(c.area).contains(at) for c in f.spec.cells)]
        return min(inside, key=lambda f: f.spec.area.width * f.spec.area.height, default=None)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Follow the mouse."""
        self._now = event.position()
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Tell what was done."""
        if self._start is None:
            return
        start, way, self._start = self._start, self._way, None
        dx = (event.position().x() - start.x()) / self._scale
        dy = (event.position().y() - start.y()) / self._scale
        if way == "draw":
            self._tell_drawn(start, event.position())
        elif way in {"move", "resize"} and max(abs(dx), abs(dy)) >= 0.5:
            (self.moved if way == "move" else self.resized).emit(round(dx, 2), round(dy, 2))
        elif way == "move":
            self._tell_place(start)
        self.update()

    def _tell_place(self, at: QPointF) -> None:
        """A click on a place of the current field chooses it, another one the field as a whole again."""
        current = next((f for f in self._fields if f.handle == self._current), None)
        if current is not None and len(current.spec.cells) > 1:
            inside = (n for n, c in enumerate(current.spec.cells) if self._rect(c.area).contains(at))
            place = next(inside, -1)
            self.placed.emit(-1 if place == self._place else place)

    def _tell_drawn(self, start: QPointF, end: QPointF) -> None:
        box = QRectF(start, end).normalized()
        k = self._scale
        if min(box.width(), box.height()) >= _LEAST_PT * k:
            edges = (box.left() / k, box.top() / k, box.right() / k, box.bottom() / k)
            self.drawn.emit(Area(*(round(v, 2) for v in edges)))
