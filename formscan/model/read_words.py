"""What the reader of a text says about each of its words, laid over whatever text stands there now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from formscan.model.reading import CheckedField
from formscan.model.same_words import blocks

GAP: Final = 0.9
"""Probability below which a word that was read has to be typed: it is taken over as ``GAP_SIGN``, and no
person can wave it through. ``docs/decisions/149`` has what another limit costs and saves."""
STOP: Final = 0.97
"""Probability below which a word is a stop of its own where a reader stands behind the text."""
GAP_SIGN: Final = "…"
LEAST: Final = 3
"""Words of a text from which on single ones have to be typed; a shorter one is chosen as a whole."""


@dataclass(frozen=True, slots=True)
class ReadWords:
    """Words of one reading.

    Attributes:
        words: In reading order.
        sure: Probability 0..1 of each.
    """

    words: tuple[str, ...]
    sure: tuple[float, ...]

    def over(self, words: Sequence[str]) -> list[float | None]:
        """Probability of each word of a text for the same ink; ``None`` where it was read otherwise."""
        found: list[float | None] = [None] * len(words)
        for start, other, size in blocks(self.words, words):
            found[other : other + size] = self.sure[start : start + size]
        return found

    def gaps(self, words: Sequence[str]) -> set[int]:
        """Places of words that have to be typed; of a text of few words only what was left out of it.

        A word only another reading has is none the reader is sure of.
        """
        few = len(words) < LEAST or not self.words
        return {
            place
            for place, (word, sure) in enumerate(zip(words, self.over(words), strict=True))
            if word == GAP_SIGN or not (few or (sure or 0.0) >= GAP)
        }

    def masked(self, text: str) -> str:
        """A text to take over, ``GAP_SIGN`` for each word that has to be typed."""
        words = text.split(" ")
        gaps = self.gaps(words)
        return " ".join(GAP_SIGN if place in gaps else word for place, word in enumerate(words))


def read_words(field: CheckedField, rendered: Callable[[str], str]) -> ReadWords | None:
    """What the first reader that tells words from each other says of them.

    Args:
        field: As it was read.
        rendered: A text as the form writes it.
    """
    for reading in field.readings:
        text = reading.text or (reading.alternatives[0].text if reading.alternatives else "")
        words = rendered(text).split()
        if reading.words and len(words) == len(reading.words):
            return ReadWords(tuple(words), reading.words)
    return None
