"""The line reader's network: columns of a picture to classes of ``engines.letters``, for CTC."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from formscan.engines.letters import ALPHABET, CLASSES, parts_of

_WIDE: Final = (24, 48, 96, 192)


def shared_parts() -> npt.NDArray[np.float32]:
    """float32 (CLASSES, parts): which parts a class is made of; an own part each comes last.

    ``Ấ`` and ``ấ`` share all but the case, ``ấ`` and ``ầ`` all but the tone: rare letters learn from
    common ones.
    """
    made = [parts_of(character) for character in ALPHABET]
    names = sorted(
        {("base", part.base) for part in made}
        | {("shape", part.shape) for part in made}
        | {("tone", part.tone) for part in made}
        | {("upper", str(part.upper)) for part in made}
    )
    place = {name: index for index, name in enumerate(names)}
    table = np.zeros((CLASSES, len(names) + CLASSES), np.float32)
    for index, part in enumerate(made, start=1):
        for name in (
            ("base", part.base),
            ("shape", part.shape),
            ("tone", part.tone),
            ("upper", str(part.upper)),
        ):
            table[index, place[name]] = 1
    table[np.arange(CLASSES), len(names) + np.arange(CLASSES)] = 1
    return table


def network(torch: Any, width: float = 1.0, *, folded: bool = False) -> Any:
    """Convolutions only, 1.3 million weights at full width.

    Input (n, 1, 40, columns) 0 paper to 1 ink, output (n, columns / 4, CLASSES) logits. A residual
    convolutional encoder whose rows are folded away, then dilated convolutions along the line; about 160
    million multiplications for 400 columns.

    Args:
        torch: The module.
        width: Scales the channels, for tests.
        folded: Without batch normalisation, as exported weights are: it is folded into the convolutions.
    """
    nn = torch.nn
    a, b, c, d = (max(8, round(each * width)) for each in _WIDE)

    class Folded(nn.Module):  # type: ignore[misc,name-defined]  # torch is untyped here
        """A residual block: x + f(x)."""

        def __init__(self, *layers: Any) -> None:
            super().__init__()
            self.layers = nn.Sequential(*layers)

        def forward(self, x: Any) -> Any:
            return torch.relu(x + self.layers(x))

    class Head(nn.Module):  # type: ignore[misc,name-defined]
        """Logits whose weights are sums over the parts of a character."""

        def __init__(self) -> None:
            super().__init__()
            table = torch.from_numpy(shared_parts())
            self.register_buffer("table", table)
            self.weight = nn.Parameter(torch.randn(table.shape[1], d) * 0.03)
            self.bias = nn.Parameter(torch.zeros(CLASSES))

        def forward(self, x: Any) -> Any:
            return nn.functional.linear(x.transpose(1, 2), self.table @ self.weight, self.bias)

    def normal(kind: Any, channels: int) -> Any:
        return nn.Identity() if folded else kind(channels)

    def block(
        inner: int, outer: int, shape: tuple[int, int], stride: tuple[int, int], pad: tuple[int, int]
    ) -> list[Any]:
        return [nn.Conv2d(inner, outer, shape, stride, pad, bias=folded), normal(nn.BatchNorm2d, outer)]

    def along(dilation: int) -> Any:
        return Folded(
            nn.Conv1d(d, d, 5, padding=2 * dilation, dilation=dilation, bias=folded),
            normal(nn.BatchNorm1d, d),
        )

    class Flat(nn.Module):  # type: ignore[misc,name-defined]
        def forward(self, x: Any) -> Any:
            return x.squeeze(2)

    return nn.Sequential(
        *block(1, a, (3, 3), (2, 2), (1, 1)),
        nn.ReLU(),
        *block(a, b, (3, 3), (2, 2), (1, 1)),
        nn.ReLU(),
        Folded(*block(b, b, (3, 3), (1, 1), (1, 1))),
        *block(b, c, (3, 3), (2, 1), (1, 1)),
        nn.ReLU(),
        Folded(*block(c, c, (3, 3), (1, 1), (1, 1))),
        *block(c, d, (5, 3), (1, 1), (0, 1)),
        nn.ReLU(),
        Flat(),
        nn.Dropout(0.1),
        along(1),
        along(2),
        along(4),
        along(1),
        nn.Dropout(0.1),
        Head(),
    )


def started_from(torch: Any, path: Path) -> Any:
    """A folded network with the weights of an exported one of full width."""
    onnx = importlib.import_module("onnx")
    graph = onnx.load(str(path)).graph
    stored = {
        tensor.name.removesuffix(".half"): onnx.numpy_helper.to_array(tensor) for tensor in graph.initializer
    }
    net = network(torch, folded=True)
    convolutions = [part for part in net.modules() if hasattr(part, "kernel_size")]
    nodes = [node for node in graph.node if node.op_type == "Conv"]
    with torch.no_grad():
        for part, node in zip(convolutions, nodes, strict=True):
            part.weight.copy_(torch.from_numpy(stored[node.input[1]].astype(np.float32)))
            part.bias.copy_(torch.from_numpy(stored[node.input[2]].astype(np.float32)))
        for name in ("weight", "bias"):
            found = stored[f"{len(net) - 1}.{name}"]
            getattr(net[-1], name).copy_(torch.from_numpy(found.astype(np.float32)))
    return net
