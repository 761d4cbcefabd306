"""Explains what is wrong with a ``form.toml``, with file, line and key."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from formscan.errors import TemplateError
from formscan.templates.load import load_form


@dataclass(frozen=True, slots=True)
class TemplateProblem:
    """One thing that is wrong; ``code`` is stable and English, ``line`` 1-based."""

    file: Path
    line: int
    key: str
    code: str
    facts: tuple[tuple[str, str], ...] = ()


def check_form(path: Path) -> list[TemplateProblem]:
    """Everything wrong with one form.toml; an empty list for a good one."""
    try:
        load_form(path)
    except TemplateError as error:
        return [TemplateProblem(path, int(error.facts["line"]), error.facts["key"], error.code)]
    return []
