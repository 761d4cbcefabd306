"""What desks to fill something in have in common: heading, a sentence, message, buttons with keys."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from ui.actions import Operation
from ui.desk import DeskParts
from ui.messages import Told
from ui.views.desk_view import DeskView
from ui.widgets.banner import Banner
from ui.widgets.keys import KeyFilter


class FormDesk(DeskView):
    """A heading over a body; a subclass fills ``body``, calls ``make_buttons`` and does the operations.

    Args:
        parts: What the desk is made of.
        operations: Of the desk; each has a button.
    """

    def __init__(self, parts: DeskParts, operations: Sequence[Operation]) -> None:
        super().__init__()
        self._parts = parts
        self.banner = Banner(self)
        self.heading, self.explained = QLabel(self), QLabel(self)
        self.keys = KeyFilter(self, operations)
        self._operations = tuple(operations)
        self.buttons: dict[str, QPushButton] = {}
        self.body = QHBoxLayout()
        self._lay_out()

    def _lay_out(self) -> None:
        self.heading.setObjectName("heading")
        self.explained.setObjectName("muted")
        self.explained.setWordWrap(True)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(18, 12, 18, 12)
        whole.setSpacing(10)
        for widget in (self.heading, self.explained, self.banner):
            whole.addWidget(widget)
        whole.addLayout(self.body, 1)

    def make_buttons(self) -> None:
        """Make a button an operation; after the editors, as Tab goes in the order parts were made in."""
        self.buttons = {operation.id: QPushButton(self) for operation in self._operations}

    def listen(self, watched: Iterable[QWidget]) -> None:
        """Do an operation at its key in one of these widgets, or when its button is pressed."""
        for widget in watched:
            self.keys.watch(widget)
        self.keys.pressed.connect(self.perform)
        for name, button in self.buttons.items():
            button.clicked.connect(lambda _down, name=name: self.perform(name))

    def tell(self, told: Told, tone: str = "info") -> bool:
        """See ``DeskView``."""
        self.banner.tell(told, tone)
        return True

    def refuse(self, error: object) -> None:
        """Say why something was not done."""
        if isinstance(error, Exception):
            self.banner.tell(self._parts.speech.messages.error(error), "bad")
