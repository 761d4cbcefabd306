"""What is put before a second and a third pair of eyes: a crop, and only for a ruling both values."""

from __future__ import annotations

from dataclasses import dataclass

from formscan.model.geometry import Box
from formscan.model.reading import FieldValue
from formscan.model.record import DraftPage


@dataclass(frozen=True, slots=True)
class KeyTask:
    """A critical field to be keyed blind; carries neither a reading nor the first value.

    Attributes:
        page: Where its picture is.
        page_box: The field in the page as scanned, pixels.
        cell_boxes: Of each cell, same frame.
    """

    draft_id: str
    form_id: str
    form_version: str
    field_id: str
    page: DraftPage
    page_box: Box
    cell_boxes: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class RulingTask:
    """A critical field two people keyed differently.

    Attributes:
        place: Which field, and its crop.
        first: What the first person had.
        second: What was keyed blind.
    """

    place: KeyTask
    first: FieldValue
    second: FieldValue


@dataclass(frozen=True, slots=True)
class Waiting:
    """How much waits for a person: fields to key blind, and fields to rule on."""

    keys: int
    rulings: int
