"""What language makes of signs that print hides: dots below vowels, full stops and commas.

They stand where forms print dots to write on, so that ink tells little of them and the network is sure all
the same. Where words and sentences say another thing than what was read, that is offered to a person; it is
never put in place of what was read.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from formscan.engines.language import words

_LOST: Final = 0.93
"""From this chance on that a word without a dot below is meant to have one it is doubted: 14 of 16 were."""
_ADDED: Final = 0.97
"""The same of a word with such a dot that is meant to have none: 4 of 4."""
_UNLISTED: Final = 1e-6
_BELOW: Final = "\u0323"
_TONES: Final = "\u0300\u0301\u0303\u0309\u0323"
_VOWELS: Final = frozenset("aăâeêioôơuưy")
_WORD: Final = re.compile(r"[^\W\d_]{2,}")
_STOP: Final = re.compile(r"(?<=\w)([.,]) (?=([^\W\d_])([^\W\d_]))")


def likelier(text: str, *, listing: bool = False) -> str:
    """The text as language has it more often than not, or as it is.

    Args:
        text: What was read of one line.
        listing: Names and places stand in it: a capital after a comma is no new sentence.
    """
    return _stopped(_dotted(text), listing)


def _dotted(text: str) -> str:
    """With dots below set right in words that are far more often another."""
    out = text
    for found in _WORD.finditer(text):
        other = _meant(found.group())
        out = out[: found.start()] + other + out[found.end() :]
    return out


def _meant(word: str) -> str:
    own = _share(word)
    for other, limit in _twins(word):
        share = _share(other)
        if share > _UNLISTED and share / (share + own) >= limit:
            return other
    return word


def _share(word: str) -> float:
    found = words().get(word.lower())
    return _UNLISTED if found is None else math.exp(found)


def _twins(word: str) -> Iterator[tuple[str, float]]:
    """The word with a dot below taken off or put on, and how likely it must be; a syllable has one tone."""
    apart = [unicodedata.normalize("NFD", letter) for letter in word]
    toned = any(mark in letter for letter in apart for mark in _TONES)
    for place, letter in enumerate(apart):
        if _BELOW in letter:
            other, limit = letter.replace(_BELOW, ""), _ADDED
        elif not toned and unicodedata.normalize("NFC", letter).lower() in _VOWELS:
            other, limit = letter + _BELOW, _LOST
        else:
            continue
        yield word[:place] + unicodedata.normalize("NFC", other) + word[place + 1 :], limit


def _stopped(text: str, listing: bool) -> str:
    """A full stop before a capital and a comma before a small letter, X-rays and lists of names apart."""

    def meant(found: re.Match[str]) -> str:
        stop, first, second = found.groups()
        if stop == "." and first.islower():
            return ", "
        if stop == "," and first.isupper() and second.islower() and not listing:
            return ". "
        return found.group()

    return _STOP.sub(meant, text)
