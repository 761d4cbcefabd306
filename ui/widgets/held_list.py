"""What was not read: how many, why, and what to do about it."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget

from ui.messages import Told
from ui.theme import Theme

MOST_HEIGHT: Final = 150
Line = tuple[int, Told, str, bool]
"""Count, reason, names of the files, whether the file itself is broken."""


class HeldList(QFrame):
    """One line a reason; hidden while there is none.

    Args:
        theme: The colours.
        parent: Qt parent.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("held")
        self._theme = theme
        self._title, self._lines = QLabel(self), QLabel()
        self._title.setObjectName("say")
        self._lines.setTextFormat(Qt.TextFormat.RichText)
        self._lines.setWordWrap(True)
        self._lines.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._scroll = QScrollArea(self)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setWidget(self._lines)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 8, 14, 8)
        column.setSpacing(4)
        column.addWidget(self._title)
        column.addWidget(self._scroll)
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        """Other colours; show the lines again afterwards."""
        self._theme = theme

    def show_lines(self, title: str, lines: Sequence[Line]) -> None:
        """Show these reasons."""
        self._title.setText(title)
        muted = self._theme.colours["muted"]
        rich, plain = [], []
        for count, told, names, broken in lines:
            colour = self._theme.colours["bad" if broken else "warn"]
            sign = "■" if broken else "▲"
            rich.append(
                f'<p style="margin:0 0 5px 0"><span style="color:{colour}"><b>{sign} {count} × '
                f"{html.escape(told.say)}</b></span> {html.escape(told.do)} "
                f'<span style="color:{muted}">{html.escape(names)}</span></p>'
            )
            plain.append(f"{count} × {told.whole} {names}")
        self._lines.setText("".join(rich))
        self._title.setAccessibleName(title)
        self._lines.setAccessibleName("\n".join(plain) or title)
        self._scroll.setAccessibleName(title)
        self.setAccessibleName(title)
        self.setVisible(bool(lines))
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - as Qt calls it
        """Wrapped lines need another height."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """As high as its lines, up to a limit from which on it scrolls."""
        needed = self._lines.heightForWidth(max(200, self.width() - 40))
        self._scroll.setFixedHeight(min(needed, MOST_HEIGHT) + 2)
