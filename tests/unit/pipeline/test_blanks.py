"""Blank pages are drawn once and come back the same."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
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


def _form(pages: int) -> FormTemplate:
    sheets = tuple(PageTemplate(n, 595.0, 842.0) for n in range(1, pages + 1))
    return FormTemplate("A", "1", "A", "a", "a", "e", "s", sheets, (), (), digest="d" * 64)


def _words(template: FormTemplate, number: int, dpi: float) -> Grey:
    side = round(8.27 * dpi), round(11.69 * dpi)
    page = np.full(side[::-1], 255, np.uint8)
    for row in range(300, side[1] - 300, 150):
        cv2.putText(page, f"Page {number} row {row}", (300, row), cv2.FONT_HERSHEY_SIMPLEX, 1.6, (0,), 3)
        cv2.line(page, (900, row), (2200, row), (0,), 2)
    return page


def test_that_pages_are_taken_from_the_folder_and_a_spoilt_file_is_made_again(tmp_path: Path) -> None:
    drawn: list[int] = []

    def draw(template: FormTemplate, number: int, dpi: float) -> Grey:
        drawn.append(number)
        return _words(template, number, dpi)

    form = _form(1)
    first = BlankShelf(draw, tmp_path)
    page, fine = first.get(form, 1), first.fine(form, 1)
    again = BlankShelf(draw, tmp_path)
    assert np.array_equal(again.get(form, 1), page)
    other = again.fine(form, 1)
    assert np.array_equal(other.image, fine.image)
    assert other.structure.size == fine.structure.size
    assert len(fine.structure.words) > 5
    for name in ("words", "corners", "ends", "rows", "dotted", "columns", "anchors"):
        assert np.array_equal(getattr(other.structure, name), getattr(fine.structure, name))
    assert drawn == [1]
    (kept,) = tmp_path.glob("*.npz")
    kept.write_bytes(kept.read_bytes()[:5000])
    assert np.array_equal(BlankShelf(draw, tmp_path).get(form, 1), page)
    assert drawn == [1, 1]


def test_that_another_form_file_is_not_taken_for_this_one(tmp_path: Path) -> None:
    form = _form(1)
    BlankShelf(_words, tmp_path).get(form, 1)
    BlankShelf(_words, tmp_path).get(replace(form, digest="e" * 64), 1)
    BlankShelf(_words, tmp_path).get(replace(form, digest=""), 1)  # no file, nothing to name it by
    assert len(list(tmp_path.glob("*.npz"))) == 2


def test_that_a_folder_that_cannot_be_written_is_done_without(tmp_path: Path) -> None:
    wall = tmp_path / "wall"
    wall.write_bytes(b"a file where the folder should be")
    page = BlankShelf(_words, wall / "pages").get(_form(1), 1)
    assert page.shape == (3507, 2481)
