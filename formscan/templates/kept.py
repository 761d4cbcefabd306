"""Parsed forms kept between runs: parsing those that ship takes a second, taking them up a tenth of it."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from formscan.model.template import FormTemplate
from formscan.shelf import digest_of_code, put_by, shelf_folder, take_up
from formscan.templates.load import load_form

FILES_KEPT: Final = 400
"""Parsed forms that stay on the shelf, about 0.15 MB each."""


def load_kept(path: Path, folder: Path | None = None) -> FormTemplate:
    """Load one form, from the shelf where the same program parsed the same bytes before.

    A form with a mistake in it is never kept.

    Args:
        path: A ``form.toml``.
        folder: Shelf; the user's cache folder by default.

    Raises:
        TemplateError: As ``load_form``.
    """
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return load_form(path)  # tells what is wrong
    told = hashlib.sha256(f"{digest_of_code('templates', 'model')} {digest}".encode()).hexdigest()
    place = (folder or shelf_folder("forms")) / f"{told[:40]}.form"
    kept = take_up(place)
    if isinstance(kept, FormTemplate):
        return kept
    form = load_form(path)
    if form.digest == digest:  # else it was written to between the two looks
        put_by(form, place, FILES_KEPT)
    return form
