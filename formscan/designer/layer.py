"""Writes print layers as the ``[[pages]]`` part of a ``form.toml``, one printed thing a line."""

from __future__ import annotations

import json
from collections.abc import Iterable

from formscan.model.geometry import Area
from formscan.model.template import PageTemplate


def pages_toml(pages: Iterable[PageTemplate]) -> str:
    """TOML text of the pages: size, anchors, texts, rules and boxes as compact arrays in points."""
    return "\n".join(_page(page) for page in pages)


def number(value: float) -> str:
    """A length in points, to a hundredth, without needless zeros."""
    return f"{value:.2f}".rstrip("0").rstrip(".") or "0"


def _page(page: PageTemplate) -> str:
    texts = [
        f"[{_row(t.x, t.y, t.width, t.size)}, {json.dumps(t.style.value)}, "
        f"{json.dumps(t.text, ensure_ascii=False)}]"
        for t in page.texts
    ]
    rules = [f"[{_row(r.x0, r.y0, r.x1, r.y1, r.width, r.dash)}]" for r in page.rules]
    boxes = [f"[{_edges(b.area)}, {number(b.width)}]" for b in page.boxes]
    anchors = [f"[{_edges(a)}]" for a in page.anchors]
    lines = ["[[pages]]", f"number = {page.number}", f"size = [{_row(page.width, page.height)}]"]
    for name, rows in (("anchors", anchors), ("texts", texts), ("rules", rules), ("boxes", boxes)):
        lines += [f"{name} = [", *(f"  {row}," for row in rows), "]"] if rows else [f"{name} = []"]
    return "\n".join([*lines, ""])


def _row(*values: float) -> str:
    return ", ".join(number(v) for v in values)


def _edges(area: Area) -> str:
    return _row(area.left, area.top, area.right, area.bottom)
