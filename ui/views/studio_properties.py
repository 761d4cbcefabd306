"""What a field is: id, labels, kind, type and the rest, each a line to type into."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QFormLayout, QHBoxLayout, QLabel, QLineEdit, QWidget

from formscan.designer.studio.document import StudioField
from formscan.model.template import FieldKind, ValueType
from ui.speech import Speech, says, source

LINES: Final = (
    ("id", source("Id")),
    ("label_vi", source("Label")),
    ("label_en", source("English label")),
    ("unit", source("Unit")),
    ("rules", source("Rules")),
    ("catalogue", source("Catalogue")),
)
"""Properties that are typed; rules with commas between."""


class StudioProperties(QWidget):
    """Shows one field's properties and tells what the person made of them.

    Args:
        speech: What kinds and types are called.
        parent: Qt parent.
    """

    edited = Signal(str, object)

    def __init__(self, speech: Speech, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._speech = speech
        self.lines = {name: QLineEdit(self) for name, _ in LINES}
        self.names = {name: QLabel(self) for name, _ in LINES}
        self.kind, self.type, self.critical = QComboBox(self), QComboBox(self), QCheckBox(self)
        self.kinds = QLabel(self)
        self._field: StudioField | None = None
        self._build()

    def _build(self) -> None:
        for kind in FieldKind:
            self.kind.addItem("", kind)
        for type_ in ValueType:
            self.type.addItem("", type_)
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.setVerticalSpacing(4)
        for name, line in self.lines.items():
            self.names[name].setBuddy(line)
            form.addRow(self.names[name], line)
            line.editingFinished.connect(self._typed)
        row = QHBoxLayout()
        row.setSpacing(8)
        for part, share in ((self.kind, 3), (self.type, 4), (self.critical, 0)):
            row.addWidget(part, share)
        for box in (self.kind, self.type):
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.setMinimumContentsLength(6)
        form.addRow(self.kinds, row)
        self.kind.activated.connect(self._choose_kind)
        self.type.activated.connect(self._choose_type)
        self.critical.clicked.connect(self._choose_critical)

    def retranslate(self) -> None:
        """The language changed."""
        for name, label in LINES:
            self.names[name].setText(says(label))
            self.lines[name].setAccessibleName(says(label))
        for row, kind in enumerate(FieldKind):
            _name(self.kind, row, self._speech.kind(kind), kind.value)
        for row, type_ in enumerate(ValueType):
            _name(self.type, row, self._speech.type(type_), type_.value)
        self.kinds.setText(says("Kind and type"))
        self.kind.setAccessibleName(says("Kind"))
        self.type.setAccessibleName(says("Type"))
        self.critical.setText(says("critical"))
        self.critical.setAccessibleName(says("critical"))

    def show_field(self, field: StudioField | None) -> None:
        """Show a field, or nothing to type into."""
        self._field = field
        self.setEnabled(field is not None)
        if field is None:
            return
        for name, line in self.lines.items():
            value = getattr(field.spec, name)
            text = ", ".join(value) if isinstance(value, tuple) else value or ""
            if line.text() != text:
                line.setText(text)
        self.kind.setCurrentIndex(list(FieldKind).index(field.spec.kind))
        self.type.setCurrentIndex(list(ValueType).index(field.spec.type))
        self.critical.setChecked(field.spec.critical)

    def begin(self) -> None:
        """Let the person type, from the id on."""
        self.lines["id"].setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.lines["id"].selectAll()

    def _typed(self) -> None:
        if self._field is None:
            return
        for name, line in self.lines.items():
            if line is not self.sender():
                continue
            text = line.text().strip()
            value: object = text
            if name == "rules":
                value = tuple(part.strip() for part in text.split(",") if part.strip())
            elif name in {"unit", "catalogue"}:
                value = text or None
            elif not text:
                self.show_field(self._field)  # an id or a label cannot be empty
                return
            self.edited.emit(name, value)

    def _choose_kind(self) -> None:
        self.edited.emit("kind", FieldKind(self.kind.currentData()))

    def _choose_type(self) -> None:
        self.edited.emit("type", ValueType(self.type.currentData()))

    def _choose_critical(self, checked: bool) -> None:
        self.edited.emit("critical", checked)


def _name(box: QComboBox, row: int, name: str, code: str) -> None:
    """The word to choose by; the code, which steps are written with, is told beside it on demand."""
    box.setItemText(row, name)
    box.setItemData(row, says("In steps: {code}").format(code=code), Qt.ItemDataRole.ToolTipRole)
