"""What is truly written on a composed page."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from formscan.model.reading import FieldState


class Split(StrEnum):
    """Ink and seeds one may look at while building, and those only figures are made with."""

    TUNE = "tune"
    REPORT = "report"


class Source(StrEnum):
    """What a field was written with; a font is never reported as handwriting."""

    PRINT = "print"
    FONT = "font-hand"
    HAND = "real-hand"
    MARK = "drawn-mark"
    REAL_MARK = "real-mark"
    NONE = "none"


def split_of(*key: object) -> Split:
    """The split an ink item belongs to, by a hash of what names it; half of all keys are ``REPORT``."""
    digest = hashlib.sha256("/".join(map(str, key)).encode()).digest()
    return Split.REPORT if digest[0] % 2 else Split.TUNE


@dataclass(frozen=True, slots=True)
class FieldTruth:
    """One field as it was filled.

    Attributes:
        text: In the form of ``Reading.text``: comb cells without gaps, ``;`` between choices, ``|``
            between the parts of a split date, newline between lines.
        normalised: In the form of ``FieldValue.normalised`` where that is fixed (dates, numbers,
            choices, codes); empty where only the text counts.
        cells: What each cell of the field holds.
        box: Of the ink, in points of the blank page: (left, top, right, bottom); empty without ink.
        over: Something printed or stamped lies over it.
        cell_sources: Combs: what each cell was written with, where it was not all the same.
    """

    field_id: str
    kind: str
    type: str
    state: FieldState
    text: str
    normalised: str
    cells: tuple[str, ...]
    source: Source
    box: tuple[float, ...] = ()
    over: bool = False
    cell_sources: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {**asdict(self), "state": self.state.value, "source": self.source.value}


@dataclass(frozen=True, slots=True)
class PageTruth:
    """One composed page: which it is, how it was damaged, what stands in every field.

    Attributes:
        base: ``own`` (our blank) or ``official`` (the ministry's PDF).
        people: Number of the invented patient, so that pages of one document belong together.
    """

    name: str
    form_id: str
    version: str
    number: int
    base: str
    severity: str
    split: Split
    seed: int
    people: int
    fields: tuple[FieldTruth, ...]

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        head = {
            "name": self.name,
            "form": self.form_id,
            "version": self.version,
            "page": self.number,
            "base": self.base,
            "severity": self.severity,
            "split": self.split.value,
            "seed": self.seed,
            "people": self.people,
        }
        return {**head, "fields": [field.as_dict() for field in self.fields]}
