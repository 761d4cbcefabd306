"""A bar and a button to stop, shown while something long is under way."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QWidget

from ui.speech import says


class ProgressRow(QWidget):
    """Says how far it is; hidden while nothing is.

    Args:
        parent: Qt parent.
    """

    stopped = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.bar, self.stop = QProgressBar(self), QPushButton(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.bar, 1)
        row.addWidget(self.stop)
        self.stop.clicked.connect(self.stopped)
        self.hide()

    def retranslate(self) -> None:
        """The language changed."""
        self.bar.setAccessibleName(says("How far it is"))
        self.stop.setText(says("Stop"))
        self.stop.setAccessibleName(says("Stop"))

    def show_done(self, done: int, of: int = 0) -> None:
        """So many of so many are done; 0 where nobody knows how many there are."""
        self.bar.setRange(0, of)
        self.bar.setValue(done)
        self.bar.setFormat(says("{done} of {of}").format(done=done, of=of))
        self.show()
