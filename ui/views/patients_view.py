"""The patients' desk: entries on the left, the search and its candidates with reasons on the right."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from formscan.model.patient import IdentifierKind, Patient, PatientKind, PatientQuery
from formscan.review.patient_match import Candidate
from ui.actions import Operation, spelled
from ui.desk import DeskParts
from ui.desks.patients import OPERATIONS
from ui.messages import Told
from ui.speech import says
from ui.viewmodels.patients import PatientsModel
from ui.views.desk_view import DeskView
from ui.widgets.banner import Banner
from ui.widgets.flow import FlowLayout
from ui.widgets.keys import KeyFilter

KINDS: Final = {kind.value: kind for kind in PatientKind}


class PatientsView(DeskView):
    """Says whose record an entry is; a person decides, the list only gives reasons.

    Args:
        parts: What the desk is made of.
    """

    def __init__(self, parts: DeskParts) -> None:
        super().__init__()
        self._parts = parts
        self.model = PatientsModel(parts.backend, parts.database, self)
        self.banner = Banner(self)
        self.heading, self.left_title, self.right_title = QLabel(self), QLabel(self), QLabel(self)
        self.entries, self.candidates = QTableWidget(0, 3, self), QTableWidget(0, 4, self)
        self.name, self.birth, self.number = QLineEdit(self), QLineEdit(self), QLineEdit(self)
        self.labels = {editor: QLabel(self) for editor in (self.name, self.birth, self.number)}
        self.keys = KeyFilter(self, OPERATIONS)
        self.buttons = {operation.id: self._button(operation) for operation in OPERATIONS}
        self._build()
        self._connect()
        self.retranslate()

    def _build(self) -> None:
        self.heading.setObjectName("heading")
        for table in (self.entries, self.candidates):
            table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
            table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
            table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
            table.setTabKeyNavigation(False)
            table.setShowGrid(False)
            table.setWordWrap(True)
            table.verticalHeader().hide()
            table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
            table.horizontalHeader().setStretchLastSection(True)
        left = QVBoxLayout()
        left.addWidget(self.left_title)
        left.addWidget(self.entries, 1)
        right = QVBoxLayout()
        right.addWidget(self.right_title)
        right.addLayout(self._search())
        right.addWidget(self.candidates, 1)
        right.addWidget(self._commands())
        both = QHBoxLayout()
        both.setSpacing(16)
        both.addLayout(left, 2)
        both.addLayout(right, 3)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(18, 12, 18, 12)
        whole.setSpacing(10)
        whole.addWidget(self.heading)
        whole.addWidget(self.banner)
        whole.addLayout(both, 1)

    def _search(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setSpacing(6)
        for column, (editor, label) in enumerate(self.labels.items()):
            label.setBuddy(editor)
            grid.addWidget(label, 0, column)
            grid.addWidget(editor, 1, column)
        for column, stretch in enumerate((4, 2, 3)):
            grid.setColumnStretch(column, stretch)
        return grid

    def _commands(self) -> QWidget:
        row = QWidget(self)
        flow = FlowLayout(row, gap=6)
        flow.setContentsMargins(0, 0, 0, 0)
        for button in self.buttons.values():
            flow.addWidget(button)
        return row

    def _button(self, operation: Operation) -> QPushButton:
        button = QPushButton(self)
        button.setObjectName("primary" if operation.id == "link" else "command")
        button.clicked.connect(lambda: self.perform(operation.id))
        return button

    def _connect(self) -> None:
        for widget in (self.entries, self.candidates, *self.labels):
            self.keys.watch(widget)
        self.keys.pressed.connect(self.perform)
        self.banner.answered.connect(self._take_back)
        self.model.entries_loaded.connect(self._show_entries)
        self.model.query_known.connect(self._show_query)
        self.model.found.connect(self._show_candidates)
        self.model.done.connect(self._tell_done)
        self.model.refused.connect(self._refuse)

    def retranslate(self) -> None:
        """The language changed."""
        self.heading.setText(self.tr("Whose record is it?"))
        self.left_title.setText(self.tr("Released entries"))
        self.right_title.setText(self.tr("Patients in the index"))
        names = (self.tr("Name (tones may be left out)"), self.tr("Birth date or year"), self.tr("A number"))
        for (editor, label), text in zip(self.labels.items(), names, strict=True):
            label.setText(text)
            editor.setAccessibleName(text)
        self.entries.setHorizontalHeaderLabels([self.tr("Released"), self.tr("Form"), self.tr("Whose")])
        self.candidates.setHorizontalHeaderLabels(
            [self.tr("Patient"), self.tr("Born"), self.tr("Points"), self.tr("Why")]
        )
        self.entries.setAccessibleName(self.left_title.text())
        self.candidates.setAccessibleName(self.right_title.text())
        for operation in OPERATIONS:
            button = self.buttons[operation.id]
            button.setText(f"{says(operation.text)}  {spelled(operation.keys[0])}")
            button.setAccessibleName(says(operation.text))
        self._show_entries()
        self._show_candidates()

    def focus(self) -> None:
        """Load the entries."""
        self.banner.dismiss()
        self.model.load()
        self.entries.setFocus(Qt.FocusReason.OtherFocusReason)

    def perform(self, operation: str) -> None:
        """Do one of ``OPERATIONS``."""
        if operation == "find":
            self._find()
        elif operation == "link":
            self._link()
        elif operation == "unlink":
            ask = Told(self.tr("Why is it not this patient's record?"), self.tr("Enter takes it back."))
            self.banner.ask(ask)
        elif operation in KINDS:
            name, birth, number = (editor.text() for editor in self.labels)
            self.model.add(name, birth, number, KINDS[operation], self._entry_id())

    def tell(self, told: Told, tone: str = "info") -> bool:
        """See ``DeskView``."""
        self.banner.tell(told, tone)
        return True

    # -- inside --------------------------------------------------------------------------------

    def _find(self) -> None:
        entry_id = self._entry_id()
        if self.entries.hasFocus() and entry_id is not None:
            self.model.look_for_entry(entry_id)
        elif self.candidates.hasFocus():
            self._link()
        else:
            self.model.look_for(*(editor.text() for editor in self.labels))

    def _link(self) -> None:
        entry_id, row = self._entry_id(), self.candidates.currentRow()
        if entry_id is not None and 0 <= row < len(self.model.candidates):
            self.model.link(entry_id, self.model.candidates[row].patient.id)

    def _take_back(self, reason: str) -> None:
        entry_id = self._entry_id()
        if entry_id is not None:
            self.banner.dismiss()
            self.model.unlink(entry_id, reason)

    def _entry_id(self) -> str | None:
        row = self.entries.currentRow()
        return self.model.entries[row].entry.id if 0 <= row < len(self.model.entries) else None

    def _show_entries(self) -> None:
        row = max(0, self.entries.currentRow())
        self.entries.setRowCount(len(self.model.entries))
        for place, line in enumerate(self.model.entries):
            when = f"{line.entry.released_at.astimezone():%d/%m/%Y %H:%M}"
            whose = self._named(line.patient) if line.patient is not None else self.tr("nobody yet")
            for column, told in enumerate((when, line.entry.form_id, whose)):
                self.entries.setItem(place, column, QTableWidgetItem(told))
        if self.model.entries:
            self.entries.setCurrentCell(min(row, len(self.model.entries) - 1), 0)

    def _show_query(self, query: object) -> None:
        if isinstance(query, PatientQuery):
            self.name.setText(query.name)
            self.birth.setText(_shown_birth(query.birth))
            self.number.setText(query.identifiers[0].value if query.identifiers else "")

    def _show_candidates(self) -> None:
        found = self.model.candidates
        self.candidates.setRowCount(len(found))
        for row, one in enumerate(found):
            cells = (self._named(one.patient), _shown_birth(one.patient.birth), f"{one.score:.0f}")
            for column, told in enumerate((*cells, self._reasons(one))):
                self.candidates.setItem(row, column, QTableWidgetItem(told))
        self.candidates.resizeRowsToContents()
        if found:
            self.candidates.setCurrentCell(0, 0)
            self.candidates.setFocus(Qt.FocusReason.OtherFocusReason)

    def _named(self, patient: Patient) -> str:
        kind = self._parts.speech.messages.told(f"patient.kind.{patient.kind.value}").say
        name = patient.name or kind
        return f"{name} ({kind})" if patient.name and patient.kind is not PatientKind.KNOWN else name

    def _reasons(self, one: Candidate) -> str:
        told = self._parts.speech.messages.told
        lines = []
        for reason in one.reasons:
            what, _, how = reason.code.partition(".")
            number = told(f"identifier.{what}").say if what in set(IdentifierKind) else ""
            say = (
                told(f"match.number.{how}", (("number", number),)) if number else told(f"match.{reason.code}")
            )
            lines.append(f"{'+' if reason.weight > 0 else '−'} {say.say} ({reason.weight:+.0f})")
        return "\n".join([*lines, *([one.patient.note] if one.patient.note else [])])

    def _tell_done(self, what: str) -> None:
        said = {
            "linked": self.tr("The entry is this patient's now. F8 takes it back."),
            "unlinked": self.tr("Taken back: the entry is nobody's now. Both acts stay written down."),
            "added": self.tr("The patient is in the index."),
        }[what]
        self.banner.tell(Told(said), "ok")
        self.entries.setFocus(Qt.FocusReason.OtherFocusReason)

    def _refuse(self, error: object) -> None:
        if isinstance(error, Exception):
            self.banner.tell(self._parts.speech.messages.error(error), "bad")


def _shown_birth(iso: str) -> str:
    return "/".join(reversed(iso.split("-"))) if iso else ""
