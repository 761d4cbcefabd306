"""Whether a signature or a drawing is there; what it shows is for people."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import ClassVar, Final

from formscan.engines.ink import Ink, Presence, Stroke, measure
from formscan.model.reading import Crop, FieldState, Reading
from formscan.model.template import FieldKind

PRESENT: Final = "present"
_ENGINE: Final = "ink 1"
_WRITTEN_MM: Final = 8.0
"""Strokes of this length in all are no accident: the shortest initials are longer."""
_REACH_MM: Final = 4.0
"""A stroke that the upper or lower rim cuts and that reaches in less than this is a neighbour's."""
_LOW_MM: Final = 12.0
"""Places lower than this are rows of a table, in which signatures reach into each other."""


class PresenceReader:
    """Says ``present``, blank, or that a person must look.

    Strokes that the upper or lower rim of the place cuts are a neighbour's more often than not where they
    reach in a little way only, and in the low rows of a table: they prove nothing, and a person looks.
    """

    name: ClassVar[str] = "presence"
    kinds: ClassVar[frozenset[FieldKind]] = frozenset({FieldKind.SIGNATURE, FieldKind.DRAWING})

    def read(self, crops: Sequence[Crop]) -> list[Reading]:
        """Read a batch; never raises."""
        return [_reading(crop, measure(crop)) for crop in crops]


def _reading(crop: Crop, ink: Ink) -> Reading:
    presence = ink.presence(crop.cells)
    if presence is Presence.BLANK:
        return Reading("", FieldState.BLANK, 0.99, _ENGINE)
    height = crop.image.shape[0]
    reach = math.inf if ink.mm(height) < _LOW_MM else _REACH_MM
    whole = [
        stroke
        for stroke in ink.strokes
        if not stroke.faint and not (_cut(stroke, height) and ink.mm(stroke.box.height) < reach)
    ]
    length = sum(ink.mm(stroke.length) for stroke in whole)
    if presence is Presence.INK and length >= _WRITTEN_MM:
        return Reading(PRESENT, FieldState.VALUE, 0.98, _ENGINE)
    return Reading(PRESENT, FieldState.UNVERIFIED, 0.5, _ENGINE)


def _cut(stroke: Stroke, height: int) -> bool:
    """Whether the upper or lower rim of a crop of that height cuts a stroke."""
    return stroke.box.top <= 1 or stroke.box.bottom >= height - 1
