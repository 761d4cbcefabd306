"""The arbitration desk: the crop above two values side by side, their differences marked."""

from __future__ import annotations

import html

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QSizePolicy, QVBoxLayout

from formscan.model.reading import FieldState, FieldValue
from ui.actions import STATES
from ui.desk import DeskParts
from ui.desks.ruling import OPERATIONS
from ui.messages import Told
from ui.speech import says
from ui.theme import Theme
from ui.viewmodels.ruling import RulingModel, marked
from ui.views.crop_desk import CropDesk


class RulingView(CropDesk):
    """Differences between two keys, one after the other.

    Args:
        parts: What the desk is made of.
    """

    def __init__(self, parts: DeskParts) -> None:
        self.model = RulingModel(parts.backend, parts.database)
        super().__init__(parts, self.model, OPERATIONS)
        self._theme, self._wanted = parts.theme, ""
        self.reason = QLineEdit(self)
        self.values = (QLabel(self), QLabel(self))
        sides = QHBoxLayout()
        sides.setSpacing(12)
        for label, name in zip(self.values, ("first", "second"), strict=True):
            sides.addWidget(self._side(label, name), 1)
        self.lay_out(150, above=sides, below=self.reason)
        self.connect_all()
        self.keys.watch(self.reason)
        self.model.reason_asked.connect(self._ask_reason)
        self.retranslate()

    def _side(self, label: QLabel, name: str) -> QFrame:
        label.setTextFormat(Qt.TextFormat.RichText)
        label.setWordWrap(True)
        label.setObjectName("fieldTitle")
        label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        frame = QFrame(self)
        frame.setObjectName("held")
        inside = QVBoxLayout(frame)
        inside.setContentsMargins(12, 8, 12, 8)
        inside.addWidget(label, 1)
        inside.addWidget(self.buttons[name], 0, Qt.AlignmentFlag.AlignLeft)
        return frame

    def retranslate(self) -> None:
        """The language changed."""
        this = self.tr("This one")
        short = {"aside": self.tr("Not I"), "accept": self.tr("Neither"), "first": this, "second": this}
        self.name_all(self.tr("Arbitration"), says("Picture of the field"), short)
        self.reason.setPlaceholderText(self.tr("Reason, where neither value is right or a rule is overruled"))
        self.reason.setAccessibleName(says("Reason"))

    def set_theme(self, theme: Theme) -> None:
        """Other colours."""
        super().set_theme(theme)
        self._theme = theme
        self._show_values()

    def perform(self, operation: str) -> None:
        """Do one of ``OPERATIONS``; Enter in the line of the reason does what asked for it."""
        if operation == "accept" and self.reason.hasFocus() and self._wanted:
            operation = self._wanted
        reason = self.reason.text()
        self._wanted = operation
        if operation in {"first", "second"}:
            self.model.choose(1 if operation == "first" else 2, reason)
        elif operation == "accept":
            self.model.type(self.editor.text(), reason)
        elif operation == "aside":
            self.model.put_aside()
        elif operation in STATES:
            self.model.state(FieldState(operation), reason)

    # -- what the model tells ------------------------------------------------------------------

    def told_count(self) -> str:
        """Settled and waiting."""
        left = self.model.now.waiting.rulings if self.model.now is not None else 0
        return self.tr("{done} settled · {left} waiting").format(done=self.model.done, left=left)

    def show_field(self) -> None:
        """Another difference is there."""
        self._wanted = ""
        self.banner.dismiss()
        self._show_values()
        self.reason.clear()
        self.begin_field(self.tr("Type it where neither value is right"))

    def show_nothing(self) -> None:
        """Nothing is to be settled by this person."""
        say = self.tr("No two keys differ.")
        self.say(say, self.tr("Differences you had a hand in are left to others."))

    def _show_values(self) -> None:
        now = self.model.now
        if now is None:
            return
        texts = [self._told(now.task.first), self._told(now.task.second)]
        names = (self.tr("First: {text}"), self.tr("Second: {text}"))
        for label, one, other, name in zip(self.values, texts, reversed(texts), names, strict=True):
            label.setText(self._rich(one, other))
            label.setAccessibleName(name.format(text=one))

    def _told(self, value: FieldValue) -> str:
        if value.state is not FieldState.VALUE:
            return self._parts.speech.messages.state(value.state)
        now = self.model.now
        choices = now.spec.choices if now is not None else ()
        named = {choice.value: self._parts.speech.label(choice) for choice in choices}
        return "; ".join(named.get(part, part) for part in value.text.split(";")) if named else value.text

    def _rich(self, one: str, other: str) -> str:
        """The text with what differs underlined and on another ground: never by colour alone."""
        ink, ground = self._theme.colours["bad"], self._theme.colours["bad_back"]
        style = f"color:{ink};background:{ground};text-decoration:underline"
        return "".join(
            f'<span style="{style}">{html.escape(part)}</span>' if differs else html.escape(part)
            for part, differs in marked(one, other)
        )

    def _ask_reason(self) -> None:
        say, do = self.tr("This needs a reason."), self.tr("Write it in the last line; Enter goes on.")
        self.banner.tell(Told(say, do), "warn")
        self.reason.setFocus(Qt.FocusReason.OtherFocusReason)
