"""Makes the bundled sample stack: ``python -m formscan.bench.samples OUT``; the same bytes every time.

Only material that may be given away is used: our own blanks, MNIST digits the reader never trained on,
OFL fonts, drawn marks, invented people. ``truth.json`` says what is on every page.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pikepdf
from PIL import Image

from formscan.bench.compose import ComposedPage, Composer, Order, Style
from formscan.bench.damage import CANVAS_DPI, Damage, Fold
from formscan.bench.jobs import digit_split
from formscan.bench.presets import Severity
from formscan.bench.scanner import scan
from formscan.bench.shared import shared_data
from formscan.bench.sheet import number_sheet
from formscan.bench.truth import Split
from formscan.model.page import Pixels
from formscan.paths import forms_dir, resources_dir
from formscan.templates import TemplateLibrary, render_page

QUALITY: Final = 50
_PEOPLE: Final = 7_000_001


@dataclass(frozen=True, slots=True)
class Sample:
    """One file of the stack.

    Attributes:
        pages: (form, page) of each page.
        how: How the file is written.
        damage: What happened to the paper; its seed is replaced page by page.
    """

    name: str
    pages: tuple[tuple[str, int], ...]
    how: str
    style: Style
    damage: Damage
    people: int
    colour: bool = False


_GOOD: Final = Damage(dpi=200, skew_deg=0.4, blur_px=0.4, noise=1.2, contrast=(15, 250))
_USED: Final = Damage(dpi=200, skew_deg=-1.2, scale=(0.996, 1.003), blur_px=0.5, noise=1.6, holes=2, lid=245)
_FOLDED: Final = Damage(
    dpi=200,
    skew_deg=1.6,
    folds=(Fold(0.48, 0.7, 0.25, 5.0, 0.08, 0.25),),
    stamps=((150.0, 205.0, 16.0, 0.6),),
    margin_mm=4.0,
    lid=25,
    blur_px=0.5,
    noise=1.6,
    light=(0.12, 70.0),
)
_TURNED: Final = Damage(
    dpi=150, turn=90, skew_deg=-2.1, margin_mm=3.0, lid=250, blur_px=0.5, noise=2.0, specks=1.0
)
_COPIED: Final = Damage(
    dpi=200, skew_deg=3.0, scale=(0.985, 0.985), copies=1, blur_px=0.4, noise=1.0, margin_mm=3.0
)
_INPATIENT: Final = tuple(("01-BV1", n) for n in (1, 2, 3, 4))
_OUTPATIENT: Final = (("15-BV1", 1), ("15-BV1", 2))
_TREATMENT: Final = (("36-BV2", 1),)

STACK: Final = (
    Sample("01-inpatient.pdf", _INPATIENT, "pdf", Style.MIXED, _GOOD, 1),
    Sample("02-inpatient.tif", _INPATIENT, "tiff", Style.PRINT, _USED, 2),
    Sample("03-outpatient.pdf", _OUTPATIENT, "pdf", Style.PRINT, _USED, 3),
    Sample("04-outpatient-1.jpg", _OUTPATIENT[:1], "jpeg", Style.MIXED, _FOLDED, 4, colour=True),
    Sample("04-outpatient-2.jpg", _OUTPATIENT[1:], "jpeg", Style.MIXED, _GOOD, 4, colour=True),
    Sample("05-treatment.jpg", _TREATMENT, "jpeg", Style.PRINT, _GOOD, 1),
    Sample("06-treatment.png", _TREATMENT, "png", Style.MIXED, _COPIED, 2),
    Sample("07-treatment-turned.jpg", _TREATMENT, "jpeg", Style.PRINT, _TURNED, 3),
    Sample("08-inpatient-page1.jpg", _INPATIENT[:1], "jpeg", Style.HAND, _FOLDED, 5, colour=True),
    Sample("09-outpatient.tif", _OUTPATIENT, "tiff", Style.HAND, _GOOD, 6),
    Sample("10-treatment.pdf", (("36-BV2", 1), ("36-BV2", 2)), "pdf", Style.FONT, _USED, 4),
    Sample("11-inpatient-page2.jpg", _INPATIENT[1:2], "jpeg", Style.PRINT, _TURNED, 5),
)


def main(argv: Sequence[str] | None = None) -> int:
    """Write the stack into a folder."""
    parser = argparse.ArgumentParser(prog="python -m formscan.bench.samples", description=__doc__)
    parser.add_argument("out", type=Path, nargs="?", default=resources_dir() / "samples")
    parser.add_argument("--data", type=Path)
    given = parser.parse_args(argv)
    data = given.data or shared_data()
    if data is None:
        sys.stderr.write("no development data: give --data or set FORMSCAN_DATA\n")
        return 2
    write_stack(data, given.out)
    return 0


def write_stack(data: Path, out: Path) -> None:
    """Make the files in ``out/stack`` and what is true of them, ``out/truth.json``."""
    stack = out / "stack"
    stack.mkdir(parents=True, exist_ok=True)
    composer = Composer(data, Split.REPORT, digit_split, shippable_only=True)
    library = TemplateLibrary.load(forms_dir())
    pages = [page for sample in STACK for page in _write(sample, composer, library, stack)]
    held = [_foreign(composer, stack), _blank(stack), _truncated(stack)]
    text = json.dumps({"pages": pages, "held": held}, ensure_ascii=False, indent=1) + "\n"
    (out / "truth.json").write_text(text, "utf-8", newline="\n")


def _write(sample: Sample, composer: Composer, library: TemplateLibrary, out: Path) -> list[dict[str, Any]]:
    pages = [_page(sample, k, composer, library) for k in range(len(sample.pages))]
    _WRITERS[sample.how](out / sample.name, [page.pixels for page in pages], sample.damage.dpi)
    return [{"file": sample.name, "index": k, **page.truth.as_dict()} for k, page in enumerate(pages)]


def _page(sample: Sample, place: int, composer: Composer, library: TemplateLibrary) -> ComposedPage:
    form_id, number = sample.pages[place]
    template = library.get(form_id)
    people = _PEOPLE + sample.people
    order = Order(number, people, people * 100 + place, Severity.CLEAN, sample.style, "own", sample.colour)
    return composer.worn(template, render_page(template, number, CANVAS_DPI), order, sample.damage)


def _foreign(composer: Composer, out: Path) -> dict[str, Any]:
    """A form nobody made a template of."""
    sheet = number_sheet()
    order = Order(1, _PEOPLE + 9, _PEOPLE + 9, Severity.CLEAN, Style.HAND, "sheet")
    page = composer.worn(sheet, render_page(sheet, 1, CANVAS_DPI), order, _USED)
    _jpeg(out / "12-foreign.jpg", [page.pixels], _USED.dpi)
    return {"file": "12-foreign.jpg", "reason": "identify.no_form"}


def _blank(out: Path) -> dict[str, Any]:
    """The empty back of a sheet."""
    paper = np.full((3508, 2480), 250, np.uint8)
    pixels, _ = scan(paper, Damage(dpi=150, skew_deg=0.5, noise=1.5, blur_px=0.5, light=(0.06, 20.0), seed=3))
    _jpeg(out / "13-blank.jpg", [pixels], 150)
    return {"file": "13-blank.jpg", "reason": "clean.blank_page"}


def _truncated(out: Path) -> dict[str, Any]:
    """A picture whose transfer was cut off."""
    whole = (out / "05-treatment.jpg").read_bytes()
    (out / "14-truncated.jpg").write_bytes(whole[: len(whole) // 3])
    return {"file": "14-truncated.jpg", "reason": "acquire.truncated"}


def _coded(pixels: Pixels, dpi: float) -> bytes:
    held = io.BytesIO()
    Image.fromarray(pixels).save(held, "JPEG", quality=QUALITY, dpi=(dpi, dpi), optimize=True)
    return held.getvalue()


def _jpeg(path: Path, pages: Sequence[Pixels], dpi: float) -> None:
    path.write_bytes(_coded(pages[0], dpi))


def _png(path: Path, pages: Sequence[Pixels], dpi: float) -> None:
    """A copier's file: black and white."""
    Image.fromarray(np.asarray(pages[0]) > 140).save(path, dpi=(dpi, dpi), optimize=True)


def _tiff(path: Path, pages: Sequence[Pixels], dpi: float) -> None:
    """A fax-like file: every page in black and white, group 4."""
    bilevel = [Image.fromarray(np.asarray(page) > 150) for page in pages]
    bilevel[0].save(path, save_all=True, append_images=bilevel[1:], compression="group4", dpi=(dpi, dpi))


def _pdf(path: Path, pages: Sequence[Pixels], dpi: float) -> None:
    """A scanner's PDF: one JPEG a page, placed over the whole page."""
    with pikepdf.new() as pdf:
        for pixels in pages:
            _add_page(pdf, pixels, dpi)
        pdf.save(path, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.disable)


def _add_page(pdf: pikepdf.Pdf, pixels: Pixels, dpi: float) -> None:
    height, width = pixels.shape[:2]
    picture = pdf.make_stream(
        _coded(pixels, dpi),
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Image,
        Width=width,
        Height=height,
        ColorSpace=pikepdf.Name.DeviceGray if pixels.ndim == 2 else pikepdf.Name.DeviceRGB,
        BitsPerComponent=8,
        Filter=pikepdf.Name.DCTDecode,
    )
    size = (width * 72 / dpi, height * 72 / dpi)
    page = pdf.add_blank_page(page_size=size)
    page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Scan=picture))
    page.Contents = pdf.make_stream(f"q {size[0]:.3f} 0 0 {size[1]:.3f} 0 0 cm /Scan Do Q".encode())


_WRITERS: Final[dict[str, Callable[[Path, Sequence[Pixels], float], None]]] = {
    "jpeg": _jpeg,
    "png": _png,
    "tiff": _tiff,
    "pdf": _pdf,
}


if __name__ == "__main__":
    raise SystemExit(main())
