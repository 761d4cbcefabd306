"""An archive as a records room has it, made fast: thousands of sides of paper that are all different.

Composing a filled form costs a second. So each page of a form is filled a few times, and every page of the
archive is put together anew: field by field from one of these fillings (what says whose it is always from
one of them, the same for all pages of a patient), with a number of its own stamped on it as archives do, and
scanned cheaply: skew, shift, noise, JPEG. No two pages have the same ink, so none is taken for another.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from PIL import Image

from formscan.bench.compose import Composer, Order, Style
from formscan.bench.damage import CANVAS_DPI
from formscan.bench.files_plan import Kind, Side, plan_file
from formscan.bench.presets import Severity
from formscan.bench.truth import Split
from formscan.model.geometry import MM_PER_INCH, POINTS_PER_INCH
from formscan.model.page import Grey
from formscan.paths import forms_dir
from formscan.pipeline.same_patient import NAME, NUMBERS
from formscan.templates import TemplateLibrary, render_page
from formscan.templates.separator import draw_separator

DPI: Final = 200.0
A4_MM: Final = (210.0, 297.0)
FILLINGS: Final = 4
BUNDLE: Final = 100
"""Sides in one folder or PDF."""
PDF_EVERY: Final = 4
"""Every such bundle is one PDF, the others are folders of JPEG files."""
COPIES: Final = 0.01
"""Share of sides that come a second time as the same file."""
RESCANS: Final = 0.01
"""Share of sides that were fed twice: another scan of the same paper."""
STYLES: Final = (Style.HAND, Style.MIXED, Style.FONT, Style.PRINT)
RIM_PT: Final = 3.0


@dataclass(frozen=True, slots=True)
class Bundle:
    """A part of the archive.

    Attributes:
        path: A folder of pictures or a PDF.
        sides: Sides by kind, ``copy`` and ``rescan`` counted apart.
    """

    path: Path
    pages: int
    sides: dict[str, int]


class Archive:
    """Writes bundles; one that is there is not made again.

    Args:
        data: Development data.
        room: Folder that gets them.
        dpi: Of the scans.
    """

    def __init__(self, data: Path, room: Path, dpi: float = DPI) -> None:
        self._data = data
        self._room = room
        self._dpi = dpi
        self._library = TemplateLibrary.load(forms_dir())
        self._filled: dict[tuple[str, int], list[Grey]] = {}

    def bundle(self, number: int, pages: int = BUNDLE) -> Bundle:
        """Bundle ``number`` with about so many sides (second comings are on top)."""
        name = f"bundle-{number:04d}-{pages}"
        folder, noted = self._room / "stack" / name, self._room / "notes" / f"{name}.txt"
        path = folder.with_suffix(".pdf") if number % PDF_EVERY == PDF_EVERY - 1 else folder
        if not noted.is_file():
            folder.mkdir(parents=True, exist_ok=True)
            counts = self._write(number, pages, folder)
            if path != folder:
                files = sorted(folder.glob("*.jpg"))
                write_pdf(files, path, self._dpi)
                for each in files:
                    each.unlink()
                folder.rmdir()
            noted.parent.mkdir(parents=True, exist_ok=True)
            noted.write_text("\n".join(f"{kind} {n}" for kind, n in counts.items()) + "\n", "utf-8")
        rows = [line.split() for line in noted.read_text("utf-8").splitlines()]
        sides = {kind: int(n) for kind, n in rows}
        return Bundle(path, sum(sides.values()), sides)

    def _write(self, number: int, pages: int, folder: Path) -> dict[str, int]:
        rng = np.random.default_rng([number, 91])
        counts: dict[str, int] = {}
        at = 0
        for side in plan_file(number, pages, max(pages // 5, 1)):
            paper = self._paper(side, rng, f"{number:04d}-{at:04d}")
            writings = [(side.kind.value, self._scanned(paper, rng))]
            if rng.random() < RESCANS:
                writings.append(("rescan", self._scanned(paper, rng)))
            if rng.random() < COPIES:
                writings.append(("copy", writings[0][1]))
            quality = int(rng.integers(70, 90))
            for kind, pixels in writings:
                Image.fromarray(pixels).save(
                    folder / f"{at:05d}.jpg", quality=quality, dpi=(self._dpi, self._dpi)
                )
                counts[kind] = counts.get(kind, 0) + 1
                at += 1
        return counts

    def _paper(self, side: Side, rng: np.random.Generator, name: str) -> Grey:
        """The sheet before it is scanned, at the archive's resolution."""
        if side.kind is Kind.BLANK:
            return np.full(self._shape, 252, np.uint8)
        if side.kind is Kind.SEPARATOR:
            return self._fitted(draw_separator("T", CANVAS_DPI))
        paper = self._foreign(rng) if side.kind is Kind.UNKNOWN else self._form(side, rng)
        place = (round(paper.shape[1] * 0.72), round(paper.shape[0] * 0.985))
        cv2.putText(paper, name, place, cv2.FONT_HERSHEY_SIMPLEX, self._dpi / 260, 60, 2, cv2.LINE_AA)
        return paper

    def _form(self, side: Side, rng: np.random.Generator) -> Grey:
        template = self._library.get(side.form)
        fillings = self._fillings(side.form, side.number)
        whose = side.patient % FILLINGS
        paper = fillings[whose].copy()
        for spec in template.fields_of(side.number):
            one = whose if spec.id == NAME or spec.id in NUMBERS else int(rng.integers(FILLINGS))
            box = spec.area.grown(RIM_PT).at_dpi(self._dpi).clipped(paper.shape[1], paper.shape[0])
            window = np.s_[box.top : box.bottom, box.left : box.right]
            paper[window] = fillings[one][window]
        return paper

    def _fillings(self, form: str, number: int) -> list[Grey]:
        key = (form, number)
        if key not in self._filled:
            template = self._library.get(form)
            blank = render_page(template, number, CANVAS_DPI)
            made = []
            for k in range(FILLINGS):
                seed = 2 * (number * 10 + k) + 1
                order = Order(number, 2 * k + 1, seed, Severity.CLEAN, STYLES[k % len(STYLES)])
                filled, _ = self._composer.fill(template, blank, order)
                made.append(self._fitted(np.asarray(filled)))
            self._filled[key] = made
        return self._filled[key]

    @cached_property
    def _composer(self) -> Composer:
        return Composer(self._data, Split.REPORT)

    @cached_property
    def _strangers(self) -> Sequence[Path]:
        return sorted((self._data / "funsd").glob("*.png"))

    def _foreign(self, rng: np.random.Generator) -> Grey:
        """A scanned form of somebody else, as large as the paper."""
        path = self._strangers[int(rng.integers(len(self._strangers)))]
        with Image.open(path) as image:
            return self._fitted(np.asarray(image.convert("L")))

    @property
    def _shape(self) -> tuple[int, int]:
        across, down = (round(mm / MM_PER_INCH * self._dpi) for mm in A4_MM)
        return down, across

    def _fitted(self, paper: Grey) -> Grey:
        """Scaled to the archive's resolution; paper of others to the size of the sheet."""
        scale = self._dpi / CANVAS_DPI
        if paper.shape[0] < self._shape[0]:  # not one of ours
            size = self._shape[::-1]
        else:
            size = (round(paper.shape[1] * scale), round(paper.shape[0] * scale))
        shrinks = size[0] < paper.shape[1]
        way = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
        return np.asarray(cv2.resize(paper, size, interpolation=way), dtype=np.uint8)

    @cached_property
    def _grain(self) -> Any:
        """Sensor noise, made once and shifted about."""
        rng = np.random.default_rng(5)
        height, width = self._shape
        return np.rint(rng.normal(0.0, 2.5, (height + 600, width + 600))).astype(np.int16)

    def _scanned(self, paper: Grey, rng: np.random.Generator) -> Grey:
        height, width = paper.shape
        turn = float(np.clip(rng.normal(0.0, 0.7), -2.5, 2.5))
        turned = cv2.getRotationMatrix2D((width / 2, height / 2), turn, float(rng.uniform(0.995, 1.005)))
        shift = rng.uniform(-1.5, 1.5, 2) / MM_PER_INCH * self._dpi
        matrix = np.asarray(turned) + np.column_stack([np.zeros((2, 2)), shift])
        seen = cv2.warpAffine(
            paper, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT,
            borderValue=float(rng.integers(240, 254)),
        )  # fmt: skip
        low, high = float(rng.uniform(0, 35)), float(rng.uniform(238, 254))
        down, across = (int(n) for n in rng.integers(0, 500, 2))
        tones = np.asarray(seen, dtype=np.float32) * ((high - low) / 255) + low
        grain = self._grain[down : down + height, across : across + width]
        out = np.asarray(np.clip(tones + grain, 0, 255), dtype=np.uint8)
        return np.ascontiguousarray(out[::-1, ::-1]) if rng.random() < 0.04 else out


def bundles(archive: Archive, pages: int, size: int = BUNDLE) -> Iterator[Bundle]:
    """Bundles until there are at least so many pages."""
    for number in range(math.ceil(pages / size)):
        yield archive.bundle(number, min(size, pages))


def write_pdf(pictures: Sequence[Path], path: Path, dpi: float) -> None:
    """A scanner's PDF: each page one JPEG, byte for byte."""
    import pikepdf

    with pikepdf.new() as pdf:
        for picture in pictures:
            with Image.open(picture) as image:
                width, height = image.size
            data = pikepdf.Stream(pdf, picture.read_bytes())
            data.stream_dict = pikepdf.Dictionary(
                Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=width, Height=height,
                ColorSpace=pikepdf.Name.DeviceGray, BitsPerComponent=8, Filter=pikepdf.Name.DCTDecode,
            )  # fmt: skip
            across, down = (n / dpi * POINTS_PER_INCH for n in (width, height))
            drawn = f"q {across:.4f} 0 0 {down:.4f} 0 0 cm /Im0 Do Q".encode()
            page = pikepdf.Dictionary(
                Type=pikepdf.Name.Page, MediaBox=[0, 0, across, down], Contents=pikepdf.Stream(pdf, drawn),
                Resources=pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im0=pdf.make_indirect(data))),
            )  # fmt: skip
            pdf.pages.append(pikepdf.Page(pdf.make_indirect(page)))
        pdf.save(path)
