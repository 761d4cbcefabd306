"""Page images in a bucket that several machines see, through fsspec.

Object stores write an object whole or not at all and answer when it is safe; so there is no temporary name
and no flush here. A plain network folder should be given as a path, not as a URL: ``ImageFolder`` flushes.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import fsspec  # type: ignore[import-untyped]  # it comes without types

from formscan.errors import NotFoundError, StoreError


class ImageBucket:
    """Images ``ab/cd/abcd...`` under an fsspec URL.

    Args:
        url: e.g. ``s3://bucket/formscan``; options come from the environment, as fsspec reads them.

    Raises:
        StoreError: ``store.images_url`` where no file system of that kind is installed.
    """

    def __init__(self, url: str) -> None:
        try:
            system, root = fsspec.core.url_to_fs(url)
        except (ImportError, ValueError) as error:
            raise StoreError("store.images_url", scheme=url.partition("://")[0]) from error
        self._system: Any = system
        self._root = str(root).rstrip("/")

    def _key(self, sha256: str) -> str:
        if len(sha256) != 64 or not sha256.isalnum():
            raise NotFoundError("store.no_such_image")
        return f"{self._root}/{sha256[:2]}/{sha256[2:4]}/{sha256}"

    def put(self, data: bytes, sha256: str) -> None:
        """See ``Images``.

        Raises:
            StoreError: ``store.image_not_written``.
        """
        if self.lies(sha256, len(data)):
            return
        key = self._key(sha256)
        try:
            self._system.makedirs(key.rpartition("/")[0], exist_ok=True)
            self._system.pipe_file(key, data)
        except OSError as error:
            raise StoreError("store.image_not_written", errno=error.errno) from error

    def take(self, source: Path) -> tuple[str, int]:
        """See ``Images``; the file is held in memory, whose size the intake bounds.

        Raises:
            OSError: If the file cannot be read.
            StoreError: ``store.image_not_written``.
        """
        data = source.read_bytes()
        sha256 = hashlib.sha256(data).hexdigest()
        self.put(data, sha256)
        return sha256, len(data)

    def lies(self, sha256: str, bytes_len: int) -> bool:
        """See ``Images``."""
        try:
            return int(self._system.info(self._key(sha256))["size"]) == bytes_len
        except FileNotFoundError:
            return False
        except OSError as error:
            raise StoreError("store.image_unreadable", sha256=sha256, errno=error.errno) from error

    def get(self, sha256: str) -> bytes:
        """See ``Images``.

        Raises:
            NotFoundError: ``store.no_such_image``.
            StoreError: ``store.image_damaged`` or ``store.image_unreadable``.
        """
        try:
            data: bytes = self._system.cat_file(self._key(sha256))
        except FileNotFoundError:
            raise NotFoundError("store.no_such_image", sha256=sha256) from None
        except OSError as error:
            raise StoreError("store.image_unreadable", sha256=sha256, errno=error.errno) from error
        if hashlib.sha256(data).hexdigest() != sha256:
            raise StoreError("store.image_damaged", sha256=sha256)
        return data

    @contextmanager
    def local(self, sha256: str) -> Iterator[Path]:
        """See ``Images``; a temporary copy."""
        data = self.get(sha256)
        with tempfile.TemporaryDirectory(prefix="formscan-") as folder:
            path = Path(folder) / "file"
            path.write_bytes(data)
            yield path
