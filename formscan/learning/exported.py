"""Trained classifiers as ONNX files: calibrated probabilities out, weights kept in half precision."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any, Final

import numpy as np

_SMALL: Final = 1024
"""Tensors with fewer numbers stay as they are."""


def exported(torch: Any, net: Any, temperature: float, shape: tuple[int, ...], path: Path, name: str) -> None:
    """Write a network with temperature and softmax as ONNX: ``name`` in, ``probabilities`` out.

    Args:
        torch: The module.
        net: Gives logits (n, classes) for inputs (n, *shape).
        temperature: By which logits are divided.
        shape: Of one input.
        path: Of the file.
        name: Of the input.
    """
    nn = torch.nn

    class Calibrated(nn.Module):  # type: ignore[misc,name-defined]  # torch is untyped here
        def __init__(self) -> None:
            super().__init__()
            self.net = net

        def forward(self, inputs: Any) -> Any:
            return torch.softmax(self.net(inputs) / temperature, dim=1)

    path.parent.mkdir(parents=True, exist_ok=True)
    torch.onnx.export(
        Calibrated().eval().to(memory_format=torch.contiguous_format),
        (torch.zeros(2, *shape),),
        str(path),
        input_names=[name],
        output_names=["probabilities"],
        dynamic_axes={name: {0: "count"}, "probabilities": {0: "count"}},
        opset_version=17,
        dynamo=False,
    )
    halved(path)


def halved(path: Path) -> None:
    """Keep a file's weights as float16, widened when they are loaded: half the size, the same arithmetic."""
    onnx = importlib.import_module("onnx")
    model = onnx.load(str(path))
    casts = []
    for tensor in list(model.graph.initializer):
        values = onnx.numpy_helper.to_array(tensor)
        if values.dtype != np.float32 or values.size < _SMALL:
            continue
        small = onnx.numpy_helper.from_array(values.astype(np.float16), tensor.name + ".half")
        model.graph.initializer.remove(tensor)
        model.graph.initializer.append(small)
        casts.append(onnx.helper.make_node("Cast", [small.name], [tensor.name], to=onnx.TensorProto.FLOAT))
    for node in reversed(casts):
        model.graph.node.insert(0, node)
    onnx.checker.check_model(model)
    onnx.save(model, str(path))
