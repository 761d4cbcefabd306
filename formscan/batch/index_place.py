"""Where the index of known pages is kept between runs; looking there loads nothing that works on pixels."""

from __future__ import annotations

import hashlib
from pathlib import Path

from formscan.pipeline.edition import code_digest
from formscan.shelf import shelf_folder
from formscan.templates import TemplateLibrary


def index_folder() -> Path:
    """The shelf of indexes and of what is known of single pages."""
    return shelf_folder("index")


def index_file(library: TemplateLibrary, folder: Path | None = None) -> Path:
    """The file of a library's index: its forms' digests, and the code that describes pages, name it."""
    told = hashlib.sha256(code_digest().encode())
    for form in library.forms:
        told.update(f"{form.id} {form.version} {form.digest}\n".encode())
    return (folder or index_folder()) / f"{told.hexdigest()[:40]}.index"


def keep_ready(library: TemplateLibrary, folder: Path | None = None) -> None:
    """See that the index stands on the shelf, made once before many ask for it, and do not take it up.

    Whoever opens it looks whether it is whole.
    """
    if not index_file(library, folder).is_file():
        from formscan.batch.index_shelf import open_index

        open_index(library, folder)
