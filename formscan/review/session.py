"""The review of one draft, without a screen: every field is decided by a person, every step is journalled.

The journal is the autosave: a decision is in it before the call that made it returns, so a killed window
loses nothing and the next session goes on where this one stopped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from formscan.errors import ReviewError, UnreviewedError
from formscan.model.people import Person
from formscan.model.reading import CheckedField, FieldState, FieldValue, Flag, Severity
from formscan.model.record import Draft, DraftState, EmrEntry
from formscan.model.review import Action, ReviewedField
from formscan.model.template import FieldSpec, FormTemplate
from formscan.model.visits import Touched, fitted
from formscan.review.journal import Check, Clock, CrossCheck, Journal
from formscan.review.standing import Standing

__all__ = ["PROVEN_RESIDUAL_MM", "STATES", "Check", "Clock", "CrossCheck", "Journal", "ReviewSession", "now"]

PROVEN_RESIDUAL_MM: Final = 1.0
"""A field is taken to lie where it should when printed structure near it is off by no more than this."""

STATES: Final = frozenset(
    {
        FieldState.BLANK,
        FieldState.STRUCK_OUT,
        FieldState.ILLEGIBLE,
        FieldState.COVERED,
        FieldState.NOT_APPLICABLE,
    }
)
"""States a person may give a field instead of a value."""


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


class ReviewSession:
    """One person at one draft.

    Args:
        draft: What was read.
        template: The form it was read through.
        journal: Where decisions go; those it already has are taken up.
        person: Whose decisions these are.
        check: Understands typed text.
        clock: The time.
        cross_check: Rules between fields; none where left out.

    Raises:
        ReviewError: ``review.wrong_form`` if the draft was not read through this template.
    """

    def __init__(
        self,
        draft: Draft,
        template: FormTemplate,
        journal: Journal,
        person: Person,
        check: Check,
        clock: Clock = now,
        *,
        cross_check: CrossCheck | None = None,
    ) -> None:
        self.draft = draft
        self.template = template
        self.person = person
        self.fields = _fields_of(draft, template)
        self._journal = journal
        self._check = check
        self._clock = clock
        self._places = {spec.id: place for place, spec in enumerate(self.fields)}
        self._proposals = {field.field_id: field for field in draft.fields}
        self._standing = Standing(self.fields, self._proposals, check, cross_check)
        self._undone: list[tuple[ReviewedField, ...]] = []
        self._closed = draft.state is not DraftState.OPEN
        self.refresh()
        self.current = next(iter(self.open_fields()), self.fields[0].id if self.fields else "")

    # -- looking -------------------------------------------------------------------------------

    @property
    def closed(self) -> bool:
        """The draft is released or discarded: it can be looked at, not decided on."""
        return self._closed

    @property
    def can_undo(self) -> bool:
        """This person has a step in the journal that counts."""
        return not self._closed and any(d.person == self.person.id for d in self._standing.decisions)

    @property
    def can_redo(self) -> bool:
        """A step was undone in this session and nothing was decided since."""
        return not self._closed and bool(self._undone)

    def refresh(self) -> None:
        """Take up what the journal holds now, also decisions other people made meanwhile."""
        self._standing.take(self._journal.decisions(self.draft.id))

    def spec(self, field_id: str) -> FieldSpec:
        """The field of that id.

        Raises:
            ReviewError: ``review.no_such_field`` if the pages present have none.
        """
        return self.fields[self._place(field_id)]

    def proposal(self, field_id: str) -> CheckedField:
        """What was read there."""
        self._place(field_id)
        return self._proposals[field_id]

    def decision(self, field_id: str) -> ReviewedField | None:
        """The decision that counts, or ``None`` while the field is open."""
        self._place(field_id)
        return self._standing.decision(field_id)

    def history(self, field_id: str) -> tuple[ReviewedField, ...]:
        """All decisions about a field that were not withdrawn, oldest first."""
        self._place(field_id)
        return self._standing.history(field_id)

    def value(self, field_id: str) -> FieldValue:
        """What stands there now: decided, else proposed."""
        self._place(field_id)
        return self._standing.value(field_id)

    def flags(self, field_id: str) -> tuple[Flag, ...]:
        """Rules that what stands there now breaks, alone or with other fields; doubts while it is open."""
        self._place(field_id)
        return self._standing.flags(field_id)

    def open_fields(self) -> tuple[str, ...]:
        """Fields nobody decided on, in reading order."""
        return tuple(spec.id for spec in self.fields if self._standing.decision(spec.id) is None)

    def blockers(self) -> tuple[str, ...]:
        """Fields that keep the entry from being released: open, or breaking a hard rule without a reason."""
        return tuple(spec.id for spec in self.fields if self._standing.blocks(spec.id))

    # -- walking -------------------------------------------------------------------------------

    def go_to(self, field_id: str) -> None:
        """Make a field the current one.

        Raises:
            ReviewError: ``review.no_such_field``.
        """
        self._place(field_id)
        self.current = field_id

    def next_open(self) -> str | None:
        """Go to the next open field after the current one, from the end on to the start.

        Returns:
            Its id, or ``None`` where no field is open; the current field then stays.
        """
        start = self._place(self.current) + 1 if self.fields else 0
        around = (*self.fields[start:], *self.fields[:start])
        found = next((spec.id for spec in around if self._standing.decision(spec.id) is None), None)
        self.current = found or self.current
        return found

    def next(self) -> str:
        """Go one field on in reading order; the last one stays."""
        return self._walk(1)

    def previous(self) -> str:
        """Go one field back in reading order; the first one stays."""
        return self._walk(-1)

    def _walk(self, step: int) -> str:
        if self.fields:
            place = min(max(self._place(self.current) + step, 0), len(self.fields) - 1)
            self.current = self.fields[place].id
        return self.current

    # -- deciding ------------------------------------------------------------------------------

    def confirm(self, field_id: str, reason: str = "") -> None:
        """Stand behind the proposal.

        Raises:
            ReviewError: ``review.nothing_to_confirm`` where nothing is proposed;
                ``review.reason_needed`` where the proposal breaks a hard rule and no reason is given.
        """
        proposed = self.proposal(field_id).value
        if proposed.state is FieldState.UNVERIFIED:
            raise ReviewError("review.nothing_to_confirm", field=field_id)
        self._decide(field_id, Action.CONFIRMED, proposed, reason)

    def correct(self, field_id: str, text: str, reason: str = "", *, touched: Sequence[Touched] = ()) -> None:
        """Put what a person reads in place of the proposal; the very same value counts as confirmed.

        Args:
            field_id: Where.
            text: What is written there.
            reason: Why it stays although it breaks a hard rule.
            touched: What was done to the words of the text; the store refuses one that was offered by readers
                who do not stand behind it and not gone through.

        Raises:
            ReviewError: ``review.empty_text`` for an empty text (a state says what an empty field is);
                ``review.reason_needed`` where the text breaks a hard rule and no reason is given.
        """
        spec = self.spec(field_id)
        if not text.strip():
            raise ReviewError("review.empty_text", field=field_id)
        value, _ = self._check(spec, text)
        if value.state is not FieldState.VALUE:
            raise ReviewError("review.empty_text", field=field_id)
        same = value == self._proposals[field_id].value
        proof = fitted(touched, text, value.text)
        self._decide(field_id, Action.CONFIRMED if same else Action.CORRECTED, value, reason, proof)

    def state(self, field_id: str, state: FieldState, reason: str = "") -> None:
        """Say what a field is instead of giving it a value.

        Raises:
            ReviewError: ``review.not_a_state`` for ``VALUE`` and ``UNVERIFIED``;
                ``review.reason_needed`` as in ``confirm``.
        """
        self._place(field_id)
        if state not in STATES:
            raise ReviewError("review.not_a_state", field=field_id, state=state)
        self._decide(field_id, Action.STATED, FieldValue(state), reason)

    def give_reason(self, field_id: str, reason: str) -> None:
        """Say why a decided field stays as it is although it breaks a hard rule.

        Raises:
            ReviewError: ``review.open`` while the field is open; ``review.reason_needed`` without a reason.
        """
        last = self.decision(field_id)
        if last is None:
            raise ReviewError("review.open", field=field_id)
        if not reason.strip():
            raise ReviewError("review.reason_needed", field=field_id)
        action = Action.CONFIRMED if last.action is Action.GATED else last.action
        self._decide(field_id, action, last.value, reason)

    def confirm_blanks(self) -> tuple[str, ...]:
        """Confirm, as one step, the open fields that were read as blank without any doubt.

        Without doubt means: the place is proven by printed structure nearby (``PROVEN_RESIDUAL_MM``) and
        no hard or soft flag stands there.

        Returns:
            Their ids in reading order.
        """
        self._must_be_open()
        found = tuple(field_id for field_id in self.open_fields() if self._surely_blank(field_id))
        if found:
            at = self._clock()
            self._keep([self._decision(f, Action.CONFIRMED, self._proposals[f].value, "", at) for f in found])
        return found

    def undo(self) -> str | None:
        """Withdraw this person's last step.

        Returns:
            The field to show, now current; ``None`` where there is nothing to undo.
        """
        self._must_be_open()
        withdrawn = self._journal.undo_step(self.draft.id, self.person.id)
        self.refresh()
        if not withdrawn:
            return None
        self._undone.append(withdrawn)
        return self._show(withdrawn)

    def redo(self) -> str | None:
        """Decide again what was undone last; the journal gets new decisions.

        Returns:
            The field to show, now current; ``None`` where there is nothing to redo.
        """
        self._must_be_open()
        if not self._undone:
            return None
        at, step = self._clock(), self._undone[-1]
        again = [replace(d, at=at, before=self._standing.value(d.field_id)) for d in step]
        rest = self._undone[:-1]
        self._keep(again)
        self._undone = rest
        return self._show(step)

    def release(self) -> EmrEntry:
        """Make the entry: every field has somebody behind it, every hard flag a reason.

        Raises:
            UnreviewedError: With how many fields are open (``open``) or lack a reason (``reasons``).
        """
        self._must_be_open()
        self.refresh()
        missing, blocked = self.open_fields(), self.blockers()
        if blocked:
            lacking = len(blocked) - len(missing)
            raise UnreviewedError(count=len(blocked), open=len(missing), reasons=lacking, first=blocked[0])
        flags = {spec.id: self._standing.flags(spec.id) for spec in self.fields}
        entry = self._journal.release(self.draft.id, self.person.id, self._clock(), flags)
        self._closed = True
        return entry

    # -- inside --------------------------------------------------------------------------------

    def _place(self, field_id: str) -> int:
        if field_id not in self._places:
            raise ReviewError("review.no_such_field", field=field_id)
        return self._places[field_id]

    def _must_be_open(self) -> None:
        if self._closed:
            raise ReviewError("review.closed", draft=self.draft.id)

    def _surely_blank(self, field_id: str) -> bool:
        proposal = self._proposals[field_id]
        doubted = any(flag.severity is not Severity.INFO for flag in self._standing.flags(field_id))
        proven = proposal.residual_mm <= PROVEN_RESIDUAL_MM
        return proposal.value.state is FieldState.BLANK and proven and not doubted

    def _decide(
        self,
        field_id: str,
        action: Action,
        value: FieldValue,
        reason: str,
        touched: tuple[Touched, ...] = (),
    ) -> None:
        self._must_be_open()
        reason = reason.strip()
        own = self._standing.own_flags(field_id, value)
        hard = [flag.code for flag in own if flag.severity is Severity.HARD]
        if hard and not reason:
            raise ReviewError("review.reason_needed", field=field_id, rules=",".join(hard))
        made = self._decision(field_id, action, value, reason, self._clock())
        self._keep([replace(made, touched=touched)])

    def _decision(
        self, field_id: str, action: Action, value: FieldValue, reason: str, at: datetime
    ) -> ReviewedField:
        before = self._standing.value(field_id)
        return ReviewedField(field_id, action, self.person.id, at, before, value, reason)

    def _keep(self, step: Sequence[ReviewedField]) -> None:
        """Journal first, memory after: where the journal refuses, nothing has happened."""
        if len(step) == 1:
            self._journal.record(self.draft.id, step[0])
        else:
            self._journal.record_step(self.draft.id, step)
        self._standing.add(step)
        self._undone = []

    def _show(self, step: Sequence[ReviewedField]) -> str:
        self.current = step[0].field_id
        return self.current


def _fields_of(draft: Draft, template: FormTemplate) -> tuple[FieldSpec, ...]:
    """The fields of the pages present, page by page in reading order."""
    present = sorted({page.number for page in draft.pages})
    fields = tuple(spec for number in present for spec in template.fields_of(number))
    ids = [field.field_id for field in draft.fields]
    if (draft.form_id, draft.form_version) != template.key or sorted(ids) != sorted(f.id for f in fields):
        raise ReviewError(
            "review.wrong_form", form=draft.form_id, version=draft.form_version, template=template.version
        )
    return fields
