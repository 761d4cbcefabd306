"""Table borders and frames of a PDF, painted in many small pieces, put together to whole rules."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from formscan.model.template import PrintedRule

_TOUCH_PT: Final = 0.65
"""Pieces this near end to end are one rule (a crossing rule may have cut them)."""
_LEVEL_PT: Final = 0.12
_HAIR_GAP_PT: Final = 0.3
"""Two hairlines this near side by side are the two edges of one rule."""


@dataclass(frozen=True, slots=True)
class Stroke:
    """A filled piece of a rule, in points; ``dash`` is the length of dashes and gaps, 0 for solid."""

    left: float
    top: float
    right: float
    bottom: float
    dash: float = 0.0

    @property
    def thickness(self) -> float:
        """The shorter side."""
        return min(self.right - self.left, self.bottom - self.top)

    @property
    def length(self) -> float:
        """The longer side."""
        return max(self.right - self.left, self.bottom - self.top)

    @property
    def lies(self) -> bool:
        """Whether it is at least as wide as high."""
        return self.right - self.left >= self.bottom - self.top

    def turned(self) -> Stroke:
        """The piece with x and y exchanged."""
        return Stroke(self.top, self.left, self.bottom, self.right, self.dash)


def strokes_of_polygon(points: Sequence[tuple[float, float]]) -> list[Stroke]:
    """A polygon with upright and level sides cut into rectangles, level by level (even-odd rule)."""
    levels = sorted({round(y, 3) for _, y in points})
    out: list[Stroke] = []
    edges = list(zip(points, [*points[1:], points[0]], strict=True))
    for top, bottom in itertools.pairwise(levels):
        middle = (top + bottom) / 2
        crossings = sorted(a[0] for a, b in edges if min(a[1], b[1]) < middle < max(a[1], b[1]))
        out += [
            Stroke(left, top, right, bottom)
            for left, right in zip(crossings[::2], crossings[1::2], strict=False)
            if right > left
        ]
    return out


def as_rules(strokes: Iterable[Stroke]) -> tuple[PrintedRule, ...]:
    """Whole rules from painted pieces: doubled ones once, collinear touching ones joined.

    Args:
        strokes: Filled thin rectangles in points. Small squares are corners and crossings.

    Returns:
        Rules along their centre lines, from top to bottom and left to right.
    """
    pieces = list(dict.fromkeys(strokes))
    corners = [s for s in pieces if s.length < 2 * s.thickness + 0.2]
    level = _joined([s for s in pieces if s not in corners and s.lies], corners)
    upright = _joined(
        [s.turned() for s in pieces if s not in corners and not s.lies], [s.turned() for s in corners]
    )
    rules = [_level_rule(s) for s in level] + [_upright_rule(s.turned()) for s in upright]
    return tuple(sorted(rules, key=lambda r: (r.y0, r.x0, r.y1, r.x1)))


def _joined(pieces: list[Stroke], corners: list[Stroke]) -> list[Stroke]:
    """Level pieces joined end to end and side by side; corners only where they lengthen one."""
    out = _end_to_end(_side_by_side(_end_to_end(pieces)))
    return _end_to_end([_lengthened(s, corners) for s in out])


def _end_to_end(pieces: Iterable[Stroke]) -> list[Stroke]:
    out: list[Stroke] = []
    for piece in sorted(pieces, key=lambda s: (s.left, s.top)):
        for at, other in enumerate(out):
            if _same_level(piece, other) and piece.left <= other.right + _TOUCH_PT:
                out[at] = Stroke(
                    other.left, other.top, max(other.right, piece.right), other.bottom, other.dash
                )
                break
        else:
            out.append(piece)
    return out


def _same_level(a: Stroke, b: Stroke) -> bool:
    near = abs(a.top - b.top) < _LEVEL_PT and abs(a.bottom - b.bottom) < _LEVEL_PT
    return near and abs(a.dash - b.dash) < 0.01


def _side_by_side(pieces: Iterable[Stroke]) -> list[Stroke]:
    out: list[Stroke] = []
    for piece in sorted(pieces, key=lambda s: (s.top, s.left)):
        for at, other in enumerate(out):
            same_ends = abs(piece.left - other.left) < 0.4 and abs(piece.right - other.right) < 0.4
            if same_ends and -0.01 <= piece.top - other.bottom <= _HAIR_GAP_PT:
                out[at] = Stroke(other.left, other.top, other.right, piece.bottom, other.dash)
                break
        else:
            out.append(piece)
    return out


def _lengthened(piece: Stroke, corners: Iterable[Stroke]) -> Stroke:
    left, right = piece.left, piece.right
    for corner in corners:
        if corner.top < piece.bottom - 0.05 and corner.bottom > piece.top + 0.05:
            if abs(corner.right - piece.left) < 0.1:
                left = min(left, corner.left)
            if abs(corner.left - piece.right) < 0.1:
                right = max(right, corner.right)
    return Stroke(left, piece.top, right, piece.bottom, piece.dash)


def _level_rule(s: Stroke) -> PrintedRule:
    y = round((s.top + s.bottom) / 2, 2)
    return PrintedRule(
        round(s.left, 2), y, round(s.right, 2), y, round(s.bottom - s.top, 2), round(s.dash, 2)
    )


def _upright_rule(s: Stroke) -> PrintedRule:
    x = round((s.left + s.right) / 2, 2)
    return PrintedRule(
        x, round(s.top, 2), x, round(s.bottom, 2), round(s.right - s.left, 2), round(s.dash, 2)
    )
