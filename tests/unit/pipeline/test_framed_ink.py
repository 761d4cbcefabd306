"""Second scans of read pages are told in the frame of their form, however the paper lay."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
import pytest

from formscan.model.page import Grey, Page, Source
from formscan.model.template import FieldKind, FormTemplate
from formscan.paths import forms_dir
from formscan.pipeline.duplicates import ReadIndex
from formscan.pipeline.framed_ink import FramedInk, framed_ink
from formscan.pipeline.identify import FormIndex
from formscan.pipeline.run import Line, LineResult
from formscan.templates import TemplateLibrary, render_page

DPI = 200.0
NUMBER = 1
NAMES = ("Nguyen Van An", "Tran Thi Bich", "Le Hoang Long", "Pham Minh Duc")


@lru_cache
def form() -> FormTemplate:
    return next(form for form in TemplateLibrary.load(forms_dir()).forms if form.id == "36-BV2")


@lru_cache
def line() -> Line:
    return Line(FormIndex(TemplateLibrary([form()])), (), render_page, only=frozenset({"none"}))


def paper(seed: int) -> Grey:
    """The form, filled in by another hand at every seed."""
    rng = np.random.default_rng(seed)
    sheet = render_page(form(), NUMBER, DPI).copy()
    for field in form().fields_of(NUMBER):
        if field.kind is FieldKind.TEXT and rng.random() < 0.7:
            box = field.area.at_dpi(DPI)
            words = NAMES[int(rng.integers(len(NAMES)))]
            spot = (box.left + int(rng.integers(4, 40)), box.bottom - 8)
            cv2.putText(sheet, words, spot, cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, 0.9, 60, 2, cv2.LINE_AA)
    return sheet


def scan(sheet: Grey, seed: int, turned_deg: float = 0.0) -> Grey:
    rng = np.random.default_rng(1000 + seed)
    height, width = sheet.shape
    way = np.asarray(
        cv2.getRotationMatrix2D((width / 2, height / 2), turned_deg + float(rng.normal(0, 0.5)), 1.002)
    )
    way = way + np.column_stack([np.zeros((2, 2)), rng.uniform(-10, 10, 2)])
    seen = np.asarray(cv2.warpAffine(sheet, way, (width, height), borderValue=248.0), np.float32)
    return np.clip(seen * 0.97 + rng.normal(0, 4, seen.shape), 0, 255).astype(np.uint8)


def ink(pixels: Grey, dpi: float = DPI) -> FramedInk:
    result = line().run(Page(Source("scan", "0"), pixels, dpi))
    assert isinstance(result, LineResult)
    found = framed_ink(result.aligned)
    assert found is not None
    again = FramedInk.from_bytes(found.to_bytes())
    assert again is not None
    assert np.array_equal(again.ink, found.ink)
    assert np.abs(again.corners - found.corners).max() < 0.01
    return again


def seen(index: ReadIndex, name: str, page: FramedInk, number: int = NUMBER) -> str | None:
    known = index.seen(Source(name, "0"), ("36-BV2", "1", number), page)
    return known.name if known else None


def test_that_second_scans_of_read_pages_are_found_and_other_copies_are_not() -> None:
    index = ReadIndex()
    sheets = [paper(n) for n in range(4)]
    assert [seen(index, str(n), ink(scan(s, n))) for n, s in enumerate(sheets)] == [None] * 4
    for n, sheet in enumerate(sheets):
        assert seen(index, "again", ink(scan(sheet, 50 + n, turned_deg=1.2))) == str(n)


def test_that_a_sheet_fed_upside_down_at_another_resolution_is_the_same_sheet() -> None:
    index, sheet = ReadIndex(), paper(7)
    assert seen(index, "first", ink(scan(sheet, 1))) is None
    large = cv2.resize(scan(sheet, 2), None, fx=1.5, fy=1.5, interpolation=cv2.INTER_CUBIC)
    upside_down = np.ascontiguousarray(np.asarray(large, np.uint8)[::-1, ::-1])
    assert seen(index, "second", ink(upside_down, 300.0)) == "first"


def test_that_one_more_cross_in_the_margin_makes_another_page() -> None:
    index, sheet = ReadIndex(), paper(3)
    assert seen(index, "first", ink(scan(sheet, 1))) is None
    noted, (x, y) = sheet.copy(), (sheet.shape[1] - 130, sheet.shape[0] // 2)
    cv2.line(noted, (x, y), (x + 25, y + 25), 60.0, 3)
    cv2.line(noted, (x + 25, y), (x, y + 25), 60.0, 3)
    assert seen(index, "second", ink(scan(noted, 2))) is None


def test_that_pages_are_compared_with_the_same_page_of_the_same_form_only() -> None:
    index, sheet = ReadIndex(), paper(3)
    assert seen(index, "first", ink(scan(sheet, 1)), number=1) is None
    assert seen(index, "second", ink(scan(sheet, 2)), number=2) is None


def test_that_no_more_pages_are_remembered_than_asked_for() -> None:
    index, sheets = ReadIndex(kept=1), [paper(n) for n in range(2)]
    for n, sheet in enumerate(sheets):
        assert seen(index, str(n), ink(scan(sheet, n))) is None
    assert seen(index, "again", ink(scan(sheets[1], 9))) == "1"
    assert seen(index, "first", ink(scan(sheets[0], 9))) is None


@pytest.mark.parametrize("data", [b"", b"ink", bytes(24) + b"of an earlier version" * 9])
def test_that_what_an_earlier_version_kept_is_compared_with_nothing(data: bytes) -> None:
    assert FramedInk.from_bytes(data) is None


def test_that_the_inner_part_of_a_page_lies_where_the_paper_does() -> None:
    page = ink(scan(paper(1), 1))
    height, width = page.shape
    assert page.seen[height // 2, width // 2] == 1
    assert page.seen[2, 2] == 0
    assert 0.75 < page.seen.mean() < 1.0
