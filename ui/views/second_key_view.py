"""The second key's desk: the crop, an empty editor right below it, and no reading anywhere."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from formscan.model.reading import FieldState
from formscan.model.template import FieldKind
from ui.actions import STATES, Operation, spelled
from ui.desk import DeskParts
from ui.desks.second_key import OPERATIONS
from ui.items.page_picture import Stance
from ui.messages import Told
from ui.speech import says
from ui.theme import Theme
from ui.viewmodels.second_key import SecondKeyModel
from ui.views.desk_view import DeskView
from ui.widgets.banner import Banner
from ui.widgets.crop_view import CropView
from ui.widgets.editors import AnswerEditor
from ui.widgets.keys import KeyFilter


class SecondKeyView(DeskView):
    """Critical fields of many forms, one after the other, keyed blind.

    Args:
        parts: What the desk is made of.
    """

    def __init__(self, parts: DeskParts) -> None:
        super().__init__()
        self._parts = parts
        self.model = SecondKeyModel(parts.backend, parts.database, self)
        self.banner = Banner(self)
        self.heading, self.count = QLabel(self), QLabel(self)
        self.title, self.place, self.nothing = QLabel(self), QLabel(self), QLabel(self)
        self.crop = CropView(parts.theme, self)
        self.keys = KeyFilter(self, OPERATIONS)
        self.editor = AnswerEditor(self.keys, parts.speech, self)
        self.work = QWidget(self)
        self.buttons = {operation.id: self._button(operation) for operation in OPERATIONS}
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
        self.crop.setFixedHeight(190)
        self._lay_out()
        self.work.hide()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self.heading)
        head.addWidget(self.count, 1, Qt.AlignmentFlag.AlignRight)
        named = QHBoxLayout()
        named.setSpacing(10)
        named.addWidget(self.title)
        named.addWidget(self.place, 1)
        inside = QVBoxLayout(self.work)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(9)
        inside.addLayout(named)
        inside.addWidget(self.crop)
        inside.addWidget(self.editor)
        inside.addLayout(self._button_row())
        whole = QVBoxLayout(self)
        whole.setContentsMargins(18, 12, 18, 12)
        whole.setSpacing(10)
        whole.addLayout(head)
        whole.addWidget(self.banner)
        whole.addStretch(1)
        whole.addWidget(self.work)
        whole.addWidget(self.nothing)
        whole.addStretch(2)

    def _button_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(6)
        for name in (*STATES, "aside"):
            row.addWidget(self.buttons[name])
        row.addStretch(1)
        row.addWidget(self.buttons["accept"])
        return row

    def _button(self, operation: Operation) -> QPushButton:
        button = QPushButton(self)
        button.setObjectName("primary" if operation.id == "accept" else "command")
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda: self.perform(operation.id))
        return button

    def _connect(self) -> None:
        self.keys.pressed.connect(self.perform)
        self.model.shown.connect(self._show)
        self.model.emptied.connect(self._show_nothing)
        self.model.alone_told.connect(self._show_alone)
        self.model.refused.connect(self._refuse)
        self._parts.shelf.arrived.connect(self._show_picture)

    def retranslate(self) -> None:
        """The language changed."""
        self.heading.setText(self.tr("Second key"))
        self.heading.setAccessibleName(self.heading.text())
        short = {"aside": self.tr("Not I")}
        for operation in OPERATIONS:
            button = self.buttons[operation.id]
            button.setText(f"{short.get(operation.id) or says(operation.text)}  {spelled(operation.keys[0])}")
            button.setAccessibleName(says(operation.text))
        self.crop.setAccessibleName(self.tr("Picture of the field to be keyed"))
        if self.model.now is not None:
            self._name()
        elif self._said is not None:
            self._show_words()

    def set_theme(self, theme: Theme) -> None:
        """Other colours."""
        self.crop.set_theme(theme)

    def focus(self) -> None:
        """Go on where it was left."""
        self.banner.dismiss()
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        if self.model.now is not None:
            self.editor.active.setFocus(Qt.FocusReason.OtherFocusReason)
        self.model.begin()

    def perform(self, operation: str) -> None:
        """Do one of ``OPERATIONS``."""
        if operation == "accept":
            self.model.keep(self.editor.text())
        elif operation == "aside":
            self.model.put_aside()
        elif operation in STATES:
            self.model.state(FieldState(operation))

    def tell(self, told: Told, tone: str = "info") -> bool:
        """See ``DeskView``."""
        self.banner.tell(told, tone)
        return True

    # -- what the model tells ------------------------------------------------------------------

    def _show(self) -> None:
        now = self.model.now
        if now is None:
            return
        self._said = None
        self.nothing.hide()
        self.work.show()
        self._name()
        self.editor.setAccessibleName(self.title.text())
        self.editor.load(now.spec, "", self.tr("Type what is written on the paper"))
        self._show_picture(now.task.page.image_sha256)
        self.editor.active.setFocus(Qt.FocusReason.OtherFocusReason)

    def _name(self) -> None:
        now = self.model.now
        if now is None:
            return
        label = self._parts.speech.label(now.spec)
        self.title.setText(f"{label} ({now.spec.unit})" if now.spec.unit else label)
        where = self.tr("{form}, page {page}").format(form=now.form.code, page=now.spec.page)
        self.place.setText(where)
        told = self.tr("{done} keyed · {left} waiting").format(done=self.model.done, left=now.waiting.keys)
        self.count.setText(told)
        for shown in (self.title, self.place, self.count):
            shown.setAccessibleName(shown.text())

    def _show_picture(self, sha256: str) -> None:
        now = self.model.now
        if now is None or now.task.page.image_sha256 != sha256:
            return
        lines = now.spec.kind is FieldKind.TEXT and len(now.task.cell_boxes) > 1
        lit = now.task.cell_boxes if lines else (now.task.page_box,)
        picture = self._parts.shelf.get(sha256)
        self.crop.show_field(picture, Stance(now.task.page), now.task.page_box, lit)

    def _show_nothing(self) -> None:
        say = self.tr("No critical field waits for your key.")
        do = self.tr("Fields of forms you have seen are left to others.")
        self._say(say, do)

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
        if self._said is None:
            return
        self.work.hide()
        self.nothing.setText("\n".join(self._said))
        self.nothing.setAccessibleName(self.nothing.text())
        self.nothing.show()
        self.count.clear()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def _refuse(self, error: object) -> None:
        if isinstance(error, Exception):
            self.banner.tell(self._parts.speech.messages.error(error), "bad")
