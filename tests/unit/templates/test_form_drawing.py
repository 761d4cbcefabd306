"""The raster and the PDF of a blank page show what the form says, where it says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from formscan.designer.vector import read_pages
from formscan.model.geometry import Area
from formscan.model.template import (
    FontStyle,
    FormTemplate,
    PageTemplate,
    PrintedBox,
    PrintedRule,
    PrintedText,
)
from formscan.paths import forms_dir
from formscan.templates import TemplateLibrary, load_form, render_page, render_pdf

LIBRARY = TemplateLibrary.load(forms_dir())


def _page(**print_layer: tuple[object, ...]) -> FormTemplate:
    page = PageTemplate(1, 144.0, 72.0, **print_layer)  # type: ignore[arg-type]
    return FormTemplate("T", "1", "T", "t", "t", "", "", (page,), (), ())


@pytest.mark.parametrize("dpi", [72.0, 150.0, 300.0, 217.3])
def test_that_a_raster_has_the_size_of_the_page(dpi: float) -> None:
    raster = render_page(_page(), 1, dpi)
    assert raster.shape == (round(dpi), round(2 * dpi))
    assert raster.dtype == np.uint8
    assert (raster == 255).all()


def test_that_a_rule_covers_exactly_its_width() -> None:
    rule = PrintedRule(10.0, 30.0, 110.0, 30.0, 1.0)
    ink = (255 - render_page(_page(rules=(rule,)), 1, 144.0).astype(int)) / 255
    rows = ink[:, 100]
    assert np.flatnonzero(rows).tolist() == [59, 60]
    assert rows.sum() == pytest.approx(2.0, abs=0.02)  # 1 pt is 2 px
    assert np.flatnonzero(ink[59]).tolist() == list(range(20, 220))


def test_that_a_slanted_rule_is_drawn_from_end_to_end_as_wide_as_it_is() -> None:
    rule = PrintedRule(20.0, 10.0, 80.0, 50.0, 2.0)
    ink = (255 - render_page(_page(rules=(rule,)), 1, 144.0).astype(int)) / 255
    for share in (0.05, 0.5, 0.95):
        assert ink[int(2 * (10 + 40 * share)), int(2 * (20 + 60 * share))] > 0.9
    assert ink.sum() == pytest.approx(2 * 2 * 2 * np.hypot(60, 40), rel=0.05)
    assert ink[:18].sum() == ink[103:].sum() == ink[:, :38].sum() == ink[:, 162:].sum() == 0


def test_that_a_rule_between_pixels_is_shared_by_them() -> None:
    rule = PrintedRule(10.0, 30.25, 110.0, 30.25, 0.5)
    ink = (255 - render_page(_page(rules=(rule,)), 1, 72.0).astype(int)) / 255
    assert ink[30, 50] == pytest.approx(0.5, abs=0.01)
    rule = PrintedRule(10.0, 30.0, 110.0, 30.0, 0.5)
    ink = (255 - render_page(_page(rules=(rule,)), 1, 72.0).astype(int)) / 255
    assert ink[29:31, 50].tolist() == pytest.approx([0.25, 0.25], abs=0.01)


def test_that_a_dashed_rule_has_dashes_and_gaps_of_one_length() -> None:
    rule = PrintedRule(10.0, 30.0, 110.0, 30.0, 1.0, 2.0)
    ink = 255 - render_page(_page(rules=(rule,)), 1, 72.0)
    row = ink[29, 10:110]
    assert row.reshape(-1, 4)[:, :2].all()
    assert not row.reshape(-1, 4)[:, 2:].any()


def test_that_a_box_is_drawn_around_its_area() -> None:
    box = PrintedBox(Area(20.0, 20.0, 40.0, 35.0), 1.0)
    ink = 255 - render_page(_page(boxes=(box,)), 1, 72.0)
    ys, xs = np.nonzero(ink)
    assert (xs.min(), xs.max(), ys.min(), ys.max()) == (19, 40, 19, 35)
    assert not ink[22:33, 22:38].any()


@pytest.mark.parametrize("style", list(FontStyle))
def test_that_a_word_stands_on_its_baseline_and_fills_its_width(style: FontStyle) -> None:
    text = PrintedText(20.3, 50.7, 60.0, 20.0, style, "HMHMH")
    dpi = 288.0
    ink = render_page(_page(texts=(text,)), 1, dpi) < 128
    ys, xs = np.nonzero(ink)
    scale = dpi / 72
    assert abs(ys.max() + 1 - 50.7 * scale) <= 1.5
    assert xs.min() / scale == pytest.approx(20.3, abs=1.2)
    assert (xs.max() + 1) / scale == pytest.approx(80.3, abs=1.2)


@pytest.mark.parametrize("shift", [0.0, 0.1, 0.2, 0.3])
def test_that_print_moves_by_less_than_a_pixel_where_it_should(shift: float) -> None:
    def centre(x: float) -> float:
        text = PrintedText(x, 40.0, 40.0, 16.0, FontStyle.REGULAR, "Bệnh")
        ink = 255.0 - render_page(_page(texts=(text,)), 1, 150.0)
        return float((ink.sum(axis=0) * np.arange(ink.shape[1])).sum() / ink.sum())

    moved = centre(30.0 + shift) - centre(30.0)
    assert moved == pytest.approx(shift * 150 / 72, abs=0.06)


def test_that_leader_dots_stand_at_equal_steps() -> None:
    text = PrintedText(10.0, 40.0, 100.0, 16.0, FontStyle.REGULAR, "." * 25)
    ink = render_page(_page(texts=(text,)), 1, 300.0) < 128
    columns = np.flatnonzero(ink.any(axis=0))
    starts = columns[np.flatnonzero(np.diff(columns, prepend=-9) > 1)]
    assert len(starts) == 25
    assert np.diff(starts).tolist() == pytest.approx([4 * 300 / 72] * 24, abs=1.01)


def test_that_drawing_a_page_twice_gives_the_same_pixels() -> None:
    form = LIBRARY.get("36-BV2")
    assert np.array_equal(render_page(form, 1, 150.0), render_page(form, 1, 150.0))


def test_that_a_page_that_is_not_there_is_refused() -> None:
    with pytest.raises(IndexError):
        render_page(LIBRARY.get("36-BV2"), 3, 72.0)


@pytest.mark.parametrize("form", LIBRARY.forms, ids=lambda form: form.id)
def test_that_the_printable_pdf_holds_the_print_of_the_form(form: FormTemplate, tmp_path: Path) -> None:
    """Read back by the vector reader: same pages, same words on the same places."""
    render_pdf(form, tmp_path / "blank.pdf")
    pages = read_pages(tmp_path / "blank.pdf")
    assert [(p.width, p.height) for p in pages] == [(p.width, p.height) for p in form.pages]
    for page, back in zip(form.pages, pages, strict=True):
        assert len(back.boxes) == len(page.boxes)
        for text in page.texts:
            if text.text.strip("./…"):
                assert any(_same(text, other) or _within(text, other) for other in back.texts), text


def _within(a: PrintedText, b: PrintedText) -> bool:
    """A letter between neighbours that became one run."""
    covered = b.x - 0.1 <= a.x and a.x + a.width <= b.x + b.width + 0.1
    return abs(a.y - b.y) < 0.2 and covered and a.text in b.text


def _same(a: PrintedText, b: PrintedText) -> bool:
    """The same run, or one that begins or ends with it (neighbours without a gap become one)."""
    near = abs(a.y - b.y) < 0.1 and b.x - 0.1 < a.x and a.x + a.width < b.x + b.width + 0.1
    return near and a.style is b.style and a.text in b.text


def test_that_the_same_form_gives_the_same_pdf(
    small: str, write_form: Callable[[str], Path], tmp_path: Path
) -> None:
    form = load_form(write_form(small))
    render_pdf(form, tmp_path / "a.pdf")
    render_pdf(form, tmp_path / "b.pdf")
    assert (tmp_path / "a.pdf").read_bytes() == (tmp_path / "b.pdf").read_bytes()
