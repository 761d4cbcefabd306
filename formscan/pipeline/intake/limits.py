"""What the intake accepts, and the reasons for which it refuses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from formscan.errors import RefusedFileError


@dataclass(frozen=True, slots=True)
class AcquireLimits:
    """Bounds of the intake; everything beyond them is refused before it is decoded.

    Attributes:
        bytes: Of one file, or of one member of an archive.
        pixels: Of one page; A3 at 600 dpi has 70 million.
        pages: Of one file.
        page_s: Seconds in which a page of a PDF must be there.
        side_mm: Longest side of a page of a PDF.
        render_dpi: Resolution at which pages without an embedded scan are drawn.
        archive_members: Files in an archive.
        archive_bytes: Of everything in an archive, unpacked.
        archive_ratio: Unpacked to packed size of a member larger than a megabyte.
        worker_bytes: Address space of the process that opens PDFs (where the system can bound it).
    """

    bytes: int = 512 * 2**20
    pixels: int = 80_000_000
    pages: int = 2000
    page_s: float = 30.0
    side_mm: float = 1200.0
    render_dpi: int = 300
    archive_members: int = 10_000
    archive_bytes: int = 4 * 2**30
    archive_ratio: float = 200.0
    worker_bytes: int = 2 * 2**30


MIN_SIDE: Final = 32
"""Pixels below which a picture cannot be a page."""

REASONS: Final[dict[str, str]] = {
    "acquire.vanished": "The file is not there any more; check the folder or the network drive.",
    "acquire.unreadable": "The file may not be read; check its permissions or whether it is in use.",
    "acquire.empty": "The file has no bytes; copy or scan it again.",
    "acquire.unknown_kind": "Not a JPEG, PNG, TIFF, BMP, WebP, PDF or ZIP; scan it as one of these.",
    "acquire.too_large": "The file has more bytes than allowed; split it or scan at 300 dpi.",
    "acquire.too_many_pixels": "The page has more pixels than allowed; scan at 300 dpi.",
    "acquire.too_small": "The picture is too small to be a page; scan at 300 dpi.",
    "acquire.too_many_pages": "The file has more pages than allowed; split it.",
    "acquire.page_too_large": "The page of the PDF is larger than any paper; print it to A4.",
    "acquire.truncated": "The file stops before its end; copy or scan it again.",
    "acquire.malformed": "The file is damaged; copy or scan it again.",
    "acquire.encrypted": "The file is protected by a password; save it without one.",
    "acquire.no_pages": "The file or folder holds no page.",
    "acquire.timeout": "The page took too long to open; print it to a new PDF or scan it.",
    "acquire.crashed": "The page could not be opened and ended the program that tried; scan it from paper.",
    "acquire.no_poppler": "Poppler (pdftoppm) was not found; install it and take the file in again.",
    "acquire.nested_archive": "An archive within an archive is not opened; unpack it first.",
    "acquire.archive_too_large": "The archive unpacks to more than allowed; unpack and split it.",
    "acquire.archive_bomb": "The archive unpacks to far more than it should; it was not opened.",
    "acquire.no_space": "There is no room on the disk for temporary files; free some.",
}
"""Every reason the intake gives, with what it means and what to do; the window translates the codes."""

NOT_THE_FILES_FAULT: Final = frozenset(
    {
        "acquire.vanished",
        "acquire.unreadable",
        "acquire.unknown_kind",
        "acquire.no_pages",
        "acquire.no_poppler",
        "acquire.nested_archive",
        "acquire.no_space",
    }
)
"""Reasons that do not put a file into quarantine."""


def refuse(reason: str, **facts: object) -> RefusedFileError:
    """The error for one of ``REASONS``, e.g. ``refuse("truncated", kind="jpeg")``."""
    return RefusedFileError(f"acquire.{reason}", **facts)
