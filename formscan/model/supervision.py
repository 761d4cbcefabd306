"""What lies on the supervisor's desk: corrections to look at, samples, and figures about the work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from formscan.model.geometry import Box
from formscan.model.reading import FieldValue
from formscan.model.record import DraftPage
from formscan.model.review import Action


class Word(StrEnum):
    """What a supervisor said about a correction."""

    APPROVED = "approved"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True)
class Opinion:
    """A supervisor's word about a correction.

    Attributes:
        said: For a returned one what is to be done; may be empty for an approved one.
    """

    word: Word
    person: str
    at: datetime
    said: str = ""


class Origin(StrEnum):
    """Where a correction was made."""

    REVIEW = "review"
    """While a draft was reviewed; ``place`` is the step."""
    ENTRY = "entry"
    """On a released entry; ``place`` is the version it made."""


@dataclass(frozen=True, slots=True)
class CorrectionKey:
    """Which correction.

    Attributes:
        subject: Id of the draft, or of the entry.
        place: Step of the draft, or version of the entry.
    """

    origin: Origin
    subject: str
    place: int
    field_id: str


@dataclass(frozen=True, slots=True)
class FieldPlace:
    """Where the crop of a field is.

    Attributes:
        page: The page it lies on.
        page_box: In the page as scanned, pixels.
        cell_boxes: Of each cell, same frame; may be empty.
    """

    form_id: str
    form_version: str
    field_id: str
    page: DraftPage
    page_box: Box
    cell_boxes: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True)
class Correction:
    """A value a person changed.

    Attributes:
        read: What was put forward, or what stood before in a released entry.
        keyed: What the person made of it.
        released: What stands in the newest version of the entry; ``None`` while there is none.
        entry_id: Of the entry, empty while there is none.
        opinion: What a supervisor said about it.
    """

    key: CorrectionKey
    place: FieldPlace
    person: str
    at: datetime
    action: Action
    read: FieldValue
    keyed: FieldValue
    reason: str = ""
    released: FieldValue | None = None
    entry_id: str = ""
    opinion: Opinion | None = None


@dataclass(frozen=True, slots=True)
class SampleOrder:
    """What sample is wanted.

    Attributes:
        scheme: ``bound`` (shows "at most ``bound`` are wrong") or ``iso`` (a plan of ISO 2859-1).
        bound: Share 0..1, of scheme ``bound``.
        allowed: Findings that may be found, of scheme ``bound``.
        confidence: Probability that bounds hold.
        level: Inspection level, of scheme ``iso``.
        aql: Nonconforming per hundred, of scheme ``iso``.
        severity: Normal, tightened or reduced inspection, of scheme ``iso``.
        form_id: Only fields of this form; empty for all.
        field_id: Only this field; empty for all.
        clerk: Only fields this person decided; empty for all.
        since: Only versions released at this time or later.
        until: Only versions released before this time.
        made: How values came about: ``taken`` for texts taken over from readings no reader stood behind,
            ``other`` for all others, empty for all. Each is a lot of its own, with its own size and bound.
        stratify: ``form``, ``field``, ``clerk``, or empty.
        seed: The same seed over the same fields draws the same sample.
    """

    scheme: str = "bound"
    bound: float = 0.01
    allowed: int = 0
    confidence: float = 0.95
    level: str = "II"
    aql: float = 1.0
    severity: str = "normal"
    form_id: str = ""
    field_id: str = ""
    clerk: str = ""
    since: datetime | None = None
    until: datetime | None = None
    made: str = ""
    stratify: str = ""
    seed: int = 0


@dataclass(frozen=True, slots=True)
class ReleasedField:
    """A field of the newest version of an entry.

    Attributes:
        clerk: Who decided it last.
    """

    entry_id: str
    version: int
    field_id: str
    form_id: str
    clerk: str


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample that was drawn.

    Attributes:
        lot: Fields it was drawn from.
        size: Fields drawn.
        accept: Most findings with which the lot is accepted.
        reject: Fewest findings with which it is not.
        letter: Code letter of the plan; empty for scheme ``bound``.
    """

    id: str
    drawn_at: datetime
    drawn_by: str
    order: SampleOrder
    lot: int
    size: int
    accept: int
    reject: int
    letter: str = ""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What an inspector found at one field.

    Attributes:
        right: The released value is what the paper says.
        truly: What the paper says, where it is not.
        version: Version of the entry that repaired it, ``None`` where nothing had to be.
    """

    position: int
    person: str
    at: datetime
    right: bool
    truly: FieldValue | None = None
    version: int | None = None


@dataclass(frozen=True, slots=True)
class LotVerdict:
    """What a whole sample says.

    Attributes:
        accepted: Findings are not above the plan's.
        findings: Wrong fields.
        low: Lower end of the exact two-sided interval of the share of wrong fields.
        high: Upper end of it.
        upper: One-sided upper bound of the share in this very lot, at the order's confidence.
    """

    sample_id: str
    person: str
    at: datetime
    accepted: bool
    inspected: int
    findings: int
    low: float
    high: float
    upper: float


@dataclass(frozen=True, slots=True)
class SampleState:
    """A sample with all that was done about it; ``items`` in the order they are to be looked at."""

    sample: Sample
    items: tuple[ReleasedField, ...]
    judgements: tuple[Judgement, ...]
    verdict: LotVerdict | None = None

    @property
    def findings(self) -> int:
        """Wrong fields so far."""
        return sum(not judgement.right for judgement in self.judgements)

    @property
    def open(self) -> tuple[int, ...]:
        """Positions nobody judged yet."""
        done = {judgement.position for judgement in self.judgements}
        return tuple(place for place in range(len(self.items)) if place not in done)


class Grouping(StrEnum):
    """By what figures are told."""

    FIELD = "field"
    FORM = "form"
    CLERK = "clerk"
    READER = "reader"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts of one group.

    Attributes:
        key: The field, form, clerk, reader or day.
        n: Fields whose reading was put forward and decided by a person.
        equal: Those the person left as they were read.
        entries: Documents they stand in.
        unread: Fields nobody read, keyed by the person.
        table: Counts of (read, released) where the field has few kinds of values.
    """

    key: str
    n: int
    equal: int
    entries: int
    unread: int = 0
    table: tuple[tuple[str, str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class CatchCount:
    """How many planted values a person met and caught."""

    person: str
    met: int
    caught: int


@dataclass(frozen=True, slots=True)
class FigureField:
    """One field behind a figure."""

    entry_id: str
    version: int
    field_id: str
    form_id: str
    clerk: str
    reader: str
    day: str
    equal: bool
