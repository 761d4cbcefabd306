"""What a file is, by its first bytes and never by its name."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Final

HEAD_BYTES: Final = 1024
"""A PDF's mark may stand anywhere in these (ISO 32000-1, annex H, note 13)."""


class Kind(StrEnum):
    """Kinds of files that are taken in."""

    JPEG = "jpeg"
    PNG = "png"
    TIFF = "tiff"
    BMP = "bmp"
    WEBP = "webp"
    PDF = "pdf"
    ZIP = "zip"


_MARKS: Final = (
    (b"\xff\xd8\xff", Kind.JPEG),
    (b"\x89PNG\r\n\x1a\n", Kind.PNG),
    (b"II*\x00", Kind.TIFF),
    (b"MM\x00*", Kind.TIFF),
    (b"II+\x00", Kind.TIFF),
    (b"MM\x00+", Kind.TIFF),
    (b"PK\x03\x04", Kind.ZIP),
    (b"PK\x05\x06", Kind.ZIP),
)


def kind_of(head: bytes) -> Kind | None:
    """The kind of a file that begins with ``head``; ``None`` if it is none of them."""
    for mark, kind in _MARKS:
        if head.startswith(mark):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return Kind.WEBP
    if head[:2] == b"BM" and head[6:10] == b"\x00\x00\x00\x00":
        return Kind.BMP
    return Kind.PDF if b"%PDF-" in head else None


def read_head(path: Path) -> bytes:
    """The first bytes of a file.

    Raises:
        OSError: If it cannot be read.
    """
    with path.open("rb") as file:
        return file.read(HEAD_BYTES)
