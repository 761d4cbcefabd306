"""Two glyph networks as one file: ``python -m formscan.learning.together OLD NEW OUT``.

The older one knows no tones and calls struck-out characters no characters. What it gives to a letter is
shared out among its toned forms as the newer one would share it; then the two are averaged.
"""

from __future__ import annotations

import argparse
import importlib
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from formscan.engines.glyphs import CHARACTERS, CLASSES, NOTHING, OTHER, STRUCK

PLAIN: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZĐ"
"""Characters of the older network; after them come "nothing" and "no character"."""


def families() -> npt.NDArray[np.float32]:
    """float32 (CLASSES, classes of the older network): 1 where a class is a form of the older one's."""
    of = np.zeros((CLASSES, len(PLAIN) + 2), np.float32)
    for index, character in enumerate(CHARACTERS):
        base = character if character in PLAIN else unicodedata.normalize("NFD", character)[0]
        of[index, PLAIN.index(base)] = 1
    of[NOTHING, len(PLAIN)] = 1
    of[[STRUCK, OTHER], len(PLAIN) + 1] = 1
    return of


def together(old: Path, new: Path, out: Path) -> None:
    """Write the average of two networks that take ``glyphs`` and give ``probabilities``.

    Raises:
        ImportError: Without the extra ``train``.
    """
    onnx = importlib.import_module("onnx")
    compose = importlib.import_module("onnx.compose")
    parts = [compose.add_prefix(onnx.load(str(path)), name) for path, name in ((old, "old_"), (new, "new_"))]
    of = families()
    tensor, node = onnx.numpy_helper.from_array, onnx.helper.make_node
    given = [
        tensor(of, "of"),
        tensor(np.ascontiguousarray(of.T), "forms"),
        tensor(np.array(1e-9, np.float32), "least"),
        tensor(np.array([1], np.int64), "classes"),
    ]
    nodes = [
        node("MatMul", ["new_probabilities", "of"], ["family"]),
        node("Add", ["family", "least"], ["family_least"]),
        node("Div", ["old_probabilities", "family_least"], ["ratio"]),
        node("MatMul", ["ratio", "forms"], ["times"]),
        node("Mul", ["new_probabilities", "times"], ["shared"]),
        node("Add", ["shared", "new_probabilities"], ["both"]),
        node("ReduceSum", ["both", "classes"], ["total"], keepdims=1),
        node("Div", ["both", "total"], ["probabilities"]),
    ]
    for part, name in zip(parts, ("old_", "new_"), strict=True):
        _fed_from(part.graph, f"{name}glyphs")
    float32 = onnx.TensorProto.FLOAT
    graph = onnx.helper.make_graph(
        [*(n for part in parts for n in part.graph.node), *nodes],
        "glyphs",
        [onnx.helper.make_tensor_value_info("glyphs", float32, ["count", 1, 32, 32])],
        [onnx.helper.make_tensor_value_info("probabilities", float32, ["count", CLASSES])],
        [*(t for part in parts for t in part.graph.initializer), *given],
    )
    model = onnx.helper.make_model(
        graph, opset_imports=list(parts[0].opset_import), ir_version=parts[0].ir_version
    )
    onnx.checker.check_model(model)
    onnx.save(model, str(out))


def _fed_from(graph: Any, name: str) -> None:
    """Let a part take the input of the whole."""
    for node in graph.node:
        for place, taken in enumerate(node.input):
            if taken == name:
                node.input[place] = "glyphs"


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line of this module."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("old", "new", "out"):
        parser.add_argument(name, type=Path)
    given = parser.parse_args(arguments)
    together(given.old, given.new, given.out)


if __name__ == "__main__":
    main()
