"""What the QR codes of Vietnamese citizen cards and health-insurance cards say.

Citizen card (since 2021): ``number|old number|name|ddMMyyyy born|sex|address|ddMMyyyy issued``. Insurance
card: ``number|name in hex of UTF-8|born|1 or 2|address in hex|first clinic|valid from|...``, fields after
the seventh differ by issue and ``$`` ends it. A payload of another shape is not understood, never guessed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

_CITIZEN: Final = re.compile(r"\d{12}")
_OLD: Final = re.compile(r"\d{9}|\d{12}")
_INSURANCE: Final = re.compile(r"[A-Z]{2}[1-5]\d{12}|\d{10}")
_HEX: Final = re.compile(r"(?:[0-9A-Fa-f]{2})+")
_PARTIAL: Final = re.compile(r"\d{4}|\d{2}/\d{4}")


@dataclass(frozen=True, slots=True)
class CitizenCard:
    """The seven fields of a citizen card; an absent old number or day of issue is ``None``."""

    number: str
    old_number: str | None
    name: str
    born: date
    sex: str
    address: str
    issued: date | None


@dataclass(frozen=True, slots=True)
class InsuranceCard:
    """The leading fields of an insurance card.

    Attributes:
        number: 15 characters or the 10 digits of newer cards.
        born: As printed: ``dd/MM/yyyy``, ``MM/yyyy`` or ``yyyy``; partial dates stay partial.
        sex: ``Nam`` or ``Nữ``; ``None`` where the card does not say.
        clinic: Code of the first-contact facility as printed.
        valid_from: First day of validity, if given.
    """

    number: str
    name: str
    born: str
    sex: str | None
    address: str
    clinic: str
    valid_from: date | None


def parse_card(text: str) -> CitizenCard | InsuranceCard | None:
    """Understand the payload of a card's QR code; ``None`` where it is anything else."""
    fields = [part.strip() for part in text.strip().split("|")]
    if len(fields) == 7 and _CITIZEN.fullmatch(fields[0]):
        return _citizen(fields)
    if len(fields) >= 7 and _INSURANCE.fullmatch(fields[0]):
        return _insurance(fields)
    return None


def _citizen(fields: list[str]) -> CitizenCard | None:
    number, old, name, born_text, sex, address, issued_text = fields
    born = _day(born_text)
    if born is None or not name or (old and not _OLD.fullmatch(old)) or sex not in {"Nam", "Nữ"}:
        return None
    return CitizenCard(number, old or None, name, born, sex, address, _day(issued_text))


def _insurance(fields: list[str]) -> InsuranceCard | None:
    number, name_hex, born, sex, address_hex, clinic, start = fields[:7]
    name, address = _from_hex(name_hex), _from_hex(address_hex)
    if not name or address is None or not (_slashed(born) or _PARTIAL.fullmatch(born)):
        return None
    return InsuranceCard(
        number, name, born, {"1": "Nam", "2": "Nữ"}.get(sex), address, clinic, _slashed(start)
    )


def _day(text: str) -> date | None:
    """A day of the form ddMMyyyy that exists."""
    if not re.fullmatch(r"\d{8}", text):
        return None
    return _existing(text[4:], text[2:4], text[:2])


def _slashed(text: str) -> date | None:
    """A day of the form dd/MM/yyyy that exists."""
    if not re.fullmatch(r"\d{2}/\d{2}/\d{4}", text):
        return None
    return _existing(text[6:], text[3:5], text[:2])


def _existing(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def _from_hex(text: str) -> str | None:
    """Text of the hex digits of its UTF-8 bytes; empty stays empty, anything else is ``None``."""
    if not text:
        return ""
    if not _HEX.fullmatch(text):
        return None
    try:
        return bytes.fromhex(text).decode("utf-8")
    except UnicodeDecodeError:
        return None
