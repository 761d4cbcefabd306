"""What a person changed, letter by letter: read, keyed, released."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from formscan.model.reading import FieldState, FieldValue


class Mark(StrEnum):
    """What happened to a run of letters."""

    SAME = "same"
    GONE = "gone"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Run:
    """Letters next to each other with the same fate."""

    mark: Mark
    text: str


def difference(before: str, after: str) -> tuple[Run, ...]:
    """The runs that lead from one text to another, letters with their marks as one.

    Joining the runs that are not new gives ``before``, those that are not gone ``after`` (both in NFC).
    """
    one, other = _letters(before), _letters(after)
    runs: list[Run] = []
    for kind, a, b, c, d in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        if kind == "equal":
            runs.append(Run(Mark.SAME, "".join(one[a:b])))
            continue
        if b > a:
            runs.append(Run(Mark.GONE, "".join(one[a:b])))
        if d > c:
            runs.append(Run(Mark.NEW, "".join(other[c:d])))
    return tuple(runs)


def shown(value: FieldValue) -> str:
    """The text of a value; a state without text shows as its name in brackets."""
    return value.text if value.state is FieldState.VALUE else f"[{value.state.value}]"


def _letters(text: str) -> list[str]:
    """Letters of the text as a person counts them: a base with everything that combines with it."""
    found: list[str] = []
    for sign in unicodedata.normalize("NFC", text):
        if found and unicodedata.combining(sign):
            found[-1] += sign
        else:
            found.append(sign)
    return found
