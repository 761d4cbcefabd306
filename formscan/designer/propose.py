"""A whole ``form.toml`` proposed from a blank: print, sections and fields, with notes on what to look at."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from formscan.designer.detect import DETECT_DPI
from formscan.designer.form_toml import form_toml
from formscan.designer.studio.document import FormHead
from formscan.designer.studio.opening import Opened, open_blank

_UNSURE: Final = 0.7


def propose(blank: Path, head: FormHead, dpi: float = DETECT_DPI, *, pixels_only: bool = False) -> str:
    """The text of a ``form.toml`` for a blank form.

    Args:
        blank: PDF or picture.
        head: Id and version as its folder will be named, and what is known besides.
        dpi: At which PDFs without text are looked at.
        pixels_only: Look at a vector PDF as at a scan.

    Returns:
        TOML that ``formscan.templates.check_form`` accepts; lines ``# review: ...`` name what a person has
        to look at. English labels are copies of the Vietnamese ones.

    Raises:
        InputError: If the file is no PDF or picture.
    """
    opened = open_blank(blank, head, dpi, pixels_only=pixels_only)
    return form_toml(opened.document.template(), _head_notes(opened), _notes(opened))


def _head_notes(opened: Opened) -> list[str]:
    notes = ["review: every field below is a proposal; English labels are copies of the printed ones"]
    pages = opened.document.pages
    notes += [f"review: page {p.number} has no print to tell it by" for p in pages if not p.anchors]
    notes += [
        f"review: left out, covered by other fields: {name} on page {page}" for name, page in opened.left_out
    ]
    return notes


def _notes(opened: Opened) -> dict[str, list[str]]:
    covered = dict(opened.covered)
    notes: dict[str, list[str]] = {}
    for field in opened.document.fields:
        told = []
        if field.handle in opened.unlabelled:
            told.append("review: no label was found")
        if field.confidence < _UNSURE:
            told.append(f"review: unsure ({field.confidence:.2f})")
        if field.handle in covered:
            told.append(f"review: {covered[field.handle]} of its places are covered by other fields")
        notes[field.spec.id] = told
    return notes


__all__ = ["FormHead", "propose"]
