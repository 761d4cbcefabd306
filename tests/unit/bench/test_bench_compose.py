"""Composed pages: the truth is exact, the splits never meet, the same order gives the same page."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from formscan.bench.compose import Composer, Order, Style
from formscan.bench.damage import CANVAS_DPI
from formscan.bench.hand import RealInk
from formscan.bench.jobs import composed_jobs, digit_split, sheet_jobs
from formscan.bench.presets import Severity
from formscan.bench.score import Outcome, outcome_of
from formscan.bench.shared import shared_data
from formscan.bench.sheet import number_sheet
from formscan.bench.truth import Source, Split
from formscan.model.geometry import POINTS_PER_INCH
from formscan.model.reading import FieldState, FieldValue
from formscan.model.template import FieldKind, FormTemplate
from formscan.paths import forms_dir
from formscan.templates import TemplateLibrary, render_page


@pytest.fixture(scope="module")
def data() -> Path:
    found = shared_data()
    if found is None:
        pytest.skip("no development data: set FORMSCAN_DATA")
    return found


@pytest.fixture(scope="module")
def library() -> TemplateLibrary:
    return TemplateLibrary.load(forms_dir())


@pytest.fixture(scope="module")
def form(library: TemplateLibrary) -> FormTemplate:
    return library.get("15-BV1")


def order(style: Style = Style.MIXED, seed: int = 4) -> Order:
    return Order(1, 11, seed, Severity.OFFICE, style)


@pytest.mark.parametrize("name", ["04-BV1", "13-BV1"])
def test_that_text_is_written_in_its_own_place_and_not_on_the_line_above(
    data: Path, library: TemplateLibrary, name: str
) -> None:
    form = library.get(name)
    blank = render_page(form, 1, CANVAS_DPI)
    _, truths = Composer(data, Split.TUNE).fill(form, blank, order(Style.PRINT))
    written = [truth for truth in truths if truth.box and truth.kind == FieldKind.TEXT.value]
    assert any(truth.field_id == "patient.address.province" for truth in written)
    for truth in written:
        area = form.field(truth.field_id).area
        assert area.top < (truth.box[1] + truth.box[3]) / 2 < area.bottom, truth.field_id


def test_that_ink_lies_only_where_the_truth_says(data: Path, form: FormTemplate) -> None:
    blank = render_page(form, 1, CANVAS_DPI)
    filled, truths = Composer(data, Split.TUNE).fill(form, blank, order())
    changed = np.asarray(filled).astype(int) != blank
    scale = CANVAS_DPI / POINTS_PER_INCH
    for truth in truths:
        if truth.box:
            left, top, right, bottom = (round(v * scale) for v in truth.box)
            assert changed[top:bottom, left:right].any()
            changed[max(0, top - 9) : bottom + 9, max(0, left - 9) : right + 9] = False
    assert changed.mean() < 1e-5


def test_that_blank_fields_have_no_ink_and_no_text(data: Path, form: FormTemplate) -> None:
    _, truths = Composer(data, Split.TUNE).fill(form, render_page(form, 1, CANVAS_DPI), order())
    blank = [t for t in truths if t.state is FieldState.BLANK]
    assert blank
    assert all(not t.box and not t.text and t.source is Source.NONE for t in blank)
    assert any(t.state is FieldState.VALUE for t in truths)


def test_that_a_comb_has_one_character_a_cell(data: Path, form: FormTemplate) -> None:
    _, truths = Composer(data, Split.TUNE).fill(form, render_page(form, 1, CANVAS_DPI), order(Style.PRINT))
    birth = next(t for t in truths if t.field_id == "patient.birth_date")
    if birth.state is FieldState.VALUE:
        assert "".join(birth.cells) == birth.text
        assert len(birth.cells) == 8


def test_that_the_same_order_gives_the_same_page(data: Path, form: FormTemplate) -> None:
    blank = render_page(form, 1, CANVAS_DPI)
    one, other = (Composer(data, Split.TUNE).page(form, blank, order()) for _ in range(2))
    assert np.array_equal(one.pixels, other.pixels)
    assert one.truth == other.truth


def test_that_another_seed_gives_another_page(data: Path, form: FormTemplate) -> None:
    blank = render_page(form, 1, CANVAS_DPI)
    composer = Composer(data, Split.TUNE)
    one, other = composer.page(form, blank, order(seed=4)), composer.page(form, blank, order(seed=5))
    assert one.pixels.shape != other.pixels.shape or not np.array_equal(one.pixels, other.pixels)


def test_that_no_ink_is_in_both_splits(data: Path) -> None:
    tune, report = (RealInk(data, split, digit_split) for split in Split)
    assert not {line.path for line in tune.lines} & {line.path for line in report.lines}
    told = [{line.writer for line in ink.lines if not line.writer.endswith("/")} for ink in (tune, report)]
    assert told[0]
    assert told[1]
    assert not told[0] & told[1]
    assert not tune.digit_indices() & report.digit_indices()


def test_that_seeds_and_people_of_the_splits_never_meet(library: TemplateLibrary) -> None:
    seen: list[set[int]] = []
    for split in Split:
        jobs = [
            job for s in range(3) for job in composed_jobs(library, 20, s, split) + sheet_jobs(5, s, split)
        ]
        seen.append({job.order.seed for job in jobs if job.order})
    assert not seen[0] & seen[1]


def test_that_ink_with_no_stated_licence_stays_out_of_what_ships(data: Path) -> None:
    ink = RealInk(data, Split.REPORT, digit_split, shippable_only=True)
    rng = np.random.default_rng(1)
    assert ink.line(2000, 50, rng) is None
    assert ink.capital("A", 40, rng) is None
    assert ink.mark(60, 60, rng) is None
    assert ink.digit("7", 40, rng).shape[0] > 30


def test_that_a_wrong_value_is_never_scored_right(data: Path, form: FormTemplate) -> None:
    _, truths = Composer(data, Split.TUNE).fill(form, render_page(form, 1, CANVAS_DPI), order(Style.PRINT))
    for truth in truths:
        wrong = FieldValue(FieldState.VALUE, "no such text", "no such text")
        assert outcome_of(form, truth, wrong) is not Outcome.RIGHT
        if truth.state is FieldState.VALUE:
            assert outcome_of(form, truth, FieldValue(FieldState.BLANK)) is Outcome.MISSED
            assert outcome_of(form, truth, FieldValue(FieldState.UNVERIFIED)) is Outcome.LEFT


def test_that_the_number_sheet_has_whole_numbers(data: Path) -> None:
    sheet = number_sheet()
    _, truths = Composer(data, Split.TUNE).fill(sheet, render_page(sheet, 1, CANVAS_DPI), order())
    assert {len(t.cells) for t in truths} == {12, 15}
    assert all(f.kind is FieldKind.COMB for f in sheet.fields)


def test_that_numbers_in_boxes_are_told_as_the_answers_they_stand_for(
    data: Path, library: TemplateLibrary
) -> None:
    form = library.get("20-BV1")
    blank = np.full_like(render_page(form, 4, CANVAS_DPI), 255)
    _, truths = Composer(data, Split.TUNE).fill(form, blank, Order(4, 3, 3, Severity.CLEAN, Style.PRINT))
    written = 0
    for truth in truths:
        spec = form.field(truth.field_id)
        if spec.kind is FieldKind.COMB and truth.state is FieldState.VALUE:
            codes = {choice.code: choice.value for choice in spec.choices}
            assert set(truth.text.split(";")) == {codes[cell] for cell in truth.cells if cell}
            written += 1
    assert written > 10


def test_that_one_box_takes_one_of_several_numbers(data: Path, library: TemplateLibrary) -> None:
    field = library.get("18-BV1").field("tcm.back.kind")
    form = replace(library.get("18-BV1"), fields=(field,))
    blank = np.full((3300, 2550), 255, np.uint8)
    composer = Composer(data, Split.TUNE)
    told = [
        composer.fill(form, blank, Order(field.page, k, k, Severity.CLEAN, Style.PRINT))[1][0]
        for k in range(12)
    ]
    assert len(field.cells) == 1
    assert {truth.text.count(";") for truth in told} == {0}
    assert any(truth.text for truth in told)
