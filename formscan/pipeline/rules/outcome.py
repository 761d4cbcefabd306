"""What a rule about one value gives back."""

from __future__ import annotations

from dataclasses import dataclass

from formscan.model.reading import Flag


@dataclass(frozen=True, slots=True)
class Outcome:
    """The machine form of a text, and what is doubtful about it.

    Attributes:
        normalised: Empty where the text was not understood; never more precise than the text.
    """

    normalised: str
    flags: tuple[Flag, ...] = ()
