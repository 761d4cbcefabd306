"""How a Vietnamese syllable is built: onset, vowels, coda; which marks a vowel takes and where the tone goes.

Source: Đoàn Thiện Thuật, Ngữ âm tiếng Việt (1977), for the inventory of onsets, rhymes and codas; the two
ways to place a tone are the traditional one (hòa, thủy) and the one of Quyết định 240/QĐ, 1984 (hoà, thuỷ).
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

CIRCUMFLEX, BREVE, HORN = "^", "(", "+"
TONES: Final = "\u0301\u0300\u0309\u0303\u0323"
"""Acute (sắc), grave (huyền), hook (hỏi), tilde (ngã), dot below (nặng); tone 1 to 5."""
STOPS: Final = frozenset({"c", "ch", "p", "t"})
"""Codas that only bear sắc and nặng."""
STOP_TONES: Final = frozenset({0, 1, 5})
_MARKS: Final = {CIRCUMFLEX: "\u0302", BREVE: "\u0306", HORN: "\u031b"}
_ONSETS: Final = frozenset(
    {
        *("", "b", "c", "ch", "d", "đ", "g", "gh", "gi", "h", "k", "kh", "l", "m", "n", "ng", "ngh", "nh"),
        *("p", "ph", "q", "qu", "r", "s", "t", "th", "tr", "v", "x"),
    }
)
_CODAS: Final = frozenset({"", "c", "ch", "m", "n", "ng", "nh", "p", "t"})
_OPEN: Final = (
    *("a", "ă", "â", "e", "ê", "i", "o", "ô", "ơ", "u", "ư", "y", "ai", "ao", "au", "ay", "âu", "ây", "eo"),
    *("êu", "ia", "iê", "iu", "oa", "oă", "oe", "oi", "ôi", "ơi", "oo", "ua", "uâ", "uê", "ui", "uô", "uơ"),
    *("uy", "ưa", "ưi", "ươ", "ưu", "yê", "iêu", "yêu", "oai", "oao", "oay", "oeo", "uai", "uao", "uay"),
    *("uây", "uêu", "uôi", "uơi", "uya", "uyê", "uyu", "ươi", "ươu"),
)
_CLOSED: Final = (
    *("a", "ă", "â", "e", "ê", "i", "o", "ô", "ơ", "u", "ư", "y", "oa", "oă", "oe", "oo", "iê", "yê", "uâ"),
    *("uê", "uô", "ươ", "uơ", "uy", "uyê", "ua", "ue", "uă"),
)
"""Vowels a coda may follow."""


class Placement(StrEnum):
    """Where the tone of an open oa, oe, uy goes."""

    OLD = "old"
    """hòa, khỏe, thủy"""
    NEW = "new"
    """hoà, khoẻ, thuỷ"""


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter without its tone: base in lower case, mark (``^``, ``(``, ``+`` or none), case.

    ``đ`` is a base of its own.
    """

    base: str
    mark: str = ""
    upper: bool = False

    @property
    def vowel(self) -> bool:
        """Whether it is one."""
        return self.base in "aeiouy"

    def shown(self, tone: int = 0) -> str:
        """The letter as text, with a tone."""
        parts = self.base + _MARKS.get(self.mark, "") + (TONES[tone - 1] if tone else "")
        text = unicodedata.normalize("NFC", parts)
        return text.upper() if self.upper else text


@dataclass(frozen=True, slots=True)
class Syllable:
    """Letters with one tone (0 for none, 1 to 5 in the order of ``TONES``)."""

    letters: tuple[Letter, ...] = ()
    tone: int = 0

    def plus(self, letter: Letter) -> Syllable:
        """With one more letter at the end."""
        return replace(self, letters=(*self.letters, letter))

    def marked(self, place: int, mark: str) -> Syllable:
        """With another mark on one letter."""
        letters = list(self.letters)
        letters[place] = replace(letters[place], mark=mark)
        return replace(self, letters=tuple(letters))

    def vowels(self) -> tuple[int, int]:
        """Start and end of the vowels; the u of qu and the i of gi before a vowel belong to the onset."""
        bases = [letter.base for letter in self.letters]
        start = next((n for n, letter in enumerate(self.letters) if letter.vowel), len(bases))
        glide = bases[:2] == ["q", "u"] or (
            bases[:2] == ["g", "i"] and len(bases) > 2 and self.letters[2].vowel
        )
        start = 2 if glide and start == 1 else start
        end = start
        while end < len(bases) and self.letters[end].vowel:
            end += 1
        return start, end

    def sound(self) -> bool:
        """Whether this is a syllable, or may become one when the rest is typed; marks may be missing yet."""
        if self.tone < 0:
            return False
        start, end = self.vowels()
        onset = "".join(letter.base for letter in self.letters[:start])
        coda = "".join(letter.base for letter in self.letters[end:])
        if start == end:
            return not coda and any(known.startswith(onset) for known in _ONSETS) and not self.tone
        if onset not in _ONSETS or coda not in _CODAS:
            return False
        if coda in STOPS and self.tone not in STOP_TONES:
            return False
        return any(_fits(self.letters[start:end], known, whole=bool(coda)) for known in _KNOWN[bool(coda)])

    def shown(self, placement: Placement = Placement.OLD) -> str:
        """The text, with the tone where it belongs."""
        whole = self._evened()
        at = whole.tone_place(placement) if whole.tone else -1
        return "".join(
            letter.shown(whole.tone if place == at else 0) for place, letter in enumerate(whole.letters)
        )

    def tone_place(self, placement: Placement) -> int:
        """Index of the letter that bears the tone; -1 without a vowel.

        A marked vowel bears it (of two, the last); else the second of two before a coda, the middle of
        three, the first of two at the end but for oa, oe, uy, where the placement says.
        """
        start, end = self.vowels()
        if start == end:
            return -1
        marked = [place for place in range(start, end) if self.letters[place].mark]
        if marked:
            return marked[-1]
        count = end - start
        pair = "".join(letter.base for letter in self.letters[start:end])
        second = end < len(self.letters) or (placement is Placement.NEW and pair in {"oa", "oe", "uy"})
        return start + (1 if count == 3 or (count == 2 and second) else 0)

    def _evened(self) -> Syllable:
        """With both horns of ươ where something follows: ưo and uơ are half typed."""
        start, end = self.vowels()
        pair = self.letters[start : start + 2]
        follows = len(self.letters) > start + 2
        if end - start < 2 or not follows or [letter.base for letter in pair] != ["u", "o"]:
            return self
        if HORN not in {pair[0].mark, pair[1].mark}:
            return self
        return self.marked(start, HORN).marked(start + 1, HORN)


def letters_of(text: str) -> Syllable:
    """Text as letters; the last tone found is the tone."""
    letters: list[Letter] = []
    tone = 0
    for sign in text:
        parts = unicodedata.normalize("NFD", sign)
        lower = parts[0].lower()
        mark = next((name for name, code in _MARKS.items() if code in parts), "")
        tone = next((TONES.index(part) + 1 for part in parts if part in TONES), tone)
        letters.append(Letter(lower, mark, upper=parts[0] != lower))
    return Syllable(tuple(letters), tone)


def _fits(typed: tuple[Letter, ...], known: tuple[Letter, ...], *, whole: bool) -> bool:
    if len(typed) > len(known) or (whole and len(typed) != len(known)):
        return False
    pairs = zip(typed, known, strict=False)
    return all(one.base == other.base and one.mark in ("", other.mark) for one, other in pairs)


_KNOWN: Final = {
    False: tuple(letters_of(vowels).letters for vowels in _OPEN),
    True: tuple(letters_of(vowels).letters for vowels in _CLOSED),
}
