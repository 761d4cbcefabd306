"""Draws the blank page of a form as a grey raster."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from formscan.model.geometry import POINTS_PER_INCH
from formscan.model.page import Grey
from formscan.model.template import (
    FontStyle,
    FormTemplate,
    PageTemplate,
    PrintedBox,
    PrintedRule,
    PrintedText,
)
from formscan.templates.fonts import font

_FINE: Final = 4
"""Glyphs are drawn this many times larger and averaged down."""
_SLANTED_PT: Final = 0.2
"""A line whose ends differ by more both ways is slanted; rules of the official files are level to less."""
_PHASES: Final = 8
"""Leader dots are placed to this fraction of a pixel."""
_LEADER: Final = re.compile(r"\.{3,}\Z")
Ink = npt.NDArray[np.float32]
"""float32 (height, width), 0 paper to 1 ink."""


def render_page(template: FormTemplate, number: int, dpi: float) -> Grey:
    """The blank page, without hinting or shaping, the same on every machine.

    Args:
        template: The form.
        number: 1-based page.
        dpi: Pixels per inch; 300 takes about half a second.

    Returns:
        uint8 (height, width), 255 paper to 0 ink, anti-aliased; size rounded to whole pixels.

    Raises:
        IndexError: If the form has no such page.
    """
    return draw_page(template.page(number), dpi)


def draw_page(page: PageTemplate, dpi: float) -> Grey:
    """The print layer of one page; see :func:`render_page`."""
    scale = dpi / POINTS_PER_INCH
    ink: Ink = np.zeros((round(page.height * scale), round(page.width * scale)), np.float32)
    for rule in page.rules:
        _draw_rule(ink, rule, scale)
    for box in page.boxes:
        _draw_box(ink, box, scale)
    for text in page.texts:
        if _LEADER.match(text.text):
            _draw_leader(ink, text, scale)
        else:
            _draw_text(ink, text, scale)
    return np.asarray(np.rint(255.0 * (1.0 - ink)), dtype=np.uint8)


def _draw_rule(ink: Ink, rule: PrintedRule, scale: float) -> None:
    if min(abs(rule.x1 - rule.x0), abs(rule.y1 - rule.y0)) > _SLANTED_PT:
        _draw_slanted(ink, rule, scale)
        return
    half = rule.width / 2
    level = abs(rule.x1 - rule.x0) >= abs(rule.y1 - rule.y0)
    start, end = sorted((rule.x0, rule.x1) if level else (rule.y0, rule.y1))
    middle = rule.y0 if level else rule.x0
    along = _covered(start * scale, end * scale, ink.shape[1 if level else 0], rule.dash * scale)
    across = _covered((middle - half) * scale, (middle + half) * scale, ink.shape[0 if level else 1])
    _fill(ink, across if level else along, along if level else across)


def _draw_slanted(ink: Ink, rule: PrintedRule, scale: float) -> None:
    """A solid line that is neither level nor upright: a side of a drawing."""
    x0, y0, x1, y1 = (v * scale for v in (rule.x0, rule.y0, rule.x1, rule.y1))
    reach = rule.width * scale / 2 + 0.5
    height, width = ink.shape
    left, right = max(math.floor(min(x0, x1) - reach), 0), min(math.ceil(max(x0, x1) + reach), width)
    top, bottom = max(math.floor(min(y0, y1) - reach), 0), min(math.ceil(max(y0, y1) + reach), height)
    x = np.arange(left, right) + 0.5 - x0
    y = (np.arange(top, bottom) + 0.5 - y0)[:, None]
    dx, dy = x1 - x0, y1 - y0
    along = np.clip((x * dx + y * dy) / (dx * dx + dy * dy), 0.0, 1.0)
    covered = np.clip(reach - np.hypot(x - along * dx, y - along * dy), 0.0, 1.0)
    part = ink[top:bottom, left:right]
    np.maximum(part, covered.astype(np.float32), out=part)


def _draw_box(ink: Ink, box: PrintedBox, scale: float) -> None:
    a, half = box.area, box.width / 2
    height, width = ink.shape
    rows = _covered((a.top - half) * scale, (a.bottom + half) * scale, height)
    columns = _covered((a.left - half) * scale, (a.right + half) * scale, width)
    for x in (a.left, a.right):
        _fill(ink, rows, _covered((x - half) * scale, (x + half) * scale, width))
    for y in (a.top, a.bottom):
        _fill(ink, _covered((y - half) * scale, (y + half) * scale, height), columns)


_Span = tuple[int, Ink]
"""First pixel and covered share of each pixel from there on."""


def _covered(low: float, high: float, size: int, dash: float = 0.0) -> _Span:
    """The share of each pixel in [0, size) that [low, high], dashed or not, covers."""
    first, last = max(math.floor(low), 0), min(math.ceil(high), size)
    edges = np.clip(np.arange(first, max(last, first) + 1, dtype=np.float64), low, high) - low
    if dash > 0:
        periods = np.floor(edges / (2 * dash))
        edges = periods * dash + np.minimum(edges - periods * 2 * dash, dash)
    return first, np.asarray(np.diff(edges), np.float32)


def _fill(ink: Ink, rows: _Span, columns: _Span) -> None:
    """Ink where rows and columns are covered; the darker of both stays."""
    (y, down), (x, across) = rows, columns
    if down.size and across.size:
        part = ink[y : y + down.size, x : x + across.size]
        np.maximum(part, np.outer(down, across), out=part)


def _draw_text(ink: Ink, text: PrintedText, scale: float) -> None:
    word = _word(text.style, round(text.size * scale * _FINE, 3), text.text)
    if word.advance <= 0:
        return
    stretch = text.width * scale * _FINE / word.advance
    mark, x, y = _placed(word, text.x * scale, text.y * scale, stretch)
    _stamp(ink, mark, x, y)


def _placed(word: _Word, x: float, y: float, stretch: float = 1.0) -> tuple[Ink, int, int]:
    """A word whose pen stands at (x, y), averaged down exactly, and the pixel of its corner."""
    left, top = x + word.left * stretch / _FINE, y + word.top / _FINE
    rows, columns = word.integral.shape[0] - 1, word.integral.shape[1] - 1
    x0, y0 = math.floor(left), math.floor(top)
    x1, y1 = math.ceil(left + columns * stretch / _FINE), math.ceil(top + rows / _FINE)
    across = (np.arange(x0, x1 + 1) - left) * (_FINE / stretch)
    down = (np.arange(y0, y1 + 1) - top) * _FINE
    sums = _between(_between(word.integral, down).T, across).T
    mark = np.diff(np.diff(sums, axis=0), axis=1) * (stretch / _FINE**2)
    return np.asarray(np.clip(mark, 0.0, 1.0), np.float32), x0, y0


def _between(sums: npt.NDArray[np.float64], at: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Rows of running sums at fractional places, clipped to the array: exact for constant pixels."""
    at = np.clip(at, 0.0, sums.shape[0] - 1.0)
    low = np.minimum(at.astype(int), sums.shape[0] - 2)
    part = (at - low)[:, None]
    return np.asarray(sums[low] * (1.0 - part) + sums[low + 1] * part, np.float64)


def _draw_leader(ink: Ink, text: PrintedText, scale: float) -> None:
    pitch = text.width / len(text.text)
    y = text.y * scale
    row, fy = _phase(y)
    size = round(text.size * scale * _FINE, 3)
    for at in range(len(text.text)):
        column, fx = _phase((text.x + at * pitch) * scale)
        dot, dx, dy = _dot(text.style, size, fx, fy)
        _stamp(ink, dot, column + dx, row + dy)


def _phase(value: float) -> tuple[int, int]:
    whole, part = divmod(round(value * _PHASES), _PHASES)
    return whole, part


@lru_cache(maxsize=1024)
def _dot(style: FontStyle, size: float, fx: int, fy: int) -> tuple[Ink, int, int]:
    """A leader dot whose pen stands at a fraction of a pixel, and its corner relative to the pixel."""
    return _placed(_word(style, size, "."), fx / _PHASES, fy / _PHASES)


@dataclass(frozen=True, slots=True, eq=False)
class _Word:
    """A word drawn fine, in fine pixels.

    Attributes:
        integral: float64 (height + 1, width + 1): ink (0..1) summed over all pixels above and to the left.
        advance: Width from pen to pen.
        left: Left side of the picture relative to the pen.
        top: Its upper side relative to the baseline.
    """

    integral: npt.NDArray[np.float64]
    advance: float
    left: int
    top: int


@lru_cache(maxsize=64)
def _word(style: FontStyle, size: float, text: str) -> _Word:
    face = font(style, size)
    left, top, right, bottom = (math.floor(v) for v in face.getbbox(text, anchor="ls"))
    mask = Image.new("L", (max(right - left, 1), max(bottom - top, 1)), 0)
    ImageDraw.Draw(mask).text((-left, -top), text, fill=255, font=face, anchor="ls")
    integral = np.zeros((mask.height + 1, mask.width + 1))
    integral[1:, 1:] = (np.asarray(mask, np.float64) / 255.0).cumsum(axis=0).cumsum(axis=1)
    return _Word(integral, float(face.getlength(text)), left, top)


def _stamp(ink: Ink, mark: Ink, x: int, y: int) -> None:
    """Lay a mark on the page, clipped at its rims; the darker of both stays."""
    height, width = mark.shape
    left, top = max(x, 0), max(y, 0)
    right, bottom = min(x + width, ink.shape[1]), min(y + height, ink.shape[0])
    if right > left and bottom > top:
        part = ink[top:bottom, left:right]
        np.maximum(part, mark[top - y : bottom - y, left - x : right - x], out=part)
