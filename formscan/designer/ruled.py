"""Solid rules to write on, told apart from borders, underlines and separators."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from formscan.designer.printed import Segment, Word
from formscan.model.geometry import Area

_LEAST_PT: Final = 18.0
_TOUCH_PT: Final = 1.6
_WHOLE_PAGE: Final = 0.93


def free_rules(
    level: Sequence[Segment], upright: Sequence[Segment], cells: Sequence[Area], words: Sequence[Word]
) -> list[Segment]:
    """Level rules that close no cell, stand under no print and have room above them.

    Args:
        level: Rules that lie, points.
        upright: Rules that stand, points.
        cells: Closed places already found.
        words: Print, to know underlines.
    """
    found: list[Segment] = []
    for rule in sorted(level, key=lambda s: (s.y0, s.x0)):
        if rule.length < _LEAST_PT or rule.width > 2.2:
            continue
        if any(_border(rule, c) for c in cells) or _underlines(rule, words):
            continue
        doubled = any(abs(rule.y0 - o.y0) < 3 and rule.x0 < o.x1 and o.x0 < rule.x1 for o in found)
        if not doubled and not _crossed(rule, upright):
            found.append(rule)
    return found


def _border(rule: Segment, cell: Area) -> bool:
    near = min(abs(rule.y0 - cell.top), abs(rule.y0 - cell.bottom)) < 2.5
    shared = min(rule.x1, cell.right) - max(rule.x0, cell.left)
    return near and shared > 0.5 * min(rule.length, cell.width)


def _underlines(rule: Segment, words: Sequence[Word]) -> bool:
    """Whether print stands on more than half of it: an underlined heading."""
    over = sum(
        max(0.0, min(rule.x1, w.area.right) - max(rule.x0, w.area.left))
        for w in words
        if -0.5 < rule.y0 - w.baseline < 4.5
    )
    return over > 0.5 * rule.length


def _crossed(rule: Segment, upright: Sequence[Segment]) -> bool:
    """Whether both ends stand on upright rules: a row of a grid that is open elsewhere."""
    ends = [
        any(abs(u.x0 - x) < _TOUCH_PT and u.y0 - 2 < rule.y0 < u.y1 + 2 and u.length > 14 for u in upright)
        for x in (rule.x0, rule.x1)
    ]
    return all(ends)
