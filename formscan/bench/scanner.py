"""The scanner: makes the picture of a filled page as ``Damage`` says."""

from __future__ import annotations

import math

import cv2
import numpy as np
import numpy.typing as npt

from formscan.bench.damage import CANVAS_DPI, MM, Damage, Fold, Mapping, mapping_for
from formscan.model.geometry import POINTS_PER_INCH
from formscan.model.page import Pixels


def scan(canvas: Pixels, damage: Damage, back: Pixels | None = None) -> tuple[Pixels, Mapping]:
    """Scan a filled page; ``damage.jpeg`` is left to whoever writes the file.

    Args:
        canvas: uint8 grey or RGB at ``CANVAS_DPI``; its size is the sheet's.
        damage: What happens to it.
        back: The other side of the sheet, for bleed-through.

    Returns:
        The scan and the mapping from the blank page to it.
    """
    size_pt = tuple(n * POINTS_PER_INCH / CANVAS_DPI for n in (canvas.shape[1], canvas.shape[0]))
    mapping = mapping_for(damage, (size_pt[0], size_pt[1]))
    paper = _on_paper(canvas, damage, back)
    across, down = mapping.maps()
    lid = (float(damage.lid),) * 3
    image = cv2.remap(paper, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=lid)
    return _sensed(np.asarray(image, dtype=np.uint8), damage), mapping


def encode_jpeg(image: Pixels, quality: int) -> bytes:
    """JPEG bytes of an image, grey or RGB."""
    bgr = image if image.ndim == 2 else image[..., ::-1]
    done, data = cv2.imencode(".jpg", np.ascontiguousarray(bgr), [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise ValueError("jpeg")
    return bytes(data.tobytes())


def _on_paper(canvas: Pixels, damage: Damage, back: Pixels | None) -> Pixels:
    """What lies on the glass: stamps, the other side, creases and holes, copied ``copies`` times."""
    paper = canvas.astype(np.float32)
    for x, y, radius, dark in damage.stamps:
        paper = _stamped(paper, (x * MM, y * MM), radius * MM, dark)
    if damage.bleed and back is not None and back.shape[:2] == canvas.shape[:2]:
        shine = np.asarray(cv2.GaussianBlur(back[:, ::-1].astype(np.float32), (0, 0), 3.0))
        shine = (
            shine
            if shine.ndim == paper.ndim
            else shine.mean(axis=2)
            if paper.ndim == 2
            else np.dstack([shine] * 3)
        )
        paper *= 1 - damage.bleed * (1 - shine / 255)
    for fold in damage.folds:
        paper *= _shadow(canvas.shape[0], canvas.shape[1], fold)[(...,) + (None,) * (paper.ndim - 2)]
    _punch(paper, damage)
    softening = 0.45 * math.sqrt(max((CANVAS_DPI / damage.dpi) ** 2 - 1, 0))
    if softening > 0.2:
        paper = np.asarray(cv2.GaussianBlur(paper, (0, 0), softening), dtype=np.float32)
    return np.asarray(np.clip(paper, 0, 255), dtype=np.uint8)


def _sensed(image: Pixels, damage: Damage) -> Pixels:
    """What optics and sensor make of it."""
    rng = np.random.default_rng(damage.seed)
    seen = image.astype(np.float32)
    for _ in range(damage.copies):
        seen = _copied(seen, rng, damage.dpi)
    if damage.blur_px > 0.15:
        seen = np.asarray(cv2.GaussianBlur(seen, (0, 0), damage.blur_px), dtype=np.float32)
    if damage.light[0]:
        seen *= _falling(image.shape[0], image.shape[1], damage.light)[(...,) + (None,) * (seen.ndim - 2)]
    low, high = damage.contrast
    seen = low + seen * ((high - low) / 255)
    if damage.noise:
        seen += (
            rng.standard_normal(seen.shape[:2], dtype=np.float32)[(...,) + (None,) * (seen.ndim - 2)]
            * damage.noise
        )
    _dust(seen, damage, rng)
    return np.asarray(np.clip(np.rint(seen), 0, 255), dtype=np.uint8)


def _copied(seen: npt.NDArray[np.float32], rng: np.random.Generator, dpi: float) -> npt.NDArray[np.float32]:
    """One photocopy: soft, then steep contrast, with grain in the dark and toner dust."""
    soft = np.asarray(cv2.GaussianBlur(seen, (0, 0), 0.9 * dpi / 300), dtype=np.float32)
    soft += rng.standard_normal(soft.shape[:2], dtype=np.float32)[(...,) + (None,) * (soft.ndim - 2)] * 14
    steep = 255 / (1 + np.exp(-(soft - 150) / 22))
    return np.asarray(cv2.GaussianBlur(steep, (0, 0), 0.5), dtype=np.float32)


def _stamped(
    paper: npt.NDArray[np.float32], at: tuple[float, float], radius: float, dark: float
) -> npt.NDArray[np.float32]:
    """A round office stamp: two rings, a star and blocks for letters, in red where there is colour."""
    mask = np.zeros(paper.shape[:2], np.uint8)
    x, y, r = round(at[0]), round(at[1]), round(radius)
    cv2.circle(mask, (x, y), r, 255, max(round(0.7 * MM), 1), cv2.LINE_AA)
    cv2.circle(mask, (x, y), round(r * 0.66), 255, max(round(0.35 * MM), 1), cv2.LINE_AA)
    for k in range(22):
        turn = 2 * math.pi * k / 26 + 2.2
        a = (round(x + math.cos(turn) * r * 0.72), round(y + math.sin(turn) * r * 0.72))
        b = (round(x + math.cos(turn) * r * 0.9), round(y + math.sin(turn) * r * 0.9))
        cv2.line(mask, a, b, 255, max(round(0.8 * MM), 1), cv2.LINE_AA)
    star = [
        (
            x + r * (0.4 if k % 2 == 0 else 0.16) * math.sin(k * math.pi / 5),
            y - r * (0.4 if k % 2 == 0 else 0.16) * math.cos(k * math.pi / 5),
        )
        for k in range(10)
    ]
    cv2.fillPoly(mask, [np.array(star, dtype=np.int32)], 255, cv2.LINE_AA)
    share = np.asarray(cv2.GaussianBlur(mask, (0, 0), 1.0), dtype=np.float32) / 255 * dark
    if paper.ndim == 2:
        return np.asarray(paper * (1 - share * 0.62), dtype=np.float32)
    return np.asarray(
        paper * (1 - share[..., None] * np.array([0.2, 0.85, 0.8], np.float32)), dtype=np.float32
    )


def _shadow(height: int, width: int, fold: Fold) -> npt.NDArray[np.float32]:
    """A thin dark and a thin light line along the crease of the (flat) sheet, factor near 1."""
    y, x = (axis.astype(np.float32) for axis in np.ogrid[0:height, 0:width])
    angle = math.radians(fold.angle_deg)
    start_x = width * (fold.across if fold.angle_deg > 45 else 0.5)
    beyond = (-(x - start_x) * math.sin(angle) + (y - height * fold.across) * math.cos(angle)) / MM
    place = np.linspace(-40, 40, 8001)
    dark = np.exp(-((place / 0.5) ** 2)) * fold.shadow + np.exp(-np.abs(place - 2) / 4) * fold.shadow * 0.25
    factor = (1 - np.clip(dark, 0, 0.9)).astype(np.float32)
    return np.asarray(factor[np.clip(np.rint(beyond * 100) + 4000, 0, 8000).astype(np.int32)])


def _punch(paper: npt.NDArray[np.float32], damage: Damage) -> None:
    places = {2: (-40.0, 40.0), 4: (-120.0, -40.0, 40.0, 120.0)}.get(damage.holes, ())
    for mm in places:
        centre = (round(12 * MM), round(paper.shape[0] / 2 + mm * MM))
        cv2.circle(paper, centre, round(2.75 * MM), (float(damage.lid),) * 3, -1, cv2.LINE_AA)


def _falling(height: int, width: int, light: tuple[float, float]) -> npt.NDArray[np.float32]:
    """Brightness of each place: computed on a coarse grid, as light has no edges."""
    y, x = np.mgrid[0:64, 0:64].astype(np.float32) / 63
    angle = math.radians(light[1])
    ramp = (x - 0.5) * math.cos(angle) + (y - 0.5) * math.sin(angle)
    coarse = (1 - light[0] * np.clip(ramp + 0.5, 0, 1) ** 1.5).astype(np.float32)
    return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR), dtype=np.float32)


def _dust(seen: npt.NDArray[np.float32], damage: Damage, rng: np.random.Generator) -> None:
    area_dm2 = seen.shape[0] * seen.shape[1] / (damage.dpi / 0.254) ** 2 / 100
    for _ in range(rng.poisson(damage.specks * area_dm2) if damage.specks else 0):
        at = (int(rng.integers(seen.shape[1])), int(rng.integers(seen.shape[0])))
        grey = float(rng.uniform(20, 140))
        cv2.circle(
            seen, at, int(rng.integers(1, max(2, round(damage.dpi / 110)))), (grey,) * 3, -1, cv2.LINE_AA
        )
