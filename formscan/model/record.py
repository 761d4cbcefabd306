"""Drafts, entries and the audit trail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from formscan.model.geometry import Box
from formscan.model.page import Source
from formscan.model.reading import CheckedField, FieldState, FieldValue, Flag, Reading
from formscan.model.review import ReviewedField
from formscan.model.second_look import Assurance, Look


class DraftState(StrEnum):
    """Where a draft is."""

    OPEN = "open"
    RELEASED = "released"
    DISCARDED = "discarded"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something about a whole document a person must know: a missing, double or foreign page.

    Attributes:
        code: e.g. ``pages.missing``, ``pages.double``, ``pages.near_duplicate``, ``pages.order``.
        page: Page of the form it is about, 1-based, or ``None``.
        facts: For the sentence.
    """

    code: str
    page: int | None = None
    facts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class DraftPage:
    """One page of a draft.

    Attributes:
        number: Page of the form, 1-based.
        image_sha256: Name of the stored image of the page as scanned.
        media_type: Of that image.
        width: Pixels of that image.
        height: Pixels of that image.
        dpi: Of that image.
        turned: Degrees clockwise (0, 90, 180, 270) the image must be turned to stand upright.
        residual_mm: Registration residual (p95).
    """

    number: int
    source: Source
    image_sha256: str
    media_type: str
    width: int
    height: int
    dpi: float
    turned: int
    skew_deg: float
    score: float
    residual_mm: float
    worst_mm: float
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadPage:
    """One page that went through the line, before pages are put together to documents.

    Attributes:
        page: Everything known about the page; its image is stored.
        ambiguous_with: Ids of forms whose page is printed the same; the page counts only beside the
            page before it.
    """

    page: DraftPage
    form_id: str
    form_version: str
    form_digest: str
    fields: tuple[CheckedField, ...]
    ambiguous_with: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """A document that was read and waits for a person.

    Attributes:
        id: Content-derived and stable: the same pages of the same form give the same id.
        form_digest: SHA-256 of the form.toml it was read through.
    """

    id: str
    form_id: str
    form_version: str
    form_digest: str
    pages: tuple[DraftPage, ...]
    fields: tuple[CheckedField, ...]
    problems: tuple[Problem, ...]
    created_at: datetime
    state: DraftState = DraftState.OPEN

    @property
    def read_pages(self) -> tuple[ReadPage, ...]:
        """Its pages as they went through the line, each with its own fields."""
        return tuple(
            ReadPage(
                page,
                self.form_id,
                self.form_version,
                self.form_digest,
                tuple(field for field in self.fields if field.page == page.number),
            )
            for page in self.pages
        )


@dataclass(frozen=True, slots=True)
class DraftSummary:
    """A draft as the inbox shows it.

    Attributes:
        waiting: Critical fields that wait for a second key or a ruling.
        held_by: Who is working on it in some window now; empty for nobody.
        priority: Of its pages; the highest comes first.
        expected: Wrong values to be expected of what is put forward if nobody looked.
    """

    id: str
    form_id: str
    form_version: str
    created_at: datetime
    state: DraftState
    pages: int
    fields: int
    reviewed: int
    flagged: int
    problems: int
    first_source: str
    waiting: int = 0
    held_by: str = ""
    priority: int = 0
    expected: float = 0.0


def wrong_expected(fields: Sequence[CheckedField]) -> float:
    """Wrong values to be expected of what is put forward, nobody looking: the chances of each, added up."""
    proposed = (f for f in fields if f.value.state is not FieldState.UNVERIFIED)
    return float(sum(1.0 - min(1.0, max(0.0, f.confidence)) for f in proposed))


@dataclass(frozen=True, slots=True)
class EntryField:
    """A released value with everything that stands behind it.

    Attributes:
        assurance: What makes a critical value sure.
        looks: Second keys and rulings about it.
    """

    field_id: str
    page: int
    page_box: Box
    crop_sha256: str
    value: FieldValue
    readings: tuple[Reading, ...]
    flags: tuple[Flag, ...]
    history: tuple[ReviewedField, ...]
    assurance: Assurance = Assurance.NOT_ASKED
    looks: tuple[Look, ...] = ()


@dataclass(frozen=True, slots=True)
class EmrEntry:
    """A released document. Immutable: a correction is a new version that names the one it replaces.

    Attributes:
        id: Stable over all versions.
        version: 1, 2, ...
        draft_id: The draft it came from.
        released_by: Id of the person.
        released_at: Time with zone.
        reason: Empty for version 1; why it was corrected otherwise.
    """

    id: str
    version: int
    draft_id: str
    form_id: str
    form_version: str
    form_digest: str
    pages: tuple[DraftPage, ...]
    fields: tuple[EntryField, ...]
    problems: tuple[Problem, ...]
    released_by: str
    released_at: datetime
    reason: str = ""

    def value(self, field_id: str) -> FieldValue | None:
        """The released value of a field, or ``None`` where the form's page was not in the document."""
        return next((f.value for f in self.fields if f.field_id == field_id), None)


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One line of the append-only trail; ``hash`` covers the line and the hash before it.

    Attributes:
        seq: 1, 2, ... without gaps.
        action: e.g. ``draft.stored``, ``field.confirmed``, ``entry.released``, ``entry.read``.
        subject: Id of what it happened to.
        detail: Canonical JSON without patient text (values appear as digests).
        previous: Hash of the line before; 64 zeros for the first.
    """

    seq: int
    at: datetime
    person: str
    workstation: str
    action: str
    subject: str
    detail: str
    previous: str
    hash: str
