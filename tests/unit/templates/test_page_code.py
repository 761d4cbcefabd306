"""Corner marks and the code of a page: where they stand, what they say, that they can be read."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from pdf2image import convert_from_path

from formscan.engines.codes import find_codes
from formscan.model.template import FormTemplate
from formscan.paths import forms_dir
from formscan.templates import TemplateLibrary, render_pdf
from formscan.templates.page_code import QUIET_PT, PageCode, code_place, corner_marks

LIBRARY = TemplateLibrary.load(forms_dir())
PAGES = [(form, page.number) for form in LIBRARY.forms for page in form.pages]


def test_that_the_code_says_form_edition_page_and_file() -> None:
    form = LIBRARY.get("01-BV1")
    code = PageCode.of(form, 3)
    assert PageCode.told(code.text) == code
    assert code.names(form, 3)
    assert not code.names(form, 2)
    assert not code.names(LIBRARY.get("15-BV1"), 3)
    assert code.digest == form.digest[:8]
    assert PageCode.told("https://example.org/01-BV1") is None


@pytest.mark.parametrize(("form", "number"), PAGES, ids=lambda part: getattr(part, "id", str(part)))
def test_that_code_and_marks_touch_neither_print_nor_fields(form: FormTemplate, number: int) -> None:
    page = form.page(number)
    place = code_place(form, number)
    areas = [bar for mark in corner_marks(form, number) for bar in mark]
    if place is not None:
        areas.append(place.grown(QUIET_PT))
    for area in areas:
        assert area.left >= 0
        assert area.top >= 0
        assert area.right <= page.width
        assert area.bottom <= page.height
        for field in form.fields_of(number):
            other = field.area
            apart = (
                area.right <= other.left
                or other.right <= area.left
                or area.bottom <= other.top
                or other.bottom <= area.top
            )
            assert apart, field.id


def test_that_most_pages_have_room_for_a_code() -> None:
    room = [code_place(form, number) is not None for form, number in PAGES]
    assert sum(room) >= 0.8 * len(room)


def test_that_a_printed_code_is_read_from_a_coarse_scan(tmp_path: Path) -> None:
    form = LIBRARY.get("17-BV1")
    without = render_pdf(form, tmp_path / "plain.pdf")
    again = render_pdf(form, tmp_path / "marked.pdf", marked=True)
    assert without == again == []
    assert (tmp_path / "marked.pdf").read_bytes() != (tmp_path / "plain.pdf").read_bytes()
    for number, page in enumerate(convert_from_path(tmp_path / "marked.pdf", dpi=200, grayscale=True), 1):
        soft = np.asarray(cv2.GaussianBlur(np.asarray(page), (0, 0), 0.8), dtype=np.uint8)
        told = [PageCode.told(code.text) for code in find_codes(soft)]
        assert told == [PageCode.of(form, number)]
