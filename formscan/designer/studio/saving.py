"""Writes the form under construction to its folder and proves it as ``forms check`` does."""

from __future__ import annotations

import os
from pathlib import Path

from formscan.designer.form_toml import form_toml
from formscan.designer.studio.document import StudioDocument
from formscan.model.template import FormTemplate
from formscan.templates import TemplateProblem, check_form


def save(document: StudioDocument, root: Path) -> tuple[Path, list[TemplateProblem]]:
    """Write ``<root>/<id>/<version>/form.toml`` and check it.

    The file is written under another name and put in its place at once: whoever loads forms meanwhile
    finds the one before or this one.

    Args:
        document: Proposals nobody decided on are written too.
        root: Folder of forms.

    Returns:
        The file, and everything ``forms check`` finds wrong with it; empty for a good one.
    """
    return save_form(document.template(), root)


def save_form(form: FormTemplate, root: Path) -> tuple[Path, list[TemplateProblem]]:
    """The same for a form that is no longer under construction."""
    folder = root / form.id / form.version
    folder.mkdir(parents=True, exist_ok=True)
    path, fresh = folder / "form.toml", folder / "form.toml.new"
    with fresh.open("w", encoding="utf-8", newline="\n") as file:
        file.write(form_toml(form))
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    return path, check_form(path)
