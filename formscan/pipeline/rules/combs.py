"""How a reading becomes a text people know, and how a lost character of a comb is noticed.

A comb gives one character a cell and ``_`` for a blank cell among written ones. Blanks are never closed up.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from formscan.model.reading import Flag, Reading
from formscan.model.template import FieldKind, FieldSpec, ValueType
from formscan.pipeline.flag_codes import flag
from formscan.pipeline.rules import dates

_COUNTED: Final = frozenset({ValueType.INTEGER, ValueType.DECIMAL})
"""Numbers: blank cells before them are usual."""
_OPEN_ENDED: Final = frozenset({ValueType.ICD10, ValueType.TEXT, ValueType.PERSON_NAME, ValueType.PHONE})
"""Types whose last cells may stay blank."""
_SPLIT: Final = {ValueType.DATE: "/", ValueType.TIME: ":"}
"""What stands between the groups of a comb."""
_PART_NAMES: Final = {
    ValueType.DATE: ("day", "month", "year"),
    ValueType.DATETIME: ("hour", "minute", "day", "month", "year"),
    ValueType.TIME: ("hour", "minute"),
    ValueType.BLOOD_PRESSURE: ("systolic", "diastolic"),
}
"""Names of the cells of a value split by printed words, in the order of its parts."""


def written(field: FieldSpec, reading: Reading) -> str:
    """What a reader read, with ``_`` for each blank cell of a comb, also the first and last ones."""
    cells = reading.cells
    names = _PART_NAMES.get(field.type, ())
    parts = reading.text.split("|")
    if names and len(parts) == len(field.cells) > 1 and all(cell.name in names for cell in field.cells):
        told = dict(zip((cell.name for cell in field.cells), parts, strict=True))
        return "|".join(told.get(name, "") for name in names)
    if not _lettered(field) or len(cells) != len(field.cells):
        return reading.text
    if any(len(cell.text) > 1 for cell in cells):
        return reading.text
    text = "".join(cell.text or "_" for cell in cells)
    return text if text.strip("_") == reading.text.strip("_") else reading.text


def rendered(field: FieldSpec, text: str) -> str:
    """A text as people write it: separators put between parts, no character lost or changed.

    Rendering twice is rendering once. Blank parts of a date show as ``__``.
    """
    if field.type is ValueType.TEXT and field.kind is not FieldKind.COMB:
        return text.replace("|", "/") if _is_numbered(field) else text
    bare = text.strip() if field.type is ValueType.TEXT else " ".join(text.split())
    if "|" in bare:
        bare = " ".join(_rendered_parts(field, bare).split())
    return _rendered_comb(field, bare) if _lettered(field) else bare


def _lettered(field: FieldSpec) -> bool:
    """Whether its value is the characters of a comb, not an answer whose number stands in the box."""
    return field.kind is FieldKind.COMB and field.type is not ValueType.CHOICE


def _is_numbered(field: FieldSpec) -> bool:
    """Whether a text is written into numbered gaps between printed strokes, as the medical code is."""
    return len(field.cells) > 1 and all(cell.name.startswith("part") for cell in field.cells)


def is_blank(field: FieldSpec, text: str) -> bool:
    """Whether nothing is written: only blanks, or only blank cells and parts."""
    free = field.type is ValueType.TEXT and field.kind is not FieldKind.COMB
    return not (text.strip() if free else "".join(text.split()).strip("_|"))


def lost_cells(field: FieldSpec, text: str) -> tuple[Flag, ...]:
    """Flags for blank cells of a comb where a character may have been lost.

    Blank is right before a number, after a code or name that may be short, and for the whole day or month
    of a date.
    """
    if not _lettered(field) or "_" not in text:
        return ()
    pieces = _pieces(field, text.strip())
    bare = "".join(pieces)
    allowed = _whole_blanks(field, pieces)
    blank = [place for place, letter in enumerate(bare, 1) if letter == "_" and place not in allowed]
    inner = [place for place in blank if not _may_be_blank(field, bare, place)]
    if inner:
        return (flag("comb.gap", cells=", ".join(map(str, inner))),)
    if field.type in _COUNTED and bare.endswith("_"):
        return (flag("comb.trailing_blank"),)
    return ()


def _rendered_parts(field: FieldSpec, text: str) -> str:
    if text.count("|") + 1 == len(_PART_NAMES.get(field.type, ())):
        if field.type is ValueType.DATETIME:
            return dates.rendered_parts(text)
        if field.type is ValueType.DATE:
            return dates.rendered_date_parts(text)
        hour, low = (part.strip() for part in text.split("|"))
        return f"{hour}/{low}" if field.type is ValueType.BLOOD_PRESSURE else f"{hour or '__'}:{low or '__'}"
    return text.replace("|", "," if field.type is ValueType.DECIMAL else " ")


def _rendered_comb(field: FieldSpec, text: str) -> str:
    if field.type in _COUNTED:
        return re.sub(r"^[\s_]+|[\s_]+$", "", text)
    if field.type in _OPEN_ENDED:
        return re.sub(r"[\s_]+$", "", text)
    between = _SPLIT.get(field.type)
    if between and len(field.groups) > 1 and _fits(field, text):
        return between.join(_runs(text, field.groups))
    return text


def _fits(field: FieldSpec, text: str) -> bool:
    return len(text) == sum(field.groups) and re.fullmatch(r"[0-9_]+", text) is not None


def _runs(text: str, groups: Sequence[int]) -> Iterator[str]:
    start = 0
    for size in groups:
        yield text[start : start + size]
        start += size


def _may_be_blank(field: FieldSpec, text: str, place: int) -> bool:
    before, after = (re.sub(r"[\s_]+", "", side) for side in (text[: place - 1], text[place:]))
    if field.type in _COUNTED:
        return not before or not after
    return field.type in _OPEN_ENDED and not after


def _pieces(field: FieldSpec, text: str) -> list[str]:
    """The parts of a date or time, divided by separators or by the groups of the comb; else the whole."""
    if field.type not in _SPLIT:
        return [text.replace("|", " ").strip()]
    if _fits(field, text):
        return list(_runs(text, field.groups))
    return re.split("[/:|]", text)


def _whole_blanks(field: FieldSpec, pieces: Sequence[str]) -> set[int]:
    """1-based cells of parts that are blank as a whole: the date or time is partial. A year is never."""
    found: set[int] = set()
    start = 0
    for place, piece in enumerate(pieces, 1):
        year = field.type is ValueType.DATE and place == len(pieces)
        if field.type in _SPLIT and not piece.strip("_") and not year:
            found.update(range(start + 1, start + len(piece) + 1))
        start += len(piece)
    return found
