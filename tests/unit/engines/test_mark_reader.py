"""Tick boxes: marked, empty, or a person must look."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from formscan.bench.desk import Desk
from formscan.engines.marks import MarkReader
from formscan.errors import EngineError
from formscan.model.geometry import Box
from formscan.model.page import Grey
from formscan.model.reading import FieldState
from formscan.model.template import FieldKind, FieldSpec, ValueType


@pytest.fixture
def desk() -> Desk:
    return Desk()


def cross(image: Grey, cell: Box) -> None:
    cv2.line(
        image, (cell.left - 6, cell.top - 4), (cell.right + 8, cell.bottom + 3), color=(30,), thickness=5
    )
    cv2.line(
        image, (cell.right + 4, cell.top - 9), (cell.left - 3, cell.bottom + 6), color=(30,), thickness=5
    )


def tick(image: Grey, cell: Box) -> None:
    x, y = (round(v) for v in cell.centre)
    path = np.array([[x - 20, y], [x - 4, y + 20], [x + 34, y - 40]], np.int32)[:, None]
    cv2.polylines(image, [path], isClosed=False, color=(30,), thickness=5)


def field(kind: FieldKind, names: list[str], multiple: bool = False) -> FieldSpec:
    from formscan.model.geometry import Area
    from formscan.model.template import Cell

    cells = tuple(Cell(Area(0, 0, 14, 14), name) for name in names)
    return FieldSpec("m", 1, kind, ValueType.CHOICE, "", "", cells, multiple=multiple)


@pytest.mark.parametrize("mark", [cross, tick])
def test_that_a_mark_is_true(desk: Desk, mark: Callable[[Grey, Box], None]) -> None:
    blank, cells = desk.boxes(1)
    image = blank.copy()
    mark(image, cells[0])
    (reading,) = MarkReader().read([desk.crop(field(FieldKind.MARK, ["true"]), image, blank, cells)])
    assert (reading.text, reading.state) == ("true", FieldState.VALUE)


def test_that_a_blank_box_is_never_read_as_no(desk: Desk) -> None:
    blank, cells = desk.boxes(1)
    (reading,) = MarkReader().read([desk.crop(field(FieldKind.MARK, ["true"]), blank, blank, cells)])
    assert (reading.text, reading.state) == ("", FieldState.BLANK)
    assert reading.confidence > 0.99


def test_that_one_mark_answers_a_choice(desk: Desk) -> None:
    blank, cells = desk.boxes(3, gap=90)
    image = blank.copy()
    cross(image, cells[1])
    (reading,) = MarkReader().read([desk.crop(field(FieldKind.CHOICE, ["a", "b", "c"]), image, blank, cells)])
    assert (reading.text, reading.state) == ("b", FieldState.VALUE)
    assert [cell.state for cell in reading.cells] == [FieldState.BLANK, FieldState.VALUE, FieldState.BLANK]


@pytest.mark.parametrize(("multiple", "state"), [(False, FieldState.UNVERIFIED), (True, FieldState.VALUE)])
def test_that_two_marks_go_to_a_person_unless_several_are_allowed(
    desk: Desk, multiple: bool, state: FieldState
) -> None:
    blank, cells = desk.boxes(3, gap=90)
    image = blank.copy()
    cross(image, cells[0])
    tick(image, cells[2])
    told = field(FieldKind.CHOICE, ["a", "b", "c"], multiple)
    (reading,) = MarkReader().read([desk.crop(told, image, blank, cells)])
    assert reading.state is state
    if multiple:
        assert reading.text == "a;c"
    else:
        assert reading.text == ""
        assert {other.text for other in reading.alternatives} == {"a", "c"}


def test_that_a_scribbled_out_mark_is_asked_about(desk: Desk) -> None:
    blank, cells = desk.boxes(1)
    image = blank.copy()
    cross(image, cells[0])
    cell, rng = cells[0].grown(14), np.random.default_rng(1)
    for _ in range(2):
        x = np.linspace(cell.left, cell.right, 22) + rng.normal(0, 2, 22)
        y = np.where(np.arange(22) % 2, cell.top, cell.bottom) + rng.normal(0, 4, 22)
        path = np.round(np.stack([x, y], 1)).astype(np.int32)[:, None]
        cv2.polylines(image, [path], isClosed=False, color=(20,), thickness=7)
    (reading,) = MarkReader().read([desk.crop(field(FieldKind.MARK, ["true"]), image, blank, cells)])
    assert reading.state is FieldState.UNVERIFIED
    assert reading.alternatives[0].text == "true"


def test_that_weights_for_other_features_are_refused(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "marks.json"
    path.write_text(
        json.dumps({"features": ["other"], "hidden": [[1.0]], "output": [[1.0]]}), encoding="utf-8"
    )
    blank, cells = desk.boxes(1)
    with pytest.raises(EngineError, match="features"):
        MarkReader(path).read([desk.crop(field(FieldKind.MARK, ["true"]), blank, blank, cells)])
