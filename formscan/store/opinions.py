"""A correction that a supervisor gave back keeps its draft from being released until it is decided anew."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, select

from formscan.errors import UnreviewedError
from formscan.model.review import ReviewedField
from formscan.model.supervision import Origin, Word
from formscan.store.desk_rows import OpinionRow


def check_release(
    connection: Connection, draft_id: str, history: Mapping[str, tuple[ReviewedField, ...]]
) -> None:
    """Refuse to release a draft while a returned field still stands as it was returned.

    Raises:
        UnreviewedError: ``review.returned`` with how many and the first.
    """
    wanted = select(OpinionRow.field_id, OpinionRow.at).where(
        OpinionRow.origin == Origin.REVIEW.value,
        OpinionRow.subject == draft_id,
        OpinionRow.word == Word.RETURNED.value,
    )
    back = [
        field_id
        for field_id, at in connection.execute(wanted)
        if field_id in history and history[field_id][-1].at <= at
    ]
    if back:
        raise UnreviewedError("review.returned", draft=draft_id, count=len(back), first=min(back))
