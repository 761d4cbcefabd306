"""What people decided about fields."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from formscan.model.reading import FieldValue
from formscan.model.visits import Touched


class Action(StrEnum):
    """What a person did to a field."""

    CONFIRMED = "confirmed"
    CORRECTED = "corrected"
    STATED = "stated"
    """Gave it a state instead of a value: blank, illegible, struck out ..."""
    GATED = "gated"
    """Nobody looked: the release gate stands for it, as a supervisor switched on for its kind."""


GATE: Final = "gate"
"""Who decided where the action is ``GATED``; ``ground`` says on which promise."""


class Method(StrEnum):
    """How a field was in front of the person who decided."""

    SINGLE = "single"
    """By itself, in the document it stands in."""
    GROUP = "group"
    """As one of many look-alikes on a screen (``formscan.review.groups``)."""


@dataclass(frozen=True, slots=True)
class ReviewedField:
    """One decision of one person about one field.

    Attributes:
        person: Id of the person.
        at: Time with zone.
        before: What stood there before this decision.
        value: What stands there now.
        reason: Why a hard rule is overruled, or why a released value is corrected.
        ground: What stands behind it where no person looked: gate, promise and who switched it on.
        method: How it was looked at.
        touched: What was done to the words of its text, in their order.
    """

    field_id: str
    action: Action
    person: str
    at: datetime
    before: FieldValue
    value: FieldValue
    reason: str = ""
    ground: str = ""
    method: Method = Method.SINGLE
    touched: tuple[Touched, ...] = ()
