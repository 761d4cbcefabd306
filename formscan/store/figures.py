"""Figures about the work, counted by the database, each with the fields behind it.

What is counted lies in ``field_fact``, one row a released field, made out of the entries the first time
somebody asks; it holds nothing that the entries do not say and may be thrown away and made anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, func, insert, select

from formscan.model.people import Permission
from formscan.model.reading import CheckedField, FieldState, FieldValue
from formscan.model.record import EntryField
from formscan.model.supervision import FigureField, Grouping, Tally
from formscan.model.visits import offered_texts, taken_over
from formscan.store.access import need
from formscan.store.codec import load
from formscan.store.desk_rows import FieldFactRow
from formscan.store.rows import EntryFieldRow, EntryVersionRow, FieldDraftRow
from formscan.store.unit_of_work import Database, Unit

ENTRIES_AT_ONCE: Final = 50
MOST_FIELDS: Final = 1000
OfFewKinds = Callable[[str, str, str], bool]
"""Whether a field (form id, version, field id) has few kinds of values: a choice or a mark."""
_KEYS: Final[dict[Grouping, Any]] = {
    Grouping.FIELD: FieldFactRow.field_id,
    Grouping.FORM: FieldFactRow.form_id,
    Grouping.CLERK: FieldFactRow.clerk,
    Grouping.READER: FieldFactRow.reader,
    Grouping.DAY: FieldFactRow.day,
}


class Figures:
    """Counts over released fields.

    Args:
        database: Where they are.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def catch_up(self, of_few_kinds: OfFewKinds) -> int:
        """Count entries that were released since; a short piece of work that may be called again.

        Returns:
            Entries that are still to be counted.
        """

        def work(unit: Unit) -> int:
            wanted = _uncounted().order_by(EntryVersionRow.released_at).limit(ENTRIES_AT_ONCE)
            for entry_id, draft_id, form_id, form_version, released_at in unit.connection.execute(
                wanted
            ).all():
                few = lambda field_id, f=form_id, v=form_version: of_few_kinds(f, v, field_id)  # noqa: E731
                rows = _facts(unit.connection, entry_id, draft_id, form_id, str(released_at.date()), few)
                if rows:
                    unit.connection.execute(insert(FieldFactRow), rows)
            left = select(func.count()).select_from(_uncounted().subquery())
            return unit.connection.scalar(left) or 0

        with self._database.read() as connection:
            if connection.execute(_uncounted().limit(1)).first() is None:
                return 0
        return self._database.write(work)

    def tallies(self, by: Grouping, person: str, only: dict[Grouping, str] | None = None) -> list[Tally]:
        """Counts of every group, by key.

        Args:
            by: How to group.
            person: Who asks.
            only: Count only where these groups have these keys.

        Raises:
            RefusedError: The person may not see figures about people.
        """
        key, conditions = _KEYS[by], _conditions(only)
        read = func.sum(FieldFactRow.read)
        documents = func.count(FieldFactRow.entry_id.distinct())
        wanted = select(key, read, func.sum(FieldFactRow.equal), documents, func.count() - read)
        wanted = wanted.where(*conditions).group_by(key).order_by(key)
        pairs = select(key, FieldFactRow.one, FieldFactRow.other, func.count())
        pairs = pairs.where(*conditions, FieldFactRow.one != "", FieldFactRow.read == 1)
        with self._database.read() as connection:
            need(connection, person, Permission.REPORT)
            counted = connection.execute(wanted).all()
            tables: dict[str, list[tuple[str, str, int]]] = {}
            if by is Grouping.FIELD:  # values of several fields are not kinds of one thing
                grouped = pairs.group_by(key, FieldFactRow.one, FieldFactRow.other)
                for name, one, other, count in connection.execute(grouped):
                    tables.setdefault(name, []).append((one, other, count))
        return [
            Tally(name, int(n or 0), int(equal or 0), docs, int(unread or 0), tuple(tables.get(name, ())))
            for name, n, equal, docs, unread in counted
        ]

    def behind(
        self, only: dict[Grouping, str], person: str, *, unequal: bool = True, limit: int = MOST_FIELDS
    ) -> list[FigureField]:
        """The fields behind a figure, newest first; those a person changed, or all.

        Raises:
            RefusedError: The person may not see figures about people.
        """
        columns = (
            FieldFactRow.entry_id, FieldFactRow.field_id, FieldFactRow.form_id, FieldFactRow.clerk,
            FieldFactRow.reader, FieldFactRow.day, FieldFactRow.equal,
        )  # fmt: skip
        wanted = select(*columns).where(*_conditions(only), FieldFactRow.read == 1)
        if unequal:
            wanted = wanted.where(FieldFactRow.equal == 0)
        wanted = wanted.order_by(FieldFactRow.day.desc(), FieldFactRow.entry_id, FieldFactRow.field_id)
        with self._database.read() as connection:
            need(connection, person, Permission.REPORT)
            rows = connection.execute(wanted.limit(limit)).all()
        return [
            FigureField(entry, 1, field, form, clerk, reader, day, bool(equal))
            for entry, field, form, clerk, reader, day, equal in rows
        ]


def _uncounted() -> Any:
    counted = select(FieldFactRow.entry_id).where(FieldFactRow.entry_id == EntryVersionRow.entry_id).exists()
    return select(
        EntryVersionRow.entry_id, EntryVersionRow.draft_id, EntryVersionRow.form_id,
        EntryVersionRow.form_version, EntryVersionRow.released_at,
    ).where(EntryVersionRow.version == 1, EntryVersionRow.fields > 0, ~counted)  # fmt: skip


def _facts(
    connection: Connection,
    entry_id: str,
    draft_id: str,
    form_id: str,
    day: str,
    few: Callable[[str], bool],
) -> list[dict[str, object]]:
    released = select(EntryFieldRow.noun).where(
        EntryFieldRow.entry_id == entry_id, EntryFieldRow.version == 1
    )
    read = select(FieldDraftRow.noun).where(FieldDraftRow.draft_id == draft_id)
    proposals = {field.field_id: field for field in _loaded(CheckedField, connection.scalars(read))}
    rows = []
    for field in _loaded(EntryField, connection.scalars(released)):
        proposed = proposals[field.field_id].value
        counted = proposed.state is not FieldState.UNVERIFIED
        kinds = few(field.field_id) and counted
        rows.append(
            {
                "entry_id": entry_id,
                "field_id": field.field_id,
                "form_id": form_id,
                "clerk": field.history[-1].person,
                "reader": field.readings[0].engine if field.readings else "",
                "day": day,
                "read": int(counted),
                "equal": int(counted and proposed == field.value),
                "one": _kind(proposed) if kinds else "",
                "other": _kind(field.value) if kinds else "",
                "taken": int(not few(field.field_id) and _taken(proposals[field.field_id], field)),
            }
        )
    return rows


def _taken(proposal: CheckedField, field: EntryField) -> bool:
    """Whether words of a text came from readings nobody stood behind; critical ones have a second key."""
    if proposal.critical or field.value.state is not FieldState.VALUE:
        return False
    decided = [(made.value.text, made.touched) for made in field.history]
    return bool(taken_over(field.value.text, decided, offered_texts(proposal)))


def _loaded(kind: type[Any], nouns: Iterable[str]) -> list[Any]:
    return [load(kind, noun) for noun in nouns]


def _kind(value: FieldValue) -> str:
    return (value.normalised or value.text) if value.state is FieldState.VALUE else f"[{value.state.value}]"


def _conditions(only: dict[Grouping, str] | None) -> list[ColumnElement[bool]]:
    return [_KEYS[group] == key for group, key in (only or {}).items()]
