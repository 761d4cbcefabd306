"""Page images as files named by their SHA-256, written so that neither a crash nor a power cut loses one.

A file is written under a temporary name in its own folder, flushed to the disk, renamed, and its folder
flushed too: without the last step a power cut can take back the rename. A file without a row in the
database is harmless; a row without a file cannot come about, because the row is written afterwards.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final, Protocol

from formscan.errors import NotFoundError, StoreError

_HEX: Final = frozenset("0123456789abcdef")
_CHUNK: Final = 1 << 20
_HALF_COPY: Final = re.compile(r"\.[0-9a-f]{16}\.part")
_ABANDONED_AFTER_S: Final = 24 * 3600.0
"""A copy under way is written to all the time; a day also covers clocks of machines that differ."""


class Images(Protocol):
    """Where page images and copies of files lie, by their SHA-256: a folder, or a bucket all machines see."""

    def put(self, data: bytes, sha256: str) -> None:
        """Make sure that ``data`` lies durably under its name."""
        ...

    def take(self, source: Path) -> tuple[str, int]:
        """Copy a file so that its bytes lie durably under their name; SHA-256 and length."""
        ...

    def lies(self, sha256: str, bytes_len: int) -> bool:
        """Whether a file of that name and length is there, without reading it."""
        ...

    def get(self, sha256: str) -> bytes:
        """The bytes of an image, verified."""
        ...

    def local(self, sha256: str) -> AbstractContextManager[Path]:
        """A path of the image for programs that want one."""
        ...


def open_images(place: str) -> Images:
    """The images in a folder, or in a bucket where ``place`` is an fsspec URL (``s3://bucket/path``)."""
    if "://" not in place:
        return ImageFolder(Path(place))
    from formscan.store.bucket import ImageBucket

    return ImageBucket(place)


class ImageFolder:
    """A folder of images, ``ab/cd/abcd...``.

    Args:
        root: Created where missing.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._swept = False

    def path(self, sha256: str) -> Path:
        """Where the image of that name lies.

        Raises:
            NotFoundError: If the name is no SHA-256 in small hexadecimal letters.
        """
        if len(sha256) != 64 or not _HEX.issuperset(sha256):
            raise NotFoundError("store.no_such_image")
        return self.root / sha256[:2] / sha256[2:4] / sha256

    def put(self, data: bytes, sha256: str) -> None:
        """Make sure that ``data`` lies durably under its name.

        Raises:
            StoreError: ``store.image_not_written`` where the disk refuses.
        """
        path = self.path(sha256)
        try:
            if _holds(path, sha256):
                _sync_folder(path.parent)  # another writer may have died before it got there
                return
            _make_durable_folder(path.parent, self.root)
            _write(path, data)
        except OSError as error:
            raise StoreError("store.image_not_written", errno=error.errno) from error

    def take(self, source: Path) -> tuple[str, int]:
        """Copy a file so that its bytes lie durably under their name.

        Returns:
            SHA-256 and length of the bytes that were copied, whatever happens to the file afterwards.

        Raises:
            OSError: If the file cannot be read.
            StoreError: ``store.image_not_written`` where the disk refuses.
        """
        with source.open("rb") as file:
            try:
                _make_durable_folder(self.root, self.root)
                self._sweep_once()
                temporary, sha256, length = _copied(file, self.root)
            except OSError as error:
                raise StoreError("store.image_not_written", errno=error.errno) from error
        path = self.path(sha256)
        try:
            if self.lies(sha256, length) and _holds(path, sha256):
                temporary.unlink()
            else:
                _make_durable_folder(path.parent, self.root)
                _put_in_place(temporary, path)
            _sync_folder(path.parent)
        except OSError as error:
            raise StoreError("store.image_not_written", errno=error.errno) from error
        return sha256, length

    def _sweep_once(self) -> None:
        """Remove half copies that a crashed intake left; nothing refers to them, files are copied anew."""
        if self._swept:
            return
        self._swept = True
        before = time.time() - _ABANDONED_AFTER_S
        for each in self.root.iterdir():
            if _HALF_COPY.fullmatch(each.name):
                with suppress(OSError):  # another process sweeps too, or Windows holds it open: next time
                    if each.stat().st_mtime < before:
                        each.unlink()

    @contextmanager
    def local(self, sha256: str) -> Iterator[Path]:
        """A path of the image for programs that want one.

        Raises:
            NotFoundError: ``store.no_such_image``.
        """
        path = self.path(sha256)
        if not path.is_file():
            raise NotFoundError("store.no_such_image", sha256=sha256)
        yield path

    def lies(self, sha256: str, bytes_len: int) -> bool:
        """Whether a file of that name and length is there, without reading it."""
        try:
            return self.path(sha256).stat().st_size == bytes_len
        except OSError:
            return False

    def get(self, sha256: str) -> bytes:
        """The bytes of an image, verified.

        Raises:
            NotFoundError: ``store.no_such_image``.
            StoreError: ``store.image_damaged`` where the bytes are not those that were stored.
        """
        try:
            data = self.path(sha256).read_bytes()
        except FileNotFoundError:
            raise NotFoundError("store.no_such_image", sha256=sha256) from None
        except OSError as error:
            raise StoreError("store.image_unreadable", sha256=sha256, errno=error.errno) from error
        if hashlib.sha256(data).hexdigest() != sha256:
            raise StoreError("store.image_damaged", sha256=sha256)
        return data


def _holds(path: Path, sha256: str) -> bool:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest() == sha256
    except FileNotFoundError:
        return False


def _write(path: Path, data: bytes) -> None:
    temporary = path.with_name(f".{path.name[:16]}.{secrets.token_hex(8)}.part")
    try:
        with temporary.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    _put_in_place(temporary, path)
    _sync_folder(path.parent)


def _copied(file: BinaryIO, folder: Path) -> tuple[Path, str, int]:
    """Copy an open file under a temporary name, flushed to the disk: its path, SHA-256 and length."""
    temporary = folder / f".{secrets.token_hex(8)}.part"
    digest, length = hashlib.sha256(), 0
    try:
        with temporary.open("xb") as out:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
                length += len(chunk)
                out.write(chunk)
            out.flush()
            os.fsync(out.fileno())
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    return temporary, digest.hexdigest(), length


def _put_in_place(temporary: Path, path: Path) -> None:
    try:
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        if not _holds(path, path.name):  # on Windows a reader may keep a file from being replaced
            raise


def _make_durable_folder(folder: Path, root: Path) -> None:
    """Create ``folder`` and flush every folder that got a new name in it, ``root``'s parent included."""
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for each in {made.parent for made in missing} | {folder.parent, root}:
        _sync_folder(each)


def _sync_folder(folder: Path) -> None:
    """Flush a folder's names to the disk; Windows has no such call and keeps its journal itself."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
