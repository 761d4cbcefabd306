"""All keys on one page."""

from __future__ import annotations

import html

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from ui.actions import OPERATIONS, Operation, Place, spelled
from ui.speech import says
from ui.theme import Theme


class KeysView(QScrollArea):
    """Lists operations with their keys; any of Esc, Enter and F1 leaves it.

    Args:
        parent: Qt parent.
    """

    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self._theme: Theme | None = None
        self._operations: tuple[Operation, ...] | None = None
        inner = QWidget()
        self._title = QLabel(inner)
        self._title.setObjectName("heading")
        self._columns = [QLabel(inner), QLabel(inner)]
        row = QHBoxLayout()
        row.setSpacing(40)
        for label in self._columns:
            label.setTextFormat(Qt.TextFormat.RichText)
            label.setAlignment(Qt.AlignmentFlag.AlignTop)
            row.addWidget(label)
        row.addStretch(1)
        whole = QVBoxLayout(inner)
        whole.setContentsMargins(28, 20, 28, 20)
        whole.addWidget(self._title)
        whole.addLayout(row)
        whole.addStretch(1)
        self.setWidget(inner)
        self.retranslate()

    def show_operations(self, operations: tuple[Operation, ...] | None) -> None:
        """List those of a desk, or those of the review where ``None``, with those offered everywhere."""
        self._operations = operations
        self.retranslate()

    def set_theme(self, theme: Theme) -> None:
        """Other colours."""
        self._theme = theme
        self.retranslate()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - as Qt calls it
        """Speak the new language."""
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def retranslate(self) -> None:
        """The language changed."""
        self._title.setText(self.tr("Keys (Esc goes back)"))
        self.setAccessibleName(self.tr("Keys"))
        extra = [
            (self.tr("Choose an option"), "1 … 9"),
            (self.tr("New line in a long text"), "Shift+Enter"),
        ]
        lines = [
            (says(operation.text), " / ".join(dict.fromkeys(map(_as_printed, operation.keys))))
            for operation in self._listed()
        ] + (extra if self._operations is None else [])
        half = (len(lines) + 1) // 2
        for label, part in zip(self._columns, (lines[:half], lines[half:]), strict=True):
            label.setText(self._table(part))
            label.setAccessibleName(". ".join(f"{name}: {keys}" for name, keys in part))
        self._title.setAccessibleName(self._title.text())

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - as Qt calls it
        """Leave on Esc, Enter and F1."""
        if event.key() in {Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def _listed(self) -> list[Operation]:
        here = {Place.ANYWHERE, Place.REVIEW if self._operations is None else Place.DESK}
        return [
            *(self._operations or ()),
            *(operation for operation in OPERATIONS if operation.place in here),
        ]

    def _table(self, lines: list[tuple[str, str]]) -> str:
        colour = self._theme.colours["accent"] if self._theme else "#000000"
        rows = (
            f'<tr><td style="padding:5px 22px 5px 0; color:{colour}"><b>{html.escape(keys)}</b></td>'
            f'<td style="padding:5px 0">{html.escape(name)}</td></tr>'
            for name, keys in lines
        )
        return f"<table>{''.join(rows)}</table>"


def _as_printed(keys: str) -> str:
    """The two Enter keys are one to a person."""
    return "Enter" if keys in {"Return", "Enter"} else spelled(keys)
