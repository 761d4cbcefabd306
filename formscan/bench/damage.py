"""What happens to paper on its way into a file, with the exact place of every point afterwards.

Geometry is one invertible mapping: points of the blank page -> the bent and folded sheet -> the scanned
image. The picture is made with its inverse, the truth with its forward direction, so both are the same
mapping by construction. All pixel positions follow OpenCV: (0, 0) is the centre of the first pixel.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from formscan.model.geometry import MM_PER_INCH, POINTS_PER_INCH

Points = npt.NDArray[np.float64]
"""float64 (n, 2), columns x and y."""

CANVAS_DPI: Final = 300.0
"""Resolution at which pages are filled before they are scanned."""
MM: Final = CANVAS_DPI / MM_PER_INCH
"""Canvas pixels per millimetre."""
_STEP: Final = 8
"""Output pixels between exactly computed nodes of the map; between them it is linear (error < 0.02 px)."""
_ROUNDS: Final = 60
"""Most rounds of the fixed point iteration; the bending contracts by 0.2 or better a round."""


@dataclass(frozen=True, slots=True)
class Fold:
    """A crease: the paper beside it is drawn together and one half lies a little turned.

    Attributes:
        across: Place along the page height (0..1) where the crease crosses the middle of the page.
        angle_deg: Of the crease against the horizontal; 90 is a vertical crease.
        kink_mm: How far each side is drawn towards the crease.
        reach_mm: Distance over which that fades.
        turn_deg: By how much the second half is sheared along the crease.
        shadow: Darkening of the crease, 0..1.
    """

    across: float
    angle_deg: float
    kink_mm: float
    reach_mm: float
    turn_deg: float
    shadow: float


@dataclass(frozen=True, slots=True)
class Damage:
    """Everything that is done to one page; all zero is a perfect scan.

    Attributes:
        dpi: Of the scan.
        turn: Degrees clockwise the paper lay turned: 0, 90, 180 or 270.
        skew_deg: Small turn on top, positive clockwise.
        scale: (x, y) stretch of paper or copier.
        shift_mm: (x, y) of the sheet on the glass.
        corners_mm: (4, 2) displacement of the corners: perspective; zero for a flat-bed scanner.
        waves: (n, 5) rows: wave vector x, y (1/mm), phase, displacement x, y (mm): gently bent paper.
        folds: Creases.
        margin_mm: What is scanned beyond the sheet (negative: its edge is cut off).
        lid: Grey value seen beyond the sheet: 255 white lid, near 0 open lid (black border).
        holes: Punched along the left edge: 0, 2 or 4.
        bleed: How much of the other side shines through, 0..1.
        stamps: Round stamps, (x, y, radius) in mm and darkness 0..1.
        blur_px: Sigma of the optics, pixels of the scan.
        light: Fall of brightness towards one side, 0..1, and its direction in degrees.
        noise: Sigma of sensor noise, grey values.
        specks: Dust, marks per square decimetre.
        copies: Times the page was photocopied before.
        contrast: (darkest, lightest) grey value of the scan.
        jpeg: Quality, or 0 for lossless.
        seed: For noise and dust.
    """

    dpi: float = 300.0
    turn: int = 0
    skew_deg: float = 0.0
    scale: tuple[float, float] = (1.0, 1.0)
    shift_mm: tuple[float, float] = (0.0, 0.0)
    corners_mm: tuple[tuple[float, float], ...] = ()
    waves: tuple[tuple[float, float, float, float, float], ...] = ()
    folds: tuple[Fold, ...] = ()
    margin_mm: float = 0.0
    lid: int = 255
    holes: int = 0
    bleed: float = 0.0
    stamps: tuple[tuple[float, float, float, float], ...] = ()
    blur_px: float = 0.0
    light: tuple[float, float] = (0.0, 0.0)
    noise: float = 0.0
    specks: float = 0.0
    copies: int = 0
    contrast: tuple[int, int] = (0, 255)
    jpeg: int = 0
    seed: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Mapping:
    """From the blank page to the scanned image and back, exactly.

    Attributes:
        size_mm: Width and height of the sheet.
        shape: (height, width) of the scanned image.
        matrix: 3x3, edge-based canvas pixels of the flat sheet to edge-based pixels of the scan.
    """

    size_mm: tuple[float, float]
    shape: tuple[int, int]
    matrix: npt.NDArray[np.float64]
    waves: npt.NDArray[np.float64]
    folds: tuple[Fold, ...] = ()
    _inverse: npt.NDArray[np.float64] = field(default_factory=lambda: np.eye(3))

    def to_image(self, points: Points) -> Points:
        """Points of the blank page (1/72 inch) to pixels of the scan (OpenCV convention)."""
        printed = np.asarray(points, dtype=np.float64) * (CANVAS_DPI / POINTS_PER_INCH)
        lying = printed.copy()
        for _ in range(_ROUNDS):
            moved = printed - self._bend(lying)
            settled = float(np.abs(moved - lying).max(initial=0.0)) < 1e-9
            lying = moved
            if settled:
                break
        return _project(self.matrix, lying) - 0.5

    def to_points(self, pixels: Points) -> Points:
        """Pixels of the scan (OpenCV convention) to points of the blank page (1/72 inch)."""
        lying = _project(self._inverse, np.asarray(pixels, dtype=np.float64) + 0.5)
        return (lying + self._bend(lying)) * (POINTS_PER_INCH / CANVAS_DPI)

    def scale_at(self, points: Points) -> npt.NDArray[np.float64]:
        """Pixels of the scan per pixel of a 300 dpi frame near each point: root of the area ratio."""
        h = POINTS_PER_INCH / CANVAS_DPI
        right, down = np.array([h / 2, 0.0]), np.array([0.0, h / 2])
        dx = self.to_image(points + right) - self.to_image(points - right)
        dy = self.to_image(points + down) - self.to_image(points - down)
        return np.asarray(np.sqrt(np.abs(dx[:, 0] * dy[:, 1] - dx[:, 1] * dy[:, 0])))

    def _bend(self, at: Points) -> Points:
        """Displacement (canvas pixels) of the paper lying at these edge-based canvas pixels."""
        mm = at / MM
        out = np.zeros_like(mm)
        for kx, ky, phase, ax, ay in self.waves:
            wave = np.sin(mm[:, 0] * kx + mm[:, 1] * ky + phase)
            out[:, 0] += ax * wave
            out[:, 1] += ay * wave
        for fold in self.folds:
            out += _crease(mm, fold, self.size_mm)
        return np.asarray(out * MM)

    def maps(self) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """For ``cv2.remap``: x and y in the canvas (OpenCV convention) of every pixel of the scan."""
        height, width = self.shape
        rows, cols = -(-height // _STEP) + 1, -(-width // _STEP) + 1
        y, x = np.mgrid[0:rows, 0:cols] * float(_STEP)
        nodes = self.to_points(np.column_stack([x.ravel(), y.ravel()])) * (CANVAS_DPI / POINTS_PER_INCH) - 0.5
        coarse = nodes.reshape(rows, cols, 2).astype(np.float32)
        shrink = np.array([[1 / _STEP, 0, 0], [0, 1 / _STEP, 0]])
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        full = np.asarray(cv2.warpAffine(coarse, shrink, (width, height), flags=flags), dtype=np.float32)
        return np.ascontiguousarray(full[..., 0]), np.ascontiguousarray(full[..., 1])


def mapping_for(damage: Damage, size_pt: tuple[float, float]) -> Mapping:
    """The geometry of ``damage`` for a sheet of that size (width, height) in points."""
    width, height = (v * CANVAS_DPI / POINTS_PER_INCH for v in size_pt)
    ratio, margin = damage.dpi / CANVAS_DPI, damage.margin_mm / MM_PER_INCH * damage.dpi
    out_w, out_h = width * ratio + 2 * margin, height * ratio + 2 * margin
    centred = _shift(-width / 2, -height / 2)
    flat = _turned(damage.skew_deg) @ np.diag([ratio * damage.scale[0], ratio * damage.scale[1], 1.0])
    pixel = damage.dpi / MM_PER_INCH
    placed = _shift(out_w / 2 + damage.shift_mm[0] * pixel, out_h / 2 + damage.shift_mm[1] * pixel)
    matrix = placed @ flat @ centred
    if damage.corners_mm:
        matrix = _perspective(out_w, out_h, np.array(damage.corners_mm) * pixel) @ matrix
    shape = (round(out_h), round(out_w))
    matrix, shape = (
        _quarter(damage.turn, out_w, out_h) @ matrix,
        shape if damage.turn % 180 == 0 else shape[::-1],
    )
    size_mm = (width / MM, height / MM)
    waves = np.array(damage.waves, dtype=np.float64).reshape(-1, 5)
    return Mapping(
        size_mm,
        (shape[0], shape[1]),
        matrix,
        waves,
        damage.folds,
        np.asarray(np.linalg.inv(matrix), dtype=np.float64),
    )


def _crease(mm: Points, fold: Fold, size_mm: tuple[float, float]) -> Points:
    angle = math.radians(fold.angle_deg)
    along, normal = (
        np.array([math.cos(angle), math.sin(angle)]),
        np.array([-math.sin(angle), math.cos(angle)]),
    )
    start = np.array([size_mm[0] * (fold.across if fold.angle_deg > 45 else 0.5), size_mm[1] * fold.across])
    beyond = (mm - start) @ normal
    drawn = np.sign(beyond) * (1 - np.exp(-np.abs(beyond) / fold.reach_mm)) * fold.kink_mm
    sheared = np.maximum(beyond, 0) * math.tan(math.radians(fold.turn_deg))
    return np.asarray(drawn[:, None] * normal + sheared[:, None] * along)


def _project(matrix: npt.NDArray[np.float64], points: Points) -> Points:
    out = np.hstack([points, np.ones((len(points), 1))]) @ matrix.T
    return np.asarray(out[:, :2] / out[:, 2:3])


def _shift(x: float, y: float) -> npt.NDArray[np.float64]:
    return np.array([[1.0, 0.0, x], [0.0, 1.0, y], [0.0, 0.0, 1.0]])


def _turned(degrees: float) -> npt.NDArray[np.float64]:
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])


def _quarter(turn: int, width: float, height: float) -> npt.NDArray[np.float64]:
    """Edge-based turn by quarters clockwise, moved back into the first quadrant (rounded size)."""
    w, h = float(round(width)), float(round(height))
    matrices = {
        0: np.eye(3),
        90: np.array([[0.0, -1.0, h], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]),
        180: np.array([[-1.0, 0.0, w], [0.0, -1.0, h], [0.0, 0.0, 1.0]]),
        270: np.array([[0.0, 1.0, 0.0], [-1.0, 0.0, w], [0.0, 0.0, 1.0]]),
    }
    return np.asarray(matrices[turn % 360], dtype=np.float64)


def _perspective(width: float, height: float, moved: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
    matrix = cv2.getPerspectiveTransform(corners, (corners + moved).astype(np.float32))
    return np.asarray(matrix, dtype=np.float64)
