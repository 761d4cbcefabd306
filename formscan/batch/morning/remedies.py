"""What a person can do about a page that was not read; each remedy is one call and one line in the trail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Final

from formscan.errors import NotFoundError
from formscan.model.ledger import CHOSEN_FORM, PageKey, StoredPage
from formscan.model.people import SYSTEM
from formscan.store import Store

QUARTERS: Final = (90, 180, 270)
"""Degrees clockwise."""


class Remedy(StrEnum):
    """What can be done about a held page."""

    ROTATE = "rotate"
    FORM = "form"
    RESCAN = "rescan"
    RETRY = "retry"
    GIVE_UP = "give_up"
    FILE = "file"
    """Make a document of it as it is: labels and values are proposed from the page itself."""


MARKS: Final = {Remedy.RESCAN: "remedy.rescan", Remedy.GIVE_UP: "remedy.given_up"}
"""Remedies that leave the page held, under another reason."""

_PIXELS: Final = (Remedy.RETRY, Remedy.ROTATE, Remedy.FORM, Remedy.RESCAN, Remedy.GIVE_UP)
_PAPER: Final = (Remedy.RESCAN, Remedy.RETRY, Remedy.GIVE_UP)
_AGAIN: Final = (Remedy.RETRY, Remedy.RESCAN, Remedy.GIVE_UP)
FOR_REASON: Final[dict[str, tuple[Remedy, ...]]] = {
    "identify": (Remedy.FORM, Remedy.FILE, Remedy.ROTATE, Remedy.RESCAN, Remedy.RETRY, Remedy.GIVE_UP),
    "identify.cropped": (
        Remedy.RESCAN,
        Remedy.FORM,
        Remedy.FILE,
        Remedy.ROTATE,
        Remedy.RETRY,
        Remedy.GIVE_UP,
    ),
    "identify.no_form": (
        Remedy.FILE,
        Remedy.FORM,
        Remedy.ROTATE,
        Remedy.RESCAN,
        Remedy.RETRY,
        Remedy.GIVE_UP,
    ),
    "align": (Remedy.RESCAN, Remedy.ROTATE, Remedy.FORM, Remedy.FILE, Remedy.RETRY, Remedy.GIVE_UP),
    "clean": (Remedy.RESCAN, Remedy.ROTATE, Remedy.RETRY, Remedy.GIVE_UP),
    "clean.blank_page": (Remedy.GIVE_UP, Remedy.RESCAN, Remedy.ROTATE, Remedy.RETRY),
    "collate": (Remedy.FORM, Remedy.RETRY, Remedy.RESCAN, Remedy.GIVE_UP),
    "read": (*_AGAIN[:1], Remedy.ROTATE, Remedy.FORM, *_AGAIN[1:]),
    "acquire": _PAPER,
    "acquire.timeout": _AGAIN,
    "acquire.no_poppler": _AGAIN,
    "acquire.no_space": _AGAIN,
    "acquire.unreadable": _AGAIN,
    "acquire.vanished": _AGAIN,
    "acquire.unknown_kind": (Remedy.GIVE_UP, Remedy.RESCAN, Remedy.RETRY),
    "remedy.rescan": (Remedy.GIVE_UP, Remedy.RETRY, Remedy.ROTATE, Remedy.FORM, Remedy.FILE),
    "remedy.given_up": (Remedy.RETRY, Remedy.RESCAN),
}
"""Remedies of a reason, the likeliest first; a reason that is not here has those of its stage."""


def remedies_for(reason: str) -> tuple[Remedy, ...]:
    """What can be done, the likeliest first."""
    while reason not in FOR_REASON:
        head, dot, _ = reason.rpartition(".")
        if not dot:
            return _PIXELS
        reason = head
    return FOR_REASON[reason]


def remedy(store: Store, keys: Sequence[PageKey], what: Remedy, person: str, value: str = "") -> int:
    """Apply a remedy to held files and pages.

    Args:
        store: The memory.
        keys: Files and pages; those that moved meanwhile are left alone.
        what: The remedy.
        person: Who says so.
        value: Degrees clockwise (90, 180, 270) to rotate; id of the form to choose.

    Returns:
        To how many it was applied: a file that could not be opened has no page to be turned, and one whose
        bytes were never kept cannot be tried again but by taking in its folder again.

    Raises:
        NotFoundError: ``store.no_such_file`` or ``store.no_such_page``.
        ValueError: If the degrees are not those of a quarter turn, or no form is named.
    """
    if what in MARKS:
        return store.ledger.mark(keys, MARKS[what], person)
    if what is Remedy.RETRY:
        return store.ledger.requeue(keys, person, "remedy.retry")
    return sum(_amend(store, key, what, person, value) for key in keys if key.index >= 0)


def _amend(store: Store, key: PageKey, what: Remedy, person: str, value: str) -> bool:
    stored = store.ledger.page(key).stored
    if stored is None:
        return False
    if what is Remedy.ROTATE:
        amended = turned(store, stored, int(value or 90))
    else:
        if not value:
            raise ValueError("no form is named")
        notes = tuple(note for note in stored.notes if not note.startswith(CHOSEN_FORM))
        amended = replace(stored, notes=(*notes, f"{CHOSEN_FORM}{value}"))
    return store.ledger.amend(key, amended, person, f"remedy.{what.value}")


def turned(store: Store, stored: StoredPage, degrees: int) -> StoredPage:
    """A stored page turned clockwise by a quarter, a half or three quarters; pixel for pixel, as PNG.

    Raises:
        ValueError: For other angles.
    """
    if degrees not in QUARTERS:
        raise ValueError(f"not a quarter turn: {degrees}")
    from formscan.batch.morning.pictures import quarter_turned

    data = quarter_turned(store.get_image(stored.image_sha256, person=SYSTEM), degrees)
    sha256 = store.put_image(data, "image/png")
    notes = (*stored.notes, f"turned.{degrees}")
    return replace(stored, image_sha256=sha256, image_bytes=len(data), media_type="image/png", notes=notes)


def key_of(store: Store, file_id: str, index: int) -> PageKey:
    """The key of a file (index -1) or page by the beginning of the file's id, as people copy it.

    Raises:
        NotFoundError: ``store.no_such_file``; also where several files begin so.
    """
    if len(file_id) == 64:
        return PageKey(file_id, index)
    found = {key.file_id for key, _ in store.ledger.held() if key.file_id.startswith(file_id)}
    if len(found) != 1:
        raise NotFoundError("store.no_such_file", file=file_id, found=len(found))
    return PageKey(found.pop(), index)
