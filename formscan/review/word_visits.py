"""Words in doubt are visited one by one before a text counts: each is confirmed or typed anew.

A word its reader is not sure of (``read_words.GAP``) cannot be confirmed: it is typed, and where it then is
what the reader had, two have read it that do not know of each other. A typed word is shown once more where
it is in no list and no reading has it, or where the reader has the text around it but not that word: most
slips of the fingers are of these kinds. A strange word that was confirmed so is known for the rest of the
sitting.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from itertools import groupby
from typing import Final

from formscan.model.read_words import GAP_SIGN, ReadWords
from formscan.model.same_words import blocks
from formscan.model.template import CODED, FieldKind, FieldSpec, ValueType
from formscan.model.visits import PIECE, Touch, Touched
from formscan.review.word_doubt import Span, alike, doubtful_words, listed, unread_words

__all__ = ["PIECE", "WordVisits", "visited"]
_WORDLESS: Final = CODED | {ValueType.CHOICE, ValueType.BOOLEAN, ValueType.PRESENCE}
_WORD: Final = re.compile(r"\S+")
Mark = tuple[Touch, datetime]
"""What was done to a word, and when."""


def _now() -> datetime:
    return datetime.now(UTC)


def visited(spec: FieldSpec, *, critical: bool) -> bool:
    """Whether words in doubt are visited one by one at a field; a critical one has a rule of its own."""
    return not critical and spec.kind is FieldKind.TEXT and spec.type not in _WORDLESS


class WordVisits:
    """What a person touched of a text that was read.

    Args:
        text: The reading as it was put into the editor; nobody touched a word of it yet.
        whole: No reader stands behind it: words that are not in doubt are visited too, ``PIECE`` at a time.
        clock: The time, with zone.
        known: Words in no list that this person typed and confirmed before, small letters; grows with her.
        read: What the reader said about its words.
        decided: What a person decided there before: its words are not asked about again.
    """

    def __init__(
        self,
        text: str,
        *,
        whole: bool = False,
        clock: Callable[[], datetime] = _now,
        known: set[str] | None = None,
        read: ReadWords | None = None,
        decided: str = "",
    ) -> None:
        self.text = text
        self._read, self._decided = read, decided
        self._whole, self._clock = whole, clock
        self._known = set() if known is None else known
        self._touched: list[Mark | None] = [None] * len(_WORD.findall(text))
        self._asked: Span | None = None

    def change(self, text: str) -> None:
        """The text was edited: words that are new in it were typed and need no visit."""
        if text == self.text:
            return
        before, after = _WORD.findall(self.text), _WORD.findall(text)
        typed = (Touch.TYPED, self._clock())
        touched: list[Mark | None] = [typed] * len(after)
        for one, other, size in blocks(before, after):
            touched[other : other + size] = self._touched[one : one + size]
        self.text, self._touched, self._asked = text, touched, None

    def left(self, others: Iterable[str]) -> tuple[Span, ...]:
        """What is still to be visited, in reading order; ``others`` are the other texts for the ink."""
        texts = tuple(others)
        spans = [match.span() for match in _WORD.finditer(self.text)]
        strange, alone = self._strange(texts), self._gaps()
        if not (self._whole and self._read):  # else pieces show what is in doubt as well
            alone |= set(doubtful_words(self.text, texts, self._read))

        def sort(one: tuple[Span, Mark | None]) -> tuple[bool, bool]:
            """Whether a word was touched, and whether it is visited by itself."""
            span, mark = one
            typed = mark is not None and mark[0] is Touch.TYPED and span in strange
            return mark is not None and not typed, typed or span in alone

        found: list[Span] = []
        for (touched, in_doubt), run in groupby(zip(spans, self._touched, strict=True), key=sort):
            words = [span for span, _ in run]
            if touched or not (in_doubt or self._whole):
                continue
            size = 1 if in_doubt else PIECE
            pieces = [words[at : at + size] for at in range(0, len(words), size)]
            found += [(piece[0][0], piece[-1][1]) for piece in pieces]
        return tuple(found)

    def enter(self, chosen: Span | None, others: Iterable[str]) -> Span | None:
        """Enter was pressed: a place to visit that is chosen is confirmed by it.

        Args:
            chosen: What is selected in the editor. A whole text, which an editor selects by itself, counts
                as a visit only where it was asked for.
            others: Other texts for the same ink.

        Returns:
            The place to visit next; ``None`` where the text counts.
        """
        texts = tuple(others)
        left, after = self.left(texts), 0
        asked = chosen == self._asked or chosen != (0, len(self.text))
        if chosen is not None and chosen in left and asked and not self.to_type(chosen):
            self._touch(chosen)
            left, after = self.left(texts), chosen[1]
        self._asked = next((span for span in left if span[0] >= after), left[0] if left else None)
        return self._asked

    def to_type(self, span: Span) -> bool:
        """Whether what stands there was read so unsurely that Enter does not confirm it."""
        return span in self._gaps()

    def _gaps(self) -> set[Span]:
        """Words nobody typed that have to be."""
        spans = [match.span() for match in _WORD.finditer(self.text)]
        words = [self.text[slice(*span)] for span in spans]
        read = self._read or ReadWords((), ())
        unsure = read.gaps(words)
        return {spans[k] for k in unsure if self._touched[k] is None or words[k] == GAP_SIGN}

    def enter_whole(self) -> None:
        """Enter was pressed on a number, a date or a code, which is seen as one: all of it was visited."""
        at = self._clock()
        self._touched = [(Touch.VISITED, at) if mark is None else mark for mark in self._touched]

    def touched(self) -> tuple[Touched, ...]:
        """What was done to the words, in their order; typed ones side by side have the last one's time."""
        found: list[Touched] = []
        for place, mark in enumerate(self._touched):
            if mark is None:
                continue
            how, at = mark
            last = found[-1] if found and found[-1].end == place and found[-1].how is how else None
            if last is not None and (how is Touch.TYPED or last.at == at):
                found[-1] = Touched(last.first, place + 1, how, max(last.at, at))
            else:
                found.append(Touched(place, place + 1, how, at))
        return tuple(found)

    def _strange(self, others: Iterable[str]) -> set[Span]:
        """Words that look like slips where they were typed."""
        told = self._read is not None and alike(self.text, " ".join(self._read.words))
        texts = (*others, self._decided)
        return {span for span in unread_words(self.text, texts) if told or self._unknown(span)}

    def _unknown(self, span: Span) -> bool:
        word = self.text[slice(*span)]
        return not listed(word) and word.casefold() not in self._known

    def _touch(self, chosen: Span) -> None:
        at = self._clock()
        for place, match in enumerate(_WORD.finditer(self.text)):
            if chosen[0] <= match.start() < chosen[1]:
                mark = self._touched[place]
                if mark is not None and mark[0] is Touch.TYPED:  # typed and asked for: it was a strange one
                    self._known.add(match.group().casefold())
                self._touched[place] = (Touch.VISITED, at)
