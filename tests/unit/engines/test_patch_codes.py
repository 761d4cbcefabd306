"""Patch codes are found drawn, scanned, worn and turned, and nothing else is taken for one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from formscan.bench.damage import CANVAS_DPI, Damage
from formscan.bench.presets import Severity, draw
from formscan.bench.scanner import scan
from formscan.engines.patch_codes import CODES, find_patch
from formscan.model.page import Grey, Page, Source
from formscan.paths import forms_dir
from formscan.pipeline.acquire import acquire
from formscan.pipeline.clean import clean
from formscan.pipeline.separators import separator_of
from formscan.templates import TemplateLibrary, render_page
from formscan.templates.separator import PATCHES, draw_separator, separator_pdf


def _page(pixels: Grey, dpi: float) -> Page:
    return Page(Source("sheet.png", "0" * 64), pixels, dpi)


@pytest.mark.parametrize("patch", sorted(PATCHES))
@pytest.mark.parametrize("dpi", [100.0, 150.0, 200.0, 300.0])
def test_that_every_patch_is_read_from_the_edge_inwards(patch: str, dpi: float) -> None:
    assert find_patch(draw_separator(patch, dpi, "t"), dpi) == patch
    assert find_patch(draw_separator(patch, dpi), dpi) == patch


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_that_a_sheet_fed_turned_reads_the_same(quarters: int) -> None:
    sheet = np.rot90(draw_separator("T", 200.0, "t"), quarters)
    assert find_patch(np.ascontiguousarray(sheet), 200.0) == "T"


def test_that_the_drawn_sheets_are_those_the_reader_knows() -> None:
    assert {patch: signs for signs, patch in CODES.items()} == PATCHES


@pytest.mark.parametrize("seed", range(12))
def test_that_a_scanned_and_a_worn_separator_is_told_as_one(seed: int) -> None:
    rng = np.random.default_rng(seed)
    damage = draw(Severity.HARD if seed % 2 else Severity.OFFICE, rng)
    damage = replace(damage, skew_deg=float(np.clip(damage.skew_deg, -6, 6)))
    pixels, _ = scan(draw_separator("T", CANVAS_DPI), damage)
    assert separator_of(clean(_page(np.asarray(pixels), damage.dpi))) == "separator.patch_t"


def test_that_torn_ends_and_holes_are_forgiven() -> None:
    sheet = draw_separator("T", 200.0, "t")
    sheet[:, :650] = 255
    cv2.circle(sheet, (850, 140), 18, 255, -1)
    assert find_patch(sheet, 200.0) == "T"


def test_that_bars_too_short_or_of_other_widths_are_no_patch() -> None:
    short = draw_separator("T", 200.0, "t")
    short[:, :800] = 255
    assert find_patch(short, 200.0) is None
    stretched = cv2.resize(draw_separator("T", 200.0, "t"), None, fx=1.0, fy=1.6)
    assert find_patch(np.asarray(stretched, dtype=np.uint8), 200.0) is None


def test_that_two_different_patches_on_a_sheet_say_nothing() -> None:
    sheet = np.minimum(draw_separator("T", 150.0, "t"), draw_separator("3", 150.0, "b"))
    assert find_patch(sheet, 150.0) is None


def test_that_no_page_of_a_form_is_taken_for_a_separator() -> None:
    library = TemplateLibrary.load(forms_dir())
    pages = [(form, page.number) for form, page in library.pages()]
    assert len(pages) >= 30
    for form, number in pages:
        assert find_patch(render_page(form, number, 100.0), 100.0) is None, (form.id, number)


def test_that_an_empty_page_and_a_black_one_are_no_separator() -> None:
    for tone in (255, 0):
        assert find_patch(np.full((1650, 1275), tone, np.uint8), 150.0) is None


def test_that_the_printed_sheet_is_told_by_its_bars_and_by_its_code(tmp_path: Path) -> None:
    separator_pdf(tmp_path / "sheet.pdf", "TỜ NGĂN HỒ SƠ", "Đặt giữa hai hồ sơ.")
    page = next(iter(acquire(tmp_path / "sheet.pdf")))
    assert isinstance(page, Page)
    assert separator_of(clean(page)) == "separator.patch_t"
    grey = np.asarray(page.pixels if page.pixels.ndim == 2 else page.pixels[..., 0]).copy()
    inch = round(page.dpi)
    framed = np.full_like(grey, 255)
    framed[2 * inch : -2 * inch, 2 * inch : -2 * inch] = grey[2 * inch : -2 * inch, 2 * inch : -2 * inch]
    assert find_patch(framed, page.dpi) is None
    assert separator_of(clean(_page(framed, page.dpi))) == "separator.code"


def test_that_a_clean_scan_is_needed_by_nobody() -> None:
    pixels, _ = scan(draw_separator("2", CANVAS_DPI, "t"), Damage(dpi=150, noise=4.0, blur_px=0.8, seed=5))
    assert find_patch(np.asarray(pixels), 150.0) == "2"
