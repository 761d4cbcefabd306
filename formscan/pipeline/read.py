"""Crops to readings: each kind of field goes to the readers of that kind, in one batch each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from importlib.metadata import EntryPoint, entry_points
from typing import Final

from formscan.engines.protocol import Reader
from formscan.errors import EngineError
from formscan.model.reading import Crop, Reading

GROUP: Final = "formscan.readers"
DIGITS: Final = 6
"""Decimals of a confidence, and of lengths and angles that are kept with a page. The rest depends on where
numbers lie in memory and how many threads add them up: the same page would not give the same bytes twice."""
DIGITS_OF_WORDS: Final = 3
"""Decimals of the probability of a word: a form has hundreds."""


def load_readers(found: Iterable[EntryPoint] | None = None) -> tuple[Reader, ...]:
    """Construct every reader of the entry-point group, in the order of their names.

    Args:
        found: Entry points to use instead of the installed ones.

    Raises:
        EngineError: ``engine.load`` if one cannot be imported or is no reader; facts name it.
    """
    points = entry_points(group=GROUP) if found is None else found
    return tuple(_loaded(point) for point in sorted(points, key=lambda point: point.name))


def _loaded(point: EntryPoint) -> Reader:
    try:
        reader = point.load()()
    except (ImportError, AttributeError, TypeError, OSError) as error:
        raise EngineError("engine.load", reader=point.name, cause=type(error).__name__) from error
    if not isinstance(reader, Reader):
        raise EngineError("engine.load", reader=point.name, cause="not a reader")
    return reader


def read(crops: Sequence[Crop], readers: Sequence[Reader]) -> list[tuple[Reading, ...]]:
    """Let every reader of its kind read each crop.

    Args:
        crops: Of one page, any kinds.
        readers: Several of a kind give several opinions, in this order.

    Returns:
        One tuple a crop, in order, confidences to ``DIGITS`` decimals; empty where no reader reads that kind.

    Raises:
        EngineError: If a reader raised it or did not give one reading a crop; facts name the reader.
    """
    opinions: list[list[Reading]] = [[] for _ in crops]
    for reader in readers:
        places = [index for index, crop in enumerate(crops) if crop.field.kind in reader.kinds]
        if not places:
            continue
        for index, reading in zip(places, _batch(reader, [crops[i] for i in places]), strict=True):
            opinions[index].append(_rounded(reading))
    return [tuple(given) for given in opinions]


def _batch(reader: Reader, crops: Sequence[Crop]) -> list[Reading]:
    try:
        readings = reader.read(crops)
    except EngineError as error:
        raise EngineError(error.code, **{**error.facts, "reader": reader.name}) from error
    if len(readings) != len(crops):
        raise EngineError("engine.count", reader=reader.name, crops=len(crops), readings=len(readings))
    return readings


def _rounded(reading: Reading) -> Reading:
    return replace(
        reading,
        confidence=round(reading.confidence, DIGITS),
        alternatives=tuple(replace(a, confidence=round(a.confidence, DIGITS)) for a in reading.alternatives),
        cells=tuple(replace(c, confidence=round(c.confidence, DIGITS)) for c in reading.cells),
        words=tuple(round(sure, DIGITS_OF_WORDS) for sure in reading.words),
    )
