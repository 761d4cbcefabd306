"""Tesseract as the second reader of critical numbers in print: whether it reads what stands there already.

Where it reads the same the reading names both makes, and the field needs no second key. Where it does not,
nothing changes: it puts no text forward, takes none back and offers none (docs/decisions/148).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from formscan.engines.numbers import only, signs_of
from formscan.engines.ocr import Ocr, framed
from formscan.model.page import Grey
from formscan.model.reading import CellReading, Crop, FieldState, Reading
from formscan.model.template import CODED

MAKE: Final = "tesseract"
_SURE: Final = 0.95
"""From here on a text of digits is asked about: so sure are only lines Tesseract has not settled itself."""
_PRINT: Final = 0.9
"""Digits are taken for print from here on: 0 of 13 handwritten numbers pass, two thirds of 618 printed ones;
half of the handwritten ones pass 0.8."""
_AROUND: Final = " .,:;|-"
"""What may stand around a text of digits, mostly a piece of the form."""


def confirmed(
    crop: Crop, reading: Reading, ink: Sequence[tuple[Grey, float] | None], engine: Callable[[], Ocr]
) -> Reading:
    """A reading with Tesseract's word on it; the same reading where it is not asked or reads something else.

    It is asked about critical values that are put forward, in machine print, without words, with every cell
    written in: a dot below taken off with the form's dots and a part not seen at all are lost to both.

    Args:
        crop: Of a text field.
        reading: Of the first reader.
        ink: Writing of each cell, uint8 grey on white, and the likelihood that it is print; None without ink.
        engine: Gives Tesseract; not called where there is nothing to ask.

    Raises:
        EngineError: If Tesseract cannot start.
    """
    drawn = [one for one in ink if one is not None]
    if not crop.field.critical or reading.state is not FieldState.VALUE or len(drawn) < len(ink):
        return reading
    if not (_numeric(crop, reading.cells) and _in_print(drawn)):
        return reading
    ocr = engine()
    before = 0
    for (body, _), cell in zip(drawn, reading.cells, strict=True):
        if not _same(crop, cell.text, body, before, ocr):
            return reading
        before += len(cell.text)
    make, _, rest = reading.engine.partition(" ")
    return replace(reading, engine=f"{make}+{MAKE} {rest}", model=f"{reading.model} {ocr.name}")


def _numeric(crop: Crop, cells: Sequence[CellReading]) -> bool:
    """Whether a field holds a number, date or code, or a text that is nothing but digits, read for sure."""
    if crop.field.type in CODED:
        return True
    return all(cell.text.isdecimal() and cell.confidence >= _SURE for cell in cells)


def _in_print(drawn: Sequence[tuple[Grey, float]]) -> bool:
    """Whether the ink of all cells together is print: of two digits alone it cannot be told."""
    widths = [body.shape[1] for body, _ in drawn]
    return float(np.average([likely for _, likely in drawn], weights=widths)) >= _PRINT


def _same(crop: Crop, text: str, body: Grey, before: int, ocr: Ocr) -> bool:
    """Whether Tesseract reads ``text``, the characters after the first ``before`` of the field, in a cell."""
    if crop.field.type not in CODED:
        return ocr.line(framed(body)).text.strip(_AROUND) == text
    kept = signs_of(crop.field).strip()
    said = ocr.line(framed(body), only(crop.field, before).characters).text
    return _bare(said, kept) == _bare(text, kept)


def _bare(text: str, kept: str) -> str:
    return "".join(character for character in text if character.isalnum() or character in kept)
