"""Pictures of held pages: small ones for the report, turned ones for the reader."""

from __future__ import annotations

import io
from typing import Final

import numpy as np
from PIL import Image

from formscan.errors import FormScanError
from formscan.model.people import SYSTEM
from formscan.pipeline.acquire import decode
from formscan.store import Store

WIDTH: Final = 300
HEIGHT: Final = 424
QUALITY: Final = 62


def quarter_turned(data: bytes, degrees: int) -> bytes:
    """A picture turned clockwise by 90, 180 or 270 degrees, pixel for pixel, as PNG."""
    out = io.BytesIO()
    turned = np.ascontiguousarray(np.rot90(decode(data), -(degrees // 90)))
    Image.fromarray(turned).save(out, "PNG", compress_level=1)
    return out.getvalue()


def thumbnail(store: Store, image_sha256: str) -> bytes:
    """A JPEG of at most 300 x 424 pixels; empty where there is no picture or it cannot be opened."""
    if not image_sha256:
        return b""
    try:
        pixels = decode(store.get_image(image_sha256, person=SYSTEM))
    except FormScanError:
        return b""
    picture = Image.fromarray(pixels).convert("RGB")
    picture.thumbnail((WIDTH, HEIGHT), Image.Resampling.LANCZOS, reducing_gap=2.0)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()
