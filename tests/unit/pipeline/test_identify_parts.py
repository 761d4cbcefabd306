"""What identification is made of: features that vote, print that is proven, pages that are printed alike."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import cv2
import numpy as np
import pytest

from formscan.model.geometry import Area
from formscan.model.page import CleanPage, Grey, Page, Source
from formscan.model.template import FontStyle, FormTemplate, PageTemplate, PrintedText
from formscan.pipeline.evidence import COARSE_REACH_MM, gather
from formscan.pipeline.features import FeatureIndex, page_features
from formscan.pipeline.identify import EVIDENCE_DPI, FormIndex
from formscan.pipeline.patches import Pattern
from formscan.pipeline.placement import mm_from_points
from formscan.pipeline.structure import printed_structure, thinned
from formscan.templates import TemplateLibrary, render_page

WORDS = [
    "Khoa",
    "Buồng",
    "Giường",
    "Nghề",
    "nghiệp",
    "Dân",
    "tộc",
    "Quê",
    "quán",
    "Ngoại",
    "kiều",
    "Chẩn",
    "đoán",
    "Phân",
    "biệt",
    "Tiên",
    "lượng",
    "Hướng",
]
BOWED = 0.000018
TO_INDEX = np.array([[EVIDENCE_DPI / 72, 0, -0.5], [0, EVIDENCE_DPI / 72, -0.5], [0, 0, 1]])


def _form(form_id: str, seed: int, bottom: bool = False) -> FormTemplate:
    """A page of words by chance over rows of dots; ``bottom`` leaves all but the head and the foot empty."""
    rng = np.random.default_rng(seed)
    texts = []
    for row in range(24):
        if bottom and 8 < row < 22:
            continue
        y = 60 + row * 31.0
        for column in range(3):
            word = " ".join(str(w) for w in rng.choice(WORDS, 2))
            texts.append(PrintedText(40 + column * 180.0, y, 70, 12, FontStyle.REGULAR, word))
        texts.append(PrintedText(112, y, 100, 10, FontStyle.REGULAR, "." * 40))
    page = PageTemplate(1, 595.0, 842.0, tuple(texts), (), (), (Area(30, 40, 300, 66),))
    return FormTemplate(form_id, "1", form_id, form_id, form_id, "", "", (page,), (), (), form_id)


FORMS = (_form("A", 1), _form("B", 2))
SPARSE = _form("S", 3, bottom=True)


@lru_cache
def _blank(form_id: str, dpi: float = EVIDENCE_DPI) -> Grey:
    return render_page(next(form for form in (*FORMS, SPARSE) if form.id == form_id), 1, dpi)


def _page(grey: Grey, dpi: float = EVIDENCE_DPI) -> CleanPage:
    return CleanPage(Page(Source("page.png", "0"), grey, dpi), grey, dpi, 0, 0.0, np.eye(3), blank=False)


def _moved(grey: Grey, matrix: list[list[float]]) -> Grey:
    height, width = grey.shape
    found = cv2.warpPerspective(grey, np.array(matrix), (width + 60, height + 60), borderValue=255.0)
    return np.asarray(found, dtype=np.uint8)


def test_that_features_vote_for_their_page_turn_and_shift() -> None:
    index = FeatureIndex([page_features(_blank(form.id), EVIDENCE_DPI) for form in FORMS])
    scan = np.roll(_blank("B"), (20, -14), axis=(0, 1))
    seen = page_features(np.ascontiguousarray(np.rot90(scan, -1)), EVIDENCE_DPI)
    best = index.votes(seen, 3)[0]
    assert (best.page, best.quarter) == (1, 1)
    fit = index.fit(seen, best)
    assert fit is not None
    assert fit[1] > 50


def test_that_an_empty_page_votes_for_nothing() -> None:
    index = FeatureIndex([page_features(_blank("A"), EVIDENCE_DPI)])
    assert index.votes(page_features(np.full((1170, 827), 255, np.uint8), EVIDENCE_DPI), 3) == []


@pytest.mark.parametrize("stretch", [0.93, 1.08])
def test_that_a_page_stretched_one_way_is_known(stretch: float) -> None:
    scan = _moved(_blank("A"), [[stretch, 0, 20], [0, 1.0, 15], [0, 0, 1]])
    assert FormIndex(TemplateLibrary(FORMS)).identify(_page(scan)).template.id == "A"


def test_that_print_is_proven_where_it_is_and_missed_where_it_was_painted_over() -> None:
    blank = _blank("A")
    structure = printed_structure(blank, EVIDENCE_DPI, FORMS[0].page(1).anchors)
    grey = blank.copy()
    left, top, right, bottom = structure.words[10].tolist()
    grey[top:bottom, left:right] = 255
    found = gather(grey, Pattern(blank, structure), TO_INDEX @ np.linalg.inv(mm_from_points()))
    assert found.present[10] < 0.1
    assert np.delete(found.present, 10).min() > 0.95
    assert np.abs(np.delete(found.moved_mm, 10, axis=0)).max() < 0.05


def test_that_print_far_from_the_rest_is_found_at_a_second_look() -> None:
    """A foot of a page beyond an empty body, 5 mm from where the head says it should be."""
    blank = _blank("S")
    scan = _moved(blank, [[1.0, 0.0, 12], [0.0, 1.0, 10], [0.0, BOWED, 1]])
    structure = printed_structure(blank, EVIDENCE_DPI)
    head = np.array([[1, 0, 12], [0, 1.0, 10], [0, 0, 1]]) @ TO_INDEX @ np.linalg.inv(mm_from_points())
    foot = structure.words[:, 1].max()
    assert (foot + 10) * (1 - 1 / (1 + BOWED * foot)) > COARSE_REACH_MM / 25.4 * EVIDENCE_DPI
    found = gather(scan, Pattern(blank, structure), head)
    assert (found.present > 0.75).mean() > 0.97


def test_that_rows_of_dots_have_ends_and_words_can_be_thinned() -> None:
    blank = _blank("A", 150.0)
    structure = printed_structure(blank, 150.0)
    assert len(structure.ends) >= 24
    assert structure.dotted.sum() >= 24
    few = thinned(structure, 40.0)
    assert 0 < len(few.words) < len(structure.words)
    assert len(few.words) == len(few.anchors)


def test_that_pages_printed_alike_name_each_other() -> None:
    copy = replace(FORMS[0], id="COPY")
    index = FormIndex(TemplateLibrary((*FORMS, copy)))
    taken = index.identify(_page(_blank("A")))
    assert {taken.template.id, *taken.ambiguous_with} == {"A", "COPY"}
    assert index.identify(_page(_blank("B"))).ambiguous_with == ()
