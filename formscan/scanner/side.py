"""A side as it came from the scanner: looked at, checked against the norm, coded for keeping."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image, UnidentifiedImageError

from formscan.errors import ScannerError
from formscan.model.page import Page, Pixels, Source
from formscan.scanner.device import ScanSettings
from formscan.scanner.norm import check_side

JPEG_QUALITY: Final = 92
PNG_LEVEL: Final = 1


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """A picture of one side.

    Attributes:
        page: Pixels as scanned, with their resolution; ``encoded`` where the scanner gave a JPEG that
            states its resolution.
        notes: In what it falls short of the norm.
    """

    page: Page
    notes: tuple[str, ...]

    @property
    def is_blank(self) -> bool:
        """Nothing was written or printed on it."""
        from formscan.pipeline.clean import looks_blank  # loads scipy: not for who lists scanners

        return looks_blank(self.page)

    def coded(self, media: str) -> bytes:
        """The bytes to keep: ``jpeg`` (the scanner's own, else quality 92) or ``png`` (exact)."""
        if media == "jpeg" and self.page.encoded is not None:
            return self.page.encoded
        out = io.BytesIO()
        picture, dpi = Image.fromarray(self.page.pixels), (self.page.dpi, self.page.dpi)
        if media == "png":
            picture.save(out, "PNG", compress_level=PNG_LEVEL, dpi=dpi)
        else:
            picture.save(out, "JPEG", quality=JPEG_QUALITY, subsampling=0, dpi=dpi)
        return out.getvalue()


def load_side(path: Path, settings: ScanSettings) -> Side:
    """Read a picture a driver has left.

    Raises:
        ScannerError: ``scanner.picture_broken`` where it is not whole.
    """
    try:
        with Image.open(path) as picture:
            own = picture.format == "JPEG" and "dpi" in picture.info
            stated = picture.info.get("dpi", (settings.dpi, settings.dpi))[0]
            wanted = picture if picture.mode in {"L", "RGB"} else picture.convert("L")
            pixels: Pixels = np.asarray(wanted, np.uint8)
        encoded = path.read_bytes() if own else None
    except (OSError, UnidentifiedImageError, ValueError) as error:
        raise ScannerError("scanner.picture_broken", error=type(error).__name__) from error
    page = Page(Source(path.name, ""), pixels, float(stated) or settings.dpi, encoded, "image/jpeg")
    size = page.width, page.height
    return Side(page, check_side(size, page.dpi, colour=pixels.ndim == 3, settings=settings))
