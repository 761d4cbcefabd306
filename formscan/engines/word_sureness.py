"""How likely each word of a line is right, from the network's rows and the other texts of the beam.

The text is laid over the rows along its likeliest path (Viterbi over the states of CTC; Graves et al., ICML
2006), so that every letter has the steps in which the ink speaks for it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from formscan.engines.ctc import BestPath, Rows, Spelled, best_path
from formscan.engines.language import bare, paired, words
from formscan.engines.letters import ALPHABET, INDEX
from formscan.model.same_words import shared

_FAR: Final = -1e9
_ODDS: Final = 6.0
_PAIR_MOST: Final = 5.0
_LOW: Final = -8.0
_ONE_LOOK: Final = (
    (0.1308, 0.2036, 0.5525, 0.2931, -0.7608, 0.4167, -0.0482, 0.0803, 0.1805, 1.0324),
    -0.3934,
)
_TWO_LOOKS: Final = (
    (0.1598, -0.0633, 0.257, -0.1567, -0.994, 1.0186, 0.1477, 0.3328, 0.5222, 1.5546, 0.33, 0.1428, 0.136),
    -0.6618,
)
_MOST: Final = 0.999
_AGREED: Final = 0.25
"""What is left of the doubt about a word another reader has as well."""


@dataclass(frozen=True, slots=True)
class WordDoubt:
    """What speaks for and against a word that was read.

    Attributes:
        least: Logarithm of the odds of its least sure letter, by the ink at its surest step.
        mean: Logarithm of how sure the ink is of a letter, on average over its letters.
        odds: Logarithm of how much likelier by the beam the texts are that have it than those that have not.
        path: 1 where the likeliest path has the word as well, else 0.
        strange: 1 where no list has it, else 0.
        line: Logarithm of the likeliest path's probability a character of the line.
        letters: Logarithm of its length.
        before: How well it follows the word before it (``language.paired``), 0 where that says nothing.
        after: How well the next word follows it.
        whole: Probability that the whole line is right.
        second: The same of a second look, where there was one: 1 where its likeliest path has the word, least
            and mean.
    """

    least: float
    mean: float
    odds: float
    path: float
    strange: float
    line: float
    letters: float
    before: float
    after: float
    whole: float
    second: tuple[float, float, float] | None

    def numbers(self) -> tuple[float, ...]:
        """As the weights want them."""
        first = (self.least, self.mean, self.odds, self.path, self.strange, self.line)
        last = (self.letters, self.before, self.after, self.whole)
        return (*first, *last, *(self.second or ()))


def sure_words(doubts: Sequence[WordDoubt]) -> tuple[float, ...]:
    """Probability 0..1 that each word is right, as fitted by ``formscan bench sureness``."""
    found = []
    for one in doubts:
        weights, bias = _ONE_LOOK if one.second is None else _TWO_LOOKS
        score = float(np.dot(weights, one.numbers())) + bias
        found.append(min(_MOST, 1 / (1 + math.exp(-max(-30.0, min(30.0, score))))))
    return tuple(found)


def agreed_words(text: str, sure: Sequence[float], told: str) -> tuple[float, ...]:
    """The same after another reader's text for the line, empty for none: what it has as well is surer."""
    both = shared(text.split(), told.split())
    return tuple(1 - (1 - p) * _AGREED if place in both else p for place, p in enumerate(sure))


def word_doubts(
    rows: Rows,
    text: str,
    best: BestPath,
    found: Sequence[Spelled],
    whole: float,
    again: Rows | None = None,
) -> list[WordDoubt]:
    """What speaks for and against each word of a text, in order.

    Args:
        rows: Of the line.
        text: As it is put forward or offered first, words set apart by single blanks.
        best: The likeliest path of the rows.
        found: Texts of the beam, the likeliest first; empty where none was needed.
        whole: Probability that the whole line is right.
        again: Rows of a second look at the same ink.
    """
    told = text.split()
    if not told:
        return []
    listed, line = words(), max(_LOW, best.log / max(1, len(best.text)))
    agreed, odds = shared(told, best.text.split()), _odds(told, found)
    follows = [0.0, *(min(_PAIR_MOST, known or 0.0) for known in paired(text)), 0.0]
    first = _by_word(rows, told)
    second = [] if again is None else _by_word(again, told)
    also = set() if again is None else shared(told, best_path(again).text.split())
    doubts = []
    for place, word in enumerate(told):
        doubts.append(
            WordDoubt(
                *first[place],
                odds=odds[place],
                path=float(place in agreed),
                strange=float(bare(word).isalpha() and bare(word) not in listed),
                line=line,
                letters=math.log(len(word)),
                before=follows[place],
                after=follows[place + 1],
                whole=whole,
                second=(float(place in also), *second[place]) if second else None,
            )
        )
    return doubts


def _by_word(rows: Rows, told: Sequence[str]) -> list[tuple[float, float]]:
    """How sure the ink is of each word: of its least sure letter, and on average; not below ``_LOW``."""
    sure, found, at = _letters(rows, " ".join(told)), [], 0
    for word in told:
        own = sure[at : at + len(word)]
        at += len(word) + 1
        found.append((_logit(min(own)), max(_LOW, sum(own) / len(own))))
    return found


def _logit(log: float) -> float:
    """Logarithm of the odds of a probability given by its logarithm, within ``_ODDS``."""
    lack = -math.expm1(min(log, -1e-9))
    return max(-_ODDS, min(_ODDS, log - math.log(lack)))


def _letters(rows: Rows, text: str) -> list[float]:
    """Logarithm of how sure the ink is of each letter at its surest step, along the text's likeliest path."""
    best = rows.argmax(axis=1)
    begins = np.flatnonzero((best != 0) & (best != np.concatenate([[0], best[:-1]])))
    spelled = "".join(ALPHABET[k - 1] for k in best[begins].tolist())
    if spelled == text:  # as of most lines: no other path is likelier
        logs = np.where(best != 0, rows[np.arange(len(rows)), best], _FAR)
        return [float(log) for log in np.maximum.reduceat(logs, begins)]
    return _along(rows, text)


def _along(rows: Rows, text: str) -> list[float]:
    """The same by Viterbi's search, for a text the likeliest path does not say."""
    wanted = np.zeros(2 * len(text) + 1, np.int64)
    wanted[1::2] = [INDEX[character] for character in text]
    skip = np.zeros(len(wanted), bool)
    skip[3::2] = wanted[3::2] != wanted[1:-2:2]
    score = np.full(len(wanted), _FAR)
    score[:2] = rows[0, wanted[:2]]
    came = np.zeros((len(rows), len(wanted)), np.int8)
    for step in range(1, len(rows)):
        ways = np.full((3, len(wanted)), _FAR)
        ways[0], ways[1, 1:] = score, score[:-1]
        ways[2, 2:] = np.where(skip[2:], score[:-2], _FAR)
        came[step] = ways.argmax(axis=0)
        score = ways.max(axis=0) + rows[step, wanted]
    at = len(wanted) - 1 if score[-1] >= score[-2] else len(wanted) - 2
    sure = [_FAR] * len(text)
    for step in range(len(rows) - 1, -1, -1):
        if at % 2:
            sure[at // 2] = max(sure[at // 2], float(rows[step, wanted[at]]))
        at -= int(came[step, at])
    return sure


def _odds(told: Sequence[str], found: Sequence[Spelled]) -> list[float]:
    """Logarithm of the odds that a word is in the text, by what the beam found."""
    if len(found) < 2:
        return [_ODDS] * len(told)
    weights = np.exp(np.array([one.score for one in found]) - found[0].score)
    have = np.zeros(len(told))
    for weight, one in zip(weights, found, strict=True):
        for place in shared(told, one.text.split()):
            have[place] += weight
    lack = weights.sum() - have
    return [float(x) for x in np.clip(np.log(np.maximum(have, 1e-4) / np.maximum(lack, 1e-4)), -_ODDS, _ODDS)]
