"""What took long to make and is kept between runs, in the user's cache folder; it may be deleted at any time.

A file holds a pickle behind its SHA-256. It is made by this program for this user: nobody else's is to be
put there. One that is cut short, changed or of another Python is made again; its name must tell what it was
made of.
"""

from __future__ import annotations

import gc
import hashlib
import io
import os
import pickle
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, BinaryIO, Final

import platformdirs

from formscan import __version__

_DIGEST: Final = 32


def shelf_folder(room: str) -> Path:
    """Where things of one kind stand; not created here."""
    return platformdirs.user_cache_path("formscan", appauthor=False) / room


@cache
def digest_of_code(*rooms: str) -> str:
    """SHA-256, hexadecimal, of this version, its Python, this module and those of some rooms of the program.

    Args:
        rooms: Names of packages of ``formscan``; what lies in their folders counts, deeper ones not.
    """
    told = hashlib.sha256(f"{__version__} {sys.version}".encode())
    here = Path(__file__).parent
    for source in (Path(__file__), *sorted(path for room in rooms for path in (here / room).glob("*.py"))):
        told.update(source.read_bytes())
    return told.hexdigest()


def take_up(path: Path) -> Any:
    """What stands there; ``None`` where it is missing or is not whole."""
    try:
        with path.open("rb") as file:  # read twice, from one open file: it is never in memory as a whole
            digest = file.read(_DIGEST)
            if hashlib.file_digest(file, "sha256").digest() != digest:
                return None
            file.seek(_DIGEST)
            with _no_search_for_garbage():
                return pickle.load(file)
    except (OSError, pickle.UnpicklingError, AttributeError, ImportError, TypeError, EOFError):
        return None


def put_by(thing: Any, path: Path, most: int) -> None:
    """Keep a thing as ``take_up`` finds it.

    Args:
        thing: Can be pickled.
        path: Named by what it was made of; its suffix tells the kind.
        most: So many files of that kind stay, the newest.
    """
    packed = io.BytesIO()
    try:
        _Packer(packed, protocol=pickle.HIGHEST_PROTOCOL).dump(thing)
    except pickle.PicklingError as error:
        _tell(path, error)
    else:
        body = packed.getvalue()
        put_in_place(path, lambda file: file.write(hashlib.sha256(body).digest() + body), most)


class _Packer(pickle.Pickler):
    """Dataclasses with slots are made again by their constructors.

    They have no ``__dict__`` to be filled at once; what ``dataclasses`` gives frozen ones takes twice as
    long.
    """

    def reducer_override(self, thing: object) -> Any:
        """Class and arguments of what is such a dataclass; the usual way for all else."""
        kind: type = type(thing)
        names = _arguments_of(kind)
        if names is None:
            return NotImplemented
        return kind, tuple(getattr(thing, name) for name in names)


@lru_cache(maxsize=4096)
def _arguments_of(kind: type) -> tuple[str, ...] | None:
    """Fields of a dataclass with slots whose constructor takes all of them in their order."""
    if not (is_dataclass(kind) and "__slots__" in kind.__dict__):
        return None
    parts = fields(kind)
    whole = all(part.init and not part.kw_only for part in parts)
    return tuple(part.name for part in parts) if whole else None


def put_in_place(path: Path, write: Callable[[BinaryIO], object], most: int) -> None:
    """Write beside and put in place; a folder that cannot be written is told and done without.

    Args:
        path: Named by what it was made of; its suffix tells the kind.
        write: Writes what is kept.
        most: So many files of that kind stay, the newest.
    """
    fresh = path.with_suffix(f".{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with fresh.open("wb") as file:
            write(file)
        fresh.replace(path)
        for old in sorted(path.parent.glob(f"*{path.suffix}"), key=_age)[:-most]:
            old.unlink(missing_ok=True)
    except OSError as error:
        _tell(path, error)


def _tell(path: Path, error: Exception) -> None:
    from formscan.logs import get_logger  # structlog takes a twentieth of the start of the window

    get_logger().warning("not_kept", kind=path.suffix[1:], error=type(error).__name__)


@contextmanager
def _no_search_for_garbage() -> Iterator[None]:
    """Ten thousands of objects that all stay: searching them for garbage takes as long as making them."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _age(path: Path) -> float:
    return path.stat().st_mtime if path.exists() else 0.0
