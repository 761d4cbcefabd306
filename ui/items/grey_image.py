"""Grey pixels as a picture of Qt."""

from __future__ import annotations

from PySide6.QtGui import QImage

from formscan.model.page import Grey


def image_of(grey: Grey) -> QImage:
    """A picture with bytes of its own; ``grey`` is uint8 (height, width)."""
    height, width = grey.shape
    return QImage(grey.tobytes(), width, height, width, QImage.Format.Format_Grayscale8).copy()
