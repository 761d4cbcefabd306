"""Pictures of the supervisor's desks for the documentation: ``python -m ui.desk_screenshots OUT``.

Made on a furnished house (``ui.sample_house``) in a temporary folder. Each scale runs in a process of its
own, because Qt takes the scale at start.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from formscan.settings import Settings
from ui.backing import ApplicationBackend
from ui.main_window import MainWindow, new_application
from ui.sample_house import furnish, signed_in
from ui.screenshots import save, wait
from ui.shots import picture_command
from ui.start import make_window
from ui.views.corrections_view import CorrectionsView
from ui.views.figures_view import FiguresView
from ui.views.samples_view import SamplesView
from ui.views.trail_view import TrailView

SCALES: Final = (1, 2)
LOOKS: Final[dict[int, dict[tuple[str, str], tuple[str, ...]]]] = {
    1: {("vi", "light"): (), ("en", "dark"): ()},
    2: {("vi", "light"): ("corrections", "sample-field", "figures", "trail")},
}
"""Scenes by scale and look; none named means all."""


def main() -> int:
    """Make all pictures."""
    return picture_command("ui.desk_screenshots", __doc__, SCALES, take_all)


def take_all(out: Path, scale: int) -> None:
    """Make the pictures of one scale in this process."""
    application = new_application(sys.argv[:1])
    with tempfile.TemporaryDirectory(prefix="formscan-house-") as folder:
        settings = Settings(home=Path(folder))
        furnish(settings)
        for (language, theme), wanted in LOOKS[scale].items():
            window = make_window(
                ApplicationBackend(settings, lambda s: signed_in(s, "minh")), language, theme
            )
            window.show()
            window.start()
            wait(window)
            for name in wanted or SCENES:
                SCENES[name](window)
                wait(window)
                save(window, out / f"desk-{name}-{language}-{theme}-{scale * 100}.png")
            window.close()
            window.deleteLater()
    application.quit()


def _show(window: MainWindow, desk: str) -> None:
    window.show_desk(desk)
    wait(window)


def _corrections(window: MainWindow) -> None:
    """Differences with the crop."""
    _show(window, "corrections")


def _word(window: MainWindow) -> None:
    """A correction that is being returned with a word."""
    _show(window, "corrections")
    view = window.desk_views["corrections"]
    if isinstance(view, CorrectionsView):
        view.perform("correction_return")


def _sample_order(window: MainWindow) -> None:
    """What sample is wanted."""
    _show(window, "samples")
    view = window.desk_views["samples"]
    if isinstance(view, SamplesView):
        view.model.leave()
        view.form.scheme.setCurrentIndex(1)


def _sample_field(window: MainWindow) -> None:
    """A field of a sample, keyed blind."""
    _show(window, "samples")
    view = window.desk_views["samples"]
    if isinstance(view, SamplesView):
        view.model.leave()
        view.form.scheme.setCurrentIndex(0)
        view.form.bound.setValue(30.0)
        view.form.seed.setValue(11)
        view.perform("sample_draw")
        wait(window)
        view.perform("sample_right")


def _sample_report(window: MainWindow) -> None:
    """What a sample says."""
    view = window.desk_views["samples"]
    while isinstance(view, SamplesView) and view.model.field is not None:
        view.perform("sample_right")
        wait(window)


def _figures(window: MainWindow) -> None:
    """Agreement by field, the trend, who catches planted values."""
    _show(window, "figures")


def _behind(window: MainWindow) -> None:
    """The fields behind a figure."""
    _show(window, "figures")
    view = window.desk_views["figures"]
    if isinstance(view, FiguresView):
        view.entered(view.table)


def _trail(window: MainWindow) -> None:
    """Who did what, the chain checked."""
    _show(window, "trail")
    view = window.desk_views["trail"]
    if isinstance(view, TrailView):
        view.perform("trail_check")


SCENES: Final[dict[str, Callable[[MainWindow], None]]] = {
    "corrections": _corrections,
    "word": _word,
    "sample-order": _sample_order,
    "sample-field": _sample_field,
    "sample-report": _sample_report,
    "figures": _figures,
    "behind": _behind,
    "trail": _trail,
}


if __name__ == "__main__":
    sys.exit(main())
