"""Finds the fields of a blank form and proposes what each of them is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageSequence, UnidentifiedImageError

from formscan.designer.from_pixels import PixelSheet, read_pixels
from formscan.designer.from_vector import sheet_of
from formscan.designer.meaning import meaning_of
from formscan.designer.places import carried_on, places_of
from formscan.designer.print_reading import read_words
from formscan.designer.printed import Leader, PrintedCode, PrintedSheet, Word
from formscan.designer.proposed import Place, PlaceKind, ProposedField
from formscan.designer.ruled import free_rules
from formscan.designer.vector import read_pages
from formscan.errors import InputError
from formscan.model.geometry import POINTS_PER_INCH, Area, Box, enclosing
from formscan.model.page import Grey
from formscan.model.template import PageTemplate

DETECT_DPI: Final = 200.0
_LEAST_WORDS: Final = 5
"""A PDF page with fewer printed words than this is looked at as a picture."""


@dataclass(frozen=True, slots=True, eq=False)
class BlankPage:
    """One page to find fields on.

    Attributes:
        number: 1-based.
        grey: uint8 (height, width), the right way up, skewed by 6 degrees at most; ``None`` to look at
            ``layer`` alone.
        dpi: Of ``grey``.
        layer: Print layer of a vector page.
        words: Words with their places in points of the straight page where they are already known.
    """

    number: int
    grey: Grey | None = None
    dpi: float = DETECT_DPI
    layer: PageTemplate | None = None
    words: tuple[Word, ...] | None = None


def detect(
    blank: Path | Iterable[BlankPage], dpi: float = DETECT_DPI, *, pixels_only: bool = False
) -> tuple[ProposedField, ...]:
    """Propose the fields of a blank form.

    Args:
        blank: A PDF or picture, or pages already taken in.
        dpi: Of the pixel boxes; scans without a resolution of their own are taken to have it.
        pixels_only: Look at a vector PDF as at a scan.

    Returns:
        Fields in reading order, ids unique within the form.

    Raises:
        InputError: ``acquire.unreadable`` if the file is no PDF or picture.
    """
    pages = blank_pages(blank, dpi, pixels_only=pixels_only) if isinstance(blank, Path) else blank
    return fields_of(take_apart(page) for page in pages)


def fields_of(sheets: Iterable[PrintedSheet], dpi: float = DETECT_DPI) -> tuple[ProposedField, ...]:
    """The fields of pages taken apart; pixel boxes in the picture, for vector pages at ``dpi``."""
    used: set[str] = set()
    out: list[ProposedField] = []
    last: Place | None = None
    for sheet in sheets:
        places = carried_on(places_of(sheet), last, sheet.words)
        last = places[-1] if places else None
        for order, place in enumerate(places):
            field = _field(sheet, place, order, dpi)
            name = _unique(field.id, used)
            out.append(replace(field, id=name))
    return tuple(out)


def take_apart(page: BlankPage) -> PrintedSheet:
    """The print of one page, from its layer where it has words, else from its pixels.

    Raises:
        ValueError: If the page has neither.
    """
    if page.layer is not None and (len(page.layer.texts) >= _LEAST_WORDS or page.grey is None):
        return replace(sheet_of(page.layer), number=page.number)
    if page.grey is None:
        raise ValueError("a page without layer and picture")
    pixels = read_pixels(page.grey, page.dpi)
    words = read_words(pixels.grey, page.dpi) if page.words is None else page.words
    return sheet_from_pixels(page, pixels, words)


def sheet_from_pixels(page: BlankPage, pixels: PixelSheet, words: Sequence[Word]) -> PrintedSheet:
    """The print of a page out of its pixels and the words read there."""
    if page.grey is None:
        raise ValueError("a page without a picture")
    free = free_rules(pixels.level, pixels.upright, pixels.cells, words)
    lines = [
        Leader(Area(s.x0, s.y0 - 11, s.x1, s.y0 + 0.5), s.y0, 11.0, ((s.x0, s.x1),), solid=True) for s in free
    ]
    height, width = page.grey.shape
    to_pt = POINTS_PER_INCH / page.dpi
    return PrintedSheet(
        page.number,
        width * to_pt,
        height * to_pt,
        tuple(words),
        (*pixels.leaders, *lines),
        pixels.cells,
        tuple(free),
        pixels.to_source,
        tuple(_codes(page.grey, page.dpi)),
        from_pixels=True,
    )


def _codes(grey: Grey, dpi: float) -> Iterator[PrintedCode]:
    """Barcodes printed on the blank."""
    import zxingcpp

    to_pt = POINTS_PER_INCH / dpi
    for code in zxingcpp.read_barcodes(grey, try_rotate=False, try_downscale=False):
        corners = [
            code.position.top_left,
            code.position.top_right,
            code.position.bottom_left,
            code.position.bottom_right,
        ]
        xs, ys = [p.x * to_pt for p in corners], [p.y * to_pt for p in corners]
        if max(xs) - min(xs) > 4 and max(ys) - min(ys) > 4:
            yield PrintedCode(Area(min(xs), min(ys), max(xs), max(ys)), code.text)


def _field(sheet: PrintedSheet, place: Place, order: int, dpi: float) -> ProposedField:
    meant = meaning_of(place)
    area = enclosing(cell.printed for cell in place.cells)
    at_dpi = dpi
    if sheet.from_pixels:
        at_dpi = float(np.hypot(*sheet.to_source[:2, 0])) * POINTS_PER_INCH
    return ProposedField(
        page=sheet.number,
        kind=place.kind,
        area=area,
        box=source_box(sheet, area, dpi),
        dpi=at_dpi,
        cells=place.cells,
        label=place.label,
        id=meant.id,
        type=meant.type,
        order=order,
        confidence=round(place.sure * meant.sure, 3),
        groups=place.groups,
        unit=meant.unit,
        section=place.section,
        row=place.row,
        column=place.column,
        answers=place.answers,
    )


def source_box(sheet: PrintedSheet, area: Area, dpi: float) -> Box:
    """The upright pixel box that holds an area in the picture; for vector pages at ``dpi``."""
    if not sheet.from_pixels:
        return area.at_dpi(dpi)
    corners = sheet.source_corners(area) + 0.5
    low, high = np.floor(corners.min(axis=0)), np.ceil(corners.max(axis=0))
    return Box(int(low[0]), int(low[1]), int(max(high[0], low[0] + 1)), int(max(high[1], low[1] + 1)))


def _unique(name: str, used: set[str]) -> str:
    """The id itself, or with a number behind it."""
    candidate, n = name, 2
    while candidate in used:
        candidate, n = f"{name}.{n}", n + 1
    used.add(candidate)
    return candidate


def blank_pages(path: Path, dpi: float = DETECT_DPI, *, pixels_only: bool = False) -> Iterator[BlankPage]:
    """The pages of a PDF (layers, and pictures where a page has no text) or of a picture file.

    Raises:
        InputError: ``acquire.unreadable`` if it is neither.
    """
    if path.suffix.lower() == ".pdf":
        yield from _pdf_pages(path, dpi, pixels_only)
        return
    try:
        with Image.open(path) as image:
            for number, frame in enumerate(ImageSequence.Iterator(image), start=1):
                told = float(frame.info.get("dpi", (0, 0))[0])
                own = told if 70 <= told <= 1300 else dpi
                yield BlankPage(number, _grey(frame), own)
    except (OSError, UnidentifiedImageError) as error:
        raise InputError("acquire.unreadable", file=path) from error


def _grey(image: Image.Image) -> Grey:
    grey: npt.NDArray[np.uint8] = np.asarray(image.convert("L"), dtype=np.uint8)
    return grey


def _pdf_pages(path: Path, dpi: float, pixels_only: bool) -> Iterator[BlankPage]:
    from pdfplumber.utils.exceptions import PdfminerException

    try:
        layers = () if pixels_only else read_pages(path)
        count = len(layers) or _page_count(path)
    except (OSError, PdfminerException, ValueError) as error:
        raise InputError("acquire.unreadable", file=path) from error
    for number in range(1, count + 1):
        layer = layers[number - 1] if layers else None
        if layer is not None and len(layer.texts) >= _LEAST_WORDS:
            yield BlankPage(number, None, dpi, layer)
        else:
            yield BlankPage(number, _render(path, number, dpi), dpi)


def _page_count(path: Path) -> int:
    import pdfplumber

    with pdfplumber.open(path) as pdf:
        return len(pdf.pages)


def _render(path: Path, number: int, dpi: float) -> Grey:
    from pdf2image import convert_from_path
    from pdf2image.exceptions import PDFPageCountError, PDFSyntaxError

    try:
        (image,) = convert_from_path(
            path, dpi=round(dpi), first_page=number, last_page=number, grayscale=True
        )
    except (PDFPageCountError, PDFSyntaxError, ValueError) as error:
        raise InputError("acquire.unreadable", file=path) from error
    return _grey(image)


def detect_document(path: Path, dpi: float = DETECT_DPI, pixels_only: bool = False) -> dict[str, Any]:
    """What ``formscan detect BLANK --json`` prints: pages with their fields, boxes in pixels of the page.

    Raises:
        InputError: As :func:`detect`.
    """
    pages: list[dict[str, Any]] = []
    used: set[str] = set()
    for page in blank_pages(path, dpi, pixels_only=pixels_only):
        sheet = take_apart(page)
        size = _size(page, dpi)
        named = [replace(f, id=_unique(f.id, used)) for f in fields_of([sheet], dpi)]
        entries = [_entry(field, sheet, dpi) for field in named]
        scale = page.dpi if page.grey is not None else dpi
        pages.append(
            {"page": page.number, "dpi": scale, "width": size[0], "height": size[1], "fields": entries}
        )
    return {"pages": pages}


def _size(page: BlankPage, dpi: float) -> tuple[int, int]:
    if page.grey is not None:
        return int(page.grey.shape[1]), int(page.grey.shape[0])
    if page.layer is None:
        return 0, 0
    return round(page.layer.width * dpi / POINTS_PER_INCH), round(page.layer.height * dpi / POINTS_PER_INCH)


def _entry(field: ProposedField, sheet: PrintedSheet, dpi: float) -> dict[str, Any]:
    return {
        "box": field.box.as_list(),
        "kind": field.kind.value,
        "label": field.label,
        "type": field.type.value,
        "id": field.id,
        "confidence": field.confidence,
        "cells": [source_box(sheet, cell.printed, dpi).as_list() for cell in field.cells],
        "groups": list(field.groups),
        "unit": field.unit,
    }


__all__ = ["BlankPage", "PlaceKind", "ProposedField", "detect", "detect_document"]
