"""What a step of a person costs, and how often it goes wrong: constants with their sources.

Times are the keystroke-level model (Card, Moran & Newell 1980, CACM 23:396; 1983, The Psychology of
Human-Computer Interaction, fig. 8.1) and, for looking, the model human processor of the same book (ch. 2).
Error rates are of people in trials, not of this station's clerks, whom nobody has measured yet.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from formscan.bench.clerk.telex import keys_of
from formscan.model.template import CODED, FieldSpec

KEY_S: Final = 0.20
"""K: average skilled typist, 55 words a minute; a modifier is a key of its own."""
CODE_KEY_S: Final = 0.50
"""K of random letters and digits: codes, numbers, dates ("typing random letters")."""
THINK_S: Final = 1.35
"""M: mental preparation before a unit of typing or before a choice between ways."""
LOOK_S: Final = 0.23
"""One movement of the eye with its fixation (70 to 700 ms)."""
MATCH_S: Final = 0.07
"""One cognitive cycle: same or not."""
SPAN: Final = 8
"""Characters taken in with one fixation: about two short words."""
SLIP_KEY: Final = 0.005 / 7
"""Wrong and unnoticed, a typed character: 0.5 % of mail codes of 7 characters were wrong after correction
(Baddeley & Longman 1973). A field of 10 characters: 0.7 %; Paulsen, Overgaard & Lauritsen 2012 found 0.04
to 0.67 % of fields in medical data wrong after single entry, Reynolds-Haertle & McBride 1992 0.20 %."""
SLIP_CHOICE: Final = 0.006
"""Wrong one of a few keys (Rabbitt 1990: one of two buttons)."""
CATCH_PLAIN: Final = 0.66
"""Seen, a wrong word that could be right (weighted mean of proofreading trials on R. Panko's site)."""
CATCH_DOUBTED: Final = 0.81
"""Seen, a wrong word that looks wrong (same source); taken for fields the station marks as doubtful."""
CATCH_COMPARED: Final = 0.893
"""Seen, a wrong word that is stopped at and compared with what is written: seeded errors, the right text side
by side (Dittmer, N = 9, on R. Panko's site; 0.953 where both stood on one screen; people below 0.9 in a
trial before were left out of it)."""


@dataclass(slots=True)
class Work:
    """Keys pressed and seconds spent."""

    keys: int = 0
    seconds: float = 0.0

    def press(self, keys: int = 1, each_s: float = KEY_S) -> None:
        """Press so many keys."""
        self.keys += keys
        self.seconds += keys * each_s

    def type(self, spec: FieldSpec, text: str) -> None:
        """Type a text; Vietnamese letters take the keys of Telex."""
        self.press(keys_of(text), CODE_KEY_S if spec.type in CODED else KEY_S)

    def think(self) -> None:
        """Prepare."""
        self.seconds += THINK_S

    def look(self, text: str, times: int = 1) -> None:
        """Read a text, or an empty place, so many times, and decide."""
        self.seconds += times * LOOK_S * max(1, math.ceil(len(text) / SPAN)) + MATCH_S

    def add(self, other: Work) -> None:
        """Somebody else's work on the same form."""
        self.keys += other.keys
        self.seconds += other.seconds
