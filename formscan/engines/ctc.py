"""From the line network's rows to texts: best path, beam search with a prior, likelihood of a given text.

CTC after Graves et al., "Connectionist temporal classification", ICML 2006; prefix beam search after Hannun
et al., "First-pass large vocabulary continuous speech recognition using bi-directional recurrent DNNs", 2014
(arXiv:1408.2873): there too a word's prior counts when the word is complete.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from formscan.engines.letters import ALPHABET, INDEX

Rows = npt.NDArray[np.float32]
"""float32, (steps, classes), natural logarithms of probabilities; class 0 is the blank."""

WordPrior = Callable[[str, bool], float]
"""Natural logarithm of how likely a complete word is, weighed against ink; the flag tells the last one."""

_NEVER: Final = -1e9
_THIN: Final = math.log(2e-3)
"""Classes less likely than this at a step are not followed."""
_MOST: Final = 6
_BEHIND: Final = 12.0
"""Prefixes so much less likely than the best one are not followed: of 360 lines no text became another."""
_LEAST: Final = 1e-300


@dataclass(frozen=True, slots=True)
class Spelled:
    """A text with the natural logarithms of its likelihood by the ink alone and of its prior."""

    text: str
    ink: float
    prior: float = 0.0

    @property
    def score(self) -> float:
        """Ink and prior together."""
        return self.ink + self.prior


@dataclass(frozen=True, slots=True)
class BestPath:
    """The likeliest path.

    Attributes:
        text: What it says.
        least: Probability of its least sure step, 0..1: low where anything at all is in doubt.
        log: Natural logarithm of the path's probability.
    """

    text: str
    least: float
    log: float


def best_path(rows: Rows) -> BestPath:
    """Follow the likeliest class of every step."""
    if not len(rows):
        return BestPath("", 1.0, 0.0)
    best = rows.argmax(axis=1)
    logs = rows[np.arange(len(rows)), best]
    new = (best != 0) & (best != np.concatenate([[0], best[:-1]]))
    text = "".join(ALPHABET[int(k) - 1] for k in best[new])
    return BestPath(" ".join(text.split()), float(np.exp(logs.min())), float(logs.sum()))


def likelihoods(rows: Rows, texts: Sequence[str]) -> list[float]:
    """Natural logarithm of the probability that the rows say a text, over all paths, for each text.

    -1e9 stands for never. Probabilities are kept as shares of the likeliest state, so that none is lost over
    a long line; what is less likely than 1e-300 of it counts as never.
    """
    if not texts:
        return []
    long = 2 * max(map(len, texts)) + 1
    wanted = np.zeros((len(texts), long), np.int64)
    for number, text in enumerate(texts):
        wanted[number, 1 : 2 * len(text) : 2] = [INDEX[character] for character in text]
    skip = np.zeros(wanted.shape, np.float64)
    skip[:, 2:] = (wanted[:, 2:] != 0) & (wanted[:, 2:] != wanted[:, :-2])
    chances = np.exp(rows.astype(np.float64))
    # Two columns to the left from which nothing comes.
    state = np.zeros((len(texts), long + 2), np.float64)
    state[:, 2:4] = chances[0][wanted[:, :2]]
    now = state[:, 2:]
    log = np.zeros(len(texts), np.float64)
    for row in chances[1:]:
        come = (now + state[:, 1:-1] + skip * state[:, :-2]) * row[wanted]
        most = come.max(axis=1)
        log += np.log(np.maximum(most, _LEAST))
        np.divide(come, np.maximum(most, _LEAST)[:, None], out=now)
    told = []
    for number, text in enumerate(texts):
        share = float(now[number, 2 * len(text)]) + (float(now[number, 2 * len(text) - 1]) if text else 0.0)
        told.append(max(_NEVER, float(log[number]) + math.log(share)) if share > 0 else _NEVER)
    return told


def beam(rows: Rows, prior: WordPrior | None = None, width: int = 12, most: int = 5) -> list[Spelled]:
    """The likeliest texts, likeliest first.

    Args:
        rows: Of one line.
        prior: Of words; nothing is ruled out by it.
        width: Prefixes kept a step.
        most: Texts returned.
    """
    live: _Live = {"": (0.0, _NEVER, 0.0)}
    seen = rows > _THIN
    seen[:, 0] = False
    plain = np.logical_not(seen.any(axis=1)).tolist()
    for index, row in enumerate(rows):
        blank = float(row[0])
        if plain[index]:
            live = {text: (_either(a, b) + blank, _NEVER, words) for text, (a, b, words) in live.items()}
            continue
        order = np.flatnonzero(seen[index])
        if len(order) > _MOST:
            order = order[np.argpartition(row[order], -_MOST)[-_MOST:]]
        chosen = [(ALPHABET[int(k) - 1], float(row[k])) for k in order]
        live = _step(live, chosen, blank, prior, width)
    found: dict[str, Spelled] = {}
    for text, (blank, ended, words) in live.items():
        ink = float(np.logaddexp(blank, ended))
        last = text.rsplit(" ", 1)[-1]
        total = words + (prior(last, True) if prior is not None and last else 0.0)
        told = " ".join(text.split())
        if told not in found or found[told].score < ink + total:
            found[told] = Spelled(told, ink, total)
    return sorted(found.values(), key=lambda one: -one.score)[:most]


def explained(rows: Rows, texts: Sequence[str], prior: WordPrior) -> list[float]:
    """Likelihood of each text by the ink and the prior of its words, as ``beam`` weighs them."""
    split = [text.split() for text in texts]
    priors = [sum(prior(word, word is words[-1]) for word in words) for words in split]
    return [ink + prior for ink, prior in zip(likelihoods(rows, texts), priors, strict=True)]


_Live = dict[str, tuple[float, float, float]]
"""Prefix: logarithms of ending in a blank and in its last letter, and of its complete words' prior."""


def _step(
    live: _Live, chosen: list[tuple[str, float]], blank: float, prior: WordPrior | None, width: int
) -> _Live:
    grown: dict[str, list[float]] = {}
    find = grown.get
    for text, (ended_blank, ended_letter, words) in live.items():
        total = _either(ended_blank, ended_letter)
        entry = find(text)
        if entry is None:
            entry = grown[text] = [total + blank, _NEVER, words]
        else:
            entry[0] = _either(entry[0], total + blank)
        last = text[-1:]
        for letter, log in chosen:
            if letter == last:
                entry[1] = _either(entry[1], ended_letter + log)
                in_letter, gained = ended_blank + log, words
            else:
                in_letter, gained = total + log, words
                if letter == " " and prior is not None and last != " ":
                    gained += prior(text.rsplit(" ", 1)[-1], False)
            longer = text + letter
            other = find(longer)
            if other is None:
                grown[longer] = [_NEVER, in_letter, gained]
            else:
                other[1] = _either(other[1], in_letter)
    scores = {text: (a if a > b else b) + words for text, (a, b, words) in grown.items()}
    least = max(scores.values()) - _BEHIND
    if len(grown) > width:
        least = max(least, sorted(scores.values(), reverse=True)[width - 1])
    return {text: (a, b, words) for text, (a, b, words) in grown.items() if scores[text] >= least}


def _either(a: float, b: float) -> float:
    """Logarithm of the sum of two probabilities given as logarithms."""
    if a < b:
        a, b = b, a
    return a if b <= _NEVER / 2 or a - b > 30 else a + math.log1p(math.exp(b - a))
