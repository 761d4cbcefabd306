"""The card of every form: its facts are the form's, and what is not captured is on it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import pytest

from formscan.designer.cells import overlap, size_of
from formscan.model.geometry import Area
from formscan.model.template import FormTemplate, PageTemplate
from formscan.paths import forms_dir
from formscan.templates import TemplateLibrary

FORMS = TemplateLibrary.load(forms_dir()).forms
LEAST_PT = 18.0
"""Shorter runs of dots and larger boxes are punctuation and frames."""


def _card(form: FormTemplate) -> dict[str, str]:
    text = (forms_dir() / form.id / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([^|]+?) \| (.+) \|$", text.split("## Not captured")[0], re.MULTILINE)
    return dict(rows)


def _not_captured(form: FormTemplate) -> set[str]:
    text = (forms_dir() / form.id / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\w+) \| .+ \| .+ \|$", text.split("## Not captured")[1], re.MULTILINE)
    return {row for row in rows if row != "page"}


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.id)
def test_that_the_card_says_what_the_form_is(form: FormTemplate) -> None:
    card = _card(form)
    by_page = Counter(field.page for field in form.fields)
    assert card["id, version"] == f"`{form.id}` {form.version}"
    assert card["edition"] == form.edition
    assert card["source"] == form.source
    assert card["pages"].startswith(f"{len(form.pages)}, ")
    counts = ", ".join(f"p.{page.number} {by_page[page.number]}" for page in form.pages)
    assert card["fields"] == f"{len(form.fields)}: {counts}"
    assert card["places to write"] == str(sum(len(field.cells) for field in form.fields))
    kinds = Counter(field.kind.value for field in form.fields)
    assert dict(re.findall(r"(\w+) (\d+)", card["kinds"])) == {k: str(n) for k, n in kinds.items()}


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.id)
def test_that_every_printed_place_is_a_field_or_on_the_card(form: FormTemplate) -> None:
    told = _not_captured(form)
    assert "all" in told
    for page in form.pages:
        free = list(_free(form, page))
        assert not free or str(page.number) in told, (page.number, free)


def _free(form: FormTemplate, page: PageTemplate) -> Iterator[Area]:
    """Dotted lines and boxes of a page no field is written into."""
    cells = [cell.area for field in form.fields_of(page.number) for cell in field.cells]
    wide = [Area(a.left - 1, a.top - 4, a.right + 1, a.bottom + 5) for a in cells]
    for text in page.texts:
        if set(text.text) <= set(".…_") and text.width >= LEAST_PT:
            line = Area(text.x, text.y - 0.75 * text.size, text.x + text.width, text.y + 0.3 * text.size)
            if sum(overlap(line, cell) for cell in wide) < 0.25 * size_of(line):
                yield line
    for box in page.boxes:
        frame = box.area.width > 60 or box.area.height > 40
        mine = (overlap(box.area, cell) > 0.25 * min(size_of(box.area), size_of(cell)) for cell in cells)
        if not frame and not any(mine):
            yield box.area
