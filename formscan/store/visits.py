"""No text that no reader stands behind is kept before a person typed or went through its words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sqlalchemy import Connection, select

from formscan.errors import ReviewError
from formscan.model.read_words import read_words
from formscan.model.reading import CheckedField, FieldState
from formscan.model.review import Action, ReviewedField
from formscan.model.visits import Touch, offered_texts, untouched
from formscan.store.codec import load
from formscan.store.rows import FieldDraftRow

_BY_HAND: Final = frozenset({Action.CONFIRMED, Action.CORRECTED})


def need_visits(
    connection: Connection,
    draft_id: str,
    decision: ReviewedField,
    standing: Callable[[], ReviewedField | None],
) -> None:
    """Refuse a text that was taken over from what nobody stands behind and not gone through.

    Critical fields have a second key instead.

    Args:
        connection: In the transaction that keeps the decision.
        draft_id: Of the document.
        decision: About one of its fields.
        standing: Looks for the decision that counted there until now; asked only where something was offered.

    Raises:
        ReviewError: ``review.not_visited`` with the field and how many ``words``.
    """
    if decision.action not in _BY_HAND or decision.value.state is not FieldState.VALUE:
        return
    proposal = _offered(connection, draft_id, decision.field_id)
    if proposal is None or not (offered := offered_texts(proposal)):
        return
    before = standing()
    kept = None if before is None else before.value
    read = read_words(proposal, str)
    left = untouched(decision.value, decision.touched, offered, decision.at, kept, read)
    if left:
        raise ReviewError("review.not_visited", field=decision.field_id, words=len(left))


def visits_told(decision: ReviewedField) -> dict[str, object]:
    """What the trail says about them: stops, seconds from the first to the last, and words typed."""
    stops = sorted({one.at for one in decision.touched if one.how is Touch.VISITED})
    if not stops:
        return {}
    typed = sum(one.end - one.first for one in decision.touched if one.how is Touch.TYPED)
    seconds = round((stops[-1] - stops[0]).total_seconds(), 1)
    return {"visited": len(stops), "visited_s": seconds, "typed_words": typed}


def _offered(connection: Connection, draft_id: str, field_id: str) -> CheckedField | None:
    """What was read of a field where nobody stands behind it."""
    wanted = select(FieldDraftRow.noun).where(
        FieldDraftRow.draft_id == draft_id,
        FieldDraftRow.field_id == field_id,
        FieldDraftRow.state == FieldState.UNVERIFIED.value,
        FieldDraftRow.critical == 0,
    )
    noun = connection.scalar(wanted)
    return None if noun is None else load(CheckedField, noun)
