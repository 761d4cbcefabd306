"""A sheet to lay between records: the bars of patch T along all four edges, and the same as a barcode.

Geometry: Kodak A-61599, Patch Code Information for Kodak Scanners (see ``formscan.engines.patch_codes``).
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import zxingcpp
from PIL import Image, ImageDraw

from formscan.model.geometry import MM_PER_INCH
from formscan.model.page import Grey
from formscan.model.template import FontStyle
from formscan.templates.fonts import font

NARROW_IN: Final = 0.08
WIDE_IN: Final = 0.20
LONG_IN: Final = 2.5
EDGE_IN: Final = 0.45
"""From the edge of the sheet to the first bar: printers leave a margin."""
PATCHES: Final = {"1": "WNNW", "2": "WNWN", "3": "WWNN", "4": "NWWN", "6": "NNWW", "T": "NWNW"}
"""Bars from the edge inwards."""
CODE_TEXT: Final = "PATCHT"
A4_MM: Final = (210.0, 297.0)
PRINT_DPI: Final = 300.0


def bars_of(patch: str) -> tuple[tuple[float, float], ...]:
    """Begin of each bar, from the first one's outer side, and its width; inches.

    Raises:
        KeyError: If there is no such patch.
    """
    found, at = [], 0.0
    for sign in PATCHES[patch]:
        width = WIDE_IN if sign == "W" else NARROW_IN
        found.append((at, width))
        at += width + NARROW_IN
    return tuple(found)


def draw_separator(patch: str, dpi: float, edges: str = "tlbr") -> Grey:
    """An A4 sheet with a patch along some of its edges.

    Args:
        patch: ``1``, ``2``, ``3``, ``4``, ``6`` or ``T``.
        dpi: Of the picture.
        edges: ``t``, ``l``, ``b``, ``r``: top, left, bottom, right.

    Returns:
        uint8 grey (height, width).
    """
    width, height = (round(side / MM_PER_INCH * dpi) for side in A4_MM)
    sheet = np.full((height, width), 255, np.uint8)
    for edge in edges:
        turned = {"t": 0, "l": 1, "b": 2, "r": 3}[edge]
        view = np.rot90(sheet, -turned)  # the edge lies on top
        left = view.shape[1] / 2 - LONG_IN / 2 * dpi
        for begin, thick in bars_of(patch):
            top = (EDGE_IN + begin) * dpi
            rows = slice(round(top), round(top + thick * dpi))
            view[rows, round(left) : round(left + LONG_IN * dpi)] = 0
    return np.asarray(sheet, dtype=np.uint8)


def separator_pdf(path: Path, heading: str, note: str) -> None:
    """Write the sheet as an A4 page to be printed at 100 %.

    Args:
        path: Where to.
        heading: What the sheet is, for people.
        note: How it is used.

    Raises:
        OSError: If the file cannot be written.
    """
    sheet = Image.fromarray(draw_separator("T", PRINT_DPI))
    draw = ImageDraw.Draw(sheet)
    middle, height = sheet.width / 2, sheet.height
    draw.text((middle, 0.36 * height), heading, 0, font(FontStyle.BOLD, 110.0), anchor="mm")
    draw.text((middle, 0.41 * height), note, 0, font(FontStyle.REGULAR, 50.0), anchor="mm")
    code = zxingcpp.create_barcode(CODE_TEXT, zxingcpp.BarcodeFormat.Code128)
    drawn = Image.fromarray(np.array(code.to_image(scale=6)))
    sheet.paste(drawn, ((sheet.width - drawn.width) // 2, round(0.5 * height)))
    sheet.convert("1", dither=Image.Dither.NONE).save(path, "PDF", resolution=PRINT_DPI)
