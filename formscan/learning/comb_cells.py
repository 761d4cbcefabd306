"""Characters in printed combs, scanned and lifted off them as the reader does it: what it will really see."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from formscan.engines.boxes import cell_glyphs
from formscan.engines.glyphs import NOTHING, OTHER
from formscan.learning.glyphs import DPI, GlyphSource
from formscan.model.geometry import Area, Box
from formscan.model.page import Grey
from formscan.model.reading import Crop
from formscan.model.template import Cell, FieldKind, FieldSpec, ValueType

_CELLS: Final = 10
_MARGIN: Final = 24
_EMPTY: Final = 0.06


def comb(source: GlyphSource, rng: np.random.Generator) -> list[tuple[Grey, int]]:
    """Cells of one comb (32 x 32) with their classes.

    Args:
        source: Of the characters.
        rng: Of paper, pen and scanner.

    Returns:
        What the reader would show its network, without the cells in which it sees nothing.
    """
    blank, cells = _printed(rng)
    ink = np.zeros_like(blank)
    labels = [_written(ink, cell, source, rng) for cell in cells]
    spec = FieldSpec(
        "comb",
        1,
        FieldKind.COMB,
        ValueType.TEXT,
        "",
        "",
        tuple(Cell(Area(0, 0, 12, 14), str(k)) for k in range(len(cells))),
    )
    crop = Crop(spec, _scanned(blank, ink, rng), blank, cells, DPI, Box(0, 0, 10, 10), 0.08)
    glyphs = cell_glyphs(crop)
    return [(glyph, label) for glyph, label in zip(glyphs, labels, strict=True) if glyph is not None]


def _printed(rng: np.random.Generator) -> tuple[Grey, tuple[Box, ...]]:
    """A comb of boxes 3.6 to 6 mm wide, some apart, in thin or heavy, black or grey lines."""
    width, height = int(rng.integers(44, 72)), int(rng.integers(50, 72))
    gap = int(rng.integers(3, 14)) if rng.random() < 0.25 else 0
    pen, grey = int(rng.integers(1, 4)), int(rng.integers(0, 110))
    blank = np.full((height + 2 * _MARGIN, _CELLS * (width + gap) + 2 * _MARGIN), 255, np.uint8)
    cells = []
    for index in range(_CELLS):
        left = _MARGIN + index * (width + gap)
        box = Box(left, _MARGIN, left + width, _MARGIN + height)
        cv2.rectangle(blank, (box.left, box.top), (box.right, box.bottom), color=(grey,), thickness=pen)
        cells.append(box)
    return blank, tuple(cells)


def _written(ink: Grey, cell: Box, source: GlyphSource, rng: np.random.Generator) -> int:
    """Write something into a cell; returns its class."""
    if rng.random() < _EMPTY:
        return NOTHING
    image, label = source.written()
    rows, cols = np.flatnonzero((image > 60).any(axis=1)), np.flatnonzero((image > 60).any(axis=0))
    if not rows.size:
        return NOTHING
    body = image[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1]
    scale = cell.height * rng.uniform(0.5, 0.92) / max(body.shape)
    scale = min(scale, cell.width * (1.5 if label == OTHER else 1.1) / body.shape[1])
    size = max(2, round(body.shape[1] * scale)), max(2, round(body.shape[0] * scale))
    body = np.asarray(cv2.resize(body, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    body = np.asarray(cv2.convertScaleAbs(body, alpha=1.25), dtype=np.uint8)
    spread = 3.0 if rng.random() < 0.8 else 6.0
    x, y = (round(middle + rng.normal(0, spread)) for middle in cell.centre)
    left, top = max(0, x - size[0] // 2), max(0, y - size[1] // 2)
    place = ink[top : top + size[1], left : left + size[0]]
    np.maximum(place, body[: place.shape[0], : place.shape[1]], out=place)
    return label


def _scanned(blank: Grey, ink: Grey, rng: np.random.Generator) -> Grey:
    """Print and ink on paper, slipped, printed heavier, coarse, soft, noisy, packed as JPEG."""
    slip = np.array([[1.0, 0.0, rng.normal(0, 0.9)], [0.0, 1.0, rng.normal(0, 0.9)]])
    size = (blank.shape[1], blank.shape[0])
    print_ = np.asarray(cv2.erode(blank, np.ones((2, 2), np.uint8)) if rng.random() < 0.15 else blank)
    dark = rng.uniform(0.75, 1.0) if rng.random() < 0.6 else rng.uniform(0.35, 0.75)
    page = np.minimum(print_.astype(np.float32), 255 - ink.astype(np.float32) * np.float32(dark))
    page = np.asarray(cv2.warpAffine(page, slip, size, borderValue=(255.0,)), dtype=np.float32)
    if rng.random() < 0.3:
        coarse = rng.uniform(0.5, 0.8)
        small = cv2.resize(page, None, fx=coarse, fy=coarse, interpolation=cv2.INTER_AREA)
        page = np.asarray(cv2.resize(small, size, interpolation=cv2.INTER_LINEAR), dtype=np.float32)
    page = np.asarray(cv2.GaussianBlur(page, (0, 0), rng.uniform(0.4, 1.5)), dtype=np.float32)
    noise: npt.NDArray[np.float32] = rng.standard_normal(page.shape, dtype=np.float32)
    scan = np.clip(page + noise * rng.uniform(1, 12), 0, 255).astype(np.uint8)
    if rng.random() < 0.6:
        _, packed = cv2.imencode(".jpg", scan, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(30, 90))])
        scan = np.asarray(cv2.imdecode(packed, cv2.IMREAD_GRAYSCALE), dtype=np.uint8)
    return np.asarray(scan, dtype=np.uint8)
