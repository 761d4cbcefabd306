"""Names, personal numbers, insurance numbers and phones."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from formscan.pipeline.flag_codes import flag
from formscan.pipeline.lexicon import code_list, insurance_kinds, misspelt_family_name
from formscan.pipeline.rules.outcome import Outcome

CITIZEN_DIGITS: Final = 12
OLD_CARD_DIGITS: Final = 9
INSURANCE_CHARACTERS: Final = 15
INSURANCE_SHORT: Final = 10
"""Newer cards show the social insurance code only."""
SPECIAL_INSURERS: Final = frozenset({"97", "98", "99"})
"""Province digits of cards of the army and of the police, and of cards without a province."""

_PASSPORT: Final = re.compile(r"[A-Z]{1,2}[0-9]{6,8}")
_INSURANCE: Final = re.compile(r"([A-Z]{2})([0-9])([0-9]{2})([0-9]{10})")
_PHONE: Final = re.compile(r"0[35789][0-9]{8}|02[0-9]{9}|01[0-9]{9}")
_IGNORED: Final = re.compile(r"[\s.\-|]+")


@dataclass(frozen=True, slots=True)
class CitizenFacts:
    """What a personal number of 12 digits says (Law on Identification; see reference 3.2)."""

    province: str
    male: bool
    birth_year: int


def check_name(text: str, capitals: bool = False) -> Outcome:
    """Look at a person's name; it is never re-cased.

    Args:
        text: As written.
        capitals: The form asks for capitals (*In hoa*).
    """
    name = unicodedata.normalize("NFC", " ".join(text.split()))
    flags = []
    if any(letter.isdigit() for letter in name):
        flags.append(flag("name.digits"))
    if any(not (letter.isalnum() or letter in " '’.-(),/") for letter in name):
        flags.append(flag("name.characters"))
    if name and misspelt_family_name(name.split()[0]):
        flags.append(flag("name.family_doubtful"))
    if capitals and name != name.upper():
        flags.append(flag("name.not_capitals"))
    return Outcome(name, tuple(flags))


def check_citizen_id(text: str) -> Outcome:
    """Look at a personal number (12 digits), an old card number (9) or a passport number."""
    bare = _IGNORED.sub("", text).upper()
    if not bare.isascii() or not bare.isalnum():
        return Outcome("", (flag("citizen_id.format"),))
    if bare.isdecimal():
        if len(bare) == OLD_CARD_DIGITS:
            return Outcome(bare, (flag("citizen_id.old_number"),))
        if len(bare) != CITIZEN_DIGITS:
            return Outcome("", (flag("citizen_id.length", found=len(bare)),))
        known = bare[:3] in code_list("citizen_provinces")
        return Outcome(bare, () if known else (flag("citizen_id.province"),))
    if _PASSPORT.fullmatch(bare):
        return Outcome(bare, (flag("citizen_id.passport"),))
    return Outcome("", (flag("citizen_id.format"),))


def citizen_facts(number: str) -> CitizenFacts | None:
    """Sex and year of birth in a personal number; ``None`` for other numbers.

    The fourth digit counts centuries from 1900, even for men, odd for women; two digits of the year follow.
    """
    if not re.fullmatch(r"[0-9]{12}", number):
        return None
    century, male = divmod(int(number[3]), 2)
    return CitizenFacts(number[:3], male == 0, 1900 + 100 * century + int(number[4:6]))


def check_insurance_number(text: str) -> Outcome:
    """Look at a health insurance number: 2 letters, 1 digit, 2 of the province, 10 of the person."""
    bare = _IGNORED.sub("", text).upper()
    if bare.isdecimal() and bare.isascii() and len(bare) == INSURANCE_SHORT:
        return Outcome(bare)
    if len(bare) != INSURANCE_CHARACTERS:
        return Outcome("", (flag("insurance.length", found=len(bare)),))
    found = _INSURANCE.fullmatch(bare)
    if found is None:
        return Outcome("", (flag("insurance.format"),))
    kind, benefit, province, _ = found.groups()
    flags = []
    if kind not in insurance_kinds():
        flags.append(flag("insurance.kind_unknown"))
    if benefit not in "12345":
        flags.append(flag("insurance.benefit"))
    if province not in code_list("provinces_2024") and province not in SPECIAL_INSURERS:
        flags.append(flag("insurance.province"))
    return Outcome(bare, tuple(flags))


def check_phone(text: str) -> Outcome:
    """Look at one phone number, or several divided by ``/`` or ``;``; ``+84`` becomes ``0``."""
    numbers = []
    flags = []
    for piece in re.split(r"[/;]", text):
        bare = re.sub(r"[\s.\-()|]+", "", piece)
        bare = re.sub(r"^(?:\+84|0084)", "0", bare)
        if not _PHONE.fullmatch(bare):
            return Outcome("", (flag("phone.format"),))
        if bare.startswith("01"):
            flags.append(flag("phone.legacy"))
        numbers.append(bare)
    return Outcome(";".join(numbers), tuple(dict.fromkeys(flags)))
