"""Where an answer is put in: a line, several lines, or options with a key each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QTextCursor, QTextOption
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QWidget,
)

from formscan.model.template import FieldSpec, ValueType
from ui.speech import Speech, says
from ui.typing.keys import AS_TYPED
from ui.viewmodels.answers import KEYS, Way, options, toggled, typed_as_is, way
from ui.widgets.flow import FlowLayout
from ui.widgets.keys import KeyFilter

LONGEST: Final = 4000


class LinesEdit(QPlainTextEdit):
    """Several lines; Enter is not a line here (the key filter takes it), Shift+Enter and Ctrl+Enter are."""

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - as Qt calls it
        """Make a new line on Shift+Enter and Ctrl+Enter."""
        with_modifier = event.modifiers() & (
            Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier
        )
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and with_modifier:
            self.insertPlainText("\n")
            return
        super().keyPressEvent(event)


class OptionsEdit(QWidget):
    """Options as buttons that stay down; each has a key. It takes the focus itself, not its buttons.

    Args:
        speech: For labels.
        parent: Qt parent.
    """

    changed = Signal(str)

    def __init__(self, speech: Speech, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("options")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._speech = speech
        self._spec: FieldSpec | None = None
        self._text = ""
        self._buttons: dict[str, QPushButton] = {}
        self._flow = FlowLayout(self, gap=6)
        self._flow.setContentsMargins(6, 6, 6, 6)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def load(self, spec: FieldSpec, text: str) -> None:
        """Show the options of a field."""
        self._spec, self._text = spec, text
        for button in self._buttons.values():
            self._flow.removeWidget(button)
            button.hide()
            button.deleteLater()
        self._buttons = {}
        for place, value in enumerate(options(spec)):
            key = KEYS[place].upper() if place < len(KEYS) else ""
            self._add(value, key, self._label(spec, value))
        self._show_chosen()

    def text(self) -> str:
        """The chosen values, joined by a semicolon."""
        return self._text

    def set_text(self, text: str) -> None:
        """Choose these."""
        if text != self._text:
            self._text = text
            self._show_chosen()
            self.changed.emit(text)

    def toggle(self, value: str) -> None:
        """Press an option."""
        if self._spec is not None:
            self.set_text(toggled(self._spec, self._text, value))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - as Qt calls it
        """Press the option of a key; Space presses the only one there is."""
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        typed = event.text().lower() if plain else ""
        values = list(self._buttons)
        if typed == " " and len(values) == 1:
            self.toggle(values[0])
        elif typed and typed in KEYS and KEYS.index(typed) < len(values):
            self.toggle(values[KEYS.index(typed)])
        else:
            super().keyPressEvent(event)

    def _add(self, value: str, key: str, label: str) -> None:
        button = QPushButton(f"{key}  {label}" if key else label, self)
        button.setProperty("option", True)
        button.setCheckable(True)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.setAccessibleName(label)
        button.setAccessibleDescription(key)
        button.clicked.connect(lambda _down, pressed=value: self.toggle(pressed))
        self._flow.addWidget(button)
        self._buttons[value] = button
        button.show()

    def _label(self, spec: FieldSpec, value: str) -> str:
        found = next((choice for choice in spec.choices if choice.value == value), None)
        if found is not None:
            return self._speech.label(found)
        return says("Present") if spec.type is ValueType.PRESENCE else says("Marked")

    def _show_chosen(self) -> None:
        chosen = {part for part in self._text.split(";") if part}
        for value, button in self._buttons.items():
            button.setChecked(value in chosen)


class AnswerEditor(QStackedWidget):
    """The editor of the current field, whatever its kind.

    Args:
        keys: Watches the editors for keys that mean the review.
        speech: For labels.
        parent: Qt parent.
    """

    edited = Signal(str)

    def __init__(self, keys: KeyFilter, speech: Speech, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.line, self.lines = QLineEdit(self), LinesEdit(self)
        self.choices = OptionsEdit(speech, self)
        self._way = Way.LINE
        self.setObjectName("answers")
        self.line.setObjectName("answer")
        self.line.setMaxLength(LONGEST)
        self.lines.setObjectName("answer")
        self.lines.setTabChangesFocus(True)
        self.lines.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        for editor in (self.line, self.lines, self.choices):
            keys.watch(editor)
        self.addWidget(_top(self.line))
        self.addWidget(self.lines)
        self.addWidget(self.choices)
        self.line.textEdited.connect(self.edited)
        self.lines.textChanged.connect(self._tell_lines)
        self.choices.changed.connect(self.edited)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:  # noqa: N802 - as Qt calls it
        """Always the same height, so that nothing jumps from field to field."""
        return QSize(400, self.fontMetrics().height() * 4 + 14)

    @property
    def active(self) -> QWidget:
        """The editor that takes the keys now."""
        return {Way.LINE: self.line, Way.LINES: self.lines, Way.OPTIONS: self.choices}[self._way]

    def load(self, spec: FieldSpec, text: str, hint: str) -> None:
        """Begin with a field; nothing of it counts as typed."""
        self._way = way(spec)
        self.line.setProperty(AS_TYPED, typed_as_is(spec))
        name = self.accessibleName()
        if self._way is Way.LINE:
            self.line.setText(text)
            self.line.setPlaceholderText(hint)
            self.line.selectAll()
        elif self._way is Way.LINES:
            with QSignalBlocker(self.lines):
                self.lines.setPlainText(text)
            self.lines.setPlaceholderText(hint)
            self.lines.selectAll()
        else:
            self.choices.load(spec, text)
        self.setCurrentIndex([Way.LINE, Way.LINES, Way.OPTIONS].index(self._way))
        self.active.setAccessibleName(name)
        self.active.setAccessibleDescription(hint)

    def text(self) -> str:
        """What is in it."""
        if self._way is Way.LINE:
            return self.line.text()
        return self.lines.toPlainText() if self._way is Way.LINES else self.choices.text()

    def offer(self, text: str) -> None:
        """Put a text in as if it had been typed; Ctrl+Z takes it out again."""
        if self._way is Way.LINE:
            self.line.selectAll()
            self.line.insert(text)
            self.edited.emit(self.line.text())
        elif self._way is Way.LINES:
            self.lines.selectAll()
            self.lines.insertPlainText(text)
        else:
            self.choices.set_text(text)

    def choose_word(self, word_after: Callable[[str, int], tuple[int, int] | None]) -> None:
        """Choose a word, so that typing replaces it.

        Args:
            word_after: Given the text and the end of what is chosen now: the word's first character and the
                one after its last; ``None`` for none.
        """
        if self._way is Way.OPTIONS:
            return
        text, chosen = self.text(), self.chosen()
        here = self.line.cursorPosition() if self._way is Way.LINE else self.lines.textCursor().position()
        found = word_after(text, 0 if chosen == (0, len(text)) else here)
        if found is not None:
            self.choose(*found)

    def chosen(self) -> tuple[int, int] | None:
        """First character of what is selected and the one after the last; ``None`` for nothing."""
        if self._way is Way.LINE and self.line.hasSelectedText():
            return self.line.selectionStart(), self.line.selectionEnd()
        cursor = self.lines.textCursor()
        if self._way is Way.LINES and cursor.hasSelection():
            return cursor.selectionStart(), cursor.selectionEnd()
        return None

    def choose(self, start: int, end: int) -> None:
        """Select a part of the text, so that typing replaces it."""
        if self._way is Way.LINE:
            self.line.setSelection(start, end - start)
        elif self._way is Way.LINES:
            cursor = self.lines.textCursor()
            cursor.setPosition(start)
            cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
            self.lines.setTextCursor(cursor)

    def _tell_lines(self) -> None:
        self.edited.emit(self.lines.toPlainText())


def _top(editor: QWidget) -> QWidget:
    """The editor at the top of a widget that takes the room below it."""
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.addWidget(editor, 1, Qt.AlignmentFlag.AlignTop)
    return holder
