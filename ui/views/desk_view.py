"""What every desk's view can do; the window calls it and nothing else."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QWidget

from ui.messages import Told
from ui.theme import Theme


class DeskView(QWidget):
    """A view that fills the window. A subclass calls ``retranslate`` at the end of its ``__init__``.

    The methods of this class do as little as can be right; a desk overrides what concerns it.

    Args:
        parent: Qt parent; the window takes the view over.
    """

    left = Signal()
    """The person is done here: back to the review or to the inbox."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)

    def set_theme(self, theme: Theme) -> None:
        """Other colours."""

    def retranslate(self) -> None:
        """The language changed."""

    def focus(self) -> None:
        """It is shown now: load what is to be seen and let the person work."""
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def perform(self, operation: str) -> None:
        """Do one of the desk's operations."""

    def tell(self, told: Told, tone: str = "info") -> bool:
        """Show a message: tone ``info``, ``ok``, ``warn`` or ``bad``.

        Returns:
            Whether it is shown; the window shows it in its status line otherwise.
        """
        return False

    def unsaved(self) -> Told | None:
        """Why the window must not close yet; ``None`` where it may."""
        return None

    def end(self) -> None:
        """The window closes: write what must be kept, let go of everything."""

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - as Qt calls it
        """Speak the new language."""
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)
