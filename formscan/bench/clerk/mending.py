"""Where the station stops in a text, and the keys that make one text of another."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from formscan.bench.clerk.telex import keys_of
from formscan.model.read_words import ReadWords
from formscan.model.template import FieldSpec, ValueType
from formscan.review.word_doubt import Span, doubtful_words
from formscan.review.word_visits import PIECE, WordVisits


@dataclass(frozen=True, slots=True)
class Stops:
    """Where Enter stops in a text.

    Attributes:
        spans: Numbers of the first word and the one after the last.
        typed: Words of them that have to be typed.
    """

    spans: tuple[Span, ...] = ()
    typed: frozenset[int] = frozenset()

    def met(self, start: int, end: int) -> bool:
        """Whether a stop shows the words from ``start`` on, or the gap where one is missing."""
        return any(first < max(end, start + 1) and start < last for first, last in self.spans)


def typing_keys(spec: FieldSpec, text: str, standing: str, others: Sequence[str] | None = None) -> int:
    """Keys of the text: all of it, or, in a text of several words, only the words that differ."""
    whole = keys_of(text)
    if not standing or " " not in standing or spec.type is not ValueType.TEXT:
        return whole
    return min(whole, mending_keys(text, standing, others))


def mending_keys(
    text: str,
    standing: str,
    others: Sequence[str] | None,
    read: ReadWords | None = None,
    *,
    stops: bool = False,
    whole: bool = True,
) -> int:
    """Keys that make one text of another, word by word.

    Args:
        text: Wanted.
        standing: In the editor.
        others: The other readings of the station, whose F10 chooses the next word in doubt; ``None`` where
            there is no such key: Ctrl and an arrow a word on the way, with Shift to choose it.
        read: What the reader said about its words.
        stops: Enter goes to every word in doubt before it counts ...
        whole: ... and through the words between them.
    """
    one, two = standing.split(" "), text.split(" ")
    doubted = _doubted(standing, others, read) if others is not None else []
    places = stops_of(standing, others or (), read, whole=whole) if stops else Stops()
    keys, at = len(places.spans), -1
    for tag, start, end, begin, stop in word_by_word(steps_of(one, two)):
        if tag == "equal":
            keys += keys_of(one[start]) if start in places.typed else 0
            continue
        walked = 2 * (start - max(at, 0) + 1) + 3 * (end - start)
        if (start, start + 1) in places.spans and end > start:
            walked = min(walked, 3 * (end - start - 1))
        elif start in doubted and end > start:
            walked = min(walked, sum(at < place <= start for place in doubted) + 3 * (end - start - 1))
        elif any(first <= start < last for first, last in places.spans):
            walked = min(walked, 2 + 2 * PIECE + 3 * (end - start))
        keys += walked + keys_of(" ".join(two[begin:stop])) + (begin == stop)
        at = max(start, end - 1)
    return keys


def _doubted(text: str, others: Sequence[str], read: ReadWords | None) -> list[int]:
    """Places of the words F10 stops at."""
    starts = [start for start, _ in doubtful_words(text, others, read)]
    return [len(text[:start].split(" ")) - 1 for start in starts]


def stops_of(text: str, others: Sequence[str], read: ReadWords | None, *, whole: bool) -> Stops:
    """Where Enter stops in a text before it counts."""
    visits = WordVisits(text, whole=whole, read=read)
    found = visits.left(others)
    spans = tuple((len(text[:a].split(" ")) - 1, len(text[:b].split(" "))) for a, b in found)
    typed = (first for (first, _), span in zip(spans, found, strict=True) if visits.to_type(span))
    return Stops(spans, frozenset(typed))


def word_by_word(steps: Sequence[tuple[str, int, int, int, int]]) -> Iterator[tuple[str, int, int, int, int]]:
    """The same, word by word where a step has as many on both sides."""
    for tag, start, end, begin, stop in steps:
        if end - start == stop - begin:
            yield from ((tag, start + k, start + k + 1, begin + k, begin + k + 1) for k in range(end - start))
        else:
            yield tag, start, end, begin, stop


def wrong_steps(one: Sequence[str], two: Sequence[str]) -> list[tuple[str, int, int, int, int]]:
    """Where two texts differ."""
    return [step for step in steps_of(one, two) if step[0] != "equal"]


def steps_of(one: Sequence[str], two: Sequence[str]) -> Sequence[tuple[str, int, int, int, int]]:
    """Steps that make one list of words of another."""
    return difflib.SequenceMatcher(None, one, two, autojunk=False).get_opcodes()
