"""Pictures of the desks of people and one-time codes: ``python -m ui.people_screenshots OUT``.

Made on a furnished house (``ui.sample_house``) in a temporary folder; the secrets shown die with it.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Final

import pyotp

from formscan.settings import Settings
from ui.backing import ApplicationBackend
from ui.main_window import MainWindow, new_application
from ui.sample_house import furnish, signed_in
from ui.screenshots import save, wait
from ui.shots import picture_command
from ui.start import make_window
from ui.views.codes_view import CodesView
from ui.views.staff_view import StaffView

SCALES: Final = (1, 2)
LOOKS: Final = (("vi", "light"), ("en", "dark"))
SCENES: Final = (("first", "", "empty"), ("house", "duc", "house"), ("help", "minh", "house"))
"""Of the desk of people: name, who signed in, whose house."""


def main() -> int:
    """Make all pictures."""
    return picture_command("ui.people_screenshots", __doc__, SCALES, take_all)


def take_all(out: Path, scale: int) -> None:
    """Make the pictures of one scale in this process."""
    application = new_application(sys.argv[:1])
    with tempfile.TemporaryDirectory(prefix="formscan-people-") as folder:
        for language, theme in LOOKS:
            home = Path(folder) / language
            furnish(Settings(home=home / "house"), entries=1, drafts=0, dpi=60.0)
            for name, window in _scenes(home, language, theme, scale):
                wait(window)
                save(window, out / f"{name}-{language}-{theme}-{scale * 100}.png")
    application.quit()


def _scenes(home: Path, language: str, theme: str, scale: int) -> Iterator[tuple[str, MainWindow]]:
    """Names of scenes, each as it stands on the screen."""
    for name, person, folder in SCENES:
        settings = Settings(home=home / folder, person="lan")
        sign_in = partial(signed_in, name=person) if person else None
        backend = ApplicationBackend(settings, sign_in) if sign_in else ApplicationBackend(settings)
        window = make_window(backend, language, theme)
        window.resize(1366 if scale == 1 else 960, 768 if scale == 1 else 600)
        window.show()
        window.start()
        wait(window)
        window.show_desk("staff")
        wait(window)
        view = window.desk_views["staff"]
        if isinstance(view, StaffView) and name != "first":
            view.table.setCurrentCell(2, 0)
        yield f"people-{name}", window
        if name == "house":
            yield from _codes(window)
        window.close()
        window.deleteLater()


def _codes(window: MainWindow) -> Iterator[tuple[str, MainWindow]]:
    """One's own codes from off to on."""
    window.show_desk("codes")
    wait(window)
    view = window.desk_views["codes"]
    if not isinstance(view, CodesView):
        return
    yield "codes-off", window
    view.perform("begin")
    wait(window)
    yield "codes-shown", window
    made = view.model.made
    if made is not None:
        view.model.confirm(pyotp.TOTP(made.secret).now())
    wait(window)
    yield "codes-recovery", window
    view.perform("kept")
    wait(window)
    yield "codes-on", window


if __name__ == "__main__":
    sys.exit(main())
