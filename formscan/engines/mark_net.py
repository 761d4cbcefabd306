"""The mark network: a tick box and what is around it to probabilities, run with onnxruntime."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from formscan.engines.ink import Ink
from formscan.engines.onnx_model import DIGITS, OnnxModel
from formscan.model.geometry import Box
from formscan.model.page import Grey
from formscan.paths import resources_dir

Picture = npt.NDArray[np.uint8]
"""uint8, (``CHANNELS``, ``SIDE``, ``SIDE``): what is dark, what the blank prints there, ink without print."""

CLASSES: Final = ("empty", "marked", "struck", "unclear")
CHANNELS: Final = 3
SIDE: Final = 52
_REACH: Final = 0.8
"""How far the network sees beyond the box, in widths and heights of it: far enough to see strokes run on."""


def picture_of(ink: Ink, image: Grey, cell: Box) -> Picture:
    """What the network is shown of a box.

    Args:
        ink: Of the crop.
        image: The crop, uint8 grey.
        cell: The box, pixels of the crop; it may reach beyond it.
    """
    dx, dy = round(cell.width * _REACH), round(cell.height * _REACH)
    seen = Box(cell.left - dx, cell.top - dy, cell.right + dx, cell.bottom + dy)
    dark = cv2.subtract(np.full_like(image, ink.paper), image)
    layers = (dark, ink.printed, cv2.bitwise_not(ink.grey))
    return np.stack([_scaled(np.asarray(layer, dtype=np.uint8), seen) for layer in layers])


def _scaled(layer: Grey, seen: Box) -> Grey:
    """A part of a layer at the network's size, black where there is none."""
    height, width = layer.shape
    inner = seen.clipped(width, height)
    part = layer[inner.top : inner.bottom, inner.left : inner.right]
    if inner != seen:
        around = (
            inner.top - seen.top,
            seen.bottom - inner.bottom,
            inner.left - seen.left,
            seen.right - inner.right,
        )
        part = np.asarray(cv2.copyMakeBorder(part, *around, cv2.BORDER_CONSTANT), dtype=np.uint8)
    return np.asarray(cv2.resize(part, (SIDE, SIDE), interpolation=cv2.INTER_AREA), dtype=np.uint8)


class MarkNet:
    """The network; weights are read at the first call.

    Args:
        path: The ONNX file; the one that ships with the program by default.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._model = OnnxModel(path or resources_dir() / "models" / "marks.onnx", "marks")

    @property
    def digest(self) -> str:
        """``marks@`` and the first 12 hexadecimal digits of the weights' SHA-256."""
        return self._model.digest

    def probabilities(self, pictures: Sequence[Picture]) -> npt.NDArray[np.float32]:
        """Calibrated probabilities of ``CLASSES`` to ``DIGITS`` decimals, (n, 4).

        They are the means of each picture and its mirror image.

        Raises:
            EngineError: ``engine.model`` if the weights are missing or broken.
        """
        if not pictures:
            return np.zeros((0, len(CLASSES)), np.float32)
        shown = np.stack(pictures).astype(np.float32) / np.float32(255)
        both = self._model.run(shown) + self._model.run(np.ascontiguousarray(shown[..., ::-1]))
        return np.asarray(np.round(both / 2, DIGITS), dtype=np.float32)
