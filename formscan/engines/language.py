"""What words are likely: a prior for the beam that ink can outvote."""

from __future__ import annotations

import gzip
import math
from functools import lru_cache
from typing import Final

from formscan.engines.ctc import WordPrior
from formscan.paths import resources_dir

_WEIGHT: Final = 0.55
_STRANGE: Final = 9.0
"""Natural logarithm by which a word nobody listed is less likely than a common one, before its letters."""
_A_LETTER: Final = 0.9
"""The same, for each of its letters beyond the second."""
_PLAIN: Final = 6.0
"""Of what is no word: numbers and signs."""


@lru_cache(maxsize=1)
def words() -> dict[str, float]:
    """Natural logarithm of each word's share among those of names, places, diagnoses and procedures."""
    packed = (resources_dir() / "lexicons" / "words.tsv.gz").read_bytes()
    rows = [line.split("\t") for line in gzip.decompress(packed).decode("utf-8").splitlines()]
    total = math.log(sum(int(count) for _, count in rows))
    return {word: math.log(int(count)) - total for word, count in rows}


def word_prior(weight: float = _WEIGHT) -> WordPrior:
    """A prior of words in any case.

    A listed word counts by its frequency, another by its length; signs around a word do not matter, the last
    word may be cut off.
    """
    listed = words()
    rare = min(listed.values())

    @lru_cache(maxsize=4096)
    def prior(word: str, last: bool) -> float:
        bare = word.strip(".,:;()-/'\"").lower()
        if not bare or not bare.isalpha():
            return -weight * _PLAIN
        found = listed.get(bare)
        if found is not None and (word in {bare, bare.capitalize(), bare.upper()} or not word.isalpha()):
            return weight * max(found, rare)
        odd = 0.0 if found is None else 3.0
        if found is not None:
            return weight * (found - odd)
        return -weight * (_STRANGE + _A_LETTER * max(0, len(bare) - 2)) * (0.8 if last else 1.0)

    return prior
