"""Blank pages are drawn once and come back the same."""

from __future__ import annotations

import numpy as np

from formscan.model.page import FRAME_DPI, Grey
from formscan.model.template import FormTemplate, PageTemplate
from formscan.pipeline.blanks import RAW_KEPT, BlankShelf


def test_that_a_blank_page_is_drawn_once_and_stays_the_same() -> None:
    drawn: list[int] = []

    def draw(template: FormTemplate, number: int, dpi: float) -> Grey:
        assert dpi == FRAME_DPI
        drawn.append(number)
        return np.full((30 + number, 20), number, np.uint8)

    pages = tuple(PageTemplate(n, 100, 100) for n in range(1, RAW_KEPT + 4))
    form = FormTemplate("A", "1", "A", "a", "a", "e", "s", pages, (), ())
    shelf = BlankShelf(draw)
    first = {page.number: shelf.get(form, page.number).copy() for page in pages}
    again = {page.number: shelf.get(form, page.number) for page in pages}
    assert drawn == [page.number for page in pages]
    assert all(np.array_equal(first[number], again[number]) for number in first)
