"""Telex and VNI: the keys of one word to its text.

What a key does is decided on the whole word each time, so marks may be typed at the end (``duongwf``, a
tone may be corrected (``asf`` is à), and a word that turns out not to be Vietnamese (``paracetamol``) shows
the keys as they were pressed. A key that is repeated undoes itself and then stands for itself (``ass`` is
as, ``ddd`` is dd). ``z`` (VNI ``0``) takes the tone away.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Final

from ui.typing.syllable import BREVE, CIRCUMFLEX, HORN, Letter, Placement, Syllable, letters_of


class Method(StrEnum):
    """How keys become letters; ``OFF`` leaves everything to the system."""

    OFF = "off"
    TELEX = "telex"
    VNI = "vni"


def composed(keys: Sequence[str], method: Method, placement: Placement = Placement.OLD) -> str:
    """The text of a word.

    Args:
        keys: One character each; the word so far may come as letters that already bear marks.
        method: Telex or VNI.
        placement: Where the tone of an open oa, oe, uy goes.

    Returns:
        NFC text; the keys themselves where they make no Vietnamese syllable.
    """
    steps = _STEPS[method]
    word, undone, acted, kept = Syllable(), set[str](), False, False
    for key in keys:
        small = key.lower()
        after = steps.get(small, _letter)(word, small) if small not in undone else None
        if after is not None and after.sound():
            word, acted = _cased(word, after, key), True
        elif after is not None and after.tone == REPEATED and (word.sound() or kept):
            word, kept = _typed(_without(word, small, method), key), True
            undone.add(small)
        elif small == _STROKES.get(method) and small not in undone and not word.sound() and _ends_in_d(word):
            word, kept = replace(word, letters=(*word.letters[:-1], _stroked(word.letters[-1]))), True
        else:
            word = _typed(word, key)
    if not kept and not ((acted or word.tone) and word.sound()):
        return "".join(keys)
    return word.shown(placement)


Step = Callable[[Syllable, str], "Syllable | None"]
"""The word after a key, or ``None`` where the key is a letter of its own. A key repeated gives a word that
is not ``sound`` (tone -1)."""

REPEATED: Final = -1
_STROKES: Final = {Method.TELEX: "d", Method.VNI: "9"}


def _typed(word: Syllable, key: str) -> Syllable:
    """With the key as the letter it is."""
    told = letters_of(key)
    return replace(word.plus(told.letters[0]), tone=told.tone or word.tone)


def _letter(_word: Syllable, _key: str) -> Syllable | None:
    return None


def _cased(before: Syllable, after: Syllable, key: str) -> Syllable:
    """A letter a key made by itself (w for ư) has the case of the key."""
    if len(after.letters) <= len(before.letters):
        return after
    return replace(after, letters=(*after.letters[:-1], replace(after.letters[-1], upper=key != key.lower())))


def _without(word: Syllable, key: str, method: Method) -> Syllable:
    """The word before the key did what it did."""
    if key in _TONES[method]:
        return replace(word, tone=0)
    if key == _STROKES.get(method):
        there = max(place for place, letter in enumerate(word.letters) if letter.base == "đ")
        return replace(
            word,
            letters=tuple(
                replace(letter, base="d") if place == there else letter
                for place, letter in enumerate(word.letters)
            ),
        )
    start, end = word.vowels()
    only = word.letters[start:end]
    if key == "w" and [letter.mark for letter in only] == [HORN] and only[0].base == "u" and word in _LONE:
        return Syllable()
    marks = {"w": (HORN, BREVE), "7": (HORN,), "8": (BREVE,)}.get(key, (CIRCUMFLEX,))
    letters = tuple(
        replace(letter, mark="") if start <= place < end and letter.mark in marks else letter
        for place, letter in enumerate(word.letters)
    )
    return replace(word, letters=letters)


_LONE: Final = frozenset({Syllable((Letter("u", HORN),)), Syllable((Letter("u", HORN, upper=True),))})


def _tone(number: int) -> Step:
    def step(word: Syllable, _key: str) -> Syllable | None:
        start, end = word.vowels()
        if start == end:
            return None
        return replace(word, tone=REPEATED if word.tone == number else number)

    return step


def _no_tone(word: Syllable, _key: str) -> Syllable | None:
    return replace(word, tone=0) if word.tone > 0 else None


def _stroke(word: Syllable, _key: str) -> Syllable | None:
    """``dd``: the d the word begins with; one that is stroked at the end stands for itself again."""
    if word.letters and (word.letters[0].base == "đ" or word.letters[-1].base == "đ"):
        return replace(word, tone=REPEATED)
    if not word.letters or word.letters[0].base != "d":
        return None
    return replace(word, letters=(_stroked(word.letters[0]), *word.letters[1:]))


def _stroked(letter: Letter) -> Letter:
    return replace(letter, base="đ")


def _ends_in_d(word: Syllable) -> bool:
    """amiđan: no syllable, but nothing that is written here has two d beside each other."""
    return bool(word.letters) and word.letters[-1].base == "d"


def _hat(bases: str) -> Step:
    def step(word: Syllable, _key: str) -> Syllable | None:
        start, end = word.vowels()
        there = [place for place in range(start, end) if word.letters[place].base in bases]
        if not there:
            return None
        if any(word.letters[place].mark == CIRCUMFLEX for place in there):
            return replace(word, tone=REPEATED)
        found = [word.marked(place, CIRCUMFLEX) for place in reversed(there)]
        return next((made for made in found if made.sound()), None)

    return step


def _hook(*, horn: bool = True, breve: bool = True, alone: bool = False) -> Step:
    """Horn of o and u, breve of a; ``alone`` makes an ư where no vowel is yet."""

    def step(word: Syllable, _key: str) -> Syllable | None:
        start, end = word.vowels()
        bases = "".join(letter.base for letter in word.letters[start:end])
        if not bases:
            return word.plus(Letter("u", HORN)) if alone else None
        made = _hooked(word, start, bases, horn=horn, breve=breve)
        if made is None and any(letter.mark in (HORN, BREVE) for letter in word.letters[start:end]):
            return replace(word, tone=REPEATED)
        return made

    return step


def _hooked(word: Syllable, start: int, bases: str, *, horn: bool, breve: bool) -> Syllable | None:
    def free(place: int) -> bool:
        return word.letters[start + place].mark not in (HORN, BREVE)

    closed = len(word.letters) > start + len(bases)
    tries: list[Syllable] = []
    if horn and bases.startswith("uo") and (free(0) or free(1)):
        whole = word.marked(start, HORN).marked(start + 1, HORN)
        half = word.marked(start + 1, HORN)  # thuở: both horns only where something follows
        tries += [half] if not closed and len(bases) == 2 and free(0) and free(1) else [whole]
        return next((made for made in tries if made.sound()), None)
    for base, mark, allowed in (("u", HORN, horn and bases != "ou"), ("o", HORN, horn), ("a", BREVE, breve)):
        place = bases.find(base)
        if allowed and place >= 0 and not any(not free(n) for n in range(len(bases))):
            tries.append(word.marked(start + place, mark))
    return next((made for made in tries if made.sound()), None)


_TONES: Final[dict[Method, dict[str, int]]] = {
    Method.OFF: {},
    Method.TELEX: {"s": 1, "f": 2, "r": 3, "x": 4, "j": 5},
    Method.VNI: {"1": 1, "2": 2, "3": 3, "4": 4, "5": 5},
}
_STEPS: Final[dict[Method, dict[str, Step]]] = {
    Method.OFF: {},
    Method.TELEX: {
        **{key: _tone(number) for key, number in _TONES[Method.TELEX].items()},
        "z": _no_tone,
        "d": _stroke,
        "a": _hat("a"),
        "e": _hat("e"),
        "o": _hat("o"),
        "w": _hook(alone=True),
    },
    Method.VNI: {
        **{key: _tone(number) for key, number in _TONES[Method.VNI].items()},
        "0": _no_tone,
        "9": _stroke,
        "6": _hat("aeo"),
        "7": _hook(breve=False),
        "8": _hook(horn=False),
    },
}
