"""Taking in: files, folders and archives become pages, one in memory at a time, or reasons why not.

Reasons are listed with what to do about them in ``REASONS``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2

from formscan.errors import RefusedFileError
from formscan.model.page import Held, Page, Pixels, Source
from formscan.pipeline.duplicates import fingerprint
from formscan.pipeline.intake.kinds import Kind, kind_of, read_head
from formscan.pipeline.intake.limits import NOT_THE_FILES_FAULT, REASONS, AcquireLimits, refuse
from formscan.pipeline.intake.paper import settle_dpi
from formscan.pipeline.intake.pdf import pdf_pages
from formscan.pipeline.intake.raster import decode, single_picture
from formscan.pipeline.intake.raw import Found, RawPage
from formscan.pipeline.intake.stacks import Member, archive_members, folder_members
from formscan.pipeline.intake.tiff import tiff_pages

__all__ = ["REASONS", "AcquireLimits", "FoundFile", "acquire", "decode", "find_files", "pages_of"]


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file that may hold pages, or why it cannot be had.

    Attributes:
        name: As ``Source.name``.
        place: Where it was found: its path, with ``!/member`` for members of archives.
        path: Where its bytes lie now; of a member of an archive only until the next file is asked for.
        held: Why there are none.
    """

    name: str
    place: str
    path: Path
    held: Held | None = None


def acquire(path: Path, limits: AcquireLimits = AcquireLimits()) -> Iterator[Page | Held]:  # noqa: B008 - frozen
    """Take in a file, a folder with everything below it, or a ZIP of files.

    What a file is, is decided by its content. Nothing in it raises: whatever cannot be taken in is
    yielded as held, with one of ``REASONS``, in its place in the stack.

    Args:
        path: File or folder.
        limits: Beyond them a file is refused before it is decoded.

    Yields:
        Pages in stack order; each is released before the next is made.
    """
    for found in find_files(path, limits):
        if found.held is not None:
            yield found.held
        else:
            yield from pages_of(found.path, found.name, limits=limits)


def find_files(path: Path, limits: AcquireLimits = AcquireLimits()) -> Iterator[FoundFile]:  # noqa: B008 - frozen
    """The files of a folder or an archive, or the file itself, without opening them; see ``acquire``."""
    if path.is_dir():
        yield from _folder(path, limits)
    else:
        yield from _file(path, path.name, path.as_posix(), limits)


def pages_of(
    path: Path,
    name: str,
    sha256: str | None = None,
    limits: AcquireLimits = AcquireLimits(),  # noqa: B008 - frozen
    first: int = 0,
    most: int | None = None,
) -> Iterator[Page | Held]:
    """Pages of one file that is no folder and no archive.

    Args:
        path: Where its bytes lie.
        name: As ``Source.name``.
        sha256: Of its bytes; computed where left out.
        limits: Beyond them it is refused.
        first: Page to begin with, 0-based.
        most: How many; all where left out.

    Yields:
        Pages in order, or reasons why not.
    """
    source = Source(name, sha256 or "")
    try:
        kind = _kind(path, limits)
        source = Source(name, sha256 or _sha256(path))
        if kind is Kind.ZIP:
            raise refuse("nested_archive")
        for found in _pages(path, kind, limits, first, most):
            yield _settled(Source(name, source.sha256, found.index, found.count), found)
    except RefusedFileError as error:
        yield _held(source, error)
    except FileNotFoundError as error:
        yield _held(source, refuse("vanished", error=type(error).__name__))
    except OSError as error:
        yield _held(source, refuse("unreadable", error=type(error).__name__))


def _folder(root: Path, limits: AcquireLimits) -> Iterator[FoundFile]:
    empty = True
    for member in folder_members(root):
        empty = False
        yield from _member(member, member.name, f"{root.as_posix()}/{member.name}", limits)
    if empty:
        held = _held(Source(root.name, ""), refuse("no_pages", kind="folder"))
        yield FoundFile(root.name, root.as_posix(), root, held)


def _member(
    member: Member, name: str, place: str, limits: AcquireLimits, *, nested: bool = False
) -> Iterator[FoundFile]:
    if member.path is None:
        held = _held(Source(name, ""), member.refused or refuse("unreadable"))
        yield FoundFile(name, place, Path(place), held)
    else:
        yield from _file(member.path, name, place, limits, nested=nested)


def _file(
    path: Path, name: str, place: str, limits: AcquireLimits, *, nested: bool = False
) -> Iterator[FoundFile]:
    try:
        kind = _kind(path, limits)
        if kind is Kind.ZIP and nested:
            raise refuse("nested_archive")
        if kind is not Kind.ZIP:
            yield FoundFile(name, place, path)
            return
        for member in archive_members(path, limits):
            yield from _member(
                member, f"{name}!/{member.name}", f"{place}!/{member.name}", limits, nested=True
            )
    except RefusedFileError as error:
        yield FoundFile(name, place, path, _held(Source(name, ""), error))
    except FileNotFoundError as error:
        yield FoundFile(name, place, path, _gone(name, "vanished", error))
    except OSError as error:
        yield FoundFile(name, place, path, _gone(name, "unreadable", error))


def _gone(name: str, reason: str, error: OSError) -> Held:
    return _held(Source(name, ""), refuse(reason, error=type(error).__name__))


def _kind(path: Path, limits: AcquireLimits) -> Kind:
    size = path.stat().st_size
    if not path.is_file():
        raise refuse("unreadable", kind="special")
    if not size:
        raise refuse("empty")
    kind = kind_of(read_head(path))
    if kind is None:
        raise refuse("unknown_kind")
    if size > (limits.archive_bytes if kind is Kind.ZIP else limits.bytes):
        raise refuse("too_large", bytes=size, allowed=limits.bytes)
    return kind


def _pages(path: Path, kind: Kind, limits: AcquireLimits, first: int, most: int | None) -> Iterator[Found]:
    if kind is Kind.PDF:
        return pdf_pages(path, limits, first, most)
    if kind is Kind.TIFF:
        return tiff_pages(path, limits, first, most)
    return single_picture(path, kind, limits)


def _settled(source: Source, found: Found) -> Page | Held:
    if isinstance(found.page, RefusedFileError):
        return _held(source, found.page)
    return _page(source, found.page)


def _page(source: Source, raw: RawPage) -> Page:
    height, width = raw.pixels.shape[:2]
    (across, down), notes = settle_dpi(raw.dpi, width, height)
    pixels, encoded = raw.pixels, raw.encoded
    if across != down:
        pixels, encoded = _squared(pixels, across, down), None
    return Page(
        source=source,
        pixels=pixels,
        dpi=max(across, down),
        encoded=encoded,
        media_type=raw.media_type if encoded is not None else "image/png",
        fingerprint=fingerprint(pixels),
        notes=(*raw.notes, *notes),
    )


def _squared(pixels: Pixels, across: float, down: float) -> Pixels:
    """Stretch a fax whose lines lie further apart than its dots."""
    best = max(across, down)
    size = round(pixels.shape[1] * best / across), round(pixels.shape[0] * best / down)
    return cv2.resize(pixels, size, interpolation=cv2.INTER_LINEAR).astype("uint8", copy=False)


def _held(source: Source, error: RefusedFileError) -> Held:
    broken = error.code not in NOT_THE_FILES_FAULT
    return Held(source, "acquire", error.code, tuple(error.facts.items()), quarantined=broken)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
