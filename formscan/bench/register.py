"""How exactly pages are recognised and laid over their template: only that, on many damaged pages.

The official pages of the three forms are written on with real lines of handwriting, damaged with a known
mapping, cleaned, identified and aligned; the place of every field centre is compared with the truth.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from formscan.bench.damage import Damage, Mapping
from formscan.bench.hand import RealInk
from formscan.bench.official import OfficialPage, other_pages, our_pages, render
from formscan.bench.presets import Severity, draw
from formscan.bench.scanner import encode_jpeg, scan
from formscan.bench.shared import shared_data
from formscan.bench.truth import Split
from formscan.errors import UnknownFormError
from formscan.model.geometry import MM_PER_INCH, POINTS_PER_INCH, Area
from formscan.model.page import FRAME_DPI, AlignedPage, CleanPage, Grey, Page, Source
from formscan.model.template import FormTemplate, PageTemplate
from formscan.paths import forms_dir
from formscan.pipeline.align import align_page
from formscan.pipeline.clean import clean
from formscan.pipeline.identify import FormIndex, Library, RenderPage
from formscan.pipeline.placement import rescaled
from formscan.templates import TemplateLibrary, render_page

PX_MM: Final = MM_PER_INCH / FRAME_DPI
PRINTER_DPI: Final = 900.0


@dataclass(slots=True)
class Tally:
    """Figures of a run.

    Attributes:
        errors_px: Distance of every field centre from the truth, pixels at 300 dpi.
        told_mm: The residual told near each field.
        wrong: Pages taken for another page, or foreign pages taken at all.
        held: Codes of held pages with their names.
        seconds: Core seconds by stage.
    """

    pages: int = 0
    right: int = 0
    errors_px: list[float] = field(default_factory=list)
    told_mm: list[float] = field(default_factory=list)
    worst: list[tuple[float, str]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    held: list[tuple[str, str]] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    def spent(self, stage: str, since: float) -> float:
        """Book the core seconds since ``since`` for ``stage``; returns the time now."""
        now = time.process_time()
        self.seconds[stage] = self.seconds.get(stage, 0.0) + now - since
        return now

    def figures(self) -> dict[str, object]:
        """What is printed at the end."""
        errors, told = np.array(self.errors_px), np.array(self.told_mm)
        mm = errors * PX_MM
        share = {
            "p50": float(np.percentile(errors, 50)) if len(errors) else None,
            "p99": float(np.percentile(errors, 99)) if len(errors) else None,
            "worst": float(errors.max()) if len(errors) else None,
        }
        return {
            "pages": self.pages,
            "right": self.right,
            "wrong": self.wrong,
            "held": len(self.held),
            "held_by": {
                code: sum(1 for c, _ in self.held if c == code) for code in sorted({c for c, _ in self.held})
            },
            "fields": len(errors),
            "error_px": share,
            "over_4_px": int((errors > 4).sum()),
            "over_4_px_told_below_0.2_mm": int(((errors > 4) & (told < 0.2)).sum()),
            "silent_over_1_mm": int(((mm > 1) & (told < 1)).sum()),
            "worst_pages": sorted(self.worst, reverse=True)[:5],
            "seconds_a_page": {k: round(v / max(self.pages, 1), 3) for k, v in self.seconds.items()},
        }


class OfficialLibrary:
    """Templates whose blanks are the official pages themselves, for as long as they are only rasters."""

    def __init__(self, data: Path) -> None:
        self._pages = {(page.form_id, page.number): page for page in our_pages(data)}
        ids = sorted({form for form, _ in self._pages})
        self.forms = tuple(self._form(form) for form in ids)

    def _form(self, form: str) -> FormTemplate:
        count = sum(1 for own, _ in self._pages if own == form)
        pages = tuple(PageTemplate(n, 595.56, 842.04) for n in range(1, count + 1))
        return FormTemplate(form, "0", form, form, form, "", "", pages, (), ())

    def pages(self) -> Iterator[tuple[FormTemplate, PageTemplate]]:
        """All pages."""
        return ((form, page) for form in self.forms for page in form.pages)

    def render(self, template: FormTemplate, number: int, dpi: float) -> Grey:
        """The official page."""
        full = _raster(self._pages[template.id, number])
        return full if dpi == FRAME_DPI else rescaled(full, dpi / FRAME_DPI)


@lru_cache(maxsize=120)
def _raster(page: OfficialPage) -> Grey:
    return render(page, FRAME_DPI)


@lru_cache(maxsize=12)
def printed(page: OfficialPage) -> Grey:
    """The page as a printer of ``PRINTER_DPI`` prints it, at ``FRAME_DPI``.

    Poppler sets glyphs on whole or quarter pixels, always towards the top left: at 300 dpi its words lie
    0.37 px left of and above their place (rules and boxes do not), at 900 dpi less than 0.01 mm.
    """
    fine = render(page, PRINTER_DPI)
    step = round(PRINTER_DPI / FRAME_DPI)
    height, width = (side // step for side in fine.shape)
    whole = fine[: height * step, : width * step]
    return np.asarray(cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA), dtype=np.uint8)


def written_on(blank: Grey, ink: RealInk, rng: np.random.Generator, places: Sequence[Area]) -> Grey:
    """The page with real lines of writing on some fields and a few anywhere, over print too."""
    page = blank.copy()
    scale = FRAME_DPI / POINTS_PER_INCH
    chosen = [area.centre for area in places if rng.random() < 0.5]
    height, width = page.shape
    chosen += [(rng.uniform(40, width / scale - 120), rng.uniform(30, height / scale - 30)) for _ in range(6)]
    for x, y in chosen:
        line = ink.line(int(rng.uniform(200, 900)), int(rng.uniform(40, 75)), rng)
        if line is None:
            continue
        alpha = line[0]
        left = int(np.clip(x * scale - alpha.shape[1] / 2, 0, max(0, width - alpha.shape[1])))
        top = int(np.clip(y * scale - alpha.shape[0] / 2, 0, max(0, height - alpha.shape[0])))
        spot = page[top : top + alpha.shape[0], left : left + alpha.shape[1]]
        part = alpha[: spot.shape[0], : spot.shape[1]].astype(np.float32) / 255
        spot[:] = (spot * (1 - part * 0.85)).astype(np.uint8)
    return page


def places_of(page: OfficialPage) -> list[Area]:
    """Boxes and fill-in lines of an official page, points."""
    told = json.loads(page.path.with_suffix("").with_suffix(".gt.json").read_text("utf-8"))
    boxes = told[page.number - 1]["boxes"] + told[page.number - 1]["lines"]
    return [Area(*box) for box in boxes if box[2] - box[0] > 1 and box[3] - box[1] > 1]


def as_page(image: Grey, dpi: float, name: str) -> Page:
    """A page as taken in."""
    return Page(Source(name, "0"), image, dpi)


def field_errors(
    aligned: AlignedPage, truth: Mapping, places: Sequence[Area]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Distance of each centre from its true place (pixels at 300 dpi), and the residual told near it (mm)."""
    points = np.array([area.centre for area in places])
    found = aligned.to_source_points(points * FRAME_DPI / POINTS_PER_INCH - 0.5)
    exact = truth.to_image(points)
    height, width = truth.shape
    seen = (exact > 0).all(axis=1) & (exact[:, 0] < width) & (exact[:, 1] < height)
    off = np.hypot(*(found - exact).T) / truth.scale_at(points)
    told = np.array([aligned.residual_near(area) for area in places])
    return off[seen], told[seen]


def one(page: Page, index: FormIndex, draw_blank: RenderPage, tally: Tally) -> AlignedPage | str:
    """Take a page to its frame, or tell why it is held; books the time."""
    at = time.process_time()
    cleaned: CleanPage = clean(page)
    at = tally.spent("clean", at)
    try:
        found = index.identify(cleaned)
    except UnknownFormError as error:
        return f"{error.code} {error.facts}"
    finally:
        at = tally.spent("identify", at)
    blank = draw_blank(found.template, found.number, FRAME_DPI)
    at = time.process_time()
    try:
        return align_page(cleaned, found, blank)
    except UnknownFormError as error:
        return f"{error.code} {error.facts}"
    finally:
        tally.spent("align", at)


def damaged(severity: Severity, rng: np.random.Generator, extreme: bool) -> Damage:
    """Damage of that severity; ``extreme`` adds what the goal names beyond the presets."""
    damage = draw(severity, rng)
    if not extreme:
        return damage
    return replace(
        damage,
        dpi=float(rng.choice([150, 200, 300, 400])),
        skew_deg=float(rng.uniform(-15, 15)) if rng.random() < 0.3 else damage.skew_deg,
        shift_mm=(float(rng.uniform(-15, 15)), float(rng.uniform(-15, 15)))
        if rng.random() < 0.3
        else damage.shift_mm,
        jpeg=30 if rng.random() < 0.3 else damage.jpeg,
        copies=1 if rng.random() < 0.25 else damage.copies,
    )


def own_pages(options: argparse.Namespace, data: Path, index: FormIndex, draw_blank: RenderPage) -> Tally:
    """Damaged pages of the three forms."""
    ink, pages, tally = RealInk(data, Split(options.split)), our_pages(data), Tally()
    for number in range(options.pages):
        rng = np.random.default_rng([options.seed, number])
        page = pages[number % len(pages)]
        severity = list(Severity)[int(rng.choice(3, p=[0.1, 0.4, 0.5]))]
        damage = damaged(severity, rng, bool(rng.random() < 0.4))
        places = places_of(page)
        canvas = written_on(printed(page), ink, rng, places)
        image, truth = scan(canvas, damage)
        if damage.jpeg:
            image = np.asarray(
                cv2.imdecode(np.frombuffer(encode_jpeg(image, damage.jpeg), np.uint8), 0), np.uint8
            )
        name = f"{page.form_id}:{page.number} #{number} {severity}"
        result = one(as_page(image, damage.dpi, name), index, draw_blank, tally)
        tally.pages += 1
        _book(tally, page, name, result, truth, places)
        if options.verbose:
            print(name, _brief(damage), result if isinstance(result, str) else _told(tally, result))  # noqa: T201
    return tally


def _brief(damage: Damage) -> str:
    return (
        f"{damage.dpi:.0f}dpi turn{damage.turn} skew{damage.skew_deg:.1f} copies{damage.copies} "
        f"blur{damage.blur_px:.1f} noise{damage.noise:.0f} jpeg{damage.jpeg} contrast{damage.contrast} "
        f"shift{damage.shift_mm[0]:.0f},{damage.shift_mm[1]:.0f} folds{len(damage.folds)} "
        f"corners{bool(damage.corners_mm)} margin{damage.margin_mm:.0f} stamps{len(damage.stamps)}"
    )


def _told(tally: Tally, result: AlignedPage) -> str:
    return (
        f"worst {tally.worst[-1][0]:.2f}px residual {result.residual_mm:.3f} worst {result.worst_mm:.2f} mm"
    )


def _book(
    tally: Tally,
    page: OfficialPage,
    name: str,
    result: AlignedPage | str,
    truth: Mapping,
    places: Sequence[Area],
) -> None:
    if isinstance(result, str):
        tally.held.append((result.split()[0], f"{name} {result}"))
        return
    if (result.template.id, result.number) != (page.form_id, page.number):
        tally.wrong.append(f"{name} taken for {result.template.id}:{result.number}")
        return
    tally.right += 1
    if not places:
        tally.worst.append((0.0, f"{name}: nothing to fill in"))
        return
    errors, told = field_errors(result, truth, places)
    tally.errors_px.extend(errors.tolist())
    tally.told_mm.extend(told.tolist())
    tally.worst.append((float(errors.max(initial=0)), name))


def foreign_pages(data: Path, index: FormIndex, draw_blank: RenderPage, rng: np.random.Generator) -> Tally:
    """The other official forms (as printed, and damaged) and the pages of ``funsd``; none may be taken."""
    tally = Tally()
    for page in other_pages(data):
        canvas = _raster(page)
        for damage in (Damage(), draw(Severity.OFFICE, rng)):
            image, _ = scan(canvas, damage)
            _foreign(tally, as_page(image, damage.dpi, page.name), index, draw_blank)
    for path in sorted((data / "funsd").glob("*.png")):
        with Image.open(path) as picture:
            grey = np.asarray(picture.convert("L"), dtype=np.uint8)
        _foreign(tally, as_page(grey, grey.shape[1] / 8.27, path.stem), index, draw_blank)
    return tally


def _foreign(tally: Tally, page: Page, index: FormIndex, draw_blank: RenderPage) -> None:
    result = one(page, index, draw_blank, tally)
    tally.pages += 1
    if isinstance(result, str):
        tally.held.append((result.split()[0], f"{page.source.name} {result}"))
    else:
        tally.wrong.append(f"{page.source.name} taken for {result.template.id}:{result.number}")


def library(data: Path, official: bool) -> tuple[Library, RenderPage]:
    """The shipped templates, or the official pages in their place."""
    if not official and any(forms_dir().glob("*/*/form.toml")):
        return TemplateLibrary.load(forms_dir()), lru_cache(maxsize=8)(render_page)
    stand_in = OfficialLibrary(data)
    return stand_in, stand_in.render


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line; prints one JSON document."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--split", default="tune", choices=["tune", "report"])
    parser.add_argument("--foreign", action="store_true")
    parser.add_argument("--official", action="store_true", help="official pages as blanks, not the templates")
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    data = shared_data()
    if data is None:
        parser.error("no development data")
    forms, draw_blank = library(data, options.official)
    index = FormIndex(forms, draw_blank)
    own = own_pages(options, data, index, draw_blank)
    document: dict[str, object] = {"own": own.figures(), "own_held": [text for _, text in own.held]}
    if options.foreign:
        tally = foreign_pages(data, index, draw_blank, np.random.default_rng(options.seed))
        document["foreign"] = tally.figures()
    print(json.dumps(document, indent=1, ensure_ascii=False))  # noqa: T201
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
