"""Reliability diagrams: how often a proposal was right against the probability it was given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from formscan.bench.gate_figures import BINS, Row, expected_error
from formscan.bench.intervals import wilson
from formscan.paths import resources_dir

_SIDE: Final = 300
_MARGIN: Final = 62
_ENOUGH: Final = 40
_INK, _GREY, _RAW, _OURS = "#1b1f24", "#c8ccd2", "#b54708", "#0b6bcb"

Canvas = ImageDraw.ImageDraw
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


def reliability_picture(rows: Sequence[Row]) -> Image.Image:
    """All proposals, those with ink, and every kind with at least 40 fields; the engine's score beside it."""
    kinds = sorted({row.case.kind for row in rows})
    groups = [("all proposals", list(rows)), ("all with ink", [r for r in rows if "." not in r.case.kind])]
    groups += [(kind, [r for r in rows if r.case.kind == kind]) for kind in kinds]
    shown = [(name, own) for name, own in groups if len(own) >= _ENOUGH]
    columns = min(4, max(1, len(shown)))
    high = -(-len(shown) // columns)
    cell = _SIDE + _MARGIN
    image = Image.new("RGB", (columns * cell + 20, high * (cell + 20) + 50), "white")
    draw, font = ImageDraw.Draw(image), _font(15)
    draw.text((20, 14), "said (across) against right (up), 95 % bars", fill=_INK, font=font)
    draw.text((columns * cell - 300, 14), "engine's score", fill=_RAW, font=font)
    draw.text((columns * cell - 150, 14), "calibrated", fill=_OURS, font=font)
    for place, (name, own) in enumerate(shown):
        at = (_MARGIN - 10 + place % columns * cell, 70 + place // columns * (cell + 20))
        _panel(draw, at, name, own)
    return image


def _panel(draw: Canvas, at: tuple[int, int], name: str, rows: Sequence[Row]) -> None:
    x, y = at
    font, small = _font(15), _font(12)
    draw.rectangle((x, y, x + _SIDE, y + _SIDE), outline=_GREY)
    draw.line((x, y + _SIDE, x + _SIDE, y), fill=_GREY)
    for tick in (0.0, 0.5, 1.0):
        draw.text((x - 30, y + _SIDE * (1 - tick) - 7), f"{tick:.1f}", fill=_INK, font=small)
        draw.text((x + _SIDE * tick - 9, y + _SIDE + 4), f"{tick:.1f}", fill=_INK, font=small)
    right = np.array([row.case.right for row in rows], dtype=np.bool_)
    raw, ours = np.array([r.raw for r in rows]), np.array([r.chance for r in rows])
    told = f"{name}  n={len(rows)}"
    errors = f"ECE {expected_error(raw, right):.3f} / {expected_error(ours, right):.3f}"
    draw.text((x, y - 20), told, fill=_INK, font=font)
    draw.text((x + _SIDE - 122, y + _SIDE - 22), errors, fill=_INK, font=small)
    _curve(draw, at, raw, right, _RAW, -3)
    _curve(draw, at, ours, right, _OURS, 3)


def _curve(
    draw: Canvas,
    at: tuple[int, int],
    said: npt.NDArray[np.float64],
    right: npt.NDArray[np.bool_],
    colour: str,
    aside: int,
) -> None:
    bins = np.minimum((said * BINS).astype(np.int64), BINS - 1)
    points: list[tuple[float, float]] = []
    for one in range(BINS):
        inside = bins == one
        n = int(inside.sum())
        if not n:
            continue
        low, high = wilson(int(right[inside].sum()), n)
        x = at[0] + float(said[inside].mean()) * _SIDE + aside
        draw.line((x, at[1] + (1 - low) * _SIDE, x, at[1] + (1 - high) * _SIDE), fill=colour)
        points.append((x, at[1] + (1 - float(right[inside].mean())) * _SIDE))
    draw.line(points, fill=colour, width=2)
    for x, y in points:
        draw.ellipse((x - 4, y - 4, x + 4, y + 4), fill=colour)


def _font(size: int) -> Font:
    found = sorted((resources_dir() / "fonts").rglob("*.ttf"))
    sans = [path for path in found if "Sans" in path.name and "Bold" not in path.name] or found
    return ImageFont.truetype(sans[0], size) if sans else ImageFont.load_default(size)
