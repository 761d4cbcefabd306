"""What was cut out, what was read, and what is thought of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from formscan.model.geometry import Box
from formscan.model.page import Grey
from formscan.model.template import FieldSpec


class FieldState(StrEnum):
    """The final state of a field. Blank is never "no" and never 0."""

    VALUE = "value"
    BLANK = "blank"
    STRUCK_OUT = "struck_out"
    ILLEGIBLE = "illegible"
    COVERED = "covered"
    NOT_APPLICABLE = "not_applicable"
    UNVERIFIED = "unverified"


@dataclass(frozen=True, slots=True, eq=False)
class Crop:
    """A field cut out of an aligned page, upright, in the template's frame.

    Attributes:
        field: What it is a crop of.
        image: uint8 grey (height, width).
        blank: The same place of the blank form, same shape: printed lines, dots and labels.
        cells: Writing places within the crop, in pixels of it, in the order of ``field.cells``.
        dpi: Of the crop.
        page_box: Box in the page as scanned, pixels.
        residual_mm: Registration residual near the field, mm.
        cell_boxes: ``cells`` in the page as scanned, pixels; empty where they were not computed.
    """

    field: FieldSpec
    image: Grey
    blank: Grey
    cells: tuple[Box, ...]
    dpi: float
    page_box: Box
    residual_mm: float
    cell_boxes: tuple[Box, ...] = ()

    @property
    def sha256(self) -> str:
        """Of the crop's shape and pixels, hexadecimal: what exactly the readers saw."""
        shape = f"{self.image.shape[1]}x{self.image.shape[0]}:".encode()
        return hashlib.sha256(shape + self.image.tobytes()).hexdigest()


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another possible text with its probability 0..1."""

    text: str
    confidence: float


@dataclass(frozen=True, slots=True)
class CellReading:
    """What one cell of a field says; ``text`` is empty where the cell is blank."""

    name: str
    text: str
    state: FieldState
    confidence: float


@dataclass(frozen=True, slots=True)
class Reading:
    """What one reader says about one crop.

    Attributes:
        text: As written. Combs: one character a cell, ``_`` for a blank cell among filled ones. Choices:
            the values of marked choices joined by ``;``. Marks: ``true``. Split dates: the parts in the
            order of cells joined by ``|``. Lines joined by a newline.
        state: ``VALUE`` or ``BLANK`` as a rule; ``STRUCK_OUT``, ``ILLEGIBLE``; ``UNVERIFIED`` where the
            reader saw ink but will not stand behind any text (free handwriting, ambiguous mark).
        confidence: Probability 0..1 that text and state are right; calibrated where the reader says so.
        engine: Name and version, e.g. ``tesseract 5.5``.
        model: Name or digest of the weights.
        cells: Per cell, in the order of ``field.cells``.
        words: Probability 0..1 of each word of ``text``, in reading order; of the first alternative's where
            the reader stands behind none. Empty where the reader does not tell words from each other.
    """

    text: str
    state: FieldState
    confidence: float
    engine: str
    model: str = ""
    alternatives: tuple[Alternative, ...] = ()
    cells: tuple[CellReading, ...] = ()
    words: tuple[float, ...] = ()


class LooseKind(StrEnum):
    """What a crop shows, as ``formscan read --kind`` names it."""

    TEXT = "text"
    HAND = "hand"
    COMB = "comb"
    DIGITS = "digits"
    MARK = "mark"
    CODE = "code"


class Severity(StrEnum):
    """What a broken rule does: hard blocks release without a reason, soft asks for a look, info tells."""

    HARD = "hard"
    SOFT = "soft"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Flag:
    """A rule that does not hold, or a doubt; it never changes a value.

    Attributes:
        code: Stable and dotted, e.g. ``date.impossible``; the window has the sentence.
        severity: See ``Severity``.
        facts: Pairs for the sentence, e.g. ``(("other", "patient.sex"),)``.
    """

    code: str
    severity: Severity
    facts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class FieldValue:
    """A value with its state; never a bare string.

    Attributes:
        state: What the field is.
        text: As shown and typed (``12/03/1957``, ``03/1957``, ``36,8``); empty unless ``VALUE``.
        normalised: Machine form (``1957-03-12``, ``1957-03``, ``36.8``, code of a choice), empty where
            the text could not be understood.
    """

    state: FieldState
    text: str = ""
    normalised: str = ""


@dataclass(frozen=True, slots=True)
class CheckedField:
    """A field of a page after reading and checking: what a draft is made of.

    Attributes:
        value: What is proposed; state ``UNVERIFIED`` where nothing is.
        page_box: In the page as scanned, pixels.
        cell_boxes: Of each cell, same frame.
        measures: What the crop looks like, name and number, for the probability that the value is right.
        critical: The form wants two independent readings or a second key for it.
        supporters: Makes of the readers (``tesseract``, ``combs`` ...) that read what is proposed.
    """

    field_id: str
    page: int
    value: FieldValue
    confidence: float
    readings: tuple[Reading, ...]
    flags: tuple[Flag, ...]
    crop_sha256: str
    page_box: Box
    cell_boxes: tuple[Box, ...]
    residual_mm: float
    measures: tuple[tuple[str, float], ...] = ()
    critical: bool = False
    supporters: tuple[str, ...] = ()
