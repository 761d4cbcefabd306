"""Trains the glyph reader: ``python -m formscan.learning.train_glyphs --data DIR --out DIR``.

Needs the extra ``train`` (torch, onnx). Writes ``glyphs.onnx`` and ``glyphs.json`` (figures). Weights come
from the training part of the digits, from ``learning.pen`` and from fonts under free licences only.
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

from formscan.engines.glyphs import CHARACTERS, CLASSES, SIDE, normalise
from formscan.learning.comb_cells import comb
from formscan.learning.exported import exported
from formscan.learning.glyphs import DPI, Digits, GlyphSource, Labels, load_digits
from formscan.model.page import Grey

_SEED: Final = 20231
_ROUND: Final = 15_000
_PASSES: Final = 3
_BATCH: Final = 192
_FREE: Final = 0.35
"""Share of glyphs that were never in a comb."""
_SMOOTHING: Final = 0.02
_RATE: Final = 2.5e-3


@dataclass(frozen=True, slots=True)
class Figures:
    """What a training run reached.

    Attributes:
        digits_right: Share of held-out handwritten digits read right among digits.
        digits: How many.
        open_right: The same among all classes, look-alike capitals counted as their digit.
        temperature: By which logits are divided, fitted on fresh glyphs.
        glyphs_seen: Training examples.
        seconds: Wall time.
    """

    digits_right: float
    digits: int
    open_right: float
    temperature: float
    glyphs_seen: int
    seconds: float


def network(torch: Any) -> Any:
    """About 390,000 weights; 32 x 32 grey in, ``CLASSES`` logits out."""
    nn = torch.nn

    def block(inner: int, outer: int, side: int = 3, stride: int = 1) -> list[Any]:
        shape = {"stride": stride, "padding": side // 2, "bias": False}
        return [nn.Conv2d(inner, outer, side, **shape), nn.BatchNorm2d(outer), nn.ReLU()]

    return nn.Sequential(
        *block(1, 24, 5, 2),
        *block(24, 48),
        nn.MaxPool2d(2),
        *block(48, 72),
        *block(72, 72),
        nn.MaxPool2d(2),
        *block(72, 112),
        nn.Flatten(),
        nn.Dropout(0.25),
        nn.Linear(112 * 16, 144),
        nn.ReLU(),
        nn.Dropout(0.2),
        nn.Linear(144, CLASSES),
    )


class StoppedError(Exception):
    """The time given is over; what was done is kept in the work folder, and the same call goes on."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How long a run may go on and where it keeps what it has.

    Attributes:
        work: Folder of drawn rounds and of the state after each pass; None keeps nothing.
        seconds: After which ``StoppedError`` is raised.
        begun: ``time.monotonic()`` at the start.
    """

    work: Path | None
    seconds: float
    begun: float

    def check(self) -> None:
        """Raise ``StoppedError`` where the time is over."""
        if time.monotonic() - self.begun > self.seconds:
            raise StoppedError


def train(
    data: Path, fonts: Path, out: Path, glyphs: int, work: Path | None = None, seconds: float = math.inf
) -> Figures:
    """Train on that many drawn glyphs, each seen ``_PASSES`` times, on one core, and export.

    Args:
        data: Folder with ``digits`` and ``fonts_vn``.
        fonts: Folder of the print fonts.
        out: Where the weights go.
        glyphs: How many, rounded up to whole rounds.
        work: Folder that lets a stopped run go on.
        seconds: Time for this call.

    Raises:
        ImportError: Without the extra ``train``.
        StoppedError: When ``seconds`` are over.
    """
    torch = importlib.import_module("torch")
    torch.manual_seed(_SEED)
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    bounds = Bounds(work, seconds, time.monotonic())
    files = sorted((data / "fonts_vn").glob("*.ttf")) + sorted(fonts.glob("Liberation*.ttf"))
    drawn = _drawn(data, files, glyphs, bounds)
    net = network(torch)
    seen = _fit(torch, net, drawn, bounds)
    images, labels = _round(load_digits(data, held=False), files, 9999, 4000)
    temperature = temperature_of(_logits(torch, net, images), labels)
    exported(torch, net, temperature, (1, SIDE, SIDE), out / "glyphs.onnx", "glyphs")
    right, open_right, count = _held_out_digits(torch, net, data)
    return Figures(right, count, open_right, temperature, seen, time.monotonic() - bounds.begun)


_Drawn = tuple[npt.NDArray[np.uint8], Labels]


def _drawn(data: Path, files: list[Path], glyphs: int, bounds: Bounds) -> _Drawn:
    """All glyphs to train on; rounds are kept in the work folder as they are done."""
    digits = load_digits(data, held=False)
    size = min(_ROUND, glyphs)
    rounds = []
    for number in range(-(-glyphs // size)):
        kept = bounds.work / f"round-{number:03d}.npz" if bounds.work else None
        if kept and kept.is_file():
            with np.load(kept) as stored:
                rounds.append((stored["images"], stored["labels"]))
            continue
        bounds.check()
        rounds.append(_round(digits, files, number, size))
        if kept:
            kept.parent.mkdir(parents=True, exist_ok=True)
            np.savez(kept, images=rounds[-1][0], labels=rounds[-1][1])
    return np.concatenate([one for one, _ in rounds]), np.concatenate([two for _, two in rounds])


def _round(digits: Digits, files: list[Path], number: int, size: int) -> _Drawn:
    """``size`` glyphs, most of them out of scanned combs, the rest free as in gaps of a line."""
    source = GlyphSource(digits, files, _SEED + number)
    rng = np.random.default_rng([_SEED, number])
    free = round(_FREE * size)
    images, labels = source.batch(free)
    cells: list[tuple[Grey, int]] = []
    while len(cells) < size - free:
        cells += comb(source, rng)
    cells = cells[: size - free]
    images = np.concatenate([images, np.stack([image for image, _ in cells])])
    return images, np.concatenate([labels, np.array([label for _, label in cells], np.int64)])


def _fit(torch: Any, net: Any, drawn: _Drawn, bounds: Bounds) -> int:
    """Passes over all glyphs, moved by a pixel at random, with one cosine of the rate over all of them."""
    loss_of = torch.nn.CrossEntropyLoss(label_smoothing=_SMOOTHING)
    net.to(memory_format=torch.channels_last)
    adam = torch.optim.AdamW(net.parameters(), lr=_RATE, weight_decay=2e-3)
    images, labels = drawn
    total, first = _PASSES * len(labels), 0
    state = bounds.work / "state.pt" if bounds.work else None
    if state and state.is_file():
        kept = torch.load(state)
        net.load_state_dict(kept["net"])
        adam.load_state_dict(kept["adam"])
        first = kept["pass"]
    for number in range(first, _PASSES):
        bounds.check()
        order = np.random.default_rng([_SEED, number, 1])
        loss, seen = 0.0, number * len(labels)
        for chosen in np.array_split(order.permutation(len(labels)), -(-len(labels) // _BATCH)):
            share = seen / total
            adam.param_groups[0]["lr"] = (
                _RATE * min(1.0, 20 * share + 0.05) * (0.503 + 0.497 * math.cos(math.pi * share))
            )
            inputs, wanted = _tensors(torch, _moved(images[chosen], order), labels[chosen])
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=amx(torch)):
                logits = net(inputs.contiguous(memory_format=torch.channels_last))
            found = loss_of(logits.float(), wanted)
            adam.zero_grad()
            found.backward()
            adam.step()
            seen += len(chosen)
            loss += found.item() * len(chosen) / len(labels)
        print(f"pass {number + 1} of {_PASSES}, loss {loss:.4f}", flush=True)  # noqa: T201  a command's output
        if state:
            torch.save({"net": net.state_dict(), "adam": adam.state_dict(), "pass": number + 1}, state)
    net.eval()
    return total


def amx(torch: Any) -> bool:
    """Whether this processor multiplies bfloat16 in hardware; elsewhere it would be slower, not faster."""
    return bool(torch.cpu.get_capabilities().get("amx_bf16", False))


def _moved(images: npt.NDArray[np.uint8], rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    """The batch moved by up to one pixel each way."""
    dx, dy = (int(v) for v in rng.integers(-1, 2, 2))
    return np.roll(images, (dy, dx), axis=(1, 2))


def _tensors(torch: Any, images: npt.NDArray[np.uint8], labels: Labels) -> tuple[Any, Any]:
    return torch.from_numpy(images.astype(np.float32)[:, None] / 255.0), torch.from_numpy(labels)


def _logits(torch: Any, net: Any, images: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
    with torch.no_grad():
        inputs, _ = _tensors(torch, images, np.zeros(0, np.int64))
        return np.asarray(net(inputs).double().numpy(), dtype=np.float64)


def temperature_of(logits: npt.NDArray[np.float64], labels: Labels) -> float:
    """The divisor of logits with the least log loss on fresh examples (Guo et al., ICML 2017)."""
    tried = np.linspace(0.4, 2.5, 43)
    losses = [_log_loss(logits / t, labels) for t in tried]
    return float(tried[int(np.argmin(losses))])


def _log_loss(logits: npt.NDArray[np.float64], labels: Labels) -> float:
    shifted = logits - logits.max(axis=1, keepdims=True)
    total = np.log(np.exp(shifted).sum(axis=1))
    return float((total - shifted[np.arange(len(labels)), labels]).mean())


def _held_out_digits(torch: Any, net: Any, data: Path) -> tuple[float, float, int]:
    digits = load_digits(data, held=True)
    glyphs = [
        normalise(np.asarray(cv2.resize(image, (62, 62)), dtype=np.uint8), DPI) for image in digits.images
    ]
    logits = _logits(torch, net, np.stack(glyphs))
    closed = logits[:, :10].argmax(axis=1) == digits.values
    alike = {CHARACTERS.index(a): int(b) for a, b in zip("OIZSGB", "012568", strict=True)}
    open_best = [alike.get(int(k), int(k)) for k in logits.argmax(axis=1)]
    return float(closed.mean()), float((np.array(open_best) == digits.values).mean()), len(closed)


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line of this module."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with digits/ and fonts_vn/")
    parser.add_argument(
        "--fonts", type=Path, default=Path("resources/fonts"), help="folder of Liberation*.ttf"
    )
    parser.add_argument("--out", type=Path, required=True, help="folder for glyphs.onnx and glyphs.json")
    parser.add_argument("--glyphs", type=int, default=300_000, help="drawn; about 20 minutes in all")
    parser.add_argument("--work", type=Path, default=None, help="keeps a stopped run, which then goes on")
    parser.add_argument("--seconds", type=float, default=math.inf, help="time for this call")
    given = parser.parse_args(arguments)
    try:
        figures = train(given.data, given.fonts, given.out, given.glyphs, given.work, given.seconds)
    except StoppedError:
        print("stopped; call again to go on")  # noqa: T201  a command's output
        return
    told = {name: getattr(figures, name) for name in Figures.__slots__}
    (given.out / "glyphs.json").write_text(json.dumps(told, indent=2), encoding="utf-8")
    print(json.dumps(told))  # noqa: T201  a command's output


if __name__ == "__main__":
    main()
