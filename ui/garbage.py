"""Python's cycle collector, kept in the GUI thread and out of the way of the keys.

Left alone, it runs in whichever thread happens to allocate. In a worker thread it may then destroy Qt
objects there, which can crash or hang the program; and a full collection in the GUI thread takes longer
than a key press may.
"""

from __future__ import annotations

import gc
from typing import Final

from PySide6.QtCore import QObject, QTimer

LOOK_S: Final = 1.0
FULL_AFTER: Final = 60
"""Looks between full collections."""


class GarbageKeeper(QObject):
    """Collects young cycles now and then; the old ones rarely, and never what was there at the start.

    Args:
        parent: Qt parent; the collector is given back to Python when ``stop`` is called.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._looks = 0
        self._timer = QTimer(self)
        self._timer.setInterval(round(LOOK_S * 1000))
        self._timer.timeout.connect(self.look)
        gc.disable()

    def start(self) -> None:
        """Begin once everything has been loaded: that is never garbage and need not be looked at."""
        if not self._timer.isActive():
            gc.collect()
            gc.freeze()
            self._timer.start()

    def look(self) -> None:
        """Collect what is young; all of it once in a while."""
        self._looks += 1
        gc.collect(2 if self._looks % FULL_AFTER == 0 else 0)

    def stop(self) -> None:
        """Give the collector back to Python."""
        self._timer.stop()
        gc.unfreeze()
        gc.enable()
