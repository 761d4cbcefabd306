"""How many keys a Vietnamese text takes with Telex: marks and tones are keys, so is Shift."""

from __future__ import annotations

import unicodedata


def keys_of(text: str) -> int:
    """Keys pressed for a text.

    A letter is one, a circumflex, breve, horn or stroke one more, a tone one more (Telex); an upper-case
    letter one more for Shift, a run of them two for Caps Lock.
    """
    keys, upper, run = 0, 0, False
    for sign in text:
        parts = unicodedata.normalize("NFD", sign)
        keys += len(parts) + (sign in "đĐ")
        if sign.isalpha() and sign.isupper():
            upper += 1
            run = run or upper > 1
        elif sign.isalpha():
            keys += min(upper, 2) if run else upper
            upper, run = 0, False
    return keys + (min(upper, 2) if run else upper)
