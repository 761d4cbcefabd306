"""Which characters a value may have at which place, and the likeliest strings under that."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt

from formscan.engines.glyphs import CHARACTERS, NOTHING, OTHER, STRUCK
from formscan.model.reading import Alternative
from formscan.model.template import FieldSpec, ValueType

DIGITS: Final = "0123456789"
LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
BLANK: Final = "_"
_FREE: Final = {ValueType.TEXT, ValueType.PERSON_NAME}
_LOOK_ALIKE: Final = {"O": "0", "I": "1", "Z": "2", "S": "5", "G": "6", "B": "8", "Q": "9", "T": "7"}
"""A capital that is drawn like a digit; at a place for digits it is counted as that digit, and back."""
_CLOSED: Final = 0.5
_BEAM: Final = 24
_HARDLY: Final = 0.1
"""How likely a string without the make of its type is, against one that has it: ink can outvote it."""
_SURE: Final = 0.999
"""No cell is ever surer than this: the calibration set has some thousand glyphs."""


@dataclass(frozen=True, slots=True)
class Guess:
    """What one cell or segment may be.

    Attributes:
        options: Characters allowed here with their probabilities, likeliest first.
        other: Probability that the ink is no single character, ``struck`` included.
        nothing: Probability that it is dirt or a remnant of print.
        struck: Probability that it is a character its writer struck out.
    """

    options: tuple[tuple[str, float], ...]
    other: float = 0.0
    nothing: float = 0.0
    struck: float = 0.0

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


def guess(row: npt.NDArray[np.float32], characters: str, most: int = 4, *, closed: bool = False) -> Guess:
    """The likeliest of ``characters`` given class probabilities of a glyph (classes,).

    What cannot stand here counts for what it looks like: a capital for its digit and back, a toned capital
    for its plain one where no tones may stand. Probabilities of ``GlyphNet`` have so few digits that these
    sums are exact in double precision: a page gives the same bits wherever its numbers lie in memory.

    Args:
        row: Of one glyph.
        characters: That may stand here.
        most: Options that are kept.
        closed: The glyph is one of them, if it is more likely so than not: probabilities are among them.
    """
    scores = _folded(characters) @ row[: len(CHARACTERS)].astype(np.float64)
    if closed and (total := float(scores.sum())) > _CLOSED:
        scores = scores / total
    ranked = np.argsort(-scores, kind="stable")[:most]
    options = tuple((characters[int(k)], min(float(scores[int(k)]), _SURE)) for k in ranked)
    return Guess(options, float(row[OTHER] + row[STRUCK]), float(row[NOTHING]), float(row[STRUCK]))


@lru_cache(maxsize=16)
def _folded(characters: str) -> npt.NDArray[np.float64]:
    """float64 (len(characters), len(CHARACTERS)): which classes count for which allowed character."""
    sums = np.zeros((len(characters), len(CHARACTERS)))
    for column, seen in enumerate(CHARACTERS):
        stands = next((c for c in _looks_like(seen) if c in characters), None)
        if stands is not None:
            sums[characters.index(stands), column] = 1
    return sums


def _looks_like(character: str) -> tuple[str, ...]:
    """The character itself, then what it may be taken for, nearest first."""
    base = {"Đ": "D"}.get(character, unicodedata.normalize("NFD", character)[0])
    digit = _LOOK_ALIKE.get(base, "")
    letter = next((one for one, alike in _LOOK_ALIKE.items() if alike == character), "")
    return tuple(one for one in (character, base, digit, letter) if one)


def strings(guesses: Sequence[Guess], most: int = 5, field: FieldSpec | None = None) -> list[Alternative]:
    """The likeliest strings with their probabilities, likeliest first.

    Cells are taken as independent; a beam of ``_BEAM`` keeps it linear in the number of cells. With a field,
    strings its type can hardly have are made less likely (``plausible``), never impossible.
    """
    beam: list[tuple[str, float]] = [("", 1.0)]
    for cell in guesses:
        grown = [(text + character, p * value) for text, p in beam for character, value in cell.options]
        beam = sorted(grown, key=lambda pair: -pair[1])[:_BEAM]
    if field is not None:
        beam = _weighed(beam, field)
    return [Alternative(text, p) for text, p in beam[:most]]


def _weighed(beam: Sequence[tuple[str, float]], field: FieldSpec) -> list[tuple[str, float]]:
    """The strings by ink and type together; what is not in the beam is taken as hardly possible."""
    weights = [1.0 if plausible(field, text) else _HARDLY for text, _ in beam]
    rest = max(0.0, 1.0 - sum(p for _, p in beam))
    if set(weights) == {_HARDLY}:
        return list(beam)
    total = sum(p * weight for (_, p), weight in zip(beam, weights, strict=True)) + rest * _HARDLY
    found = [(text, p * weight / total) for (text, p), weight in zip(beam, weights, strict=True)]
    return sorted(found, key=lambda pair: -pair[1])


def plausible(field: FieldSpec, text: str) -> bool:
    """Whether a comb's string has the make of its type; blanks in it are judged elsewhere.

    Citizen ids begin with the province (001 to 096) and the century (0 to 3, men and women of the 20th and
    21st; Circular 59/2021/TT-BCA); the third character of an insurance card is the benefit, 1 to 5 (Decision
    1351/QĐ-BHXH); mobile numbers begin with 03, 05, 07, 08, 09 and landlines with 02.
    """
    if BLANK in text:
        return True
    if field.type is ValueType.DATE:
        return len(text) != 8 or _is_date(text)
    shape = _SHAPES.get(field.type)
    return shape is None or len(text) not in shape[0] or shape[1].fullmatch(text) is not None


_SHAPES: Final = {
    ValueType.CITIZEN_ID: ({12}, re.compile(r"0(?!00)(0[0-9]|[1-8][0-9]|9[0-6])[0-3][0-9]{8}")),
    ValueType.INSURANCE_NUMBER: ({15}, re.compile(r"[A-Z]{2}[1-5](?!00)[0-9]{12}")),
    ValueType.PHONE: ({10, 11}, re.compile(r"0[35789][0-9]{8}|02[0-9]{9}")),
}


def _is_date(text: str) -> bool:
    """Whether ddmmyyyy is a day of the last or this century."""
    day, month, year = int(text[:2]), int(text[2:4]), int(text[4:])
    return 1 <= month <= 12 and 1 <= day <= _DAYS[month - 1] and 1900 <= year < 2100


_DAYS: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def blank_cell(confidence: float = _SURE) -> Guess:
    """A cell nothing was written in."""
    return Guess(((BLANK, confidence),))
