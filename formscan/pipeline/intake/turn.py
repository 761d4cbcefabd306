"""The eight ways a picture can lie, numbered as in EXIF."""

from __future__ import annotations

import struct
from typing import Final

import numpy as np

from formscan.model.page import Pixels

UPRIGHT: Final = 1
_EXIF: Final = b"Exif\x00\x00"


def turned(pixels: Pixels, orientation: int) -> Pixels:
    """Put a picture upright as its EXIF orientation says.

    Args:
        pixels: uint8 (height, width) or (height, width, 3).
        orientation: 1..8, Exif 2.32 tag 0x0112; anything else counts as 1.
    """
    if orientation in {5, 6, 7, 8}:
        pixels = pixels.swapaxes(0, 1)
    if orientation in {2, 3, 6, 7}:
        pixels = pixels[:, ::-1]
    if orientation in {3, 4, 7, 8}:
        pixels = pixels[::-1]
    return np.ascontiguousarray(pixels)


def with_orientation(jpeg: bytes, orientation: int) -> bytes:
    """The same JPEG, its compressed data untouched, with one EXIF block that says how it lies.

    Any EXIF block it had is left out: inside a PDF it means nothing.
    """
    kept = [jpeg[:2]]
    at = 2
    while at + 4 <= len(jpeg) and jpeg[at] == 0xFF and jpeg[at + 1] != 0xDA:
        if jpeg[at + 1] == 0xFF:
            at += 1
            continue
        (length,) = struct.unpack(">H", jpeg[at + 2 : at + 4])
        block = jpeg[at : at + 2 + length]
        if not (block[1] == 0xE1 and block[4:10] == _EXIF):
            kept.append(block)
        at += 2 + length
    if orientation != UPRIGHT:
        kept.insert(2 if len(kept) > 1 and kept[1][1:2] == b"\xe0" else 1, _exif_block(orientation))
    return b"".join(kept) + jpeg[at:]


def _exif_block(orientation: int) -> bytes:
    tiff = b"MM\x00\x2a" + struct.pack(">IHHHIHHI", 8, 1, 0x0112, 3, 1, orientation, 0, 0)
    body = _EXIF + tiff
    return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body
