"""A journal that writes only while its window has the draft."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from formscan.model.reading import Flag
from formscan.model.record import EmrEntry
from formscan.model.review import ReviewedField
from formscan.store import Store
from formscan.store.leases import Lease


class LeasedJournal:
    """The journal of a session: writes only while its window has the draft.

    Args:
        store: Where decisions go.
        lease: The window's.
    """

    def __init__(self, store: Store, lease: Lease) -> None:
        self._store, self._lease = store, lease

    def decisions(self, draft_id: str) -> list[ReviewedField]:
        """See ``Journal``."""
        return self._store.decisions(draft_id)

    def record(self, draft_id: str, decision: ReviewedField) -> None:
        """See ``Journal``."""
        self._store.record(draft_id, decision, lease=self._lease)

    def record_step(self, draft_id: str, decisions: Sequence[ReviewedField]) -> None:
        """See ``Journal``."""
        self._store.record_step(draft_id, decisions, lease=self._lease)

    def undo_step(self, draft_id: str, person: str) -> tuple[ReviewedField, ...]:
        """See ``Journal``."""
        return self._store.undo_step(draft_id, person, lease=self._lease)

    def release(
        self,
        draft_id: str,
        person: str,
        at: datetime,
        flags: Mapping[str, tuple[Flag, ...]] | None = None,
    ) -> EmrEntry:
        """See ``Journal``."""
        return self._store.release(draft_id, person, at, flags, lease=self._lease)
