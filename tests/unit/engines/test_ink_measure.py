"""Ink against the blank: what is writing, what is print, dust or a neighbour's."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from formscan.bench.desk import Desk
from formscan.engines.ink import Presence, measure
from formscan.model.reading import Crop
from formscan.model.template import ValueType


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.mark.parametrize("shift", [(0.0, 0.0), (2.0, 1.0), (-2.5, 2.0), (0.0, -3.0)])
def test_that_misplaced_print_is_no_ink(desk: Desk, shift: tuple[float, float]) -> None:
    crop = desk.comb([""] * 8)
    moved = desk.scan(crop.blank, shift)
    seen = Crop(crop.field, moved, crop.blank, crop.cells, 300.0, crop.page_box, 0.25)
    assert measure(seen).presence(crop.cells) is Presence.BLANK


def test_that_heavier_print_is_no_ink(desk: Desk) -> None:
    crop = desk.line("")
    heavy = desk.scan(np.asarray(cv2.erode(crop.blank, np.ones((3, 3), np.uint8)), dtype=np.uint8))
    seen = Crop(crop.field, heavy, crop.blank, crop.cells, 300.0, crop.page_box, 0.1)
    assert measure(seen).presence(crop.cells) is Presence.BLANK


def test_that_dust_is_blank_and_a_short_stroke_is_not(desk: Desk) -> None:
    blank, cells = desk.boxes(1)
    dusty, dashed = blank.copy(), blank.copy()
    for x, y in ((50, 50), (70, 62), (60, 80)):
        cv2.circle(dusty, (x, y), 2, color=(60,), thickness=-1)
    cv2.line(dashed, (50, 60), (72, 58), color=(60,), thickness=4)
    told = desk.comb(["", ""]).field
    assert measure(desk.crop(told, dusty, blank, cells)).presence(cells) is Presence.BLANK
    assert measure(desk.crop(told, dashed, blank, cells)).presence(cells) is Presence.INK


def test_that_a_faint_number_is_never_blank(desk: Desk) -> None:
    blank, cells = desk.boxes(2)
    image = blank.copy()
    desk.write(image, cells[0], "5")
    pale = np.where(blank < 255, blank, 255 - (255 - image) // 5).astype(np.uint8)
    crop = desk.crop(desk.comb(["", ""]).field, pale, blank, cells)
    assert measure(crop).presence(cells) is not Presence.BLANK


def test_that_ink_bleached_by_cleaning_is_in_doubt_and_bleached_paper_is_blank(desk: Desk) -> None:
    blank, cells = desk.boxes(2)
    image = blank.copy()
    desk.write(image, cells[0], "5")
    noise = np.random.default_rng(3).normal(0, 4, image.shape)
    for depth, wanted in ((26, Presence.DOUBT), (0, Presence.BLANK)):
        paper = 238 - depth * ((255 - image.astype(np.float64)) / 255) + noise
        evened = np.clip(paper / 238 * 255 / 0.94, 0, 255)  # as ``clean.evened`` does
        pale = np.where(blank < 255, blank, evened).astype(np.uint8)
        crop = desk.crop(desk.comb(["", ""]).field, pale, blank, cells)
        assert measure(crop).presence(cells) is wanted


def test_that_a_neighbours_stroke_cut_by_the_rim_is_not_owned(desk: Desk) -> None:
    blank, cells = desk.boxes(2)
    image = blank.copy()
    cv2.line(image, (60, 0), (70, 20), color=(0,), thickness=4)
    crop = desk.crop(desk.comb(["", ""]).field, image, blank, cells)
    assert measure(crop).strokes
    assert measure(crop).presence(cells) is Presence.BLANK


def test_that_a_fold_through_the_crop_is_in_doubt(desk: Desk) -> None:
    crop = desk.line("")
    folded = crop.blank.copy()
    cv2.line(folded, (500, 0), (503, 89), color=(120,), thickness=7)
    seen = desk.crop(crop.field, folded, crop.blank, crop.cells)
    assert measure(seen).presence(crop.cells) is Presence.DOUBT


def test_that_writing_over_dots_keeps_its_foot(desk: Desk) -> None:
    on_dots = measure(desk.line("2025", ValueType.INTEGER)).mask
    on_paper = measure(desk.line("2025", ValueType.INTEGER, dots=False)).mask
    foot, reference = (np.flatnonzero(mask.any(axis=1))[-1] for mask in (on_dots, on_paper))
    assert abs(int(foot) - int(reference)) <= 3
    lost = on_paper & ~cv2.dilate(on_dots.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(np.bool_)
    assert lost.sum() < 0.05 * on_paper.sum()
