"""Lines written in fonts: printed ones evenly, handwriting-like ones unevenly, as a hand would."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from formscan.learning.glyphs import Digits
from formscan.learning.hand_strokes import Writers
from formscan.model.page import Grey

_JOINED: Final = (
    "script",
    "dancing",
    "montecarlo",
    "allison",
    "corinthia",
    "ephesis",
    "estonia",
    "explora",
    "gwendolyn",
    "hurricane",
    "inspiration",
    "kolker",
    "meow",
    "whisper",
    "carattere",
    "birthstone",
    "love",
    "qwitcher",
    "updock",
    "moon",
    "licorice",
    "pacifico",
    "smooch",
    "grechen",
    "puppies",
    "nautigal",
    "vujahday",
)
"""Fonts whose letters join; these are not shaken letter by letter."""
_MARGIN: Final = 24
_REAL_DIGITS: Final = 0.6
_PENNED: Final = 0.75
"""Share of written lines drawn as paths of a pen, where fonts for them are given."""
_SMALL: Final = 0.42
"""Height of a small letter in font sizes."""
_CACHE: Final = 400


@dataclass(frozen=True, slots=True)
class Scrawl:
    """How unevenly one line is written, in units of the font size.

    Attributes:
        slant: Shear, positive leans right.
        lean: Spread of the slant from word to word.
        wander: Spread of the baseline from word to word and letter to letter.
        size: Spread of sizes from word to word.
        gap: Mean blank between words.
        tight: Blank added between letters, may be negative.
        warp: Amplitude of the smooth warp.
    """

    slant: float
    lean: float
    wander: float
    size: float
    gap: float
    tight: float
    warp: float

    @classmethod
    def drawn(cls, rng: np.random.Generator) -> Scrawl:
        """A hand by chance."""
        return cls(
            slant=float(rng.normal(0.12, 0.17)),
            lean=float(rng.uniform(0, 0.06)),
            wander=float(rng.uniform(0.0, 0.06)),
            size=float(rng.uniform(0, 0.1)),
            gap=float(rng.uniform(0.14, 0.75)),
            tight=float(rng.normal(0, 0.025)),
            warp=float(rng.uniform(0, 0.05)),
        )


class Pens:
    """Fonts by what they stand for.

    Args:
        printed: Font files of print.
        hands: Font files that look like handwriting.
        digits: Digits people wrote; numbers are put together of them at times.
        writers: Write with a pen, where there are some.
    """

    def __init__(
        self,
        printed: Sequence[Path],
        hands: Sequence[Path],
        digits: Digits | None = None,
        writers: Writers | None = None,
    ) -> None:
        self.printed, self.hands = tuple(printed), tuple(hands)
        self._digits = digits
        self._writers = writers
        self._open: dict[tuple[Path, int], ImageFont.FreeTypeFont] = {}

    def printed_line(self, text: str, size: int, rng: np.random.Generator) -> Grey:
        """A line as a printer or typewriter sets it; uint8, 0 paper to 255 ink."""
        font = self._font(self.printed[int(rng.integers(len(self.printed)))], size)
        draw = rng.random()
        gap = 0.0 if draw < 0.75 else float(rng.uniform(0.2, 0.14 * size))
        image = self._spaced(text, font, gap) if gap else self._whole(text, font)
        if rng.random() < 0.3:
            wide = max(8, round(image.shape[1] * rng.uniform(0.8, 1.15)))
            image = np.asarray(
                cv2.resize(image, (wide, image.shape[0]), interpolation=cv2.INTER_AREA), dtype=np.uint8
            )
        return image

    def written_line(self, text: str, size: int, rng: np.random.Generator) -> Grey:
        """A line of a pen or of a handwriting-like font, every word and letter a little different."""
        if self._writers is not None and rng.random() < _PENNED:
            line = self._writers.line(text, size * _SMALL, rng)
            if line is not None:
                return _weighed(line, size, rng)
        path = self.hands[int(rng.integers(len(self.hands)))]
        hand = Scrawl.drawn(rng)
        if self._digits is not None and _numeric(text) and rng.random() < _REAL_DIGITS:
            return self._numbered(text, path, size, hand, rng)
        loose = rng.random() < 0.6 and not any(name in path.stem for name in _JOINED)
        words = [self._word(word, path, size, hand, rng, loose=loose) for word in text.split(" ")]
        line = _beside(words, size, hand, rng)
        return _pressed(_warped(line, hand.warp * size, rng), size, rng)

    def _numbered(self, text: str, path: Path, size: int, hand: Scrawl, rng: np.random.Generator) -> Grey:
        """A number of people's digits with signs of a font, on one line."""
        parts = [self._sign(character, path, size, rng) for character in text if character != " "]
        lean = hand.slant * 0.5
        close = Scrawl(0.0, 0.0, hand.wander * 0.7, 0.0, max(0.03, hand.gap * 0.22), 0.0, hand.warp)
        line = _beside([_sheared(part, lean) for part in parts], size, close, rng)
        return _pressed(_warped(line, hand.warp * size, rng), size, rng)

    def _sign(self, character: str, path: Path, size: int, rng: np.random.Generator) -> Grey:
        """One digit as somebody wrote it, or a sign of a font, on the same level."""
        digits = self._digits
        if digits is None or not character.isdecimal():
            return self._whole(character, self._font(path, size))
        options = np.flatnonzero(digits.values == int(character))
        image = digits.images[int(rng.choice(options))]
        side = round(size * rng.uniform(0.85, 1.1))
        large = cv2.resize(image, (side, side), interpolation=cv2.INTER_CUBIC)
        sharp = cv2.convertScaleAbs(cv2.subtract(large, np.full_like(large, 60)), alpha=1.9)
        below = max(0, round(size * 0.45))
        return np.asarray(
            cv2.copyMakeBorder(sharp, _MARGIN, below, 4, 4, cv2.BORDER_CONSTANT), dtype=np.uint8
        )

    def _word(
        self, word: str, path: Path, size: int, hand: Scrawl, rng: np.random.Generator, *, loose: bool
    ) -> Grey:
        scaled = max(12, round(size * (1 + rng.normal(0, hand.size))) // 2 * 2)
        font = self._font(path, scaled)
        image = self._shaken(word, font, hand, rng) if loose else self._whole(word, font)
        return _sheared(image, hand.slant + rng.normal(0, hand.lean))

    def _shaken(
        self, word: str, font: ImageFont.FreeTypeFont, hand: Scrawl, rng: np.random.Generator
    ) -> Grey:
        """Letter by letter with its own level and gap."""
        ascent, descent = font.getmetrics()
        size = font.size
        wide = [font.getlength(letter) for letter in word]
        page = Image.new(
            "L", (int(sum(wide) * 1.3) + len(word) * 4 + 2 * _MARGIN, ascent + descent + 2 * _MARGIN)
        )
        draw, x = ImageDraw.Draw(page), float(_MARGIN)
        for letter, width in zip(word, wide, strict=True):
            y = _MARGIN + rng.normal(0, hand.wander * 0.6 * size)
            draw.text((x, y), letter, fill=255, font=font)
            x += max(2.0, width + hand.tight * size + rng.normal(0, 0.015 * size))
        return np.array(page, dtype=np.uint8)[:, : int(x) + _MARGIN]

    def _whole(self, text: str, font: ImageFont.FreeTypeFont) -> Grey:
        ascent, descent = font.getmetrics()
        page = Image.new("L", (int(font.getlength(text)) + 2 * _MARGIN, ascent + descent + 2 * _MARGIN))
        ImageDraw.Draw(page).text((_MARGIN, _MARGIN), text, fill=255, font=font)
        return np.array(page, dtype=np.uint8)

    def _spaced(self, text: str, font: ImageFont.FreeTypeFont, gap: float) -> Grey:
        ascent, descent = font.getmetrics()
        wide = sum(font.getlength(letter) + gap for letter in text)
        page = Image.new("L", (int(wide) + 2 * _MARGIN, ascent + descent + 2 * _MARGIN))
        draw, x = ImageDraw.Draw(page), float(_MARGIN)
        for letter in text:
            draw.text((x, _MARGIN), letter, fill=255, font=font)
            x += font.getlength(letter) + gap
        return np.array(page, dtype=np.uint8)

    def _font(self, path: Path, size: int) -> ImageFont.FreeTypeFont:
        key = (path, size)
        if key not in self._open:
            if len(self._open) > _CACHE:
                self._open.clear()
            self._open[key] = ImageFont.truetype(str(path), size, layout_engine=ImageFont.Layout.BASIC)
        return self._open[key]


def _numeric(text: str) -> bool:
    """Whether a text is digits and the signs between them."""
    return any(c.isdecimal() for c in text) and all(c.isdecimal() or c in "/:,.- " for c in text)


def _sheared(image: Grey, slant: float) -> Grey:
    height, width = image.shape
    extra = round(abs(slant) * height)
    base = 0.7 * height
    move = np.array([[1.0, -slant, slant * base + extra / 2], [0.0, 1.0, 0.0]])
    return np.asarray(
        cv2.warpAffine(image, move, (width + extra, height), flags=cv2.INTER_LINEAR), dtype=np.uint8
    )


def _beside(words: Sequence[Grey], size: int, hand: Scrawl, rng: np.random.Generator) -> Grey:
    """Words on one line, each at its own level; blank margins of the pictures are not gaps."""
    tights = [_columns(word) for word in words]
    high = max(word.shape[0] for word in words) + size
    gaps = np.maximum(0.1 * size, rng.normal(hand.gap * size, 0.12 * size, len(words)))
    wide = int(sum(tight.shape[1] for tight in tights) + gaps.sum()) + 2 * _MARGIN + size
    out = np.zeros((high, wide), np.uint8)
    x, tilt = float(_MARGIN), rng.normal(0, 0.006)
    for tight, gap in zip(tights, gaps, strict=True):
        top = size / 2 + rng.normal(0, hand.wander * size) + tilt * x
        top = int(np.clip(top, 0, high - tight.shape[0]))
        place = out[top : top + tight.shape[0], int(x) : int(x) + tight.shape[1]]
        np.maximum(place, tight[:, : place.shape[1]], out=place)
        x += tight.shape[1] + gap
    return out[:, : min(wide, int(x) + _MARGIN)]


def _columns(image: Grey) -> Grey:
    cols = np.flatnonzero((image > 60).any(axis=0))
    return image[:, cols[0] : cols[-1] + 1] if cols.size else image[:, :4]


def _warped(image: Grey, amplitude: float, rng: np.random.Generator) -> Grey:
    """Bent smoothly (Simard et al., ICDAR 2003): wide waves along the line, small ones within letters."""
    height, width = image.shape
    if amplitude < 0.3:
        return image
    shape = (4, max(4, width // 50))
    dx, dy = (
        cv2.resize(
            rng.normal(0, amplitude, shape).astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC
        )
        for _ in range(2)
    )
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    return np.asarray(cv2.remap(image, x + dx, y + dy, cv2.INTER_LINEAR), dtype=np.uint8)


def _pressed(image: Grey, size: int, rng: np.random.Generator) -> Grey:
    """Another pen: thinner or thicker strokes, unevenly pressed."""
    change = int(rng.choice([-1, 0, 0, 1, 1, 2, 3]))
    out = image
    if change:
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (abs(change) + 1, abs(change) + 1))
        changed = cv2.erode(image, kernel) if change < 0 else cv2.dilate(image, kernel)
        if change > 0 or int(changed.sum()) > 0.55 * int(image.sum()):
            out = np.asarray(changed, dtype=np.uint8)
    return _weighed(out, size, rng)


def _weighed(out: Grey, size: int, rng: np.random.Generator) -> Grey:
    """Pressure that changes along the line, ink that skips."""
    width = out.shape[1]
    knots = max(3, width // size)
    press = np.interp(
        np.arange(width), np.linspace(0, width, knots), rng.uniform(rng.uniform(0.45, 1.0), 1.0, knots)
    )
    pressed = out.astype(np.float32) * press.astype(np.float32)
    if rng.random() < 0.2:
        grain = cv2.resize(
            rng.normal(0.85, 0.3, (max(4, out.shape[0] // 3), max(4, width // 3))).astype(np.float32),
            (width, out.shape[0]),
        )
        pressed *= np.clip(grain, 0.25, 1)
    return np.asarray(np.clip(pressed, 0, 255), dtype=np.uint8)
