"""Marks and signatures on the sample forms."""

from __future__ import annotations

import random

from PIL import ImageDraw

from formscan.model.geometry import Area, Box


def cross(draw: ImageDraw.ImageDraw, area: Area, scale: float) -> None:
    """A cross in a box."""
    left, top, right, bottom = (v * scale for v in (area.left, area.top, area.right, area.bottom))
    draw.line((left + 2, top + 2, right - 2, bottom - 2), fill=40, width=2)
    draw.line((left + 2, bottom - 2, right - 2, top + 2), fill=40, width=2)


def scrawl(draw: ImageDraw.ImageDraw, area: Area, scale: float) -> None:
    """A signature."""
    chance = random.Random(7)
    box = Box(*(round(v * scale) for v in (area.left, area.top, area.right, area.bottom)))
    points = [
        (box.left + box.width * (0.2 + 0.6 * step / 12), box.top + box.height * chance.uniform(0.25, 0.75))
        for step in range(13)
    ]
    draw.line(points, fill=50, width=2, joint="curve")
