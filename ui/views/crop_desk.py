"""A desk of critical fields that come one by one: the crop, an editor below it, and keys for the states."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLayout, QPushButton, QVBoxLayout, QWidget

from formscan.model.template import FieldKind
from ui.actions import STATES, Operation, spelled
from ui.desk import DeskParts
from ui.items.page_picture import Stance
from ui.messages import Told
from ui.speech import says
from ui.theme import Theme
from ui.viewmodels.one_by_one import OneByOne
from ui.views.desk_view import DeskView
from ui.widgets.banner import Banner
from ui.widgets.crop_view import CropView
from ui.widgets.editors import AnswerEditor
from ui.widgets.keys import KeyFilter
from ui.widgets.said import tell_on

T = TypeVar("T")


class CropDesk(DeskView):
    """Builds the desk; a subclass says what is asked, and calls ``lay_out`` and ``connect_all``.

    Args:
        parts: What the desk is made of.
        model: What comes one by one.
        operations: Of the desk.
    """

    def __init__(self, parts: DeskParts, model: OneByOne[T], operations: Sequence[Operation]) -> None:
        super().__init__()
        self._parts, self._model, self._operations = parts, model, tuple(operations)
        model.setParent(self)
        self.banner = Banner(self)
        self.heading, self.count = QLabel(self), QLabel(self)
        self.title, self.place, self.nothing = QLabel(self), QLabel(self), QLabel(self)
        self.crop = CropView(parts.theme, self)
        self.keys = KeyFilter(self, operations)
        self.editor = AnswerEditor(self.keys, parts.speech, self)
        self.work = QWidget(self)
        self.buttons = {operation.id: self._button(operation) for operation in operations}
        self._said: tuple[str, str] | None = None

    # -- building ------------------------------------------------------------------------------

    def lay_out(self, height: int, *, above: QLayout | None = None, below: QWidget | None = None) -> None:
        """Put everything in its place; ``above`` and ``below`` stand around the editor."""
        self.heading.setObjectName("heading")
        self.title.setObjectName("fieldTitle")
        self.nothing.setObjectName("nothing")
        self.nothing.setWordWrap(True)
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        for label in (self.count, self.place):
            label.setObjectName("muted")
        self.crop.setFixedHeight(height)
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
        self._lay_out_work(above, below)
        self.work.hide()

    def _lay_out_work(self, above: QLayout | None, below: QWidget | None) -> None:
        named = QHBoxLayout()
        named.setSpacing(10)
        named.addWidget(self.title)
        named.addWidget(self.place, 1)
        inside = QVBoxLayout(self.work)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(9)
        inside.addLayout(named)
        inside.addWidget(self.crop)
        if above is not None:
            inside.addLayout(above)
        inside.addWidget(self.editor)
        if below is not None:
            inside.addWidget(below)
        row = QHBoxLayout()
        row.setSpacing(6)
        for name in (*STATES, "aside"):
            row.addWidget(self.buttons[name])
        row.addStretch(1)
        row.addWidget(self.buttons["accept"])
        inside.addLayout(row)

    def _button(self, operation: Operation) -> QPushButton:
        button = QPushButton(self)
        button.setObjectName("primary" if operation.id == "accept" else "command")
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda: self.perform(operation.id))
        return button

    def connect_all(self) -> None:
        """Listen to keys, fields and pictures."""
        self.keys.pressed.connect(self.perform)
        self._model.shown.connect(self.show_field)
        self._model.emptied.connect(self.show_nothing)
        self._model.alone_told.connect(self._show_alone)
        self._model.refused.connect(self._refuse)
        self._parts.shelf.arrived.connect(self._show_picture)

    def name_all(self, heading: str, picture: str, short: dict[str, str]) -> None:
        """Write heading and buttons anew; some buttons have shorter names than their operations."""
        self.heading.setText(heading)
        self.heading.setAccessibleName(heading)
        self.setAccessibleName(heading)
        for operation in self._operations:
            button = self.buttons[operation.id]
            button.setText(f"{short.get(operation.id) or says(operation.text)}  {spelled(operation.keys[0])}")
            button.setAccessibleName(says(operation.text))
        self.crop.setAccessibleName(picture)
        if self._model.now is not None:
            self.name_field()
        elif self._said is not None:
            self._show_words()

    # -- what a subclass says ------------------------------------------------------------------

    def told_count(self) -> str:
        """How much is done and left; only while a field is shown."""
        raise NotImplementedError

    def show_field(self) -> None:
        """Another field is there; a subclass calls ``begin_field`` with the hint of its editor."""
        raise NotImplementedError

    def show_nothing(self) -> None:
        """There is nothing for this person; a subclass calls ``say``."""
        raise NotImplementedError

    # -- what every desk of this kind does -----------------------------------------------------

    def set_theme(self, theme: Theme) -> None:
        """Other colours."""
        self.crop.set_theme(theme)

    def focus(self) -> None:
        """Go on where it was left."""
        self.banner.dismiss()
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        if self._model.now is not None:
            self.editor.active.setFocus(Qt.FocusReason.OtherFocusReason)
        self._model.begin()

    def tell(self, told: Told, tone: str = "info") -> bool:
        """See ``DeskView``."""
        self.banner.tell(told, tone)
        return True

    def begin_field(self, hint: str) -> None:
        """Show the field that is before the person, with an empty editor."""
        now = self._model.now
        if now is None:
            return
        self._said = None
        self.nothing.hide()
        self.work.show()
        self.name_field()
        self.editor.setAccessibleName(self.title.text())
        self.editor.load(now.spec, "", hint)
        self._show_picture(now.place.page.image_sha256)
        self.editor.active.setFocus(Qt.FocusReason.OtherFocusReason)

    def name_field(self) -> None:
        """Say which field it is, and how many are left."""
        now = self._model.now
        if now is None:
            return
        label = self._parts.speech.label(now.spec)
        self.title.setText(f"{label} ({now.spec.unit})" if now.spec.unit else label)
        self.place.setText(self.tr("{form}, page {page}").format(form=now.form.code, page=now.spec.page))
        tell_on(self.count, self.told_count())
        for shown in (self.title, self.place, self.count):
            shown.setAccessibleName(shown.text())

    def say(self, say: str, do: str) -> None:
        """Put words where the field was."""
        self._said = (say, do)
        self._show_words()

    def _show_picture(self, sha256: str) -> None:
        now = self._model.now
        if now is None or now.place.page.image_sha256 != sha256:
            return
        place = now.place
        lines = now.spec.kind is FieldKind.TEXT and len(place.cell_boxes) > 1
        lit = place.cell_boxes if lines else (place.page_box,)
        self.crop.show_field(self._parts.shelf.get(sha256), Stance(place.page), place.page_box, lit)

    def _show_alone(self) -> None:
        say = self.tr("One person works here: nobody can give a second key.")
        do = self.tr(
            "Make accounts at the desk “People”. Until then entries say that one person stood alone."
        )
        self.say(say, do)

    def _show_words(self) -> None:
        if self._said is None:
            return
        self.work.hide()
        self.nothing.setText("\n".join(self._said))
        self.nothing.setAccessibleName(self.nothing.text())
        self.nothing.show()
        tell_on(self.count, "")
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def _refuse(self, error: object) -> None:
        if isinstance(error, Exception):
            self.banner.tell(self._parts.speech.messages.error(error), "bad")
