"""Tick boxes, by comparing with the blank: marked, empty, or a person must look."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Final

import cv2
import numpy as np
import numpy.typing as npt

from formscan.engines.ink import Ink, measure
from formscan.errors import EngineError
from formscan.model.geometry import Box
from formscan.model.reading import Alternative, CellReading, Crop, FieldState, Reading
from formscan.model.template import FieldKind

Features = npt.NDArray[np.float64]
"""float64, (..., ``len(FEATURES)``)."""

TRUE: Final = "true"
CLASSES: Final = ("empty", "marked", "unclear")
FEATURES: Final = (
    "inside",
    "extent",
    "middle",
    "own_inside",
    "longest",
    "own_width",
    "own_height",
    "off_centre",
    "breadth",
    "pieces",
    "depth",
    "sides_crossed",
)
_ENGINE: Final = "marks 1"
_ASK: Final = 0.9
"""Below this probability of its best class a box goes to a person."""
_NOTHING_SURE: Final = 0.998
"""A box without any stroke in it is empty; what may be missed is ink too pale for ``InkLimits``."""


@dataclass(frozen=True, slots=True, eq=False)
class MarkWeights:
    """A network with one hidden layer (tanh) from ``FEATURES`` to ``CLASSES``; last columns are biases."""

    hidden: Features
    output: Features
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
            hidden, output = (np.array(stored[name], dtype=np.float64) for name in ("hidden", "output"))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise EngineError("engine.model", model="marks", cause=type(error).__name__) from error
        width = len(hidden)
        fits = hidden.shape == (width, len(FEATURES) + 1) and output.shape == (len(CLASSES), width + 1)
        if not fits or tuple(stored.get("features", ())) != FEATURES:
            raise EngineError("engine.model", model="marks", cause="features")
        return cls(hidden, output, f"marks@{hashlib.sha256(text).hexdigest()[:12]}")

    def probabilities(self, seen: Features) -> Features:
        """Probabilities of ``CLASSES`` for boxes, (n, features) to (n, classes)."""
        return forward(self.hidden, self.output, seen)[1]


def forward(hidden: Features, output: Features, seen: Features) -> tuple[Features, Features]:
    """Activations of the hidden layer and class probabilities for boxes (n, features)."""
    inner = np.tanh(seen @ hidden[:, :-1].T + hidden[:, -1])
    logits = inner @ output[:, :-1].T + output[:, -1]
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(inner), np.asarray(raised / raised.sum(axis=1, keepdims=True))


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

    Only strokes that enter the box count, so that text beside it does not matter.

    Args:
        ink: Of the crop the box is in.
        cell: The printed box, pixels.
    """
    inner = _shrunk(cell, 0.12)
    inside = _part(ink, inner)
    touching = set(np.unique(inside).tolist()) - {0}
    own = [stroke for stroke in ink.strokes if stroke.label in touching]
    seen = np.isin(ink.labels, [stroke.label for stroke in own]) if own else np.zeros_like(ink.mask)
    total = float(seen.sum())
    if not total:
        return np.zeros(len(FEATURES))
    rows, cols = np.nonzero(seen)
    off = np.hypot(cols.mean() - cell.centre[0], rows.mean() - cell.centre[1]) / cell.height
    breadth = float(
        cv2.distanceTransform(seen.view(np.uint8), cv2.DIST_L2, 3)[
            inner.top : inner.bottom, inner.left : inner.right
        ].max()
    )
    depth = sum(stroke.depth * stroke.area for stroke in own) / sum(stroke.area for stroke in own)
    return np.array(
        [
            _share(seen, inner),
            _extent(_window(seen, inner), inner),
            _share(seen, _shrunk(cell, 0.3)),
            _share(seen, cell) * cell.width * cell.height / total,
            min(3.0, max(s.length for s in own) / float(np.hypot(cell.width, cell.height))) / 3,
            min(3.0, float(np.ptp(cols)) / cell.width) / 3,
            min(3.0, float(np.ptp(rows)) / cell.height) / 3,
            min(1.5, float(off)),
            min(1.0, 4 * breadth / cell.height),
            min(1.0, len(own) / 4),
            depth / 255,
            _sides_crossed(seen, cell) / 4,
        ]
    )


def _window(seen: npt.NDArray[Any], box: Box) -> npt.NDArray[Any]:
    return seen[max(box.top, 0) : max(box.bottom, 0), max(box.left, 0) : max(box.right, 0)]


def _share(seen: npt.NDArray[np.bool_], box: Box) -> float:
    part = _window(seen, box)
    return float(part.mean()) if part.size else 0.0


def _sides_crossed(seen: npt.NDArray[np.bool_], cell: Box) -> int:
    """How many sides of the box ink comes out of: a frame 15 % outside it."""
    frame = cell.grown(max(2, round(0.15 * cell.height)))
    sides = (
        Box(frame.left, frame.top, frame.right, frame.top + 2),
        Box(frame.left, frame.bottom - 2, frame.right, frame.bottom),
        Box(frame.left, frame.top, frame.left + 2, frame.bottom),
        Box(frame.right - 2, frame.top, frame.right, frame.bottom),
    )
    return sum(bool(_window(seen, side).any()) for side in sides)


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
    seen = features(ink, cell)
    if not seen.any():
        return _Box(name, "unclear", 0.5, 0.5) if faint else _Box(name, "empty", _NOTHING_SURE, 0.0)
    shares = weights.probabilities(seen[None])[0]
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
