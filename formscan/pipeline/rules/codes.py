"""ICD-10 codes, catalogue codes, choices and ticks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from formscan.model.reading import Flag
from formscan.model.template import Choice
from formscan.pipeline.flag_codes import flag
from formscan.pipeline.lexicon import CATALOGUES, code_list, find_codes, icd10
from formscan.pipeline.rules.outcome import Outcome

_ICD: Final = re.compile(r"([A-Z][0-9]{2})(?:\.?([0-9]{1,2}))?[*†+]?")
_YES: Final = frozenset({"true", "x", "v", "có", "yes", "1"})
_NO: Final = frozenset({"false", "không", "no", "0"})


def check_icd10(text: str) -> Outcome:
    """Look at one ICD-10 code, or several divided by ``;`` or ``,``.

    The form's four boxes have no place for the dot: ``A000`` is ``A00.0``. Letters that look like digits are
    never exchanged.
    """
    codes: list[str] = []
    flags: list[Flag] = []
    for piece in re.split(r"[;,]", text):
        found = _ICD.fullmatch(re.sub(r"\s+", "", piece).upper())
        if found is None:
            return Outcome("", (flag("icd.format"),))
        code = f"{found[1]}.{found[2]}" if found[2] else found[1]
        codes.append(code)
        if code not in icd10():
            flags.append(flag("icd.unknown", code=code))
    return Outcome(";".join(codes), tuple(flags))


def check_catalogue(text: str, catalogue: str | None) -> Outcome:
    """Look up a code or a name in a catalogue; a catalogue that does not ship checks nothing."""
    bare = " ".join(text.split())
    if catalogue == "icd10":
        return check_icd10(text)
    if catalogue is None or catalogue not in CATALOGUES:
        return Outcome(bare)
    found = find_codes(catalogue, bare)
    if not found:
        return Outcome("", (flag("catalogue.unknown"),))
    codes = set(found.values())
    names = {code_list(name)[code] for name, code in found.items()}
    if len(codes) > 1:
        return Outcome("", (flag("province.two_editions"),))
    code = codes.pop()
    plain = {name.removeprefix("Tỉnh ").removeprefix("Thành phố ") for name in names}
    return Outcome(code, (flag("province.two_editions"),) if len(plain) > 1 else ())


def check_choice(text: str, choices: Sequence[Choice], multiple: bool) -> Outcome:
    """Look at marked choices: values joined by ``;``. Their codes are the machine form."""
    known = {choice.value: choice.code or choice.value for choice in choices}
    marked = [value.strip() for value in text.split(";") if value.strip()]
    if not marked or any(value not in known for value in marked):
        return Outcome("", (flag("choice.unknown"),))
    if len(set(marked)) > 1 and not multiple:
        return Outcome("", (flag("choice.several"),))
    return Outcome(";".join(dict.fromkeys(known[value] for value in marked)))


def check_boolean(text: str, tick: bool) -> Outcome:
    """Look at a yes; a tick box without a mark is blank and can never say no.

    Args:
        text: ``true`` from a reader; ``x``, ``có`` ... from a keyboard.
        tick: The field is a single tick box.
    """
    bare = text.strip().casefold()
    if bare in _YES:
        return Outcome("true")
    if bare in _NO:
        return Outcome("", (flag("boolean.no_from_mark"),)) if tick else Outcome("false")
    return Outcome("", (flag("boolean.format"),))
