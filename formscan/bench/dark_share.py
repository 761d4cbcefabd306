"""The plain way to read tick boxes: how much of the inside is dark, against one threshold."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np

from formscan.bench.mark_boxes import MARKED, Filled
from formscan.model.geometry import Box
from formscan.model.reading import Crop

_DARK: Final = 128
_INSET: Final = 0.15


def dark_share(crop: Crop) -> list[float]:
    """For each box the share of its inside darker than middle grey, less that of the blank, -1..1."""
    shares = []
    for cell in crop.cells:
        inner = _inner(cell)
        part = (slice(max(0, inner.top), inner.bottom), slice(max(0, inner.left), inner.right))
        seen, printed = (float((image[part] < _DARK).mean()) for image in (crop.image, crop.blank))
        shares.append(seen - printed)
    return shares


def _inner(cell: Box) -> Box:
    dx, dy = round(cell.width * _INSET), round(cell.height * _INSET)
    return Box(cell.left + dx, cell.top + dy, cell.right - dx, cell.bottom - dy)


def fitted_threshold(fields: Iterable[Filled]) -> float:
    """The threshold with the fewest wrong boxes; marks that were taken back count as not marked."""
    shares: list[float] = []
    marked: list[bool] = []
    for filled in fields:
        shares += dark_share(filled.crop)
        marked += [truth == MARKED for truth in filled.truths]
    values, truths = np.array(shares), np.array(marked)
    tried = np.linspace(0.005, 0.5, 100)
    return float(min(tried, key=lambda threshold: int(((values >= threshold) != truths).sum())))
