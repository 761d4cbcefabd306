"""Several editions of a form in one library: which of them scans are told by."""

from __future__ import annotations

from dataclasses import replace

from formscan.model.template import FormTemplate
from formscan.paths import forms_dir
from formscan.templates import TemplateLibrary

FORM = TemplateLibrary.load(forms_dir()).get("36-BV2")


def _edition(version: str, *, moved_pt: float = 0.0, fields: int | None = None) -> FormTemplate:
    first, *rest = FORM.pages
    texts = tuple(replace(text, x=text.x + moved_pt) for text in first.texts)
    pages = (replace(first, texts=texts, anchors=()), *rest)
    return replace(FORM, version=version, pages=pages, fields=FORM.fields[:fields])


def _told_by(*forms: FormTemplate) -> list[tuple[str, int]]:
    return [(form.version, page.number) for form, page in TemplateLibrary(forms).pages()]


def test_that_of_editions_printed_alike_the_newest_is_looked_for() -> None:
    new = _edition("2023.2", fields=40)
    assert _told_by(new, FORM) == [("2023.2", 1), ("2023.2", 2)]
    library = TemplateLibrary([new, FORM])
    assert library.get(FORM.id, FORM.version) is FORM
    assert library.get(FORM.id) is new


def test_that_editions_printed_otherwise_on_a_page_are_both_looked_for() -> None:
    new = _edition("2024.1", moved_pt=3.0)
    assert _told_by(FORM, new) == [("2023.1", 1), ("2023.1", 2), ("2024.1", 1), ("2024.1", 2)]
