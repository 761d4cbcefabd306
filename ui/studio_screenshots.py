"""Pictures of the template studio for the documentation: ``python -m ui.studio_screenshots OUT``.

Made in a temporary folder with two treatment sheets read, so that a new edition of theirs touches something.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from PIL import Image

from formscan.app import Application, StackOrder
from formscan.paths import forms_dir
from formscan.settings import Settings
from formscan.templates import TemplateLibrary, render_page
from ui.backing import ApplicationBackend
from ui.main_window import MainWindow, new_application
from ui.screenshots import save, wait
from ui.shots import picture_command
from ui.start import make_window
from ui.views.studio_view import StudioView

SCALES: Final = (1, 2)
LOOKS: Final = (("vi", "light"), ("en", "dark"))
QUESTIONS, TOUCHED = "18-BV1", "36-BV2"
DPI: Final = 150.0
_ASIDE: Final = 6
"""Steps of one point a field of the new edition is moved by."""


def main() -> int:
    """Make all pictures."""
    return picture_command("ui.studio_screenshots", __doc__, SCALES, take_all)


def take_all(out: Path, scale: int) -> None:
    """Make the pictures of one scale in this process."""
    application = new_application(sys.argv[:1])
    with tempfile.TemporaryDirectory(prefix="formscan-studio-") as folder:
        settings = Settings(home=Path(folder) / "home", person="lan", workers=1)
        scans = _read_sheets(settings, Path(folder))
        for language, theme in LOOKS:
            window = make_window(ApplicationBackend(settings), language, theme)
            window.resize(1366 if scale == 1 else 960, 768 if scale == 1 else 600)
            window.show()
            window.start()
            wait(window)
            for name in _scenes(window, scans[0]):
                wait(window)  # what was hidden has given its room back
                save(window, out / f"studio-{name}-{language}-{theme}-{scale * 100}.png")
            window.close()
            window.deleteLater()
    application.quit()


def _read_sheets(settings: Settings, folder: Path) -> list[Path]:
    """Two sheets in the store; their scans."""
    form = TemplateLibrary.load(forms_dir()).get(TOUCHED)
    paths = []
    for mark in (1, 2):
        page = render_page(form, 1, DPI).copy()
        page[400 : 403 + mark, 60 : 90 + 9 * mark] = 0
        paths.append(folder / f"sheet{mark}.png")
        Image.fromarray(page).save(paths[-1], dpi=(DPI, DPI))
    with Application(settings) as core:
        core.digitise(StackOrder(tuple(paths), 0))
    return paths


def _scenes(window: MainWindow, scan: Path) -> Iterator[str]:
    """Go through the studio; names of scenes, each as it stands on the screen."""
    window.show_desk("studio")
    wait(window)
    view = window.desk_views["studio"]
    if not isinstance(view, StudioView):
        return
    model = view.model
    model.open(Path(QUESTIONS))
    wait(window)
    asked = next(f for f in model.rows() if _several(view, f))
    model.select(asked)
    yield "fields"
    view.perform("studio_more")
    yield "answers"
    model.open(Path(TOUCHED))
    wait(window)
    for _ in range(_ASIDE):
        view.perform("studio_right")
    view.perform("studio_save")
    wait(window)
    yield "touched"
    view.perform("studio_bench")
    view.bench.asked.emit([scan])
    wait(window)
    yield "tried"
    for _ in range(_ASIDE):
        view.perform("studio_undo")


def _several(view: StudioView, handle: str) -> bool:
    studio = view.model.studio
    return studio is not None and studio.document.field(handle).spec.multiple


if __name__ == "__main__":
    sys.exit(main())
