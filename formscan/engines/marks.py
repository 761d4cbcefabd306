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
_SURE: Final = {"empty": 0.93, "marked": 0.9, "struck": 0.97}
"""Below these probabilities of the likeliest class a box goes to a person (docs/decisions/090)."""
_BLACK: Final = 0.82
"""A square box so full of ink may be a mark or one that was blackened."""
_SCRIBBLED: Final = 0.8
"""With less ink inside, what looks struck out may be an untidy mark."""
_THROUGH: Final = 2
"""Ink that leaves the crop on so many sides is a stamp's or a line's as often as a mark's."""
_DARKER: Final = 10.0
"""Grey levels, in the mean over a box, by which it must be darker than its print to be looked at."""
_INSET: Final = 0.12
_CORNER: Final = 0.08
_PRINTED: Final = 40
_NOTHING_SURE: Final = 0.998
"""A box without any stroke near it is empty; what may be missed is ink too pale for ``InkLimits``."""
_MOST: Final = 0.999
_NEAR: Final = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    """One box of a crop.

    Attributes:
        picture: For the network; None where there is no ink at all in or around the box.
        inside: Share of the box's inside that is ink.
        sides: Of the crop, on which ink of this box leaves it.
        square: Print stands in the box's corners: it is no bubble and no number.
    """

    name: str
    picture: Picture | None
    inside: float = 0.0
    sides: int = 0
    square: bool = False


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
        _box(crop, ink, spec.name, cell)
        if _inked(ink, cell) or _darker(crop, ink, cell)
        else _Seen(spec.name, None)
        for spec, cell in zip(crop.field.cells, crop.cells, strict=True)
    ]


def _box(crop: Crop, ink: Ink, name: str, cell: Box) -> _Seen:
    dx, dy = round(cell.width * _INSET), round(cell.height * _INSET)
    inner = Box(cell.left + dx, cell.top + dy, cell.right - dx, cell.bottom - dy)
    part = ink.labels[max(0, inner.top) : max(0, inner.bottom), max(0, inner.left) : max(0, inner.right)]
    own = set(np.unique(part).tolist()) - {0}
    sides = max((_rims(ink, stroke.box) for stroke in ink.strokes if stroke.label in own), default=0)
    return _Seen(name, picture_of(ink, crop.image, cell), ink.share(inner), sides, _square(ink, cell))


def _darker(crop: Crop, ink: Ink, cell: Box) -> bool:
    """Whether a place is darker than its print: in small bubbles print leaves no room to see strokes in."""
    part = (slice(max(0, cell.top), max(0, cell.bottom)), slice(max(0, cell.left), max(0, cell.right)))
    if not ink.printed[part].size:
        return False
    seen = float(np.clip(ink.paper - crop.image[part].astype(np.float32), 0, None).mean())
    return seen - float(ink.printed[part].mean()) > _DARKER


def _rims(ink: Ink, box: Box) -> int:
    """On how many sides a stroke reaches the rim of the crop."""
    height, width = ink.mask.shape
    return sum((box.left <= 1, box.top <= 1, box.right >= width - 1, box.bottom >= height - 1))


def _square(ink: Ink, cell: Box) -> bool:
    """Whether the blank prints something in at least three corners of a box."""
    height, width = ink.printed.shape
    dx, dy = max(3, round(cell.width * _CORNER)), max(3, round(cell.height * _CORNER))
    places = [(x, y) for x in (cell.left, cell.right + 1 - dx) for y in (cell.top, cell.bottom + 1 - dy)]
    corners = [Box(x - 1, y - 1, x + dx, y + dy).clipped(width, height) for x, y in places]
    parts = [ink.printed[box.top : box.bottom, box.left : box.right] for box in corners]
    return sum(bool(part.size and float(part.mean()) > _PRINTED) for part in parts) > 2


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


def _doubtful(box: _Seen, kind: str) -> bool:
    """What the network alone is not trusted with."""
    if kind == "struck":
        return box.square and box.inside < _SCRIBBLED
    return kind == "marked" and (box.sides >= _THROUGH or (box.square and box.inside > _BLACK))


def _judged(box: _Seen, row: npt.NDArray[np.float32] | None) -> BoxRead:
    if row is None:
        return BoxRead(box.name, "empty", _NOTHING_SURE, 0.0)
    best = int(np.argmax(row))
    kind = CLASSES[best]
    if kind != "unclear" and (row[best] < _SURE[kind] or _doubtful(box, kind)):
        kind = "unclear"
    likely = float(row[CLASSES.index("marked")] + 0.5 * row[CLASSES.index("unclear")])
    return BoxRead(box.name, kind, min(_MOST, float(row[best])), likely)
