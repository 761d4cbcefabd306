"""The paper trail of a scan job: what was ordered, every sheet that is safe, every stop.

One JSON line a fact in ``.scan.jsonl`` beside the pages, flushed to the disk before a sheet counts as
kept. ``.scan.json`` is written when the job is finished: a folder that has the first without the second is
still being scanned into. The dots keep both out of what is taken in.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from formscan.errors import ScannerError

OPEN_NAME: Final = ".scan.jsonl"
DONE_NAME: Final = ".scan.json"


def write_durably(path: Path, data: bytes) -> None:
    """Write a file so that neither a crash nor a power cut leaves half of it under its name.

    Raises:
        OSError: Where the disk refuses; the name is then as it was.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        with temporary.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Flush a folder's names to the disk; Windows has no such call and keeps its journal itself."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class JobJournal:
    """The lines of one job.

    Args:
        folder: Of the job.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / OPEN_NAME

    def begin(self, order: Mapping[str, Any]) -> None:
        """Write the first line.

        Raises:
            ScannerError: ``scanner.job_exists`` if there is a job in the folder.
        """
        if self._path.exists():
            raise ScannerError("scanner.job_exists", folder=self._path.parent.name)
        write_durably(self._path, _line({"order": dict(order)}))
        sync_folder(self._path.parent.parent)

    def add(self, record: Mapping[str, Any]) -> None:
        """Append a line and see it on the disk."""
        with self._path.open("ab") as file:
            file.write(_line(record))
            file.flush()
            os.fsync(file.fileno())

    def read(self) -> list[dict[str, Any]]:
        """All lines; one that a power cut left unfinished is taken away.

        Raises:
            ScannerError: ``scanner.no_job`` if the folder has none, ``scanner.job_damaged``.
        """
        try:
            data = self._path.read_bytes()
        except FileNotFoundError:
            raise ScannerError("scanner.no_job", folder=self._path.parent.name) from None
        whole, _, torn = data.rpartition(b"\n")
        if torn:
            write_durably(self._path, whole + b"\n" if whole else b"")
        try:
            records: list[dict[str, Any]] = [json.loads(line) for line in whole.splitlines() if line]
        except ValueError as error:
            raise ScannerError("scanner.job_damaged", folder=self._path.parent.name) from error
        if not records or "order" not in records[0]:
            raise ScannerError("scanner.job_damaged", folder=self._path.parent.name)
        return records


def _line(record: Mapping[str, Any]) -> bytes:
    return (json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n").encode()
