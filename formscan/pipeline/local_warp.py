"""A smooth field of small displacements over a page, fitted robustly to measured places.

Cubic B-splines on a regular net with a penalty on their second differences (P-splines: Eilers and Marx,
Statistical Science 11, 1996), in two dimensions. Paper that is stretched, curved or folded moves this
way; a straight stretch or turn costs no penalty at all. Outliers (writing over print) are weighted down
by Tukey's biweight. What is left over at each place is told as if the place had not been used: the
leave-one-out residual r / (1 - h) with the leverage h of the linear smoother, which is exact for fixed
weights (Craven and Wahba, Numerische Mathematik 31, 1979).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from formscan.pipeline.patches import Points, Scores
from formscan.pipeline.spline_net import SplineNet, splines

Array = npt.NDArray[np.float64]

ROUNDS: Final = 3
"""Rounds of reweighting."""
TUKEY: Final = 4.685
"""Of the biweight, in robust standard deviations (95 % efficiency on normal errors)."""


@dataclass(frozen=True, slots=True, eq=False)
class WarpSettings:
    """How stiff the field is.

    Attributes:
        step: Distance of the net's nodes, in the unit of the points.
        stiffness: Weight of the penalty against one measured place.
        noise: Smallest standard deviation of a measurement that is believed, in the unit of the points.
    """

    step: float
    stiffness: float
    noise: float


@dataclass(frozen=True, slots=True, eq=False)
class LocalWarp:
    """The fitted field.

    Attributes:
        low: (x, y) of the net's origin.
        step: Distance of nodes.
        nodes: float64 (rows, cols, 2): spline coefficients of the displacement.
        left_over: (n, 2) residuals at the measured places; leave-one-out where the fit was judged.
        weights: (n, 2) final robust weights times the given ones; 0 for what was thrown out.
        doubt: (n, 2) standard deviation of the field at each place, by the spread of its measurements;
            0 where the fit was not judged.
    """

    low: tuple[float, float]
    step: float
    nodes: Array
    left_over: Points
    weights: Points
    doubt: Points

    def at(self, points: Points) -> Points:
        """Displacement (n, 2) at points (n, 2)."""
        rows, cols = self.nodes.shape[:2]
        return SplineNet((points - self.low) / self.step, (cols, rows)).of(self.nodes)

    def on_net(self, xs: Array, ys: Array) -> Array:
        """Displacement (len(ys), len(xs), 2) on a regular net of points."""
        rows, cols = self.nodes.shape[:2]
        left, across = splines((xs - self.low[0]) / self.step, cols)
        top, down = splines((ys - self.low[1]) / self.step, rows)
        four = np.arange(4)
        rising = np.einsum("yr,yrck->yck", down, self.nodes[top[:, None] + four])
        return np.asarray(
            np.einsum("xc,yxck->yxk", across, rising[:, left[:, None] + four]), dtype=np.float64
        )


def fit_warp(
    points: Points,
    moved: Points,
    weights: Points,
    size: tuple[float, float],
    how: WarpSettings,
    judged: bool = False,
) -> LocalWarp:
    """Fit a displacement field.

    Args:
        points: (n, 2) places.
        moved: (n, 2) measured displacement there.
        weights: (n, 2), 0 where an axis was not measured.
        size: (width, height) of the page; the field is defined on all of it.
        how: Net and stiffness.
        judged: Also tell leave-one-out residuals and doubt; else plain residuals and no doubt.
    """
    cols, rows = (int(np.ceil(side / how.step)) + 3 for side in size)
    net = SplineNet(points / how.step, (cols, rows))
    robust = np.ones(len(points))
    nodes = np.zeros((rows * cols, 2))
    for _ in range(ROUNDS):
        across, down = (weights * robust[:, None]).T
        factor = net.factored(across, how.stiffness)
        nodes[:, 0] = factor.solved(net.right(across * moved[:, 0]))
        if not np.array_equal(across, down):
            factor = net.factored(down, how.stiffness)
        nodes[:, 1] = factor.solved(net.right(down * moved[:, 1]))
        robust = _biweight(np.asarray(moved - net.of(nodes)), weights, how.noise)
    final = weights * robust[:, None]
    left = np.asarray(moved - net.of(nodes))
    doubt = np.zeros_like(left)
    if judged:
        for axis in (0, 1):
            spread = net.spread(net.factored(final[:, axis], how.stiffness))
            left[:, axis] /= np.maximum(1 - final[:, axis] * spread, 0.05)
            doubt[:, axis] = np.sqrt(spread) * _noise(left[:, axis], final[:, axis], how.noise)
    return LocalWarp((0.0, 0.0), how.step, nodes.reshape(rows, cols, 2), left, final, doubt)


def _noise(left: Scores, weights: Scores, least: float) -> float:
    """Standard deviation of a measurement of weight 1."""
    used = weights > 0
    return max(least, float(np.sqrt((weights * left**2)[used].mean()))) if used.any() else least


def _biweight(left: Points, weights: Points, noise: float) -> Scores:
    size = np.hypot(*np.where(weights > 0, left, 0.0).T)
    used = weights.max(axis=1) > 0
    spread = max(noise, 1.4826 * float(np.median(size[used])) if used.any() else noise)
    return np.asarray(np.clip(1 - (size / (TUKEY * spread)) ** 2, 0, None) ** 2)
