"""Pages that were scanned twice: named, never dropped on likeness alone.

Filled copies of one form are alike all over; what tells a second scan of the same sheet from another
copy is the ink. Two pages are called near duplicates only if, laid over each other, neither has a stroke
where the other has none.
"""

from __future__ import annotations

import hashlib
from collections import deque
from dataclasses import dataclass, field
from typing import Final

import cv2
import numpy as np

from formscan.model.page import Grey, Page, Pixels, Source
from formscan.pipeline.framed_ink import FramedInk, Likes, Member, laid_onto
from formscan.pipeline.sheets import Affine, Floats, Sheet, laid_over, outline_of, sheet_of

FAMILIES: Final = 3
"""Forms whose outlines are most like a page's, onto which it is laid until it fits."""
ALIKE: Final = 0.5
"""Correlation of outlines below which pages cannot be of one form."""
KEPT: Final = 200
"""Pages remembered (about 200 kB each)."""

_HASH_FIELD: Final = 32
_HASH_SIDE: Final = 8


PageOfForm = tuple[str, str, int]
"""Id and version of a form, and the number of a page of it."""


class ReadIndex:
    """The last read pages of a stack, among which second scans are looked for in the frame of their form.

    A sheet that is scanned twice comes twice within a while (after a jam, at the end of a pile); looking
    only there keeps memory and the search bounded however long the night is.

    Args:
        kept: How many pages are remembered.
    """

    def __init__(self, kept: int = KEPT) -> None:
        self._pages: dict[PageOfForm, Likes] = {}
        self._order: deque[tuple[PageOfForm, Member]] = deque()
        self._kept = kept

    def seen(self, source: Source, page: PageOfForm, ink: FramedInk) -> Source | None:
        """The page of which this one is a second scan, or ``None``; it is remembered."""
        known = self._pages.setdefault(page, Likes()).known(source, ink)
        if isinstance(known, Source):
            return known
        self._order.append((page, known))
        while len(self._order) > self._kept:
            old, member = self._order.popleft()
            self._pages[old].members.remove(member)
            if not self._pages[old].members:
                del self._pages[old]
        return None


@dataclass(slots=True, eq=False)
class _Family:
    """Pages that fit over each other, in the frame of the first."""

    first: Sheet
    outline: Floats
    likes: Likes = field(default_factory=Likes)


class NearIndex:
    """The same for pages of which nobody knows yet what they are: laid over each other until they fit.

    Args:
        kept: How many pages are remembered.
    """

    def __init__(self, kept: int = KEPT) -> None:
        self._families: list[_Family] = []
        self._order: deque[tuple[_Family, Member]] = deque()
        self._kept = kept

    def seen(self, source: Source, sheet: Sheet) -> Source | None:
        """The page of which this one is a second scan, or ``None``; it is remembered."""
        outline = outline_of(sheet)
        placed = self._placed(sheet, outline)
        if placed is None:
            placed = _Family(sheet, outline), np.eye(2, 3)
            self._families.append(placed[0])
        family, onto = placed
        known = family.likes.known(source, laid_onto(sheet, onto, family.first.shape))
        if isinstance(known, Source):
            return known
        self._order.append((family, known))
        self._forget()
        return None

    def _forget(self) -> None:
        while len(self._order) > self._kept:
            family, member = self._order.popleft()
            family.likes.members.remove(member)
            if not family.likes.members:
                self._families.remove(family)

    def _placed(self, sheet: Sheet, outline: Floats) -> tuple[_Family, Affine] | None:
        """The form a page belongs to and how it lies on its first page."""
        likeness = np.array([float(family.outline @ outline) for family in self._families])
        for place in np.argsort(-likeness)[:FAMILIES]:
            family = self._families[int(place)]
            onto = laid_over(sheet, family.first) if likeness[place] >= ALIKE else None
            if onto is not None:
                return family, onto
        return None


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
    """The pages of one scan job so far, exact copies for ever and second scans among the last ones.

    Args:
        kept: How many pages are remembered for second scans.
    """

    def __init__(self, kept: int = KEPT) -> None:
        self._exact: dict[str, Source] = {}
        self._near = NearIndex(kept)

    def seen(self, page: Page) -> Duplicate | None:
        """The first page of which ``page`` is a copy, or ``None``; ``page`` is remembered."""
        known = self._exact.setdefault(pixel_sha256(page.pixels), page.source)
        if known is not page.source:
            return Duplicate(known, exact=True)
        sheet = sheet_of(page)
        near = None if sheet is None else self._near.seen(page.source, sheet)
        return None if near is None else Duplicate(near, exact=False)


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
    while min(pixels.shape[0] // height, pixels.shape[1] // width) >= 4:  # halving is by far the fastest
        half = pixels.shape[1] // 2, pixels.shape[0] // 2
        pixels = np.asarray(
            cv2.resize(pixels[: 2 * half[1], : 2 * half[0]], half, interpolation=cv2.INTER_AREA), np.uint8
        )
    small = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)
    if small.ndim == 3:
        small = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
    return np.asarray(small, dtype=np.uint8)
