"""Corrections as differences: what was read, keyed and released, with the crop above."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from formscan.model.supervision import Correction
from formscan.review.differences import Mark
from ui.desk import DeskParts
from ui.messages import Told
from ui.speech import source
from ui.theme import Theme
from ui.viewmodels.corrections import CorrectionsModel
from ui.viewmodels.naming import when
from ui.viewmodels.supervising import supervising
from ui.views.list_desk import ListDesk
from ui.widgets.difference_label import DifferenceLabel
from ui.widgets.field_look import FieldLook
from ui.widgets.said import say_on

WIDTHS = (146, 110, 140, 118, 118, 80)


class CorrectionsView(ListDesk):
    """Builds, connects and shows; what happens is decided in ``CorrectionsModel``.

    Args:
        parts: What the desk is made of.
    """

    def __init__(self, parts: DeskParts) -> None:
        super().__init__(parts)
        backend = supervising(parts.backend)
        self.model = CorrectionsModel(backend, parts.database, parts.speech, parent=self)
        self.table = self.table_of(self.model.table, WIDTHS)
        self.look = FieldLook(parts.shelf, parts.theme, self)
        self.read, self.keyed = DifferenceLabel(parts.theme, self), DifferenceLabel(parts.theme, self)
        self.released = DifferenceLabel(parts.theme, self)
        self.author, self.reason, self.word = QLabel(self), QLabel(self), QLabel(self)
        self.names = [QLabel(self) for _ in range(6)]
        self.approve, self.back = QPushButton(self), QPushButton(self)
        self.all = QPushButton(self)
        self._build()
        self._connect()
        self.retranslate()

    # -- building ------------------------------------------------------------------------------

    def _build(self) -> None:
        side = QWidget(self)
        beside = QVBoxLayout(side)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.setSpacing(12)
        beside.addWidget(self.look)
        facts = QFormLayout()
        facts.setHorizontalSpacing(14)
        facts.setVerticalSpacing(9)
        facts.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        shown = (self.read, self.keyed, self.released, self.author, self.reason, self.word)
        for name, label in zip(self.names, shown, strict=True):
            name.setObjectName("muted")
            label.setWordWrap(True)
            facts.addRow(name, label)
        beside.addLayout(facts)
        beside.addStretch(1)
        keys = QHBoxLayout()
        self.approve.setObjectName("primary")
        keys.addWidget(self.approve)
        keys.addWidget(self.back)
        keys.addStretch(1)
        beside.addLayout(keys)
        self.all.setCheckable(True)
        self.head.addWidget(self.all, 0, Qt.AlignmentFlag.AlignVCenter)
        self.body.addWidget(self.table, 5)
        self.body.addWidget(side, 4)

    def _connect(self) -> None:
        self.model.loaded.connect(self._show_loaded)
        self.model.failed.connect(self.tell_error)
        self.model.said.connect(self._tell_said)
        self.table.selectionModel().currentRowChanged.connect(self._show_row)
        self.approve.clicked.connect(self._approve)
        self.back.clicked.connect(self._ask_word)
        self.all.toggled.connect(self._show_all)
        self.banner.answered.connect(self._give_back)
        self.banner.closed.connect(self.table.setFocus)

    def retranslate(self) -> None:
        """The language changed."""
        super().retranslate()
        self.title.setText(self.tr("Corrections"))
        for label, name in zip(
            self.names,
            (
                source("Read"),
                source("Keyed"),
                source("Released"),
                source("By"),
                source("Reason"),
                source("Word"),
            ),
            strict=True,
        ):
            say_on(label, name)
        buttons = (
            (self.approve, source("Approve (Enter)")), (self.back, source("Return with a word (F3)")),
            (self.all, source("Show all of them (F4)")),
        )  # fmt: skip
        for button, name in buttons:
            say_on(button, name)
        self.name_table(self.table, self.tr("Corrections"))
        self.model.table.retranslate()
        self.model.fill()
        self._show_counts()
        self._show_row()

    def set_theme(self, theme: Theme) -> None:
        """Other colours."""
        super().set_theme(theme)
        for part in (self.look, self.read, self.keyed, self.released):
            part.set_theme(theme)

    # -- what the person does ------------------------------------------------------------------

    def focus(self) -> None:
        """Load and let the person work."""
        self.model.load()
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def perform(self, operation: str) -> None:
        """Do one of the desk's operations."""
        acts = {
            "correction_approve": self._approve,
            "correction_return": self._ask_word,
            "correction_all": self.all.toggle,
            "correction_load": self.model.load,
        }
        acts[operation]()

    def entered(self, _table: QObject) -> None:
        """Enter approves."""
        self._approve()

    @property
    def current(self) -> Correction | None:
        """The correction that is shown."""
        return self.model.table.item(self.table.currentIndex().row())

    def _approve(self) -> None:
        made = self.current
        if made is not None and made.opinion is None:
            self.model.approve(made)

    def _ask_word(self) -> None:
        made = self.current
        if made is not None and made.opinion is None:
            say = self.tr("What is to be looked at again? The field goes back to {person}.")
            self.banner.ask(Told(say.format(person=self.model.naming.person(made.person))))

    def _give_back(self, word: str) -> None:
        made = self.current
        if made is not None and word.strip():
            self.banner.hide()
            self.model.give_back(made, word)
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_all(self, everything: bool) -> None:
        self.model.everything = everything
        self.model.load()

    # -- what the model tells ------------------------------------------------------------------

    def _show_loaded(self) -> None:
        row = max(0, self.table.currentIndex().row())
        self.table.selectRow(min(row, self.model.table.rowCount() - 1))
        self._show_counts()
        self._show_row()

    def _show_counts(self) -> None:
        count = self.model.naming.number(self.model.table.rowCount())
        told = self.tr("{count} corrections") if self.all.isChecked() else self.tr("{count} wait for a word")
        self.show_counts(told.format(count=count))

    def _show_row(self, *_rows: object) -> None:
        made, naming = self.current, self.model.naming
        waiting = made is not None and made.opinion is None
        self.approve.setEnabled(waiting)
        self.back.setEnabled(waiting)
        if made is None:
            self.look.show_place(None, self.tr("No correction waits."))
            for label in (self.read, self.keyed, self.released):
                label.show_difference("", "", Mark.NEW)
            texts = ("–", "–", "–")
        else:
            form, field = naming.form(made.place.form_id), naming.field(made.place.form_id, made.key.field_id)
            self.look.show_place(made.place, f"{field}  ·  {form}")
            read, keyed = self.model.shown(made, made.read), self.model.shown(made, made.keyed)
            self.read.show_difference(read, keyed, Mark.GONE)
            self.keyed.show_difference(read, keyed, Mark.NEW)
            self.released.show_difference(keyed, self.model.shown(made, made.released), Mark.NEW)
            said = (
                f"{naming.person(made.opinion.person)}: {made.opinion.said or '–'}" if made.opinion else "–"
            )
            texts = (f"{naming.person(made.person)}, {when(made.at)}", made.reason or "–", said)
        for told, text in zip((self.author, self.reason, self.word), texts, strict=True):
            told.setText(text)
            told.setAccessibleName(text)

    def _tell_said(self, what: str) -> None:
        self.banner.tell(self._speech.messages.told(f"correction.{what}"), "ok")
