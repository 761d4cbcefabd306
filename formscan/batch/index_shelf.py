"""Keeps the index of known pages between runs: drawing and describing all of them takes a minute."""

from __future__ import annotations

import hashlib
import os
import pickle
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import platformdirs

from formscan.engines.protocol import Reader
from formscan.logs import get_logger
from formscan.pipeline.blanks import code_digest
from formscan.pipeline.identify import PATTERNS_KEPT, FormIndex
from formscan.pipeline.run import Line
from formscan.templates import TemplateLibrary, render_page

_DIGEST: Final = 32
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

    The file is made by this program for this user (it is a pickle: nobody else's is to be put there). One
    that is cut short, changed or of another Python is made again.

    Args:
        library: Its forms' digests, and the code that describes pages, name the file.
        folder: Shelf; the user's cache folder by default.
    """
    path = (folder or _shelf()) / f"{_key(library)}.index"
    kept = _load(path)
    if kept is not None:
        return kept
    index = KeptIndex(library)
    if all(form.digest for form in library.forms):  # a form without a digest was never a file
        _keep(index, path)
    return index


def keep_ready(library: TemplateLibrary, folder: Path | None = None) -> None:
    """See that the index stands on the shelf, made once before many ask for it, and do not take it up.

    Whoever opens it looks whether it is whole.
    """
    if not ((folder or _shelf()) / f"{_key(library)}.index").is_file():
        open_index(library, folder)


def open_line(
    library: TemplateLibrary,
    readers: Sequence[Reader],
    folder: Path | None = None,
    only: frozenset[str] = frozenset(),
) -> Line:
    """The line over a library, with what it knows of pages taken from the shelf where it stands there."""
    shelf = folder or _shelf()
    return Line(open_index(library, shelf), readers, render_page, only, pages=shelf)


def _shelf() -> Path:
    return platformdirs.user_cache_path("formscan", appauthor=False) / "index"


def _key(library: TemplateLibrary) -> str:
    told = hashlib.sha256(code_digest().encode())
    for form in library.forms:
        told.update(f"{form.id} {form.version} {form.digest}\n".encode())
    return told.hexdigest()[:40]


def _load(path: Path) -> FormIndex | None:
    try:
        with path.open("rb") as file:  # read twice, from one open file: it is never in memory as a whole
            digest = file.read(_DIGEST)
            if hashlib.file_digest(file, "sha256").digest() != digest:
                return None
            file.seek(_DIGEST)
            found = pickle.load(file)
    except (OSError, pickle.UnpicklingError, AttributeError, ImportError, TypeError, EOFError):
        return None
    return found if isinstance(found, FormIndex) else None


def _keep(index: FormIndex, path: Path) -> None:
    """Write beside and put in place; a shelf that cannot be written is told and done without."""
    try:
        body = pickle.dumps(index, protocol=pickle.HIGHEST_PROTOCOL)
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(f".{os.getpid()}")
        fresh.write_bytes(hashlib.sha256(body).digest() + body)
        fresh.replace(path)
        old = sorted(path.parent.glob("*.index"), key=lambda p: p.stat().st_mtime)[:-_KEPT]
        for one in old:
            one.unlink(missing_ok=True)
    except (OSError, pickle.PicklingError) as error:
        get_logger().warning("index_not_kept", error=type(error).__name__)
