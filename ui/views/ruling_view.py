"""The arbitration desk: the crop above two values side by side, their differences marked."""

from __future__ import annotations

import html

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from formscan.model.reading import FieldState, FieldValue
from formscan.model.template import FieldKind
from ui.actions import STATES, Operation, spelled
from ui.desk import DeskParts
from ui.desks.ruling import OPERATIONS
from ui.items.page_picture import Stance
from ui.messages import Told
from ui.speech import says
from ui.theme import Theme
from ui.viewmodels.ruling import RulingModel, marked
from ui.views.desk_view import DeskView
from ui.widgets.banner import Banner
from ui.widgets.crop_view import CropView
from ui.widgets.editors import AnswerEditor
from ui.widgets.keys import KeyFilter


class RulingView(DeskView):
    """Differences between two keys, one after the other.

    Args:
        parts: What the desk is made of.
    """

    def __init__(self, parts: DeskParts) -> None:
        super().__init__()
        self._parts, self._theme = parts, parts.theme
        self.model = RulingModel(parts.backend, parts.database, self)
        self.banner = Banner(self)
        self.heading, self.count = QLabel(self), QLabel(self)
        self.title, self.place, self.nothing = QLabel(self), QLabel(self), QLabel(self)
        self.crop = CropView(parts.theme, self)
        self.keys = KeyFilter(self, OPERATIONS)
        self.editor = AnswerEditor(self.keys, parts.speech, self)
        self.reason = QLineEdit(self)
        self.values = (QLabel(self), QLabel(self))
        self.work = QWidget(self)
        self.buttons = {operation.id: self._button(operation) for operation in OPERATIONS}
        self._wanted = ""
        self._said: tuple[str, str] | None = None
        self._build()
        self._connect()
        self.retranslate()

    def _build(self) -> None:
        self.heading.setObjectName("heading")
        self.title.setObjectName("fieldTitle")
        self.nothing.setObjectName("nothing")
        self.nothing.setWordWrap(True)
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        for label in (self.count, self.place):
            label.setObjectName("muted")
        self.crop.setFixedHeight(150)
        head = QHBoxLayout()
        head.addWidget(self.heading)
        head.addWidget(self.count, 1, Qt.AlignmentFlag.AlignRight)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(18, 12, 18, 12)
        whole.setSpacing(10)
        whole.addLayout(head)
        whole.addWidget(self.banner)
        whole.addStretch(1)
        whole.addWidget(self.work)
        whole.addWidget(self.nothing)
        whole.addStretch(2)
        self._build_work()
        self.work.hide()

    def _build_work(self) -> None:
        named = QHBoxLayout()
        named.setSpacing(10)
        named.addWidget(self.title)
        named.addWidget(self.place, 1)
        sides = QHBoxLayout()
        sides.setSpacing(12)
        for label, name in zip(self.values, ("first", "second"), strict=True):
            sides.addWidget(self._side(label, name), 1)
        row = QHBoxLayout()
        row.setSpacing(6)
        for name in (*STATES, "aside"):
            row.addWidget(self.buttons[name])
        row.addStretch(1)
        row.addWidget(self.buttons["accept"])
        inside = QVBoxLayout(self.work)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(9)
        inside.addLayout(named)
        inside.addWidget(self.crop)
        inside.addLayout(sides)
        inside.addWidget(self.editor)
        inside.addWidget(self.reason)
        inside.addLayout(row)

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

    def _button(self, operation: Operation) -> QPushButton:
        button = QPushButton(self)
        button.setObjectName("primary" if operation.id == "accept" else "command")
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda: self.perform(operation.id))
        return button

    def _connect(self) -> None:
        self.keys.pressed.connect(self.perform)
        self.keys.watch(self.reason)
        self.model.shown.connect(self._show)
        self.model.emptied.connect(self._show_nothing)
        self.model.alone_told.connect(self._show_alone)
        self.model.reason_asked.connect(self._ask_reason)
        self.model.refused.connect(self._refuse)
        self._parts.shelf.arrived.connect(self._show_picture)

    def retranslate(self) -> None:
        """The language changed."""
        self.heading.setText(self.tr("Arbitration"))
        self.heading.setAccessibleName(self.heading.text())
        this = self.tr("This one")
        short = {"aside": self.tr("Not I"), "accept": self.tr("Neither"), "first": this, "second": this}
        for operation in OPERATIONS:
            button = self.buttons[operation.id]
            button.setText(f"{short.get(operation.id) or says(operation.text)}  {spelled(operation.keys[0])}")
            button.setAccessibleName(says(operation.text))
        self.crop.setAccessibleName(says("Picture of the field"))
        self.reason.setPlaceholderText(self.tr("Reason, where neither value is right or a rule is overruled"))
        self.reason.setAccessibleName(says("Reason"))
        if self.model.now is not None:
            self._name()
        elif self._said is not None:
            self._show_words()

    def set_theme(self, theme: Theme) -> None:
        """Other colours."""
        self._theme = theme
        self.crop.set_theme(theme)
        if self.model.now is not None:
            self._show_values()

    def focus(self) -> None:
        """Go on where it was left."""
        self.banner.dismiss()
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        if self.model.now is not None:
            self.editor.active.setFocus(Qt.FocusReason.OtherFocusReason)
        self.model.begin()

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

    def tell(self, told: Told, tone: str = "info") -> bool:
        """See ``DeskView``."""
        self.banner.tell(told, tone)
        return True

    # -- what the model tells ------------------------------------------------------------------

    def _show(self) -> None:
        now = self.model.now
        if now is None:
            return
        self._said, self._wanted = None, ""
        self.nothing.hide()
        self.banner.dismiss()
        self.work.show()
        self._name()
        self._show_values()
        self.reason.clear()
        self.editor.setAccessibleName(self.title.text())
        self.editor.load(now.spec, "", self.tr("Type it where neither value is right"))
        self._show_picture(now.task.place.page.image_sha256)
        self.editor.active.setFocus(Qt.FocusReason.OtherFocusReason)

    def _name(self) -> None:
        now = self.model.now
        if now is None:
            return
        label = self._parts.speech.label(now.spec)
        self.title.setText(f"{label} ({now.spec.unit})" if now.spec.unit else label)
        where = self.tr("{form}, page {page}").format(form=now.form.code, page=now.spec.page)
        self.place.setText(where)
        left = now.waiting.rulings
        self.count.setText(self.tr("{done} settled · {left} waiting").format(done=self.model.done, left=left))
        for shown in (self.title, self.place, self.count):
            shown.setAccessibleName(shown.text())

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

    def _show_picture(self, sha256: str) -> None:
        now = self.model.now
        if now is None or now.task.place.page.image_sha256 != sha256:
            return
        place = now.task.place
        lines = now.spec.kind is FieldKind.TEXT and len(place.cell_boxes) > 1
        lit = place.cell_boxes if lines else (place.page_box,)
        self.crop.show_field(self._parts.shelf.get(sha256), Stance(place.page), place.page_box, lit)

    def _ask_reason(self) -> None:
        say, do = self.tr("This needs a reason."), self.tr("Write it in the last line; Enter goes on.")
        self.banner.tell(Told(say, do), "warn")
        self.reason.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_nothing(self) -> None:
        say = self.tr("No two keys differ.")
        self._say(say, self.tr("Differences you had a hand in are left to others."))

    def _show_alone(self) -> None:
        say = self.tr("One person works here: nobody can give a second key.")
        do = self.tr(
            "Make accounts at the desk “People”. Until then entries say that one person stood alone."
        )
        self._say(say, do)

    def _say(self, say: str, do: str) -> None:
        self._said = (say, do)
        self._show_words()

    def _show_words(self) -> None:
        if self._said is not None:
            self.work.hide()
            self.nothing.setText("\n".join(self._said))
            self.nothing.setAccessibleName(self.nothing.text())
            self.nothing.show()
            self.count.clear()
            self.setFocus(Qt.FocusReason.OtherFocusReason)

    def _refuse(self, error: object) -> None:
        if isinstance(error, Exception):
            self.banner.tell(self._parts.speech.messages.error(error), "bad")
