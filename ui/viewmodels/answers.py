"""What a person may put into a field, and how the text of choices is written."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from string import ascii_lowercase
from typing import Final

from formscan.model.geometry import Box
from formscan.model.read_words import ReadWords, read_words
from formscan.model.reading import Alternative, FieldState, FieldValue
from formscan.model.template import CODED, FieldKind, FieldSpec, ValueType
from formscan.pipeline.rules.combs import rendered
from formscan.review.choices import doubting, other_readings
from formscan.review.word_doubt import Span, next_word
from ui.viewmodels.mirror import Slot

TRUE: Final = "true"
"""Text of a mark that is there and of a signature that is there."""
KEYS: Final = "123456789" + ascii_lowercase
"""Keys that toggle the first, second, ... option."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A text one key puts into the editor.

    Attributes:
        text: The text.
        shown: What stands on its button.
        confidence: Of a reading; ``None`` for a suggestion.
    """

    text: str
    shown: str
    confidence: float | None = None


class Way(StrEnum):
    """How an answer is put in."""

    LINE = "line"
    LINES = "lines"
    OPTIONS = "options"


def way(spec: FieldSpec) -> Way:
    """How a field is answered."""
    if options(spec):
        return Way.OPTIONS
    if spec.kind is FieldKind.TEXT and spec.type is ValueType.TEXT and len(spec.cells) > 1:
        return Way.LINES
    return Way.LINE


def options(spec: FieldSpec) -> tuple[str, ...]:
    """Values that can be toggled; none for a field that is typed."""
    if spec.type is ValueType.CHOICE and spec.choices:
        return tuple(choice.value for choice in spec.choices)
    if spec.type in {ValueType.BOOLEAN, ValueType.PRESENCE}:
        return (TRUE,)
    return ()


def toggled(spec: FieldSpec, text: str, option: str) -> str:
    """The text after an option was pressed; a single choice gives up the one before."""
    chosen = [part for part in text.split(";") if part]
    if option in chosen:
        chosen.remove(option)
    elif spec.multiple:
        chosen = [value for value in options(spec) if value in {*chosen, option}]
    else:
        chosen = [option]
    return ";".join(chosen)


def shown(value: FieldValue) -> str:
    """The text an editor begins with."""
    return value.text if value.state is FieldState.VALUE else ""


def lit_boxes(slot: Slot) -> tuple[Box, ...]:
    """What is lit of a field: lines of writing one by one, everything else as one box."""
    lines = slot.spec.kind is FieldKind.TEXT and len(slot.proposal.cell_boxes) > 1
    return slot.proposal.cell_boxes if lines else (slot.proposal.page_box,)


def alternatives(slot: Slot) -> tuple[Alternative, ...]:
    """Other readings worth a key, the most probable first, without what stands there already."""
    return other_readings(slot.proposal, shown(slot.value), partial(rendered, slot.spec))


def word_after(slot: Slot, text: str, place: int) -> Span | None:
    """The next word of a text in the editor that may be wrong, from a place on."""
    return next_word(text, readings(slot), place, words_read(slot))


def words_read(slot: Slot) -> ReadWords | None:
    """What the reader said about each of the words it read there."""
    return read_words(slot.proposal, partial(rendered, slot.spec))


def readings(slot: Slot) -> tuple[str, ...]:
    """What was read of a field, as texts, without what is too unlikely to make a word doubtful."""
    texts = (shown(slot.proposal.value), *doubting(slot.proposal, alternatives(slot)))
    return tuple(text for text in texts if text)


def typed_as_is(spec: FieldSpec) -> bool:
    """Whether letters typed there never become Vietnamese: numbers, dates and codes."""
    return spec.type in CODED or spec.kind is FieldKind.COMB
