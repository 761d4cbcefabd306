"""Says in the status line that one person works here, which is why nobody has to sign in."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QLabel, QWidget


class AloneNote(QLabel):
    """A note that is there only while there are no accounts.

    Args:
        parent: Qt parent.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.retranslate()
        self.hide()

    def retranslate(self) -> None:
        """The language changed."""
        self.setText(self.tr("One person, no accounts, no second key"))
        self.setAccessibleName(self.text())
        self.setToolTip(self.tr("Nobody signs in until the first account is made at the desk “People”."))

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - as Qt calls it
        """Speak the new language."""
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)
