"""Barcodes and QR codes, in a field or anywhere on a page, by zxing-cpp."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import ClassVar, Final

import cv2
import numpy as np
import zxingcpp

from formscan.engines.ink import measure
from formscan.model.geometry import Box
from formscan.model.page import Grey
from formscan.model.reading import Alternative, Crop, FieldState, Reading
from formscan.model.template import FieldKind

_ENGINE: Final = f"zxing-cpp {version('zxing-cpp')}"
_FORMATS: Final = [
    zxingcpp.BarcodeFormat.QRCode,
    zxingcpp.BarcodeFormat.MicroQRCode,
    zxingcpp.BarcodeFormat.DataMatrix,
    zxingcpp.BarcodeFormat.PDF417,
    zxingcpp.BarcodeFormat.Aztec,
    zxingcpp.BarcodeFormat.Code128,
    zxingcpp.BarcodeFormat.Code39,
]
"""What cards, labels and separator sheets carry. Retail codes are left out: their few digits and weak
check turn texture into numbers."""


@dataclass(frozen=True, slots=True)
class FoundCode:
    """One decoded symbol.

    Attributes:
        symbology: ``QRCode``, ``Code128`` ...
        text: As encoded.
        box: In pixels of the picture.
        checked: The symbology corrects or checks itself (all but Code 39).
    """

    symbology: str
    text: str
    box: Box
    checked: bool


def find_codes(grey: Grey) -> list[FoundCode]:
    """All codes of a page or crop, top to bottom.

    Args:
        grey: uint8 (height, width).

    Returns:
        Only symbols that passed their own check; the same text in the same place once.
    """
    found = zxingcpp.read_barcodes(
        np.ascontiguousarray(grey),
        formats=zxingcpp.BarcodeFormats(_FORMATS),
        text_mode=zxingcpp.TextMode.Plain,
    )
    codes = [_code(barcode, grey.shape[1], grey.shape[0]) for barcode in found if barcode.valid]
    return sorted(codes, key=lambda code: (code.box.top, code.box.left))


def _code(barcode: zxingcpp.Barcode, width: int, height: int) -> FoundCode:
    place = barcode.position
    corners = (place.top_left, place.top_right, place.bottom_right, place.bottom_left)
    xs, ys = [corner.x for corner in corners], [corner.y for corner in corners]
    left, top = min(max(min(xs), 0), width - 1), min(max(min(ys), 0), height - 1)
    box = Box(left, top, max(min(max(xs), width), left + 1), max(min(max(ys), height), top + 1))
    name = barcode.symbology.name
    return FoundCode(name, barcode.text, box, checked=name != "Code39")


class CodeReader:
    """Reads the code of a field; two different codes in one field go to a person."""

    name: ClassVar[str] = "codes"
    kinds: ClassVar[frozenset[FieldKind]] = frozenset({FieldKind.CODE})

    def read(self, crops: Sequence[Crop]) -> list[Reading]:
        """Read a batch; never raises."""
        return [_reading(crop) for crop in crops]


def _reading(crop: Crop) -> Reading:
    codes = find_codes(crop.image) or find_codes(_enlarged(crop.image))
    texts = tuple(dict.fromkeys(code.text for code in codes))
    if len(texts) == 1:
        sure = any(code.checked for code in codes)
        return Reading(texts[0], FieldState.VALUE, 0.999 if sure else 0.97, _ENGINE)
    if texts:
        others = tuple(Alternative(text, 1 / len(texts)) for text in texts)
        return Reading("", FieldState.UNVERIFIED, 1 / len(texts), _ENGINE, alternatives=others)
    if measure(crop).strokes:
        return Reading("", FieldState.UNVERIFIED, 0.0, _ENGINE)
    return Reading("", FieldState.BLANK, 0.99, _ENGINE)


def _enlarged(image: Grey) -> Grey:
    """Twice as large and slightly sharpened: small labels scanned at 150 to 200 dpi need it."""
    large = cv2.resize(image, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    soft = cv2.GaussianBlur(large, (0, 0), 2)
    return np.asarray(cv2.addWeighted(large, 1.6, soft, -0.6, 0), dtype=np.uint8)
