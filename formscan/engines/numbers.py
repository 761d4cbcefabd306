"""Reads a run of handwritten or printed characters that touch no box: wide cells, gaps of a date, numbers."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from formscan.engines.glyphs import Probabilities
from formscan.engines.grammar import Guess, allowed, guess
from formscan.engines.segment import Lattice, Segment
from formscan.model.template import FieldSpec, ValueType

_COMMA: Final = ","
_LEAST: Final = 1e-4


def best_run(
    lattice: Lattice, rows: Probabilities, characters_at: Callable[[int], str], *, decimals: bool = False
) -> list[Guess]:
    """The likeliest characters of a run.

    Args:
        lattice: Candidate segments of it.
        rows: Class probabilities of the segments' glyphs, in their order.
        characters_at: Characters allowed at a place of the run, 0-based.
        decimals: Whether a low speck may be a decimal comma.

    Returns:
        One guess a character; the path with the largest product of probabilities.
    """
    best: list[dict[int, tuple[float, tuple[Guess, ...]]]] = [{} for _ in range(lattice.pieces + 1)]
    best[0][0] = (0.0, ())
    by_first: dict[int, list[int]] = {}
    for index, segment in enumerate(lattice.segments):
        by_first.setdefault(segment.first, []).append(index)
    for first in range(lattice.pieces):
        for place, (score, path) in best[first].items():
            for index in by_first.get(first, []):
                segment = lattice.segments[index]
                found = _candidate(segment, lattice, rows[index], characters_at(place), decimals=decimals)
                total = score + math.log(max(found.confidence, _LEAST))
                end, count = segment.last + 1, place + 1
                if count not in best[end] or best[end][count][0] < total:
                    best[end][count] = (total, (*path, found))
    return list(max(best[-1].values(), key=lambda pair: pair[0])[1])


def _candidate(
    segment: Segment, lattice: Lattice, row: Probabilities, characters: str, *, decimals: bool
) -> Guess:
    """A segment as a character, or as a decimal comma where it is small and low."""
    height = segment.bottom - segment.top
    low = (segment.top + segment.bottom) / 2 > lattice.top + 0.6 * (lattice.bottom - lattice.top)
    if decimals and low and height < 0.45 * lattice.height and 0 < segment.first < lattice.pieces - 1:
        return Guess(((_COMMA, 0.9),))
    found = guess(row, characters)
    if height < 0.4 * lattice.height:
        return Guess(tuple((text, p * 0.2) for text, p in found.options), found.other, found.nothing)
    return found


NUMERIC: Final = frozenset(
    {
        ValueType.DATE,
        ValueType.TIME,
        ValueType.DATETIME,
        ValueType.INTEGER,
        ValueType.DECIMAL,
        ValueType.BLOOD_PRESSURE,
        ValueType.CITIZEN_ID,
        ValueType.INSURANCE_NUMBER,
        ValueType.ICD10,
        ValueType.PHONE,
    }
)
"""Types whose writing on a line is a run of digits (and a letter or two), not words."""


def characters_at(field: FieldSpec) -> Callable[[int], str]:
    """The characters a field's run may have, by place."""
    return lambda index: allowed(field, index)
