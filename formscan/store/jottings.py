"""What people typed and did not decide on: kept for them alone, gone with the decision, part of no record."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import delete, insert, select

from formscan.model.people import Permission
from formscan.store.access import need
from formscan.store.drafts import need_open
from formscan.store.rows import JottingRow
from formscan.store.unit_of_work import Database, Unit


class Jottings:
    """The texts in the editors of a database.

    Args:
        database: Where they are kept.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, draft_id: str, person: str, texts: Mapping[str, str]) -> None:
        """Keep texts by field; they are on the disk when this returns. An empty one is forgotten.

        Raises:
            NotFoundError: ``store.no_such_draft``.
            ImmutableError: ``store.draft_closed``.
            RefusedError: Where the person may not review.
        """

        def work(unit: Unit) -> None:
            need(unit.connection, person, Permission.REVIEW)
            if any(texts.values()):
                need_open(unit.connection, draft_id)
            unit.connection.execute(
                delete(JottingRow).where(
                    JottingRow.draft_id == draft_id,
                    JottingRow.person == person,
                    JottingRow.field_id.in_(list(texts)),
                )
            )
            rows = [
                {"draft_id": draft_id, "field_id": field_id, "person": person, "text": text}
                for field_id, text in texts.items()
                if text
            ]
            if rows:
                unit.connection.execute(insert(JottingRow), rows)

        if texts:
            self._database.write(work)

    def of(self, draft_id: str, person: str) -> dict[str, str]:
        """What a person typed into a draft, by field."""
        wanted = select(JottingRow.field_id, JottingRow.text).where(
            JottingRow.draft_id == draft_id, JottingRow.person == person
        )
        with self._database.read() as connection:
            return {row.field_id: row.text for row in connection.execute(wanted)}
