"""Crops of a page that lies in its frame by a mapping written down here."""

from __future__ import annotations

import numpy as np
import pytest

from formscan.model.geometry import Area
from formscan.model.page import FRAME_DPI, AlignedPage, CleanPage, Page, Source
from formscan.model.template import Cell, FieldKind, FieldSpec, FormTemplate, PageTemplate, ValueType
from formscan.pipeline.locate import MARGIN_MM, locate

STEP = 32
SHIFT = (40, 25)
"""The scan is the frame, moved by so many pixels."""


def _field(name: str, kind: FieldKind, areas: list[Area]) -> FieldSpec:
    cells = tuple(Cell(area, str(at)) for at, area in enumerate(areas))
    return FieldSpec(name, 1, kind, ValueType.TEXT, name, name, cells)


COMB = _field("f.comb", FieldKind.COMB, [Area(60 + 12 * k, 50, 72 + 12 * k, 62) for k in range(4)])
RIM = _field("f.rim", FieldKind.TEXT, [Area(2, 90, 140, 99)])
FORM = FormTemplate("A", "1", "A", "A", "A", "", "", (PageTemplate(1, 144.0, 108.0),), (), (COMB, RIM), "A")


@pytest.fixture
def aligned() -> AlignedPage:
    height, width = 450, 600
    frame = np.random.default_rng(0).integers(0, 255, (height, width)).astype(np.uint8)
    scan = np.full((height + 60, width + 60), 255, np.uint8)
    scan[SHIFT[1] : SHIFT[1] + height, SHIFT[0] : SHIFT[0] + width] = frame
    y, x = np.mgrid[0 : height + STEP : STEP, 0 : width + STEP : STEP]
    grid = np.stack([x + SHIFT[0], y + SHIFT[1]], axis=2).astype(np.float32)
    page = Page(Source("page.png", "0"), scan, FRAME_DPI)
    clean = CleanPage(page, scan, FRAME_DPI, 0, 0.0, np.eye(3), blank=False)
    checks = np.array([[250.0, 200.0, 0.3]], np.float32)
    to_clean = np.array([[1.0, 0, SHIFT[0]], [0, 1.0, SHIFT[1]], [0, 0, 1]])
    return AlignedPage(clean, FORM, 1, frame, frame // 2, FRAME_DPI, to_clean, grid, STEP, 0.3, 0.3, checks)


def test_that_every_cell_has_its_box_in_the_crop_and_in_the_scan(aligned: AlignedPage) -> None:
    comb, _ = locate(aligned)
    assert len(comb.cells) == len(comb.cell_boxes) == 4
    for cell, box in zip(comb.cells, comb.cell_boxes, strict=True):
        inside = comb.image[cell.top : cell.bottom, cell.left : cell.right]
        on_scan = aligned.clean.page.pixels[box.top : box.bottom, box.left : box.right]
        assert np.array_equal(inside, on_scan)
        assert comb.page_box.left <= box.left < box.right <= comb.page_box.right


def test_that_a_crop_has_its_margin_and_ends_at_the_rim_of_the_page(aligned: AlignedPage) -> None:
    comb, rim = locate(aligned)
    margin = round(MARGIN_MM[FieldKind.COMB][0] / 25.4 * FRAME_DPI)
    assert comb.cells[0].left == margin
    assert rim.cells[0].left == 8
    assert rim.image.shape == rim.blank.shape
    assert rim.image.shape[0] <= aligned.image.shape[0]


def test_that_a_crop_tells_the_residual_near_it_or_that_there_is_none(aligned: AlignedPage) -> None:
    comb, rim = locate(aligned)
    assert comb.residual_mm == pytest.approx(0.3)
    assert rim.residual_mm == pytest.approx(0.3)
    far = AlignedPage(
        **{name: getattr(aligned, name) for name in aligned.__slots__} | {"checks": aligned.checks[:0]}
    )
    assert locate(far)[0].residual_mm == float("inf")
