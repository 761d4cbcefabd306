"""Thick files on paper first: which sheets lie in them, in which order, and what belongs together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

import numpy as np

COVERS: Final = (("01-BV1", 4), ("02-BV1", 4), ("06-BV1", 4), ("07-BV1", 6), ("12-BV1", 4), ("13-BV1", 4))
"""Inpatient records and how many pages they have."""
SHEETS: Final = (("36-BV2", 2), ("06-BV2", 2), ("03-BV2", 1), ("17-BV1", 2), ("15-BV1", 2))
"""Other forms that lie in a record; treatment sheets are the most frequent."""
COUNTED: Final = {"07-BV1": 6, "12-BV1": 4, "13-BV1": 4}
"""Covers that say how many sheets the record has, and on which page."""


SPARE: Final = 12
"""Blank sides the file may end with."""


class Kind(StrEnum):
    """What a side of paper is."""

    FORM = "form"
    BLANK = "blank"
    SEPARATOR = "separator"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Side:
    """One page of a composed file.

    Attributes:
        document: Ordinal of the document it belongs to within the file; -1 for what belongs to none.
        record: Ordinal of the record.
        patient: Number of the invented stay.
        told: Fields with a text of their own.
    """

    kind: Kind
    form: str = ""
    number: int = 0
    document: int = -1
    record: int = -1
    patient: int = -1
    told: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Mess:
    """Shares of documents to which something happened.

    Attributes:
        swapped: Two of its pages changed places.
        reversed: It lies last page first.
        lacking: A page is gone.
        apart: Its last pages lie behind the next document.
        blank_back: A treatment sheet whose back is empty paper.
        one_sided: It was printed on one side, every back is blank.
        unknown: Paper of no known form lies before it.
        separator: Records with a separator sheet before them.
        miscount: Records whose written number of sheets is wrong.
    """

    swapped: float = 0.04
    reversed: float = 0.03
    lacking: float = 0.05
    apart: float = 0.05
    blank_back: float = 0.3
    one_sided: float = 0.65
    unknown: float = 0.04
    separator: float = 0.5
    miscount: float = 0.4


def plan_file(seed: int, pages: int = 200, documents: int = 40, mess: Mess = Mess()) -> list[Side]:
    """A file of exactly so many pages and documents, scanned from both sides.

    The last page is a blank back where the sheets do not fill the file.

    Raises:
        ValueError: If so many documents do not fit.
    """
    rng = np.random.default_rng([seed, 64])
    for _ in range(1000):
        records = _records(rng, documents)
        laid = [_lay(record, number, seed, rng, mess) for number, record in enumerate(records)]
        sides = [side for record in laid for side in record]
        if pages - SPARE <= len(sides) <= pages:
            numbered = _numbered(sides)
            blanks = [replace(Side(Kind.BLANK), record=len(records) - 1)] * (pages - len(numbered))
            return numbered + blanks
    raise ValueError(documents)


def _records(rng: np.random.Generator, documents: int) -> list[list[tuple[str, int]]]:
    """Forms of each record: a cover in one of them first or anywhere, and other forms."""
    records: list[list[tuple[str, int]]] = []
    left = documents
    while left:
        size = min(left, int(rng.integers(2, 6)))
        cover = COVERS[int(rng.integers(len(COVERS)))]
        rest = [SHEETS[0] if rng.random() < 0.6 else SHEETS[int(rng.integers(1, 5))] for _ in range(size - 1)]
        forms = [cover, *rest]
        if rng.random() < 0.3:
            forms = [forms[int(at)] for at in rng.permutation(len(forms))]
        records.append(forms)
        left -= size
    return records


def _lay(
    forms: list[tuple[str, int]], record: int, seed: int, rng: np.random.Generator, mess: Mess
) -> list[Side]:
    """The sides of one record, in the order they are scanned."""
    patient, sheet, laid = seed * 50 + record, 0, list[list[Side]]()
    for place, (form, pages) in enumerate(forms):
        sheet += form == "36-BV2"
        told = (("sheet.number", str(sheet)),) if form == "36-BV2" else ()
        sides = [
            Side(Kind.FORM, form, n, place, record, patient, told if n == 1 else ())
            for n in range(1, pages + 1)
        ]
        laid.append(_messed(sides, rng, mess))
    for place in range(len(laid) - 1):
        if rng.random() < mess.apart and len(laid[place]) > 2 and laid[place + 1][0].form != forms[place][0]:
            cut = len(laid[place]) // 2
            laid[place + 1] += laid[place][cut:]
            laid[place] = laid[place][:cut]
    out: list[Side] = []
    for sides in laid:
        if rng.random() < mess.unknown:
            out += [Side(Kind.UNKNOWN, record=record, patient=patient), Side(Kind.BLANK, record=record)]
        back = Side(Kind.BLANK, record=record)
        one_sided = rng.random() < mess.one_sided
        paper = [each for side in sides for each in (side, back)] if one_sided else sides
        out += paper
        if len(paper) % 2:
            out.append(back)
    out = _counted(out, rng, mess)
    if record and rng.random() < mess.separator:
        out = [Side(Kind.SEPARATOR), Side(Kind.BLANK), *out]
    return out


def _messed(sides: list[Side], rng: np.random.Generator, mess: Mess) -> list[Side]:
    """What happens to the pages of one document."""
    if sides[0].form == "36-BV2" and rng.random() < mess.blank_back:
        return [sides[0]]
    chance = rng.random()
    if chance < mess.swapped and len(sides) > 3:
        at = int(rng.integers(1, len(sides) - 1))
        sides[at], sides[at + 1] = sides[at + 1], sides[at]
    elif chance < mess.swapped + mess.reversed and len(sides) > 1:
        sides.reverse()
    elif chance < mess.swapped + mess.reversed + mess.lacking and len(sides) > 2:
        del sides[int(rng.integers(0, len(sides)))]
    return sides


def _counted(sides: list[Side], rng: np.random.Generator, mess: Mess) -> list[Side]:
    """The number of sheets is written on the cover that asks for it."""
    sheets = sum(
        any(side.kind is not Kind.BLANK for side in sides[at : at + 2]) for at in range(0, len(sides), 2)
    )
    wrong = rng.random() < mess.miscount
    written = sheets + (int(rng.integers(1, 4)) if wrong else 0)
    told = (("documents.all.sheets", str(written)),)
    return [
        replace(side, told=told) if COUNTED.get(side.form) == side.number and side.kind is Kind.FORM else side
        for side in sides
    ]


def _numbered(sides: list[Side]) -> list[Side]:
    """Documents numbered through the file."""
    seen: dict[tuple[int, int], int] = {}
    return [
        replace(side, document=seen.setdefault((side.record, side.document), len(seen)))
        if side.document >= 0
        else side
        for side in sides
    ]
