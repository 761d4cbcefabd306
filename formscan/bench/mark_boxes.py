"""Fields of tick boxes of the forms, filled with people's marks and scanned: truth known box by box."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from formscan.bench.damage import CANVAS_DPI, MM, Damage
from formscan.bench.desk import SERIF, spec
from formscan.bench.hand import RealInk, boxed_mark
from formscan.bench.jobs import digit_split
from formscan.bench.paper import Paper
from formscan.bench.presets import Severity, draw
from formscan.bench.scanner import encode_jpeg, scan
from formscan.bench.strokes import Alpha, mark
from formscan.bench.truth import Split, split_of
from formscan.model.geometry import POINTS_PER_INCH, Box
from formscan.model.page import Grey
from formscan.model.reading import Crop
from formscan.model.template import FieldKind, FieldSpec, ValueType
from formscan.paths import forms_dir
from formscan.pipeline.locate import crop_box
from formscan.templates import TemplateLibrary, render_page

EMPTY: Final = "empty"
MARKED: Final = "marked"
STRUCK: Final = "struck"

_AROUND: Final = 60
"""Pixels of the page kept around a field's crop."""
_SEVERITIES: Final = (Severity.CLEAN, *[Severity.OFFICE] * 3, Severity.HARD)
_SLIP: Final = {Severity.CLEAN: 0.2, Severity.OFFICE: 0.35, Severity.HARD: 0.8}
"""Sigma of what registration leaves, pixels at 300 dpi; ``bench line``: median 0.16, 99 % within 1.2."""
_CAPITALS: Final = "XV"
"""Capitals people write as a cross and as a tick."""


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """A field on its piece of blank page: uint8 paper at 300 dpi, the crop in it, the cells in the crop."""

    spec: FieldSpec
    paper: Grey
    crop: Box
    cells: tuple[Box, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Filled:
    """A scanned field.

    Attributes:
        truths: What was done to each box.
        kind: ``boxes`` or ``numbers`` (printed numbers to ring).
        marks: Names of the marks used, for counting how many different ones there were.
    """

    crop: Crop
    truths: tuple[str, ...]
    severity: str
    kind: str
    marks: tuple[str, ...]

    @property
    def answer(self) -> str:
        """Names of the marked boxes joined by ``;``."""
        pairs = zip(self.crop.field.cells, self.truths, strict=True)
        return ";".join(cell.name for cell, truth in pairs if truth == MARKED)

    @property
    def contradicts(self) -> bool:
        """Several marks where one is asked for."""
        single = self.crop.field.kind is FieldKind.CHOICE and not self.crop.field.multiple
        return single and self.truths.count(MARKED) > 1


Boxed = tuple[Alpha, tuple[float, float, float]]
"""A mark's ink, and (left, top, side) of the box it was made in."""


def real_marks(data: Path, split: Split) -> list[tuple[str, Boxed]]:
    """People's marks of one half that could be lifted off their paper, with the names of their files."""
    folder = data / "mark_crops" / "checkboxes" / "marked"
    mine = [path for path in sorted(folder.glob("*.jpg")) if split_of("marks", path.name) is split]
    found = [(path.name, boxed_mark(path)) for path in mine]
    return [(name, boxed) for name, boxed in found if boxed is not None]


class MarkDesk:
    """Fills fields without end; a number gives the same field again.

    Args:
        data: Development data: ``mark_crops``, ``letters_AZ``, ``digits``, ``vn_handwriting_lines``.
        split: Whose marks are used.
    """

    def __init__(self, data: Path, split: Split) -> None:
        self._split = split
        self._ink = RealInk(data, split, digit_split)
        self._places = tuple(_places())
        self._numbers = tuple(_numbers(np.random.default_rng(k)) for k in range(12))
        self.marks = real_marks(data, split)

    def field(self, number: int, kind: str = "boxes") -> Filled:
        """A filled and scanned field."""
        rng = np.random.default_rng([number, int(self._split is Split.REPORT), int(kind == "numbers")])
        place = self._place(rng, kind)
        canvas = Paper(place.paper)
        truths = _plan(place.spec, rng)
        used: list[str] = []
        style = _Style.drawn(rng)
        for cell, truth in zip(place.cells, truths, strict=True):
            box = cell.moved(place.crop.left, place.crop.top)
            if truth != EMPTY:
                used.append(self._mark(canvas, box, style, kind, rng))
            if truth == STRUCK:
                _cancel(canvas, box, style, rng)
        if rng.random() < 0.15:
            self._stray(canvas, place, rng)
        severity = _SEVERITIES[int(rng.integers(len(_SEVERITIES)))]
        crop = self._scanned(np.asarray(canvas.pixels()), place, severity, rng)
        return Filled(crop, truths, severity.value, kind, tuple(used))

    def _place(self, rng: np.random.Generator, kind: str) -> Place:
        if kind == "numbers":
            return self._numbers[int(rng.integers(len(self._numbers)))]
        single = rng.random() < 0.35
        fitting = [place for place in self._places if (len(place.cells) == 1) == single]
        return fitting[int(rng.integers(len(fitting)))]

    def _mark(self, canvas: Paper, box: Box, style: _Style, kind: str, rng: np.random.Generator) -> str:
        if kind == "numbers":
            height = round(box.height * rng.uniform(1.0, 1.35))
            ring = style.pen(self._ink.digit("0", height, rng))
            wide = max(ring.shape[1], round(box.width * rng.uniform(0.9, 1.3)))
            ring = np.asarray(cv2.resize(ring, (wide, height), interpolation=cv2.INTER_LINEAR), np.uint8)
            _centred(canvas, ring, box, style.dark, rng, 2.0)
            return "ring"
        letter = style.letter
        if letter:
            alpha = self._ink.capital(letter, round(box.height * rng.uniform(0.7, 1.25)), rng)
            if alpha is not None:
                _centred(canvas, style.pen(alpha), box, style.dark, rng, 4.0)
                return letter
        name, (ink, (left, top, side)) = self.marks[int(rng.integers(len(self.marks)))]
        scale = box.width / side * rng.uniform(0.95, 1.05), box.height / side * rng.uniform(0.95, 1.05)
        size = max(1, round(ink.shape[1] * scale[0])), max(1, round(ink.shape[0] * scale[1]))
        alpha = style.pen(np.asarray(cv2.resize(ink, size, interpolation=cv2.INTER_CUBIC), dtype=np.uint8))
        dx, dy = (round(v) for v in rng.normal(0, 1.5, 2))
        canvas.put(
            alpha, box.left - round(left * scale[0]) + dx, box.top - round(top * scale[1]) + dy, style.dark
        )
        return name

    def _stray(self, canvas: Paper, place: Place, rng: np.random.Generator) -> None:
        """A line of writing that belongs to something else and comes close to, or grazes, the boxes."""
        found = self._ink.line(round(place.paper.shape[1] * 1.2), int(rng.integers(36, 60)), rng)
        if found is None:
            return
        alpha = found[0]
        top = min(cell.top for cell in place.cells) + place.crop.top
        bottom = max(cell.bottom for cell in place.cells) + place.crop.top
        graze = rng.uniform(-12, 6)
        y = round(top - alpha.shape[0] + graze if rng.random() < 0.5 else bottom - graze)
        x = round(rng.uniform(-0.3, 0.6) * alpha.shape[1])
        canvas.put(alpha, x, y, float(rng.uniform(0.6, 1.0)))

    def _scanned(self, paper: Grey, place: Place, severity: Severity, rng: np.random.Generator) -> Crop:
        damage = _local(draw(severity, rng), paper.shape, rng)
        back = self._back(paper.shape, rng) if damage.bleed else None
        seen, mapping = scan(paper, damage, back)
        grey = np.asarray(seen, dtype=np.uint8)
        if damage.jpeg:
            packed = np.frombuffer(encode_jpeg(grey, damage.jpeg), np.uint8)
            grey = np.asarray(cv2.imdecode(packed, cv2.IMREAD_GRAYSCALE), dtype=np.uint8)
        corners = np.array([[0, 0], [paper.shape[1] - 1, 0], [0, paper.shape[0] - 1]], np.float64)
        found = mapping.to_image((corners + 0.5) * (POINTS_PER_INCH / CANVAS_DPI))
        found = found + rng.normal(0, _SLIP[severity], 2) * (damage.dpi / CANVAS_DPI)
        onto = cv2.getAffineTransform(corners.astype(np.float32), found.astype(np.float32))
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        frame = cv2.warpAffine(grey, onto, paper.shape[::-1], flags=flags, borderMode=cv2.BORDER_REPLICATE)
        white = max(60.0, float(np.percentile(frame, 80)))
        level = np.asarray(cv2.convertScaleAbs(frame, alpha=255.0 / white), dtype=np.uint8)
        part = (slice(place.crop.top, place.crop.bottom), slice(place.crop.left, place.crop.right))
        return Crop(
            place.spec,
            level[part].copy(),
            place.paper[part].copy(),
            place.cells,
            CANVAS_DPI,
            place.crop,
            0.08,
        )

    def _back(self, shape: tuple[int, ...], rng: np.random.Generator) -> Grey:
        """The other side: print with marks and writing on it."""
        back = np.full(shape, 255, np.uint8)
        place = self._places[int(rng.integers(len(self._places)))]
        canvas = Paper(place.paper)
        for cell in place.cells:
            self._mark(canvas, cell.moved(place.crop.left, place.crop.top), _Style.drawn(rng), "boxes", rng)
        print_ = np.asarray(canvas.pixels())
        height, width = min(shape[0], print_.shape[0]), min(shape[1], print_.shape[1])
        left = int(rng.integers(0, shape[1] - width + 1))
        back[:height, left : left + width] = print_[:height, :width]
        return back


@dataclass(frozen=True, slots=True)
class _Style:
    """How one person marks: strength of ink, pixels added to the pen, a capital instead of a mark."""

    dark: float
    thick: int
    letter: str

    @classmethod
    def drawn(cls, rng: np.random.Generator) -> _Style:
        faint = rng.random() < 0.06
        dark = rng.uniform(0.4, 0.55) if faint else rng.uniform(0.65, 1.0)
        thick = int(rng.choice([0, 0, 0, 1, 2, 4, 6], p=[0.2, 0.2, 0.2, 0.15, 0.12, 0.08, 0.05]))
        letter = _CAPITALS[int(rng.random() < 0.25)] if rng.random() < 0.3 else ""
        return cls(float(dark), thick, letter)

    def pen(self, alpha: Alpha) -> Alpha:
        """The mark with a broader pen."""
        if not self.thick:
            return alpha
        pad = self.thick
        room = cv2.copyMakeBorder(alpha, pad, pad, pad, pad, cv2.BORDER_CONSTANT)
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (self.thick + 1, self.thick + 1))
        return np.asarray(cv2.dilate(room, kernel), dtype=np.uint8)[pad:-pad, pad:-pad]


def _plan(told: FieldSpec, rng: np.random.Generator) -> tuple[str, ...]:
    """What is done to each box of a field."""
    count, draws = len(told.cells), rng.random()
    order = [int(k) for k in rng.permutation(count)]
    out = [EMPTY] * count
    if told.kind is FieldKind.MARK:
        out[0] = EMPTY if draws < 0.5 else MARKED if draws < 0.92 else STRUCK
    elif draws < 0.15:
        pass
    elif draws < 0.80:
        several = int(rng.integers(1, min(3, count) + 1)) if told.multiple else 1
        for k in order[:several]:
            out[k] = MARKED
    elif draws < 0.86:
        for k in order[:2]:
            out[k] = MARKED
    elif draws < 0.96:
        out[order[0]], out[order[1]] = STRUCK, MARKED
    else:
        out[order[0]] = STRUCK
    return tuple(out)


def _cancel(canvas: Paper, box: Box, style: _Style, rng: np.random.Generator) -> None:
    """Blacken or scribble over a marked box, beyond its sides."""
    grow = rng.uniform(1.15, 1.6)
    width, height = round(box.width * grow), round(box.height * grow)
    turns = 1 if rng.random() < 0.4 else 2
    for _ in range(turns):
        shape = "fill" if turns == 1 or rng.random() < 0.5 else "scribble"
        alpha, (dx, dy) = mark(shape, width, height, rng)
        x, y = box.left - (width - box.width) // 2 + dx, box.top - (height - box.height) // 2 + dy
        canvas.put(style.pen(alpha), x, y, style.dark)


def _centred(
    canvas: Paper, alpha: Alpha, box: Box, dark: float, rng: np.random.Generator, spread: float
) -> None:
    x = box.centre[0] - alpha.shape[1] / 2 + rng.normal(0, spread)
    y = box.centre[1] - alpha.shape[0] / 2 + rng.normal(0, spread)
    canvas.put(alpha, round(x), round(y), dark)


def _local(damage: Damage, shape: tuple[int, ...], rng: np.random.Generator) -> Damage:
    """Of a page's damage what can be seen on a piece of it; a stamp here and there."""
    stamps: tuple[tuple[float, float, float, float], ...] = ()
    if rng.random() < 0.05:
        x, y = rng.uniform(0, shape[1] / MM), rng.uniform(-8, shape[0] / MM + 8)
        stamps = ((float(x), float(y), float(rng.uniform(13, 18)), float(rng.uniform(0.35, 0.8))),)
    return replace(
        damage,
        turn=0,
        scale=(1.0, 1.0),
        shift_mm=(0.0, 0.0),
        corners_mm=(),
        waves=(),
        folds=(),
        margin_mm=2.0,
        lid=255,
        holes=0,
        stamps=stamps,
    )


def _places() -> Iterator[Place]:
    """Every tick-box field of the forms."""
    for template, page in TemplateLibrary.load(forms_dir()).pages():
        fields = [
            field
            for field in template.fields_of(page.number)
            if field.kind in {FieldKind.MARK, FieldKind.CHOICE}
        ]
        if not fields:
            continue
        blank = render_page(template, page.number, CANVAS_DPI)
        height, width = blank.shape
        for field in fields:
            crop = crop_box(field, (width, height), CANVAS_DPI)
            around = crop.grown(_AROUND).clipped(width, height)
            cells = tuple(cell.area.at_dpi(CANVAS_DPI).moved(-crop.left, -crop.top) for cell in field.cells)
            paper = blank[around.top : around.bottom, around.left : around.right].copy()
            yield Place(field, paper, crop.moved(-around.left, -around.top), cells)


def _numbers(rng: np.random.Generator) -> Place:
    """Printed numbers 1, 2, 3 ... of which one is ringed."""
    count, side = int(rng.integers(3, 7)), 54
    pitch = int(rng.integers(90, 170))
    crop = Box(_AROUND, _AROUND, _AROUND + pitch * count + 40, _AROUND + side + 60)
    page = Image.new("L", (crop.right + _AROUND, crop.bottom + _AROUND), 255)
    font = ImageFont.truetype(str(SERIF), int(rng.integers(42, 54)))
    cells = []
    for index in range(count):
        cell = Box(30 + index * pitch, 30, 30 + index * pitch + side, 30 + side)
        middle = cell.centre[0] + crop.left, cell.centre[1] + crop.top
        ImageDraw.Draw(page).text(middle, str(index + 1), fill=0, font=font, anchor="mm")
        cells.append(cell)
    told = spec(FieldKind.CHOICE, ValueType.CHOICE, [str(k + 1) for k in range(count)])
    return Place(told, np.array(page, dtype=np.uint8), crop, tuple(cells))
