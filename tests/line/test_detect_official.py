"""Fields of official forms (development data only): none of these pages was tuned on."""

from __future__ import annotations

from pathlib import Path

import pytest

from formscan.bench.fields import official, picture
from formscan.bench.fields_labels import verdicts
from formscan.bench.fields_score import FieldTally, book
from formscan.bench.fields_truth import PageTruth, official_truth
from formscan.designer.detect import BlankPage, detect, sheet_from_pixels
from formscan.designer.from_pixels import read_pixels
from formscan.paths import forms_dir
from formscan.templates import TemplateLibrary

FEW = ("13_benh_an", "36_phieu")


@pytest.fixture(scope="module")
def pages(shared_data: Path) -> list[PageTruth]:
    """First pages of two forms kept out of tuning."""
    held = official_truth(shared_data, tuned=False)
    return [t for t in held if t.page.path.name.startswith(FEW) and t.page.number == 1]


def test_that_boxes_and_lines_of_vector_pages_are_found(pages: list[PageTruth]) -> None:
    figures = official(pages, "vector")["figures"]
    assert figures["boxes"]["0.5"]["f1"] >= 0.97
    assert figures["line"]["0.5"]["f1"] >= 0.93


@pytest.mark.parametrize("condition", ["200", "scan-clean"])
def test_that_they_are_found_on_pixels_alone(pages: list[PageTruth], condition: str) -> None:
    figures = official(pages, condition)["figures"]
    assert figures["boxes"]["0.5"]["f1"] >= 0.93
    assert figures["line"]["0.5"]["f1"] >= 0.9


def test_that_a_page_without_rules_gives_no_boxes(pages: list[PageTruth]) -> None:
    grey, dpi, _ = picture(pages[0].page, "200", 0)
    blank = grey.copy()
    blank[:] = 255
    sheet = sheet_from_pixels(BlankPage(1, blank, dpi), read_pixels(blank, dpi), ())
    assert (sheet.cells, sheet.leaders) == ((), ())
    tally = FieldTally()
    book(tally, pages[0], sheet.cells, [])
    assert tally.figures()["boxes"]["0.5"]["recall"] == 0


def test_that_labels_and_types_of_a_form_are_mostly_right(shared_data: Path) -> None:
    form = TemplateLibrary.load(forms_dir()).get("36-BV2")
    path = shared_data / "vn_moh_forms" / "36_phieu_theo_doi_dieu_tri_218202510.pdf"
    told = [v for v in verdicts(form, detect(path), [1]) if v.found]
    assert len(told) >= 14
    assert sum(v.label for v in told) >= 0.85 * len(told)
    assert sum(v.type for v in told) >= 0.85 * len(told)
