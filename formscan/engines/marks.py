"""Tick boxes and ringed numbers: marked, empty, taken back by the writer, or a person must look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar, Final

import cv2
import numpy as np
import numpy.typing as npt

from formscan.engines.ink import Ink, measure
from formscan.engines.mark_groups import BoxRead, group_reading
from formscan.engines.mark_net import CLASSES, MarkNet, Picture, picture_of
from formscan.engines.pixels import grown
from formscan.model.geometry import Box
from formscan.model.reading import Crop, Reading
from formscan.model.template import FieldKind, FieldSpec

_ENGINE: Final = "marks 3"
_SURE: Final = {"empty": 0.8, "marked": 0.85, "struck": 0.95}
"""Below these probabilities of the likeliest class a box goes to a person (docs/decisions/116, 144)."""
_BESIDE: Final = _SURE | {"empty": 0.6}
"""The same beside a mark, where one answer is asked for."""
_ALONE: Final = 0.6
"""From this chance on a mark in a square box stands that is the only doubt in a question with one answer."""
_SOME: Final = 0.1
"""A question without any mark is not blank where a box has so much ink inside: 3 pale marks had 0.15."""
_BLACK: Final = 0.8
"""A square box so full of ink may be a mark or one that was blackened."""
_SCRIBBLED: Final = 0.9
"""With less ink inside, what looks struck out may be an untidy mark."""
_THROUGH: Final = 2
"""Ink that leaves the crop on so many sides may be a stamp's or a line's ..."""
_THROUGH_SURE: Final = 0.97
"""... unless the network is so sure of a mark."""
_INKED: Final = 0.2
"""A box with so much ink inside is not taken for empty: a pale mark on a bad scan, or under a stamp."""
_DARKER: Final = 10.0
"""Grey levels by which a box is darker than the paper around it, from which on it is looked at."""
_SHADED: Final = 20.0
"""The same, from which on a box is not taken for empty: pencil, or a scan in which ink drowns."""
_INSET: Final = 0.12
_HEAVIER: Final = 2
_SEEN: Final = 0.1
"""Share of a box's inside that must be clear of heavier print, else only the blank's print is left out."""
_AROUND: Final = 0.5
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
        darker: See ``_darker``.
    """

    name: str
    picture: Picture | None
    inside: float = 0.0
    sides: int = 0
    square: bool = False
    darker: float = 0.0


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
            judged = [(box, None if box.picture is None else next(rows)) for box in boxes]
            read = _question(crop.field, judged)
            readings.append(group_reading(crop.field, read, _ENGINE, self._net.digest))
        return readings


def _seen(crop: Crop) -> list[_Seen]:
    ink = measure(crop)
    return [
        _box(crop, ink, spec.name, cell)
        if _inked(ink, cell) or _darker(crop, ink, cell) > _DARKER
        else _Seen(spec.name, None)
        for spec, cell in zip(crop.field.cells, crop.cells, strict=True)
    ]


def _box(crop: Crop, ink: Ink, name: str, cell: Box) -> _Seen:
    dx, dy = round(cell.width * _INSET), round(cell.height * _INSET)
    inner = Box(cell.left + dx, cell.top + dy, cell.right - dx, cell.bottom - dy)
    part = ink.labels[max(0, inner.top) : max(0, inner.bottom), max(0, inner.left) : max(0, inner.right)]
    own = set(np.unique(part).tolist()) - {0}
    sides = max((_rims(ink, stroke.box) for stroke in ink.strokes if stroke.label in own), default=0)
    shown, darker = picture_of(ink, crop.image, cell), _darker(crop, ink, cell)
    return _Seen(name, shown, ink.share(inner), sides, _square(ink, cell), darker)


def _darker(crop: Crop, ink: Ink, cell: Box) -> float:
    """Mean grey levels by which a box is darker than its print, and its inside than the paper around it.

    In small bubbles print leaves no room to see strokes in, and pencil may leave none. The lesser of both
    counts: print heavier than the blank's makes a box darker, but not beside its print; print a pixel off
    makes the inside darker, but not the box as a whole.
    """
    return min(_more_than_print(crop, ink, cell), _more_than_paper(crop, ink, cell))


def _more_than_print(crop: Crop, ink: Ink, cell: Box) -> float:
    part = (slice(max(0, cell.top), max(0, cell.bottom)), slice(max(0, cell.left), max(0, cell.right)))
    if not ink.printed[part].size:
        return 0.0
    seen = float(np.clip(ink.paper - crop.image[part].astype(np.float32), 0, None).mean())
    return seen - float(ink.printed[part].mean())


def _more_than_paper(crop: Crop, ink: Ink, cell: Box) -> float:
    inner = cell.grown(-round(min(cell.width, cell.height) * _INSET))
    outer = cell.grown(round(min(cell.width, cell.height) * _AROUND))
    rows, columns = (
        slice(max(0, low), max(0, high))
        for low, high in ((outer.top, outer.bottom), (outer.left, outer.right))
    )
    image = cv2.add(crop.image[rows, columns], ink.printed[rows, columns])
    free = ~grown(ink.printed[rows, columns] > _PRINTED, _HEAVIER)
    inside = np.zeros_like(free)
    inside[
        max(0, inner.top) - rows.start : max(0, inner.bottom) - rows.start,
        max(0, inner.left) - columns.start : max(0, inner.right) - columns.start,
    ] = True
    within, around = image[free & inside], image[free & ~inside]
    if within.size < _SEEN * inside.sum() or not within.size:
        within = image[inside & (ink.printed[rows, columns] <= _PRINTED)]
    if not within.size:
        return 0.0
    paper = float(np.median(around)) if around.size else float(ink.paper)
    return paper - float(within.mean())


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


def _doubtful(box: _Seen, kind: str, chance: float) -> bool:
    """What the network alone is not trusted with."""
    if kind == "empty":
        return box.darker > _SHADED or box.inside > _INKED
    if kind == "struck":
        return box.square and box.inside < _SCRIBBLED
    through = box.sides >= _THROUGH and chance < _THROUGH_SURE
    return through or (box.square and box.inside > _BLACK)


_Row = npt.NDArray[np.float32]


def _question(field: FieldSpec, boxes: Sequence[tuple[_Seen, _Row | None]]) -> list[BoxRead]:
    """What is thought of the boxes of one question.

    Where one answer is asked for and one box plainly has it, ink that only comes near the others is read as
    none of theirs with less proof: mostly it is the tail of that mark. Where nothing but one square box is in
    doubt, a mark in it needs less proof; bubbles are left alone, as a smudge fills them. Where no box has any
    answer, ink in one of them needs more.
    """
    read = [_judged(box, row, _SURE) for box, row in boxes]
    kinds = [one.kind for one in read]
    if set(kinds) == {"empty"}:
        return [_blank(one, box) for one, (box, _) in zip(read, boxes, strict=True)]
    if field.kind is not FieldKind.CHOICE or field.multiple:
        return read
    if kinds.count("marked") == 1:
        return [_judged(box, row, _BESIDE) for box, row in boxes]
    if sorted(set(kinds)) == ["empty", "unclear"] and kinds.count("unclear") == 1:
        again = _SURE | {"marked": _ALONE}
        return [
            other if box.square and (other := _judged(box, row, again)).kind == "marked" else one
            for one, (box, row) in zip(read, boxes, strict=True)
        ]
    return read


def _blank(read: BoxRead, box: _Seen) -> BoxRead:
    """A box of a question without any answer: in doubt where there is ink in it all the same."""
    return replace(read, kind="unclear") if box.inside > _SOME else read


def _judged(box: _Seen, row: _Row | None, sure: Mapping[str, float]) -> BoxRead:
    if row is None:
        return BoxRead(box.name, "empty", _NOTHING_SURE, 0.0)
    best = int(np.argmax(row))
    kind = CLASSES[best]
    if kind != "unclear" and (row[best] < sure[kind] or _doubtful(box, kind, float(row[best]))):
        kind = "unclear"
    likely = float(row[CLASSES.index("marked")] + 0.5 * row[CLASSES.index("unclear")])
    return BoxRead(box.name, kind, min(_MOST, float(row[best])), likely)
