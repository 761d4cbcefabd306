"""Keys that mean the review, not the editor: taken from an editor before it swallows them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QWidget

from ui.actions import OPERATIONS, Operation, Place


class KeyFilter(QObject):
    """Watches editors and hands on the keys of operations.

    A line edit claims Ctrl+Z and the like for itself (``ShortcutOverride``), so a shortcut never fires
    while somebody types. While there is typing to take back, Ctrl+Z stays with the editor.

    Args:
        parent: Qt parent.
        operations: Those of a desk; the review's where left out. Only those marked ``editing`` are taken.
    """

    pressed = Signal(str)
    """The id of an operation."""

    def __init__(self, parent: QObject | None = None, operations: Iterable[Operation] | None = None) -> None:
        super().__init__(parent)
        self._keys = _of_review() if operations is None else _editing_keys(operations)

    def watch(self, editor: QWidget) -> None:
        """Take keys from this editor."""
        editor.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - as Qt calls it
        """Hand on what is ours, leave everything else to the editor."""
        if not isinstance(event, QKeyEvent) or event.type() not in {
            QEvent.Type.KeyPress,
            QEvent.Type.ShortcutOverride,
        }:
            return False
        operation = self._keys.get(_sequence(event))
        if operation is None or _stays(watched, operation.id, event):
            return False
        event.accept()  # no shortcut elsewhere may take it as well
        held_down = event.isAutoRepeat() and not operation.repeats
        if event.type() == QEvent.Type.KeyPress and not held_down:
            self.pressed.emit(operation.id)
        return True


def operation_of(event: QKeyEvent) -> str | None:
    """The operation of a key that is pressed anywhere in the review."""
    operation = _of_review().get(_sequence(event))
    if operation is None or (event.isAutoRepeat() and not operation.repeats):
        return None
    return operation.id


@lru_cache(maxsize=1)
def _of_review() -> Mapping[str, Operation]:
    return _editing_keys(operation for operation in OPERATIONS if operation.place == Place.REVIEW)


def _editing_keys(operations: Iterable[Operation]) -> Mapping[str, Operation]:
    keys: dict[str, Operation] = {}
    for operation in operations:
        if operation.editing:
            for spelled in operation.keys:
                keys[QKeySequence(spelled).toString()] = operation
    return keys


def _sequence(event: QKeyEvent) -> str:
    modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    return QKeySequence(int(modifiers.value) | int(event.key())).toString()


def _stays(editor: QObject, operation: str, event: QKeyEvent) -> bool:
    """Whether a key means the editor itself just now."""
    several_lines = isinstance(editor, QPlainTextEdit)
    if several_lines and operation in {"previous", "next"}:
        return not event.modifiers() & Qt.KeyboardModifier.ControlModifier  # lines of its own to walk in
    if operation == "undo":
        if isinstance(editor, QLineEdit):
            return editor.isUndoAvailable()
        return isinstance(editor, QPlainTextEdit) and editor.document().isUndoAvailable()
    if operation == "redo":
        if isinstance(editor, QLineEdit):
            return editor.isRedoAvailable()
        return isinstance(editor, QPlainTextEdit) and editor.document().isRedoAvailable()
    return False
