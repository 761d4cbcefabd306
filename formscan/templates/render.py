"""Draws the blank page of a form as a grey raster."""

from __future__ import annotations

import math
import re
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
    PrintedRule,
    PrintedText,
)
from formscan.templates.fonts import font

_FINE: Final = 4
"""Glyphs are drawn this many times larger and averaged down."""
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
        a, w = box.area, box.width / 2
        for x in (a.left, a.right):
            _fill(ink, x - w, a.top - w, x + w, a.bottom + w, scale)
        for y in (a.top, a.bottom):
            _fill(ink, a.left - w, y - w, a.right + w, y + w, scale)
    for text in page.texts:
        if _LEADER.match(text.text):
            _draw_leader(ink, text, scale)
        else:
            _draw_text(ink, text, scale)
    return np.asarray(np.rint(255.0 * (1.0 - ink)), dtype=np.uint8)


def _draw_rule(ink: Ink, rule: PrintedRule, scale: float) -> None:
    half = rule.width / 2
    level = abs(rule.x1 - rule.x0) >= abs(rule.y1 - rule.y0)
    start, end = sorted((rule.x0, rule.x1) if level else (rule.y0, rule.y1))
    across = rule.y0 if level else rule.x0
    for a, b in _dashes(start, end, rule.dash):
        if level:
            _fill(ink, a, across - half, b, across + half, scale)
        else:
            _fill(ink, across - half, a, across + half, b, scale)


def _dashes(start: float, end: float, dash: float) -> list[tuple[float, float]]:
    if dash <= 0:
        return [(start, end)]
    count = math.ceil((end - start) / (2 * dash))
    return [(start + 2 * k * dash, min(start + (2 * k + 1) * dash, end)) for k in range(count)]


def _fill(ink: Ink, left: float, top: float, right: float, bottom: float, scale: float) -> None:
    """Ink a rectangle given in points, each pixel by the share of it that is covered."""
    columns, x = _coverage(left * scale, right * scale, ink.shape[1])
    rows, y = _coverage(top * scale, bottom * scale, ink.shape[0])
    if columns.size and rows.size:
        part = ink[y : y + rows.size, x : x + columns.size]
        np.maximum(part, np.outer(rows, columns), out=part)


def _coverage(low: float, high: float, size: int) -> tuple[Ink, int]:
    """Covered share of each pixel that [low, high] touches, clipped to [0, size), and the first of them."""
    low, high = max(low, 0.0), min(high, float(size))
    if high <= low:
        return np.zeros(0, np.float32), 0
    first, last = math.floor(low), math.ceil(high)
    edges = np.arange(first, last, dtype=np.float32)
    share = np.minimum(edges + 1, high) - np.maximum(edges, low)
    return np.asarray(share, np.float32), first


def _draw_text(ink: Ink, text: PrintedText, scale: float) -> None:
    mask, natural, left, top = _word(text.style, round(text.size * scale * _FINE, 3), text.text)
    if natural <= 0:
        return
    stretch = text.width * scale * _FINE / natural
    x = text.x * scale + left * stretch / _FINE
    y = text.y * scale + top / _FINE
    width, height = mask.width * stretch / _FINE, mask.height / _FINE
    x0, y0 = math.floor(x), math.floor(y)
    x1, y1 = math.ceil(x + width), math.ceil(y + height)
    _stamp(ink, _placed(mask, (x0 - x, y0 - y, x1 - x, y1 - y), stretch), x0, y0)


def _placed(mask: Image.Image, window: tuple[float, float, float, float], stretch: float) -> Ink:
    """The mask averaged down to whole pixels; ``window`` in pixels from the mask's corner."""
    left, top, right, bottom = window
    pad = 2 * _FINE
    across = _FINE / stretch
    wide = Image.new("L", (mask.width + 2 * math.ceil(pad / stretch) + 2, mask.height + 2 * pad), 0)
    inset = math.ceil(pad / stretch) + 1
    wide.paste(mask, (inset, pad))
    box = (left * across + inset, top * _FINE + pad, right * across + inset, bottom * _FINE + pad)
    box = (max(box[0], 0), max(box[1], 0), min(box[2], wide.width), min(box[3], wide.height))
    size = (round(right - left), round(bottom - top))
    small = wide.resize(size, Image.Resampling.BOX, box=box)
    return np.asarray(small, np.float32) / 255.0


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


@lru_cache(maxsize=4096)
def _dot(style: FontStyle, size: float, fx: int, fy: int) -> tuple[Ink, int, int]:
    """A leader dot whose pen stands at a fraction of a pixel, and its corner relative to the pixel."""
    mask, _, left, top = _word(style, size, ".")
    x, y = fx / _PHASES + left / _FINE, fy / _PHASES + top / _FINE
    x0, y0 = math.floor(x), math.floor(y)
    x1, y1 = math.ceil(x + mask.width / _FINE), math.ceil(y + mask.height / _FINE)
    return _placed(mask, (x0 - x, y0 - y, x1 - x, y1 - y), 1.0), x0, y0


@lru_cache(maxsize=2048)
def _word(style: FontStyle, size: float, text: str) -> tuple[Image.Image, float, int, int]:
    """A word drawn fine: mask, advance width, and the mask's corner relative to the baseline start."""
    face = font(style, size)
    left, top, right, bottom = face.getbbox(text, anchor="ls")
    mask = Image.new("L", (max(math.ceil(right - left), 1), max(math.ceil(bottom - top), 1)), 0)
    ImageDraw.Draw(mask).text((-left, -top), text, fill=255, font=face, anchor="ls")
    return mask, float(face.getlength(text)), int(left), int(top)


def _stamp(ink: Ink, mark: Ink, x: int, y: int) -> None:
    """Lay a mark on the page, clipped at its rims; the darker of both stays."""
    height, width = mark.shape
    left, top = max(x, 0), max(y, 0)
    right, bottom = min(x + width, ink.shape[1]), min(y + height, ink.shape[0])
    if right > left and bottom > top:
        part = ink[top:bottom, left:right]
        np.maximum(part, mark[top - y : bottom - y, left - x : right - x], out=part)
