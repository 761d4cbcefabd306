"""The forms that ship: whole, sound, labelled in both languages, drawn where they say."""

from __future__ import annotations

import unicodedata
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from reportlab.pdfbase.ttfonts import TTFont  # type: ignore[import-untyped]

from formscan.designer.vector import read_pages
from formscan.model.geometry import POINTS_PER_INCH, Area
from formscan.model.template import FieldKind, FormTemplate
from formscan.paths import forms_dir
from formscan.templates import TemplateLibrary, check_form, render_page, render_pdf
from formscan.templates.fonts import FILES, font_file

LIBRARY = TemplateLibrary.load(forms_dir())
FORMS = pytest.mark.parametrize("form", LIBRARY.forms, ids=lambda form: form.id)
OPEN_DAYS = {"stay.2.days", "stay.3.days", "stay.4.days"}
"""Boxes the official records of newborns and of psychiatry leave open at the right, ruled thinly above."""
VOWELS = "aăâeêioôơuưy"
TONES = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")


def _path(form: FormTemplate) -> Path:
    return forms_dir() / form.id / form.version / "form.toml"


DRAWN = pytest.mark.parametrize(
    "form",
    [form for form in LIBRARY.forms if _path(form).with_name("blank.pdf").is_file()],
    ids=lambda form: form.id,
)
"""Forms whose blank ships as a PDF; the others are drawn when they are asked for."""


FILLED_OTHERWISE = {
    ("27-BV1", "patient.birth_date"),
    ("18-BV1", "stay.total_days"),
    ("20-BV1", "stay.total_days"),
    ("20-BV1", "birth.order"),
}
"""Seven boxes for a date; dots for a number, a box for another; codes have four boxes or one place."""


def test_that_the_official_forms_ship_with_all_their_pages() -> None:
    found = {form.id: (form.code, len(form.pages), len(form.fields)) for form in LIBRARY.forms}
    assert found == {
        "01-BV1": ("01/BV-01", 4, 134),
        "15-BV1": ("15/BV-01", 2, 77),
        "36-BV2": ("36/BV2", 2, 85),
        "02-BV1": ("02/BV-01", 4, 138),
        "03-BV2": ("03/BV2", 1, 26),
        "04-BV1": ("04/BV-01", 5, 155),
        "06-BV1": ("06/BV-01", 4, 137),
        "06-BV2": ("06/BV2", 2, 27),
        "07-BV1": ("07/BV-01", 6, 163),
        "12-BV1": ("12/BV-01", 4, 169),
        "13-BV1": ("13/BV-01", 4, 167),
        "17-BV1": ("17/BV-01", 2, 45),
        "18-BV1": ("18/BV-01", 8, 337),
        "20-BV1": ("20/BV-01", 8, 363),
        "22-BV1": ("22/BV-01", 10, 481),
        "27-BV1": ("27/BV1", 9, 413),
    }


@FORMS
def test_that_a_form_that_ships_has_no_problem(form: FormTemplate) -> None:
    assert check_form(_path(form)) == []


@FORMS
def test_that_no_two_fields_share_a_cell(form: FormTemplate) -> None:
    for one, other in combinations(form.fields, 2):
        if one.page == other.page:
            for a in one.cells:
                for b in other.cells:
                    assert _shared(a.area, b.area) <= 1.0, (one.id, other.id)


def _shared(a: Area, b: Area) -> float:
    across = min(a.right, b.right) - max(a.left, b.left)
    return min(across, min(a.bottom, b.bottom) - max(a.top, b.top))


@FORMS
def test_that_every_field_is_labelled_in_both_languages(form: FormTemplate) -> None:
    for field in form.fields:
        assert field.label_vi.strip(), field.id
        assert field.label_en.strip(), field.id
        assert field.label_en != field.label_vi or field.label_en in {"CT Scanner"}, field.id
        assert unicodedata.is_normalized("NFC", field.label_vi), field.id
        for choice in field.choices:
            assert choice.label_vi.strip(), field.id
            assert choice.label_en.strip(), field.id


@FORMS
def test_that_every_box_to_be_filled_is_printed_on_three_sides_at_least(form: FormTemplate) -> None:
    """The official forms leave one side of five boxes open; none has two."""
    dpi = 200.0
    pages = {page.number: render_page(form, page.number, dpi) for page in form.pages}
    for field in form.fields:
        if field.kind in {FieldKind.COMB, FieldKind.CHOICE, FieldKind.MARK}:
            for cell in field.cells:
                sides = _printed_sides(pages[field.page], cell.area, dpi / POINTS_PER_INCH)
                least = 2 if field.id in OPEN_DAYS else 3
                assert sides >= least, (field.id, cell, sides)


def _printed_sides(page: np.ndarray, area: Area, scale: float) -> int:
    """Sides of an area along which at least nine tenths are ink, within half a point."""
    reach = round(0.6 * scale)
    left, top, right, bottom = (round(v * scale) for v in (area.left, area.top, area.right, area.bottom))
    dark = page < 190  # a line of a quarter point between two pixels is a third of each
    inner_y, inner_x = slice(top + 3, bottom - 3), slice(left + 3, right - 3)
    found = 0
    for x in (left, right):
        found += bool(dark[inner_y, max(x - reach, 0) : x + reach + 1].any(axis=1).mean() > 0.9)
    for y in (top, bottom):
        found += bool(dark[max(y - reach, 0) : y + reach + 1, inner_x].any(axis=0).mean() > 0.9)
    return found


@FORMS
def test_that_no_line_to_write_on_lies_over_printed_words(form: FormTemplate) -> None:
    """Leader dots are written over, words are not; capitals of the line below may rise into a line."""
    for field in form.fields:
        if field.kind is not FieldKind.TEXT:
            continue
        for cell in field.cells:
            for text in form.page(field.page).texts:
                if text.text.strip(".…/"):
                    ink = Area(text.x, text.y - 0.45 * text.size, text.x + text.width, text.y)
                    assert _shared(cell.area, ink) <= 2.6, (field.id, cell.name, text.text)


@DRAWN
def test_that_the_printable_blank_that_ships_is_made_from_the_form(
    form: FormTemplate, tmp_path: Path
) -> None:
    render_pdf(form, tmp_path / "blank.pdf")
    shipped = read_pages(_path(form).with_name("blank.pdf"))
    assert read_pages(tmp_path / "blank.pdf") == shipped


@FORMS
def test_that_what_decides_about_a_person_is_critical(form: FormTemplate) -> None:
    wanted = ("patient.name", "patient.birth_date", "insurance.number", "admission.at", "discharge.at")
    for field in form.fields:
        if field.id in wanted or field.type == "icd10" or "allergy" in field.id:
            assert field.critical, field.id


def test_that_the_same_thing_has_the_same_id_and_meaning_on_all_forms() -> None:
    known: dict[str, tuple[str, str]] = {}
    for form in LIBRARY.forms:
        for field in form.fields:
            if not field.id.startswith(("patient.age", "exam.", "summary.", "history.", "notes.")):
                kind, type_ = known.setdefault(field.id, (field.kind, field.type))
                assert field.type == type_, (form.id, field.id)
                otherwise = field.type == "icd10" or (form.id, field.id) in FILLED_OTHERWISE
                assert field.kind == kind or otherwise, (form.id, field.id)


def test_that_a_question_answered_by_several_numbers_has_several_boxes() -> None:
    for form in LIBRARY.forms:
        for field in form.fields:
            if field.kind is FieldKind.COMB and field.multiple:
                assert len(field.cells) > 1, (form.id, field.id)


@pytest.mark.parametrize("style", sorted(FILES), ids=str)
def test_that_each_cut_has_all_134_vietnamese_letters(style: str) -> None:
    letters = {unicodedata.normalize("NFC", v + t) for v in VOWELS for t in TONES} - set("aeiouy")
    letters |= {"đ"}
    letters |= {letter.upper() for letter in letters}
    assert len(letters) == 134
    face = TTFont(f"Test-{style}", str(font_file(style))).face  # type: ignore[arg-type]
    assert [letter for letter in sorted(letters) if ord(letter) not in face.charToGlyph] == []
