"""Two texts with the letters marked that differ."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from formscan.review.differences import Mark, difference
from ui.theme import Theme


class DifferenceLabel(QLabel):
    """Shows a text in comparison with another one; letters that are only here are marked.

    Args:
        theme: Colours.
        parent: Qt parent.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._texts = ("", "")
        self._mark = Mark.NEW
        self.setObjectName("difference")
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setWordWrap(True)

    def set_theme(self, theme: Theme) -> None:
        """Other colours."""
        self._theme = theme
        self._show()

    def show_difference(self, before: str, after: str, mark: Mark) -> None:
        """Show ``before`` with what is gone marked (``Mark.GONE``), or ``after`` with what is new."""
        self._texts, self._mark = (before, after), mark
        self._show()

    def _show(self) -> None:
        before, after = self._texts
        shown = before if self._mark is Mark.GONE else after
        colour, back = ("bad", "bad_back") if self._mark is Mark.GONE else ("ok", "ok_back")
        style = f"color:{self._theme.colours[colour]};background-color:{self._theme.colours[back]};"
        line = "line-through" if self._mark is Mark.GONE else "underline"
        parts = []
        for run in difference(before, after):
            if run.mark is Mark.SAME:
                parts.append(escape(run.text))
            elif run.mark is self._mark:
                parts.append(f'<span style="{style}text-decoration:{line};">{escape(run.text)}</span>')
        self.setText("".join(parts) or "–")
        self.setAccessibleName(shown or "–")
