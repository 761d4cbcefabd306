"""Syllables of Vietnamese spelling, common or not: onset, rhyme and tone put together by rule.

So that a reader of lines learns letters and tones instead of a list of words.
"""

from __future__ import annotations

import unicodedata
from typing import Final

import numpy as np

_ONSET_TEXT: Final = "b c ch d đ g gh gi h k kh l m n ng ngh nh p ph qu r s t th tr v x c t th nh"
_ONSETS: Final = (*_ONSET_TEXT.split(), "", "")
_OPEN_TEXT: Final = (
    "a ai ao au ay âu ây e eo ê êu i ia iu o oa oai oe oi ô ôi ơ ơi u ua uê ui uy uya ư ưa ưi ưu ươi ươu yêu "
    "iêu uôi am an ang anh ăm ăn ăng âm ân âng em en eng êm ên ênh im in inh iêm iên iêng om on ong oan oang "
    "oanh oăn ôm ôn ông ơm ơn um un ung uôm uôn uông uân uâng uyên uynh ưng ươm ươn ương yên"
)
_OPEN: Final = tuple(_OPEN_TEXT.split())
_STOPPED_TEXT: Final = (
    "ac ach ap at ăc ăp ăt âc âp ât ec ep et êch êp êt ic ich ip it iêc iêp iêt oc op ot oac oat oăt ôc ôp "
    "ôt ơp ơt uc up ut uôc uôt uât uyêt ưc ưt ươc ươp ươt"
)
_STOPPED: Final = tuple(_STOPPED_TEXT.split())
_ACUTE, _DOT = "\u0301", "\u0323"
_TONES: Final = ("", "", "\u0300", _ACUTE, "\u0309", "\u0303", _DOT)
_VOWELS: Final = "aăâeêioôơuưy"
_SHAPED: Final = "ăâêôơư"


def syllable(rng: np.random.Generator) -> str:
    """One syllable the spelling allows; rhymes that end in a stop have the acute or the dot below."""
    stopped = rng.random() < 0.25
    rhyme = str(rng.choice(_STOPPED if stopped else _OPEN))
    onset = _spelt(str(rng.choice(_ONSETS)), rhyme)
    if onset == "qu" and rhyme[0] == "u":
        onset, rhyme = ("qu", rhyme[1:]) if rhyme[1:2] and rhyme[1] in _VOWELS else ("c", rhyme)
    tone = str(rng.choice((_ACUTE, _DOT) if stopped else _TONES))
    return unicodedata.normalize("NFC", onset + _toned(rhyme, tone))


def _spelt(onset: str, rhyme: str) -> str:
    """The onset as it is written before a rhyme: k, gh, ngh before front vowels and nowhere else."""
    front = rhyme[0] in "eêiy"
    pairs = {"c": "k", "g": "gh", "ng": "ngh"} if front else {"k": "c", "gh": "g", "ngh": "ng"}
    return pairs.get(onset, onset)


def _toned(rhyme: str, tone: str) -> str:
    """The rhyme with its tone on the vowel that carries it: the last shaped one, else the main one."""
    if not tone:
        return rhyme
    vowels = [k for k, letter in enumerate(rhyme) if letter in _VOWELS]
    shaped = [k for k in vowels if rhyme[k] in _SHAPED]
    closed = vowels[-1] < len(rhyme) - 1
    main = vowels[-1] if closed or len(vowels) == 1 else vowels[-2]
    place = shaped[-1] if shaped else main
    return rhyme[: place + 1] + tone + rhyme[place + 1 :]
