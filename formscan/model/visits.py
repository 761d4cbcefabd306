"""Proof that a person went through a text no reader stands behind, word by word.

Such a text is offered (readings, their alternatives) and taken over with a key. Each of its words must then
be one she typed, or lie in a piece she was led to and confirmed by itself (``docs/decisions/110``). What says
so travels with the decision; the store holds it against what was offered, so that no client can leave it out.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from formscan.model.read_words import GAP_SIGN, ReadWords
from formscan.model.reading import CheckedField, FieldState, FieldValue
from formscan.model.same_words import blocks, shared

PIECE: Final = 3
"""Words that are visited together at most: about three glances."""


class Touch(StrEnum):
    """What a person did to words."""

    TYPED = "typed"
    VISITED = "visited"
    """She was led to them, saw them chosen beside the picture, and confirmed them."""


@dataclass(frozen=True, slots=True)
class Touched:
    """Words of a decided text that belong together.

    Attributes:
        first: Number of the first word, from 0.
        end: Number of the one after the last.
        how: What was done to them.
        at: When, with zone.
    """

    first: int
    end: int
    how: Touch
    at: datetime


def all_typed(text: str, at: datetime) -> tuple[Touched, ...]:
    """A text that was typed from its first word to its last."""
    count = len(text.split())
    return (Touched(0, count, Touch.TYPED, at),) if count else ()


def offered_texts(proposal: CheckedField) -> tuple[str, ...]:
    """What the readers made of a field, where none stands behind it; empty where one does."""
    if proposal.value.state is not FieldState.UNVERIFIED:
        return ()
    said = ((one.text, *(other.text for other in one.alternatives)) for one in proposal.readings)
    return tuple(text for texts in said for text in texts if text.strip())


def untouched(
    value: FieldValue,
    touched: Sequence[Touched],
    offered: Iterable[str],
    at: datetime,
    standing: FieldValue | None = None,
    read: ReadWords | None = None,
) -> tuple[int, ...]:
    """Words of a decided text that were offered, and that nobody typed or went through.

    A word its reader was not sure of counts only if it was typed. A piece counts as visited if it holds no
    more than ``PIECE`` words and nothing else was visited at the very same time, and not after the decision.

    Args:
        value: What is decided.
        touched: What is said to have been done to its words.
        offered: Texts that could be taken over.
        at: When it was decided.
        standing: What was decided there before; its words had their proof then.
        read: What the reader said about its words.

    Returns:
        Their numbers, in order.
    """
    words = _words(value.text)
    wanted: set[int] = set()
    for text in offered:
        wanted |= shared(words, _words(text))
    if standing is not None:
        wanted -= shared(words, _words(standing.text))
    left_out = {place for place, word in enumerate(words) if word == GAP_SIGN}
    gaps = ReadWords(tuple(_words(" ".join(read.words))), read.sure).gaps(words) if read else left_out
    together = Counter[datetime]()
    for one in touched:
        if one.how is Touch.VISITED:
            together[one.at] += max(0, one.end - one.first)
    for one in touched:
        if one.at <= at and (one.how is Touch.TYPED or together[one.at] <= PIECE):
            seen = set(range(one.first, one.end))
            wanted -= seen if one.how is Touch.TYPED else seen - gaps
    return tuple(sorted(wanted | left_out))


def taken_over(
    text: str, decided: Iterable[tuple[str, Sequence[Touched]]], offered: Iterable[str]
) -> tuple[int, ...]:
    """Words of a released text that were offered and that no decision says were typed.

    Args:
        text: What was released.
        decided: Texts decided at the field, in their order, each with what was done to its words.
        offered: Texts that could be taken over.

    Returns:
        Their numbers, in order. Decisions that say nothing of their words typed none.
    """
    words = _words(text)
    taken = {place for one in offered for place in shared(words, _words(one))}
    for before, touched in decided:
        typed = {n for one in touched if one.how is Touch.TYPED for n in range(one.first, one.end)}
        for start, place, size in blocks(_words(before), words):
            taken -= {place + k for k in range(size) if start + k in typed}
    return tuple(sorted(taken))


def fitted(touched: Sequence[Touched], typed: str, kept: str) -> tuple[Touched, ...]:
    """What was done to the words of a typed text, as said of the text it is kept as.

    A rule may write it in other words (``12 3 1957`` as ``12/03/1957``): words that are the same keep what
    was done to them; the others count as touched last where all of the typed text was.
    """
    before, after = typed.split(), kept.split()
    if len(before) == len(after):
        return tuple(touched)
    done = {place: one for one in touched for place in range(one.first, one.end)}
    marks: dict[int, Touched] = {}
    for start, other, size in blocks(before, after):
        marks |= {other + k: done[start + k] for k in range(size) if start + k in done}
    if touched and len(done) == len(before):
        rest = max(touched, key=lambda one: (one.how is Touch.TYPED, one.at))
        marks = {place: marks.get(place, rest) for place in range(len(after))}
    return tuple(Touched(place, place + 1, marks[place].how, marks[place].at) for place in sorted(marks))


def _words(text: str) -> list[str]:
    return unicodedata.normalize("NFC", text).casefold().split()
