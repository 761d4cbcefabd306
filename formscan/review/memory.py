"""A journal that lives in memory: for tests and for trying things out; nothing is kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from formscan.errors import ImmutableError, NotFoundError, UnreviewedError
from formscan.model.reading import Flag, Severity
from formscan.model.record import Draft, EmrEntry, EntryField
from formscan.model.review import ReviewedField


class MemoryJournal:
    """Keeps steps as the store does, with the same refusals.

    Args:
        drafts: What may be decided on.
    """

    def __init__(self, drafts: Iterable[Draft] = ()) -> None:
        self._drafts = {draft.id: draft for draft in drafts}
        self._steps: dict[str, list[tuple[ReviewedField, ...]]] = {draft: [] for draft in self._drafts}
        self.entries: dict[str, EmrEntry] = {}

    def add(self, draft: Draft) -> None:
        """Take one more draft."""
        self._drafts[draft.id] = draft
        self._steps.setdefault(draft.id, [])

    def decisions(self, draft_id: str) -> list[ReviewedField]:
        """See ``Journal``."""
        return [decision for step in self._of(draft_id) for decision in step]

    def record(self, draft_id: str, decision: ReviewedField) -> None:
        """See ``Journal``."""
        self.record_step(draft_id, [decision])

    def record_step(self, draft_id: str, decisions: Sequence[ReviewedField]) -> None:
        """See ``Journal``."""
        steps = self._of(draft_id)
        self._must_be_open(draft_id)
        known = {field.field_id for field in self._drafts[draft_id].fields}
        for decision in decisions:
            if decision.field_id not in known:
                raise NotFoundError("store.no_such_field", draft=draft_id, field=decision.field_id)
        if decisions:
            steps.append(tuple(decisions))

    def undo_step(self, draft_id: str, person: str) -> tuple[ReviewedField, ...]:
        """See ``Journal``."""
        steps = self._of(draft_id)
        self._must_be_open(draft_id)
        for place in range(len(steps) - 1, -1, -1):
            if steps[place][0].person == person:
                return steps.pop(place)
        return ()

    def release(
        self,
        draft_id: str,
        person: str,
        at: datetime,
        flags: Mapping[str, tuple[Flag, ...]] | None = None,
    ) -> EmrEntry:
        """See ``Journal``."""
        decisions = self.decisions(draft_id)
        self._must_be_open(draft_id)
        draft, standing = self._drafts[draft_id], flags or {}
        last = {decision.field_id: decision for decision in decisions}
        missing = sum(1 for field in draft.fields if field.field_id not in last)
        lacking = sum(
            1
            for field_id, decision in last.items()
            if not decision.reason and any(f.severity is Severity.HARD for f in standing.get(field_id, ()))
        )
        if missing or lacking:
            raise UnreviewedError(count=missing + lacking, open=missing, reasons=lacking)
        fields = tuple(
            EntryField(
                field.field_id,
                field.page,
                field.page_box,
                field.crop_sha256,
                last[field.field_id].value,
                field.readings,
                standing.get(field.field_id, ()),
                tuple(d for d in decisions if d.field_id == field.field_id),
            )
            for field in draft.fields
        )
        entry = EmrEntry(
            f"entry-{draft.id}",
            1,
            draft.id,
            draft.form_id,
            draft.form_version,
            draft.form_digest,
            draft.pages,
            fields,
            draft.problems,
            person,
            at,
        )
        self.entries[draft_id] = entry
        return entry

    def _of(self, draft_id: str) -> list[tuple[ReviewedField, ...]]:
        if draft_id not in self._steps:
            raise NotFoundError(kind="draft", id=draft_id)
        return self._steps[draft_id]

    def _must_be_open(self, draft_id: str) -> None:
        if draft_id in self.entries:
            raise ImmutableError("store.draft_closed", draft=draft_id)
