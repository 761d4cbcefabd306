"""Taking in: every page durable before anything is done with it, duplicates named, nothing dropped."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PIL import Image

from formscan.model.page import Held, Page, Source
from formscan.pipeline.acquire import AcquireLimits, acquire
from formscan.pipeline.duplicates import DuplicateIndex

PNG_LEVEL: Final = 1
"""Compression of pages that came without an exact encoding: fast, since they are kept losslessly anyway."""

PutImage = Callable[[bytes, str], str]
"""Stores bytes of a media type durably and returns their SHA-256."""


@dataclass(frozen=True, slots=True)
class PageOrder:
    """A page that is safely stored and waits to be read: a reference, never pixels."""

    source: Source
    image_sha256: str
    media_type: str
    dpi: float
    notes: tuple[str, ...]


def take_in(
    paths: Iterable[Path],
    put_image: PutImage,
    duplicates: DuplicateIndex,
    limits: AcquireLimits | None = None,
) -> Iterator[PageOrder | Held]:
    """Take in files, folders and archives, one page in memory at a time.

    Args:
        paths: What to take in, in stack order.
        put_image: Stores an image durably.
        duplicates: Knows the pages of this stack; exact copies are held as ``duplicate.exact``, near
            ones go on with a note ``duplicate.near:<label>``.
        limits: Of the intake; the defaults of ``AcquireLimits`` if ``None``.

    Yields:
        A stored page or the reason why it is not taken in, in stack order.
    """
    for path in paths:
        for item in acquire(path, limits or AcquireLimits()):
            yield item if isinstance(item, Held) else _store(item, put_image, duplicates)


def _store(page: Page, put_image: PutImage, duplicates: DuplicateIndex) -> PageOrder | Held:
    known = duplicates.seen(page)
    if known is not None and known.exact:
        return Held(page.source, "acquire", "duplicate.exact", (("of", known.of.label),))
    notes = page.notes if known is None else (*page.notes, f"duplicate.near:{known.of.label}")
    data, media_type = encoded(page)
    return PageOrder(page.source, put_image(data, media_type), media_type, page.dpi, notes)


def encoded(page: Page) -> tuple[bytes, str]:
    """The bytes a page is kept as: exactly as it came where possible, else a lossless PNG."""
    if page.encoded is not None:
        return page.encoded, page.media_type
    out = io.BytesIO()
    Image.fromarray(page.pixels).save(out, "PNG", compress_level=PNG_LEVEL, dpi=(page.dpi, page.dpi))
    return out.getvalue(), "image/png"
