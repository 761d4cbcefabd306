"""How found fields are counted."""

from __future__ import annotations

from pathlib import Path

import pytest

from formscan.bench.fields_labels import same_label
from formscan.bench.fields_rivals import contours
from formscan.bench.fields_score import FieldTally, book, matched, summary
from formscan.bench.fields_truth import PageTruth, kinds_of
from formscan.bench.official import OfficialPage
from formscan.model.geometry import Area

PAGE = OfficialPage(Path("a.pdf"), 1)


def test_that_each_place_is_matched_once_and_the_best_first() -> None:
    truth = [Area(0, 0, 10, 10)]
    mine, true = matched([Area(0, 0, 10, 8), Area(0, 0, 10, 10)], truth, 0.5)
    assert (mine, true) == ({1}, {0})


def test_that_missed_and_invented_places_are_told_apart_by_kind() -> None:
    boxes = (Area(0, 0, 14, 14), Area(14, 0, 28, 14), Area(100, 0, 114, 14))
    tally = FieldTally()
    book(tally, PageTruth(PAGE, boxes, (), ()), [boxes[0], Area(200, 0, 400, 60)], None)
    figures = tally.figures()
    assert (figures["comb"]["0.5"]["n"], figures["comb"]["0.5"]["recall"]) == (2, 0.5)
    assert figures["tick"]["0.5"]["f1"] == 0
    assert figures["cell"]["0.5"]["invented"] == 1
    assert "line" not in figures


def test_that_lines_the_truth_leaves_out_are_not_judged() -> None:
    line = Area(0, 0, 100, 10)
    truth = PageTruth(PAGE, (), (line,), (Area(0, 50, 100, 60),))
    tally = FieldTally()
    book(tally, truth, [], [line, Area(0, 50, 100, 60), Area(0, 80, 20, 90), Area(0, 90, 60, 100)])
    one = tally.figures()["line"]["0.5"]
    assert (one["n"], one["recall"], one["invented"]) == (1, 1.0, 1)


def test_that_the_interval_of_perfect_pages_is_a_point() -> None:
    one = summary([(5, 0, 0), (3, 0, 0)])
    assert (one["f1"], one["interval"], one["n"]) == (1.0, [1.0, 1.0], 8)


def test_that_neighbours_are_combs_and_single_boxes_ticks() -> None:
    boxes = [Area(0, 0, 14, 14), Area(14, 0, 28, 14), Area(90, 0, 104, 14), Area(0, 50, 200, 90)]
    assert kinds_of(boxes) == ["comb", "comb", "tick", "cell"]


@pytest.mark.parametrize(
    ("told", "wanted", "same"),
    [
        ("Nghề nghiệp", "Nghề nghiệp (mã)", True),
        ("X quang: Số tờ", "Hồ sơ, phim, ảnh: X - quang (Số tờ)", True),
        ("Bac sy dieu tri: Ho va ten", "Bác sỹ điều trị: Họ và tên", True),
        ("Bệnh chính", "Bệnh kèm theo", False),
        ("", "Tuổi", False),
        ("Ra viện", "Ra viện: Bệnh chính", False),
    ],
)
def test_that_labels_are_compared_by_their_letters(told: str, wanted: str, same: bool) -> None:
    assert same_label(told, wanted) is same


def test_that_the_plain_baseline_finds_a_plain_box() -> None:
    import cv2
    import numpy as np

    page = np.full((400, 400), 255, np.uint8)
    cv2.rectangle(page, (100, 100), (140, 140), 0, 2)
    (area,) = contours(page, 200.0)
    assert area.left == pytest.approx(36, abs=1)
