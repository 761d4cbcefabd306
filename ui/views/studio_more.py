"""What else a field is: answers and their numbers, sections, codes, names of places."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from formscan.designer.fold import slug
from formscan.designer.studio.document import StudioField
from formscan.designer.studio.shaping import fhir_of, fhir_text
from formscan.model.template import Choice, FieldKind, FieldSpec, Section
from ui.speech import Speech, says, source
from ui.views.list_desk import widen
from ui.widgets.flow import FlowLayout

COLUMNS: Final = (source("Number"), source("Label"), source("English label"), source("Value"))
LINES: Final = (
    ("fhir", source("FHIR item"), source("e.g. Observation:8867-4:/min")),
    ("names", source("Names of places"), source("e.g. day, month, year")),
    ("groups", source("Groups of boxes"), source("e.g. 2, 2, 4")),
)
FLAGS: Final = (("multiple", source("several answers")), ("required", source("required")))
WIDTHS: Final = (70, 150, 150, 110)


class StudioMore(QWidget):
    """Shows these of one field and tells what the person made of them.

    Args:
        speech: What kinds are called.
        parent: Qt parent.
    """

    edited = Signal(str, object)
    printed = Signal()
    """The answers are to be taken from the print."""

    def __init__(self, speech: Speech, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._speech = speech
        self.heading = QLabel(self)
        self.answers = QTableWidget(0, len(COLUMNS), self)
        self.add, self.remove, self.print = (QPushButton(self) for _ in range(3))
        self.flags = {name: QCheckBox(self) for name, _ in FLAGS}
        self.section, self.section_name = QComboBox(self), QLabel(self)
        self.lines = {name: QLineEdit(self) for name, _, _ in LINES}
        self.names = {name: QLabel(self) for name, _, _ in LINES}
        self._field: StudioField | None = None
        self._sections: Sequence[Section] = ()
        self._filling = False
        self._build()

    def _build(self) -> None:
        self.heading.setObjectName("muted")
        self.heading.setWordWrap(True)
        self.answers.verticalHeader().hide()
        self.answers.setTabKeyNavigation(False)
        self.answers.setEditTriggers(QTableWidget.EditTrigger.AnyKeyPressed)  # F2 goes to the list here
        header = self.answers.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setStretchLastSection(True)
        for column, width in enumerate(WIDTHS):
            header.resizeSection(column, width)
        buttons = FlowLayout()
        for part in (self.add, self.remove, self.print, *self.flags.values()):
            buttons.addWidget(part)
        form = QFormLayout()
        form.setVerticalSpacing(4)
        self.section_name.setBuddy(self.section)
        form.addRow(self.section_name, self.section)
        for name, line in self.lines.items():
            self.names[name].setBuddy(line)
            form.addRow(self.names[name], line)
        whole = QVBoxLayout(self)
        whole.addWidget(self.heading)
        whole.addWidget(self.answers, 1)
        whole.addLayout(buttons)
        whole.addLayout(form)
        self._connect()

    def _connect(self) -> None:
        self.answers.itemActivated.connect(self.answers.editItem)
        self.answers.itemChanged.connect(self._changed)
        self.add.clicked.connect(self._add)
        self.remove.clicked.connect(self._remove)
        self.print.clicked.connect(self.printed)
        self.section.activated.connect(self._choose_section)
        for flag in self.flags.values():
            flag.clicked.connect(self._flagged)
        for line in self.lines.values():
            line.editingFinished.connect(self._typed)

    def retranslate(self) -> None:
        """The language changed."""
        self.answers.setAccessibleName(says("Answers of the question"))
        self.answers.setHorizontalHeaderLabels([says(name) for name in COLUMNS])
        widen(self.answers.horizontalHeader())
        for button, text in (
            (self.add, source("Add an answer")),
            (self.remove, source("Remove the answer")),
            (self.print, source("Take them from the print")),
        ):
            button.setText(says(text))
            button.setAccessibleName(says(text))
        for name, text in FLAGS:
            self.flags[name].setText(says(text))
            self.flags[name].setAccessibleName(says(text))
        self.section_name.setText(says("Section"))
        self.section.setAccessibleName(says("Section"))
        for name, label, example in LINES:
            self.names[name].setText(says(label))
            self.lines[name].setAccessibleName(says(label))
            self.lines[name].setPlaceholderText(says(example))
        for row, section in enumerate(self._sections):
            self.section.setItemText(row, self._section(section))
        self._show_heading()

    def show_field(self, field: StudioField | None, sections: Sequence[Section]) -> None:
        """Show a field, or nothing to type into."""
        self._field, self._sections = field, sections
        self.setEnabled(field is not None)
        self._show_heading()
        self._filling = True
        self.section.clear()
        for section in sections:
            self.section.addItem(self._section(section), section.id)
        spec = field.spec if field is not None else None
        self._show_answers(spec)
        if spec is not None:
            self.section.setCurrentIndex(self.section.findData(spec.section))
            told = {
                "fhir": fhir_text(spec.fhir),
                "names": ", ".join(c.name for c in spec.cells) if any(c.name for c in spec.cells) else "",
                "groups": ", ".join(str(n) for n in spec.groups),
            }
            for name, line in self.lines.items():
                line.setText(told[name])
            for name, flag in self.flags.items():
                flag.setChecked(bool(getattr(spec, name)))
        self._filling = False

    def begin(self) -> None:
        """Let the person type, from the answers on."""
        self.answers.setFocus(Qt.FocusReason.ShortcutFocusReason)
        if self.answers.rowCount() and self.answers.currentRow() < 0:
            self.answers.setCurrentCell(0, 1)

    def _section(self, section: Section) -> str:
        return f"{section.id} · {self._speech.label(section)}"

    def _show_heading(self) -> None:
        field = self._field
        if field is None:
            self.heading.setText(says("No field is chosen."))
            return
        count = len(field.spec.cells)
        told = {
            FieldKind.CHOICE: says("{id}: {count} boxes, each one answer."),
            FieldKind.COMB: says(
                "{id}: {count} boxes; answers have numbers, and a number is written in a box."
            ),
        }.get(field.spec.kind, says("{id}: no question; make it “{choice}” or “{comb}” to give it answers."))
        choice, comb = (self._speech.kind(kind) for kind in (FieldKind.CHOICE, FieldKind.COMB))
        self.heading.setText(told.format(id=field.spec.id, count=count, choice=choice, comb=comb))

    def _show_answers(self, spec: FieldSpec | None) -> None:
        choices = spec.choices if spec is not None else ()
        row, column = self.answers.currentRow(), self.answers.currentColumn()
        self.answers.setRowCount(len(choices))
        for at, choice in enumerate(choices):
            for to, text in enumerate((choice.code or "", choice.label_vi, choice.label_en, choice.value)):
                self.answers.setItem(at, to, QTableWidgetItem(text))
        if choices and row >= 0:
            self.answers.setCurrentCell(min(row, len(choices) - 1), max(column, 0))
        asked = spec is not None and spec.kind in {FieldKind.CHOICE, FieldKind.COMB}
        self.answers.setEnabled(asked)
        self.print.setEnabled(asked)
        comb = spec is not None and spec.kind is FieldKind.COMB
        self.add.setEnabled(comb)  # a tick box and its answer come and go together: draw, merge, split
        self.remove.setEnabled(comb and bool(choices))

    def _given(self) -> list[Choice]:
        out = []
        for row in range(self.answers.rowCount()):
            number, label, english, value = (self._text(row, column) for column in range(len(COLUMNS)))
            named = value or slug(label, 24) or f"answer_{row + 1}"
            out.append(Choice(named, label or named, english or label or named, number or None))
        return out

    def _text(self, row: int, column: int) -> str:
        item = self.answers.item(row, column)
        return item.text().strip() if item is not None else ""

    def _changed(self, _item: QTableWidgetItem) -> None:
        if not self._filling and self._field is not None:
            self.edited.emit("choices", tuple(self._given()))

    def _add(self) -> None:
        if self._field is None:
            return
        number = len(self._given()) + 1
        label = says("Answer {number}").format(number=number)
        fresh = Choice(f"answer_{number}", label, label, str(number))
        self.edited.emit("choices", (*self._given(), fresh))
        self.answers.setFocus(Qt.FocusReason.OtherFocusReason)
        self.answers.setCurrentCell(self.answers.rowCount() - 1, 1)

    def _remove(self) -> None:
        given, row = self._given(), self.answers.currentRow()
        if 0 <= row < len(given):
            self.edited.emit("choices", (*given[:row], *given[row + 1 :]))

    def _flagged(self, checked: bool) -> None:
        name = next(name for name, flag in self.flags.items() if flag is self.sender())
        self.edited.emit(name, checked)

    def _choose_section(self, row: int) -> None:
        self.edited.emit("section", self.section.itemData(row))

    def _typed(self) -> None:
        if self._field is None or self._filling:
            return
        name = next(name for name, line in self.lines.items() if line is self.sender())
        text = self.lines[name].text().strip()
        value: object = text
        if name == "fhir":
            value = fhir_of(text)
        elif name == "groups":
            numbers = [part.strip() for part in text.split(",") if part.strip()]
            if not all(part.isdecimal() for part in numbers):
                self.show_groups()
                return
            value = tuple(int(part) for part in numbers)
        self.edited.emit(name, value)

    def show_groups(self) -> None:
        """Show the groups of boxes as they are: what was typed are no numbers."""
        spec = self._field.spec if self._field is not None else None
        self.lines["groups"].setText(", ".join(str(n) for n in spec.groups) if spec else "")
