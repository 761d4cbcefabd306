"""Tick boxes, by comparing with the blank: marked, empty, or a person must look."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final

import numpy as np
import numpy.typing as npt

from formscan.engines.ink import Ink, measure
from formscan.errors import EngineError
from formscan.model.geometry import Box
from formscan.model.reading import Alternative, CellReading, Crop, FieldState, Reading
from formscan.model.template import FieldKind

Features = npt.NDArray[np.float64]
"""float64, (``len(FEATURES)``,)."""

TRUE: Final = "true"
CLASSES: Final = ("empty", "marked", "unclear")
FEATURES: Final = (
    "inside_share",
    "inside_extent",
    "middle_share",
    "ring_share",
    "own_share",
    "longest",
    "through",
    "fill",
    "fill_high",
    "bias",
)
_ENGINE: Final = "marks 1"
_ASK: Final = 0.9
"""Below this probability of its best class a box goes to a person."""


@dataclass(frozen=True, slots=True)
class MarkWeights:
    """A softmax regression on ``FEATURES``; rows are ``CLASSES``."""

    rows: tuple[tuple[float, ...], ...]
    digest: str

    @classmethod
    def load(cls, path: Path) -> MarkWeights:
        """Read ``marks.json``.

        Raises:
            EngineError: ``engine.model`` if it is missing, broken or made for other features.
        """
        try:
            text = path.read_bytes()
            stored = json.loads(text)
            rows = tuple(tuple(float(v) for v in row) for row in stored["rows"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise EngineError("engine.model", model="marks", cause=type(error).__name__) from error
        fits = len(rows) == len(CLASSES) and all(len(row) == len(FEATURES) for row in rows)
        if not fits or tuple(stored.get("features", ())) != FEATURES:
            raise EngineError("engine.model", model="marks", cause="features")
        return cls(rows, f"marks@{hashlib.sha256(text).hexdigest()[:12]}")

    def probabilities(self, features: Features) -> Features:
        """Probabilities of ``CLASSES`` for one box."""
        logits = np.array(self.rows) @ features
        raised = np.exp(logits - logits.max())
        return np.asarray(raised / raised.sum(), dtype=np.float64)


class MarkReader:
    """Reads single tick boxes and choices.

    Args:
        weights: File of the classifier; the one that ships by default.
    """

    name: ClassVar[str] = "marks"
    kinds: ClassVar[frozenset[FieldKind]] = frozenset({FieldKind.MARK, FieldKind.CHOICE})

    def __init__(self, weights: Path | None = None) -> None:
        from formscan.paths import resources_dir

        self._path = weights or resources_dir() / "models" / "marks.json"
        self._weights: MarkWeights | None = None

    def read(self, crops: Sequence[Crop]) -> list[Reading]:
        """Read a batch.

        Raises:
            EngineError: If the classifier's weights are missing or broken.
        """
        if self._weights is None:
            self._weights = MarkWeights.load(self._path)
        return [_reading(crop, self._weights) for crop in crops]


def features(ink: Ink, cell: Box) -> Features:
    """What a tick box looks like, as numbers of about 0..1 (see ``FEATURES``).

    Args:
        ink: Of the crop the box is in.
        cell: The printed box, pixels.
    """
    inner = _shrunk(cell, 0.12)
    middle = _shrunk(cell, 0.3)
    ring = cell.grown(max(1, round(0.6 * cell.height)))
    inside = _part(ink, inner)
    touching = {int(v) for v in np.unique(inside)} - {0}
    own = [stroke for stroke in ink.strokes if stroke.label in touching]
    area_inside = float((inside > 0).sum())
    area_own = float(sum(stroke.area for stroke in own))
    extent = _extent(inside > 0, inner)
    share = ink.share(inner)
    around = max(0.0, ink.share(ring) * ring.width * ring.height - ink.share(cell) * cell.width * cell.height)
    longest = max((stroke.length for stroke in own), default=0.0) / float(np.hypot(cell.width, cell.height))
    through = sum(
        min(1.0, stroke.box.width / (3.0 * cell.width)) for stroke in own if stroke.box.width > 3 * cell.width
    )
    return np.array(
        [
            min(1.0, 4 * share),
            extent,
            min(1.0, 4 * ink.share(middle)),
            min(1.0, 4 * around / (ring.width * ring.height)),
            area_inside / area_own if area_own else 0.0,
            min(2.0, longest) / 2,
            min(1.0, through),
            share,
            max(0.0, share - 0.45) * 2,
            1.0,
        ]
    )


def _shrunk(box: Box, share: float) -> Box:
    dx, dy = round(box.width * share), round(box.height * share)
    return Box(
        box.left + dx,
        box.top + dy,
        max(box.right - dx, box.left + dx + 1),
        max(box.bottom - dy, box.top + dy + 1),
    )


def _part(ink: Ink, box: Box) -> npt.NDArray[np.int32]:
    return ink.labels[max(box.top, 0) : max(box.bottom, 0), max(box.left, 0) : max(box.right, 0)]


def _extent(seen: npt.NDArray[np.bool_], box: Box) -> float:
    """Diagonal of the ink's box inside a box, as a share of the box's diagonal."""
    rows, cols = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    if not rows.size:
        return 0.0
    reach = np.hypot(rows[-1] - rows[0] + 1, cols[-1] - cols[0] + 1)
    return min(1.0, float(reach / np.hypot(box.width, box.height)))


@dataclass(frozen=True, slots=True)
class _Box:
    """What is thought of one tick box."""

    name: str
    kind: str
    confidence: float
    marked: float


def _reading(crop: Crop, weights: MarkWeights) -> Reading:
    ink = measure(crop)
    boxes = [
        _box(ink, spec.name, cell, weights) for spec, cell in zip(crop.field.cells, crop.cells, strict=True)
    ]
    cells = tuple(_cell(box) for box in boxes)
    if crop.field.kind is FieldKind.MARK:
        return _mark(boxes[0], cells, weights.digest)
    return _choice(crop, boxes, cells, weights.digest)


def _box(ink: Ink, name: str, cell: Box, weights: MarkWeights) -> _Box:
    faint = any(stroke.faint and ink.owns(cell, stroke) for stroke in ink.strokes)
    shares = weights.probabilities(features(ink, cell))
    best = int(np.argmax(shares))
    kind = CLASSES[best] if shares[best] >= _ASK and not (faint and best == 0) else "unclear"
    return _Box(name, kind, min(0.999, float(shares[best])), float(shares[1] + 0.5 * shares[2]))


def _cell(box: _Box) -> CellReading:
    state = {"empty": FieldState.BLANK, "marked": FieldState.VALUE}.get(box.kind, FieldState.UNVERIFIED)
    return CellReading(box.name, TRUE if box.kind == "marked" else "", state, box.confidence)


def _mark(box: _Box, cells: tuple[CellReading, ...], digest: str) -> Reading:
    """An empty box is blank, not "no"; an unclear one offers ``true`` as a possibility."""
    if box.kind == "marked":
        return Reading(TRUE, FieldState.VALUE, box.confidence, _ENGINE, digest, cells=cells)
    if box.kind == "empty":
        return Reading("", FieldState.BLANK, box.confidence, _ENGINE, digest, cells=cells)
    other = (Alternative(TRUE, box.marked),)
    return Reading("", FieldState.UNVERIFIED, 0.5, _ENGINE, digest, alternatives=other, cells=cells)


def _choice(crop: Crop, boxes: list[_Box], cells: tuple[CellReading, ...], digest: str) -> Reading:
    """One mark is the answer; several where one is asked for, or any unclear box, go to a person."""
    marked = [box for box in boxes if box.kind == "marked"]
    unclear = [box for box in boxes if box.kind == "unclear"]
    sure = float(np.prod([box.confidence for box in boxes]))
    if not marked and not unclear:
        return Reading("", FieldState.BLANK, sure, _ENGINE, digest, cells=cells)
    if not unclear and (len(marked) == 1 or crop.field.multiple):
        text = ";".join(box.name for box in marked)
        return Reading(text, FieldState.VALUE, sure, _ENGINE, digest, cells=cells)
    likely = sorted(marked + unclear, key=lambda box: -box.marked)
    others = tuple(Alternative(box.name, box.marked / len(likely)) for box in likely)
    return Reading("", FieldState.UNVERIFIED, 0.5, _ENGINE, digest, alternatives=others, cells=cells)
