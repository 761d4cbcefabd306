"""Tick boxes: marked, empty, or a person must look."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from formscan.bench.desk import Desk
from formscan.engines.mark_groups import BoxRead, group_reading
from formscan.engines.mark_net import MarkNet, Picture
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


def test_that_a_scribbled_out_mark_is_no_value(desk: Desk) -> None:
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
    assert reading.state in {FieldState.UNVERIFIED, FieldState.STRUCK_OUT}
    assert reading.text == ""
    assert reading.alternatives[0].text == "true"


def test_that_broken_weights_are_an_engine_error(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "marks.onnx"
    path.write_bytes(b"no network")
    blank, cells = desk.boxes(1)
    image = blank.copy()
    cross(image, cells[0])
    with pytest.raises(EngineError, match="marks"):
        MarkReader(path).read([desk.crop(field(FieldKind.MARK, ["true"]), image, blank, cells)])


def blackened(image: Grey, cell: Box) -> None:
    cross(image, cell)
    grown, rng = cell.grown(10), np.random.default_rng(1)
    for _ in range(2):
        x = np.linspace(grown.left, grown.right, 24) + rng.normal(0, 2, 24)
        y = np.where(np.arange(24) % 2, grown.top, grown.bottom) + rng.normal(0, 3, 24)
        path = np.round(np.stack([x, y], 1)).astype(np.int32)[:, None]
        cv2.polylines(image, [path], isClosed=False, color=(20,), thickness=7)


def test_that_a_mark_taken_back_beside_another_is_told_and_is_no_answer(desk: Desk) -> None:
    blank, cells = desk.boxes(3, gap=90)
    image = blank.copy()
    blackened(image, cells[0])
    tick(image, cells[2])
    told = field(FieldKind.CHOICE, ["a", "b", "c"])
    (reading,) = MarkReader().read([desk.crop(told, image, blank, cells)])
    assert (reading.text, reading.state) == ("c", FieldState.VALUE)
    assert reading.confidence <= 0.8
    states = [cell.state for cell in reading.cells]
    assert states == [FieldState.STRUCK_OUT, FieldState.BLANK, FieldState.VALUE]


def test_that_a_ring_around_a_printed_number_is_a_mark(desk: Desk) -> None:
    blank, cells = desk.boxes(3, gap=60)
    blank[:] = 255
    for index, cell in enumerate(cells):
        middle = round(cell.centre[0]) - 12, round(cell.centre[1]) + 14
        cv2.putText(blank, str(index + 1), middle, cv2.FONT_HERSHEY_SIMPLEX, 1.2, (0,), 3, cv2.LINE_AA)
    image = blank.copy()
    middle = round(cells[1].centre[0]), round(cells[1].centre[1])
    cv2.ellipse(image, middle, (36, 33), 0, 10, 375, (40,), 5, cv2.LINE_AA)
    told = field(FieldKind.CHOICE, ["1", "2", "3"])
    (reading,) = MarkReader().read([desk.crop(told, image, blank, cells)])
    assert (reading.text, reading.state) == ("2", FieldState.VALUE)


def boxes(*kinds: str) -> list[BoxRead]:
    return [
        BoxRead(name, kind, 0.99, 0.9 if kind == "marked" else 0.1)
        for name, kind in zip("abc", kinds, strict=False)
    ]


@pytest.mark.parametrize(
    ("kinds", "multiple", "text", "state"),
    [
        (("empty", "empty", "empty"), False, "", FieldState.BLANK),
        (("marked", "empty", "empty"), False, "a", FieldState.VALUE),
        (("marked", "marked", "empty"), False, "", FieldState.UNVERIFIED),
        (("marked", "marked", "empty"), True, "a;b", FieldState.VALUE),
        (("marked", "struck", "empty"), False, "a", FieldState.VALUE),
        (("marked", "struck", "marked"), True, "a;c", FieldState.VALUE),
        (("struck", "empty", "empty"), False, "", FieldState.STRUCK_OUT),
        (("marked", "unclear", "empty"), False, "", FieldState.UNVERIFIED),
        (("struck", "unclear", "empty"), True, "", FieldState.UNVERIFIED),
    ],
)
def test_that_boxes_make_an_answer_or_a_question(
    kinds: tuple[str, ...], multiple: bool, text: str, state: FieldState
) -> None:
    told = field(FieldKind.CHOICE, ["a", "b", "c"], multiple)
    reading = group_reading(told, boxes(*kinds), "marks", "")
    assert (reading.text, reading.state) == (text, state)
    if state in {FieldState.UNVERIFIED, FieldState.STRUCK_OUT}:
        offered = [other.text for other in reading.alternatives]
        assert set(offered) == {name for name, kind in zip("abc", kinds, strict=False) if kind != "empty"}
        assert kinds["abc".index(offered[0])] != "struck" or set(kinds) <= {"struck", "empty"}


def test_that_a_single_box_that_was_struck_out_is_never_true() -> None:
    told = field(FieldKind.MARK, ["a"])
    reading = group_reading(told, boxes("struck"), "marks", "")
    assert (reading.text, reading.state) == ("", FieldState.STRUCK_OUT)
    assert [other.text for other in reading.alternatives] == ["true"]


def oval(image: Grey, cell: Box, thick: int) -> None:
    middle = round(cell.centre[0]), round(cell.centre[1])
    cv2.ellipse(image, middle, (cell.width // 2, cell.height // 2), 0, 0, 360, (0,), thick, cv2.LINE_AA)


def test_that_a_stamp_over_an_empty_box_is_no_mark(desk: Desk) -> None:
    blank, cells = desk.boxes(2, gap=90)
    image = blank.astype(np.float32)
    stamp = np.zeros(blank.shape, np.uint8)
    centre = np.array(cells[0].centre) + np.array([60.0, 110.0])
    for radius, thick in ((160, 8), (106, 4)):
        cv2.circle(stamp, (round(centre[0]), round(centre[1])), radius, (255,), thick, cv2.LINE_AA)
    for turn in np.linspace(0, 2 * np.pi, 24, endpoint=False):
        way = np.array([np.cos(turn), np.sin(turn)])
        one, two = ((centre + way * far).astype(int).tolist() for far in (118, 142))
        cv2.line(stamp, one, two, (255,), 9, cv2.LINE_AA)
    image *= 1 - stamp.astype(np.float32) / 255 * 0.4
    told = field(FieldKind.CHOICE, ["a", "b"])
    seen = np.asarray(image, dtype=np.uint8)
    assert float(np.abs(seen.astype(int) - blank).mean()) > 2, "the stamp lies on the boxes"
    (reading,) = MarkReader().read([desk.crop(told, seen, blank, cells)])
    assert reading.state in {FieldState.BLANK, FieldState.UNVERIFIED}


def test_that_heavier_print_of_a_bubble_is_no_ink(desk: Desk) -> None:
    blank, cells = desk.boxes(1)
    blank[:] = 255
    image = blank.copy()
    oval(blank, cells[0], 2)
    oval(image, cells[0], 5)
    (reading,) = MarkReader().read([desk.crop(field(FieldKind.MARK, ["true"]), image, blank, cells)])
    assert reading.state is FieldState.BLANK


def test_that_a_bubble_filled_with_pale_pencil_is_never_called_empty(desk: Desk) -> None:
    blank, cells = desk.boxes(1)
    blank[:] = 255
    image = blank.copy()
    middle = round(cells[0].centre[0]), round(cells[0].centre[1])
    cv2.ellipse(image, middle, (cells[0].width // 2, cells[0].height // 2), 0, 0, 360, (215,), -1)
    oval(blank, cells[0], 3)
    oval(image, cells[0], 3)
    (reading,) = MarkReader().read([desk.crop(field(FieldKind.MARK, ["true"]), image, blank, cells)])
    assert reading.state in {FieldState.VALUE, FieldState.UNVERIFIED}


def test_that_the_tail_of_a_plain_mark_makes_no_question_of_the_box_beside_it(desk: Desk) -> None:
    blank, cells = desk.boxes(2, gap=20)
    image = blank.copy()
    cross(image, cells[0])
    tip = (cells[1].left + 3, cells[1].bottom - 8)
    cv2.line(image, (cells[0].right - 4, round(cells[0].centre[1])), tip, color=(30,), thickness=4)
    told = field(FieldKind.CHOICE, ["a", "b"])
    (reading,) = MarkReader().read([desk.crop(told, image, blank, cells)])
    assert (reading.text, reading.state) == ("a", FieldState.VALUE)


def told(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, rows: list[list[float]], *, multiple: bool = False
) -> tuple[str, FieldState]:
    """What is read of two boxes, the first one ticked, where the network says ``rows``."""

    def said(net: MarkNet, pictures: Sequence[Picture]) -> npt.NDArray[np.float32]:
        assert len(pictures) == len(rows)
        return np.array(rows, dtype=np.float32)

    monkeypatch.setattr(MarkNet, "probabilities", said)
    blank, cells = desk.boxes(2, gap=120)
    image = blank.copy()
    tick(image, cells[0])
    spec = field(FieldKind.CHOICE, ["a", "b"], multiple)
    (reading,) = MarkReader().read([desk.crop(spec, image, blank, cells)])
    return reading.text, reading.state


def test_that_a_question_with_a_stroke_in_a_box_is_not_called_blank_for_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert told(desk, monkeypatch, [[0.91, 0.05, 0.0, 0.04]]) == ("", FieldState.UNVERIFIED)


def test_that_the_only_doubt_in_a_question_with_one_answer_is_a_mark_from_less_on(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = [[0.05, 0.65, 0.0, 0.3]]
    assert told(desk, monkeypatch, row) == ("a", FieldState.VALUE)
    assert told(desk, monkeypatch, row, multiple=True) == ("", FieldState.UNVERIFIED)


def test_that_a_box_is_struck_out_only_where_that_is_nearly_sure(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert told(desk, monkeypatch, [[0.0, 0.1, 0.9, 0.0]]) == ("", FieldState.UNVERIFIED)
