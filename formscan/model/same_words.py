"""Which words two texts for the same ink have in common, in the same order."""

from __future__ import annotations

import difflib
from collections.abc import Sequence


def blocks(one: Sequence[str], other: Sequence[str]) -> Sequence[difflib.Match]:
    """Runs of the same words: where they begin in each, and how many they are; the last is empty."""
    return difflib.SequenceMatcher(None, one, other, autojunk=False).get_matching_blocks()


def shared(words: Sequence[str], other: Sequence[str]) -> set[int]:
    """Places of words that stand in the same order in another text."""
    return {place for start, _, size in blocks(words, other) for place in range(start, start + size)}
