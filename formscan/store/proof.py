"""Whether the trail and the entries are what they were, in constant memory and beside writers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy import Connection, func, select

from formscan.model.record import AuditEvent
from formscan.store.audit import FIRST, AuditHead, Digests, line_hash
from formscan.store.entries import stored_digest
from formscan.store.rows import AuditRow, EntryVersionRow

ENTRY_ACTIONS: Final = ("entry.released", "entry.corrected")
"""Lines that carry the digest of a released version."""
LINES_AT_ONCE: Final = 200


@dataclass(frozen=True, slots=True)
class AuditVerdict:
    """What a check of the trail found.

    Attributes:
        intact: Nothing was found.
        lines: Lines checked.
        head: Hash of the last line that was checked.
        broken_at: First line that is wrong, or ``None``.
        reason: Empty, or ``audit.edited``, ``audit.gap``, ``audit.cut_off``, ``audit.beyond_head``,
            ``audit.not_the_anchored``, ``audit.entry_changed``, ``audit.entry_without_line``.
    """

    intact: bool
    lines: int
    head: str
    broken_at: int | None = None
    reason: str = ""


def check_chain(
    events: Iterator[AuditEvent], head: AuditHead, last: int, anchor: AuditHead | None
) -> AuditVerdict:
    """Go through the lines up to ``head`` once, keeping only the last hash.

    Args:
        events: From the first line on.
        head: Where the trail ended when the check began.
        last: Number of the last line there was at that moment.
        anchor: A head noted elsewhere.
    """
    seq, previous = 0, FIRST
    for event in events if head.seq else ():
        wrong = _wrong(event, seq, previous, anchor)
        if wrong:
            return AuditVerdict(False, seq, previous, seq + 1, wrong)
        seq, previous = event.seq, event.hash
        if seq == head.seq:
            break
    if (seq, previous) != (head.seq, head.hash) or (anchor is not None and anchor.seq > seq):
        return AuditVerdict(False, seq, previous, seq + 1, "audit.cut_off")
    if last > head.seq:
        return AuditVerdict(False, seq, previous, seq + 1, "audit.beyond_head")
    return AuditVerdict(True, seq, previous)


def check_entries(connection: Connection, digests: Digests, verdict: AuditVerdict) -> AuditVerdict:
    """Compare every released version with its line's digest; ``verdict`` comes back where all are right."""
    since, found = 0, _entry_lines(connection, 0)
    while found:
        for seq, subject, detail in found:
            said = json.loads(detail)
            if stored_digest(connection, subject, said["version"], digests) != said["digest"]:
                return replace(verdict, intact=False, broken_at=seq, reason="audit.entry_changed")
        since = found[-1][0]
        found = _entry_lines(connection, since)
    lines = select(func.count()).where(AuditRow.action.in_(ENTRY_ACTIONS)).scalar_subquery()
    versions = select(func.count(EntryVersionRow.version)).scalar_subquery()
    logged, kept = connection.execute(select(lines, versions)).one()
    if logged != kept:
        return replace(verdict, intact=False, reason="audit.entry_without_line")
    return verdict


def _wrong(event: AuditEvent, seq: int, previous: str, anchor: AuditHead | None) -> str:
    if event.seq != seq + 1:
        return "audit.gap"
    if event.previous != previous or line_hash(event) != event.hash:
        return "audit.edited"
    if anchor is not None and event.seq == anchor.seq and event.hash != anchor.hash:
        return "audit.not_the_anchored"
    return ""


def _entry_lines(connection: Connection, since: int) -> list[tuple[int, str, str]]:
    wanted = (
        select(AuditRow.seq, AuditRow.subject, AuditRow.detail)
        .where(AuditRow.seq > since, AuditRow.action.in_(ENTRY_ACTIONS))
        .order_by(AuditRow.seq)
        .limit(LINES_AT_ONCE)
    )
    return [(row.seq, row.subject, row.detail) for row in connection.execute(wanted)]
