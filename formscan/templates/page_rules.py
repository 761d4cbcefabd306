"""What has to hold for the pages of a form."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from formscan.model.geometry import Area
from formscan.model.template import FormTemplate, PageTemplate
from formscan.templates.fonts import has_glyph
from formscan.templates.node import Path
from formscan.templates.problem import Found

_RIM_PT = 0.5
"""Print may reach this far over the rim (a line's width)."""


def page_problems(template: FormTemplate) -> Iterator[Found]:
    """Wrong numbering, print or anchors off the page, anchors without print, doubled sections."""
    for at, page in enumerate(template.pages):
        path: Path = ("pages", at)
        if page.number != at + 1:
            yield Found("page.wrong_number", (*path, "number"), (("wanted", str(at + 1)),))
        yield from _print_problems(page, path)
        yield from _anchor_problems(page, path)
    yield from _section_problems(template)


def inside(area: Area, page: PageTemplate) -> bool:
    """Whether an area lies on the page."""
    low = min(area.left, area.top) >= -_RIM_PT
    return low and area.right <= page.width + _RIM_PT and area.bottom <= page.height + _RIM_PT


def _print_problems(page: PageTemplate, path: Path) -> Iterator[Found]:
    for at, text in enumerate(page.texts):
        there = (*path, "texts", at)
        if text.width <= 0 or text.size <= 0 or not text.text.strip():
            yield Found("print.empty", there)
        elif not inside(_text_area(text.x, text.y, text.width, text.size), page):
            yield Found("print.off_page", there)
        if unicodedata.normalize("NFC", text.text) != text.text:
            yield Found("print.not_nfc", there)
        for letter in sorted(set(text.text)):
            if not has_glyph(text.style, letter):
                yield Found("print.no_glyph", there, (("letter", f"U+{ord(letter):04X}"),))
    for at, rule in enumerate(page.rules):
        x0, x1, y0, y1 = *sorted((rule.x0, rule.x1)), *sorted((rule.y0, rule.y1))
        if not inside(Area(x0, y0, x1 + 1e-3, y1 + 1e-3), page):
            yield Found("print.off_page", (*path, "rules", at))
    for at, box in enumerate(page.boxes):
        if not inside(box.area, page):
            yield Found("print.off_page", (*path, "boxes", at))


def _anchor_problems(page: PageTemplate, path: Path) -> Iterator[Found]:
    if not page.anchors:
        yield Found("page.no_anchors", (*path, "anchors"))
    for at, anchor in enumerate(page.anchors):
        there = (*path, "anchors", at)
        if not inside(anchor, page):
            yield Found("anchor.off_page", there)
        elif not any(
            _overlap(anchor, _text_area(t.x, t.y, t.width, t.size)) for t in page.texts if t.width > 0
        ):
            yield Found("anchor.without_print", there)


def _section_problems(template: FormTemplate) -> Iterator[Found]:
    seen: set[str] = set()
    used = {field.section for field in template.fields}
    for at, section in enumerate(template.sections):
        if section.id in seen:
            yield Found("section.doubled", ("sections", at, "id"), (("id", section.id),))
        elif section.id not in used:
            yield Found("section.unused", ("sections", at, "id"), (("id", section.id),))
        seen.add(section.id)


def _text_area(x: float, y: float, width: float, size: float) -> Area:
    """Roughly where a run's ink is: from the x-height to the baseline."""
    return Area(x, y - 0.5 * size, x + max(width, 1e-3), y + 1e-3)


def _overlap(a: Area, b: Area) -> bool:
    return a.left < b.right and b.left < a.right and a.top < b.bottom and b.top < a.bottom
