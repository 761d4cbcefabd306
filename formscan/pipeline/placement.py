"""Where each place of a blank page lies on a scan, and the scan seen from there.

Places of the blank are in millimetres from its top left corner; places of a scan are pixel indices, so
that pixel i, which covers i to i + 1, has its centre at i.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from formscan.model.geometry import MM_PER_INCH, POINTS_PER_INCH
from formscan.model.page import Grey, Matrix
from formscan.pipeline.local_warp import LocalWarp
from formscan.pipeline.patches import Points

Net = npt.NDArray[np.float32]
VIEW_STEP: Final = 16
"""Frame pixels between the nodes at which a view's mapping is computed exactly."""


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
        return replace(self, matrix=rescaling(scale) @ self.matrix)

    def net(self, size: tuple[int, int], dpi: float, step: int) -> Net:
        """Scan positions of every ``step``-th frame pixel: float32 (rows, cols, 2), one node past the rim."""
        cols, rows = (-(-side // step) + 1 for side in size)
        across, down = np.meshgrid(np.arange(cols) * float(step), np.arange(rows) * float(step))
        places = to_mm(np.stack([across.ravel(), down.ravel()], axis=1), dpi)
        return self.at(places).reshape(rows, cols, 2).astype(np.float32)

    def view(self, scan: Grey, size: tuple[int, int], dpi: float) -> Grey:
        """The scan in the frame of the blank; white where there is no paper."""
        return remap(scan, self.net(size, dpi, VIEW_STEP), VIEW_STEP, size)


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
    how = cv2.INTER_LINEAR if scale >= 1 else cv2.INTER_AREA
    return np.asarray(cv2.resize(grey, None, fx=scale, fy=scale, interpolation=how), dtype=np.uint8)


def remap(scan: Grey, net: Net, step: int, size: tuple[int, int]) -> Grey:
    """Sample ``scan`` at the positions a net gives, bilinear between its nodes, in bands to save memory."""
    width, height = size
    out = np.empty((height, width), dtype=np.uint8)
    planes = [np.ascontiguousarray(net[..., axis]) for axis in (0, 1)]
    band = step * 16
    for top in range(0, height, band):
        rows = min(band, height - top)
        nodes = slice(top // step, (top + rows - 1) // step + 2)
        across, down = (_between(plane[nodes], step, (width, rows)) for plane in planes)
        out[top : top + rows] = cv2.remap(
            scan, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=255
        )
    return out


def _between(nodes: Net, step: int, size: tuple[int, int]) -> Net:
    """Bilinear values between nodes that stand ``step`` pixels apart (a power of two: it is exact)."""
    shrink = np.array([[1 / step, 0, 0], [0, 1 / step, 0]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(
        cv2.warpAffine(nodes, shrink, size, flags=flags, borderMode=cv2.BORDER_REPLICATE), dtype=np.float32
    )
