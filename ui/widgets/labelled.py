"""Editors with their labels, and buttons with their keys: laid out and named the same way on every desk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFormLayout, QLabel, QLineEdit, QPushButton

from ui.actions import Operation, spelled
from ui.speech import says

Labels = Mapping[QLineEdit, QLabel]


def labelled_form(labels: Labels) -> QFormLayout:
    """One row an editor, its label before it."""
    form = QFormLayout()
    form.setSpacing(8)
    form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
    for editor, label in labels.items():
        label.setBuddy(editor)
        form.addRow(label, editor)
    return form


def name_editors(labels: Labels, texts: Iterable[str]) -> None:
    """Write the labels anew, in order; screen readers are told the same."""
    for (editor, label), text in zip(labels.items(), texts, strict=True):
        label.setText(text)
        editor.setAccessibleName(text)


def name_buttons(buttons: Mapping[str, QPushButton], operations: Iterable[Operation]) -> None:
    """Write what the buttons of operations do, with their first key."""
    for operation in operations:
        button = buttons[operation.id]
        button.setText(f"{says(operation.text)}  {spelled(operation.keys[0])}")
        button.setAccessibleName(says(operation.text))
