"""Tick boxes and ringed numbers: marked, empty, taken back by the writer, or a person must look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final

import numpy as np
import numpy.typing as npt

from formscan.engines.ink import Ink, measure
from formscan.engines.mark_groups import BoxRead, group_reading
from formscan.engines.mark_net import CLASSES, MarkNet, Picture, picture_of
from formscan.model.geometry import Box
from formscan.model.reading import Crop, Reading
from formscan.model.template import FieldKind

_ENGINE: Final = "marks 2"
_SURE: Final = {"empty": 0.9, "marked": 0.9, "struck": 0.9}
"""Below these probabilities of the likeliest class a box goes to a person."""
_NOTHING_SURE: Final = 0.998
"""A box without any stroke near it is empty; what may be missed is ink too pale for ``InkLimits``."""
_MOST: Final = 0.999
_NEAR: Final = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    """One box of a crop; ``picture`` is None where there is no ink at all in or around it."""

    name: str
    picture: Picture | None


class MarkReader:
    """Reads single tick boxes and choices, all boxes of a batch in one call of the network.

    Args:
        weights: File of the network; the one that ships by default.
    """

    name: ClassVar[str] = "marks"
    kinds: ClassVar[frozenset[FieldKind]] = frozenset({FieldKind.MARK, FieldKind.CHOICE})

    def __init__(self, weights: Path | None = None) -> None:
        self._net = MarkNet(weights)

    def read(self, crops: Sequence[Crop]) -> list[Reading]:
        """Read a batch.

        Raises:
            EngineError: If the network's weights are missing or broken.
        """
        seen = [_seen(crop) for crop in crops]
        shown = [box.picture for boxes in seen for box in boxes if box.picture is not None]
        rows = iter(self._net.probabilities(shown))
        readings = []
        for crop, boxes in zip(crops, seen, strict=True):
            read = [_judged(box, None if box.picture is None else next(rows)) for box in boxes]
            readings.append(group_reading(crop.field, read, _ENGINE, self._net.digest))
        return readings


def _seen(crop: Crop) -> list[_Seen]:
    ink = measure(crop)
    return [
        _Seen(spec.name, picture_of(ink, crop.image, cell) if _inked(ink, cell) else None)
        for spec, cell in zip(crop.field.cells, crop.cells, strict=True)
    ]


def _inked(ink: Ink, cell: Box) -> bool:
    """Whether any stroke, faint ones too, comes into the box or its rim."""
    near = cell.grown(round(_NEAR * cell.height))
    return any(
        stroke.box.left < near.right
        and stroke.box.right > near.left
        and stroke.box.top < near.bottom
        and stroke.box.bottom > near.top
        for stroke in ink.strokes
    )


def _judged(box: _Seen, row: npt.NDArray[np.float32] | None) -> BoxRead:
    if row is None:
        return BoxRead(box.name, "empty", _NOTHING_SURE, 0.0)
    best = int(np.argmax(row))
    kind = CLASSES[best]
    if kind != "unclear" and row[best] < _SURE[kind]:
        kind = "unclear"
    likely = float(row[CLASSES.index("marked")] + 0.5 * row[CLASSES.index("unclear")])
    return BoxRead(box.name, kind, min(_MOST, float(row[best])), likely)
