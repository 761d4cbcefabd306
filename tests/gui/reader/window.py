"""Shows one place of the window on invented drafts until it is ended: ``window.py inbox|review|groups``."""

from __future__ import annotations

import sys

from PySide6.QtCore import QTimer

from formscan.paths import forms_dir
from ui.main_window import MainWindow, new_application
from ui.sample import SampleBackend, crowd_backend, sample_backend
from ui.start import make_window


def main(place: str) -> int:
    """Show it."""
    application = new_application(["formscan-ui"])
    crowd = place == "groups"
    backend = crowd_backend(forms_dir(), 4) if crowd else sample_backend(forms_dir())
    window = make_window(backend, "en", "light")
    window.show()
    window.start()
    QTimer.singleShot(300, lambda: _go(window, backend, place))
    return application.exec()


def _go(window: MainWindow, backend: SampleBackend, place: str) -> None:
    if place == "review":
        window.open_draft(backend.drafts()[0].id)
    elif place in window.desks:
        window.show_desk(place)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
