"""Three ways to fill a form: by printer, by hand with real ink, by hand as a font imitates it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import cv2
import numpy as np

from formscan.bench.hand import RealInk
from formscan.bench.letters import Ink, scrawled, typeset, width_of
from formscan.bench.strokes import Alpha
from formscan.bench.truth import Source

_POINTED: Final = {"/": 1.1, ":": 0.6, ",": 0.3, ".": 0.2, "-": 0.1}
"""Signs between digits and their height in units of the digits'."""


LEAST: Final = 0.7
"""Writing is shrunk to this share where a single line must do."""


@dataclass(frozen=True, slots=True, eq=False)
class Written:
    """Ink, what it says, and with what it was made."""

    ink: Ink
    text: str
    source: Source


class Pen(Protocol):
    """Writes text for one document."""

    def line(
        self, text: str, width: int, height: int, rng: np.random.Generator, least: float = LEAST
    ) -> Written | None:
        """Write ``text`` into ``width`` x ``height`` pixels; it may come out shortened, or be refused.

        Args:
            text: What is to be written.
            width: Room in pixels.
            height: Room in pixels.
            rng: Source of unevenness.
            least: Share to which writing may be shrunk before words are left for the next line.
        """

    def glyph(self, char: str, width: int, height: int, rng: np.random.Generator) -> Written:
        """One character for a comb cell of that size."""


@dataclass(frozen=True, slots=True)
class Printer:
    """A printer's or typewriter's font at a fixed size."""

    font: Path
    size: float

    def line(
        self, text: str, width: int, height: int, rng: np.random.Generator, least: float = LEAST
    ) -> Written | None:
        """Set ``text``; shrunk to ``least``, then cut at a word, where it does not fit."""
        fitted = _fitted(text, self.font, min(self.size, height * 0.95), width, least)
        return Written(typeset(fitted[0], self.font, fitted[1]), fitted[0], Source.PRINT) if fitted else None

    def glyph(self, char: str, width: int, height: int, rng: np.random.Generator) -> Written:
        """Set one character."""
        size = min(self.size, height * 0.85)
        return Written(_tight(typeset(char, self.font, size)), char, Source.PRINT)


@dataclass(frozen=True, slots=True)
class FontHand:
    """A handwriting-like font, made uneven."""

    font: Path
    size: float

    def line(
        self, text: str, width: int, height: int, rng: np.random.Generator, least: float = LEAST
    ) -> Written | None:
        """Set ``text`` unevenly; shrunk to ``least``, then cut at a word, where it does not fit."""
        fitted = _fitted(text, self.font, min(self.size, height * 1.05), width * 0.97, least)
        if not fitted:
            return None
        return Written(scrawled(typeset(fitted[0], self.font, fitted[1]), rng), fitted[0], Source.FONT)

    def glyph(self, char: str, width: int, height: int, rng: np.random.Generator) -> Written:
        """Set one character."""
        ink = scrawled(typeset(char, self.font, height * rng.uniform(0.75, 1.0)), rng)
        return Written(_tight(ink), char, Source.FONT)


@dataclass(frozen=True, slots=True)
class RealHand:
    """Real digits and capitals one by one, real lines as a whole; what nobody wrote goes to ``beside``."""

    ink: RealInk
    beside: FontHand

    def line(
        self, text: str, width: int, height: int, rng: np.random.Generator, least: float = LEAST
    ) -> Written | None:
        """Numbers digit by digit; other text becomes a real line that fits, with that line's own text."""
        if text and all(c.isdigit() or c in _POINTED for c in text):
            return self._number(text, width, height, rng) or self.beside.line(text, width, height, rng, least)
        real = self.ink.line(width, round(min(height * 1.15, 62) * rng.uniform(0.85, 1.0)), rng)
        if real is None or len(text) < 8:
            return self.beside.line(text, width, height, rng, least)
        alpha, said = real
        return Written(Ink(alpha, round(alpha.shape[0] * 0.74)), said, Source.HAND)

    def glyph(self, char: str, width: int, height: int, rng: np.random.Generator) -> Written:
        """A real digit or capital, else the font's."""
        tall = round(height * rng.uniform(0.58, 0.82))
        alpha: Alpha | None
        alpha = self.ink.digit(char, tall, rng) if char.isdigit() else self.ink.capital(char, tall, rng)
        if alpha is None or alpha.shape[1] > width * 1.05:
            return self.beside.glyph(char, width, height, rng)
        return Written(Ink(alpha, alpha.shape[0]), char, Source.HAND)

    def _number(self, text: str, width: int, height: int, rng: np.random.Generator) -> Written | None:
        tall = round(min(height * 0.72, 46) * rng.uniform(0.85, 1.0))
        parts = [self._sign(c, tall, rng) for c in text]
        room = width * 1.12 - 2 * len(parts)
        inked = sum(p.shape[1] for p in parts)
        if inked > room:
            tall = round(tall * room / inked)
            if tall < 22:
                return None
            parts = [_smaller(part, room / inked) for part in parts]
            inked = sum(p.shape[1] for p in parts)
        spare = max(2, min(tall // 6, int((width * 1.12 - inked) / len(parts))))
        gaps = rng.integers(1, spare + 1, len(parts))
        wide = inked + int(gaps.sum())
        alpha = np.zeros((round(tall * 1.5), wide), np.uint8)
        x, base = 0, round(tall * 1.2)
        for part, gap in zip(parts, gaps, strict=True):
            top = max(0, base - part.shape[0])
            alpha[top : top + part.shape[0], x : x + part.shape[1]] = part[: alpha.shape[0] - top]
            x += part.shape[1] + int(gap)
        return Written(Ink(alpha, base), text, Source.HAND)

    def _sign(self, char: str, tall: int, rng: np.random.Generator) -> Alpha:
        if char.isdigit():
            return self.ink.digit(char, tall, rng)
        return _tight(typeset(char, self.beside.font, tall * 1.25)).alpha


def _fitted(text: str, font: Path, size: float, width: float, least: float) -> tuple[str, float] | None:
    """Text and size that fit: smaller down to ``least`` (a last word to half), then fewer words."""
    words = text.split()
    while words:
        kept = " ".join(words)
        wide = width_of(kept, font, size)
        if wide <= width:
            return kept, size
        if wide * (least if len(words) > 1 else 0.5) <= width:
            return kept, size * width / wide * 0.99
        words.pop()
    return None


def _smaller(alpha: Alpha, scale: float) -> Alpha:
    size = (max(1, int(alpha.shape[1] * scale)), max(1, int(alpha.shape[0] * scale)))
    return np.asarray(cv2.resize(alpha, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _tight(ink: Ink) -> Ink:
    rows, cols = np.flatnonzero((ink.alpha > 40).any(axis=1)), np.flatnonzero((ink.alpha > 40).any(axis=0))
    if not rows.size:
        return ink
    part = ink.alpha[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1]
    return Ink(part, part.shape[0])
