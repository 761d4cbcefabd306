"""Reads a run of handwritten or printed characters that touch no box: wide cells, gaps of a date, numbers."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from formscan.engines.ctc import Rows, best_path
from formscan.engines.glyphs import Probabilities
from formscan.engines.grammar import Guess, allowed, guess
from formscan.engines.letters import INDEX
from formscan.engines.segment import Lattice, Segment
from formscan.model.template import FieldSpec, ValueType

_LEAST: Final = 1e-4
_SIGNS: Final = frozenset(",:/ ")
_SIGN_SURE: Final = 0.97
_COMMA_LOST: Final = 0.02
"""A number with what may be a comma taken into a digit: a last resort."""


def best_run(
    lattice: Lattice, rows: Probabilities, characters_at: Callable[[int], str], signs: str = ""
) -> list[Guess]:
    """The likeliest characters of a run.

    Args:
        lattice: Candidate segments of it.
        rows: Class probabilities of the segments' glyphs, in their order.
        characters_at: Characters allowed at a place of the run, 0-based, signs not counted.
        signs: Which of ``, : /`` and space may stand between them.

    Returns:
        One guess a character; the path with the largest product of probabilities.
    """
    best: list[dict[int, _Path]] = [{} for _ in range(lattice.pieces + 1)]
    best[0][0] = (0.0, ())
    by_first: dict[int, list[int]] = {}
    for index, segment in enumerate(lattice.segments):
        by_first.setdefault(segment.first, []).append(index)
    for first in range(lattice.pieces):
        for place, (score, path) in best[first].items():
            for index in by_first.get(first, []):
                segment = lattice.segments[index]
                found = _candidate(segment, lattice, rows[index], characters_at(place), signs)
                total = score + math.log(max(found.confidence, _LEAST))
                end, count = segment.last + 1, place + (found.best not in _SIGNS)
                if count not in best[end] or best[end][count][0] < total:
                    best[end][count] = (total, (*path, (found, segment)))
    chosen = max(best[-1].values(), key=lambda pair: pair[0])[1]
    return _spaced(chosen, lattice) if " " in signs else [found for found, _ in chosen]


_Path = tuple[float, tuple[tuple[Guess, Segment], ...]]


def _candidate(segment: Segment, lattice: Lattice, row: Probabilities, characters: str, signs: str) -> Guess:
    """A segment as a character, or as a sign where its shape and place say so."""
    height = segment.bottom - segment.top
    inner = segment.first > 0 and segment.last < lattice.pieces - 1
    low = (segment.top + segment.bottom) / 2 > lattice.top + 0.6 * (lattice.bottom - lattice.top)
    if "," in signs and inner and low and height < 0.45 * lattice.height:
        return Guess(((",", _SIGN_SURE),))
    if inner and segment.separator and segment.separator in signs:
        return Guess(((segment.separator, _SIGN_SURE), ("1", 1 - _SIGN_SURE)))
    found = guess(row, characters)
    if "," in signs and segment.tail:
        return Guess(tuple((text, p * _COMMA_LOST) for text, p in found.options), found.other, found.nothing)
    if height < 0.4 * lattice.height:
        return Guess(tuple((text, p * 0.2) for text, p in found.options), found.other, found.nothing)
    return found


def _spaced(chosen: tuple[tuple[Guess, Segment], ...], lattice: Lattice) -> list[Guess]:
    """The characters with a space in every gap wider than 0.45 of the writing's height."""
    out: list[Guess] = []
    before: Segment | None = None
    for found, segment in chosen:
        if before is not None and segment.left - before.right > 0.45 * lattice.height:
            out.append(Guess(((" ", _SIGN_SURE),)))
        out.append(found)
        before = segment
    return out


def characters_at(field: FieldSpec, start: int = 0) -> Callable[[int], str]:
    """The characters a field's run may have, by place.

    Args:
        field: What the run stands in.
        start: Characters read in earlier cells: an insurance number runs on through its cells.
    """
    runs_on = field.type in {ValueType.INSURANCE_NUMBER, ValueType.CITIZEN_ID}
    return lambda index: allowed(field, index + (start if runs_on else 0))


_CLOCK: Final = r"\d{1,2}:\d{2}"
_DAY: Final = r"\d{1,2}/\d{1,2}(/\d{4}|/\d{2})?|\d{1,2}/\d{4}"
_SHAPES: Final = {
    ValueType.TIME: (re.compile(_CLOCK), ":"),
    ValueType.DATE: (re.compile(rf"{_DAY}|\d{{4}}"), "/"),
    ValueType.DATETIME: (re.compile(rf"{_CLOCK}( ({_DAY}))?|({_DAY})( {_CLOCK})?"), ":/ "),
    ValueType.DECIMAL: (re.compile(r"\d{1,4}(,\d{1,3})?"), ","),
    ValueType.BLOOD_PRESSURE: (re.compile(r"\d{2,3}/\d{2,3}"), "/"),
}


def signs_of(field: FieldSpec) -> str:
    """Signs that may stand in a run of the field; none where printed words part it already."""
    if len(field.cells) > 1 and field.type is not ValueType.DECIMAL:
        return ""
    return _SHAPES[field.type][1] if field.type in _SHAPES else ""


def comma_lost(field: FieldSpec, text: str) -> bool:
    """Whether a decimal has digits enough without a comma that one may have been overlooked.

    In a small box, and on dots, a comma is next to nothing, and losing it makes a value ten times as high.
    """
    return "," in signs_of(field) and text.isdigit() and len(text) > 1


_GLUED: Final = re.compile(r"(?<=:\d\d)(?=\d{1,2}/\d)")
"""A minute has two digits, so what follows them at once is the day."""
_SPANS: Final = {"day": (1, 31), "month": (1, 12), "hour": (0, 24), "minute": (0, 59)}
_LENGTHS: Final = {ValueType.INSURANCE_NUMBER: {10, 15}, ValueType.CITIZEN_ID: {9, 12}}


def complete(field: FieldSpec, parts: Sequence[str]) -> bool:
    """Whether no character of a number can have been lost or doubled, as far as its make tells.

    Args:
        field: Where it stands.
        parts: What was read in each of its cells; blank ones are looked over.
    """
    if field.type in _LENGTHS:
        return len("".join(parts).replace(" ", "")) in _LENGTHS[field.type]
    for cell, text in zip(field.cells, parts, strict=True):
        low, high = _SPANS.get(cell.name, (0, -1))
        if text.isdigit() and high > 0 and not low <= int(text) <= high:
            return False
    return True


def well_formed(field: FieldSpec, text: str) -> bool:
    """Whether a run has a shape its type can have; it is not checked for sense."""
    if field.type not in _SHAPES or (len(field.cells) > 1 and field.type is not ValueType.DECIMAL):
        return True
    return _SHAPES[field.type][0].fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Only:
    """The characters a run may have, for a reader of whole lines.

    Attributes:
        characters: Everything that may stand anywhere in it.
        gap: What a blank between characters means: a space where one may stand, else nothing.
    """

    characters: str
    gap: str

    def masked(self, rows: Rows) -> Rows:
        """Rows (steps, classes) with all other classes made impossible."""
        out = np.full_like(rows, -1e9)
        kept = [0, *[INDEX[character] for character in self.characters + " "]]
        out[:, kept] = rows[:, kept]
        return out

    def read(self, rows: Rows) -> tuple[str, float]:
        """The likeliest text of such characters and how sure its least sure step is."""
        best = best_path(self.masked(rows))
        return self.tidied(best.text), best.least

    def tidied(self, text: str) -> str:
        """``text`` with its blanks as they should be, one lost between a time and a date put back."""
        told = self.gap.join(text.split())
        return _GLUED.sub(" ", told) if self.gap else told


def only(field: FieldSpec, start: int = 0) -> Only:
    """What a field's run may be made of, from a place of it on."""
    at = characters_at(field, start)
    letters = "".join(dict.fromkeys(c for c in at(0) + at(1) + at(2) if c in INDEX))
    signs = signs_of(field)
    return Only(letters + signs.replace(" ", ""), " " if " " in signs else "")
