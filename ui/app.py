"""``formscan-ui``: the window."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from formscan.paths import resources_dir
from formscan.settings import Settings
from ui.backing import ApplicationBackend
from ui.garbage import GarbageKeeper
from ui.main_window import MainWindow, dress, new_application
from ui.speech import LANGUAGES, Speech
from ui.theme import THEMES, Theme
from ui.viewmodels.backend import Backend


def main(arguments: Sequence[str] | None = None) -> int:
    """Open the window and wait until it is closed.

    Args:
        arguments: ``--home DIR --url DB --lang vi|en --theme light|dark|contrast --draft ID``; those of
            the process where left out.

    Returns:
        The exit code.
    """
    told = _parser().parse_args(sys.argv[1:] if arguments is None else list(arguments))
    given = {key: value for key, value in (("home", told.home), ("url", told.url)) if value}
    return run(ApplicationBackend(Settings(**given)), told.lang, told.theme, told.draft)


def run(backend: Backend, language: str = "vi", theme: str = "light", draft: str = "") -> int:
    """Show the window on a core and wait until it is closed."""
    application = new_application(sys.argv[:1])
    window = make_window(backend, language, theme)
    application.setWindowIcon(QIcon(str(resources_dir() / "icons" / "formscan.svg")))
    keep_garbage(window)
    window.show()
    QTimer.singleShot(0, lambda: window.start(draft))
    # Python only sees a Ctrl+C from the terminal when it gets a turn.
    signal.signal(signal.SIGINT, lambda *_: window.close())
    turn = QTimer(window)
    turn.start(400)
    return application.exec()


def keep_garbage(window: MainWindow) -> GarbageKeeper:
    """Let Python's collector run in the GUI thread only, for as long as the window is there."""
    keeper = GarbageKeeper(window)
    window.inbox.loaded.connect(keeper.start)
    window.ended.connect(keeper.stop)
    return keeper


def make_window(backend: Backend, language: str, theme: str) -> MainWindow:
    """A window that is not shown yet; the application object must be there."""
    application = QApplication.instance()
    if isinstance(application, QApplication):
        dress(application, Theme.load(resources_dir() / "styles", theme))
    speech = Speech(resources_dir() / "translations", language)
    window = MainWindow(backend, speech, resources_dir(), theme)
    speech.setParent(window)
    window.ended.connect(speech.hush)
    return window


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="formscan-ui", description="Review scanned forms in a window.")
    parser.add_argument("--home", type=Path, help="folder of the database and the images")
    parser.add_argument("--url", default="", help="database URL instead of the one in the folder")
    parser.add_argument("--lang", choices=LANGUAGES, default=LANGUAGES[0], help="language")
    parser.add_argument("--theme", choices=THEMES, default=THEMES[0], help="colours")
    parser.add_argument("--draft", default="", metavar="ID", help="open this draft at once")
    return parser


if __name__ == "__main__":
    sys.exit(main())
