"""Numbers with decimal comma, units and blood pressures."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from formscan.model.reading import Flag
from formscan.pipeline.flag_codes import flag
from formscan.pipeline.rules.outcome import Outcome

_NUMBER: Final = re.compile(
    r"(?P<sign>[+-]?)\s*(?P<digits>[0-9](?:[0-9., ]*[0-9])?)\s*(?P<unit>[^\W\d_].*|[°⁰º˚%/].*)?", re.DOTALL
)
_GROUPED: Final = re.compile(r"[0-9]{1,3}(?:[. ][0-9]{3})+")
_PRESSURE: Final = re.compile(
    r"(?P<high>[0-9]{0,3})\s*[/|]\s*(?P<low>[0-9]{0,3})\s*(?P<unit>[^\W\d_].*)?", re.DOTALL
)
_UNITS: Final = {
    "lần/ph": "/min",
    "lần/phút": "/min",
    "l/p": "/min",
    "l/ph": "/min",
    "lần/p": "/min",
    "ck/ph": "/min",
    "ck/p": "/min",
    "nhịp/phút": "/min",
    "độc": "cel",
    "°c": "cel",
    "oc": "cel",
    "c": "cel",
    "kilogam": "kg",
    "kgs": "kg",
}
"""Ways to write one unit, after ``_unit``; anything else must be written as it is printed."""
_DEGREES: Final = str.maketrans({"⁰": "°", "º": "°", "˚": "°"})
"""Signs that look like a degree sign; official forms print some of them."""


def check_integer(text: str, unit: str | None = None) -> Outcome:
    """Understand a whole number; a point or blank before three digits is one of thousands.

    Args:
        text: e.g. ``82``, ``82 l/p``, ``1.200``.
        unit: Unit printed on the form; a different written unit leaves the value unnormalised.
    """
    split = _split(text, unit)
    if isinstance(split, Outcome):
        return split
    sign, digits, flags = split
    if _GROUPED.fullmatch(digits):
        digits = re.sub("[. ]", "", digits)
    if not digits.isdecimal():
        return Outcome("", (*flags, flag("number.format")))
    return Outcome(f"{sign}{int(digits)}", flags)


def check_decimal(text: str, unit: str | None = None) -> Outcome:
    """Understand a number with a decimal comma; the digits after it are kept, zeros too.

    ``36,8`` and ``36.8`` are 36.8; ``1.200,5`` is 1200.5; ``1.200`` alone could be either and is flagged.
    """
    split = _split(text, unit)
    if isinstance(split, Outcome):
        return split
    sign, digits, flags = split
    whole, comma, rest = digits.partition(",")
    if not comma and _GROUPED.fullmatch(digits) and "." in digits:
        return Outcome("", (*flags, flag("number.ambiguous_point")))
    if not comma and digits.count(".") == 1:
        whole, _, rest = digits.partition(".")
    if _GROUPED.fullmatch(whole):
        whole = re.sub("[. ]", "", whole)
    if not whole.isdecimal() or (rest and not rest.isdecimal()):
        return Outcome("", (*flags, flag("number.format")))
    return Outcome(f"{sign}{int(whole)}" + (f".{rest}" if rest else ""), flags)


def check_blood_pressure(text: str) -> Outcome:
    """Understand ``120/80``; a missing half stays missing (``120/``)."""
    found = _PRESSURE.fullmatch(text.strip())
    if found is None or not (found["high"] or found["low"]):
        return Outcome("", (flag("blood_pressure.format"),))
    if found["unit"] and _unit(found["unit"]) != "mmhg":
        return Outcome("", (flag("unit.differs", unit="mmHg"),))
    parts = [str(int(part)) if part else "" for part in (found["high"], found["low"])]
    flags = () if all(parts) else (flag("blood_pressure.part_missing"),)
    return Outcome("/".join(parts), flags)


def _split(text: str, unit: str | None) -> tuple[str, str, tuple[Flag, ...]] | Outcome:
    found = _NUMBER.fullmatch(text.strip())
    if found is None:
        return Outcome("", (flag("number.format"),))
    written = found["unit"]
    if written and not unit:
        return Outcome("", (flag("number.format"),))
    if written and unit and _unit(written) != _unit(unit):
        return Outcome("", (flag("unit.differs", unit=unit),))
    return ("-" if found["sign"] == "-" else ""), found["digits"], ()


def _unit(text: str) -> str:
    bare = unicodedata.normalize("NFC", "".join(text.split())).casefold().rstrip(".").translate(_DEGREES)
    return _UNITS.get(bare, bare)
