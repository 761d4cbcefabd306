"""Small crops made on the fly: printed boxes and dotted lines with drawn ink on them, for bench and tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from formscan.learning.pen import draw
from formscan.model.geometry import Area, Box
from formscan.model.page import Grey
from formscan.model.reading import Crop
from formscan.model.template import Cell, Choice, FieldKind, FieldSpec, ValueType
from formscan.paths import resources_dir

SERIF = resources_dir() / "fonts" / "LiberationSerif-Regular.ttf"
DPI = 300.0


def spec(
    kind: FieldKind, kind_of_value: ValueType, names: Sequence[str], multiple: bool = False
) -> FieldSpec:
    """A field of that kind with one cell a name."""
    cells = tuple(Cell(Area(0, 0, 14, 14), name) for name in names)
    choices = tuple(Choice(name, name, name) for name in names) if kind is FieldKind.CHOICE else ()
    return FieldSpec("f", 1, kind, kind_of_value, "", "", cells, choices=choices, multiple=multiple)


@dataclass
class Desk:
    """Draws crops; the same seed gives the same paper."""

    rng: np.random.Generator = field(default_factory=lambda: np.random.default_rng(7))

    def scan(self, image: Grey, shift: tuple[float, float] = (0.6, -0.5), noise: float = 4.0) -> Grey:
        """The picture moved by ``shift`` pixels, blurred and noisy."""
        matrix = np.array([[1.0, 0.0, shift[0]], [0.0, 1.0, shift[1]]])
        moved = cv2.warpAffine(image, matrix, image.shape[::-1], borderValue=(255,))
        soft = cv2.GaussianBlur(moved, (0, 0), 0.9).astype(np.float64)
        return np.clip(soft + self.rng.normal(0, noise, soft.shape), 0, 255).astype(np.uint8)

    def boxes(self, count: int, width: int = 60, gap: int = 0) -> tuple[Grey, tuple[Box, ...]]:
        """Blank printed boxes in a row, 60 pixels (5 mm) high, and their places."""
        margin, height = 30, 60
        blank = np.full((height + 2 * margin, count * (width + gap) + 2 * margin), 255, np.uint8)
        cells = []
        for index in range(count):
            left = margin + index * (width + gap)
            cells.append(Box(left, margin, left + width, margin + height))
            corners = (left, margin), (left + width, margin + height)
            cv2.rectangle(blank, *corners, color=(0,), thickness=2)
        return blank, tuple(cells)

    def write(self, image: Grey, cell: Box, text: str, height: int = 42) -> None:
        """Write characters with a drawn pen into a cell."""
        step = cell.width / max(1, len(text))
        for index, character in enumerate(text):
            glyph = draw(character, height, self.rng)
            x = round(cell.left + (index + 0.5) * step - glyph.shape[1] / 2)
            y = round(cell.centre[1] - glyph.shape[0] / 2)
            place = image[y : y + glyph.shape[0], x : x + glyph.shape[1]]
            np.minimum(place, 255 - glyph, out=place)

    def comb(self, texts: Sequence[str], kind: ValueType = ValueType.INTEGER, width: int = 60) -> Crop:
        """A comb with one text a cell."""
        blank, cells = self.boxes(len(texts), width)
        image = blank.copy()
        for cell, text in zip(cells, texts, strict=True):
            self.write(image, cell, text)
        return self.crop(spec(FieldKind.COMB, kind, [str(i) for i in range(len(texts))]), image, blank, cells)

    def crop(self, told: FieldSpec, image: Grey, blank: Grey, cells: tuple[Box, ...]) -> Crop:
        """A scanned crop of a picture and its blank."""
        return Crop(told, self.scan(image), blank, cells, DPI, Box(0, 0, 10, 10), 0.08)

    def line(
        self, text: str, kind: ValueType = ValueType.TEXT, width: int = 1000, *, dots: bool = True
    ) -> Crop:
        """A dotted line, or plain paper, with print standing on it."""
        page = Image.new("L", (width, 90), 255)
        leader = ImageFont.truetype(str(SERIF), 54)
        if dots:
            ImageDraw.Draw(page).text((0, 20), "." * (width // 14), fill=0, font=leader)
        blank = np.array(page, dtype=np.uint8)
        ImageDraw.Draw(page).text((40, 18), text, fill=20, font=ImageFont.truetype(str(SERIF), 48))
        told = spec(FieldKind.TEXT, kind, ["line1"])
        return self.crop(told, np.array(page, dtype=np.uint8), blank, (Box(0, 6, width, 84),))
