"""Where each place of a blank page lies on a scan, and the scan seen from there.

Places of the blank are in millimetres from its top left corner; places of a scan are pixel indices, so
that pixel i, which covers i to i + 1, has its centre at i.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, cast

import cv2
import numpy as np
import numpy.typing as npt

from formscan.model.geometry import MM_PER_INCH, POINTS_PER_INCH
from formscan.model.page import Grey, Matrix
from formscan.pipeline.local_warp import LocalWarp
from formscan.pipeline.patches import Points
from formscan.pipeline.structure import Boxes, Flags

Net = npt.NDArray[np.float32]
Line = npt.NDArray[np.float64]
VIEW_STEP: Final = 16
"""Frame pixels between the nodes at which a view's mapping is computed exactly."""
BAND: Final = 8
WANTED_BAND: Final = 2
"""Rows of cells warped at a time."""
RUN_GAP: Final = 3
"""Cells nobody wants between wanted ones, up to which it is cheaper to warp them, too."""
_NO_MAP: Final = cast("Net", None)
"""x and y are in one map; OpenCV then wants no second one, which its type hints do not know."""


@dataclass(frozen=True, slots=True, eq=False)
class Placement:
    """A homography with local corrections on top.

    Attributes:
        matrix: Maps millimetres of the blank to pixel indices of the scan.
        warps: Corrections in millimetres of the blank; the last one found stands last and is applied
            first: print meant for p lies at ``matrix(w0(w1(p)))`` with ``w(p) = p + warp.at(p)``.
    """

    matrix: Matrix
    warps: tuple[LocalWarp, ...] = ()

    def at(self, places_mm: Points) -> Points:
        """Scan positions (n, 2) of places (n, 2) of the blank."""
        moved = places_mm
        for warp in reversed(self.warps):
            moved = moved + warp.at(moved)
        return apply(self.matrix, moved)

    def corrected(self, warp: LocalWarp) -> Placement:
        """The same with one more correction, measured in the view of this one."""
        return replace(self, warps=(*self.warps, warp))

    def on(self, scale: float) -> Placement:
        """The same for the scan made larger by ``scale``."""
        return self.through(rescaling(scale))

    def through(self, onto: Matrix) -> Placement:
        """The same for a picture to whose pixels ``onto`` maps those of the scan."""
        return replace(self, matrix=np.asarray(onto @ self.matrix, dtype=np.float64))

    def net(self, size: tuple[int, int], dpi: float, step: int) -> Net:
        """Scan positions of every ``step``-th frame pixel: float32 (rows, cols, 2), one node past the rim."""
        cols, rows = (-(-side // step) + 1 for side in size)
        return self._at_nodes(_steps(0, cols, step, 0.0), _steps(0, rows, step, 0.0), dpi)

    def _at_nodes(self, xs: Line, ys: Line, dpi: float) -> Net:
        """Scan positions of a regular net of frame pixels.

        A correction is wanted where the ones after it have moved the places to, a millimetre away at most:
        that is its value on the net and its slope there times the way, as its bends are centimetres wide.
        """
        x, y = (to_mm(side, dpi) for side in (xs, ys))
        moved = np.zeros((len(ys), len(xs), 2))
        for warp in reversed(self.warps):
            field = warp.on_net(x, y)
            if warp is not self.warps[-1]:
                down, across = np.gradient(field, y, x, axis=(0, 1))
                field = field + across * moved[..., :1] + down * moved[..., 1:]
            moved += field
        places = moved + np.stack(np.meshgrid(x, y), axis=2)
        return apply(self.matrix, places.reshape(-1, 2)).reshape(moved.shape).astype(np.float32)

    def view(
        self,
        scan: Grey,
        size: tuple[int, int],
        dpi: float,
        step: int = VIEW_STEP,
        wanted: Boxes | None = None,
    ) -> Grey:
        """The scan in the frame of the blank; white where there is no paper.

        The mapping is exact in the middle of every cell of ``step`` pixels and bilinear between; in bands
        of cells, to save memory.

        Args:
            scan: uint8 grey.
            size: Width and height of the frame.
            dpi: Of the frame.
            step: Frame pixels between exact places.
            wanted: Boxes of the frame outside which it may stay white; all of it is wanted by default.
        """
        cols, rows = (-(-side // step) for side in size)
        xs, ys = (_steps(-1, count + 1, step, (step - 1) / 2) for count in (cols, rows))
        return seen_through(self._at_nodes(xs, ys, dpi), scan, size, step, wanted)


def seen_through(nodes: Net, scan: Grey, size: tuple[int, int], step: int, wanted: Boxes | None) -> Grey:
    """The scan in a frame, by the scan positions of the middles of its cells and of one more all around."""
    width, height = size
    out = np.full((height, width), 255, dtype=np.uint8)
    cells = np.ones((len(nodes) - 2, nodes.shape[1] - 2), dtype=np.bool_)
    if wanted is not None:
        cells[:] = False
        for left, top, right, bottom in wanted.tolist():
            cells[top // step : -(-bottom // step), left // step : -(-right // step)] = True
    band = BAND if wanted is None else WANTED_BAND
    for first in range(0, len(cells), band):
        for start, end in _runs(np.logical_or.reduce(cells[first : first + band])):
            part = nodes[first : first + band + 2, start : end + 2]
            dense = cv2.resize(part, None, fx=step, fy=step, interpolation=cv2.INTER_LINEAR)
            top, left = first * step, start * step
            tall, wide = min(band * step, height - top), min((end - start) * step, width - left)
            places = dense[step : step + tall, step : step + wide]
            out[top : top + tall, left : left + wide] = cv2.remap(
                scan, places, _NO_MAP, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=255
            )
    return out


def _runs(wanted: Flags) -> list[tuple[int, int]]:
    """Start and end of runs of true values, those with a small gap between them made one."""
    at = np.flatnonzero(wanted)
    if not len(at):
        return []
    breaks = np.flatnonzero(np.diff(at) > RUN_GAP)
    starts, ends = np.append(at[0], at[breaks + 1]), np.append(at[breaks], at[-1]) + 1
    return [(int(start), int(end)) for start, end in zip(starts, ends, strict=True)]


def _steps(first: int, end: int, step: int, shift: float) -> Line:
    return np.arange(first, end, dtype=np.float64) * step + shift


def apply(matrix: Matrix, points: Points) -> Points:
    """Homography on points (n, 2)."""
    out = points @ matrix[:, :2].T + matrix[:, 2]
    return np.asarray(out[:, :2] / out[:, 2:3], dtype=np.float64)


def to_mm(indices: Points, dpi: float) -> Points:
    """Frame pixel indices as millimetres of the blank."""
    return np.asarray((indices + 0.5) / dpi * MM_PER_INCH, dtype=np.float64)


def mm_from_points() -> Matrix:
    """Maps points (1/72 inch) to millimetres."""
    unit = MM_PER_INCH / POINTS_PER_INCH
    return np.diag([unit, unit, 1.0])


def rescaling(scale: float) -> Matrix:
    """Maps pixel indices of an image to those of the same image made larger by ``scale``."""
    shift = scale / 2 - 0.5
    return np.array([[scale, 0.0, shift], [0.0, scale, shift], [0.0, 0.0, 1.0]])


def rescaled(grey: Grey, scale: float) -> Grey:
    """The image made larger or smaller without aliasing; ``rescaling(scale)`` maps its pixels exactly.

    The size is rounded, the scale is not: told a size, OpenCV would stretch the image to it, by up to
    2 px over a page.
    """
    if scale == 1:
        return grey
    how = cv2.INTER_LINEAR if scale > 1 else cv2.INTER_AREA
    return np.asarray(cv2.resize(grey, None, fx=scale, fy=scale, interpolation=how), dtype=np.uint8)
