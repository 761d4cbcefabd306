"""Trains the mark reader: ``python -m formscan.learning.train_marks --out DIR``.

Needs the extra ``train`` (torch, onnx) and no data: boxes are drawn. Writes ``marks.onnx``, ``marks.json``.
"""

from __future__ import annotations

import argparse
import importlib
import json
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt

from formscan.engines.ink import measure
from formscan.engines.mark_net import CHANNELS, CLASSES, SIDE, picture_of
from formscan.learning.exported import exported
from formscan.learning.glyphs import Labels
from formscan.learning.mark_boxes import sample
from formscan.learning.train_glyphs import amx, temperature_of

_SEED: Final = 20234
_PASSES: Final = 6
_BATCH: Final = 128
_RATE: Final = 2e-3
_ROUND: Final = 10_000
_KEPT: Final = 12
"""One box of so many is not trained on: temperature and figures are of these."""

Boxes = tuple[npt.NDArray[np.uint8], Labels]


@dataclass(frozen=True, slots=True)
class Figures:
    """What a training run reached: share right on drawn boxes not trained on, how many, the run."""

    right: float
    boxes: int
    temperature: float
    drawn: int
    seconds: float


def network(torch: Any) -> Any:
    """About 190,000 weights; 3 x 52 x 52 in, four logits out."""
    nn = torch.nn

    def block(inner: int, outer: int, side: int, stride: int) -> list[Any]:
        shape = {"stride": stride, "padding": side // 2, "bias": False}
        return [nn.Conv2d(inner, outer, side, **shape), nn.BatchNorm2d(outer), nn.ReLU()]

    return nn.Sequential(
        *block(CHANNELS, 20, 5, 2),
        *block(20, 40, 3, 2),
        *block(40, 64, 3, 1),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Dropout(0.2),
        nn.Linear(64 * (SIDE // 8) ** 2, 64),
        nn.ReLU(),
        nn.Linear(64, len(CLASSES)),
    )


def drawn(count: int, seed: int) -> Boxes:
    """Pictures (count, ``CHANNELS``, ``SIDE``, ``SIDE``) of fresh boxes and their classes."""
    rng = np.random.default_rng(seed)
    pictures = np.zeros((count, CHANNELS, SIDE, SIDE), np.uint8)
    labels = np.zeros(count, np.int64)
    for index in range(count):
        crop, labels[index] = sample(rng)
        pictures[index] = picture_of(measure(crop), crop.image, crop.cells[0])
    return pictures, labels


def train(out: Path, count: int, work: Path | None = None) -> Figures:
    """Train on ``count`` drawn boxes on one core and export.

    Args:
        out: Where the weights go.
        count: Boxes, rounded up to whole rounds of 10,000 beyond the first.
        work: Folder that keeps drawn rounds, so that a stopped run need not draw them again.

    Raises:
        ImportError: Without the extra ``train``.
    """
    torch = importlib.import_module("torch")
    torch.manual_seed(_SEED)
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    began = time.monotonic()
    size = min(count, _ROUND)
    rounds = [_kept(number, size, work) for number in range(-(-count // size))]
    pictures, labels = np.concatenate([one for one, _ in rounds]), np.concatenate([two for _, two in rounds])
    kept = len(labels) // _KEPT
    fresh, boxes = (pictures[:kept], labels[:kept]), (pictures[kept:], labels[kept:])
    net = network(torch)
    _fit(torch, net, boxes)
    logits = _logits(torch, net, fresh[0])
    temperature = temperature_of(logits, fresh[1])
    exported(torch, net, temperature, (CHANNELS, SIDE, SIDE), out / "marks.onnx", "boxes")
    right = float((logits.argmax(axis=1) == fresh[1]).mean())
    return Figures(right, len(fresh[1]), temperature, len(boxes[1]), time.monotonic() - began)


def _kept(number: int, size: int, work: Path | None) -> Boxes:
    path = work / f"boxes-{number:03d}.npz" if work else None
    if path and path.is_file():
        with np.load(path) as stored:
            return stored["pictures"], stored["labels"]
    pictures, labels = drawn(size, _SEED + number)
    if path:
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez(path, pictures=pictures, labels=labels)
    return pictures, labels


def _fit(torch: Any, net: Any, boxes: Boxes) -> None:
    """Passes over all boxes, mirrored at random, with one cosine of the rate."""
    loss_of = torch.nn.CrossEntropyLoss(label_smoothing=0.01)
    net.to(memory_format=torch.channels_last)
    adam = torch.optim.AdamW(net.parameters(), lr=_RATE, weight_decay=2e-3)
    pictures, labels = boxes
    seen, total = 0, _PASSES * len(labels)
    for number in range(_PASSES):
        order, loss = np.random.default_rng([_SEED, number]), 0.0
        for chosen in np.array_split(order.permutation(len(labels)), -(-len(labels) // _BATCH)):
            share = seen / total
            rate = _RATE * min(1.0, 20 * share + 0.05) * (0.503 + 0.497 * math.cos(math.pi * share))
            adam.param_groups[0]["lr"] = rate
            part = pictures[chosen].astype(np.float32) / 255
            inputs = torch.from_numpy(part[..., ::-1].copy() if order.random() < 0.5 else part)
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=amx(torch)):
                logits = net(inputs.contiguous(memory_format=torch.channels_last))
            found = loss_of(logits.float(), torch.from_numpy(labels[chosen]))
            adam.zero_grad()
            found.backward()
            adam.step()
            seen += len(chosen)
            loss += found.item() * len(chosen) / len(labels)
        print(f"pass {number + 1} of {_PASSES}, loss {loss:.4f}", flush=True)  # noqa: T201  a command's output
    net.eval()


def _logits(torch: Any, net: Any, pictures: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
    with torch.no_grad():
        return np.asarray(net(torch.from_numpy(pictures.astype(np.float32) / 255)).double().numpy())


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line of this module."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder for marks.onnx and marks.json")
    parser.add_argument("--count", type=int, default=80_000, help="boxes to draw; about ten minutes in all")
    parser.add_argument("--work", type=Path, default=None, help="keeps what a stopped run has drawn")
    given = parser.parse_args(arguments)
    figures = train(given.out, given.count, given.work)
    told = {name: getattr(figures, name) for name in Figures.__slots__}
    (given.out / "marks.json").write_text(json.dumps(told, indent=2), encoding="utf-8")
    print(json.dumps(told))  # noqa: T201  a command's output


if __name__ == "__main__":
    main()
