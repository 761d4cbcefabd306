"""Pages proposed at first sight; rows looked for all at once; views of parts of a page."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from formscan.model.page import Grey
from formscan.pipeline.layout import LayoutIndex
from formscan.pipeline.patches import RowPatches, match_boxes, match_rows
from formscan.pipeline.placement import Placement

DPI = 100.0


def printed(seed: int) -> Grey:
    """A page of bars by chance."""
    rng = np.random.default_rng(seed)
    page = np.full((1170, 827), 255, np.uint8)
    for _ in range(250):
        x, y = int(rng.integers(20, 700)), int(rng.integers(20, 1140))
        page[y : y + 9, x : x + int(rng.integers(10, 90))] = int(rng.integers(40, 160))
    return page


def test_that_the_page_most_alike_is_found_with_its_shift() -> None:
    pages = [printed(seed) for seed in range(12)]
    scan = np.full((1200, 900), 255, np.uint8)
    scan[40:1170, 50:850] = pages[7][:1130, :800]
    scan[600:640] = 90
    sight = LayoutIndex(pages, DPI).closest(scan, DPI)
    assert sight is not None
    assert sight.page == 7
    middle = np.array([50 + 827 / 2 - 450, 40 + 1170 / 2 - 600]) * 25.4 / DPI
    assert np.array(sight.shift_mm) == pytest.approx(middle, abs=0.8)


def test_that_an_empty_page_is_like_nothing() -> None:
    index = LayoutIndex([printed(1)], DPI)
    assert index.closest(np.full((1170, 827), 255, np.uint8), DPI) is None


def test_that_a_page_nobody_knows_is_less_alike_than_one_that_was_written_on() -> None:
    index = LayoutIndex([printed(seed) for seed in range(6)], DPI)
    written = printed(3)
    for y in range(100, 1100, 40):
        cv2.line(written, (100, y), (600, y + 20), 60, 3)
    known, foreign = index.closest(written, DPI), index.closest(printed(99), DPI)
    assert known is not None
    assert foreign is not None
    assert known.page == 3
    assert known.alike > 0.5
    assert foreign.alike < 0.3


def test_that_rows_looked_for_all_at_once_are_found_where_each_alone_is() -> None:
    blank = np.asarray(cv2.blur(printed(5), (15, 1)), np.uint8)
    page = np.asarray(
        cv2.warpAffine(
            blank, np.array([[1, 0, 0], [0, 1, 1.6]]), (827, 1170), borderMode=cv2.BORDER_REPLICATE
        ),
        np.uint8,
    )
    dark = np.argwhere(blank[50:1100, 50:700] < 150)[::400] + 50
    sides = dark[:, 1] - 30, dark[:, 0] - 9, dark[:, 1] + 60, dark[:, 0] + 10
    boxes = np.array(sides, dtype=np.int32).T
    together, alone = (
        match_rows(page, RowPatches.of(blank, boxes), 5),
        match_boxes(page, blank, boxes, (0, 5)),
    )
    assert together.moved[:, 1] == pytest.approx(alone.moved[:, 1], abs=0.25)
    assert together.moved[:, 1] == pytest.approx(1.6, abs=0.3)
    assert together.scores.min() > 0.9
    assert together.centres == pytest.approx(alone.centres)
    assert (together.fixes == alone.fixes).all()


def test_that_only_wanted_parts_of_a_view_are_filled_and_the_same() -> None:
    page = printed(8)
    placed = Placement(np.array([[DPI / 25.4, 0.02, 3.2], [-0.02, DPI / 25.4, 4.1], [0, 0, 1]]))
    whole = placed.view(page, (827, 1170), DPI, 32)
    boxes = np.array([[100, 200, 300, 260], [500, 900, 700, 1000]], np.int32)
    part = placed.view(page, (827, 1170), DPI, 32, boxes)
    for left, top, right, bottom in boxes.tolist():
        inside = slice(top, bottom), slice(left, right)
        assert np.array_equal(part[inside], whole[inside])
    assert (part[400:800] == 255).all()
    assert (whole[400:800] < 255).any()
