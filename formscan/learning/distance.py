"""Edit distance between texts."""

from __future__ import annotations


def edits(told: str, truth: str) -> int:
    """Fewest single-character insertions, deletions and changes between two texts (Levenshtein, 1966)."""
    row = list(range(len(truth) + 1))
    for i, a in enumerate(told, start=1):
        before, row[0] = row[0], i
        for j, b in enumerate(truth, start=1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (a != b))
    return row[-1]
