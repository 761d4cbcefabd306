"""The line reader's network at work: pictures of lines to rows of probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from formscan.engines.ctc import Rows
from formscan.engines.line_picture import HEIGHT, STEP
from formscan.engines.onnx_model import OnnxModel
from formscan.model.page import Grey
from formscan.paths import own_weights, resources_dir

_ROUND: Final = 32
_BATCH: Final = 4
_COLUMNS: Final = 1600
"""Run at a time, or one picture: four of the widest together need 100 MB and take no less time each."""


class LineNet:
    """Reads lines; weights are read at the first call.

    Args:
        path: The ONNX file; the one that ships with the program by default.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._model = OnnxModel(path or resources_dir() / "models" / "lines.onnx", "lines")

    @property
    def digest(self) -> str:
        """``lines@`` and the first 12 hexadecimal digits of the weights' SHA-256."""
        return self._model.digest

    def rows(self, pictures: Sequence[Grey]) -> list[Rows]:
        """Natural logarithms of class probabilities, one array (steps, classes) a picture, in order.

        Pictures of about one width are run together.

        Args:
            pictures: As ``line_picture.picture_of`` makes them.

        Raises:
            EngineError: ``engine.model`` if the weights are missing or broken.
        """
        found: list[Rows] = [np.zeros((0, 0), np.float32)] * len(pictures)
        order = sorted(range(len(pictures)), key=lambda k: pictures[k].shape[1])
        while order:
            widest = _rounded(pictures[order[-1]].shape[1])
            batch = [k for k in order[-_BATCH:] if _rounded(pictures[k].shape[1]) >= 0.8 * widest]
            order = order[: -len(batch)]
            inputs = np.zeros((len(batch), 1, HEIGHT, widest), np.float32)
            for place, k in enumerate(batch):
                inputs[place, 0, :, : pictures[k].shape[1]] = pictures[k]
            inputs /= np.float32(255)
            some = max(1, _COLUMNS // widest)
            for first in range(0, len(batch), some):
                logits = self._model.run(inputs[first : first + some])
                for row, k in zip(logits, batch[first : first + some], strict=True):
                    found[k] = _log_softmax(row[: -(-pictures[k].shape[1] // STEP)])
        return found


def own_net() -> LineNet | None:
    """The network the hospital has adapted to its own handwriting, if it has."""
    path = own_weights("lines.onnx")
    return None if path is None else LineNet(path)


def _rounded(width: int) -> int:
    return -(-width // _ROUND) * _ROUND


def _log_softmax(logits: Rows) -> Rows:
    shifted = logits - logits.max(axis=1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)), dtype=np.float32)
