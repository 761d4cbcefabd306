"""A blank form as a vector PDF, taken apart by its own text and line layer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import numpy as np

from formscan.designer.cells import RASTER_DPI, cells_of, drawn_walls, once, open_cells
from formscan.designer.printed import ASCENT, DESCENT, Leader, PrintedSheet, Segment, Word
from formscan.designer.ruled import free_rules
from formscan.model.geometry import Area
from formscan.model.template import FontStyle, PageTemplate, PrintedText

_LEADER: Final = frozenset(".…")
_SCORE: Final = frozenset("_")
_SLASH: Final = frozenset("/")
_LEAST_DOTS: Final = 4
_JOIN_PT: Final = 8.0
_GLYPH_BOXES: Final = frozenset("□☐▢◻⬜❏❑❒\uf0a8\uf06f\uf071\uf072")
"""Tick boxes set as characters, those of Wingdings and Symbol by their private places."""


def sheet_of(page: PageTemplate) -> PrintedSheet:
    """The printed layer of a vector page as words, leaders, cells and free rules, in points."""
    segments = [Segment(r.x0, r.y0, r.x1, r.y1, r.width) for r in page.rules]
    level = [s for s in segments if s.level]
    upright = [s for s in segments if not s.level]
    boxes = [box.area for box in page.boxes]
    for area in boxes:
        level += [Segment(area.left, y, area.right, y, 0.5) for y in (area.top, area.bottom)]
        upright += [Segment(x, area.top, x, area.bottom, 0.5) for x in (area.left, area.right)]
    walls = drawn_walls(segments, boxes, page.width, page.height)
    glyphs = [_glyph_area(t) for t in page.texts if set(t.text) <= _GLYPH_BOXES]
    cells = [*cells_of(walls, upright, level, RASTER_DPI), *boxes, *glyphs]
    cells = once([c for c in cells if min(c.width, c.height) >= 4.5 and c.height < page.height * 0.97])
    cells = once([*cells, *open_cells(cells, level)])
    words = tuple(_words(page.texts))
    free = free_rules(level, upright, cells, words)
    leaders = [*_leaders(page.texts), *(_rule_leader(s, words) for s in free)]
    return PrintedSheet(
        page.number, page.width, page.height, words, tuple(leaders), tuple(cells), tuple(free), np.eye(3)
    )


def _glyph_area(text: PrintedText) -> Area:
    return Area(text.x, text.y - 0.72 * text.size, text.x + max(text.width, 0.5), text.y + 0.06 * text.size)


def _words(texts: Iterable[PrintedText]) -> Iterator[Word]:
    for t in texts:
        if set(t.text) <= _GLYPH_BOXES or _is_leader(t) or t.width <= 0:
            continue
        area = Area(t.x, t.y - 0.7 * t.size, t.x + t.width, t.y + 0.2 * t.size)
        yield Word(area, t.y, t.size, t.text, t.style in {FontStyle.BOLD, FontStyle.BOLD_ITALIC})


def _is_leader(text: PrintedText) -> bool:
    kinds = set(text.text)
    if kinds <= _SCORE:
        return len(text.text) >= 3
    return kinds <= _LEADER and (len(text.text) >= _LEAST_DOTS or "…" in kinds)


def _leaders(texts: Sequence[PrintedText]) -> Iterator[Leader]:
    """Runs of dots and underscores; those parted by nothing or by a slash are one."""
    runs = sorted((t for t in texts if _is_leader(t) or set(t.text) <= _SLASH), key=lambda t: (t.y, t.x))
    groups: list[list[PrintedText]] = []
    for run in sorted(runs, key=lambda t: t.x):
        for group in groups:
            last = group[-1]
            if abs(last.y - run.y) < 1.0 and -1.0 < run.x - (last.x + last.width) < _JOIN_PT * 0.5:
                group.append(run)
                break
        else:
            groups.append([run])
    for group in groups:
        dotted = [t for t in group if not set(t.text) <= _SLASH]
        if dotted:
            yield _leader(dotted)


def _leader(runs: Sequence[PrintedText]) -> Leader:
    longest = max(runs, key=lambda t: t.width)
    size, baseline = longest.size, longest.y
    area = Area(
        runs[0].x, baseline - ASCENT * size, max(t.x + t.width for t in runs), baseline + DESCENT * size
    )
    parts: list[tuple[float, float]] = []
    for t in runs:
        if parts and t.x - parts[-1][1] < 1.2:
            parts[-1] = (parts[-1][0], t.x + t.width)
        else:
            parts.append((t.x, t.x + t.width))
    return Leader(area, baseline, size, tuple(parts), solid=set(longest.text) <= _SCORE)


def _rule_leader(rule: Segment, words: Sequence[Word]) -> Leader:
    """A rule to write on: as high as the print around it, at least 11 pt."""
    near = [w.size for w in words if abs(w.baseline - rule.y0) < 6]
    size = max(11.0, float(np.median(near))) if near else 11.0
    area = Area(rule.x0, rule.y0 - size, rule.x1, rule.y0 + 0.5)
    return Leader(area, rule.y0, size, ((rule.x0, rule.x1),), solid=True)
