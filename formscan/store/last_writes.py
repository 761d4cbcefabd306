"""Marks by which a write is known again whose end nobody saw.

PostgreSQL can say how a transaction ended by its number, but after a crash it gives numbers again that never
reached the disk: the answer may then be another writer's. A row that is written with the rest is there
exactly if the rest is.
"""

from __future__ import annotations

import secrets
import threading
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import Connection, delete
from sqlalchemy.dialects.postgresql import insert

from formscan.store.rows import LastWriteRow

_KEPT: Final = timedelta(days=1)
"""Marks so old are thrown away: they are asked for within minutes."""
_NONE: Final = ""


class LastWrites:
    """The marks of one program; each of its threads has one row."""

    def __init__(self) -> None:
        self._program = secrets.token_hex(8)
        self._swept = False

    def leave(self, connection: Connection) -> str:
        """Mark the transaction; the mark is there for others when it is committed, and only then."""
        mark = secrets.token_hex(8)
        row = {"writer": self._writer(), "mark": mark, "at": datetime.now(UTC)}
        new = insert(LastWriteRow).values(row)
        connection.execute(new.on_conflict_do_update(index_elements=["writer"], set_=row))
        if not self._swept:
            connection.execute(delete(LastWriteRow).where(LastWriteRow.at < datetime.now(UTC) - _KEPT))
            self._swept = True
        return mark

    def there(self, connection: Connection, mark: str) -> bool:
        """Whether this thread's last mark is this one; waits for a transaction that still is under way."""
        row = {"writer": self._writer(), "mark": _NONE, "at": datetime.now(UTC)}
        asked = (
            insert(LastWriteRow)
            .values(row)
            .on_conflict_do_update(index_elements=["writer"], set_={"mark": LastWriteRow.mark})
        )
        found: str = connection.execute(asked.returning(LastWriteRow.mark)).scalar_one()
        return found == mark

    def _writer(self) -> str:
        return f"{self._program}.{threading.get_ident()}"
