"""Which words of an offered text deserve the eye: those the readings differ on and those nobody listed."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from formscan.model.read_words import STOP, ReadWords

Span = tuple[int, int]
"""First character and the one after the last."""

_ALIKE: Final = 0.5
"""Share of words two texts have in common, below which one says nothing about words of the other."""
_WORD: Final = re.compile(r"\S+")
_LETTERS: Final = re.compile(r"[^\W\d_]+")


@lru_cache(maxsize=4096)
def listed(word: str) -> bool:
    """Whether all letters of a word, case aside, make words that are known; signs and digits are."""
    from formscan.engines.language import words  # needs NumPy, for which the window does not wait

    return all(part.lower() in words() for part in _LETTERS.findall(word))


def doubtful_words(text: str, others: Iterable[str], read: ReadWords | None = None) -> tuple[Span, ...]:
    """Words of a text that deserve the eye, in reading order.

    Those in no list do, those whose reader says that it is less sure than ``STOP``, and, where it says
    nothing, those another reading has otherwise.

    Args:
        text: What stands in the editor.
        others: Other texts for the same ink; one that is equal or quite another says nothing.
        read: What the reader said about its words.

    Returns:
        Their places in the text.
    """
    found = [(match.start(), match.end()) for match in _WORD.finditer(text)]
    mine = [text[start:end] for start, end in found]
    sure = read.over(mine) if read else [None] * len(mine)
    differ: set[int] = set()
    for other in others:
        theirs = other.split()
        if theirs == mine:
            continue
        matcher = difflib.SequenceMatcher(None, mine, theirs, autojunk=False)
        if matcher.ratio() < _ALIKE:
            continue
        for tag, start, end, _, _ in matcher.get_opcodes():
            if tag != "equal":
                differ.update(range(start, end))
    return tuple(
        found[place]
        for place, (word, known) in enumerate(zip(mine, sure, strict=True))
        if not listed(word) or (place in differ if known is None else known < STOP)
    )


def unread_words(text: str, others: Iterable[str]) -> tuple[Span, ...]:
    """Words that no reading of the same ink has; in reading order."""
    read = {word.casefold() for other in others for word in other.split()}
    return tuple(match.span() for match in _WORD.finditer(text) if match.group().casefold() not in read)


def alike(text: str, other: str) -> bool:
    """Whether two texts share so many words that what they differ in says something."""
    matcher = difflib.SequenceMatcher(None, text.split(), other.split(), autojunk=False)
    return matcher.ratio() >= _ALIKE


def next_word(text: str, others: Iterable[str], after: int, read: ReadWords | None = None) -> Span | None:
    """The next doubtful word that begins at ``after`` or later, the first again behind the last.

    Where no word is in doubt every word is walked through; ``None`` for a text without words.
    """
    spans = doubtful_words(text, others, read)
    if not spans:
        spans = tuple((match.start(), match.end()) for match in _WORD.finditer(text))
    return next((span for span in spans if span[0] >= after), spans[0] if spans else None)
