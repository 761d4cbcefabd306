"""Sentences written on parts of a window and told to screen readers."""

from __future__ import annotations

from PySide6.QtWidgets import QAbstractButton, QLabel

from ui.speech import says


def say_on(part: QAbstractButton | QLabel, sentence: str) -> None:
    """Write ``sentence`` (a ``source`` of ``ui.speech``) in the language of the moment."""
    part.setText(says(sentence))
    part.setAccessibleName(part.text())


def tell_on(label: QLabel, text: str) -> None:
    """Write what is the matter just now; without it the label keeps its room and is not read."""
    policy = label.sizePolicy()
    policy.setRetainSizeWhenHidden(True)
    label.setSizePolicy(policy)
    label.setText(text)
    label.setAccessibleName(text)
    label.setVisible(bool(text.strip()))
