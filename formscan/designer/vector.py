"""From a vector PDF of a blank form to its print layer: words, dot leaders, rules and boxes, in points."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pdfplumber

from formscan.designer.rulings import Stroke, as_rules, strokes_of_polygon
from formscan.model.geometry import Area
from formscan.model.template import (
    FontStyle,
    PageTemplate,
    PrintedBox,
    PrintedText,
)

LEGACY_WORDS: Final = {"tÝnh": "tính"}
"""Words the official files hold in the TCVN 5712 (TCVN3) font encoding, put into Unicode by hand."""
GLYPH_BOXES: Final = {"⬜": (0.149, -0.695, 0.8527, -0.0083, 0.0833)}
"""Tick boxes set as characters: centre lines of their left, top, right and bottom sides and the width of
these, from the baseline start; left and right in advance widths of the glyph, the others in ems (measured
on the official 36/BV2, Segoe UI Emoji)."""
_THIN_PT: Final = 4.0
"""A filled rectangle narrower than this is a rule (the thickest printed one is 3 pt)."""
_SAME_PT: Final = 0.6
_DOTS: Final = re.compile(r"\.{3,}|…+")


@dataclass(frozen=True, slots=True)
class _Glyph:
    """One character: its advance from ``x0`` to ``x1`` on baseline ``y``, in points."""

    x0: float
    x1: float
    y: float
    size: float
    style: FontStyle
    text: str


def read_pages(path: Path, numbers: Iterable[int] | None = None) -> tuple[PageTemplate, ...]:
    """The print layer of a vector PDF's pages.

    Words become text runs in the serif cut nearest to their font, runs of leader dots are runs of their
    own, thin filled shapes become rules, stroked rectangles boxes. Characters that a white shape painted
    later covers are left out, as they are not printed.

    Args:
        path: A PDF with text and vector graphics (a scanned one gives empty pages).
        numbers: 1-based pages to take, in that order; all where ``None``.

    Returns:
        One page each, numbered from 1 in the order asked for, in points, origin top left, no anchors.

    Raises:
        OSError: If the file cannot be opened.
    """
    with pdfplumber.open(path) as pdf:
        wanted = range(1, len(pdf.pages) + 1) if numbers is None else numbers
        return tuple(_read_page(pdf.pages[at - 1], number) for number, at in enumerate(wanted, start=1))


def _read_page(page: Any, number: int) -> PageTemplate:
    height = float(page.height)
    glyphs: list[_Glyph] = []
    strokes: list[Stroke] = []
    boxes: list[PrintedBox] = []
    for item in page.iter_layout_objects(page.layout._objs):  # noqa: SLF001  paint order is not public
        kind = item["object_type"]
        if kind == "char":
            glyphs.append(_glyph(item, height))
        elif kind in {"rect", "curve", "line"}:
            if item["fill"] and not _is_dark(item["non_stroking_color"]):
                glyphs = [g for g in glyphs if not _covers(item, g)]
            strokes += _strokes(item, kind)
            boxes += _outline(item, kind)
    boxes += [_glyph_box(g) for g in glyphs if g.text in GLYPH_BOXES]
    return PageTemplate(
        number=number,
        width=round(float(page.width), 2),
        height=round(height, 2),
        texts=tuple(sorted(_texts(glyphs), key=lambda t: (round(t.y), t.x))),
        rules=as_rules(strokes),
        boxes=tuple(sorted(_unique(boxes), key=lambda b: (round(b.area.top), b.area.left))),
    )


def _glyph(item: dict[str, Any], height: float) -> _Glyph:
    matrix = item["matrix"]
    style = _style(str(item["fontname"]))
    return _Glyph(
        float(item["x0"]),
        float(item["x1"]),
        height - float(matrix[5]),
        float(item["size"]),
        style,
        str(item["text"]),
    )


def _style(font: str) -> FontStyle:
    bold, slanted = "Bold" in font, "Italic" in font or "Oblique" in font
    if bold:
        return FontStyle.BOLD_ITALIC if slanted else FontStyle.BOLD
    return FontStyle.ITALIC if slanted else FontStyle.REGULAR


def _is_dark(colour: Any) -> bool:
    """Whether a PDF colour (grey, RGB or CMYK tuple, or a number) prints as ink; a pattern does not."""
    if colour is None:
        return True
    parts = [
        c for c in (colour if isinstance(colour, list | tuple) else [colour]) if isinstance(c, int | float)
    ]
    if not parts:  # a pattern
        return False
    if len(parts) == 4:
        return sum(parts) > 1.0
    return sum(parts) / len(parts) < 0.6


def _covers(item: dict[str, Any], glyph: _Glyph) -> bool:
    x, y = (glyph.x0 + glyph.x1) / 2, glyph.y - glyph.size * 0.05
    return bool(item["x0"] <= x <= item["x1"] and item["top"] <= y <= item["bottom"])


def _strokes(item: dict[str, Any], kind: str) -> list[Stroke]:
    if kind == "line":
        width = float(item["linewidth"] or 0.5)
        dash = item.get("dash")
        length = float(dash[0][0]) if dash and dash[0] else 0.0
        x0, y0, x1, y1 = (float(item[k]) for k in ("x0", "top", "x1", "bottom"))
        half = width / 2
        if x1 - x0 >= y1 - y0:
            return [Stroke(x0, y0 - half, x1, y1 + half, length)]
        return [Stroke(x0 - half, y0, x1 + half, y1, length)]
    if not item["fill"] or not _is_dark(item["non_stroking_color"]):
        return []
    if kind == "rect":
        pieces = [Stroke(*(float(item[k]) for k in ("x0", "top", "x1", "bottom")))]
    else:
        pieces = strokes_of_polygon([(float(x), float(y)) for x, y in item["pts"]])
    return [piece for piece in pieces if piece.thickness <= _THIN_PT]


def _outline(item: dict[str, Any], kind: str) -> list[PrintedBox]:
    if kind != "rect" or not item["stroke"] or not _is_dark(item["stroking_color"]):
        return []
    left, top, right, bottom = (round(float(item[k]), 2) for k in ("x0", "top", "x1", "bottom"))
    if right - left <= _THIN_PT or bottom - top <= _THIN_PT:
        return []
    return [PrintedBox(Area(left, top, right, bottom), round(float(item["linewidth"] or 0.5), 2))]


def _unique(boxes: Iterable[PrintedBox]) -> list[PrintedBox]:
    """The boxes without those painted twice on the same place."""
    kept: list[PrintedBox] = []
    for box in boxes:
        if not any(_same(box.area, other.area) for other in kept):
            kept.append(box)
    return kept


def _same(a: Area, b: Area) -> bool:
    pairs = ((a.left, b.left), (a.top, b.top), (a.right, b.right), (a.bottom, b.bottom))
    return all(abs(p - q) < _SAME_PT for p, q in pairs)


def _glyph_box(glyph: _Glyph) -> PrintedBox:
    left, top, right, bottom, width = GLYPH_BOXES[glyph.text]
    wide, em = glyph.x1 - glyph.x0, glyph.size
    area = Area(
        round(glyph.x0 + left * wide, 2),
        round(glyph.y + top * em, 2),
        round(glyph.x0 + right * wide, 2),
        round(glyph.y + bottom * em, 2),
    )
    return PrintedBox(area, round(width * em, 2))


def _texts(glyphs: Iterable[_Glyph]) -> Iterator[PrintedText]:
    run: list[_Glyph] = []
    for glyph in glyphs:
        if run and not _continues(run[-1], glyph):
            yield from _split(run)
            run = []
        if glyph.text.strip() and glyph.text not in GLYPH_BOXES:
            run.append(glyph)
        elif run:
            yield from _split(run)
            run = []
    yield from _split(run)


def _continues(last: _Glyph, glyph: _Glyph) -> bool:
    gap = glyph.x0 - last.x1
    room = 0.25 if glyph.text == last.text == "." else 0.2 + 0.1 * glyph.size
    same_line = abs(glyph.y - last.y) < 0.15 and abs(glyph.size - last.size) < 0.15
    return same_line and glyph.style is last.style and -0.3 * glyph.size < gap < room


def _split(run: list[_Glyph]) -> Iterator[PrintedText]:
    """A run cut into words and dot leaders, so that a leader's width is its own."""
    text = "".join(g.text for g in run)
    if len(text) != len(run):  # a glyph of several letters: no leader among them
        yield _text(run)
        return
    at = 0
    for dots in _DOTS.finditer(text):
        if dots.start() > at:
            yield _text(run[at : dots.start()])
        yield _text(run[dots.start() : dots.end()])
        at = dots.end()
    if at < len(run):
        yield _text(run[at:])


def _text(run: list[_Glyph]) -> PrintedText:
    first, last = run[0], run[-1]
    text = unicodedata.normalize("NFC", "".join(g.text for g in run))
    for wrong, right in LEGACY_WORDS.items():
        text = text.replace(wrong, right)
    return PrintedText(
        round(first.x0, 2),
        round(first.y, 2),
        round(last.x1 - first.x0, 2),
        round(first.size, 1),
        first.style,
        text,
    )
