"""Questions a clerk leaves at a field instead of deciding it, and their answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Question:
    """A question about one field of a draft; the field stays open.

    Attributes:
        number: 1, 2, ... within the database.
        asked_by: Id of the person.
        asked_at: Time with zone.
        answer: Empty while nobody answered.
    """

    number: int
    draft_id: str
    field_id: str
    asked_by: str
    asked_at: datetime
    text: str
    answer: str = ""
    answered_by: str = ""
    answered_at: datetime | None = None
