"""Pages out of picture files: checked for completeness first, bounded before they are decoded."""

from __future__ import annotations

import io
import math
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image, ImageFile

from formscan.errors import RefusedFileError
from formscan.model.page import Pixels
from formscan.pipeline.intake.kinds import Kind
from formscan.pipeline.intake.limits import MIN_SIDE, AcquireLimits, refuse
from formscan.pipeline.intake.raw import Found, RawPage
from formscan.pipeline.intake.tones import to_pixels
from formscan.pipeline.intake.turn import UPRIGHT, turned

FORMATS: Final = {
    Kind.JPEG: ("JPEG", "MPO"),
    Kind.PNG: ("PNG",),
    Kind.TIFF: ("TIFF",),
    Kind.BMP: ("BMP",),
    Kind.WEBP: ("WEBP",),
}
_ORIENTATION: Final = 0x0112
_NEUTRAL: Final = 128
"""What libjpeg fills in where data are missing (jdhuff.c, ``insufficient_data``)."""
_TROUBLE: Final = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    AttributeError,
    ArithmeticError,
    LookupError,
    EOFError,
    struct.error,
    zlib.error,
    MemoryError,
    Image.DecompressionBombError,
)
"""What Pillow raises on damaged files, by experience."""


def single_picture(path: Path, kind: Kind, limits: AcquireLimits) -> Iterator[Found]:
    """The one page of a JPEG, PNG, BMP or WebP file."""
    try:
        yield Found(0, 1, page_from_bytes(path.read_bytes(), kind, limits))
    except RefusedFileError as error:
        yield Found(0, 1, error)


def page_from_bytes(data: bytes, kind: Kind, limits: AcquireLimits) -> RawPage:
    """Decode a whole single-page picture.

    Raises:
        RefusedFileError: If it is incomplete, damaged or beyond the limits.
    """
    _check_complete(data, kind)
    with trouble_refused(kind):
        image = Image.open(io.BytesIO(data), formats=FORMATS[kind])
        check_size(image.size, limits)
        orientation = _exif_orientation(image)
        stated = stated_dpi(image)
        image.load()
        pixels, notes = to_pixels(image)
    if kind is Kind.JPEG:
        _check_filled(pixels)
    elif kind is Kind.PNG and not pixels[-1].any():
        _check_rows(data, pixels.shape[0] * pixels.shape[1])
    if orientation != UPRIGHT:
        pixels, notes = turned(pixels, orientation), (*notes, "exif.turned")
        stated = stated[::-1] if stated is not None and orientation > 4 else stated
    keep = kind in {Kind.JPEG, Kind.PNG}
    return RawPage(pixels, stated, data if keep else None, f"image/{kind}" if keep else "image/png", notes)


def decode(data: bytes) -> Pixels:
    """Decode the bytes a page is kept as (``Page.encoded``) to exactly the pixels it was taken in with.

    Args:
        data: A JPEG or PNG.

    Returns:
        uint8 grey (height, width) or RGB (height, width, 3), turned as its EXIF orientation says.

    Raises:
        RefusedFileError: If it is damaged.
    """
    kind = Kind.PNG if data[:4] == b"\x89PNG" else Kind.JPEG
    return page_from_bytes(data, kind, AcquireLimits()).pixels


def check_size(size: tuple[int, int], limits: AcquireLimits) -> None:
    """Refuse a picture by the size in its header.

    Raises:
        RefusedFileError: If it has too many or too few pixels.
    """
    width, height = size
    if width * height > limits.pixels:
        raise refuse("too_many_pixels", width=width, height=height, allowed=limits.pixels)
    if min(width, height) < MIN_SIDE:
        raise refuse("too_small", width=width, height=height)


def stated_dpi(image: Image.Image) -> tuple[float, float] | None:
    """Resolution a picture states, horizontal and vertical; ``None`` if it states none or nonsense."""
    try:
        across, down = (float(value) for value in image.info["dpi"])
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
    if not (math.isfinite(across) and math.isfinite(down)) or min(across, down) <= 0:
        return None
    return across, down


@contextmanager
def trouble_refused(kind: str) -> Iterator[None]:
    """Turn what Pillow raises on damaged files into a refusal; its warnings are not for the terminal."""
    assert not ImageFile.LOAD_TRUNCATED_IMAGES
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except Image.DecompressionBombError as error:
        raise refuse("too_many_pixels", kind=kind) from error
    except RefusedFileError:
        raise
    except _TROUBLE as error:
        told = "truncated" if "truncated" in str(error).lower() else "malformed"
        raise refuse(told, kind=kind, error=type(error).__name__) from error


def _exif_orientation(image: Image.Image) -> int:
    try:
        found = image.getexif().get(_ORIENTATION, UPRIGHT)
    except _TROUBLE:
        return UPRIGHT
    return found if isinstance(found, int) and UPRIGHT <= found <= 8 else UPRIGHT


def _check_complete(data: bytes, kind: Kind) -> None:
    if not data:
        raise refuse("empty")
    if kind is Kind.JPEG and data.rfind(b"\xff\xd9") < data.rfind(b"\xff\xda"):
        raise refuse("truncated", kind=kind)
    if kind is Kind.PNG:
        _check_chunks(data)
    if kind is Kind.WEBP and len(data) < int.from_bytes(data[4:8], "little") + 8:
        raise refuse("truncated", kind=kind)


def _check_chunks(data: bytes) -> None:
    """Walk a PNG to its end and check every chunk (W3C PNG, 5.3); Pillow does not check those of pixels."""
    at = 8
    while at + 12 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        name, end = data[at + 4 : at + 8], at + 8 + length
        if end + 4 > len(data):
            break
        if zlib.crc32(memoryview(data)[at + 4 : end]) != int.from_bytes(data[end : end + 4], "big"):
            raise refuse("malformed", kind=Kind.PNG, chunk=name.decode("ascii", "replace"))
        if name == b"IEND":
            return
        at = end + 4
    raise refuse("truncated", kind=Kind.PNG)


def _check_rows(data: bytes, pixels: int) -> None:
    """Refuse a PNG, whole by its chunks, whose compressed data end before the last row; Pillow says nothing.

    Raises:
        RefusedFileError: If there are fewer bits than the header promises.
    """
    depth, colour, interlaced = data[24], data[25], data[28]
    bits = pixels * depth * {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}.get(colour, 1)
    inflate, at, had = zlib.decompressobj(), 8, 0
    while at + 12 <= len(data):
        end = at + 8 + int.from_bytes(data[at : at + 4], "big")
        if data[at + 4 : at + 8] == b"IDAT":
            had += len(inflate.decompress(data[at + 8 : end]))
        at = end + 4
    if had * 8 < bits and not interlaced:
        raise refuse("truncated", kind=Kind.PNG)


def _check_filled(pixels: Pixels) -> None:
    """Refuse a JPEG whose last rows were never there but whose end was put on.

    Raises:
        RefusedFileError: If the last row is libjpeg's filling from edge to edge.
    """
    last = pixels[-1]
    if int(last[0].min()) == _NEUTRAL and bool(np.all(last == _NEUTRAL)):
        raise refuse("truncated", kind=Kind.JPEG)
