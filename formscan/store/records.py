"""Drafts, decisions and entries: the part of the store's door that a record goes through."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from formscan.model.people import Permission
from formscan.model.reading import Flag
from formscan.model.record import Draft, DraftState, DraftSummary, EmrEntry
from formscan.model.review import ReviewedField
from formscan.store import drafts, entries, leases, looks
from formscan.store.access import has_accounts, need
from formscan.store.audit import Digests
from formscan.store.entries import EntrySummary
from formscan.store.leases import Lease
from formscan.store.unit_of_work import Database, Unit


class Records:
    """What ``Store`` does with drafts and entries; each method is one transaction.

    Args:
        database: With the newest schema.
        digests: For values in the trail.
        clock: The time written beside what was done.
        time: The time as all workstations see it, for leases.
    """

    def __init__(
        self, database: Database, digests: Digests, clock: Callable[[], datetime], time: leases.Time
    ) -> None:
        self._database, self._digests, self._clock, self._time = database, digests, clock, time

    # -- drafts and decisions ------------------------------------------------------------------

    def add_draft(self, draft: Draft, person: str = "system") -> bool:
        """Keep a draft; ``False`` where one of that id is there already, which then stays as it is.

        Raises:
            StoreError: ``store.image_missing`` if a page's image was not put before.
        """
        at = self._clock()
        return self._database.write(lambda unit: drafts.add_draft(unit, draft, person, at, self._digests))

    def get_draft(self, draft_id: str) -> Draft:
        """A draft as it was read.

        Raises:
            NotFoundError: ``store.no_such_draft``.
        """
        return self._database.look(lambda connection: drafts.get_draft(connection, draft_id))

    def drafts(self, state: DraftState | None = DraftState.OPEN) -> list[DraftSummary]:
        """Drafts in one state (``None``: in any), oldest first, with who works on them now."""
        with self._database.read() as connection:
            held = leases.holders(connection, self._time(connection))
            found = drafts.summaries(connection, state)
        return [replace(one, held_by=held[one.id]) if one.id in held else one for one in found]

    def discard_draft(self, draft_id: str, person: str, reason: str, *, lease: Lease | None = None) -> None:
        """Close a draft without an entry; it stays readable.

        Raises:
            NotFoundError: ``store.no_such_draft``.
            ImmutableError: ``store.draft_closed``.
            RefusedError: The person may not review.
            LeaseError: Somebody else works on it.
        """
        at = self._clock()

        def work(unit: Unit) -> None:
            self._need_to_review(unit, draft_id, person, lease)
            drafts.set_state(unit, draft_id, DraftState.DISCARDED)
            unit.trail.add("draft.discarded", draft_id, person, at, {"reason": self._digests.of(reason)})

        self._database.write(work)

    def decisions(self, draft_id: str) -> list[ReviewedField]:
        """Decisions that count, in the order they were made; withdrawn ones are left out.

        Raises:
            NotFoundError: ``store.no_such_draft``.
        """
        return self._database.look(lambda connection: drafts.decisions(connection, draft_id))

    def record(self, draft_id: str, decision: ReviewedField, *, lease: Lease | None = None) -> None:
        """Keep a decision; it is on the disk when this returns.

        Raises:
            NotFoundError: ``store.no_such_draft`` or ``store.no_such_field``.
            ImmutableError: ``store.draft_closed``.
            StoreError: ``store.unverified`` where it leaves the field unverified.
            RefusedError: The person may not review.
            LeaseError: Somebody else works on the draft.
        """
        self.record_step(draft_id, (decision,), lease=lease)

    def record_step(
        self, draft_id: str, decisions: Sequence[ReviewedField], *, lease: Lease | None = None
    ) -> None:
        """Keep several decisions of one person, all or none; ``undo`` takes them back together.

        Raises:
            As ``record``.
        """

        def work(unit: Unit) -> None:
            for person in sorted({decision.person for decision in decisions}):
                self._need_to_review(unit, draft_id, person, lease)
            drafts.record_step(unit, draft_id, decisions, self._digests)
            looks.settle(unit.connection, draft_id, (decision.field_id for decision in decisions))

        if decisions:
            self._database.write(work)

    def undo_step(
        self, draft_id: str, person: str, *, lease: Lease | None = None
    ) -> tuple[ReviewedField, ...]:
        """Withdraw the person's last step that counts.

        Returns:
            Its decisions; empty where there is none.

        Raises:
            NotFoundError: ``store.no_such_draft``.
            ImmutableError: ``store.draft_closed``.
            RefusedError: The person may not review.
            LeaseError: Somebody else works on the draft.
        """
        at = self._clock()

        def work(unit: Unit) -> tuple[ReviewedField, ...]:
            self._need_to_review(unit, draft_id, person, lease)
            taken = drafts.undo_step(unit, draft_id, person, at)
            looks.settle(unit.connection, draft_id, (decision.field_id for decision in taken))
            return taken

        return self._database.write(work)

    def undo(self, draft_id: str, person: str) -> ReviewedField | None:
        """Like ``undo_step``; gives the first decision of the step."""
        return next(iter(self.undo_step(draft_id, person)), None)

    # -- entries -------------------------------------------------------------------------------

    def release(
        self,
        draft_id: str,
        person: str,
        at: datetime,
        flags: Mapping[str, tuple[Flag, ...]] | None = None,
        *,
        lease: Lease | None = None,
    ) -> EmrEntry:
        """Make the entry of a draft: entry, trail and the draft's state in one transaction.

        Args:
            draft_id: An open draft.
            person: Who stands behind it.
            at: When, with zone.
            flags: What stands at each field now; ``None`` takes the flags of proposals that were kept.
            lease: The caller's, where it has one.

        Raises:
            UnreviewedError: As ``entries.release``: fields without a decision, hard flags without a reason,
                critical fields without a second look.
            NotFoundError: ``store.no_such_draft``.
            ImmutableError: ``store.draft_closed``.
            RefusedError: The person may not release.
            LeaseError: Somebody else works on the draft.
        """

        def work(unit: Unit) -> EmrEntry:
            leases.check(unit, leases.DRAFT, draft_id, lease, self._time(unit.connection))
            entry = entries.release(unit, draft_id, person, at, flags, self._digests)
            leases.drop(unit, leases.DRAFT, draft_id)
            return entry

        return self._database.write(work)

    def correct(
        self,
        entry_id: str,
        changes: Sequence[ReviewedField],
        person: str,
        reason: str,
        *,
        at: datetime | None = None,
        flags: Mapping[str, tuple[Flag, ...]] | None = None,
    ) -> EmrEntry:
        """Write a new version of an entry; the old one stays readable.

        Args:
            entry_id: Of the entry; its newest version is corrected.
            changes: One a field, each made on the value that stands (``before``).
            person: Who corrects; the changes are this person's.
            reason: Why.
            at: When, with zone; now where left out.
            flags: What stands at the changed fields now.

        Raises:
            NotFoundError: ``store.no_such_entry`` or ``store.no_such_field``.
            StoreError: ``store.reason_needed``, ``store.nothing_to_correct``, ``store.twice``,
                ``store.not_the_author``, ``store.unverified``, ``store.stale``.
        """
        when, standing = at or self._clock(), flags or {}

        def work(unit: Unit) -> EmrEntry:
            need(unit.connection, person, Permission.CORRECT)
            latest = entries.get_entry(unit.connection, entry_id, None, self._digests)
            made = entries.corrected(latest, changes, person, when, reason, standing)
            return entries.write_correction(unit, made, changes, self._digests)

        return self._database.write(work)

    def get_entry(
        self, entry_id: str, version: int | None = None, *, person: str | None = None, to_export: bool = False
    ) -> EmrEntry:
        """A version of an entry, the newest where none is named.

        Args:
            entry_id: Of the entry.
            version: 1, 2, ...
            person: Who reads it; a line of the trail is then written before it is given out. Nobody's
                reading is possible only where there are no accounts.
            to_export: It is read to be given out of the house, which is another permission.

        Raises:
            NotFoundError: ``store.no_such_entry``.
            StoreError: ``store.entry_damaged`` where it is not what was released.
            RefusedError: The person may not.
        """
        wanted = Permission.EXPORT if to_export else Permission.READ
        if person is None:
            with self._database.read() as connection:
                if not has_accounts(connection):
                    return entries.get_entry(connection, entry_id, version, self._digests)
        reader, at = person or "", self._clock()

        def work(unit: Unit) -> EmrEntry:
            need(unit.connection, reader, wanted)
            entry = entries.get_entry(unit.connection, entry_id, version, self._digests)
            act = "entry.exported" if to_export else "entry.read"
            unit.trail.add(act, entry_id, reader, at, {"version": entry.version})
            return entry

        return self._database.write(work)

    def entries(self) -> list[EntrySummary]:
        """The newest version of every entry, newest first."""
        return self._database.look(entries.summaries)

    def versions(self, entry_id: str) -> list[EntrySummary]:
        """All versions of an entry, first one first.

        Raises:
            NotFoundError: ``store.no_such_entry``.
        """
        return self._database.look(lambda connection: entries.versions(connection, entry_id))

    def _need_to_review(self, unit: Unit, draft_id: str, person: str, lease: Lease | None) -> None:
        need(unit.connection, person, Permission.REVIEW)
        leases.check(unit, leases.DRAFT, draft_id, lease, self._time(unit.connection))
