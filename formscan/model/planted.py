"""A wrong value shown on purpose, and what became of it."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime

from formscan.model.reading import FieldState, FieldValue


@dataclass(frozen=True, slots=True)
class Plant:
    """One planted value.

    Attributes:
        person: Who sees it.
        value: The wrong value that is shown.
        truly: What was truly read there.
    """

    draft_id: str
    field_id: str
    person: str
    value: FieldValue
    truly: FieldValue


@dataclass(frozen=True, slots=True)
class PlantPolicy:
    """How often values are planted.

    Attributes:
        rate: Share of the fields that are planted, 0..1; 0 plants none.
        seed: With the draft and the person it decides which fields and values.
        most: Most a form.
    """

    rate: float = 0.0
    seed: str = ""
    most: int = 2


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one planted value.

    Attributes:
        caught: The person gave the field another value or state than the planted one.
    """

    draft_id: str
    field_id: str
    person: str
    caught: bool
    at: datetime


def holds(value: FieldValue, plant: Plant) -> bool:
    """Whether a value is the planted one, however it is written."""
    if value.state is not FieldState.VALUE:
        return False
    same_machine_form = bool(value.normalised) and value.normalised == plant.value.normalised
    return same_machine_form or plain(value.text) == plain(plant.value.text)


def plain(text: str) -> str:
    """A text without case, spaces and signs, so that writings of the same value are one."""
    return "".join(sign for sign in unicodedata.normalize("NFC", text).casefold() if sign.isalnum())
