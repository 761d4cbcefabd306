"""The simple way for comparison: one tesseract process per field on the very same crops, with the same model.

What a sensible user would write: one call a text or comb field, one thread, the LSTM engine, the page
segmentation that fits the field, digits and capitals only in combs. The crops come free from the line.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from typing import Final

import pytesseract  # type: ignore[import-untyped]
from PIL import Image

from formscan.bench.score import Outcome, outcome_of
from formscan.bench.truth import FieldTruth
from formscan.model.reading import Crop, FieldState, FieldValue
from formscan.model.template import FieldKind
from formscan.paths import resources_dir
from formscan.pipeline.check import check_value
from formscan.pipeline.locate import locate
from formscan.pipeline.run import LineResult

_READ: Final = {FieldKind.TEXT, FieldKind.COMB}
_LINE: Final = "--psm 7"
_BLOCK: Final = "--psm 6"


@dataclass(slots=True)
class Comparison:
    """Core-seconds and right fields of both ways, over the text and comb fields of some pages.

    Attributes:
        line_seconds: Of the whole line, every stage, for those pages.
        rival_seconds: Of the calls alone; finding the fields came free from the line.
        right: Fields read right, by way; ``ink_right`` counts only fields with ink in them.
    """

    pages: int = 0
    fields: int = 0
    inked: int = 0
    line_seconds: float = 0.0
    rival_seconds: float = 0.0
    line_right: int = 0
    rival_right: int = 0
    line_ink_right: int = 0
    rival_ink_right: int = 0

    def merge(self, other: Comparison) -> None:
        """Add another comparison's counts."""
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


def compare(result: LineResult, truths: dict[str, FieldTruth], line_seconds: float) -> Comparison:
    """Read every text and comb field of a page again, one process a field, and count both ways."""
    out = Comparison(pages=1, line_seconds=line_seconds)
    template = result.aligned.template
    proposed = {field.field_id: field.value for field in result.fields}
    for crop in locate(result.aligned):
        truth = truths[crop.field.id]
        if crop.field.kind not in _READ or truth.state is FieldState.STRUCK_OUT:
            continue
        started = _core_seconds()
        text = _called(crop)
        out.rival_seconds += _core_seconds() - started
        told = check_value(template, crop.field, _as_cells(crop, text))[0]
        rival = outcome_of(template, truth, told) is Outcome.RIGHT
        ours = outcome_of(template, truth, _value(proposed, crop)) is Outcome.RIGHT
        ink = truth.state is FieldState.VALUE
        out.fields += 1
        out.inked += ink
        out.rival_right += rival
        out.line_right += ours
        out.rival_ink_right += rival and ink
        out.line_ink_right += ours and ink
    return out


def _value(proposed: dict[str, FieldValue], crop: Crop) -> FieldValue:
    return proposed.get(crop.field.id, FieldValue(FieldState.UNVERIFIED))


def _called(crop: Crop) -> str:
    tall = len(crop.field.cells) > 1 and crop.field.kind is FieldKind.TEXT and crop.image.shape[0] > 120
    how = _BLOCK if tall else _LINE
    if crop.field.kind is FieldKind.COMB:
        how += " -c tessedit_char_whitelist=0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    how += f' --oem 1 --tessdata-dir "{resources_dir() / "models" / "tessdata"}"'
    found = pytesseract.image_to_string(Image.fromarray(crop.image), lang="vie", config=how)
    return str(found).strip(" .\n\t…:_|")


def _as_cells(crop: Crop, text: str) -> str:
    """Comb text without the gaps tesseract puts between cells."""
    return "".join(text.split()) if crop.field.kind is FieldKind.COMB else text


def _core_seconds() -> float:
    """Process time of this process and of children waited for; wall time where that is unknown."""
    spent = os.times()
    children = spent.children_user + spent.children_system
    return spent.user + spent.system + children if os.name != "nt" else time.perf_counter()
