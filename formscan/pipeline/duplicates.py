"""Pages that were scanned twice: named, never dropped on likeness alone."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from formscan.model.page import Grey, Page, Pixels, Source

_HASH_FIELD: Final = 32
_HASH_SIDE: Final = 8


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A page that was seen before.

    Attributes:
        of: The page seen first.
        exact: Every pixel is the same; otherwise the same sheet, scanned or coded again.
    """

    of: Source
    exact: bool


class DuplicateIndex:
    """The pages of a stack so far."""

    def __init__(self) -> None:
        self._exact: dict[str, Source] = {}

    def seen(self, page: Page) -> Duplicate | None:
        """The first page of which ``page`` is a copy, or ``None``; ``page`` is remembered."""
        key = pixel_sha256(page.pixels)
        known = self._exact.setdefault(key, page.source)
        return None if known is page.source else Duplicate(known, exact=True)


def pixel_sha256(pixels: Pixels) -> str:
    """SHA-256 of shape and pixels, hexadecimal: the same page in another lossless file has the same."""
    digest = hashlib.sha256(repr(pixels.shape).encode())
    digest.update(np.ascontiguousarray(pixels).data)
    return digest.hexdigest()


def fingerprint(pixels: Pixels) -> int:
    """64-bit perceptual hash: signs of the 8 x 8 lowest frequencies of the page (Zauner 2010).

    Args:
        pixels: uint8 grey or RGB.
    """
    small = small_grey(pixels, _HASH_FIELD, _HASH_FIELD).astype(np.float32)
    low = cv2.dct(small)[:_HASH_SIDE, :_HASH_SIDE].ravel()
    bits = low > np.median(low[1:])
    return int.from_bytes(np.packbits(bits).tobytes(), "big")


def small_grey(pixels: Pixels, width: int, height: int) -> Grey:
    """A page averaged down to ``width`` x ``height``, grey."""
    small = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)
    if small.ndim == 3:
        small = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
    return np.asarray(small, dtype=np.uint8)
