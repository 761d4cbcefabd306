"""Sentences a screen reader says at once, whatever has the focus."""

from __future__ import annotations

from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QWidget


def announce(widget: QWidget, text: str) -> None:
    """Let a screen reader say ``text`` on behalf of ``widget``; it has to be shown somewhere as well."""
    QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(widget, text))
