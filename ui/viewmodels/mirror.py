"""What the window believes about a draft: the session's truth with the steps that are still being written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from formscan.model.reading import CheckedField, FieldState, FieldValue, Flag, Severity
from formscan.model.record import Draft
from formscan.model.review import Action
from formscan.model.template import FieldSpec, FormTemplate
from formscan.review.session import PROVEN_RESIDUAL_MM, ReviewSession


@dataclass(frozen=True, slots=True)
class Slot:
    """One field as the window shows it.

    Attributes:
        value: What stands there now: decided, else proposed.
        action: What a person did, ``None`` while the field is open.
        flags: Broken rules and doubts that stand there now.
        pending: Steps on their way to the journal.
        trouble: Code of the error that kept the last step from being written, or empty.
    """

    spec: FieldSpec
    proposal: CheckedField
    value: FieldValue
    action: Action | None = None
    reason: str = ""
    flags: tuple[Flag, ...] = ()
    pending: int = 0
    trouble: str = ""

    @property
    def open(self) -> bool:
        """Nobody decided on it."""
        return self.action is None

    @property
    def hard(self) -> tuple[Flag, ...]:
        """Broken rules that need a reason."""
        return tuple(flag for flag in self.flags if flag.severity is Severity.HARD)

    @property
    def doubtful(self) -> bool:
        """Something asks for a look."""
        return any(flag.severity is not Severity.INFO for flag in self.flags)

    @property
    def blocks(self) -> bool:
        """It keeps the entry from being released."""
        return self.open or bool(self.trouble) or (bool(self.hard) and not self.reason)

    @property
    def surely_blank(self) -> bool:
        """Open, read as blank at a proven place and without doubt; as ``ReviewSession`` sees it."""
        blank = self.proposal.value.state is FieldState.BLANK
        return self.open and blank and self.proposal.residual_mm <= PROVEN_RESIDUAL_MM and not self.doubtful


@dataclass(frozen=True, slots=True)
class Standing:
    """What the session says about a field."""

    value: FieldValue
    action: Action | None
    reason: str
    flags: tuple[Flag, ...]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The session's truth at one moment; taken in the database thread, read in the GUI thread."""

    fields: Mapping[str, Standing]
    can_undo: bool
    can_redo: bool
    closed: bool


@dataclass(frozen=True, slots=True)
class Opened:
    """A draft under review with everything the window needs to show it."""

    draft: Draft
    form: FormTemplate
    specs: tuple[FieldSpec, ...]
    snapshot: Snapshot
    current: str
    typed: Mapping[str, str] = field(default_factory=dict)
    """What this person typed before and did not decide on, by field."""


def snapshot(session: ReviewSession) -> Snapshot:
    """Take the session's truth."""
    fields: dict[str, Standing] = {}
    for spec in session.fields:
        last = session.decision(spec.id)
        fields[spec.id] = Standing(
            session.value(spec.id),
            last.action if last else None,
            last.reason if last else "",
            session.flags(spec.id),
        )
    return Snapshot(fields, session.can_undo, session.can_redo, session.closed)


def opened(session: ReviewSession, typed: Mapping[str, str]) -> Opened:
    """Everything about a session that does not change, with its first snapshot."""
    return Opened(session.draft, session.template, session.fields, snapshot(session), session.current, typed)


class Mirror:
    """The fields of a draft in reading order, ahead of the journal by what is still being written."""

    def __init__(self, what: Opened) -> None:
        self.draft = what.draft
        self.form = what.form
        proposals = {field.field_id: field for field in what.draft.fields}
        self.order = tuple(spec.id for spec in what.specs)
        self._places = {field_id: place for place, field_id in enumerate(self.order)}
        self._truth = dict(what.snapshot.fields)
        self._slots = {
            spec.id: Slot(spec, proposals[spec.id], proposals[spec.id].value) for spec in what.specs
        }
        self.can_undo = self.can_redo = self.closed = False
        self.settle(what.snapshot)

    def __getitem__(self, field_id: str) -> Slot:
        return self._slots[field_id]

    def __contains__(self, field_id: object) -> bool:
        return field_id in self._slots

    def place(self, field_id: str) -> int:
        """Its position in reading order, from 0."""
        return self._places[field_id]

    def slots(self) -> Iterable[Slot]:
        """All fields in reading order."""
        return self._slots.values()

    # -- changing ------------------------------------------------------------------------------

    def expect(self, field_id: str, value: FieldValue, action: Action, reason: str = "") -> None:
        """Show a step as done before it is written."""
        slot = self._slots[field_id]
        self._slots[field_id] = replace(
            slot,
            value=value,
            action=action,
            reason=reason,
            flags=slot.flags if value == slot.value else (),
            pending=slot.pending + 1,
            trouble="",
        )

    def written(self, field_id: str) -> None:
        """One step of a field reached the journal."""
        slot = self._slots[field_id]
        self._slots[field_id] = replace(slot, pending=max(0, slot.pending - 1))

    def refused(self, field_id: str, code: str) -> None:
        """One step of a field did not: what stood before stands again."""
        slot, truth = self._slots[field_id], self._truth[field_id]
        self._slots[field_id] = replace(
            slot,
            value=truth.value,
            action=truth.action,
            reason=truth.reason,
            flags=truth.flags,
            pending=max(0, slot.pending - 1),
            trouble=code,
        )

    def settle(self, told: Snapshot) -> tuple[str, ...]:
        """Take over the truth, except where a later step is still on its way.

        Returns:
            Fields that look different now.
        """
        changed = []
        self._truth = dict(told.fields)
        self.can_undo, self.can_redo, self.closed = told.can_undo, told.can_redo, told.closed
        for field_id, truth in told.fields.items():
            slot = self._slots[field_id]
            if slot.pending:
                continue
            trouble = "" if truth.action is not None else slot.trouble
            facts = (truth.value, truth.action, truth.reason, truth.flags, trouble)
            if facts != (slot.value, slot.action, slot.reason, slot.flags, slot.trouble):  # few of hundreds
                value, action, reason, flags, trouble = facts
                self._slots[field_id] = replace(
                    slot, value=value, action=action, reason=reason, flags=flags, trouble=trouble
                )
                changed.append(field_id)
        return tuple(changed)

    # -- looking -------------------------------------------------------------------------------

    def open_fields(self) -> tuple[str, ...]:
        """Fields nobody decided on."""
        return tuple(slot.spec.id for slot in self.slots() if slot.open)

    def blockers(self) -> tuple[str, ...]:
        """Fields that keep the entry from being released."""
        return tuple(slot.spec.id for slot in self.slots() if slot.blocks)

    def sure_blanks(self) -> tuple[str, ...]:
        """Fields that may be confirmed as blank in one step."""
        return tuple(slot.spec.id for slot in self.slots() if slot.surely_blank)

    def after(self, field_id: str) -> tuple[Slot, ...]:
        """All other fields, beginning after this one and from the end on to the start."""
        start = self._places[field_id]
        around = (*self.order[start + 1 :], *self.order[:start])
        return tuple(self._slots[other] for other in around)

    def next_open(self, field_id: str) -> str | None:
        """The next open field after this one."""
        return next((slot.spec.id for slot in self.after(field_id) if slot.open), None)

    def next_doubt(self, field_id: str) -> str | None:
        """The next field that somebody should look at twice: doubtful and open, or blocking."""
        found = (s.spec.id for s in self.after(field_id) if s.blocks and (s.doubtful or s.trouble))
        return next(found, None)

    def step(self, field_id: str, by: int) -> str:
        """The field ``by`` places on in reading order; stays within the form."""
        place = min(max(self._places[field_id] + by, 0), len(self.order) - 1)
        return self.order[place]

    def first_of_page(self, page: int) -> str | None:
        """The first open field of a page, else its first field, else ``None``."""
        there = [slot for slot in self.slots() if slot.spec.page == page]
        chosen = next((slot for slot in there if slot.open), there[0] if there else None)
        return chosen.spec.id if chosen else None

    def pages(self) -> tuple[int, ...]:
        """Page numbers of the form that are present, in order."""
        return tuple(sorted(page.number for page in self.draft.pages))
