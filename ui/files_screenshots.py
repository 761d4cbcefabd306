"""Pictures of thick files and of pages of no known form: ``python -m ui.files_screenshots OUT``.

A small file of two invented records is digitised in a temporary folder. Each scale runs in a process of its
own, because Qt takes the scale at start.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image, ImageDraw

from formscan.app import Application, StackOrder
from formscan.model.page import Grey
from formscan.model.template import FontStyle
from formscan.paths import forms_dir
from formscan.settings import Settings
from formscan.templates import TemplateLibrary
from formscan.templates.fonts import font
from formscan.templates.separator import draw_separator
from ui.backing import ApplicationBackend
from ui.main_window import MainWindow, new_application
from ui.sample import ANSWERS, written_page
from ui.screenshots import save, wait
from ui.shots import picture_command
from ui.start import make_window
from ui.views.files_view import FilesView
from ui.views.night_view import NightView

DPI: Final = 150.0
SCALES: Final = (1, 2)
LOOKS: Final[dict[int, dict[tuple[str, str], tuple[str, ...]]]] = {
    1: {("vi", "light"): (), ("en", "dark"): ()},
    2: {("vi", "light"): ("files",)},
}
SLIP: Final = (
    ("Họ và tên người bệnh:", "NGUYỄN THỊ HỒNG NHUNG"),
    ("Ngày sinh:", "12/03/1957"),
    ("Khoa chuyển đi:", "Nội tổng hợp"),
    ("Khoa chuyển đến:", "Hồi sức tích cực"),
    ("Lý do:", "Suy hô hấp"),
)


def main() -> int:
    """Make all pictures."""
    return picture_command("ui.files_screenshots", __doc__, SCALES, take_all)


def take_all(out: Path, scale: int) -> None:
    """Make the pictures of one scale in this process."""
    application = new_application(sys.argv[:1])
    with tempfile.TemporaryDirectory(prefix="formscan-thick-") as folder:
        settings = Settings(home=Path(folder) / "home", url="", person="lan")
        furnish(settings, Path(folder))
        for (language, theme), wanted in LOOKS[scale].items():
            window = make_window(ApplicationBackend(settings), language, theme)
            window.show()
            window.start()
            wait(window)
            for name in wanted or SCENES:
                SCENES[name](window)
                wait(window)
                save(window, out / f"thick-{name}-{language}-{theme}-{scale * 100}.png")
            window.close()
            window.deleteLater()
    application.quit()


def furnish(settings: Settings, folder: Path) -> None:
    """Digitise a file of two records, a page of no known form among them, and file that page."""
    library = TemplateLibrary.load(forms_dir())

    def page(form: str, number: int, mark: int) -> Grey:
        drawn = np.array(written_page(library.get(form), number, ANSWERS, DPI))
        drawn[-40:-36, 60 : 90 + 9 * mark] = 0
        return np.asarray(drawn, dtype=np.uint8)

    blanks = [np.full((1754, 1240), tone, np.uint8) for tone in (252, 253, 254)]
    pages = [
        *(page("01-BV1", number, number) for number in (1, 2, 3, 4)),
        page("36-BV2", 1, 5), blanks[0], page("36-BV2", 1, 6), page("36-BV2", 2, 7),
        draw_separator("T", DPI), blanks[1],
        page("15-BV1", 1, 8), slip(), page("15-BV1", 2, 9), blanks[2], page("36-BV2", 1, 10),
    ]  # fmt: skip
    pictures = [Image.fromarray(each) for each in pages]
    path = folder / "ho-so-0317.tif"
    pictures[0].save(path, save_all=True, append_images=pictures[1:], dpi=(DPI, DPI))
    Image.fromarray(slip(moved=60)).save(folder / "phieu-chuyen-khoa.png", dpi=(DPI, DPI))
    with Application(settings) as core:
        core.digitise(StackOrder((path,), 0))
        core.digitise(StackOrder((folder / "phieu-chuyen-khoa.png",), 0))
        key = next(key for key, held in core.store.ledger.held() if held.source.name == path.name)
        core.free_pages.file(key)


def slip(moved: int = 0) -> Grey:
    """A slip nobody made a template of."""
    picture = Image.new("L", (1240, 1754), 255)
    draw = ImageDraw.Draw(picture)
    draw.text((620, 130 + moved), "GIẤY CHUYỂN KHOA", 0, font(FontStyle.BOLD, 44.0), anchor="mm")
    for row, (label, value) in enumerate(SLIP):
        top = 280 + 80 * row + moved
        draw.text((120, top), label, 0, font(FontStyle.REGULAR, 30.0))
        draw.text((520, top), value, 0, font(FontStyle.BOLD, 30.0))
    return np.asarray(picture, dtype=np.uint8)


def _files(window: MainWindow) -> None:
    """Records, documents, and why each page stands where it does."""
    window.show_desk("files")
    wait(window)
    view = window.desk_views["files"]
    if isinstance(view, FilesView):
        view.model.load(next(line.stack for line in view.model.stacks if line.pages > 1))
        wait(window)
        view.perform("files_next")


def _held(window: MainWindow) -> None:
    """A page of no known form, and what can be done about it."""
    window.show_desk("night")
    wait(window)
    view = window.desk_views["night"]
    if isinstance(view, NightView):
        view.table.selectRow(0)


def _filed(window: MainWindow) -> None:
    """The page filed as it is, in review."""
    window.show_desk("files")
    wait(window)
    view = window.desk_views["files"]
    if isinstance(view, FilesView):
        rows = [at for at, row in enumerate(view.model.rows) if row.page.form_id.startswith("page-")]
        view.table.selectRow(rows[0])
        view.perform("files_open")


SCENES: Final[dict[str, Callable[[MainWindow], None]]] = {"files": _files, "held": _held, "filed": _filed}


if __name__ == "__main__":
    sys.exit(main())
