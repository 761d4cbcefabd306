"""Corrections that came back: the supervisor's word, the crop, and room for what the paper says."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QFormLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from formscan.model.supervision import Correction
from ui.desk import DeskParts
from ui.messages import Told
from ui.speech import says, source
from ui.theme import Theme
from ui.viewmodels.corrections import CorrectionsModel
from ui.viewmodels.supervising import supervising
from ui.views.list_desk import ListDesk
from ui.widgets.field_look import FieldLook
from ui.widgets.said import say_on

WIDTHS = (146, 130, 140, 120, 160)


class ReturnedView(ListDesk):
    """Builds, connects and shows; what happens is decided in ``CorrectionsModel``.

    Args:
        parts: What the desk is made of.
    """

    def __init__(self, parts: DeskParts) -> None:
        super().__init__(parts)
        backend = supervising(parts.backend)
        self.model = CorrectionsModel(backend, parts.database, parts.speech, returned=True, parent=self)
        self._open_draft: Callable[[str], None] = parts.open_draft
        self.table = self.table_of(self.model.table, WIDTHS)
        self.look = FieldLook(parts.shelf, parts.theme, self)
        self.word, self.stands = QLabel(self), QLabel(self)
        self.text, self.reason = QLineEdit(self), QLineEdit(self)
        self.names = [QLabel(self) for _ in range(4)]
        self.answer = QPushButton(self)
        self._build()
        self._connect()
        self.retranslate()

    def _build(self) -> None:
        side = QWidget(self)
        beside = QVBoxLayout(side)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.setSpacing(12)
        beside.addWidget(self.look)
        facts = QFormLayout()
        facts.setHorizontalSpacing(14)
        facts.setVerticalSpacing(9)
        shown = (self.word, self.stands, self.text, self.reason)
        for name, part in zip(self.names, shown, strict=True):
            name.setObjectName("muted")
            facts.addRow(name, part)
        self.word.setWordWrap(True)
        self.word.setObjectName("say")
        beside.addLayout(facts)
        beside.addWidget(self.answer, 0, Qt.AlignmentFlag.AlignLeft)
        beside.addStretch(1)
        self.answer.setObjectName("primary")
        self.body.addWidget(self.table, 5)
        self.body.addWidget(side, 4)

    def _connect(self) -> None:
        self.model.loaded.connect(self._show_loaded)
        self.model.failed.connect(self.tell_error)
        self.model.said.connect(self._tell_said)
        self.table.selectionModel().currentRowChanged.connect(self._show_row)
        self.answer.clicked.connect(self._answer)
        self.text.returnPressed.connect(self.reason.setFocus)
        self.reason.returnPressed.connect(self._answer)

    def retranslate(self) -> None:
        """The language changed."""
        super().retranslate()
        self.title.setText(self.tr("Returned to you"))
        names = (source("Word"), source("Keyed"), source("What the paper says"), source("Reason"))
        for label, name in zip(self.names, names, strict=True):
            say_on(label, name)
        self.text.setAccessibleName(says("What the paper says"))
        self.reason.setAccessibleName(says("Reason"))
        self.name_table(self.table, self.tr("Returned to you"))
        self.model.table.retranslate()
        self.model.fill()
        self._show_counts()
        self._show_row()

    def set_theme(self, theme: Theme) -> None:
        """Other colours."""
        super().set_theme(theme)
        self.look.set_theme(theme)

    # -- what the person does ------------------------------------------------------------------

    def focus(self) -> None:
        """Load and let the person work."""
        self.model.load()
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def perform(self, operation: str) -> None:
        """Do one of the desk's operations."""
        if operation == "returned_load":
            self.model.load()
        else:
            self._answer()

    def entered(self, _table: QObject) -> None:
        """Enter goes to what is to be done: the draft, or the line to key into."""
        made = self.current
        if made is not None and not made.entry_id:
            self._open_draft(made.key.subject)
        elif made is not None:
            self.text.setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def current(self) -> Correction | None:
        """The one that is shown."""
        return self.model.table.item(self.table.currentIndex().row())

    def _answer(self) -> None:
        made = self.current
        if made is None:
            return
        if not made.entry_id:
            self._open_draft(made.key.subject)
        elif not self.text.text().strip() or not self.reason.text().strip():
            say = self.tr("A new version needs what the paper says and why it was something else before.")
            self.banner.tell(Told(say), "warn")
        else:
            self.model.answer(made, self.text.text(), self.reason.text())

    # -- what the model tells ------------------------------------------------------------------

    def _show_loaded(self) -> None:
        self.table.selectRow(0)
        self._show_counts()
        self._show_row()

    def _show_counts(self) -> None:
        count = self.model.naming.number(self.model.table.rowCount())
        self.show_counts(self.tr("{count} came back").format(count=count))

    def _show_row(self, *_rows: object) -> None:
        made, naming = self.current, self.model.naming
        released = made is not None and bool(made.entry_id)
        for part in (self.text, self.reason):
            part.setText("")
            part.setEnabled(released)
        self.answer.setEnabled(made is not None)
        name = says("Write a new version (F9)") if released else says("Open the draft (Enter)")
        self.answer.setText(name)
        self.answer.setAccessibleName(name)
        if made is None:
            self.look.show_place(None, self.tr("Nothing came back to you."))
            texts = ("–", "–")
        else:
            field = naming.field(made.place.form_id, made.key.field_id)
            self.look.show_place(made.place, f"{field}  ·  {naming.form(made.place.form_id)}")
            texts = (made.opinion.said if made.opinion else "–", self.model.shown(made, made.keyed))
        for label, text in zip((self.word, self.stands), texts, strict=True):
            label.setText(text)
            label.setAccessibleName(text)

    def _tell_said(self, what: str) -> None:
        self.banner.tell(self._speech.messages.told(f"correction.{what}"), "ok")
