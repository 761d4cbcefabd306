"""Limits of vital signs: wide enough for every living patient, narrow enough for a misread digit.

The limits are editorial (no circular states them): outside them a digit was misread, the unit is another
one, or the paper has an error. Weight depends on age because kilograms and grams are confused for infants.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from formscan.model.template import FieldSpec, ValueType


@dataclass(frozen=True, slots=True)
class Limits:
    """Plausible numbers in a unit, for ages in whole years from ``youngest`` to ``oldest``."""

    low: float
    high: float
    unit: str
    youngest: int = 0
    oldest: int = 150


SYSTOLIC: Final = Limits(40, 300, "mmHg")
DIASTOLIC: Final = Limits(10, 200, "mmHg")
_PULSE: Final = (Limits(20, 300, "/min"), Limits(20, 220, "/min", 18))
_TEMPERATURE: Final = (Limits(30, 43, "°C"),)
_BREATHS: Final = (Limits(4, 120, "/min"), Limits(4, 60, "/min", 13))
_WEIGHT: Final = (
    Limits(0.3, 400, "kg"),
    Limits(0.3, 20, "kg", 0, 0),
    Limits(3, 60, "kg", 1, 5),
    Limits(8, 160, "kg", 6, 14),
    Limits(20, 400, "kg", 15),
)
_HEIGHT: Final = (Limits(20, 250, "cm"), Limits(90, 250, "cm", 15))
_SATURATION: Final = (Limits(30, 100, "%"),)

LIMITS: Final = {
    "pulse": _PULSE,
    "heart_rate": _PULSE,
    "temperature": _TEMPERATURE,
    "respiration": _BREATHS,
    "respiratory_rate": _BREATHS,
    "breathing": _BREATHS,
    "weight": _WEIGHT,
    "height": _HEIGHT,
    "spo2": _SATURATION,
    "systolic": (SYSTOLIC,),
    "diastolic": (DIASTOLIC,),
    "8867-4": _PULSE,
    "8310-5": _TEMPERATURE,
    "9279-1": _BREATHS,
    "29463-7": _WEIGHT,
    "8302-2": _HEIGHT,
    "2708-6": _SATURATION,
    "59408-5": _SATURATION,
}
"""By LOINC code of the field, else by the last word of its id."""


def broken(field: FieldSpec, normalised: str, years: int | None) -> Iterator[Limits]:
    """Limits a value lies outside of; none where the field is no vital sign or nothing is known.

    Args:
        field: Field whose rule is ``plausible_vital``.
        normalised: ``82``, ``36.8``, ``120/80``.
        years: Age of the patient, if known.
    """
    if field.type is ValueType.BLOOD_PRESSURE:
        for part, limits in zip(normalised.split("/"), (SYSTOLIC, DIASTOLIC), strict=False):
            if part and not limits.low <= float(part) <= limits.high:
                yield limits
        return
    if not normalised:
        return
    try:
        number = float(normalised)
    except ValueError:
        return
    for limits in _limits_of(field):
        fits_age = limits.youngest <= years <= limits.oldest if years is not None else limits.oldest == 150
        if years is None and limits.youngest > 0:
            continue
        if fits_age and not limits.low <= number <= limits.high:
            yield limits
            return


def _limits_of(field: FieldSpec) -> tuple[Limits, ...]:
    code = field.fhir.code if field.fhir and field.fhir.code else ""
    limits = LIMITS.get(code) or LIMITS.get(field.id.rpartition(".")[2]) or ()
    grams = field.unit in ("g", "gam") and limits is _WEIGHT
    return (Limits(300, 7000, "g"),) if grams else limits
