"""Which characters a value may have at which place, and the likeliest strings under that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from formscan.engines.glyphs import CHARACTERS, NOTHING, OTHER
from formscan.model.reading import Alternative
from formscan.model.template import FieldSpec, ValueType

DIGITS: Final = "0123456789"
LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
BLANK: Final = "_"
_FREE: Final = {ValueType.TEXT, ValueType.PERSON_NAME}
_LOOK_ALIKE: Final = {"O": "0", "I": "1", "Z": "2", "S": "5", "G": "6", "B": "8", "Q": "9", "T": "7"}
"""A capital that is drawn like a digit; at a place for digits it is counted as that digit, and back."""
_SURE: Final = 0.999
"""No cell is ever surer than this: the calibration set has some thousand glyphs."""


@dataclass(frozen=True, slots=True)
class Guess:
    """What one cell or segment may be.

    Attributes:
        options: Characters allowed here with their probabilities, likeliest first.
        other: Probability that the ink is no single character.
        nothing: Probability that it is dirt or a remnant of print.
    """

    options: tuple[tuple[str, float], ...]
    other: float = 0.0
    nothing: float = 0.0

    @property
    def best(self) -> str:
        """The likeliest character."""
        return self.options[0][0]

    @property
    def confidence(self) -> float:
        """Its probability."""
        return self.options[0][1]


def allowed(field: FieldSpec, index: int) -> str:
    """Characters a field may have at a place, 0-based.

    An insurance number is two letters and 13 digits (2 letters group, 1 digit benefit, 2 province, 10
    social-insurance number), or the last 10 digits alone where the form has 10 cells; an ICD-10 code is a
    letter, then digits.
    """
    if field.type is ValueType.INSURANCE_NUMBER:
        return LETTERS if index < 2 and len(field.cells) != 10 else DIGITS
    if field.type is ValueType.ICD10 or field.catalogue == "icd10":
        return LETTERS if index == 0 else DIGITS
    if field.type in _FREE and field.catalogue is None:
        return CHARACTERS
    return DIGITS


def guess(row: npt.NDArray[np.float32], characters: str, most: int = 4) -> Guess:
    """The likeliest of ``characters`` given class probabilities of a glyph (classes,)."""
    score = {character: float(row[CHARACTERS.index(character)]) for character in characters}
    for letter, digit in _LOOK_ALIKE.items():
        if letter in score and digit not in score:
            score[letter] += float(row[CHARACTERS.index(digit)])
        elif digit in score and letter not in score:
            score[digit] += float(row[CHARACTERS.index(letter)])
    ranked = sorted(score.items(), key=lambda pair: -pair[1])[:most]
    options = tuple((character, min(value, _SURE)) for character, value in ranked)
    return Guess(options, float(row[OTHER]), float(row[NOTHING]))


def strings(guesses: Sequence[Guess], most: int = 5) -> list[Alternative]:
    """The likeliest strings with the product of their cells' probabilities, likeliest first.

    Cells are taken as independent; a beam of ``4 * most`` keeps it linear in the number of cells.
    """
    beam: list[tuple[str, float]] = [("", 1.0)]
    for cell in guesses:
        grown = [(text + character, p * value) for text, p in beam for character, value in cell.options]
        beam = sorted(grown, key=lambda pair: -pair[1])[: 4 * most]
    return [Alternative(text, p) for text, p in beam[:most]]


def blank_cell(confidence: float = _SURE) -> Guess:
    """A cell nothing was written in."""
    return Guess(((BLANK, confidence),))
