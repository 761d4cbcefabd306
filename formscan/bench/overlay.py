"""Pages with what was read laid over them: ``python -m formscan.bench.overlay OUT``.

Without ``--real-ink`` only ink that may be given away is used, so that the pictures may be kept with the
documents; with it (people's lines, capitals and marks) the pictures must stay out of the repository.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from formscan.bench.compose import Composer, Order, Style
from formscan.bench.damage import CANVAS_DPI
from formscan.bench.jobs import digit_split, save
from formscan.bench.official import OURS, OfficialPage, render
from formscan.bench.presets import Severity
from formscan.bench.shared import shared_data
from formscan.bench.truth import Split
from formscan.model.geometry import Box
from formscan.model.page import Held, Page
from formscan.model.reading import CheckedField, FieldState
from formscan.model.reading import Severity as FlagSeverity
from formscan.model.template import FieldKind
from formscan.paths import forms_dir, resources_dir
from formscan.pipeline.acquire import acquire
from formscan.pipeline.identify import FormIndex
from formscan.pipeline.read import load_readers
from formscan.pipeline.run import Line, LineResult, single_thread
from formscan.templates import TemplateLibrary, render_page

READ: Final = (0, 130, 60)
DOUBTED: Final = (215, 120, 0)
UNREAD: Final = (200, 30, 40)
EMPTY: Final = (150, 160, 175)
_WIDTH: Final = 1240
"""Width of a kept picture in pixels."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One page of the picture series."""

    form_id: str
    number: int
    style: Style
    severity: Severity
    seed: int


PAGES: Final = (
    Shown("01-BV1", 1, Style.MIXED, Severity.OFFICE, 31),
    Shown("01-BV1", 2, Style.MIXED, Severity.OFFICE, 32),
    Shown("15-BV1", 1, Style.PRINT, Severity.OFFICE, 37),
    Shown("15-BV1", 2, Style.HAND, Severity.CLEAN, 34),
    Shown("36-BV2", 1, Style.MIXED, Severity.OFFICE, 36),
)


def main(argv: Sequence[str] | None = None) -> int:
    """Compose the pages on the official forms, take them through the line, draw the pictures."""
    parser = argparse.ArgumentParser(prog="python -m formscan.bench.overlay", description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--real-ink", action="store_true", help="never into the repository")
    given = parser.parse_args(argv)
    data = given.data or shared_data()
    if data is None:
        sys.stderr.write("no development data: give --data or set FORMSCAN_DATA\n")
        return 2
    single_thread()
    given.out.mkdir(parents=True, exist_ok=True)
    library = TemplateLibrary.load(forms_dir())
    line = Line(FormIndex(library), load_readers(), render_page)
    composer = Composer(data, Split.REPORT, digit_split, shippable_only=not given.real_ink)
    for place, shown in enumerate(PAGES, 1):
        result = _through(shown, composer, library, line, data)
        name = f"official-{place}-{shown.form_id}-p{shown.number}.jpg"
        if isinstance(result, Held):
            sys.stderr.write(f"{name}: {result.reason}\n")
            continue
        picture(result).save(given.out / name, quality=72, optimize=True)
    return 0


def picture(result: LineResult) -> Image.Image:
    """The page as scanned, turned upright, with a box around every field and its value above it.

    Green: a value without doubt. Orange: a value with a soft or hard flag. Red: left to a person.
    Grey: blank.
    """
    turned = result.aligned.clean.turned
    page = _rgb(result.page).rotate(-turned, expand=True)
    scale = _WIDTH / page.width
    image = page.resize((_WIDTH, round(page.height * scale)), Image.Resampling.LANCZOS)
    image = Image.blend(image, Image.new("RGB", image.size, "white"), 0.25)
    pen = ImageDraw.Draw(image)
    font = ImageFont.truetype(str(resources_dir() / "fonts" / "LiberationSerif-Bold.ttf"), 17)
    for field in result.fields:
        box = _turned(field.page_box, turned, result.page)
        kind = result.aligned.template.field(field.field_id).kind
        _draw_field(pen, field, tuple(v * scale for v in box), font, beside=kind is FieldKind.TEXT)
    return image


def _turned(box: Box, turned: int, page: Page) -> tuple[int, int, int, int]:
    """A box of the page as scanned in the page turned clockwise by that many degrees."""
    left, top, right, bottom = box.left, box.top, box.right, box.bottom
    width, height = page.width, page.height
    places = {
        0: (left, top, right, bottom),
        90: (height - bottom, left, height - top, right),
        180: (width - right, height - bottom, width - left, height - top),
        270: (top, width - right, bottom, width - left),
    }
    return places[turned % 360]


def _draw_field(
    pen: ImageDraw.ImageDraw,
    field: CheckedField,
    box: tuple[float, ...],
    font: ImageFont.FreeTypeFont,
    *,
    beside: bool,
) -> None:
    """The box, and the value above it, or ``beside`` the ink at its right end where there is room."""
    colour = colour_of(field)
    pen.rectangle(box, outline=colour, width=1 if colour == EMPTY else 2)
    said = field.value.text if field.value.state is FieldState.VALUE else "?" if colour == UNREAD else ""
    if not said:
        return
    text = said.replace("\n", " / ")
    width = pen.textlength(text, font=font)
    inside = beside and width < (box[2] - box[0]) * 0.45
    x = max(2.0, box[2] - width - 4) if inside else max(2.0, min(box[0], _WIDTH - width - 2))
    y = box[1] + 2 if inside else box[1] - 18
    pen.rectangle((x - 1, y, x + width + 1, y + 17), fill=(255, 255, 255))
    pen.text((x, y - 1), text, fill=colour, font=font)


def colour_of(field: CheckedField) -> tuple[int, int, int]:
    """The colour of a field's state."""
    if field.value.state is FieldState.BLANK:
        return EMPTY
    if field.value.state is not FieldState.VALUE:
        return UNREAD
    doubted = field.confidence < 0.9 or any(f.severity is not FlagSeverity.INFO for f in field.flags)
    return DOUBTED if doubted else READ


def _through(
    shown: Shown, composer: Composer, library: TemplateLibrary, line: Line, data: Path
) -> LineResult | Held:
    template = library.get(shown.form_id)
    path = data / "vn_moh_forms" / OURS[shown.form_id][0]
    blank = render(OfficialPage(path, shown.number, shown.form_id), CANVAS_DPI)
    seed = 2 * (900_000 + shown.seed) + 1
    order = Order(shown.number, seed, seed, shown.severity, shown.style, "official", colour=True)
    composed = composer.page(template, blank, order)
    with tempfile.TemporaryDirectory() as folder:
        file = save(composed.pixels, composed.dpi, composed.damage.jpeg, Path(folder) / "page")
        page = next(iter(acquire(file)))
    return page if isinstance(page, Held) else line.run(page)


def _rgb(page: Page) -> Image.Image:
    return Image.fromarray(np.ascontiguousarray(page.pixels)).convert("RGB")


if __name__ == "__main__":
    raise SystemExit(main())
