"""Places on the print of a page: where words stand side by side, and where one writes on dots."""

from __future__ import annotations

from typing import Final

from formscan.errors import StudioError
from formscan.model.geometry import Area, enclosing
from formscan.model.template import PageTemplate

WRITING_PT: Final = 16.5
"""How far above a dotted line one writes where nothing else stands."""


def printed_phrase(page: PageTemplate, phrase: str) -> Area:
    """Where words are printed side by side on one line, points; the first such place.

    Raises:
        StudioError: ``studio.not_printed`` if they are not.
    """
    words = [t for t in page.texts if t.text.strip(".…")]
    wanted = phrase.split()
    for first in words:
        line = sorted((t for t in words if abs(t.y - first.y) < 2 and t.x >= first.x), key=lambda t: t.x)
        if [t.text for t in line[: len(wanted)]] == wanted:
            areas = [Area(t.x, t.y - 0.8 * t.size, t.x + t.width, t.y + 0.25 * t.size) for t in line]
            whole = enclosing(areas[: len(wanted)])
            edges = (whole.left - 0.5, whole.top, whole.right + 0.5, whole.bottom)
            return Area(*(round(edge, 2) for edge in edges))
    raise StudioError("studio.not_printed", page=page.number)


def dotted_line(page: PageTemplate, x: float, y: float) -> Area:
    """Where one writes on the dotted line at a point, points.

    Raises:
        StudioError: ``studio.not_printed`` if no dots are printed there.
    """
    dots = [t for t in page.texts if not t.text.strip(".…") and -6.0 < t.y - y < 15.0]
    here = [t for t in dots if t.x - 3 <= x <= t.x + t.width + 3]
    if not here:
        raise StudioError("studio.not_printed", page=page.number)
    base = min(here, key=lambda t: abs(t.y - y)).y
    left = right = x
    for t in sorted((t for t in dots if abs(t.y - base) < 1.5), key=lambda t: abs(t.x + t.width / 2 - x)):
        if t.x - 8 < right and t.x + t.width + 8 > left:
            left, right = min(left, t.x), max(right, t.x + t.width)
    over = [t.y for t in page.texts if t.y < base - 4 and t.x < right and t.x + t.width > left]
    top = max([base - WRITING_PT, *(y + 3.0 for y in over)])
    return Area(*(round(v, 2) for v in (left, top, right, base + 3.0)))
