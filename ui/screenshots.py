"""Pictures of the window for the documentation: ``python -m ui.screenshots OUT``.

Made with invented drafts. Each scale runs in a process of its own, because Qt takes the scale at start.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from PIL import Image
from PySide6.QtCore import QBuffer, QEventLoop, QIODevice, QTimer

from formscan.errors import StoreError
from formscan.model.record import DraftSummary
from formscan.model.review import ReviewedField
from formscan.paths import forms_dir
from formscan.review.memory import MemoryJournal
from ui.main_window import MainWindow, new_application
from ui.sample import SampleBackend, crowd_backend, sample_backend
from ui.shots import picture_command
from ui.start import make_window

COLOURS: Final = 256
"""Colours kept in a picture; the window has few, and files stay small."""
SCALES: Final = (1, 2)
MAIN: Final = ("inbox", "review", "reason", "groups")
LOOKS: Final[dict[int, dict[tuple[str, str], tuple[str, ...]]]] = {
    1: {
        ("vi", "light"): (),
        ("en", "light"): ("inbox", "review", "blocked", "keys", "groups-page"),
        ("en", "dark"): (*MAIN, "choice", "unread", "gap", "typing", "question"),
        ("vi", "dark"): ("review",),
        ("en", "contrast"): ("review", "failed"),
    },
    2: {("vi", "light"): MAIN, ("en", "dark"): ("inbox", "review", "groups")},
}
"""Scenes by scale and look; none named means all."""
PATIENCE_MS: Final = 20_000


class BrokenBackend(SampleBackend):
    """A core whose database does not open, for the picture of that."""

    def drafts(self) -> list[DraftSummary]:
        """Refuse."""
        raise StoreError("store.newer_schema")


def main() -> int:
    """Make all pictures."""
    return picture_command("ui.screenshots", __doc__, SCALES, take_all)


def take_all(out: Path, scale: int) -> None:
    """Make the pictures of one scale in this process."""
    application = new_application(sys.argv[:1])
    for (language, theme), wanted in LOOKS[scale].items():
        for name in wanted or SCENES:
            backend = _backend(name)
            window = make_window(backend, language, theme)
            window.show()
            window.start()
            wait(window)
            SCENES[name](window, backend)
            wait(window)
            save(window, out / f"{name}-{language}-{theme}-{scale * 100}.png")
            window.close()
            window.deleteLater()
    application.quit()


class FullJournal(MemoryJournal):
    """A journal whose disk is full when a bed is to be written."""

    def record(self, draft_id: str, decision: ReviewedField) -> None:
        """Refuse that one field."""
        if decision.field_id == "stay.bed":
            raise StoreError("store.disk_full")
        super().record(draft_id, decision)


def _backend(name: str) -> SampleBackend:
    if name == "empty":
        return SampleBackend(())
    if name == "broken":
        return BrokenBackend(())
    if name.startswith("groups"):
        return crowd_backend(forms_dir())
    return sample_backend(forms_dir(), FullJournal())


# -- what is shown -----------------------------------------------------------------------------


def _inbox(_window: MainWindow, _backend: SampleBackend) -> None:
    """As it opens."""


def _open(window: MainWindow, backend: SampleBackend) -> None:
    window.open_draft(backend.drafts()[0].id)
    wait(window)
    review = window.review
    for field_id in ("facility.department_of_health", "facility.name", "facility.department"):
        review.go_to(field_id)
        review.accept(review.text_of(field_id))
        wait(window)


def _review(window: MainWindow, backend: SampleBackend) -> None:
    """A name with a second reading."""
    _open(window, backend)
    window.review.go_to("patient.name")


def _reason(window: MainWindow, backend: SampleBackend) -> None:
    """A hard rule that asks for a reason."""
    _open(window, backend)
    window.review.go_to("insurance.number")
    editor = window.review_view.panel.editor
    editor.offer("HT39292012345")
    wait(window)
    window.review_view.perform("accept")


def _choice(window: MainWindow, backend: SampleBackend) -> None:
    """A choice with keys."""
    _open(window, backend)
    window.review.go_to("payer.kind")


def _unread(window: MainWindow, backend: SampleBackend) -> None:
    """Handwriting nobody read, over two lines."""
    _open(window, backend)
    window.review.go_to("relative.name_address")


def _gap(window: MainWindow, backend: SampleBackend) -> None:
    """The same taken over: a word that was read unsurely is left out and has to be typed."""
    _unread(window, backend)
    wait(window)
    window.review.take(1)
    for _ in range(2):
        window.review_view.perform("accept")
        wait(window)


def _blanks(window: MainWindow, backend: SampleBackend) -> None:
    """All blank fields of a page before they are confirmed."""
    _open(window, backend)
    window.review_view.perform("blanks")


def _blocked(window: MainWindow, backend: SampleBackend) -> None:
    """What is in the way of the release."""
    _open(window, backend)
    window.review_view.perform("release")


def _failed(window: MainWindow, backend: SampleBackend) -> None:
    """A decision that could not be written."""
    _open(window, backend)
    window.review.go_to("stay.bed")
    window.review_view.panel.editor.offer("14")
    window.review_view.perform("accept")


def _keys(window: MainWindow, _backend: SampleBackend) -> None:
    """All keys."""
    window.perform("keys")


def _typing(window: MainWindow, backend: SampleBackend) -> None:
    """A diagnosis that is being typed without tones, with what may be meant."""
    _open(window, backend)
    window.perform("typing")
    window.review.go_to("diagnosis.discharge.main")
    window.review_view.panel.editor.offer("viem phoi do")


def _question(window: MainWindow, backend: SampleBackend) -> None:
    """A question to the supervisor, answered."""
    _open(window, backend)
    draft = window.review.mirror.draft.id
    asked = backend.ask_supervisor(draft, "stay.bed", "Giường 12 hay 17?")
    backend.answer_question(asked.number, "12; sổ khoa ghi 12.")
    window.asking.open(draft)
    window.review.go_to("stay.bed")


def _groups(window: MainWindow, _backend: SampleBackend) -> None:
    """Look-alikes of many documents, one of them left out."""
    window.show_desk("groups")
    wait(window)
    view = window.desk_views["groups"]
    for operation in ("group_after", "group_after"):
        view.perform(operation)
    wait(window)
    view.perform("leave_out")


def _groups_page(window: MainWindow, backend: SampleBackend) -> None:
    """The same, with the page beside them and one being corrected."""
    _groups(window, backend)
    view = window.desk_views["groups"]
    view.perform("context")
    view.perform("correct")


SCENES: Final[dict[str, Callable[[MainWindow, SampleBackend], None]]] = {
    "inbox": _inbox,
    "empty": _inbox,
    "broken": _inbox,
    "review": _review,
    "reason": _reason,
    "choice": _choice,
    "unread": _unread,
    "gap": _gap,
    "blanks": _blanks,
    "blocked": _blocked,
    "failed": _failed,
    "keys": _keys,
    "typing": _typing,
    "question": _question,
    "groups": _groups,
    "groups-page": _groups_page,
}


def wait(window: MainWindow) -> None:
    """Until nothing is under way, or for so long."""
    loop, looking = QEventLoop(), QTimer()
    looking.timeout.connect(lambda: None if window.database.busy or window.pixels.busy else loop.quit())
    looking.start(60)
    QTimer.singleShot(PATIENCE_MS, loop.quit)
    loop.exec()


def save(window: MainWindow, path: Path) -> None:
    """Save what the window shows, with few colours."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    window.grab().save(buffer, "PNG")
    image = Image.open(io.BytesIO(buffer.data().data())).convert("RGB")
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)


if __name__ == "__main__":
    sys.exit(main())
