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
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse.linalg import SuperLU, splu

from formscan.pipeline.patches import Points, Scores

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
        basis = _basis(points, self.low, self.step, (cols, rows))
        return np.asarray(basis @ self.nodes.reshape(-1, 2), dtype=np.float64)

    def on_net(self, xs: Array, ys: Array) -> Array:
        """Displacement (len(ys), len(xs), 2) on a regular net of points."""
        rows, cols = self.nodes.shape[:2]
        across = _splines((xs - self.low[0]) / self.step, cols).toarray()
        down = _splines((ys - self.low[1]) / self.step, rows).toarray()
        return np.asarray(np.einsum("yr,rck,xc->yxk", down, self.nodes, across, optimize=True))


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
    basis = _basis(points, (0.0, 0.0), how.step, (cols, rows))
    robust = np.ones(len(points))
    nodes = np.zeros((cols * rows, 2))
    for _ in range(ROUNDS):
        for axis in (0, 1):
            w = weights[:, axis] * robust
            nodes[:, axis] = _solved(basis, w, basis.T @ (w * moved[:, axis]), how.stiffness, (cols, rows))
        robust = _biweight(np.asarray(moved - basis @ nodes), weights, how.noise)
    final = weights * robust[:, None]
    left = np.asarray(moved - basis @ nodes)
    doubt = np.zeros_like(left)
    if judged:
        for axis in (0, 1):
            spread = _spread(basis, final[:, axis], how.stiffness, (cols, rows))
            left[:, axis] /= np.maximum(1 - final[:, axis] * spread, 0.05)
            doubt[:, axis] = np.sqrt(spread) * _noise(left[:, axis], final[:, axis], how.noise)
    return LocalWarp((0.0, 0.0), how.step, nodes.reshape(rows, cols, 2), left, final, doubt)


def _solved(
    basis: sparse.csr_array, weights: Scores, right: Array, stiffness: float, shape: tuple[int, int]
) -> Array:
    """Solve the normal equations sparsely: a spline touches only its neighbours.

    SuperLU works in one thread whatever the environment says; LAPACK's Cholesky starts threads for a
    matrix of this size, which cost ten times what they save.
    """
    return np.asarray(_factor(basis, weights, stiffness, shape).solve(right), dtype=np.float64)


def _factor(basis: sparse.csr_array, weights: Scores, stiffness: float, shape: tuple[int, int]) -> SuperLU:
    normal = sparse.csc_array(_normal(basis, weights) + stiffness * _sparse_penalty(*shape))
    return splu(normal, permc_spec="MMD_AT_PLUS_A", options={"SymmetricMode": True})


def _normal(basis: sparse.csr_array, weights: Scores) -> sparse.csr_array:
    weighted = basis.multiply(np.sqrt(weights)[:, None]).tocsr()
    return sparse.csr_array(weighted.T @ weighted)


def _spread(basis: sparse.csr_array, weights: Scores, stiffness: float, shape: tuple[int, int]) -> Array:
    """Of each measured place: a (N^-1) a with its row a of the basis and the normal matrix N."""
    inverse = _factor(basis, weights, stiffness, shape).solve(np.eye(basis.shape[1]))
    at, values = basis.indices.reshape(-1, 16), basis.data.reshape(-1, 16)
    blocks = inverse[at[:, :, None], at[:, None, :]]
    return np.asarray(np.einsum("ni,nij,nj->n", values, blocks, values, optimize=True), dtype=np.float64)


def _noise(left: Scores, weights: Scores, least: float) -> float:
    """Standard deviation of a measurement of weight 1."""
    used = weights > 0
    return max(least, float(np.sqrt((weights * left**2)[used].mean()))) if used.any() else least


def _biweight(left: Points, weights: Points, noise: float) -> Scores:
    size = np.hypot(*np.where(weights > 0, left, 0.0).T)
    used = weights.max(axis=1) > 0
    spread = max(noise, 1.4826 * float(np.median(size[used])) if used.any() else noise)
    return np.asarray(np.clip(1 - (size / (TUKEY * spread)) ** 2, 0, None) ** 2)


def _basis(points: Points, low: tuple[float, float], step: float, shape: tuple[int, int]) -> sparse.csr_array:
    """Sparse (n, rows * cols) tensor product of the splines at points; ``shape`` is (cols, rows)."""
    cols, rows = shape
    across = _splines((points[:, 0] - low[0]) / step, cols)
    down = _splines((points[:, 1] - low[1]) / step, rows)
    count = len(points)
    a, d = across.data.reshape(count, 4), down.data.reshape(count, 4)
    ai, di = across.indices.reshape(count, 4), down.indices.reshape(count, 4)
    values = (d[:, :, None] * a[:, None, :]).reshape(-1)
    places = (di[:, :, None] * cols + ai[:, None, :]).reshape(-1)
    starts = np.arange(count + 1) * 16
    return sparse.csr_array((values, places, starts), shape=(count, rows * cols))


def _splines(at: Array, count: int) -> sparse.csr_array:
    """Uniform cubic B-splines: row i holds the four that are not 0 at ``at[i]`` (in steps)."""
    cell = np.clip(np.floor(at).astype(int), 0, count - 4)
    u = at - cell
    values = (
        np.stack([(1 - u) ** 3, 3 * u**3 - 6 * u**2 + 4, -3 * u**3 + 3 * u**2 + 3 * u + 1, u**3], axis=1) / 6
    )
    places = cell[:, None] + np.arange(4)
    starts = np.arange(len(at) + 1) * 4
    return sparse.csr_array((values.reshape(-1), places.reshape(-1), starts), shape=(len(at), count))


@lru_cache(maxsize=8)
def _penalty(cols: int, rows: int) -> Array:
    """Sum of squared second differences along x, along y, and twice the mixed one (thin-plate like)."""

    def differences(count: int, order: int) -> Array:
        return np.diff(np.eye(count), order, axis=0)

    along_x = np.kron(np.eye(rows), differences(cols, 2))
    along_y = np.kron(differences(rows, 2), np.eye(cols))
    mixed = np.kron(differences(rows, 1), differences(cols, 1))
    return np.asarray(
        along_x.T @ along_x + along_y.T @ along_y + 2 * mixed.T @ mixed + 1e-9 * np.eye(cols * rows)
    )


@lru_cache(maxsize=8)
def _sparse_penalty(cols: int, rows: int) -> sparse.csr_array:
    return sparse.csr_array(_penalty(cols, rows))
