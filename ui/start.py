"""Makes the window and runs it; everything slow is imported from here on, not by ``ui.app``."""

from __future__ import annotations

import signal
import sys
from typing import Final

from PySide6.QtCore import QTimer
from PySide6.QtGui import QIcon

from formscan.paths import resources_dir
from ui.garbage import GarbageKeeper
from ui.guard import Guard
from ui.main_window import MainWindow, dress, new_application
from ui.speech import Speech
from ui.theme import Theme
from ui.viewmodels.backend import Backend
from ui.viewmodels.house import House

TURN_S: Final = 0.0001
"""Most seconds a thread computes before another that waits gets a turn. The window gives Python's lock
away a hundred times for a key press; waiting 5 ms each time, as Python has it, takes longer than one."""


def run(backend: Backend, language: str = "vi", theme: str = "light", draft: str = "") -> int:
    """Show the window on a core and wait until it is closed.

    Returns:
        The exit code.
    """
    application = new_application(sys.argv[:1])
    window = make_window(backend, language, theme)
    application.setWindowIcon(QIcon(str(resources_dir() / "icons" / "formscan.svg")))
    keep_garbage(window)
    window.show()
    QTimer.singleShot(0, lambda: window.start(draft))
    signal.signal(signal.SIGINT, lambda *_: window.close())
    turn = QTimer(window)  # Python only sees a Ctrl+C from the terminal when it gets a turn
    turn.start(400)
    return application.exec()


def make_window(backend: Backend, language: str, theme: str) -> MainWindow:
    """A window that is not shown yet; the application object must be there."""
    sys.setswitchinterval(TURN_S)
    dress(Theme.load(resources_dir() / "styles", theme))
    speech = Speech(resources_dir() / "translations", language)
    window = MainWindow(backend, speech, resources_dir(), theme)
    speech.setParent(window)
    if isinstance(backend, House):
        Guard(window, backend)
    window.ended.connect(speech.hush)
    return window


def keep_garbage(window: MainWindow) -> GarbageKeeper:
    """Let Python's collector run in the GUI thread only, for as long as the window is there."""
    keeper = GarbageKeeper(window)
    window.inbox.loaded.connect(keeper.start)
    window.ended.connect(keeper.stop)
    return keeper
