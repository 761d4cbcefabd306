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

from formscan.engines.glyphs import CHARACTERS, CLASSES, OTHER, SIDE, normalise
from formscan.learning.glyphs import DPI, GlyphSource, Labels, load_digits

_SEED: Final = 20231
_ROUND: Final = 15_000
_SMOOTHING: Final = 0.03
_RATE: Final = 2e-3


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


def network(torch: Any, *, folded: bool = False) -> Any:
    """About 160,000 weights; 32 x 32 grey in, ``CLASSES`` logits out.

    Args:
        torch: The module.
        folded: Without batch normalisation, as exported weights are: it is folded into the convolutions.
    """
    nn = torch.nn

    def block(inner: int, outer: int, side: int = 3, stride: int = 1) -> list[Any]:
        shape = {"stride": stride, "padding": side // 2, "bias": folded}
        norm = nn.Identity() if folded else nn.BatchNorm2d(outer)
        return [nn.Conv2d(inner, outer, side, **shape), norm, nn.ReLU()]

    return nn.Sequential(
        *block(1, 20, 5, 2),
        *block(20, 36),
        nn.MaxPool2d(2),
        *block(36, 64),
        *block(64, 64),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Dropout(0.25),
        nn.Linear(64 * 16, 96),
        nn.ReLU(),
        nn.Dropout(0.2),
        nn.Linear(96, CLASSES),
    )


def started_from(torch: Any, path: Path) -> Any:
    """A folded network with the weights of an exported one."""
    onnx = importlib.import_module("onnx")
    net = network(torch, folded=True)
    stored = [onnx.numpy_helper.to_array(part) for part in onnx.load(str(path)).graph.initializer]
    pairs = list(zip(stored[::2], stored[1::2], strict=True))
    pairs = [pair for pair in pairs if pair[0].ndim == 4] + [pair for pair in pairs if pair[0].ndim == 2]
    layers = [layer for layer in net if hasattr(layer, "weight")]
    with torch.no_grad():
        for layer, (weight, bias) in zip(layers, pairs, strict=True):
            layer.weight.copy_(torch.from_numpy(weight.copy()))
            layer.bias.copy_(torch.from_numpy(bias.copy()))
    return net


def train(data: Path, fonts: Path, out: Path, glyphs: int, start: Path | None = None) -> Figures:
    """Train on that many glyphs on one core and export; the same number gives the same weights.

    Args:
        data: Folder with ``digits`` and ``fonts_vn``.
        fonts: Folder of the print fonts.
        out: Where the weights go.
        glyphs: How many.
        start: Weights to go on from, on other glyphs and at a quarter of the rate; from nothing by default.

    Raises:
        ImportError: Without the extra ``train``.
    """
    torch = importlib.import_module("torch")
    torch.manual_seed(_SEED)
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    started = time.monotonic()
    files = sorted((data / "fonts_vn").glob("*.ttf")) + sorted(fonts.glob("Liberation*.ttf"))
    source = GlyphSource(load_digits(data, held=False), files, _SEED + (start is not None))
    net = started_from(torch, start) if start else network(torch)
    seen = _fit(torch, net, source, glyphs, _RATE / 4 if start else _RATE)
    temperature = _temperature(torch, net, *GlyphSource(load_digits(data, held=False), files, 7).batch(4000))
    export(torch, net, temperature, out / "glyphs.onnx")
    right, open_right, count = _held_out_digits(torch, net, data)
    return Figures(right, count, open_right, temperature, seen, time.monotonic() - started)


def _fit(torch: Any, net: Any, source: GlyphSource, glyphs: int, rate: float) -> int:
    """Rounds of fresh glyphs, each gone over twice, with one cosine of the rate over all of them."""
    loss_of = torch.nn.CrossEntropyLoss(label_smoothing=_SMOOTHING)
    adam = torch.optim.AdamW(net.parameters(), lr=rate, weight_decay=1e-3)
    seen = 0
    while seen < glyphs:
        images, labels = source.batch(_ROUND)
        inputs, wanted = _tensors(torch, images, labels)
        loss = 0.0
        for chosen in [part for _ in range(2) for part in torch.randperm(_ROUND).split(128)]:
            adam.param_groups[0]["lr"] = rate * (0.501 + 0.499 * math.cos(math.pi * min(1.0, seen / glyphs)))
            found = loss_of(net(inputs[chosen]), wanted[chosen])
            adam.zero_grad()
            found.backward()
            adam.step()
            seen += len(chosen)
            loss = found.item()
        print(f"{seen:8d} glyphs, loss {loss:.3f}", flush=True)  # noqa: T201  a command's output
    net.eval()
    return seen


def _tensors(torch: Any, images: npt.NDArray[np.uint8], labels: Labels) -> tuple[Any, Any]:
    return torch.from_numpy(images.astype(np.float32)[:, None] / 255.0), torch.from_numpy(labels)


def _logits(torch: Any, net: Any, images: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
    with torch.no_grad():
        inputs, _ = _tensors(torch, images, np.zeros(0, np.int64))
        return np.asarray(net(inputs).double().numpy(), dtype=np.float64)


def _temperature(torch: Any, net: Any, images: npt.NDArray[np.uint8], labels: Labels) -> float:
    """The divisor of logits with the least log loss on fresh glyphs (Guo et al., ICML 2017)."""
    logits = _logits(torch, net, images)
    tried = np.linspace(0.4, 2.5, 43)
    losses = [_log_loss(logits / t, labels) for t in tried]
    return float(tried[int(np.argmin(losses))])


def _log_loss(logits: npt.NDArray[np.float64], labels: Labels) -> float:
    shifted = logits - logits.max(axis=1, keepdims=True)
    total = np.log(np.exp(shifted).sum(axis=1))
    return float((total - shifted[np.arange(len(labels)), labels]).mean())


def export(torch: Any, net: Any, temperature: float, path: Path) -> None:
    """Write the network with temperature and softmax as ONNX: ``glyphs`` in, ``probabilities`` out."""
    nn = torch.nn

    class Calibrated(nn.Module):  # type: ignore[misc,name-defined]  # torch is untyped here
        def __init__(self) -> None:
            super().__init__()
            self.net = net

        def forward(self, glyphs: Any) -> Any:
            return torch.softmax(self.net(glyphs) / temperature, dim=1)

    path.parent.mkdir(parents=True, exist_ok=True)
    torch.onnx.export(
        Calibrated().eval(),
        (torch.zeros(2, 1, SIDE, SIDE),),
        str(path),
        input_names=["glyphs"],
        output_names=["probabilities"],
        dynamic_axes={"glyphs": {0: "count"}, "probabilities": {0: "count"}},
        opset_version=17,
        dynamo=False,
    )


def _held_out_digits(torch: Any, net: Any, data: Path) -> tuple[float, float, int]:
    digits = load_digits(data, held=True)
    glyphs = [
        normalise(np.asarray(cv2.resize(image, (62, 62)), dtype=np.uint8), DPI) for image in digits.images
    ]
    logits = _logits(torch, net, np.stack(glyphs))
    closed = logits[:, :10].argmax(axis=1) == digits.values
    alike = {CHARACTERS.index(a): int(b) for a, b in zip("OIZSGB", "012568", strict=True)}
    open_best = [alike.get(int(k), int(k)) for k in logits[:, : OTHER + 1].argmax(axis=1)]
    return float(closed.mean()), float((np.array(open_best) == digits.values).mean()), len(closed)


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line of this module."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with digits/ and fonts_vn/")
    parser.add_argument(
        "--fonts", type=Path, default=Path("resources/fonts"), help="folder of Liberation*.ttf"
    )
    parser.add_argument("--out", type=Path, required=True, help="folder for glyphs.onnx and glyphs.json")
    parser.add_argument("--glyphs", type=int, default=300_000, help="training examples; about 5 minutes")
    parser.add_argument("--start", type=Path, default=None, help="glyphs.onnx to go on from")
    given = parser.parse_args(arguments)
    figures = train(given.data, given.fonts, given.out, given.glyphs, given.start)
    told = {name: getattr(figures, name) for name in Figures.__slots__}
    (given.out / "glyphs.json").write_text(json.dumps(told, indent=2), encoding="utf-8")
    print(json.dumps(told))  # noqa: T201  a command's output


if __name__ == "__main__":
    main()
