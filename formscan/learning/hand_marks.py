"""The marks of Vietnamese as people put them over letters: hats, breves, horns, bars, dots and tones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from formscan.engines.letters import parts_of
from formscan.learning.habits import Habit
from formscan.learning.skeletons import Edges, Points

_DOTTED: Final = frozenset("ij")


def marks_of(
    letter: str, points: Points, habit: Habit, rng: np.random.Generator
) -> list[tuple[Points, Edges]]:
    """The marks of a letter: its dot, hat, breve, horn, bar and tone."""
    part = parts_of(letter)
    left, right = float(points[:, 0].min()), float(points[:, 0].max())
    top = float(np.quantile(points[:, 1], 0.97)) if part.base != "d" else float(points[:, 1].max())
    centre, broad = (left + right) / 2, max(0.35, min(1.2, right - left))
    x = centre + habit.drift + rng.normal(0, habit.spread)
    y = top + 0.15 + habit.lift + rng.normal(0, 0.5 * habit.spread)
    made: list[Points] = []
    tone = part.tone
    if part.base in _DOTTED and not part.upper and tone in {"", "\u0323"}:
        made.append(_tick(x, y + 0.1, 0.08, rng))
    if part.shape == "stroke":
        made.append(_bar(left, right, top, rng, upper=part.upper))
    elif part.shape == "horn":
        made.append(_horn(right, min(top, 1.15) if not part.upper else top, habit, rng))
    elif part.shape:
        made.append(_hat(x, y, habit, rng, broad=broad, breve=part.shape == "breve"))
        y += 0.2 + 0.25 * (1 - habit.flat)
        # A tone stands above the hat, or beside it, on the right more often.
        x += habit.marks * float(rng.choice([0.0, 0.35, -0.3], p=[0.35, 0.5, 0.15]))
        y -= float(rng.uniform(0, 0.25))
    if tone == "\u0323":
        low = min(0.0, float(np.quantile(points[:, 1], 0.03)))
        down = low if part.base == "y" and rng.random() < 0.5 else 0.0
        made.append(_tick(centre + rng.normal(0.05, habit.spread), down - rng.uniform(0.2, 0.6), 0.07, rng))
    elif tone:
        made.append(_tone(tone, x, y, habit, rng))
    return [chain(points) for points in made]


def _bar(left: float, right: float, top: float, rng: np.random.Generator, *, upper: bool) -> Points:
    """The bar of ``đ``: through what rises of the small letter, through the stem of the capital."""
    level = (0.55 if upper else 0.78) * top + rng.normal(0, 0.08)
    at = left + 0.12 if upper else right - 0.1
    reach, tilt = rng.uniform(0.2, 0.5), rng.normal(0.0, 0.06)
    return np.array([[at - reach, level - tilt], [at + reach, level + tilt]], np.float32)


def _tick(x: float, y: float, size: float, rng: np.random.Generator) -> Points:
    """A dot: a short stroke, seldom a long one."""
    reach = size * float(np.exp(rng.normal(0, 0.6)))
    angle = rng.uniform(-0.3, 1.9)
    move = np.array([np.cos(angle), np.sin(angle)]) * reach
    return np.array([[x - move[0], y - move[1]], [x + move[0], y + move[1]]], np.float32)


def _hat(x: float, y: float, habit: Habit, rng: np.random.Generator, *, broad: float, breve: bool) -> Points:
    wide = broad * habit.marks * rng.uniform(0.35, 0.65)
    high = habit.marks * rng.uniform(0.15, 0.4) * (1 - 0.8 * habit.flat) * (-1 if breve else 1)
    skew = rng.normal(0, 0.2) * wide
    low = y if not breve else y + abs(high)
    corners = [
        (x - wide, low + rng.normal(0, 0.04)),
        (x + skew, low + high),
        (x + wide, low + rng.normal(0.0, 0.07)),
    ]
    if breve or rng.random() < 0.6:
        return curve(corners)
    return np.array(corners, np.float32)


def _horn(right: float, top: float, habit: Habit, rng: np.random.Generator) -> Points:
    """The horn of ``ơ`` and ``ư``: a tick that leaves the letter's upper right, attached or not."""
    x, y = right + rng.normal(0.02, 0.06), top + rng.normal(-0.08, 0.08)
    size = habit.marks * rng.uniform(0.18, 0.4)
    draw = rng.random()
    if draw < 0.45:
        return curve([(x, y), (x + 0.7 * size, y + 0.15 * size), (x + 0.8 * size, y + size)])
    if draw < 0.75:
        return np.array([[x, y], [x + rng.uniform(0.4, 1.0) * size, y + size]], np.float32)
    return curve(
        [(x + 0.3 * size, y + size), (x + 0.8 * size, y + 0.8 * size), (x + 0.3 * size, y + 0.1 * size)]
    )


def _tone(tone: str, x: float, y: float, habit: Habit, rng: np.random.Generator) -> Points:
    size = habit.marks * float(rng.uniform(0.3, 0.65))
    if tone in {"\u0301", "\u0300"}:
        angle = habit.steep * (0.8 if tone == "\u0300" else 1.0) + float(rng.normal(0, 0.15))
        run, rise = size * np.cos(angle), size * np.sin(angle)
        if tone == "\u0300":
            run = -run
        bend = rng.normal(0, 0.06)
        return curve([(x - run / 2, y), (x + bend, y + rise / 2), (x + run / 2, y + rise)])
    if tone == "\u0303":
        wave = size * rng.uniform(0.15, 0.45) * (1 - 0.6 * habit.flat)
        wide = size * rng.uniform(0.5, 0.95)
        rise = rng.normal(0.06, 0.08)
        return curve(
            [
                (x - wide, y + 0.1),
                (x - 0.4 * wide, y + 0.1 + wave + 0.3 * rise),
                (x + 0.4 * wide, y + 0.1 - wave + 0.7 * rise),
                (x + wide, y + 0.1 + rise + 0.6 * wave),
            ]
        )
    # The hook: a question mark without its dot, or what haste leaves of it.
    if rng.random() < 0.7:
        return curve(
            [
                (x - 0.35 * size, y + 0.8 * size),
                (x, y + size),
                (x + 0.35 * size, y + 0.75 * size),
                (x + 0.1 * size, y + 0.4 * size),
                (x + rng.normal(0, 0.1) * size, y),
            ]
        )
    return curve([(x - 0.4 * size, y + 0.8 * size), (x + 0.3 * size, y + 0.8 * size), (x - 0.1 * size, y)])


def chain(points: Points) -> tuple[Points, Edges]:
    """One stroke through points, made dense."""
    steps = np.maximum(1, np.ceil(np.hypot(*np.diff(points, axis=0).T) / 0.04)).astype(int)
    dense = [
        a + (b - a) * (np.arange(n, dtype=np.float32)[:, None] / np.float32(n))
        for a, b, n in zip(points, points[1:], steps, strict=False)
    ]
    line = np.concatenate([*dense, points[-1:]]).astype(np.float32)
    count = len(line)
    return line, np.stack([np.arange(count - 1), np.arange(1, count)], axis=1).astype(np.int32)


def curve(places: Sequence[tuple[float, float]]) -> Points:
    """A smooth stroke through places (Catmull and Rom)."""
    knots = np.array([places[0], *places, places[-1]], np.float32)
    made = []
    for a, b, c, d in zip(knots, knots[1:], knots[2:], knots[3:], strict=False):
        t = np.linspace(0, 1, 8, endpoint=False, dtype=np.float32)[:, None]
        made.append(
            0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
        )
    return np.concatenate([*made, knots[-1:]]).astype(np.float32)
