"""Trains the tick-box classifier on drawn marks: ``python -m formscan.learning.marks --out DIR``."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from formscan.engines.ink import measure
from formscan.engines.marks import CLASSES, FEATURES, Features, features
from formscan.learning.pen import ALPHABET, draw, smooth
from formscan.model.geometry import Area, Box
from formscan.model.page import Grey
from formscan.model.reading import Crop
from formscan.model.template import Cell, FieldKind, FieldSpec, ValueType

_DPI: Final = 300.0
_SIDE: Final = 60
_MARGIN: Final = 60
_FIELD: Final = FieldSpec(
    "mark", 1, FieldKind.MARK, ValueType.BOOLEAN, "", "", (Cell(Area(0, 0, 14.4, 14.4), "true"),)
)


def sample(rng: np.random.Generator) -> tuple[Crop, int]:
    """A tick box with a drawn mark or none, and its class (index into ``CLASSES``)."""
    side = int(rng.integers(48, 68))
    size = side + 2 * _MARGIN
    blank = np.full((size, size), 255, np.uint8)
    cell = Box(_MARGIN, _MARGIN, _MARGIN + side, _MARGIN + side)
    cv2.rectangle(
        blank,
        (cell.left, cell.top),
        (cell.right - 1, cell.bottom - 1),
        color=0,
        thickness=int(rng.integers(2, 4)),
    )
    ink = np.zeros_like(blank)
    kind = int(rng.choice(3, p=[0.35, 0.4, 0.25]))
    (_empty, _marked, _unclear)[kind](ink, cell, rng)
    image = _scanned(blank, ink, rng)
    return Crop(_FIELD, image, blank, (cell,), _DPI, Box(0, 0, size, size), 0.1), kind


def _scanned(blank: Grey, ink: Grey, rng: np.random.Generator) -> Grey:
    """Print and ink on paper, moved a little, blurred and noisy."""
    shift = np.array([[1.0, 0.0, rng.normal(0, 1)], [0.0, 1.0, rng.normal(0, 1)]])
    size = (blank.shape[1], blank.shape[0])
    moved = cv2.warpAffine(blank, shift, size, borderValue=255)
    if rng.random() < 0.3:
        moved = cv2.erode(moved, np.ones((2, 2), np.uint8))
    page = np.minimum(moved.astype(np.float64), 255 - ink * rng.uniform(0.5, 1.0))
    page = cv2.GaussianBlur(page, (0, 0), rng.uniform(0.5, 1.4)) + rng.normal(
        0, rng.uniform(1, 8), page.shape
    )
    return np.asarray(np.clip(page, 0, 255), dtype=np.uint8)


def _line(
    ink: Grey, points: npt.NDArray[np.float64], rng: np.random.Generator, pen: int | None = None
) -> None:
    thick = pen or int(rng.integers(3, 8))
    path = np.round(points).astype(np.int32)[:, None]
    cv2.polylines(ink, [path], isClosed=False, color=255, thickness=thick, lineType=cv2.LINE_AA)


def _spot(cell: Box, rng: np.random.Generator, spread: float = 0.12) -> npt.NDArray[np.float64]:
    return np.array(cell.centre) + rng.normal(0, spread * cell.width, 2)


def _empty(ink: Grey, cell: Box, rng: np.random.Generator) -> None:
    """Nothing, dust, or a neighbour's writing that passes outside."""
    for _ in range(int(rng.integers(0, 3))):
        place = rng.integers(4, ink.shape[0] - 4, 2)
        cv2.circle(ink, (int(place[0]), int(place[1])), int(rng.integers(1, 4)), color=255, thickness=-1)
    if rng.random() < 0.4:
        above = rng.random() < 0.5
        level = cell.top - rng.uniform(12, 45) if above else cell.bottom + rng.uniform(12, 45)
        x = np.linspace(0, ink.shape[1], 14)
        _line(ink, smooth(np.stack([x, level + rng.normal(0, 5, 14)], 1)), rng)
    if rng.random() < 0.2:
        beside = cell.right + rng.uniform(10, 40)
        _line(ink, np.array([[beside, cell.top], [beside + rng.normal(0, 6), cell.bottom]]), rng)


def _marked(ink: Grey, cell: Box, rng: np.random.Generator) -> None:
    """A tick, a cross, a slash, a filled box or a character in it, neat or sloppy."""
    centre, reach = _spot(cell, rng), cell.width * rng.uniform(0.35, 1.1)
    choice = rng.random()
    if choice < 0.35:
        shape = np.array([[-0.6, -0.05], [-0.15, 0.5], [0.9, -0.8]]) + rng.normal(0, 0.12, (3, 2))
        _line(ink, centre + shape * reach * 0.8, rng)
    elif choice < 0.75:
        turn = rng.normal(0, 0.2, (4, 2))
        _line(ink, centre + (np.array([[-0.6, -0.6], [0.6, 0.6]]) + turn[:2]) * reach, rng)
        _line(ink, centre + (np.array([[0.6, -0.6], [-0.6, 0.6]]) + turn[2:]) * reach, rng)
    elif choice < 0.85:
        _line(ink, centre + (np.array([[0.6, -0.6], [-0.6, 0.6]]) + rng.normal(0, 0.15, (2, 2))) * reach, rng)
    elif choice < 0.92:
        _hatch(ink, cell, rng, share=rng.uniform(0.6, 0.9), turns=int(rng.integers(5, 9)), pen=3)
    else:
        _character(ink, cell, rng)


def _character(ink: Grey, cell: Box, rng: np.random.Generator) -> None:
    """A digit or capital written into the box."""
    keys = list(ALPHABET)
    glyph = draw(keys[int(rng.integers(len(keys)))], int(cell.height * rng.uniform(0.6, 0.9)), rng)
    left, top = cell.left + (cell.width - glyph.shape[1]) // 2, cell.top + (cell.height - glyph.shape[0]) // 2
    place = ink[top : top + glyph.shape[0], left : left + glyph.shape[1]]
    np.maximum(place, glyph, out=place)


def _hatch(ink: Grey, cell: Box, rng: np.random.Generator, share: float, turns: int, pen: int) -> None:
    """A scribble to and fro over ``share`` of the box."""
    x = np.linspace(cell.left + 3, cell.left + 3 + share * cell.width, turns * 2) + rng.normal(
        0, 2, turns * 2
    )
    y = np.where(np.arange(turns * 2) % 2, cell.top + 4, cell.bottom - 4) + rng.normal(0, 5, turns * 2)
    _line(ink, np.stack([x, y], 1), rng, pen)


def _unclear(ink: Grey, cell: Box, rng: np.random.Generator) -> None:
    """Scribbled out, only touched, a dot, a ring around it, or a line that merely passes through."""
    choice = rng.random()
    if choice < 0.4:
        _marked(ink, cell, rng)
        for _ in range(2):
            _hatch(
                ink,
                cell.grown(int(rng.integers(-4, 14))),
                rng,
                share=1.0,
                turns=int(rng.integers(9, 16)),
                pen=int(rng.integers(4, 9)),
            )
    elif choice < 0.55:
        place = _spot(cell, rng, 0.2)
        cv2.circle(ink, (int(place[0]), int(place[1])), int(rng.integers(4, 8)), color=255, thickness=-1)
    elif choice < 0.7:
        x, y = cell.right + rng.uniform(-10, 2), cell.top + rng.uniform(0, cell.height)
        _line(ink, np.array([[x, y], [x + rng.uniform(15, 45), y + rng.normal(0, 25)]]), rng)
    elif choice < 0.85:
        turn = np.linspace(0, 2 * np.pi, 24)
        radius = cell.width * rng.uniform(0.75, 1.0)
        _line(
            ink,
            _spot(cell, rng, 0.06) + radius * np.stack([np.cos(turn), np.sin(turn) * rng.uniform(0.7, 1)], 1),
            rng,
        )
    else:
        y = rng.uniform(cell.top, cell.bottom)
        _line(ink, np.array([[0, y], [ink.shape[1], y + rng.normal(0, 10)]]), rng)


def train(count: int, seed: int) -> tuple[npt.NDArray[np.float64], float]:
    """Softmax regression by gradient descent on ``count`` drawn boxes.

    Returns:
        Weights (classes, features) and the share right on as many fresh ones.
    """
    rng = np.random.default_rng(seed)
    inputs, wanted = _drawn(count, rng)
    weights = np.zeros((len(CLASSES), len(FEATURES)))
    momentum = np.zeros_like(weights)
    targets = np.eye(len(CLASSES))[wanted]
    for _ in range(6000):
        shares = _softmax(inputs @ weights.T)
        slope = (shares - targets).T @ inputs / count + 2e-5 * weights
        momentum = 0.9 * momentum + slope
        weights -= 1.0 * momentum
    fresh, truth = _drawn(count // 2, rng)
    return weights, float((_softmax(fresh @ weights.T).argmax(axis=1) == truth).mean())


def _drawn(count: int, rng: np.random.Generator) -> tuple[Features, npt.NDArray[np.int64]]:
    rows, kinds = [], []
    for _ in range(count):
        crop, kind = sample(rng)
        rows.append(features(measure(crop), crop.cells[0]))
        kinds.append(kind)
    return np.stack(rows), np.array(kinds, dtype=np.int64)


def _softmax(logits: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True), dtype=np.float64)


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line of this module."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder for marks.json")
    parser.add_argument("--count", type=int, default=8000, help="boxes to draw")
    given = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    weights, right = train(given.count, seed=20232)
    rows = [[round(float(v), 5) for v in row] for row in weights]
    stored = {"features": list(FEATURES), "classes": list(CLASSES), "rows": rows, "drawn": given.count}
    (given.out / "marks.json").write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")
    print(f"right on fresh drawn boxes: {right:.4f}")  # noqa: T201  a command's output


if __name__ == "__main__":
    main()
