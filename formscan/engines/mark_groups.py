"""What the boxes of one question say together; where they contradict it, a person is asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from formscan.model.reading import Alternative, CellReading, FieldState, Reading
from formscan.model.template import FieldKind, FieldSpec

TRUE: Final = "true"
_STATES: Final = {
    "empty": FieldState.BLANK,
    "marked": FieldState.VALUE,
    "struck": FieldState.STRUCK_OUT,
    "unclear": FieldState.UNVERIFIED,
}
_CORRECTED: Final = 0.8
"""At most this sure of an answer beside a mark that was taken back."""
_ASKED: Final = 0.5


@dataclass(frozen=True, slots=True)
class BoxRead:
    """What is thought of one box.

    Attributes:
        name: Of its cell.
        kind: One of ``mark_net.CLASSES``; ``unclear`` goes to a person.
        confidence: Probability of ``kind``.
        marked: How likely a mark is meant, for the order of what is offered.
    """

    name: str
    kind: str
    confidence: float
    marked: float


def group_reading(field: FieldSpec, boxes: Sequence[BoxRead], engine: str, model: str) -> Reading:
    """The reading of a question from its boxes.

    A single tick box says ``true`` or is blank, never "no". A question with one answer has one mark; several
    that were meant are a contradiction. A mark that was taken back is told as such in its cell and is never
    an answer; an answer beside one is given with less confidence.
    """
    cells = tuple(_cell(box) for box in boxes)
    kinds = [box.kind for box in boxes]
    answer = [box for box in boxes if box.kind == "marked"]
    several = field.multiple or len(answer) <= 1
    sure = float(np.prod([box.confidence for box in boxes]))
    if "unclear" in kinds or not several:
        return Reading("", FieldState.UNVERIFIED, _ASKED, engine, model, _offers(field, boxes), cells)
    if answer:
        text = ";".join(_named(field, box) for box in answer)
        sure = min(sure, _CORRECTED) if "struck" in kinds else sure
        return Reading(text, FieldState.VALUE, sure, engine, model, cells=cells)
    if "struck" in kinds:
        return Reading(
            "", FieldState.STRUCK_OUT, min(sure, _CORRECTED), engine, model, _offers(field, boxes), cells
        )
    return Reading("", FieldState.BLANK, sure, engine, model, cells=cells)


def _named(field: FieldSpec, box: BoxRead) -> str:
    return TRUE if field.kind is FieldKind.MARK else box.name


def _cell(box: BoxRead) -> CellReading:
    return CellReading(box.name, TRUE if box.kind == "marked" else "", _STATES[box.kind], box.confidence)


def _offers(field: FieldSpec, boxes: Sequence[BoxRead]) -> tuple[Alternative, ...]:
    """Boxes with any ink, likeliest first; those that were taken back last."""
    likely = sorted(
        (box for box in boxes if box.kind != "empty"), key=lambda box: (box.kind == "struck", -box.marked)
    )
    return tuple(Alternative(_named(field, box), box.marked / len(likely)) for box in likely)
