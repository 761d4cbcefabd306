"""The bench of marks: what is composed, and how it is scored."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from formscan.bench.dark_share import dark_share, fitted_threshold
from formscan.bench.desk import Desk, spec
from formscan.bench.mark_boxes import EMPTY, MARKED, STRUCK, Filled, MarkDesk, real_marks
from formscan.bench.marks import Count
from formscan.bench.truth import Split
from formscan.model.reading import CellReading, FieldState, Reading
from formscan.model.template import FieldKind, ValueType


def filled(*truths: str) -> Filled:
    """A choice of as many boxes; marked ones are black inside."""
    desk = Desk()
    blank, cells = desk.boxes(len(truths))
    image = blank.copy()
    for cell, truth in zip(cells, truths, strict=True):
        if truth != EMPTY:
            image[cell.top + 15 : cell.bottom - 15, cell.left + 15 : cell.right - 15] = 0
    told = spec(FieldKind.CHOICE, ValueType.CHOICE, list("abc")[: len(truths)])
    return Filled(desk.crop(told, image, blank, cells), truths, "clean", "boxes", ())


def reading(text: str, state: FieldState, *states: FieldState) -> Reading:
    """A reading with cells in those states."""
    return Reading(text, state, 0.9, "m", cells=tuple(CellReading("", "", one, 0.9) for one in states))


VALUE, BLANK, ASKED, OUT = FieldState.VALUE, FieldState.BLANK, FieldState.UNVERIFIED, FieldState.STRUCK_OUT


@pytest.mark.parametrize(
    ("truths", "read", "wrong", "question"),
    [
        ((MARKED, EMPTY), reading("a", VALUE, VALUE, BLANK), 0, "right"),
        ((MARKED, EMPTY), reading("b", VALUE, BLANK, VALUE), 2, "wrong"),
        ((STRUCK, MARKED), reading("b", VALUE, OUT, VALUE), 0, "right"),
        ((STRUCK, EMPTY), reading("a", VALUE, VALUE, BLANK), 1, "wrong"),
        ((STRUCK, EMPTY), reading("", OUT, OUT, BLANK), 0, "right"),
        ((EMPTY, EMPTY), reading("", BLANK, BLANK, BLANK), 0, "right"),
        ((MARKED, MARKED), reading("", ASKED, VALUE, VALUE), 0, "contradictions asked"),
        ((MARKED, MARKED), reading("a", VALUE, VALUE, BLANK), 1, "contradictions answered"),
        ((MARKED, EMPTY), reading("", ASKED, ASKED, BLANK), 0, "asked"),
    ],
)
def test_that_boxes_and_questions_are_scored(
    truths: tuple[str, ...], read: Reading, wrong: int, question: str
) -> None:
    count = Count()
    count.note(filled(*truths), read, 0.1)
    told = count.told()
    assert told["wrong"] == wrong
    assert told["questions"] == {question: 1}
    assert told["boxes"] == 2


def test_that_a_count_that_was_kept_goes_on_where_it_stopped() -> None:
    count, read = Count(), reading("b", VALUE, BLANK, VALUE)
    count.note(filled(MARKED, EMPTY), read, 0.1)
    again = Count.again(json.loads(json.dumps(count.kept())))
    assert again.told() == count.told()
    again.note(filled(MARKED, EMPTY), read, 0.1)
    assert again.told()["wrong"] == 2 * count.told()["wrong"] == 4


def test_that_the_threshold_sees_what_is_dark_and_is_fitted() -> None:
    low, high = dark_share(filled(EMPTY, MARKED).crop)
    assert low < 0.02
    assert high > 0.3
    assert low < fitted_threshold([filled(EMPTY, MARKED), filled(MARKED, EMPTY)]) <= high


def test_that_fields_of_the_forms_are_filled_the_same_way_again(shared_data: Path) -> None:
    desk = MarkDesk(shared_data, Split.TUNE)
    one, two = desk.field(5), desk.field(5)
    assert np.array_equal(one.crop.image, two.crop.image)
    assert one.truths == two.truths
    assert len(one.crop.cells) == len(one.truths)
    report = {name for name, _ in real_marks(shared_data, Split.REPORT)}
    assert len(report) > 50
    assert not report & {name for name, _ in desk.marks}
