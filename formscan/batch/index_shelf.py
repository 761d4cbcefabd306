"""Keeps the index of known pages between runs: drawing and describing all of them takes a minute."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from formscan.batch.index_place import index_file, index_folder
from formscan.engines.protocol import Reader
from formscan.pipeline.identify import PATTERNS_KEPT, FormIndex
from formscan.pipeline.run import Line
from formscan.shelf import put_by, take_up
from formscan.templates import TemplateLibrary, render_page

_KEPT: Final = 4
"""Indexes that stay: one a set of forms somebody works with."""


class KeptIndex(FormIndex):
    """The index without what it makes ready while it works: that is made again by whoever takes it up."""

    def __getstate__(self) -> dict[str, Any]:
        state = self.__dict__.copy()
        state.pop("_pattern", None)
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._pattern = lru_cache(maxsize=PATTERNS_KEPT)(self._made_ready)


def open_index(library: TemplateLibrary, folder: Path | None = None) -> FormIndex:
    """The index of a library, from the shelf where the same program made it from the same forms.

    Args:
        library: Its forms.
        folder: Shelf; the user's cache folder by default.
    """
    path = index_file(library, folder)
    kept = take_up(path)
    if isinstance(kept, FormIndex):
        return kept
    index = KeptIndex(library)
    if all(form.digest for form in library.forms):  # a form without a digest was never a file
        put_by(index, path, _KEPT)
    return index


def open_line(
    library: TemplateLibrary,
    readers: Sequence[Reader],
    folder: Path | None = None,
    only: frozenset[str] = frozenset(),
) -> Line:
    """The line over a library, with what it knows of pages taken from the shelf where it stands there."""
    shelf = folder or index_folder()
    return Line(open_index(library, shelf), readers, render_page, only, pages=shelf)
