"""A message within the window: what is the matter, what to do, and room for an answer."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from ui.messages import Told
from ui.speech import says


class Banner(QFrame):
    """Shown and hidden in place; never a dialog that stands in the way.

    Args:
        parent: Qt parent.
    """

    answered = Signal(str)
    """A reason was given."""
    chosen = Signal(str)
    """A line of the list was chosen: its key."""
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("banner")
        self.setProperty("tone", "info")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._say, self._do = QLabel(self), QLabel(self)
        self.line, self.list = QLineEdit(self), QListWidget(self)
        self._close = QPushButton(self)
        self._build()
        self.retranslate()
        self.hide()

    def _build(self) -> None:
        self._say.setObjectName("say")
        for label in (self._say, self._do):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        self._close.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._close.clicked.connect(self.dismiss)
        self.line.installEventFilter(self)
        self.list.installEventFilter(self)
        self.list.itemActivated.connect(self._choose)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self._say)
        words.addWidget(self._do)
        words.addWidget(self.line)
        words.addWidget(self.list)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 8, 10, 8)
        row.addLayout(words, 1)
        row.addWidget(self._close, 0, Qt.AlignmentFlag.AlignTop)

    def tell(self, told: Told, tone: str = "info") -> None:
        """Show a message: tone ``info``, ``ok``, ``warn`` or ``bad``."""
        self._show(told, tone)
        self.line.hide()
        self.list.hide()

    def ask(self, told: Told, text: str = "") -> None:
        """Ask for a line of text; ``answered`` follows on Enter."""
        self._show(told, "warn")
        self.list.hide()
        self.line.setText(text)
        self.line.show()
        self.line.setFocus(Qt.FocusReason.OtherFocusReason)

    def tell_list(self, told: Told, lines: Sequence[tuple[str, str]], tone: str = "warn") -> None:
        """Show a message over a list of (key, text); ``chosen`` follows on Enter."""
        self._show(told, tone)
        self.line.hide()
        self.list.clear()
        for key, text in lines:
            item = QListWidgetItem(text, self.list)
            item.setData(Qt.ItemDataRole.UserRole, key)
        row = self.fontMetrics().height() + 10
        self.list.setFixedHeight(min(len(lines), 5) * row + 6)
        self.list.show()
        self.list.setCurrentRow(0)
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def dismiss(self) -> None:
        """Close it."""
        if self.isVisible():
            self.hide()
            self.closed.emit()

    def retranslate(self) -> None:
        """The language changed."""
        self._close.setText(says("Close (Esc)"))
        self._close.setAccessibleName(says("Close the message"))
        self.line.setPlaceholderText(says("Reason"))
        self.line.setAccessibleName(says("Reason"))
        self.list.setAccessibleName(says("List of the message"))
        self.setAccessibleName(says("Message"))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - as Qt calls it
        """Enter answers, Escape closes, and neither means the review meanwhile."""
        if not isinstance(event, QKeyEvent):
            return False
        key = event.key()
        if key not in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape}:
            return False
        event.accept()
        if event.type() == QEvent.Type.KeyPress:
            if key == Qt.Key.Key_Escape:
                self.dismiss()
            elif watched is self.line:
                self.answered.emit(self.line.text())
            elif self.list.currentItem() is not None:
                self._choose(self.list.currentItem())
        return event.type() in {QEvent.Type.KeyPress, QEvent.Type.ShortcutOverride}

    def _choose(self, item: QListWidgetItem) -> None:
        self.hide()
        self.chosen.emit(str(item.data(Qt.ItemDataRole.UserRole)))

    def _show(self, told: Told, tone: str) -> None:
        self.setProperty("tone", tone)
        self.style().unpolish(self)
        self.style().polish(self)
        self._say.setText(told.say)
        self._do.setText(told.do)
        self._do.setVisible(bool(told.do))
        self._say.setAccessibleName(told.say)
        self._do.setAccessibleName(told.do)
        self.setAccessibleDescription(told.whole)
        self.show()
