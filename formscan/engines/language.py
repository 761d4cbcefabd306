"""What words are likely, and which follow each other: priors that ink can outvote."""

from __future__ import annotations

import gzip
import io
import math
import re
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise
from typing import Final

from formscan.engines.ctc import Spelled, WordPrior
from formscan.paths import resources_dir

_WEIGHT: Final = 0.7
"""Of eight settings tried on 1,233 composed lines the best; without words 2 % fewer of them are right."""
_COMMON: Final = 6.0
"""Added to the logarithm of a listed word's share, so that a common word costs nothing."""
_STRANGE: Final = 5.0
"""Logarithm by which a word nobody listed is less likely, before its letters."""
_A_LETTER: Final = 0.7
_ODD_CASE: Final = 4.0
"""The same for a capital in the middle of a word."""
_GLUED: Final = 5.0
"""The same for words without the blank between them."""
_PAIR: Final = 0.7
_PAIR_MOST: Final = 6.0
_NO_PAIR: Final = 1.5
"""Weight of how much oftener two words follow each other than by chance (pointwise mutual information, Church
& Hanks 1990), its bound, and what a pair in no list costs: of five settings tried on 2,397 composed lines the
best of those that do not harm print. Of 1,214 handwritten lines 632 instead of 550 are right, of 1,183
printed ones 1,019 instead of 999."""
_STOPS: Final = ",.;:()"
_LETTERS: Final = re.compile(r"[^\W\d_]+")


@lru_cache(maxsize=1)
def words() -> dict[str, float]:
    """Natural logarithm of each word's share among those of names, places, diagnoses and procedures."""
    packed = (resources_dir() / "lexicons" / "words.tsv.gz").read_bytes()
    rows = [line.split("\t") for line in gzip.decompress(packed).decode("utf-8").splitlines()]
    total = math.log(sum(int(count) for _, count in rows))
    return {word: math.log(int(count)) - total for word, count in rows}


def bare(word: str) -> str:
    """A word in small letters, without the signs around it."""
    return word.strip(".,:;()-/'\"").lower()


@lru_cache(maxsize=4)
def word_prior(weight: float = _WEIGHT) -> WordPrior:
    """A prior of words in any case.

    A listed word counts by its frequency, another by its length; numbers and signs are what they look like.
    """
    listed = words()

    @lru_cache(maxsize=8192)
    def prior(word: str, last: bool) -> float:
        chunks = _LETTERS.findall(word)
        total = -_GLUED * max(0, len(chunks) - 1)
        for chunk in chunks:
            small = chunk.lower()
            found = listed.get(small)
            if found is not None:
                total += min(0.0, found + _COMMON)
            elif len(small) > 1:
                total -= (_STRANGE + _A_LETTER * (len(small) - 2)) * (0.6 if last else 1.0)
            if chunk not in {small, small.capitalize(), small.upper()}:
                total -= _ODD_CASE
        return weight * total

    return prior


class Pairs:
    """How much oftener a word follows another in the lists than by chance, in a megabyte.

    Args:
        told: Lines of word, next word and how often, set apart by tabs; sorted, so that nothing has to be
            kept beside the result while it is made.
    """

    def __init__(self, told: str) -> None:
        first, second = Counter[str](), Counter[str]()
        for one, other, count in _rows(told):
            first[one] += count
            second[other] += count
        self._numbers = {word: number for number, word in enumerate(sorted(first.keys() | second.keys()))}
        self._keys, self._logs = array("L"), array("f")
        total = sum(first.values())
        for one, other, count in _rows(told):
            self._keys.append(self._key(one, other))
            self._logs.append(math.log(count * total / (first[one] * second[other])))

    def of(self, one: str, other: str) -> float:
        """Natural logarithm of how much oftener, not below 0; -1 for a pair the lists lack."""
        if one not in self._numbers or other not in self._numbers:
            return -1.0
        key = self._key(one, other)
        place = bisect_left(self._keys, key)
        found = place < len(self._keys) and self._keys[place] == key
        return max(0.0, self._logs[place]) if found else -1.0

    def _key(self, one: str, other: str) -> int:
        return self._numbers[one] * len(self._numbers) + self._numbers[other]


def _rows(told: str) -> Iterator[tuple[str, str, int]]:
    for line in io.StringIO(told):
        one, other, count = line.split("\t")
        yield one, other, int(count)


@lru_cache(maxsize=1)
def pairs() -> Pairs:
    """Those of places, diagnoses and procedures."""
    packed = (resources_dir() / "lexicons" / "pairs.tsv.gz").read_bytes()
    return Pairs(gzip.decompress(packed).decode("utf-8"))


def paired(text: str) -> list[float | None]:
    """How well each word follows the one before it, for all but the first.

    Returns:
        What ``pairs`` says; -1 for a pair it lacks; ``None`` after a stop or where one is no word.
    """
    listed, found = pairs(), list[float | None]()
    words = text.split()
    spelled = [_LETTERS.findall(word.lower()) for word in words]
    for place, (one, other) in enumerate(pairwise(spelled)):
        if one and other and words[place][-1] not in _STOPS:
            found.append(listed.of(one[-1], other[0]))
        else:
            found.append(None)
    return found


def in_context(found: Iterable[Spelled]) -> list[Spelled]:
    """Texts of a beam with the prior of their pairs of words, the likeliest first again."""
    told = [replace(one, prior=one.prior + sum(map(_of_pair, paired(one.text)))) for one in found]
    return sorted(told, key=lambda one: -one.score)


def _of_pair(known: float | None) -> float:
    if known is None:
        return 0.0
    return _PAIR * min(_PAIR_MOST, known) if known >= 0 else -_NO_PAIR
