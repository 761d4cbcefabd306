"""Whether somebody is at the window: the heartbeat of its leases, and the lock when nobody touches it."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QObject, QTimer, Signal

HEARTBEAT_MS: Final = 45_000
"""A quarter of the time after which somebody else may take over what is open here."""
_SIGNS_OF_LIFE: Final = frozenset(
    {
        QEvent.Type.KeyPress,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseMove,
        QEvent.Type.Wheel,
        QEvent.Type.InputMethod,
        QEvent.Type.TouchBegin,
    }
)


class Presence(QObject):
    """Watches an application's events; lives in the GUI thread.

    Args:
        watched: The application object.
        idle_minutes: Minutes without a key or a movement until ``gone``; 0 never.
        parent: Qt parent.
    """

    beat = Signal()
    """Time to say that the window is alive."""
    gone = Signal()
    """Nobody touched the window for too long."""

    def __init__(self, watched: QObject, idle_minutes: float, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._heart, self._idle = QTimer(self), QTimer(self)
        self._heart.timeout.connect(self.beat)
        self._heart.start(HEARTBEAT_MS)
        self._idle.setSingleShot(True)
        self._idle.setInterval(round(idle_minutes * 60_000))
        self._idle.timeout.connect(self.gone)
        if idle_minutes > 0:
            self._idle.start()
            watched.installEventFilter(self)

    def stop(self) -> None:
        """The window closes."""
        self._heart.stop()
        self._idle.stop()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - as Qt calls it
        """Begin to count anew at every sign of life; nothing is taken from anybody."""
        if event.type() in _SIGNS_OF_LIFE:
            self._idle.start()
        return False
