"""A page whose printed code names another page than its print does is held, never read."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from pdf2image import convert_from_path
from typer.testing import CliRunner

from formscan.cli import app
from formscan.errors import UnknownFormError
from formscan.model.page import Grey, Held, Page, Source
from formscan.model.template import FormTemplate
from formscan.paths import forms_dir
from formscan.pipeline.acquire import acquire
from formscan.pipeline.align import align_page
from formscan.pipeline.clean import clean
from formscan.pipeline.identify import FormIndex
from formscan.pipeline.page_code import printed_code, witnessed
from formscan.pipeline.run import Line
from formscan.templates import TemplateLibrary, render_page, render_pdf
from formscan.templates.page_code import PageCode, code_place


@pytest.fixture(scope="module")
def form() -> FormTemplate:
    return TemplateLibrary.load(forms_dir()).get("17-BV1")


@pytest.fixture(scope="module")
def index(form: FormTemplate) -> FormIndex:
    return FormIndex(TemplateLibrary([form]))


def _scanned(form: FormTemplate, folder: Path, number: int) -> Page:
    """Printed with marks, scanned at 200 dpi."""
    render_pdf(form, folder / "blank.pdf", marked=True)
    pages = convert_from_path(folder / "blank.pdf", dpi=200, grayscale=True)
    pages[number - 1].save(folder / "scan.png", dpi=(200, 200))
    page = next(iter(acquire(folder / "scan.png")))
    assert isinstance(page, Page)
    return page


def test_that_a_code_that_agrees_tells_forms_that_are_printed_alike_apart(
    form: FormTemplate, index: FormIndex, tmp_path: Path
) -> None:
    cleaned = clean(_scanned(form, tmp_path, 1))
    found = replace(index.identify(cleaned), ambiguous_with=("17-OLD",))
    aligned = align_page(cleaned, found, render_page(form, 1, 300.0))
    assert printed_code(aligned) == PageCode.of(form, 1)
    assert witnessed(found, aligned).ambiguous_with == ()


def test_that_paper_without_a_code_is_taken_by_its_print(form: FormTemplate, index: FormIndex) -> None:
    line = Line(index, (), render_page)
    blank = render_page(form, 1, 200.0)
    page = replace(_plain(blank), dpi=200.0)
    assert line.crops(page)


def test_that_a_code_of_another_page_or_edition_holds_the_page(
    form: FormTemplate, index: FormIndex, tmp_path: Path
) -> None:
    first = _scanned(form, tmp_path, 1)
    for other in (replace(form, version="2009.1"), replace(form, id="01-BV1")):
        wrong = _scanned(other, tmp_path, 1)
        pixels = first.pixels.copy()
        place = code_place(form, 1)
        assert place is not None
        box = place.grown(4).at_dpi(200)
        part = slice(box.top, box.bottom), slice(box.left, box.right)
        pixels[part] = wrong.pixels[part]
        line = Line(index, (), render_page)
        with pytest.raises(UnknownFormError, match=r"identify\.code_contradicts"):
            line.crops(replace(first, pixels=pixels))
        held = line.run(replace(first, pixels=pixels))
        assert isinstance(held, Held)
        assert (held.stage, held.reason) == ("identify", "identify.code_contradicts")


def _plain(grey: Grey) -> Page:
    return Page(Source("blank.png", "0" * 64), grey, 200.0)


def test_that_filled_scans_are_tried_on_a_template_from_the_command_line(
    form: FormTemplate, tmp_path: Path
) -> None:
    _scanned(form, tmp_path, 1)
    path = forms_dir() / form.id / form.version / "form.toml"
    done = CliRunner().invoke(
        app, ["forms", "bench", str(path), str(tmp_path / "scan.png"), "--values", "--json"]
    )
    assert done.exit_code == 0, done.output
    (told,) = json.loads(done.stdout)
    assert (told["page"], told["reason"], told["blank"]) == (1, "", len(form.fields_of(1)))
    assert told["residual_mm"] < 0.2
    assert len(told["values"]) == len(form.fields_of(1))
    (tmp_path / "empty.png").write_bytes(b"")
    failed = CliRunner().invoke(app, ["forms", "bench", str(path), str(tmp_path / "empty.png")])
    assert failed.exit_code == 3
