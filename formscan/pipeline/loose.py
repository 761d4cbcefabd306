"""Ready-made crops, cut out by somebody else, as the readers want them."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from formscan.model.geometry import POINTS_PER_INCH, Area, Box
from formscan.model.page import FRAME_DPI, Grey, Pixels
from formscan.model.reading import Crop, LooseKind
from formscan.model.template import Cell, FieldKind, FieldSpec, ValueType

_FIELD: Final = {
    LooseKind.TEXT: (FieldKind.TEXT, ValueType.TEXT),
    LooseKind.HAND: (FieldKind.TEXT, ValueType.TEXT),
    LooseKind.COMB: (FieldKind.COMB, ValueType.TEXT),
    LooseKind.DIGITS: (FieldKind.COMB, ValueType.INTEGER),
    LooseKind.MARK: (FieldKind.MARK, ValueType.BOOLEAN),
    LooseKind.CODE: (FieldKind.CODE, ValueType.TEXT),
}


def loose_crop(pixels: Pixels, kind: LooseKind, dpi: float = FRAME_DPI, cells: int = 1) -> Crop:
    """Make a crop of a picture of one field.

    Nothing is known of what was printed there, so the blank is white: printed lines count as ink unless
    they were taken out before. A comb is split into ``cells`` boxes of the same width.

    Args:
        pixels: uint8 grey or RGB.
        kind: What it shows.
        dpi: Of the picture.
        cells: Boxes of a comb.

    Raises:
        ValueError: If there are fewer than one cell, or fewer pixels across than cells.
    """
    grey = _grey(pixels)
    height, width = grey.shape
    if cells < 1 or width < cells:
        raise ValueError("cells")
    edges = [round(width * place / cells) for place in range(cells + 1)]
    boxes = tuple(Box(edges[i], 0, edges[i + 1], height) for i in range(cells))
    scale = POINTS_PER_INCH / dpi
    areas = tuple(Cell(Area(b.left * scale, 0, b.right * scale, height * scale)) for b in boxes)
    field_kind, value_type = _FIELD[kind]
    spec = FieldSpec("crop", 1, field_kind, value_type, "crop", "crop", areas)
    blank = np.full_like(grey, 255)
    return Crop(spec, grey, blank, boxes, dpi, Box(0, 0, width, height), 0.0)


def _grey(pixels: Pixels) -> Grey:
    if pixels.ndim == 2:
        return pixels
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
