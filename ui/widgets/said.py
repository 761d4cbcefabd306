"""A sentence of a table of data, written on a part of a window and told to screen readers."""

from __future__ import annotations

from PySide6.QtWidgets import QAbstractButton, QLabel

from ui.speech import says


def say_on(part: QAbstractButton | QLabel, sentence: str) -> None:
    """Write ``sentence`` (a ``source`` of ``ui.speech``) in the language of the moment."""
    part.setText(says(sentence))
    part.setAccessibleName(part.text())
