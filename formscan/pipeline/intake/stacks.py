"""Folders and archives: which files they hold, in the order a person would name."""

from __future__ import annotations

import lzma
import os
import re
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from formscan.errors import RefusedFileError
from formscan.pipeline.intake.limits import AcquireLimits, refuse

CHUNK: Final = 1 << 20
RUBBISH: Final = frozenset({"thumbs.db", "desktop.ini", ".ds_store", ".scan.json", ".scan.jsonl"})
RUBBISH_FOLDERS: Final = frozenset({"__macosx", ".git", "@eadir", ".scanning"})
_ENCRYPTED: Final = 0x1
_OFFICE: Final = ("[Content_Types].xml", "mimetype")
_DAMAGE: Final = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    ValueError,
    RuntimeError,
    NotImplementedError,
    LookupError,
    OverflowError,
)
"""What ``zipfile`` raises on damaged or unknown content."""


@dataclass(frozen=True, slots=True)
class Member:
    """A file of a folder or an archive, or why it cannot be had.

    Attributes:
        name: To show, with ``/`` between folders, relative to the folder or archive.
        path: Where its bytes lie now; a temporary file for members of archives.
        refused: Why there is no path.
    """

    name: str
    path: Path | None
    refused: RefusedFileError | None = None


def natural(name: str) -> tuple[tuple[int, int, str], ...]:
    """Key that sorts ``page 10`` after ``page 9``."""
    parts = re.split(r"(\d+)", name.casefold())
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts if part)


def folder_members(root: Path) -> Iterator[Member]:
    """All files below a folder, naturally sorted; links to folders are not followed."""
    found: list[tuple[str, Path]] = []
    problems: list[OSError] = []
    for place, folders, files in os.walk(root, onerror=problems.append):
        folders[:] = [name for name in folders if name.casefold() not in RUBBISH_FOLDERS]
        found += [(_relative(Path(place) / name, root), Path(place) / name) for name in files]
    for problem in problems:
        name = _relative(Path(problem.filename), root) if problem.filename else root.name
        yield Member(name, None, refuse("unreadable", error=type(problem).__name__))
    for name, path in sorted(found, key=lambda item: _stack_key(item[0])):
        if not _is_rubbish(name):
            yield Member(name, path)


def archive_members(archive: Path, limits: AcquireLimits) -> Iterator[Member]:
    """The files of a ZIP, naturally sorted, each in a temporary file until the next is asked for.

    No name of the archive is used as a path, so that a member called ``../x`` does no harm.

    Raises:
        RefusedFileError: If the archive is damaged or unpacks to more than allowed.
    """
    try:
        opened = zipfile.ZipFile(archive)
    except _DAMAGE as error:
        raise refuse("malformed", kind="zip", error=type(error).__name__) from error
    with opened:
        infos = [info for info in opened.infolist() if not info.is_dir() and not _is_rubbish(info.filename)]
        _check_archive(opened.namelist(), infos, limits)
        left = limits.archive_bytes
        with tempfile.TemporaryDirectory(prefix="formscan-") as room:
            for info in sorted(infos, key=lambda info: _stack_key(_clean_name(info.filename))):
                member = _unpacked(opened, info, Path(room) / "member", min(left, limits.bytes), limits)
                left -= member.path.stat().st_size if member.path else 0
                yield member
                if member.path:
                    member.path.unlink(missing_ok=True)


def _check_archive(names: list[str], infos: list[zipfile.ZipInfo], limits: AcquireLimits) -> None:
    if any(name in _OFFICE for name in names):
        raise refuse("unknown_kind", kind="office")
    if len(infos) > limits.archive_members:
        raise refuse("archive_too_large", members=len(infos), allowed=limits.archive_members)
    total = sum(info.file_size for info in infos)
    if total > limits.archive_bytes:
        raise refuse("archive_too_large", bytes=total, allowed=limits.archive_bytes)
    packed = sum(info.compress_size for info in infos)
    if total > limits.archive_ratio * max(packed, CHUNK):
        raise refuse("archive_bomb", bytes=total, packed=packed)


def _unpacked(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, to: Path, allowed: int, limits: AcquireLimits
) -> Member:
    name = _clean_name(info.filename)
    if info.flag_bits & _ENCRYPTED:
        return Member(name, None, refuse("encrypted", kind="zip"))
    if stat.S_ISLNK(info.external_attr >> 16):
        return Member(name, None, refuse("unknown_kind", kind="link"))
    if info.file_size > limits.archive_ratio * max(info.compress_size, CHUNK / limits.archive_ratio):
        return Member(name, None, refuse("archive_bomb", bytes=info.file_size, packed=info.compress_size))
    try:
        with archive.open(info) as packed, to.open("wb") as out:
            if not _copy(packed, out, allowed):
                return Member(name, None, refuse("too_large", allowed=allowed))
    except _DAMAGE as error:
        return Member(name, None, refuse("malformed", kind="zip", error=type(error).__name__))
    except OSError as error:
        return Member(name, None, refuse("no_space", error=type(error).__name__))
    return Member(name, to)


def _copy(packed: IO[bytes], out: IO[bytes], allowed: int) -> bool:
    """Copy at most ``allowed`` bytes, whatever the archive says about its size."""
    copied = 0
    while chunk := packed.read(CHUNK):
        copied += len(chunk)
        if copied > allowed:
            return False
        out.write(chunk)
    return True


def _relative(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name


def _clean_name(name: str) -> str:
    """A member's name without what would confuse a log or a screen."""
    return "".join(c if c.isprintable() else "?" for c in name.replace("\\", "/"))


def _stack_key(name: str) -> tuple[object, ...]:
    """Files of a folder stay together, each level sorted naturally."""
    return tuple(natural(part) for part in name.split("/"))


def _is_rubbish(name: str) -> bool:
    *folders, last = name.replace("\\", "/").casefold().split("/")
    return last in RUBBISH or last.startswith("._") or any(folder in RUBBISH_FOLDERS for folder in folders)
