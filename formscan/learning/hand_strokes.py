"""Lines as people write them with a ball point: letters joined, marks anywhere near, shapes worn by haste.

Letters are paths of pens (``skeletons``), also of fonts that know no Vietnamese: its marks are drawn as
sloppily as people do (``hand_marks``). Digits are people's own where a set of them is given.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from formscan.engines.letters import parts_of
from formscan.learning.glyphs import Digits
from formscan.learning.habits import Habit
from formscan.learning.hand_marks import chain, curve, marks_of
from formscan.learning.skeletons import Edges, Points, StrokeFont, Strokes, drawn_with, smoothed, traced
from formscan.model.page import Grey

_ROOM: Final = 24
_WIDEST: Final = 6000
_JOINED: Final = ("playwrite", "edu-nsw-act-cursive", "borel", "cursive")
_REAL_DIGITS: Final = 0.75
_ABOVE: Final = 1.12
"""What lies higher over ``i`` is its dot."""
_HOLDS: Final = 500


class Writers:
    """People who write lines.

    Args:
        fonts: Font files whose letters are traced; Vietnamese need not be in them.
        digits: Digits people wrote.
    """

    def __init__(self, fonts: Sequence[Path], digits: Digits | None = None) -> None:
        self._paths = tuple(fonts)
        self._open: dict[int, StrokeFont] = {}
        self._digits = digits
        self._traced: dict[int, Strokes | None] = {}

    def line(self, text: str, small: float, rng: np.random.Generator) -> Grey | None:
        """A line somebody wrote.

        Args:
            text: Characters of ``letters.ALPHABET``.
            small: Height of a small letter in pixels.
            rng: Source of all chance.

        Returns:
            uint8, 0 paper to 255 ink, with blank margins; None where no font at hand draws it.
        """
        habit = Habit.drawn(rng, len(self._paths))
        real = rng.random() < _REAL_DIGITS
        words, x, level = _Path(), 0.0, 0.0
        for word in text.split(" "):
            path = self._word(word, habit, rng, real=real)
            if path is None:
                return None
            size = float(np.exp(rng.normal(0, habit.wander)))
            level = 0.6 * level + rng.normal(0, habit.wander)
            points = path.points() * np.float32(size)
            words.add(points + np.array([x - points[:, 0].min(), level], np.float32), path.edges())
            x += float(np.ptp(points[:, 0])) + max(0.35, habit.gap * rng.uniform(0.75, 1.35))
        points = smoothed(words.points(), words.edges(), habit.haste)
        points = _leaning(points, habit, rng) * np.float32(small)
        return _inked(points, words.edges(), small, rng)

    def _word(self, word: str, habit: Habit, rng: np.random.Generator, *, real: bool) -> _Path | None:
        path, x = _Path(), 0.0
        end: Points | None = None
        marks: list[tuple[Points, Edges]] = []
        cursive = any(name in self._paths[habit.fonts[0]].stem for name in _JOINED)
        for letter in word:
            found = self._letter(letter, habit, rng, real=real)
            if found is None:
                return None
            strokes, points = found
            points = points + np.array([x, rng.normal(0, 0.4 * habit.wander)], np.float32)
            if end is not None and letter.isalpha() and not cursive and rng.random() < habit.joins:
                path.add(*_join(end, _start(points), rng))
            path.add(points, strokes.edges)
            marks += marks_of(letter, points, habit, rng)
            end = _end(points) if letter.isalpha() else None
            grown = habit.wide * (habit.capitals if letter.isupper() else 1.0)
            x += max(0.25, strokes.advance * grown + (0.0 if cursive else habit.tight + rng.normal(0, 0.03)))
        for points, edges in marks:
            path.add(points, edges)
        return path

    def _letter(
        self, letter: str, habit: Habit, rng: np.random.Generator, *, real: bool
    ) -> tuple[Strokes, Points] | None:
        """A letter's path without its marks, as this person writes it."""
        strokes = self._digit(int(letter), rng) if real and letter.isdecimal() else None
        if strokes is None:
            strokes = self._drawn(letter, habit, rng)
        if strokes is None:
            return None
        points = strokes.points * np.array(
            [habit.wide * np.exp(rng.normal(0, 0.5 * habit.wander)), 1], np.float32
        )
        if letter.isupper():
            points *= np.float32(habit.capitals)
        high = points[:, 1] > 1
        points[high, 1] = 1 + (points[high, 1] - 1) * np.float32(habit.tall)
        points[:, 1] *= np.float32(np.exp(rng.normal(0, 0.7 * habit.wander)))
        return strokes, points

    def _drawn(self, letter: str, habit: Habit, rng: np.random.Generator) -> Strokes | None:
        part = parts_of(letter)
        base = part.base.upper() if part.upper else part.base
        if base == "i":
            base = "ı"
        first = habit.fonts[0] if rng.random() < 0.9 else habit.fonts[1]
        for font in (first, *habit.fonts, *(int(k) for k in rng.integers(0, len(self._paths), 4))):
            strokes = self._font(font).strokes(base)
            if strokes is None and base == "ı":
                strokes = _undotted(self._font(font).strokes("i"))
            elif base == "j":
                strokes = _undotted(strokes)
            if strokes is not None:
                return strokes
        return None

    def _font(self, number: int) -> StrokeFont:
        if number not in self._open:
            if len(self._open) > _HOLDS:
                self._open.clear()
            self._open[number] = StrokeFont(self._paths[number])
        return self._open[number]

    def _digit(self, value: int, rng: np.random.Generator) -> Strokes | None:
        digits = self._digits
        if digits is None:
            return None
        chosen = int(rng.choice(np.flatnonzero(digits.values == value)))
        if chosen not in self._traced:
            self._traced[chosen] = _traced_digit(digits.images[chosen])
        strokes = self._traced[chosen]
        if strokes is None:
            return None
        tall = np.float32(rng.uniform(1.3, 1.9))
        return Strokes(strokes.points * tall, strokes.edges, strokes.advance * float(tall))


class _Path:
    """Paths put together."""

    def __init__(self) -> None:
        self._points: list[Points] = []
        self._edges: list[Edges] = []
        self._count = 0

    def add(self, points: Points, edges: Edges) -> None:
        self._points.append(points)
        self._edges.append(edges + np.int32(self._count))
        self._count += len(points)

    def points(self) -> Points:
        return np.concatenate(self._points)

    def edges(self) -> Edges:
        return np.concatenate(self._edges)


def _traced_digit(image: Grey) -> Strokes | None:
    """A digit somebody wrote, one high, standing on the line."""
    large = np.asarray(cv2.resize(image, None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC), dtype=np.uint8)
    found = traced(np.pad(large, 4))
    if found is None:
        return None
    points, edges = found
    low, high = points.min(axis=0), points.max(axis=0)
    tall = max(1.0, float(high[1] - low[1]))
    placed = (
        (points - np.array([low[0], high[1]], np.float32)) * np.array([1, -1], np.float32) / np.float32(tall)
    )
    return Strokes(placed, edges, float(high[0] - low[0]) / tall + 0.18)


def _undotted(strokes: Strokes | None) -> Strokes | None:
    """``i`` or ``j`` without the dot."""
    if strokes is None:
        return None
    kept = strokes.points[:, 1] <= _ABOVE
    if kept.all() or kept.sum() < 2:
        return strokes
    place = np.cumsum(kept).astype(np.int32) - 1
    edges = strokes.edges[kept[strokes.edges].all(axis=1)]
    if not len(edges):
        return strokes
    return Strokes(strokes.points[kept], np.asarray(place[edges], dtype=np.int32), strokes.advance)


def _end(points: Points) -> Points | None:
    """Where a pen leaves a letter: low on its right side."""
    near: Points = points[
        (points[:, 0] > np.quantile(points[:, 0], 0.8)) & (points[:, 1] < 0.9) & (points[:, 1] > -0.3)
    ]
    return near[int(np.argmin(near[:, 1] - near[:, 0]))] if len(near) else None


def _start(points: Points) -> Points:
    """Where a pen comes into a letter: on its left side, half up."""
    near: Points = points[points[:, 0] <= np.quantile(points[:, 0], 0.35)]
    far = np.abs(near[:, 1] - 0.55) + 0.5 * (near[:, 0] - near[:, 0].min())
    return np.asarray(near[int(np.argmin(far))], dtype=np.float32)


def _join(start: Points, end: Points, rng: np.random.Generator) -> tuple[Points, Edges]:
    middle = (start + end) / 2
    sag = 0.25 * float(np.hypot(*(end - start))) * rng.uniform(0.2, 1.0)
    return chain(curve([(start[0], start[1]), (middle[0] + 0.3 * sag, middle[1] - sag), (end[0], end[1])]))


def _leaning(points: Points, habit: Habit, rng: np.random.Generator) -> Points:
    """The whole line slanted, bent smoothly, rising or falling."""
    x, y = points[:, 0], points[:, 1]
    wide = float(x.max() - x.min()) + 1e-3
    out = points.copy()
    knots = max(4, int(wide / 0.9))
    grid = np.linspace(float(x.min()), float(x.max()), knots)
    for axis, share in ((0, 1.0), (1, 0.7)):
        low, high = (np.interp(x, grid, rng.normal(0, habit.warp * share, knots)) for _ in range(2))
        part = np.clip((y + 0.5) / 2.5, 0, 1)
        out[:, axis] += (low * (1 - part) + high * part).astype(np.float32)
    lean = np.interp(x, grid, rng.normal(habit.slant, 0.06, knots))
    out[:, 0] += (lean * y).astype(np.float32)
    out[:, 1] += (x * rng.normal(0, 0.012)).astype(np.float32)
    return out


def _inked(points: Points, edges: Edges, small: float, rng: np.random.Generator) -> Grey | None:
    """Drawn with a pen of one width."""
    placed = points * np.array([1, -1], np.float32)
    placed = placed - placed.min(axis=0) + _ROOM
    columns, rows = (int(v) + _ROOM for v in placed.max(axis=0))
    if columns > _WIDEST:
        return None
    pen = float(np.clip(small * np.exp(rng.normal(np.log(0.09), 0.35)), 1.0, 0.28 * small))
    return drawn_with(placed, edges, (rows, columns), pen)
