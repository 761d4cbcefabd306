"""Puts Vietnamese letters into whatever editor has the focus, unless a system input method is at work.

The text goes in as an input method gives it (``QInputMethodEvent`` with a replacement), so every editor
takes it as typed: its own undo, its limits and its signals work as always.
"""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication, QInputMethodEvent, QKeyEvent
from shiboken6 import isValid

from ui.typing.methods import Method, composed
from ui.typing.syllable import Placement

AS_TYPED = "typedAsIs"
"""Property of an editor that takes codes, numbers and dates: letters there are never changed."""
_COMMANDS = (
    Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
)


class VietnameseKeys(QObject):
    """Watches the editor that has the focus.

    Args:
        parent: Qt parent.
    """

    method_changed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.method = Method.OFF
        self.placement = Placement.OLD
        self._editor: QObject | None = None
        self._keys: list[str] = []
        self._shown = ""
        self._foreign = False
        self._sending = False
        application = QGuiApplication.instance()
        if isinstance(application, QGuiApplication):
            application.focusObjectChanged.connect(self._watch)
            self._watch(application.focusObject())

    def set_method(self, method: Method) -> None:
        """Choose how keys become letters."""
        self.method = method
        self._forget()
        self.method_changed.emit(method)

    def turn(self) -> None:
        """The next one: off, Telex, VNI."""
        order = list(Method)
        self.set_method(order[(order.index(self.method) + 1) % len(order)])

    def let_go(self) -> None:
        """Watch nothing any more."""
        application = QGuiApplication.instance()
        if isinstance(application, QGuiApplication):
            application.focusObjectChanged.disconnect(self._watch)
        self._watch(None)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - as Qt calls it
        """Take a key that changes a letter before it; everything else goes on."""
        if isinstance(event, QInputMethodEvent) and not self._sending:
            self._foreign = bool(event.preeditString())  # somebody else is composing
            self._forget()
        elif event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._press(watched, event)
        elif event.type() in {QEvent.Type.FocusOut, QEvent.Type.MouseButtonPress}:
            self._forget()
        return False

    def _watch(self, editor: QObject | None) -> None:
        if self._editor is not None and isValid(self._editor):
            self._editor.removeEventFilter(self)
        self._editor = editor
        self._foreign = False
        self._forget()
        if editor is not None:
            editor.installEventFilter(self)

    def _forget(self) -> None:
        self._keys, self._shown = [], ""

    def _press(self, editor: QObject, event: QKeyEvent) -> bool:
        key = event.text()
        if (
            self.method is Method.OFF
            or self._foreign
            or len(key) != 1
            or not (key.isascii() and key.isalnum())
        ):
            self._forget()
            return False
        if event.modifiers() & _COMMANDS or not _takes_text(editor):
            return False
        return self._type(editor, key)

    def _type(self, editor: QObject, key: str) -> bool:
        before = _word_before(editor)
        if before != self._shown or not self._keys:
            self._keys = list(before)
        self._keys.append(key)
        self._shown = composed(self._keys, self.method, self.placement)
        if self._shown == before + key:
            return False
        same = _common(before, self._shown)
        event = QInputMethodEvent()
        event.setCommitString(self._shown[same:], same - len(before), len(before) - same)
        self._sending = True
        QCoreApplication.sendEvent(editor, event)
        self._sending = False
        return True


def _takes_text(editor: QObject) -> bool:
    """Whether it is an editor where words are written."""
    enabled = _asked(editor, Qt.InputMethodQuery.ImEnabled)
    hints = _asked(editor, Qt.InputMethodQuery.ImHints)
    hidden = isinstance(hints, Qt.InputMethodHint) and bool(hints & Qt.InputMethodHint.ImhHiddenText)
    return bool(enabled) and not hidden and not editor.property(AS_TYPED)


def _word_before(editor: QObject) -> str:
    """The letters and digits directly before the cursor, or before what is selected."""
    text = _asked(editor, Qt.InputMethodQuery.ImSurroundingText)
    cursor = _asked(editor, Qt.InputMethodQuery.ImCursorPosition)
    anchor = _asked(editor, Qt.InputMethodQuery.ImAnchorPosition)
    if not isinstance(text, str) or not isinstance(cursor, int):
        return ""
    end = min(cursor, anchor) if isinstance(anchor, int) else cursor
    start = end
    while start > 0 and text[start - 1].isalnum():
        start -= 1
    return text[start:end]


def _asked(editor: QObject, what: Qt.InputMethodQuery) -> object:
    query = getattr(editor, "inputMethodQuery", None)
    return query(what) if callable(query) else None


def _common(one: str, other: str) -> int:
    """Length of the beginning both share."""
    return next(
        (place for place, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]),
        min(len(one), len(other)),
    )
