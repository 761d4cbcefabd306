"""Cubic B-splines on a regular net, and the normal equations of fitting them to scattered places.

A spline touches four rows and four columns of nodes, so with the nodes taken row by row, a few rows a block,
the normal matrix is block tridiagonal. It is factored block by block (Golub and Van Loan, Matrix
Computations, 4.5.1), and those entries of its inverse that a measured place needs come from the same blocks
(Takahashi, Fagan and Chin, PICA 1973), which costs a hundredth of the whole inverse. Blocks are so small
that BLAS and LAPACK stay in one thread.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.linalg import lapack

Array = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]

BLOCK_ROWS: Final = 3
"""Rows of nodes in a block; a spline's four rows then never reach past the next block."""
_LOWER: Final = np.tril_indices(16)
_TWICE: Final = np.where(_LOWER[0] == _LOWER[1], 1.0, 2.0)


def splines(at: Array, count: int) -> tuple[Indices, Array]:
    """First of the four splines that are not 0 at places of an axis (in steps), and their values (n, 4)."""
    cell = np.clip(np.floor(at).astype(np.int64), 0, count - 4)
    u = at - cell
    v = 1 - u
    values = np.stack([v**3, 3 * u**3 - 6 * u**2 + 4, 3 * v**3 - 6 * v**2 + 4, u**3], axis=1) / 6
    return cell, values


class SplineNet:
    """The splines of a net at some places.

    Args:
        at: (n, 2) places (x, y) in steps from the net's origin.
        shape: Columns and rows of nodes.
    """

    def __init__(self, at: Array, shape: tuple[int, int]) -> None:
        self.cols, self.rows = shape
        self._left, self._across = splines(at[:, 0], self.cols)
        self._top, self._down = splines(at[:, 1], self.rows)

    def of(self, nodes: Array) -> Array:
        """Values (n, k) at the places for coefficients (rows, cols, k)."""
        at, values = self._flat
        columns = nodes.reshape(self.rows * self.cols, -1).T
        return np.stack([np.einsum("ni,ni->n", values, column.take(at)) for column in columns], axis=1)

    def right(self, values: Array) -> Array:
        """Sum over the places of value (n,) times spline, for each node (rows * cols,)."""
        at, splines_ = self._flat
        weighted = (splines_ * values[:, None]).ravel()
        return np.bincount(at.ravel(), weighted, minlength=self.rows * self.cols).astype(np.float64)

    def factored(self, weights: Array, stiffness: float) -> Factored:
        """The normal matrix of places with weights (n,) and a penalty on second differences, factored."""
        entries, products = self._pairs
        order, starts = self._cells
        blocks = -(-self.rows // BLOCK_ROWS)
        side = BLOCK_ROWS * self.cols
        count = (2 * blocks - 1) * side * side
        weighted = np.add.reduceat((products * weights[:, None])[order], starts, axis=0).ravel()
        first = entries[order[starts]].ravel()
        total = np.bincount(first, weighted, minlength=count).astype(np.float64, copy=False)
        total += stiffness * _penalty(self.cols, self.rows)
        total = total.reshape(-1, side, side)
        total[blocks - 1] += np.diag(np.arange(side) >= side - (blocks * BLOCK_ROWS - self.rows) * self.cols)
        return Factored.of(total[:blocks], total[blocks:])

    def spread(self, factored: Factored) -> Array:
        """(n,): a (N^-1) a for each place with its splines a and the factored normal matrix N."""
        entries, products = self._pairs
        return np.asarray((factored.inverse.ravel()[entries] * products) @ _TWICE, dtype=np.float64)

    @cached_property
    def _flat(self) -> tuple[Indices, Array]:
        """Nodes (n, 16) of each place and the splines' values there."""
        four = np.arange(4)
        rows = (self._top[:, None] + four) * self.cols
        at = (rows[:, :, None] + (self._left[:, None] + four)[:, None, :]).reshape(-1, 16)
        return at, (self._down[:, :, None] * self._across[:, None, :]).reshape(-1, 16)

    @cached_property
    def _cells(self) -> tuple[Indices, Indices]:
        """The places in the order of the cells they lie in, and where each new cell begins."""
        cell = self._top * self.cols + self._left
        order = np.argsort(cell, kind="stable")
        starts = np.flatnonzero(np.diff(cell[order], prepend=-1))
        return order, starts

    @cached_property
    def _pairs(self) -> tuple[Indices, Array]:
        """For every place and pair of its splines: the entry of the stored blocks, and the product."""
        at, values = self._flat
        later, earlier = at[:, _LOWER[0]], at[:, _LOWER[1]]
        entries = _entries(later, earlier, self.cols, self.rows)
        return entries, values[:, _LOWER[0]] * values[:, _LOWER[1]]


@dataclass(frozen=True, slots=True, eq=False)
class Factored:
    """A block tridiagonal matrix N = L L^T.

    Attributes:
        unlowered: (blocks, side, side) inverses of the diagonal blocks of L.
        beside: (blocks - 1, side, side) blocks of L below them.
    """

    unlowered: Array
    beside: Array

    @classmethod
    def of(cls, diagonal: Array, below: Array) -> Factored:
        """Factor a matrix given by the lower halves of its diagonal blocks and the blocks below those."""
        unlowered, beside = np.empty_like(diagonal), np.empty_like(below)
        left = diagonal[0]
        for at in range(len(diagonal)):
            unlowered[at] = _inverse_lower(left)
            if at < len(below):
                beside[at] = below[at] @ unlowered[at].T
                left = diagonal[at + 1] - beside[at] @ beside[at].T
        return cls(unlowered, beside)

    def solved(self, right: Array) -> Array:
        """N^-1 right; (m,) of at most as many values as N has rows."""
        blocks, side = self.unlowered.shape[:2]
        out = np.zeros(blocks * side)
        out[: len(right)] = right
        parts = out.reshape(blocks, side)
        for at in range(blocks):
            if at:
                parts[at] -= self.beside[at - 1] @ parts[at - 1]
            parts[at] = self.unlowered[at] @ parts[at]
        for at in reversed(range(blocks)):
            if at + 1 < blocks:
                parts[at] -= self.beside[at].T @ parts[at + 1]
            parts[at] = self.unlowered[at].T @ parts[at]
        return out[: len(right)]

    @property
    def inverse(self) -> Array:
        """(2 blocks - 1, side, side): of N^-1 the diagonal blocks, then those below them."""
        blocks = len(self.unlowered)
        out = np.empty((2 * blocks - 1, *self.unlowered.shape[1:]))
        for at in reversed(range(blocks)):
            out[at] = self.unlowered[at].T @ self.unlowered[at]
            if at + 1 < blocks:
                reach = self.beside[at] @ self.unlowered[at]
                out[blocks + at] = -out[at + 1] @ reach
                out[at] -= reach.T @ out[blocks + at]
        return out


def _inverse_lower(matrix: Array) -> Array:
    """Inverse of the Cholesky factor of a matrix of which only the lower half is looked at.

    Raises:
        numpy.linalg.LinAlgError: If it is not positive definite.
    """
    factor, trouble = lapack.dpotrf(matrix, lower=1, clean=1)
    if trouble:
        raise np.linalg.LinAlgError(trouble)
    return np.asarray(lapack.dtrtri(factor, lower=1)[0], dtype=np.float64)


def _entries(later: Indices, earlier: Indices, cols: int, rows: int) -> Indices:
    """Where an entry of the normal matrix stands among the stored blocks: diagonal ones, then those below."""
    side, blocks = BLOCK_ROWS * cols, -(-rows // BLOCK_ROWS)
    block, row = np.divmod(later, side)
    other, column = np.divmod(earlier, side)
    stored = np.where(block == other, block, blocks + other)
    return np.asarray((stored * side + row) * side + column, dtype=np.int64)


@lru_cache(maxsize=8)
def _penalty(cols: int, rows: int) -> Array:
    """Sum of squared second differences along x, along y, and twice the mixed one (thin-plate like).

    Entry by entry of the stored blocks, flat.
    """

    def differences(count: int, order: int) -> Array:
        return np.diff(np.eye(count), order, axis=0)

    along_x = np.kron(np.eye(rows), differences(cols, 2))
    along_y = np.kron(differences(rows, 2), np.eye(cols))
    mixed = np.kron(differences(rows, 1), differences(cols, 1))
    whole = along_x.T @ along_x + along_y.T @ along_y + 2 * mixed.T @ mixed + 1e-9 * np.eye(cols * rows)
    later, earlier = np.nonzero(np.tril(whole))
    side, blocks = BLOCK_ROWS * cols, -(-rows // BLOCK_ROWS)
    out = np.zeros((2 * blocks - 1) * side * side)
    out[_entries(later.astype(np.int64), earlier.astype(np.int64), cols, rows)] = whole[later, earlier]
    return out
