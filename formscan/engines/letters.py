"""The characters the line reader knows, and what each is made of: base letter, case, shape, tone."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Final

_BASES: Final = "aăâeêioôơuưy"
_TONES: Final = ("", "\u0300", "\u0309", "\u0303", "\u0301", "\u0323")
"""None, huyền, hỏi, ngã, sắc, nặng, as combining marks."""
_SHAPES: Final = {"\u0306": "breve", "\u0302": "circumflex", "\u031b": "horn"}
_VOWELS: Final = "".join(
    unicodedata.normalize("NFC", base + tone) for base in _BASES for tone in _TONES if base + tone
)
_LOWER: Final = "".join(dict.fromkeys("abcdefghijklmnopqrstuvwxyzđ" + _VOWELS))

SIGNS: Final = ".,:;/-+()%'\"?!&=<>[]*#@_°±µ²³×≥≤|"
ALPHABET: Final = " 0123456789" + _LOWER + _LOWER.upper() + SIGNS
"""Every character of Vietnamese in both cases, digits, signs and the space, in the order of the classes."""
CLASSES: Final = len(ALPHABET) + 1
"""Class 0 is CTC's blank; character ``ALPHABET[k]`` is class ``k + 1``."""
INDEX: Final = {character: place + 1 for place, character in enumerate(ALPHABET)}


@dataclass(frozen=True, slots=True)
class Parts:
    """What a character is made of; classes that share a part share what is learned of it.

    Attributes:
        base: The letter without marks in lower case, or the sign itself.
        upper: Whether it is a capital.
        shape: ``breve``, ``circumflex``, ``horn``, ``stroke`` or empty.
        tone: A combining mark or empty.
    """

    base: str
    upper: bool
    shape: str
    tone: str


def parts_of(character: str) -> Parts:
    """Take one character of ``ALPHABET`` apart."""
    if character in {"đ", "Đ"}:
        return Parts("d", character == "Đ", "stroke", "")
    letters = unicodedata.normalize("NFD", character)
    shape = next((_SHAPES[mark] for mark in letters[1:] if mark in _SHAPES), "")
    tone = next((mark for mark in letters[1:] if mark in _TONES), "")
    base = letters[0]
    return Parts(base.lower(), base != base.lower(), shape, tone)


def known(text: str) -> str:
    """``text`` in composed form (NFC) without the characters no reader here knows; blanks made single."""
    composed = unicodedata.normalize("NFC", text).replace("\u2013", "-").replace("\u2019", "'")
    return " ".join("".join(c for c in composed if c in INDEX).split())
