"""The audit trail: append-only lines, each with the hash of the one before.

What it shows and what it does not. A line that was edited, taken out of the middle, put in or moved breaks
the chain. A trail cut off at its end is still a chain, so where it ends is kept a second time (table
``audit_head``) and every released version names its line. All of that lies in one database: whoever may
write there freely and knows the rules can write a whole new trail. Against that only a head kept elsewhere
helps (``Store.audit_head``, printed or sent away each evening, given back to ``verify_audit``).

Details never hold patient text. Values appear as HMAC-SHA-256 with a random key of this database: a plain
or salted hash of a sex, a date or a citizen id is found by trying all of them; without the key it is not.
The key lies in the database, so the digests protect a trail that is given away, not the database itself.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, func, insert, select, update

from formscan.model.reading import FieldValue
from formscan.model.record import AuditEvent
from formscan.store.codec import canonical, dump
from formscan.store.rows import AuditHeadRow, AuditRow, moment_text

FIRST: Final = "0" * 64
"""``previous`` of the first line."""


@dataclass(frozen=True, slots=True)
class AuditHead:
    """Where the trail ended at some time: number of its last line and its hash; write it down elsewhere."""

    seq: int
    hash: str


class Digests:
    """Keyed digests of values.

    Args:
        key: Random key of this database.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def of(self, text: str) -> str:
        """HMAC-SHA-256 (RFC 2104) of a text, hexadecimal."""
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()

    def of_value(self, value: FieldValue) -> str:
        """Digest of a value with its state."""
        return self.of(dump(value))


def line_hash(event: AuditEvent) -> str:
    """SHA-256 over the canonical JSON of a line, the hash before it included; ``event.hash`` is not used."""
    line = {
        "seq": event.seq, "at": moment_text(event.at), "person": event.person,
        "workstation": event.workstation, "action": event.action, "subject": event.subject,
        "detail": event.detail, "previous": event.previous,
    }  # fmt: skip
    return hashlib.sha256(canonical(line).encode()).hexdigest()


class Trail:
    """Writes lines within one transaction; reads and locks the head first, so that writers queue.

    Args:
        connection: Of a write transaction.
        workstation: Name of this machine.
    """

    def __init__(self, connection: Connection, workstation: str) -> None:
        self._connection = connection
        self._workstation = workstation
        locked = select(AuditHeadRow.seq, AuditHeadRow.hash).where(AuditHeadRow.id == 1).with_for_update()
        self._seq, self._hash = connection.execute(locked).one()
        self._started = self._seq

    def add(self, action: str, subject: str, person: str, at: datetime, detail: dict[str, object]) -> None:
        """Append one line."""
        event = AuditEvent(
            self._seq + 1, at, person, self._workstation, action, subject, canonical(detail), self._hash, ""
        )
        self._hash, self._seq = line_hash(event), event.seq
        self._connection.execute(
            insert(AuditRow).values(
                seq=event.seq, at=at, person=person, workstation=event.workstation, action=action,
                subject=subject, detail=event.detail, previous=event.previous, hash=self._hash,
            )
        )  # fmt: skip

    def close(self) -> None:
        """Note where the trail ends now; to be called last in the transaction."""
        if self._seq != self._started:
            head = update(AuditHeadRow).where(AuditHeadRow.id == 1).values(seq=self._seq, hash=self._hash)
            self._connection.execute(head)


def head_of(connection: Connection) -> tuple[AuditHead, int]:
    """The noted head, and the number of the last line there is, both of one moment."""
    last = select(func.max(AuditRow.seq)).scalar_subquery()
    row = connection.execute(select(AuditHeadRow.seq, AuditHeadRow.hash, last)).one()
    return AuditHead(row[0], row[1]), row[2] or 0


def lines_after(connection: Connection, since: int, limit: int) -> list[AuditEvent]:
    """At most ``limit`` lines with a number above ``since``, in order."""
    columns = (
        AuditRow.seq, AuditRow.at, AuditRow.person, AuditRow.workstation, AuditRow.action, AuditRow.subject,
        AuditRow.detail, AuditRow.previous, AuditRow.hash,
    )  # fmt: skip
    found = connection.execute(
        select(*columns).where(AuditRow.seq > since).order_by(AuditRow.seq).limit(limit)
    )
    return [AuditEvent(*row) for row in found]
