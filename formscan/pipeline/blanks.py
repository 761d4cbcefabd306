"""Blank pages ready for use: drawn once, kept in memory and, where there is a folder, between runs.

A few rasters are kept as they are, of more only what is not white; what lets a page be placed exactly (its
printed structure) is kept beside. Drawing a page and finding its structure takes half a second, taking both
from the folder about ten milliseconds.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
import numpy.typing as npt

from formscan.model.page import FRAME_DPI, Grey
from formscan.model.template import FormTemplate
from formscan.pipeline.align import fine_image, fine_pattern
from formscan.pipeline.edition import code_digest
from formscan.pipeline.patches import Pattern
from formscan.pipeline.structure import PrintedStructure
from formscan.shelf import put_in_place

T = TypeVar("T")

RAW_KEPT: Final = 2
"""Rasters kept as they are, about 9 MB each."""
PACKED_KEPT: Final = 8
"""Rasters kept packed, 1 to 3 MB each; unpacking takes a hundredth of the time of drawing."""
PATTERNS_KEPT: Final = 8
"""Pages kept ready to be placed on, about 3 MB each."""
FILES_KEPT: Final = 600
"""Pages that stay in the folder, about 0.3 MB each."""
WHITE: Final = 255
TILE: Final = 32
"""Side of the tiles a page is packed in, pixels."""

RenderPage = Callable[[FormTemplate, int, float], Grey]
_Key = tuple[str, str, str, int]


@dataclass(frozen=True, slots=True, eq=False)
class _Packed:
    """A page without its white tiles.

    Attributes:
        shape: Height and width of the page.
        inked: bool (rows, columns), which tiles are not all white.
        tiles: uint8 (n, ``TILE``, ``TILE``), those, row by row.
    """

    shape: tuple[int, int]
    inked: npt.NDArray[np.bool_]
    tiles: Grey

    @classmethod
    def of(cls, page: Grey) -> _Packed:
        """Pack a page."""
        height, width = page.shape
        framed = np.pad(page, ((0, -height % TILE), (0, -width % TILE)), constant_values=WHITE)
        tiles = framed.reshape(-(-height // TILE), TILE, -1, TILE).swapaxes(1, 2)
        inked = (tiles != WHITE).any(axis=(2, 3))
        return cls((height, width), inked, tiles[inked])

    @property
    def page(self) -> Grey:
        """The page, exactly as it was."""
        rows, columns = self.inked.shape
        framed = np.full((rows * TILE, columns * TILE), WHITE, dtype=np.uint8)
        framed.reshape(rows, TILE, columns, TILE).swapaxes(1, 2)[self.inked] = self.tiles
        return framed[: self.shape[0], : self.shape[1]]


class BlankShelf:
    """Blank pages at the resolution of the frame, and ready to be placed on.

    Args:
        render: Draws a page: (template, number, dpi) to uint8 grey.
        folder: Where pages are kept between runs; nowhere by default. It may be deleted at any time.
    """

    def __init__(self, render: RenderPage, folder: Path | None = None) -> None:
        self._render = render
        self._folder = folder
        self._raw: OrderedDict[_Key, Grey] = OrderedDict()
        self._packed: OrderedDict[_Key, tuple[_Packed, PrintedStructure]] = OrderedDict()
        self._patterns: OrderedDict[_Key, Pattern] = OrderedDict()

    def get(self, template: FormTemplate, number: int) -> Grey:
        """The blank page, uint8 (height, width) at ``FRAME_DPI``; not to be written to."""
        key = (*template.key, template.digest, number)
        if key not in self._raw:
            self._raw[key] = self._known(key, template)[0].page
        return _touched(self._raw, key, RAW_KEPT)

    def fine(self, template: FormTemplate, number: int) -> Pattern:
        """The same page ready to be placed on (``align.align_page``)."""
        key = (*template.key, template.digest, number)
        if key not in self._patterns:
            structure = self._known(key, template)[1]
            self._patterns[key] = Pattern(fine_image(self.get(template, number)), structure)
        return _touched(self._patterns, key, PATTERNS_KEPT)

    def _known(self, key: _Key, template: FormTemplate) -> tuple[_Packed, PrintedStructure]:
        if key not in self._packed:
            self._packed[key] = self._taken(key) or self._drawn(key, template)
        return _touched(self._packed, key, PACKED_KEPT)

    def _drawn(self, key: _Key, template: FormTemplate) -> tuple[_Packed, PrintedStructure]:
        blank = self._render(template, key[-1], FRAME_DPI)
        found = _Packed.of(blank), fine_pattern(blank).structure
        self._keep(key, *found)
        return found

    def _file(self, key: _Key) -> Path | None:
        """Named by the form's file, the page and the code that drew it; none for a form that has no file."""
        if self._folder is None or not key[2]:
            return None
        told = hashlib.sha256(f"{code_digest()} {key!r}".encode()).hexdigest()
        return self._folder / f"{told[:40]}.npz"

    def _taken(self, key: _Key) -> tuple[_Packed, PrintedStructure] | None:
        """A page from the folder; none where it is missing or was cut short."""
        path = self._file(key)
        if path is None:
            return None
        try:
            with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
                shape = int(file["shape"][0]), int(file["shape"][1])
                packed = _Packed(shape, file["inked"], file["tiles"])
                given = {field.name: file[field.name] for field in fields(PrintedStructure)}
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            return None
        given |= {"dpi": float(given["dpi"]), "size": (int(given["size"][0]), int(given["size"][1]))}
        return packed, PrintedStructure(**given)

    def _keep(self, key: _Key, packed: _Packed, structure: PrintedStructure) -> None:
        """Keep what is known of a page, where it may be kept."""
        path = self._file(key)
        if path is None:
            return
        parts: dict[str, Any] = {field.name: getattr(structure, field.name) for field in fields(structure)}
        put_in_place(
            path,
            lambda file: np.savez_compressed(
                file, shape=packed.shape, inked=packed.inked, tiles=packed.tiles, **parts
            ),
            FILES_KEPT,
        )


def _touched(shelf: OrderedDict[_Key, T], key: _Key, most: int) -> T:
    """What stands under a key, now the newest; the oldest go."""
    shelf.move_to_end(key)
    while len(shelf) > most:
        shelf.popitem(last=False)
    return shelf[key]
