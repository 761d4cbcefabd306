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
from formscan.engines.marks import CLASSES, FEATURES, Features, features, forward
from formscan.learning.pen import ALPHABET, draw, smooth
from formscan.model.geometry import Area, Box
from formscan.model.page import Grey
from formscan.model.reading import Crop
from formscan.model.template import Cell, FieldKind, FieldSpec, ValueType

_DPI: Final = 300.0
_HIDDEN: Final = 14
_STEPS: Final = 1500
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
    _neighbours(ink, cell, rng)
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
    page = np.minimum(moved.astype(np.float64), 255 - ink * rng.uniform(0.25, 1.0))
    page = cv2.GaussianBlur(page, (0, 0), rng.uniform(0.5, 1.4)) + rng.normal(
        0, rng.uniform(1, 8), page.shape
    )
    return np.asarray(np.clip(page, 0, 255), dtype=np.uint8)


def _line(
    ink: Grey, points: npt.NDArray[np.float64], rng: np.random.Generator, pen: int | None = None
) -> None:
    thick = pen or int(rng.integers(3, 8) if rng.random() < 0.8 else rng.integers(8, 15))
    path = np.round(points).astype(np.int32)[:, None]
    cv2.polylines(ink, [path], isClosed=False, color=255, thickness=thick, lineType=cv2.LINE_AA)


def _spot(cell: Box, rng: np.random.Generator, spread: float = 0.12) -> npt.NDArray[np.float64]:
    return np.array(cell.centre) + rng.normal(0, spread * cell.width, 2)


def _neighbours(ink: Grey, cell: Box, rng: np.random.Generator) -> None:
    """Writing around the box that has nothing to do with it."""
    size = ink.shape[0]
    if rng.random() < 0.4:
        above = rng.random() < 0.5
        level = cell.top - rng.uniform(14, 45) if above else cell.bottom + rng.uniform(14, 45)
        x = np.linspace(0, size, 14)
        _line(ink, smooth(np.stack([x, level + rng.normal(0, 4, 14)], 1)), rng, int(rng.integers(2, 6)))
    if rng.random() < 0.2:
        beside = cell.right + rng.uniform(12, 40)
        _line(ink, np.array([[beside, cell.top], [beside + rng.normal(0, 6), cell.bottom]]), rng)


def _empty(ink: Grey, cell: Box, rng: np.random.Generator) -> None:
    """Nothing, dust, or the tip of a neighbour's stroke that just enters."""
    for _ in range(int(rng.integers(0, 3))):
        place = rng.integers(4, ink.shape[0] - 4, 2)
        cv2.circle(ink, (int(place[0]), int(place[1])), int(rng.integers(1, 4)), color=255, thickness=-1)
    if rng.random() < 0.12:
        x, depth = rng.uniform(cell.left, cell.right), rng.uniform(0, 0.12) * cell.height
        edge, out = (cell.top + depth, -1) if rng.random() < 0.5 else (cell.bottom - depth, 1)
        tip = np.array([[x, edge], [x + rng.normal(0, 15), edge + out * rng.uniform(20, 50)]])
        _line(ink, tip, rng, int(rng.integers(2, 5)))


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
    elif choice < 0.78:
        _line(ink, centre + np.array([[-0.6, 0.0], [0.6, rng.normal(0, 0.1)]]) * reach, rng)
    elif choice < 0.85:
        _line(ink, centre + (np.array([[0.6, -0.6], [-0.6, 0.6]]) + rng.normal(0, 0.15, (2, 2))) * reach, rng)
    elif choice < 0.92:
        _hatch(
            ink,
            cell,
            rng,
            share=rng.uniform(0.6, 0.95),
            turns=int(rng.integers(4, 14)),
            pen=int(rng.integers(2, 7)),
        )
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
                cell.grown(int(rng.integers(6, 18))),
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
        _passing(ink, cell, rng)


def _passing(ink: Grey, cell: Box, rng: np.random.Generator) -> None:
    """A line from rim to rim through the box, or a broad pale bar as of a stamp."""
    size, turn = ink.shape[0], rng.uniform(0, np.pi)
    way = np.array([np.cos(turn), np.sin(turn)]) * size
    middle = _spot(cell, rng, 0.25)
    broad = rng.random() < 0.5
    layer = np.zeros_like(ink)
    _line(layer, np.array([middle - way, middle + way]), rng, int(rng.integers(8, 30)) if broad else None)
    np.maximum(ink, (layer * (rng.uniform(0.3, 0.7) if broad else 1.0)).astype(np.uint8), out=ink)


def train(count: int, seed: int) -> tuple[Features, Features, float]:
    """Fit the network on ``count`` drawn boxes by full-batch Adam (Kingma and Ba, 2015).

    Returns:
        Weights of the hidden and of the output layer, and the share right on fresh boxes.
    """
    rng = np.random.default_rng(seed)
    inputs, wanted = _drawn(count, rng)
    targets = np.eye(len(CLASSES))[wanted]
    hidden = rng.normal(0, 0.7, (_HIDDEN, len(FEATURES) + 1))
    output = rng.normal(0, 0.3, (len(CLASSES), _HIDDEN + 1))
    means = [np.zeros_like(hidden), np.zeros_like(output)]
    squares = [np.zeros_like(hidden), np.zeros_like(output)]
    for step in range(1, _STEPS + 1):
        rate = 0.02 * (1 - step / (_STEPS + 1))
        for index, slope in enumerate(_slopes(hidden, output, inputs, targets)):
            means[index] += 0.1 * (slope - means[index])
            squares[index] += 0.001 * (slope**2 - squares[index])
            mean, square = means[index] / (1 - 0.9**step), squares[index] / (1 - 0.999**step)
            (hidden, output)[index][:] -= rate * mean / (np.sqrt(square) + 1e-8)
    fresh, truth = _drawn(count // 2, rng)
    return hidden, output, float((forward(hidden, output, fresh)[1].argmax(axis=1) == truth).mean())


def _slopes(
    hidden: Features, output: Features, inputs: Features, targets: Features
) -> tuple[Features, Features]:
    """Gradients of the mean log loss with a little weight decay."""
    inner, shares = forward(hidden, output, inputs)
    error = (shares - targets) / len(inputs)
    back = (error @ output[:, :-1]) * (1 - inner**2)
    at_output = np.hstack([error.T @ inner, error.sum(axis=0)[:, None]])
    at_hidden = np.hstack([back.T @ inputs, back.sum(axis=0)[:, None]])
    return at_hidden + 1e-5 * hidden, at_output + 1e-5 * output


def _drawn(count: int, rng: np.random.Generator) -> tuple[Features, npt.NDArray[np.int64]]:
    rows, kinds = [], []
    for _ in range(count):
        crop, kind = sample(rng)
        seen = features(measure(crop), crop.cells[0])
        rows.append(seen)
        kinds.append(kind if seen.any() else 0)
    return np.stack(rows), np.array(kinds, dtype=np.int64)


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line of this module."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder for marks.json")
    parser.add_argument("--count", type=int, default=8000, help="boxes to draw")
    given = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    hidden, output, right = train(given.count, seed=20232)
    stored = {
        "features": list(FEATURES),
        "classes": list(CLASSES),
        "drawn": given.count,
        "hidden": [[round(float(v), 4) for v in row] for row in hidden],
        "output": [[round(float(v), 4) for v in row] for row in output],
    }
    (given.out / "marks.json").write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")
    print(f"right on fresh drawn boxes: {right:.4f}")  # noqa: T201  a command's output


if __name__ == "__main__":
    main()
