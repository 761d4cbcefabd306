"""What a line of words may say: the network's rows, along the likeliest path and by a beam with words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from formscan.engines.ctc import BestPath, Rows, Spelled, beam, best_path
from formscan.engines.language import in_context, word_prior
from formscan.engines.line_net import LineNet
from formscan.engines.line_sureness import Doubt, sureness
from formscan.engines.word_sureness import WordDoubt, agreed_words, sure_words, word_doubts
from formscan.model.page import Grey

PRINT: Final = 0.5
"""From this likelihood on a line is taken for machine print."""
OTHERS: Final = 4
"""Texts that are offered."""
_PLAIN: Final = 0.7
"""Where even the least sure step of the best path is surer than this, no other text is looked for."""
_BEAM: Final = 24
_NO_DOUBT: Final = 6.0
_NARROWER: Final = 0.9


@dataclass(slots=True, eq=False)
class Written:
    """Ink of one cell on its way to a text.

    Attributes:
        body: What was lifted, grey on white.
        printed: Likelihood that it is machine print.
        picture: As the line network sees it.
        rows: The network's, in time.
        faded: Part of the line is nearly white: what is read of it may be half of it.
        again: Handwriting: the network's rows of the same picture made narrower.
    """

    body: Grey
    printed: float
    picture: Grey
    rows: Rows
    faded: bool = False
    again: Rows | None = None


@dataclass(frozen=True, slots=True)
class Guess:
    """Possible texts of a line, likeliest first, and what tells how sure they are."""

    texts: list[str]
    doubt: Doubt
    best: BestPath
    found: list[Spelled]

    def doubts(self, cell: Written, text: str) -> list[WordDoubt]:
        """What speaks for and against each word of a text."""
        return word_doubts(cell.rows, text, self.best, self.found, sureness(self.doubt), cell.again)

    def words(self, cell: Written, text: str, told: str) -> tuple[float, ...]:
        """Probability of each word of a text; ``told`` is what another reader said, if one was asked."""
        return agreed_words(text, sure_words(self.doubts(cell, text)), told)


def narrowed(picture: Grey) -> Grey:
    """The same line a little narrower, for a second look: what is read otherwise then is in doubt."""
    wide = max(1, round(picture.shape[1] * _NARROWER))
    return np.asarray(cv2.resize(picture, (wide, picture.shape[0]), interpolation=cv2.INTER_AREA), np.uint8)


def spelled(rows: Rows) -> list[Spelled]:
    """The likeliest texts of a line, words and their pairs counted; none for an empty line."""
    return in_context(one for one in beam(rows, word_prior(), _BEAM, _BEAM) if one.text)


def guessed(cell: Written) -> Guess:
    """What a line of words may say."""
    best = best_path(cell.rows)
    texts, margin, found = [best.text] if best.text else [], _NO_DOUBT, list[Spelled]()
    if best.least < _PLAIN:
        found = spelled(cell.rows)
        texts = [one.text for one in found[:OTHERS]]
        margin = found[0].score - found[1].score if len(found) > 1 else _NO_DOUBT
    return Guess(texts, Doubt.of(best, texts[0] if texts else "", margin, cell.printed), best, found)


def judged(cells: Sequence[Written | None], net: LineNet) -> list[tuple[int, str, Doubt, list[WordDoubt]]]:
    """Index, text and doubts of each written line of words, as the reader would read it."""
    written = [(index, cell) for index, cell in enumerate(cells) if cell is not None]
    found: list[tuple[int, str, Doubt, list[WordDoubt]]] = []
    for (index, cell), rows in zip(written, net.rows([cell.picture for _, cell in written]), strict=True):
        cell.rows = rows
        if cell.printed < PRINT:
            cell.again = net.rows([narrowed(cell.picture)])[0]
        guess = guessed(cell)
        text = guess.texts[0] if guess.texts else ""
        found.append((index, text, guess.doubt, guess.doubts(cell, text)))
    return found
