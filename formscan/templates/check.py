"""Explains what is wrong with a ``form.toml``, with file, line and key."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from formscan.errors import TemplateError
from formscan.model.template import FormTemplate
from formscan.templates.field_rules import field_problems
from formscan.templates.load import key_name, load_form
from formscan.templates.node import Node
from formscan.templates.page_rules import page_problems
from formscan.templates.parts import fields_from
from formscan.templates.positions import LineIndex
from formscan.templates.problem import Found
from formscan.templates.schema import schema_problems


@dataclass(frozen=True, slots=True)
class TemplateProblem:
    """One thing that is wrong with a form.

    Attributes:
        line: 1-based line of the file; 0 where the file cannot be read.
        key: Where in the document, with 0-based places: ``fields[3].cells[0]``.
        code: Stable and English, e.g. ``field.cells_overlap``; the caller has the sentence.
        facts: What the sentence needs, e.g. ``(("other", "patient.age"),)``.
    """

    file: Path
    line: int
    key: str
    code: str
    facts: tuple[tuple[str, str], ...] = ()


def check_form(path: Path) -> list[TemplateProblem]:
    """Everything wrong with one form.toml, in the order of its lines; empty for a good one.

    What cannot be parsed is told alone; then what the schema (``forms/form.schema.json``) refuses; only
    a document that has the right shape is looked at for what it says.
    """
    try:
        text = path.read_text(encoding="utf-8")
        document = tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return _refusal(path)
    found = list(schema_problems(document))
    if not found:
        try:
            template = load_form(path)
        except TemplateError:
            return _refusal(path)
        found = list(_meaning(template, document, path))
    return _told(found, path, LineIndex(text))


def _refusal(path: Path) -> list[TemplateProblem]:
    """What the loader says about a file it does not take."""
    try:
        load_form(path)
    except TemplateError as error:
        facts = dict(error.facts)
        line, key = int(facts.pop("line")), facts.pop("key")
        facts.pop("file")
        return [TemplateProblem(path, line, key, error.code, tuple(facts.items()))]
    return []


def _meaning(template: FormTemplate, document: dict[str, object], path: Path) -> Iterator[Found]:
    folders = path.resolve().parts[-3:-1]
    for key, wanted, folder in zip(("id", "version"), template.key, folders, strict=False):
        if wanted != folder:
            yield Found("form.folder_differs", (key,), (("folder", folder),))
    yield from page_problems(template)
    yield from field_problems(template, fields_from(Node(document)))


def _told(found: Iterable[Found], path: Path, lines: LineIndex) -> list[TemplateProblem]:
    told = [
        TemplateProblem(path, lines.line(one.path), key_name(one.path), one.code, one.facts) for one in found
    ]
    return sorted(told, key=lambda problem: (problem.line, problem.key, problem.code))
