"""Text set from fonts: printers' letters, and handwriting-like ones that are never called handwriting."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from formscan.bench.strokes import Alpha

HANDS: Final = ("patrick-hand", "shantell-sans", "playpen-sans", "itim", "sriracha", "dancing-script")
"""Handwriting-like fonts (OFL) a clerk could have written; the calligraphic ones are left out."""
PRINTERS: Final = ("cousine", "LiberationSerif-Regular", "LiberationSans-Regular", "LiberationMono-Regular")


@dataclass(frozen=True, slots=True, eq=False)
class Ink:
    """A piece of writing: alpha, and the row of its baseline from the top."""

    alpha: Alpha
    baseline: int


def fonts(folders: tuple[Path, ...], names: tuple[str, ...]) -> tuple[Path, ...]:
    """The font files of those names that lie in the folders, first folder first."""
    found = [next((f / f"{n}.ttf" for f in folders if (f / f"{n}.ttf").is_file()), None) for n in names]
    return tuple(path for path in found if path is not None)


def typeset(text: str, path: Path, size: float) -> Ink:
    """Text in one line, ``size`` pixels to the em, with its ascent and descent."""
    font = _font(path, round(size))
    width = math.ceil(font.getlength(text)) + 8
    ascent, descent = font.getmetrics()
    image = Image.new("L", (width, ascent + descent + 8), 0)
    ImageDraw.Draw(image).text((4, 4), text, fill=255, font=font)
    return Ink(np.asarray(image, dtype=np.uint8), ascent + 4)


def width_of(text: str, path: Path, size: float) -> float:
    """Width in pixels of text in one line."""
    return float(_font(path, round(size)).getlength(text))


def scrawled(ink: Ink, rng: np.random.Generator) -> Ink:
    """Set letters made a little uneven: baseline and slant wander, the pen presses unequally."""
    height, width = ink.alpha.shape
    knots = max(3, width // 120)
    wander = np.interp(np.arange(width), np.linspace(0, width, knots), rng.normal(0, height * 0.025, knots))
    slant = rng.normal(0, 0.06)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    back = (y + wander[None, :]).astype(np.float32)
    across = (x + slant * (y - ink.baseline)).astype(np.float32)
    moved = np.asarray(cv2.remap(ink.alpha, across, back, cv2.INTER_LINEAR, borderValue=0), dtype=np.float32)
    press = np.interp(np.arange(width), np.linspace(0, width, knots), rng.uniform(0.75, 1.0, knots))
    return Ink(np.asarray(np.clip(moved * press[None, :], 0, 255), dtype=np.uint8), ink.baseline)


@lru_cache(maxsize=256)
def _font(path: Path, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(path), size, layout_engine=ImageFont.Layout.BASIC)
