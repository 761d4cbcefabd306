"""A layout that fills lines from the left and goes on in the next where there is no more room."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget


class FlowLayout(QLayout):
    """Items beside each other, wrapped.

    Args:
        parent: The widget laid out.
        gap: Pixels between items.
    """

    def __init__(self, parent: QWidget | None = None, gap: int = 6) -> None:
        super().__init__(parent)
        self._gap = gap
        self._items: list[QLayoutItem] = []

    def addItem(self, item: QLayoutItem) -> None:  # noqa: N802 - these names are Qt's
        """Take one more."""
        self._items.append(item)

    def count(self) -> int:
        """How many."""
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:  # noqa: N802
        """One of them."""
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:  # noqa: N802
        """Give one back."""
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:  # noqa: N802
        """None."""
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:  # noqa: N802
        """A narrow one is higher."""
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802
        """The height at a width."""
        return self._place(QRect(0, 0, width, 0), move=False)

    def setGeometry(self, rect: QRect) -> None:  # noqa: N802
        """Put the items where they belong."""
        super().setGeometry(rect)
        self._place(rect, move=True)

    def sizeHint(self) -> QSize:  # noqa: N802
        """The least that is needed."""
        return self.minimumSize()

    def minimumSize(self) -> QSize:  # noqa: N802
        """Room for the largest item."""
        size = QSize()
        for item in self._items:
            size = size.expandedTo(item.minimumSize())
        edges = self.contentsMargins()
        return size + QSize(edges.left() + edges.right(), edges.top() + edges.bottom())

    def _place(self, rect: QRect, *, move: bool) -> int:
        edges = self.contentsMargins()
        inner = rect.adjusted(edges.left(), edges.top(), -edges.right(), -edges.bottom())
        y, gap = inner.top(), 0
        for line in self._lines(inner.width()):
            y += gap
            height = max(item.sizeHint().height() for item, _ in line)
            for item, x in line if move else ():
                hint = item.sizeHint()
                middle = y + (height - hint.height()) // 2
                item.setGeometry(QRect(QPoint(inner.left() + x, middle), hint))
            y, gap = y + height, self._gap
        return y - rect.top() + edges.bottom()

    def _lines(self, width: int) -> list[list[tuple[QLayoutItem, int]]]:
        """The items by lines, each with its left edge."""
        lines: list[list[tuple[QLayoutItem, int]]] = []
        x = width + 1
        for item in self._items:
            needed = item.sizeHint().width()
            if x + needed > width or not lines:
                lines.append([])
                x = 0
            lines[-1].append((item, x))
            x += needed + self._gap
        return lines
