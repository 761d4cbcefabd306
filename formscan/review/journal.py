"""What a review session needs from outside: a journal, the rules and the time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from formscan.model.reading import FieldValue, Flag
from formscan.model.record import EmrEntry
from formscan.model.review import ReviewedField
from formscan.model.template import FieldSpec

Check = Callable[[FieldSpec, str], tuple[FieldValue, tuple[Flag, ...]]]
"""Understands a text a person typed for a field and tells the rules it breaks."""
CrossCheck = Callable[[Mapping[str, FieldValue]], Mapping[str, tuple[Flag, ...]]]
"""Tells, from the values of all fields by id, the rules between fields that do not hold."""
Clock = Callable[[], datetime]
"""The time now, with zone."""


class Journal(Protocol):
    """Where decisions are kept. ``formscan.store.Store`` is one; every call is durable when it returns."""

    def decisions(self, draft_id: str) -> list[ReviewedField]:
        """Decisions that count, in the order they were made; withdrawn ones are left out."""

    def record(self, draft_id: str, decision: ReviewedField) -> None:
        """Keep one decision as a step of its own."""

    def record_step(self, draft_id: str, decisions: Sequence[ReviewedField]) -> None:
        """Keep several decisions, all or none, as one step that is undone at once."""

    def undo_step(self, draft_id: str, person: str) -> tuple[ReviewedField, ...]:
        """Withdraw the person's last step that counts and return it; empty where there is none."""

    def release(
        self,
        draft_id: str,
        person: str,
        at: datetime,
        flags: Mapping[str, tuple[Flag, ...]] | None = None,
    ) -> EmrEntry:
        """Make the entry, with the flags that stand at each field; all or nothing."""
