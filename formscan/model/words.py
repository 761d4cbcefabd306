"""Words as people look for them: without tones, marks and case."""

from __future__ import annotations

import unicodedata


def without_diacritics(text: str) -> str:
    """Lower-case letters without tone and vowel marks; đ becomes d."""
    apart = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text without diacritics; punctuation but the dot inside a code parts them."""
    folded = without_diacritics(text)
    kept = "".join(letter if letter.isalnum() or letter == "." else " " for letter in folded)
    return tuple(word.strip(".") for word in kept.split() if word.strip("."))
