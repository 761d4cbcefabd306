"""Questions about fields of drafts: asked by clerks, answered by supervisors; both stay as they were said."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection, Row, Select, func, insert, select, update

from formscan.errors import NotFoundError, StoreError
from formscan.model.people import Permission
from formscan.model.question import Question
from formscan.store.access import need
from formscan.store.audit import Digests
from formscan.store.drafts import need_open
from formscan.store.rows import FieldDraftRow, QuestionRow
from formscan.store.unit_of_work import Database, Unit


class Questions:
    """The questions of a database.

    Args:
        database: Where they are kept.
        digests: For the trail, which never quotes them.
        clock: The time.
    """

    def __init__(self, database: Database, digests: Digests, clock: Callable[[], datetime]) -> None:
        self._database, self._digests, self._clock = database, digests, clock

    def ask(self, draft_id: str, field_id: str, person: str, text: str) -> Question:
        """Leave a question at a field.

        Raises:
            RefusedError: Where the person may not review.
            NotFoundError: ``store.no_such_draft`` or ``store.no_such_field``.
            ImmutableError: ``store.draft_closed``.
            StoreError: ``store.nothing_asked`` for an empty question.
        """
        text = text.strip()
        if not text:
            raise StoreError("store.nothing_asked")

        def work(unit: Unit) -> Question:
            need(unit.connection, person, Permission.REVIEW)
            need_open(unit.connection, draft_id)
            _need_field(unit.connection, draft_id, field_id)
            number = (unit.connection.scalar(select(func.max(QuestionRow.number))) or 0) + 1
            asked = Question(number, draft_id, field_id, person, self._clock(), text)
            unit.connection.execute(
                insert(QuestionRow).values(
                    number=number, draft_id=draft_id, field_id=field_id, asked_by=person,
                    asked_at=asked.asked_at, text=text, answer="", answered_by="", answered_at=None,
                )
            )  # fmt: skip
            detail: dict[str, object] = {"field": field_id, "question": self._digests.of(text)}
            unit.trail.add("question.asked", draft_id, person, asked.asked_at, detail)
            return asked

        return self._database.write(work)

    def answer(self, number: int, person: str, text: str) -> Question:
        """Answer a question; an answer is given once.

        Raises:
            RefusedError: Where the person may not arbitrate.
            NotFoundError: ``store.no_such_question``, also where it is answered already.
            StoreError: ``store.nothing_asked`` for an empty answer.
        """
        text = text.strip()
        if not text:
            raise StoreError("store.nothing_asked")

        def work(unit: Unit) -> Question:
            need(unit.connection, person, Permission.ARBITRATE)
            at = self._clock()
            open_one = update(QuestionRow).where(QuestionRow.number == number, QuestionRow.answer == "")
            changed = unit.connection.execute(
                open_one.values(answer=text, answered_by=person, answered_at=at)
            ).rowcount
            found = unit.connection.execute(_wanted().where(QuestionRow.number == number)).one_or_none()
            if not changed or found is None:
                raise NotFoundError("store.no_such_question", number=number)
            detail: dict[str, object] = {"field": found.field_id, "answer": self._digests.of(text)}
            unit.trail.add("question.answered", found.draft_id, person, at, detail)
            return _question(found)

        return self._database.write(work)

    def of_draft(self, draft_id: str) -> list[Question]:
        """All questions about a draft, oldest first."""
        with self._database.read() as connection:
            rows = connection.execute(_wanted().where(QuestionRow.draft_id == draft_id))
            return [_question(row) for row in rows]

    def waiting(self) -> list[Question]:
        """Questions nobody answered, oldest first."""
        with self._database.read() as connection:
            return [_question(row) for row in connection.execute(_wanted().where(QuestionRow.answer == ""))]


def _wanted() -> Select[int, str, str, str, datetime, str, str, str, datetime | None]:
    return select(
        QuestionRow.number,
        QuestionRow.draft_id,
        QuestionRow.field_id,
        QuestionRow.asked_by,
        QuestionRow.asked_at,
        QuestionRow.text,
        QuestionRow.answer,
        QuestionRow.answered_by,
        QuestionRow.answered_at,
    ).order_by(QuestionRow.number)


def _question(row: Row[int, str, str, str, datetime, str, str, str, datetime | None]) -> Question:
    return Question(*row)


def _need_field(connection: Connection, draft_id: str, field_id: str) -> None:
    wanted = select(FieldDraftRow.field_id).where(
        FieldDraftRow.draft_id == draft_id, FieldDraftRow.field_id == field_id
    )
    if connection.execute(wanted).first() is None:
        raise NotFoundError("store.no_such_field", draft=draft_id, field=field_id)
