"""Reads the printed words of a scanned blank with Tesseract, after its rules and dots were taken out."""

from __future__ import annotations

import importlib
import unicodedata
from collections.abc import Iterator
from typing import Any, Final

import numpy as np
from PIL import Image

from formscan.designer.printed import Word
from formscan.errors import EngineError
from formscan.model.geometry import POINTS_PER_INCH, Area
from formscan.model.page import Grey
from formscan.paths import resources_dir

_LEAST_SCORE: Final = 25.0
"""Words Tesseract is surer of than this (0..100) are kept; below are remains of rules."""
_HEIGHT_PT: Final = (2.0, 40.0)
_SPARSE: Final = "11"
_WAIT_S: Final = 60


def read_words(grey: Grey, dpi: float) -> tuple[Word, ...]:
    """Printed words of a straight picture with their places in points.

    Args:
        grey: uint8 (height, width), only print.
        dpi: Of it.

    Raises:
        EngineError: ``engine.model`` or ``engine.missing`` if Tesseract cannot be had.
    """
    if not (grey < 128).any():
        return ()
    try:
        found = list(_in_process(grey, dpi))
    except ImportError:
        found = list(_by_program(grey, dpi))
    return tuple(_kept(found, dpi))


_Raw = tuple[str, float, tuple[int, int, int, int], float]
"""Text, score, box (left, top, right, bottom) and baseline in pixels."""


def _in_process(grey: Grey, dpi: float) -> Iterator[_Raw]:
    tesserocr: Any = importlib.import_module("tesserocr")
    folder = str(resources_dir() / "models" / "tessdata")
    try:
        api = tesserocr.PyTessBaseAPI(
            path=folder, lang="vie", psm=tesserocr.PSM.SPARSE_TEXT, oem=tesserocr.OEM.LSTM_ONLY
        )
    except RuntimeError as error:
        raise EngineError("engine.model", model="vie.traineddata") from error
    try:
        api.SetImage(Image.fromarray(grey))
        api.SetSourceResolution(round(dpi))
        api.Recognize()
        level = tesserocr.RIL.WORD
        for word in tesserocr.iterate_level(api.GetIterator(), level):
            box = word.BoundingBox(level)
            if box is None:
                continue
            base = word.Baseline(level)
            baseline = (base[0][1] + base[1][1]) / 2 if base else box[3]
            yield word.GetUTF8Text(level), float(word.Confidence(level)), tuple(box), float(baseline)
    finally:
        api.End()


def _by_program(grey: Grey, dpi: float) -> Iterator[_Raw]:
    import pytesseract  # type: ignore[import-untyped]  # ships no types

    folder = resources_dir() / "models" / "tessdata"
    try:
        table: dict[str, list[Any]] = pytesseract.image_to_data(
            Image.fromarray(grey),
            lang="vie",
            config=f'--tessdata-dir "{folder}" --oem 1 --psm {_SPARSE} --dpi {round(dpi)}',
            timeout=_WAIT_S,
            output_type=pytesseract.Output.DICT,
        )
    except (pytesseract.TesseractError, pytesseract.TesseractNotFoundError) as error:
        raise EngineError("engine.missing", engine="tesseract") from error
    for at, text in enumerate(table["text"]):
        if str(text).strip():
            left, top = int(table["left"][at]), int(table["top"][at])
            right, bottom = left + int(table["width"][at]), top + int(table["height"][at])
            yield str(text), float(table["conf"][at]), (left, top, right, bottom), float(bottom)


def _kept(found: list[_Raw], dpi: float) -> Iterator[Word]:
    scale = dpi / POINTS_PER_INCH
    heights = [(box[3] - box[1]) / scale for text, score, box, _ in found if score > 60 and len(text) > 1]
    usual = float(np.median(heights)) if heights else 9.0
    for text, score, box, baseline in found:
        clean = unicodedata.normalize("NFC", text).strip(" |_—~")
        area = Area(*(v / scale for v in box))
        if not clean or score < _LEAST_SCORE or not _HEIGHT_PT[0] < area.height < _HEIGHT_PT[1]:
            continue
        if not any(c.isalnum() for c in clean) and clean not in {"+", "-", "/", ":"}:
            continue
        size = max(0.6 * usual, min(area.height, 3 * usual)) / 0.8
        yield Word(area, min(baseline / scale, area.bottom), size, clean)
