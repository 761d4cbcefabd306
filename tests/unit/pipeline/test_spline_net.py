"""The block-wise factoring against the whole matrix."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from formscan.pipeline.local_warp import WarpSettings, fit_warp
from formscan.pipeline.spline_net import SplineNet

SHAPES = ((17, 23), (9, 11), (5, 4))


def places(shape: tuple[int, int], count: int = 200) -> npt.NDArray[np.float64]:
    rng = np.random.default_rng(3)
    return np.asarray(rng.uniform(0, 1, (count, 2)) * (shape[0] - 3, shape[1] - 3))


def whole_basis(net: SplineNet, count: int) -> npt.NDArray[np.float64]:
    """One column a node, from what the net says of unit coefficients."""
    nodes = np.eye(net.rows * net.cols)
    return net.of(nodes.reshape(net.rows, net.cols, -1)).reshape(count, -1)


def penalty(shape: tuple[int, int]) -> npt.NDArray[np.float64]:
    """Squared second differences of the nodes, the mixed one twice, and a trace of the nodes themselves."""
    one, two = ({n: np.diff(np.eye(n), order, axis=0) for n in shape} for order in (1, 2))
    cols, rows = shape
    along_x, along_y = np.kron(np.eye(rows), two[cols]), np.kron(two[rows], np.eye(cols))
    mixed = np.kron(one[rows], one[cols])
    trace = 1e-9 * np.eye(cols * rows)
    return np.asarray(along_x.T @ along_x + along_y.T @ along_y + 2 * mixed.T @ mixed + trace)


@pytest.mark.parametrize("shape", SHAPES)
def test_that_a_net_solves_what_the_whole_normal_matrix_solves(shape: tuple[int, int]) -> None:
    at = places(shape)
    net = SplineNet(at, shape)
    basis = whole_basis(net, len(at))
    rng = np.random.default_rng(4)
    weights, measured = rng.uniform(0, 1, len(at)), rng.normal(size=len(at))
    normal = basis.T @ (basis * weights[:, None]) + 0.1 * penalty(shape)
    right = net.right(weights * measured)
    assert right == pytest.approx(basis.T @ (weights * measured))
    factored = net.factored(weights, 0.1)
    assert normal @ factored.solved(right) == pytest.approx(right)
    inverse = np.stack([factored.solved(row) for row in np.eye(len(normal))])
    assert net.spread(factored) == pytest.approx(np.einsum("ni,ij,nj->n", basis, inverse, basis))


def test_that_a_straight_stretch_costs_no_penalty() -> None:
    rng = np.random.default_rng(5)
    points = rng.uniform(0, 1, (60, 2)) * (210.0, 297.0)
    moved = np.stack([0.003 * points[:, 0] - 0.2, 0.001 * points[:, 0] + 0.002 * points[:, 1]], axis=1)
    warp = fit_warp(points, moved, np.ones((60, 2)), (210.0, 297.0), WarpSettings(15.0, 0.1, 0.04))
    assert warp.at(points) == pytest.approx(moved, abs=1e-6)
    xs, ys = np.array([3.0, 100.0, 209.0]), np.array([1.0, 296.0])
    grid = np.stack(np.meshgrid(xs, ys), axis=2).reshape(-1, 2)
    assert warp.on_net(xs, ys).reshape(-1, 2) == pytest.approx(warp.at(grid))


def test_that_a_place_left_out_is_told_as_if_it_had_been_left_out() -> None:
    rng = np.random.default_rng(6)
    points = rng.uniform(0, 1, (150, 2)) * (100.0, 100.0)
    moved = 0.01 * rng.normal(size=(150, 2))
    weights, size, how = np.ones((150, 2)), (100.0, 100.0), WarpSettings(15.0, 0.1, 10.0)
    judged = fit_warp(points, moved, weights, size, how, judged=True)
    weights[17] = 0
    without = fit_warp(points, moved, weights, size, how)
    assert judged.left_over[17] == pytest.approx(moved[17] - without.at(points[17:18])[0], abs=1e-4)
