"""Glyphs to train on: real digits, pen strokes and fonts, worn the way comb cells wear them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from formscan.engines.glyphs import CHARACTERS, NOTHING, OTHER, SIDE, STRUCK, normalise
from formscan.learning.pen import draw
from formscan.model.page import Grey

Labels = npt.NDArray[np.int64]
"""int64, (n,), classes of ``formscan.engines.glyphs``."""

DPI: Final = 300.0
"""Resolution at which glyphs are worn."""
_PRINT_FONTS: Final = "Liberation"
_BLOCK_HANDS: Final = ("patrick-hand", "itim", "grandstander", "playpen-sans", "shantell-sans", "sriracha")
_HELD_OUT: Final = 0.2
_REAL: Final = 0.68
"""Share of digits that are people's."""
_PLAIN: Final = CHARACTERS.index("Ă")
"""Characters before this one are digits and plain capitals."""


@dataclass(frozen=True, slots=True, eq=False)
class Digits:
    """Handwritten digits: uint8 (n, 28, 28), 0 paper to 255 ink, and their values."""

    images: npt.NDArray[np.uint8]
    values: Labels


def held_out(index: int) -> bool:
    """Whether a digit of the data set is never trained on: a fifth, by the hash of its index."""
    digest = hashlib.sha256(str(index).encode()).digest()
    return int.from_bytes(digest[:4]) < _HELD_OUT * 2**32


def load_digits(data: Path, held: bool) -> Digits:
    """The held-out or the training part of ``digits/mnist.npz``.

    Raises:
        OSError: If the file is missing.
    """
    with np.load(data / "digits" / "mnist.npz") as stored:
        images, values = stored["x"], stored["y"]
    chosen = np.array([held_out(index) == held for index in range(len(values))])
    return Digits(images[chosen], values[chosen].astype(np.int64))


class GlyphSource:
    """Draws labelled glyphs without end.

    Args:
        digits: Real digits to use.
        fonts: Font files; those named Liberation count as print, the rest as hands.
        seed: Same seed, same glyphs.
    """

    def __init__(self, digits: Digits, fonts: list[Path], seed: int) -> None:
        self._digits = digits
        self._rng = np.random.default_rng(seed)
        self._print = [font for font in fonts if font.stem.startswith(_PRINT_FONTS)]
        self._block = [font for font in fonts if font.stem in _BLOCK_HANDS]
        self._hands = [font for font in fonts if font not in self._print]
        self._open: dict[tuple[Path, int], ImageFont.FreeTypeFont] = {}

    def batch(self, count: int) -> tuple[npt.NDArray[np.uint8], Labels]:
        """``count`` normalised glyphs (count, 32, 32) with their classes."""
        images = np.zeros((count, SIDE, SIDE), np.uint8)
        labels = np.zeros(count, np.int64)
        for index in range(count):
            images[index], labels[index] = self.one()
        return images, labels

    def one(self) -> tuple[Grey, int]:
        """One normalised glyph and its class."""
        if self._rng.random() < 0.06:
            return normalise(_specks(self._rng), DPI), NOTHING
        image, label = self.written()
        return normalise(_worn(image, self._rng), DPI), label

    def written(self) -> tuple[Grey, int]:
        """One bent but not yet worn character, or ink that is none, with its class."""
        draws = self._rng.random()
        if draws < 0.06:
            return _struck_out(self._bent_one(), self._rng), STRUCK
        if draws < 0.13:
            return self._no_character(), OTHER
        character = self._any()
        return _bent(self._written(character), self._rng), CHARACTERS.index(character)

    def _any(self) -> str:
        """A character: digits are half of all, plain capitals and toned ones a quarter each."""
        first, last = ((0, 10), (0, 10), (10, _PLAIN), (_PLAIN, len(CHARACTERS)))[int(self._rng.integers(4))]
        return CHARACTERS[int(self._rng.integers(first, last))]

    def _bent_one(self) -> Grey:
        return _bent(self._written(self._any()), self._rng)

    def _written(self, character: str) -> Grey:
        """The character in one of the hands, 30 to 62 pixels high (2.5 to 5.2 mm)."""
        height = int(self._rng.integers(28, 62))
        choice = self._rng.random()
        if character.isdigit() and choice < _REAL:
            return self._real(int(character), height)
        if choice < (0.84 if character.isdigit() else 0.55):
            return draw(character, height, self._rng)
        if choice < 0.9 and self._block:
            return self._typeset(character, height, self._block)
        if (choice < 0.94 or not self._print) and self._hands:
            return self._typeset(character, height, self._hands)
        return self._typeset(character, height, self._print)

    def _real(self, value: int, height: int) -> Grey:
        options = np.flatnonzero(self._digits.values == value)
        image = self._digits.images[int(self._rng.choice(options))]
        side = round(height * 1.4)
        large = cv2.resize(image, (side, side), interpolation=cv2.INTER_CUBIC)
        sharp = cv2.convertScaleAbs(cv2.subtract(large, np.full_like(large, 60)), alpha=1.9)
        return _thickened(np.asarray(sharp, dtype=np.uint8), self._rng)

    def _typeset(self, character: str, height: int, fonts: list[Path]) -> Grey:
        path = fonts[int(self._rng.integers(len(fonts)))]
        size = int(height * 1.35) // 4 * 4
        font = self._open.setdefault((path, size), ImageFont.truetype(str(path), size))
        box = font.getbbox(character)
        margin = height // 3
        width, tall = int(box[2] - box[0]) + 2 * margin, int(box[3] - box[1]) + 2 * margin
        page = Image.new("L", (max(width, 8), max(tall, 8)))
        ImageDraw.Draw(page).text((margin - box[0], margin - box[1]), character, fill=255, font=font)
        return _thickened(np.array(page, dtype=np.uint8), self._rng)

    def _no_character(self) -> Grey:
        """Two that touch, or a part of one."""
        image = self._bent_one()
        if self._rng.random() < 0.75:
            return _touching(image, self._bent_one())
        part = _part(image, self._rng)
        return _touching(image, self._bent_one()) if part is None else part


def _trimmed(image: Grey) -> Grey:
    rows, cols = np.flatnonzero((image > 60).any(axis=1)), np.flatnonzero((image > 60).any(axis=0))
    if not rows.size:
        return image
    return image[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1]


def _touching(first: Grey, second: Grey) -> Grey:
    """Two glyphs side by side that overlap by a pixel or two."""
    one, two = _trimmed(first), _trimmed(second)
    height = max(one.shape[0], two.shape[0])
    lap = 2
    out = np.zeros((height, one.shape[1] + two.shape[1] - lap), np.uint8)
    out[height - one.shape[0] :, : one.shape[1]] = one
    place = out[height - two.shape[0] :, one.shape[1] - lap :]
    np.maximum(place, two, out=place)
    return out


def _part(image: Grey, rng: np.random.Generator) -> Grey | None:
    """A third to a half of a glyph, cut straight: what a wrong cut leaves; None where that looks like a 1."""
    body = _trimmed(image)
    keep = max(4, int(body.shape[1] * rng.uniform(0.35, 0.55)))
    piece = _trimmed(body[:, :keep] if rng.random() < 0.5 else body[:, -keep:])
    return piece if piece.shape[1] > 0.35 * piece.shape[0] else None


def _struck_out(image: Grey, rng: np.random.Generator) -> Grey:
    """A glyph under a scribble, a hatch, a cross, one or more heavy lines, or blackened."""
    body = cv2.copyMakeBorder(_trimmed(image), 4, 4, 6, 6, cv2.BORDER_CONSTANT)
    height, width = body.shape
    pen, choice = int(rng.integers(2, 6)), rng.random()
    if choice < 0.45:
        turns = int(rng.integers(3, 9))
        x = np.linspace(2, width - 3, turns * 2) + rng.normal(0, 2, turns * 2)
        y = np.where(np.arange(turns * 2) % 2, height * 0.2, height * 0.8) + rng.normal(0, 4, turns * 2)
        lines = [np.stack([x, y], 1)]
    elif choice < 0.6:
        lines = [np.array([[0, 0], [width, height]]), np.array([[width, 0], [0, height]])]
        lines = [line + rng.normal(0, 3, (2, 2)) for line in lines]
    else:
        lines = []
        for _ in range(int(rng.integers(1 + (choice < 0.75), 7))):
            tilt, level = rng.normal(0, height * 0.15), rng.uniform(0.25, 0.75) * height
            lines.append(np.array([[0, level + tilt], [width - 1, level - tilt]]))
        pen = max(pen, 3) if len(lines) > 1 else max(3, pen)
    for line in lines:
        path = np.round(line).astype(np.int32)[:, None]
        cv2.polylines(body, [path], isClosed=False, color=255, thickness=pen)
    return np.asarray(body, dtype=np.uint8)


def _specks(rng: np.random.Generator) -> Grey:
    """Dust and the remnants of a printed border."""
    canvas = np.zeros((64, 64), np.uint8)
    for _ in range(int(rng.integers(1, 4))):
        x, y = (int(v) for v in rng.integers(4, 60, 2))
        cv2.circle(canvas, (x, y), int(rng.integers(1, 4)), color=255, thickness=-1)
    if rng.random() < 0.7:
        _border(canvas, rng)
        if rng.random() < 0.6:
            canvas[8:-8, 8:-8] = 0
    return _shaded(canvas, rng)


def _border(canvas: Grey, rng: np.random.Generator) -> None:
    """Bits of one or two sides of a box, drawn into ``canvas``."""
    height, width = canvas.shape
    for _ in range(int(rng.integers(1, 3))):
        side, thick = int(rng.integers(4)), int(rng.integers(1, 3))
        start, end = sorted(float(v) for v in rng.uniform(0, 1, 2))
        if side < 2:
            row = int(rng.integers(0, 3)) if side == 0 else height - 1 - int(rng.integers(0, 3))
            cv2.line(canvas, (int(start * width), row), (int(end * width), row), color=255, thickness=thick)
        else:
            col = int(rng.integers(0, 3)) if side == 2 else width - 1 - int(rng.integers(0, 3))
            cv2.line(canvas, (col, int(start * height)), (col, int(end * height)), color=255, thickness=thick)


def _thickened(image: Grey, rng: np.random.Generator) -> Grey:
    """The glyph with a thinner or thicker pen."""
    choice = int(rng.integers(-1, 4))
    if choice == 0:
        return image
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (abs(choice) + 1, abs(choice) + 1))
    change = cv2.erode(image, kernel) if choice < 0 else cv2.dilate(image, kernel)
    kept = int(change.sum()) > 0.5 * int(image.sum())
    return np.asarray(change if kept else image, dtype=np.uint8)


def _bent(image: Grey, rng: np.random.Generator) -> Grey:
    """Slanted, turned, stretched and slightly warped (Simard et al., ICDAR 2003)."""
    body = cv2.copyMakeBorder(image, 10, 10, 10, 10, cv2.BORDER_CONSTANT)
    height, width = body.shape
    angle, shear = np.deg2rad(rng.normal(0, 7)), rng.normal(0.03, 0.18)
    stretch = np.diag([rng.uniform(0.75, 1.2), rng.uniform(0.85, 1.1)])
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    linear = turn @ np.array([[1.0, -shear], [0.0, 1.0]]) @ stretch
    centre = np.array([width / 2, height / 2])
    matrix = np.hstack([linear, (centre - linear @ centre)[:, None]])
    body = cv2.warpAffine(body, matrix, (width, height), flags=cv2.INTER_LINEAR)
    if rng.random() < 0.7:
        field = rng.normal(0, rng.uniform(0.5, 2.8), (2, 4, 4)).astype(np.float32)
        dx, dy = (cv2.resize(part, (width, height), interpolation=cv2.INTER_CUBIC) for part in field)
        x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
        body = cv2.remap(body, x + dx, y + dy, cv2.INTER_LINEAR)
    return np.asarray(body, dtype=np.uint8)


def _worn(image: Grey, rng: np.random.Generator) -> Grey:
    """What subtraction of print leaves: clipped sides, gaps, border bits, a neighbour's stroke, shade."""
    body = _trimmed(image).copy()
    height, width = body.shape
    if height > 12 and width > 6 and rng.random() < 0.25:
        cut = int(rng.integers(1, max(2, round(0.12 * height))))
        body = (body[cut:], body[:-cut], body[:, min(cut, width // 4) :])[int(rng.integers(3))].copy()
    if rng.random() < 0.2:
        row, gap = int(rng.integers(0, body.shape[0])), int(rng.integers(1, 4))
        body[row : row + gap] = body[row : row + gap] // int(rng.integers(1, 5))
    if rng.random() < 0.2 and body.shape[0] > 20:
        _dotted(body, rng)
    pad = 4
    body = np.asarray(cv2.copyMakeBorder(body, pad, pad, pad, pad, cv2.BORDER_CONSTANT), dtype=np.uint8)
    if rng.random() < 0.12:
        _border(body, rng)
    if rng.random() < 0.08:
        x, y = int(rng.choice([1, body.shape[1] - 2])), int(rng.integers(0, body.shape[0]))
        tip = (x + int(rng.normal(0, 4)), y + int(rng.normal(0, 12)))
        cv2.line(body, (x, y), tip, color=255, thickness=int(rng.integers(2, 5)))
    return _shaded(body, rng)


def _dotted(body: Grey, rng: np.random.Generator) -> None:
    """Stands the glyph on a dotted line: dots are left over beside it or have eaten bits of it."""
    height, width = body.shape
    row = int(height * rng.uniform(0.75, 1.0))
    pitch, radius = rng.uniform(10, 15), int(rng.integers(2, 6))
    for x in np.arange(rng.uniform(0, pitch), width, pitch):
        if rng.random() < 0.7:
            value = 0 if rng.random() < 0.55 else int(rng.integers(120, 255))
            cv2.circle(body, (int(x), row), radius, color=value, thickness=-1)


def _shaded(image: Grey, rng: np.random.Generator) -> Grey:
    """Scanner blur, noise and a pen that is not quite black."""
    soft = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.4, 1.5))
    noise = rng.normal(0, rng.uniform(0, 14), image.shape)
    inked = soft.astype(np.float32) * rng.uniform(0.7, 1.0)
    return np.asarray(np.clip(inked + noise * (soft > 20), 0, 255), dtype=np.uint8)
