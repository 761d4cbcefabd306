"""The books of the night: where every file and every page stands.

A file is *taken in* when its bytes are durable, *opened* when each of its pages has a state of its own. A
page is *taken in*, then *read*, *held*, *quarantined*, *set aside* (a blank back, a separator sheet) or a
*duplicate*; a read page is *drafted* once its document is complete. What follows (gated, released, discarded)
is the draft's, and is told from there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from formscan.model.page import Held, Source
from formscan.model.record import ReadPage
from formscan.model.split import Placed

CHOSEN_FORM: Final = "form.chosen:"
"""Begins the note of a page whose form a person named."""


class WorkState(StrEnum):
    """Where a file or a page stands."""

    TAKEN_IN = "taken_in"
    OPENED = "opened"
    READ = "read"
    HELD = "held"
    QUARANTINED = "quarantined"
    DUPLICATE = "duplicate"
    SET_ASIDE = "set_aside"
    """Paper that carries nothing: the blank back of a sheet in a file of several pages, a separator sheet."""
    DRAFTED = "drafted"
    REPLACED = "replaced"
    """A file that could not be taken in and was later; it counts no more."""


@dataclass(frozen=True, slots=True, order=True)
class PageKey:
    """A page of the ledger: the file's id and the page's place within it, 0-based; -1 is the file itself."""

    file_id: str
    index: int = -1


@dataclass(frozen=True, slots=True)
class Stand:
    """How a file's pages are to be worked on.

    Attributes:
        stack: Files of one stack are put together to documents in the order they were taken in.
        folder: Folder (or other origin) it is counted under.
        priority: Higher goes first.
        department: Whose clerks get it; may be empty.
        form_id: Only this form is tried; empty for all.
        scanner: Name of the device, where known.
    """

    stack: str
    folder: str = ""
    priority: int = 0
    department: str = ""
    form_id: str = ""
    scanner: str = ""


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file that comes in.

    Attributes:
        place: Where it was found: an absolute path, with ``!/member`` for members of archives.
        name: As ``Source.name`` shows it.
        sha256: Of its bytes, which lie durably under that name; empty where it was refused before.
        bytes_len: Of the file as found.
        mtime_ns: Of the file as found; with the length it tells that a file is known without reading it.
        refused: Why its bytes were not taken.
    """

    place: str
    name: str
    sha256: str
    bytes_len: int
    mtime_ns: int
    stand: Stand
    refused: Held | None = None


@dataclass(frozen=True, slots=True)
class LedgerFile:
    """A file as the ledger has it.

    Attributes:
        pages: How many it has; ``None`` while nobody opened it.
        opened: Pages that have a state of their own.
        of: The file of which it is a copy, if it is one.
        held: Why it was not opened, with stage and facts.
    """

    id: str
    place: str
    name: str
    sha256: str
    bytes_len: int
    mtime_ns: int
    stand: Stand
    position: int
    state: WorkState
    pages: int | None
    opened: int
    attempts: int
    of: str
    worker: str
    taken_at: datetime
    changed_at: datetime
    held: Held | None = None

    @property
    def key(self) -> PageKey:
        """Its key."""
        return PageKey(self.id)


@dataclass(frozen=True, slots=True)
class StoredPage:
    """A page whose image is durable and waits to be read: a reference, never pixels."""

    source: Source
    image_sha256: str
    image_bytes: int
    media_type: str
    dpi: float
    notes: tuple[str, ...] = ()

    @property
    def chosen_form(self) -> str:
        """The form a person named for this page, or empty."""
        return next((n.removeprefix(CHOSEN_FORM) for n in self.notes if n.startswith(CHOSEN_FORM)), "")


@dataclass(frozen=True, slots=True)
class PageOutcome:
    """What a worker says about one page.

    Attributes:
        index: Place within the file, 0-based.
        stored: Its image; ``None`` where there is none.
        result: How it was read or why not; ``None`` where it still has to be read.
        pixel_sha256: Of its pixels; the same page in another lossless file has the same.
        sheet: Packed ink for the search of near duplicates; may be empty.
        stages: Seconds of process time a stage, in the order gone through.
        engine: Program and readers.
        model: Weights of the readers.
    """

    index: int
    stored: StoredPage | None
    result: ReadPage | Held | None
    pixel_sha256: str = ""
    sheet: bytes = b""
    stages: tuple[tuple[str, float], ...] = ()
    engine: str = ""
    model: str = ""


@dataclass(frozen=True, slots=True)
class FileOutcome:
    """What a worker found in a file.

    Attributes:
        file_id: Of the ledger.
        pages: How many the file has; ``None`` where these are outcomes of pages that are known already.
        outcomes: Of some of its pages.
        worker: Who worked.
    """

    file_id: str
    pages: int | None
    outcomes: tuple[PageOutcome, ...]
    worker: str = ""


@dataclass(frozen=True, slots=True)
class LedgerPage:
    """A page as the ledger has it.

    Attributes:
        settled: Its place among the documents of its stack is decided.
        form_page: Page of the form it was read as, 0 where it was not.
        held: Why it was not read, or of what it is a copy.
        draft_id: The draft it is part of, or empty.
        stages: Seconds of process time a stage.
        placed: Where it stands among the records and documents of its stack, once that is decided.
    """

    key: PageKey
    stack: str
    position: int
    source: Source
    state: WorkState
    settled: bool
    attempts: int
    worker: str
    form_id: str
    form_version: str
    form_page: int
    engine: str
    model: str
    draft_id: str
    pixel_sha256: str
    stages: tuple[tuple[str, float], ...]
    taken_at: datetime
    changed_at: datetime
    stored: StoredPage | None = None
    held: Held | None = None
    placed: Placed | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A line in the history of a file or page: never changed, never deleted."""

    key: PageKey
    step: int
    at: datetime
    state: WorkState
    reason: str
    who: str


@dataclass(frozen=True, slots=True)
class Balance:
    """In = released + drafted + held + quarantined + duplicates + set aside, and what still waits.

    Attributes:
        taken_in: Pages of the files that came in, as the files say; a file nobody could open counts as one.
        waiting: Pages that are to be read, or whose document is not complete.
        discarded: Pages of drafts a person closed without an entry.
        set_aside: Blank backs and separator sheets.
        by_reason: Held, quarantined, duplicate and set-aside pages by reason.
        by_form: Drafted and released pages by form.
    """

    taken_in: int = 0
    waiting: int = 0
    drafted: int = 0
    gated: int = 0
    released: int = 0
    discarded: int = 0
    held: int = 0
    quarantined: int = 0
    duplicates: int = 0
    set_aside: int = 0
    files: int = 0
    by_reason: Mapping[str, int] = field(default_factory=dict)
    by_form: Mapping[str, int] = field(default_factory=dict)

    @property
    def accounted(self) -> int:
        """Pages that are somewhere."""
        done = self.released + self.gated + self.drafted + self.discarded
        return done + self.held + self.quarantined + self.duplicates + self.set_aside + self.waiting

    @property
    def balances(self) -> bool:
        """Whether every page that came in is accounted for."""
        return self.taken_in == self.accounted
