"""Pages of a TIFF file, one at a time; a broken page does not take the others with it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from PIL import Image, TiffImagePlugin

from formscan.errors import RefusedFileError
from formscan.pipeline.intake.kinds import Kind
from formscan.pipeline.intake.limits import AcquireLimits, refuse
from formscan.pipeline.intake.raster import FORMATS, check_size, stated_dpi, trouble_refused
from formscan.pipeline.intake.raw import Found, RawPage
from formscan.pipeline.intake.tones import to_pixels

# TIFF 6.0, section 8 and 15.
_SAMPLES: Final = 277
_ROWS_PER_STRIP: Final = 278
_PLANAR: Final = 284
_ORIENTATION: Final = 274
_STRIPS: Final = (273, 279)
_TILES: Final = (324, 325)
_TILE_SIZE: Final = (322, 323)
_SUBFILE: Final = 254
_REDUCED: Final = 1


def tiff_pages(path: Path, limits: AcquireLimits, first: int = 0, most: int | None = None) -> Iterator[Found]:
    """Every page of a TIFF (at most ``most`` from ``first`` on); thumbnails are left out."""
    size = path.stat().st_size
    # Opened here and not by Pillow, which maps files it opens and then turns them wrongly (13.0).
    with path.open("rb") as data:
        try:
            with trouble_refused(Kind.TIFF):
                file = Image.open(data, formats=FORMATS[Kind.TIFF])
        except RefusedFileError as error:
            yield Found(0, 1, error)
            return
        assert isinstance(file, TiffImagePlugin.TiffImageFile)
        yield from _found(file, size, limits, slice(first, None if most is None else first + most))


def _found(
    file: TiffImagePlugin.TiffImageFile, size: int, limits: AcquireLimits, wanted: slice
) -> Iterator[Found]:
    frames, broken = _frames(file, limits)
    count = len(frames) + (broken is not None)
    if len(frames) > limits.pages:
        yield Found(0, count, refuse("too_many_pages", pages=count, allowed=limits.pages))
        return
    asked = range(count)[wanted]
    for index in asked:
        if index < len(frames):
            yield Found(index, count, _page(file, frames[index], size, limits))
    if broken is not None and count - 1 in asked:
        yield Found(count - 1, count, broken)


def _frames(
    file: TiffImagePlugin.TiffImageFile, limits: AcquireLimits
) -> tuple[list[int], RefusedFileError | None]:
    """Numbers of the frames that are pages, and why the chain of frames broke off, if it did."""
    kept: list[int] = []
    frame = 0
    while len(kept) <= limits.pages:
        try:
            with trouble_refused(Kind.TIFF):
                try:
                    file.seek(frame)
                except EOFError:
                    return kept, None
                if not (frame and int(file.tag_v2.get(_SUBFILE, 0)) & _REDUCED):
                    kept.append(frame)
        except RefusedFileError as error:
            return kept, error
        frame += 1
    return kept, None


def _page(
    file: TiffImagePlugin.TiffImageFile, frame: int, size: int, limits: AcquireLimits
) -> RawPage | RefusedFileError:
    try:
        with trouble_refused(Kind.TIFF):
            file.seek(frame)
            check_size(file.size, limits)
            _check_strips(file, size)
            stated = stated_dpi(file)
            orientation = int(file.tag_v2.get(_ORIENTATION, 1))
            file.load()
            pixels, notes = to_pixels(file)
    except RefusedFileError as error:
        return error
    if stated is not None and orientation > 4:
        stated = stated[::-1]
    return RawPage(pixels, stated, None, notes=notes)


def _check_strips(file: TiffImagePlugin.TiffImageFile, size: int) -> None:
    """Refuse a frame whose data are not all in the file; libtiff would leave the rest white.

    Raises:
        RefusedFileError: If strips or tiles are missing or reach beyond the end.
    """
    tags = file.tag_v2
    where = _TILES if _TILES[0] in tags else _STRIPS
    offsets, lengths = (_numbers(tags.get(tag)) for tag in where)
    if not offsets or len(lengths) < len(offsets) or len(offsets) < _expected(file):
        raise refuse("truncated", kind=Kind.TIFF, strips=len(offsets))
    if any(offset + length > size or length == 0 for offset, length in zip(offsets, lengths, strict=False)):
        raise refuse("truncated", kind=Kind.TIFF)


def _expected(file: TiffImagePlugin.TiffImageFile) -> int:
    tags = file.tag_v2
    width, height = int(tags[256]), int(tags[257])
    planes = int(tags.get(_SAMPLES, 1)) if int(tags.get(_PLANAR, 1)) == 2 else 1
    if _TILES[0] in tags:
        across, down = int(tags[_TILE_SIZE[0]]), int(tags[_TILE_SIZE[1]])
        return math.ceil(width / across) * math.ceil(height / down) * planes
    rows = min(int(tags.get(_ROWS_PER_STRIP, height)), height)
    return math.ceil(height / max(rows, 1)) * planes


def _numbers(value: object) -> tuple[int, ...]:
    if isinstance(value, int):
        return (value,)
    return tuple(int(number) for number in value) if isinstance(value, tuple) else ()
