"""Every way a picture stores its tones, brought to 8-bit grey or RGB."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image

from formscan.model.page import Pixels

WIDE: Final = frozenset({"I;16", "I;16L", "I;16B", "I;16N", "I", "F"})
_PLAIN: Final = frozenset({"L", "RGB"})


def to_pixels(image: Image.Image) -> tuple[Pixels, tuple[str, ...]]:
    """Grey or RGB of a loaded picture, and notes on what was done.

    16-bit tones are scaled (never cut off), CMYK goes through Pillow, which knows Adobe's inverted
    form, and whatever is transparent is laid over white.
    """
    if image.mode in _PLAIN and "transparency" not in image.info:
        return np.array(image, dtype=np.uint8), ()
    if image.mode == "1":
        return np.array(image, dtype=np.uint8) * np.uint8(255), ()
    if image.mode in WIDE:
        return _narrowed(np.asarray(image)), ("tones.scaled",)
    if image.has_transparency_data:
        return _over_white(image), ("alpha.flattened",)
    if image.mode == "P":
        return _one_channel(np.array(image.convert("RGB"))), ()
    note = ("colour.cmyk",) if image.mode == "CMYK" else ()
    return np.array(image.convert("RGB"), dtype=np.uint8), note


def _narrowed(wide: npt.NDArray[np.generic]) -> Pixels:
    tones = wide.astype(np.float32)
    top = float(np.nanmax(tones)) if tones.size else 0.0
    if wide.dtype.kind == "f":
        full = 1.0 if top <= 1.0 else 255.0 if top <= 255.0 else 65535.0
    else:
        full = 65535.0 if top <= 65535.0 else float(2**31 - 1)
    return np.asarray(np.clip(np.nan_to_num(tones) * (255.0 / full) + 0.5, 0, 255), dtype=np.uint8)


def _over_white(image: Image.Image) -> Pixels:
    painted = image.convert("RGBA")
    paper = Image.new("RGBA", painted.size, "white")
    return _one_channel(np.array(Image.alpha_composite(paper, painted).convert("RGB")))


def _one_channel(rgb: Pixels) -> Pixels:
    """Grey where all three channels are equal."""
    red = rgb[..., 0]
    if np.array_equal(red, rgb[..., 1]) and np.array_equal(red, rgb[..., 2]):
        return np.ascontiguousarray(red)
    return rgb
