"""All forms the program knows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from formscan.errors import NotFoundError
from formscan.model.template import FormTemplate, PageTemplate
from formscan.templates.kept import load_kept


class TemplateLibrary:
    """Forms by id and version; the newest version of an id where none is named.

    Args:
        forms: Forms pages are recognised by.
        loose: Forms of single pages of no known form: found by their id, never recognised nor listed.
    """

    def __init__(self, forms: Iterable[FormTemplate], loose: Iterable[FormTemplate] = ()) -> None:
        self.forms = tuple(sorted(forms, key=lambda form: (form.id, _age(form.version))))
        self.loose = tuple(loose)

    @classmethod
    def load(cls, *roots: Path) -> TemplateLibrary:
        """Load every ``<id>/<version>/form.toml`` under each of ``roots``.

        Raises:
            TemplateError: If one of them is wrong.
        """
        return cls(load_kept(path) for root in roots for path in sorted(root.glob("*/*/form.toml")))

    def get(self, form_id: str, version: str | None = None) -> FormTemplate:
        """The form of that id, of that version or of the newest one.

        Raises:
            NotFoundError: If there is none.
        """
        for form in (*reversed(self.forms), *self.loose):
            if form.id == form_id and version in {None, form.version}:
                return form
        raise NotFoundError("template.not_found", form=form_id, version=version or "newest")

    def pages(self) -> Iterator[tuple[FormTemplate, PageTemplate]]:
        """Every page of every form that scans are told by.

        Of editions printed alike on all pages the newest alone: nothing on paper tells them apart, and what
        comes in now is read with the newest. Documents of an older one still find it by :meth:`get`.
        """
        for at, form in enumerate(self.forms):
            if not any(form.id == newer.id and _printed_alike(form, newer) for newer in self.forms[at + 1 :]):
                for page in form.pages:
                    yield form, page


def _printed_alike(one: FormTemplate, other: FormTemplate) -> bool:
    """Whether two editions have the same print on every page; fields and anchors do not count."""
    return [replace(page, anchors=()) for page in one.pages] == [
        replace(page, anchors=()) for page in other.pages
    ]


def _age(version: str) -> tuple[tuple[int, str], ...]:
    """Sort key under which 2023.10 comes after 2023.9."""
    return tuple((int(part or 0), part) for part in re.split(r"\D+", version))
