"""The print layer of a proposed form: a vector page's own, or one drawn from what the pixels gave."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from typing import Final

from formscan.designer.detect import BlankPage
from formscan.designer.printed import PrintedSheet
from formscan.model.geometry import Area, enclosing
from formscan.model.template import FontStyle, PageTemplate, PrintedBox, PrintedRule, PrintedText
from formscan.templates.fonts import has_glyph

_RIM_PT: Final = 0.5


def layer_of(page: BlankPage, sheet: PrintedSheet) -> PageTemplate:
    """The print of a page with its anchor; out of words and rules where there is no vector layer."""
    layer = page.layer if page.layer is not None and not sheet.from_pixels else _drawn(sheet)
    texts = tuple(t for t in layer.texts if _printable(t, layer))
    rules = tuple(r for r in layer.rules if _on_page(Area(r.x0, r.y0, r.x1 + 1e-3, r.y1 + 1e-3), layer))
    boxes = tuple(b for b in layer.boxes if _on_page(b.area, layer))
    layer = replace(layer, number=sheet.number, texts=texts, rules=rules, boxes=boxes)
    anchor = _anchor(layer)
    return replace(layer, anchors=(anchor,) if anchor else ())


def _drawn(sheet: PrintedSheet) -> PageTemplate:
    words = [
        PrintedText(
            round(w.area.left, 2),
            round(w.baseline, 2),
            round(w.area.width, 2),
            round(w.size, 1),
            FontStyle.REGULAR,
            unicodedata.normalize("NFC", w.text),
        )
        for w in sheet.words
    ]
    dots = [
        _dots(left, right, line.baseline, line.size) for line in sheet.leaders for left, right in line.parts
    ]
    boxes = tuple(PrintedBox(_rounded(c), 0.5) for c in sheet.cells)
    rules = tuple(
        PrintedRule(round(s.x0, 2), round(s.y0, 2), round(s.x1, 2), round(s.y1, 2), round(s.width, 2))
        for s in sheet.ruled
    )
    width, height = round(sheet.width, 2), round(sheet.height, 2)
    return PageTemplate(sheet.number, width, height, tuple(words) + tuple(dots), rules, boxes)


def _dots(left: float, right: float, baseline: float, size: float) -> PrintedText:
    count = max(3, round((right - left) / (0.25 * size)))
    return PrintedText(
        round(left, 2),
        round(baseline, 2),
        round(right - left, 2),
        round(size, 1),
        FontStyle.REGULAR,
        "." * count,
    )


def _rounded(area: Area) -> Area:
    return Area(round(area.left, 2), round(area.top, 2), round(area.right, 2), round(area.bottom, 2))


def _printable(text: PrintedText, page: PageTemplate) -> bool:
    if not text.text.strip() or text.width <= 0 or text.size <= 0:
        return False
    if not all(has_glyph(text.style, letter) for letter in set(text.text)):
        return False
    low, high = text.y - text.size, text.y + 0.3 * text.size
    return _on_page(Area(text.x, low, text.x + text.width, high), page)


def _on_page(area: Area, page: PageTemplate) -> bool:
    inside = area.right <= page.width + _RIM_PT and area.bottom <= page.height + _RIM_PT
    return min(area.left, area.top) >= -_RIM_PT and inside


def _anchor(page: PageTemplate) -> Area | None:
    """The place of the largest print: a page's title; any print where there is none."""
    line = _largest(page)
    if not line:
        return None
    area = enclosing(Area(t.x, t.y - 0.75 * t.size, t.x + t.width, t.y + 0.25 * t.size) for t in line)
    left, top = max(area.left, 0.0), max(area.top, 0.0)
    return _rounded(Area(left, top, min(area.right, page.width), min(area.bottom, page.height)))


def _largest(page: PageTemplate) -> list[PrintedText]:
    words = [t for t in page.texts if any(c.isalpha() for c in t.text)]
    if not words:
        return []
    upper = [t for t in words if t.y < 0.4 * page.height] or words
    top = max(upper, key=lambda t: (round(t.size), len(t.text)))
    line = [t for t in words if abs(t.y - top.y) < 2 and abs(t.size - top.size) < 1.5]
    return sorted(line, key=lambda t: t.x)


def title_of(page: PageTemplate) -> str:
    """The words of the largest print in the upper part of a page."""
    return " ".join(t.text for t in _largest(page))
