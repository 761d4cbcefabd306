"""Registration on pages drawn here, bent by a mapping that is known exactly."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import lru_cache

import cv2
import numpy as np
import pytest

from formscan.errors import UnknownFormError
from formscan.model.geometry import Area
from formscan.model.page import FRAME_DPI, CleanPage, Grey, Identification, Page, Source
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
from formscan.pipeline.align import align_page
from formscan.pipeline.identify import FormIndex
from formscan.pipeline.locate import locate
from formscan.templates import TemplateLibrary, render_page

LABELS = "Khoa Họ tên tuổi Giới Nam Nữ Dân tộc Nghề nghiệp Ngày vào viện Chẩn đoán Điều trị Mạch Nhiệt độ"
WORDS = LABELS.split(" ")


def _form(form_id: str, seed: int, title: str) -> FormTemplate:
    """A form of one page with its own title and its own order of labels; the grid is the same in all."""
    rng = np.random.default_rng(seed)
    texts = [PrintedText(200, 60, 220, 20, FontStyle.BOLD, title)]
    boxes, fields = [], []
    for row in range(16):
        y = 110 + row * 42.0
        for column in range(2):
            x = 50 + column * 260.0
            label = " ".join(str(word) for word in rng.choice(WORDS, 3))
            texts.append(PrintedText(x, y, 110, 12, FontStyle.REGULAR, label))
            area = Area(x + 130, y - 12, x + 150, y + 4)
            boxes.append(PrintedBox(area, 0.8))
            cell = Cell(area, "1")
            name = f"f.r{row}c{column}"
            fields.append(FieldSpec(name, 1, FieldKind.MARK, ValueType.BOOLEAN, name, name, (cell,)))
    anchor = Area(195, 40, 425, 68)
    page = PageTemplate(1, 595.0, 842.0, tuple(texts), (), tuple(boxes), (anchor,))
    return FormTemplate(form_id, "1", form_id, title, title, "", "", (page,), (), tuple(fields), form_id)


FORMS = (_form("A", 1, "PHIẾU THEO DÕI"), _form("B", 2, "PHIẾU CHĂM SÓC"), _form("C", 3, "GIẤY RA VIỆN"))


@lru_cache
def _blank(form_id: str) -> Grey:
    form = next(form for form in (*FORMS, STRANGER) if form.id == form_id)
    return render_page(form, 1, FRAME_DPI)


STRANGER = _form("X", 9, "ĐƠN THUỐC NGOẠI TRÚ")


@lru_cache
def _index() -> FormIndex:
    return FormIndex(TemplateLibrary(FORMS))


def _bent_points(points: np.ndarray) -> np.ndarray:
    """Frame pixels of the blank to pixels of the scan: turn, stretch, a wave and a shift."""
    x, y = points[:, 0], points[:, 1]
    turn = math.radians(0.4)
    bent_x = 1.006 * x + 6 * np.sin(y / 600) + 25
    bent_y = 0.995 * y + 5 * np.sin(x / 500 + 1) + 31
    return np.stack(
        [
            bent_x * math.cos(turn) - bent_y * math.sin(turn),
            bent_x * math.sin(turn) + bent_y * math.cos(turn),
        ],
        axis=1,
    )


def _bent(blank: Grey) -> Grey:
    """The scan of a blank under ``_bent_points``, by fixed-point inversion."""
    height, width = blank.shape[0] + 80, blank.shape[1] + 80
    y, x = np.mgrid[0:height:8, 0:width:8]
    wanted = np.stack([x.ravel(), y.ravel()], axis=1).astype(np.float64)
    guess = wanted.copy()
    for _ in range(40):
        guess += wanted - _bent_points(guess)
    nodes = guess.reshape(*x.shape, 2).astype(np.float32)
    shrink = np.array([[1 / 8, 0, 0], [0, 1 / 8, 0]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    full = np.asarray(cv2.warpAffine(nodes, shrink, (width, height), flags=flags), np.float32)
    scan = cv2.remap(
        blank,
        np.ascontiguousarray(full[..., 0]),
        np.ascontiguousarray(full[..., 1]),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=255,
    )
    noise = np.random.default_rng(0).normal(0, 6, scan.shape)
    return np.asarray(np.clip(scan + noise, 0, 255), dtype=np.uint8)


def _clean(grey: Grey, dpi: float = FRAME_DPI) -> CleanPage:
    return CleanPage(Page(Source("page.png", "0"), grey, dpi), grey, dpi, 0, 0.0, np.eye(3), blank=False)


@lru_cache
def _identified() -> tuple[CleanPage, Identification]:
    page = _clean(_bent(_blank("A")))
    return page, _index().identify(page)


def test_that_a_bent_page_is_known_and_laid_flat_to_a_pixel_and_a_half() -> None:
    page, found = _identified()
    assert (found.template.id, found.number) == ("A", 1)
    aligned = align_page(page, found, _blank("A"))
    centres = np.array([field.area.centre for field in FORMS[0].fields]) * FRAME_DPI / 72 - 0.5
    off = np.hypot(*(aligned.to_source_points(centres) - _bent_points(centres)).T)
    assert off.max() <= 1.5
    assert aligned.residual_mm < 0.1
    assert aligned.image.shape == aligned.blank.shape


def test_that_the_residual_speaks_where_a_part_of_the_page_was_moved() -> None:
    page, found = _identified()
    moved = page.grey.copy()
    moved[1850:2050, 450:1150] = np.roll(moved[1850:2050, 450:1150], 8, axis=1)
    aligned = align_page(replace(page, grey=moved), found, _blank("A"))
    straight = align_page(page, found, _blank("A"))
    place = Area(130, 440, 250, 490)
    assert aligned.residual_near(place) > 0.2 > straight.residual_near(place)


def test_that_a_page_of_another_form_is_not_aligned() -> None:
    page, found = _identified()
    other = replace(page, grey=_bent(_blank("X")))
    with pytest.raises(UnknownFormError, match=r"align\."):
        align_page(other, found, _blank("A"))


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_that_a_page_upside_down_is_known_all_the_same(quarters: int) -> None:
    page = _clean(np.ascontiguousarray(np.rot90(_blank("B"), quarters)))
    found = _index().identify(page)
    assert found.template.id == "B"
    aligned = align_page(page, found, _blank("B"))
    assert aligned.residual_mm < 0.1


def test_that_a_form_nobody_taught_is_held() -> None:
    with pytest.raises(UnknownFormError, match=r"identify\."):
        _index().identify(_clean(_blank("X")))


def test_that_an_empty_page_is_held() -> None:
    with pytest.raises(UnknownFormError, match=r"identify\.no_form"):
        _index().identify(_clean(np.full((3508, 2480), 255, np.uint8)))


def test_that_a_page_whose_title_is_another_is_held() -> None:
    grey = _blank("A").copy()
    title = slice(160, 290), slice(800, 1780)
    grey[title] = _blank("C")[title]
    with pytest.raises(UnknownFormError, match=r"identify\.anchor"):
        _index().identify(_clean(grey))


def test_that_writing_over_the_print_does_not_hide_it() -> None:
    grey = _blank("A").copy()
    rng = np.random.default_rng(3)
    for _ in range(60):
        start, end = rng.integers(200, 2200, 2), rng.integers(500, 3200, 2)
        cv2.line(grey, (int(start[0]), int(end[0])), (int(start[1]), int(end[0]) + 60), 40, 5)
    assert _index().identify(_clean(grey)).template.id == "A"


def test_that_a_section_that_is_missing_holds_the_page() -> None:
    grey = _blank("A").copy()
    grey[2400:2950] = 255
    with pytest.raises(UnknownFormError, match=r"identify\.print_missing"):
        _index().identify(_clean(grey))


def test_that_half_the_resolution_is_enough() -> None:
    small = cv2.resize(_blank("A"), None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    page = _clean(np.asarray(small, dtype=np.uint8), 150.0)
    aligned = align_page(page, _index().identify(page), _blank("A"))
    assert aligned.residual_mm < 0.1


def test_that_crops_lie_on_their_fields_with_their_blank_twins() -> None:
    page, found = _identified()
    crops = locate(align_page(page, found, _blank("A")))
    assert [crop.field.id for crop in crops] == [field.id for field in FORMS[0].fields]
    for crop in crops:
        assert crop.image.shape == crop.blank.shape
        (cell,) = crop.cells
        assert cell.left > 0
        assert cell.right < crop.image.shape[1]
        frame = crop.image[cell.top : cell.bottom, cell.left - 1 : cell.left + 4]
        assert frame.min(axis=1).max() < 160, "the printed border runs along the cell's left side"
        assert crop.residual_mm < 0.3


def test_that_the_page_box_leads_back_to_the_scan() -> None:
    page, found = _identified()
    crop = locate(align_page(page, found, _blank("A")))[5]
    area = crop.field.area
    corner = _bent_points(np.array([[area.left, area.top]]) * FRAME_DPI / 72)[0]
    assert abs(crop.page_box.left - corner[0]) <= 3
    assert abs(crop.page_box.top - corner[1]) <= 3
