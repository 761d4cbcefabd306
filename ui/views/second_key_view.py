"""The second key's desk: the crop, an empty editor right below it, and no reading anywhere."""

from __future__ import annotations

from formscan.model.reading import FieldState
from ui.actions import STATES
from ui.desk import DeskParts
from ui.desks.second_key import OPERATIONS
from ui.viewmodels.second_key import SecondKeyModel
from ui.views.crop_desk import CropDesk


class SecondKeyView(CropDesk):
    """Critical fields of many forms, one after the other, keyed blind.

    Args:
        parts: What the desk is made of.
    """

    def __init__(self, parts: DeskParts) -> None:
        self.model = SecondKeyModel(parts.backend, parts.database)
        super().__init__(parts, self.model, OPERATIONS)
        self.lay_out(190)
        self.connect_all()
        self.retranslate()

    def retranslate(self) -> None:
        """The language changed."""
        picture = self.tr("Picture of the field to be keyed")
        self.name_all(self.tr("Second key"), picture, {"aside": self.tr("Not I")})

    def perform(self, operation: str) -> None:
        """Do one of ``OPERATIONS``."""
        if operation == "accept":
            self.model.keep(self.editor.text())
        elif operation == "aside":
            self.model.put_aside()
        elif operation in STATES:
            self.model.state(FieldState(operation))

    def told_count(self) -> str:
        """Keyed and waiting."""
        left = self.model.now.waiting.keys if self.model.now is not None else 0
        return self.tr("{done} keyed · {left} waiting").format(done=self.model.done, left=left)

    def show_field(self) -> None:
        """Another field is to be keyed."""
        self.begin_field(self.tr("Type what is written on the paper"))

    def show_nothing(self) -> None:
        """Nothing waits for this person."""
        say = self.tr("No critical field waits for your key.")
        self.say(say, self.tr("Fields of forms you have seen are left to others."))
