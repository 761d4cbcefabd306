"""The glyph reader: one isolated character to probabilities, by a small network run with onnxruntime."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from formscan.engines.onnx_model import DIGITS, OnnxModel
from formscan.model.page import Grey
from formscan.paths import resources_dir

Probabilities = npt.NDArray[np.float32]
"""float32, (glyphs, classes), rows sum to 1."""

CHARACTERS: Final = (
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZĐĂÂÊÔƠƯÀẢÃÁẠẰẲẴẮẶẦẨẪẤẬÈẺẼÉẸỀỂỄẾỆÌỈĨÍỊÒỎÕÓỌỒỔỖỐỘỜỞỠỚỢÙỦŨÚỤỪỬỮỨỰỲỶỸÝỴ"
)
"""Digits, capitals, and all toned capitals of Vietnamese (names in combs)."""
NOTHING: Final = len(CHARACTERS)
"""Class of an empty cell: specks and remnants of printed borders."""
STRUCK: Final = len(CHARACTERS) + 1
"""Class of a character its writer struck or blackened out."""
OTHER: Final = len(CHARACTERS) + 2
"""Class of ink that is no single character: two touching characters, a part of one."""
CLASSES: Final = len(CHARACTERS) + 3

SIDE: Final = 32
"""Side of the network's input in pixels."""
_INNER: Final = 26
"""The longer side of a glyph within the input."""
_LEAST_MM: Final = 2.0
"""Glyphs smaller than this are not blown up: a speck must stay a speck."""


def normalise(darkness: Grey, dpi: float) -> Grey:
    """Fit a glyph into the network's input, aspect kept, centred by its box.

    Args:
        darkness: uint8 (height, width), 0 paper to 255 ink; only the glyph's own ink.
        dpi: Of ``darkness``.

    Returns:
        uint8 (32, 32); all zero where there is no ink.
    """
    out = np.zeros((SIDE, SIDE), np.uint8)
    seen = darkness > 60
    rows, cols = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    if not rows.size:
        return out
    part = darkness[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1]
    scale = _INNER / max(*part.shape, _LEAST_MM * dpi / 25.4)
    width, height = (max(1, round(side * scale)) for side in part.shape[::-1])
    small = cv2.resize(part, (width, height), interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    peak = max(1, int(small.max()))
    left, top = (SIDE - width) // 2, (SIDE - height) // 2
    out[top : top + height, left : left + width] = cv2.convertScaleAbs(small, alpha=255.0 / peak)
    return out


class GlyphNet:
    """The network; weights are read at the first call.

    Args:
        path: The ONNX file; the one that ships with the program by default.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._model = OnnxModel(path or resources_dir() / "models" / "glyphs.onnx", "glyphs")

    @property
    def digest(self) -> str:
        """``glyphs@`` and the first 12 hexadecimal digits of the weights' SHA-256."""
        return self._model.digest

    def probabilities(self, glyphs: Sequence[Grey]) -> Probabilities:
        """Calibrated class probabilities of normalised glyphs to ``DIGITS`` decimals, (n, ``CLASSES``).

        Raises:
            EngineError: ``engine.model`` if the weights are missing or broken.
        """
        if not glyphs:
            return np.zeros((0, CLASSES), np.float32)
        inputs = np.stack(glyphs).astype(np.float32)[:, None] / np.float32(255)
        return np.asarray(np.round(self._model.run(inputs), DIGITS), dtype=np.float32)
