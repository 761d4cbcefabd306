"""A bench-only form: combs for citizen ids and insurance numbers, which none of the three forms has whole.

It measures what the forms at hand cannot: whole 12-digit ids and whole 15-character numbers in boxes.
"""

from __future__ import annotations

from typing import Final

from formscan.model.geometry import Area
from formscan.model.template import (
    Cell,
    FieldKind,
    FieldSpec,
    FontStyle,
    FormTemplate,
    PageTemplate,
    PrintedBox,
    PrintedText,
    ValueType,
)

ROWS: Final = 14
_SIDE: Final = 14.4
_LEFT: Final = 150.0
_TOP: Final = 120.0
_PITCH: Final = 24.0


def number_sheet() -> FormTemplate:
    """One A4 page with ``ROWS`` citizen ids (12 boxes) and ``ROWS`` insurance numbers (15 boxes)."""
    fields, boxes, texts = [], [], [_text(150.0, 70.0, "PHIẾU KIỂM TRA ĐỌC SỐ ĐỊNH DANH", 16.0, bold=True)]
    for row in range(2 * ROWS):
        citizen = row % 2 == 0
        top, count = _TOP + row * _PITCH, 12 if citizen else 15
        label = "Số căn cước công dân" if citizen else "Số thẻ BHYT"
        areas = [Area(_LEFT + k * _SIDE, top, _LEFT + (k + 1) * _SIDE, top + _SIDE) for k in range(count)]
        boxes += [PrintedBox(area, 0.6) for area in areas]
        texts.append(_text(40.0, top + 11.0, f"{row // 2 + 1}. {label}", 10.0))
        kind = ValueType.CITIZEN_ID if citizen else ValueType.INSURANCE_NUMBER
        name = f"{'citizen' if citizen else 'insurance'}.{row // 2 + 1}"
        cells = tuple(Cell(area) for area in areas)
        fields.append(
            FieldSpec(name, 1, FieldKind.COMB, kind, label, label, cells, critical=True, required=True)
        )
    anchors = (Area(140.0, 52.0, 500.0, 76.0),)
    page = PageTemplate(1, 595.28, 841.89, tuple(texts), (), tuple(boxes), anchors)
    titles = ("Phiếu kiểm tra", "Number sheet", "bench", "bench")
    return FormTemplate("BENCH-NUMBERS", "1", "BENCH", *titles, (page,), (), tuple(fields))


def _text(x: float, y: float, text: str, size: float, *, bold: bool = False) -> PrintedText:
    width = len(text) * size * (0.62 if bold else 0.46)
    return PrintedText(x, y, width, size, FontStyle.BOLD if bold else FontStyle.REGULAR, text)
