"""A page as a file gave it, before resolution and fingerprint are settled."""

from __future__ import annotations

from dataclasses import dataclass

from formscan.errors import RefusedFileError
from formscan.model.page import Pixels


@dataclass(frozen=True, slots=True, eq=False)
class RawPage:
    """Pixels of one page and what its file says about them.

    Attributes:
        pixels: uint8 grey or RGB, turned as the file says.
        dpi: Horizontal and vertical resolution as stated, or ``None``.
        encoded: JPEG or PNG bytes that decode to exactly ``pixels``.
        media_type: Of ``encoded``.
        notes: Codes of what was put right.
    """

    pixels: Pixels
    dpi: tuple[float, float] | None
    encoded: bytes | None = None
    media_type: str = "image/png"
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """A page of a file, or why it could not be had.

    Attributes:
        index: Page within the file, 0-based.
        count: Pages of the file, as far as it tells.
    """

    index: int
    count: int
    page: RawPage | RefusedFileError
