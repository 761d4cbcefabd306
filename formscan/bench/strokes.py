"""Ink drawn by rule: ticks, crosses, fillings, scribbles, signatures, strokes through; shippable."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from formscan.bench.damage import MM

Alpha = npt.NDArray[np.uint8]
"""uint8 (height, width): 0 paper to 255 full ink, at the canvas resolution."""
Curve = npt.NDArray[np.float64]
"""float64 (n, 2): x and y in units of the box the mark is meant for (0..1)."""

_FINE: Final = 4
"""Sub-pixel positions of the line drawer are given in 2**4."""

SHAPES: Final = ("tick", "cross", "slash", "fill", "scribble", "circle", "line")
"""Ways people mark a box, roughly in the order of how common they are."""
SHAPE_SHARES: Final = (0.38, 0.36, 0.08, 0.05, 0.07, 0.03, 0.03)


def mark(shape: str, width: int, height: int, rng: np.random.Generator) -> tuple[Alpha, tuple[int, int]]:
    """A mark for a box of that size in canvas pixels.

    Returns:
        Alpha and the (x, y) of its left top corner relative to the box's; marks may stick out.
    """
    curves = [_shaky(curve, rng) for curve in _mark_curves(shape, rng)]
    size = rng.uniform(0.75, 1.2)
    off = rng.normal(0, 0.07, 2)
    placed = [((curve - 0.5) * size + 0.5 + off) * (width, height) for curve in curves]
    return draw(placed, float(rng.uniform(0.32, 0.75)) * MM, rng)


def signature(width: int, height: int, rng: np.random.Generator) -> tuple[Alpha, tuple[int, int]]:
    """A signature: a run of loops with a flourish, within the given size in canvas pixels."""
    loops = int(rng.integers(4, 9))
    t = np.linspace(0, loops * 2 * math.pi, loops * 14)
    heights = np.interp(t, np.linspace(0, t[-1], loops + 1), rng.uniform(0.15, 0.5, loops + 1))
    x = 0.08 + 0.75 * t / t[-1] + 0.05 * np.sin(t + rng.uniform(0, 6))
    y = 0.55 - heights * np.sin(t) * rng.uniform(0.6, 1.0) + 0.05 * np.sin(t / 3)
    flourish = np.array([[0.83, 0.6], [0.98, 0.45], [0.6, 0.85], [0.2, 0.82]]) + rng.normal(0, 0.04, (4, 2))
    curves = [np.column_stack([x, y]), _smooth(flourish)]
    return draw(
        [np.clip(c, 0.02, 0.98) * (width, height) for c in curves], float(rng.uniform(0.3, 0.55)) * MM, rng
    )


def strike(width: int, height: int, rng: np.random.Generator) -> tuple[Alpha, tuple[int, int]]:
    """One or two strokes through writing of that size."""
    ends = [np.array([[-0.02, 0.5], [0.5, 0.5], [1.02, 0.5]]) + rng.normal(0, 0.06, (3, 2)) * (0.3, 1)]
    if rng.random() < 0.4:
        ends.append(ends[0] + (0, 0.16))
    return draw([_smooth(c) * (width, height) for c in ends], float(rng.uniform(0.35, 0.6)) * MM, rng)


def draw(curves: Sequence[Curve], pen_px: float, rng: np.random.Generator) -> tuple[Alpha, tuple[int, int]]:
    """Draw curves (canvas pixels) with a pen of that width; returns alpha and its offset."""
    every = np.vstack(curves)
    pad = int(pen_px * 1.5) + 3
    low = np.floor(every.min(axis=0)).astype(int) - pad
    high = np.ceil(every.max(axis=0)).astype(int) + pad
    alpha = np.zeros((int(high[1] - low[1]), int(high[0] - low[0])), np.uint8)
    for curve in curves:
        at = np.rint((curve - low) * 2**_FINE).astype(np.int32).reshape(-1, 1, 2)
        cv2.polylines(alpha, [at], False, 255, max(1, round(pen_px)), cv2.LINE_AA, _FINE)
    soft = np.asarray(cv2.GaussianBlur(alpha, (0, 0), 0.8), dtype=np.float32)
    grain = cv2.GaussianBlur(rng.standard_normal(alpha.shape, dtype=np.float32), (0, 0), 2.0)
    return np.asarray(np.clip(soft * (1 + 0.25 * np.asarray(grain)), 0, 255), dtype=np.uint8), (
        int(low[0]),
        int(low[1]),
    )


def _mark_curves(shape: str, rng: np.random.Generator) -> list[Curve]:
    def j(*points: tuple[float, float]) -> Curve:
        return np.array(points) + rng.normal(0, 0.05, (len(points), 2))

    if shape == "tick":
        return [_smooth(j((0.12, 0.5), (0.38, 0.88), (0.95, -0.05)))]
    if shape == "cross":
        return [
            _smooth(j((0.1, 0.1), (0.5, 0.5), (0.92, 0.9))),
            _smooth(j((0.9, 0.08), (0.5, 0.5), (0.1, 0.92))),
        ]
    if shape == "slash":
        return [_smooth(j((0.1, 0.95), (0.5, 0.5), (0.92, 0.05)))]
    if shape == "line":
        return [_smooth(j((0.05, 0.5), (0.5, 0.5), (0.95, 0.5)))]
    if shape == "circle":
        t = np.linspace(0, 2 * math.pi + 0.4, 24)
        return [
            np.column_stack([0.5 + 0.36 * np.cos(t), 0.5 + 0.36 * np.sin(t)]) + rng.normal(0, 0.015, (24, 2))
        ]
    rows = 9 if shape == "fill" else 5
    y = np.linspace(0.1, 0.9, rows * 2)
    x = np.where(np.arange(rows * 2) % 2 == 0, 0.1, 0.9) + rng.normal(0, 0.04, rows * 2)
    return [_smooth(np.column_stack([x, y + rng.normal(0, 0.03, rows * 2)]), 6)]


def _shaky(curve: Curve, rng: np.random.Generator) -> Curve:
    return curve + np.cumsum(rng.normal(0, 0.006, curve.shape), axis=0)


def _smooth(points: Curve, per: int = 8) -> Curve:
    """Catmull-Rom curve through the points."""
    padded = np.vstack([2 * points[0] - points[1], points, 2 * points[-1] - points[-2]])
    parts = []
    for k in range(1, len(padded) - 2):
        t = np.linspace(0, 1, per, endpoint=k == len(padded) - 3)[:, None]
        a, b, c, d = padded[k - 1 : k + 3]
        parts.append(
            0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
        )
    return np.vstack(parts)
