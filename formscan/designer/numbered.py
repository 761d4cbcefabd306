"""Questions whose answers are numbered in the print, ``Ho: 1. Có 2. Không``, beside boxes for a number."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from formscan.designer.rows import label_of
from formscan.model.geometry import Area

_NUMBERED: Final = re.compile(
    r"(?<![\w.,/])(\d{1,2})\s*[.)]\s*([^\W\d_][^.…_□]*?)(?=\s*(?:\d{1,2}\s*[.)]|[.…_□]|$))"
)
"""``1. Nam 2. Nữ``: a number, a full stop or bracket, words up to the next number, dots or the end."""
_ITEM: Final = re.compile(r"^\s*[-+]?\s*\d{1,2}(?:\.\d{1,2})+\s*[.)]?\s*")
"""``1.4.`` before the words of an item."""
_BESIDE: Final = re.compile(r"\s[-–+]\s")
"""What stands behind it is another item on the same line."""
_LEAST: Final = 2


@dataclass(frozen=True, slots=True)
class Print:
    """A run of print: start and baseline, size (all points) and text."""

    x: float
    y: float
    size: float
    text: str


@dataclass(frozen=True, slots=True)
class Numbered:
    """A question as it is printed.

    Attributes:
        label: What stands before its first answer on that line, without the item's number; may be empty.
        answers: Their words; the first has the number 1.
    """

    label: str
    answers: tuple[str, ...]


@dataclass(slots=True)
class _Run:
    height: float
    label: str
    answers: list[str]
    last: float


def numbered_question(prints: Iterable[Print], area: Area) -> Numbered | None:
    """The question beside places, where its answers are numbered.

    Numbers that count up from 1 on lines around the places, left of the last one, and begin no lower than
    these; of several such rows the one whose middle is nearest to the places'.

    Args:
        prints: Of the page.
        area: Of the places into which a number is written.
    """
    middle = (area.top + area.bottom) / 2
    runs: list[_Run] = []
    for height, text in _lines_at(prints, area):
        free = 0
        for found in _NUMBERED.finditer(text):
            number, words = int(found.group(1)), _BESIDE.split(" ".join(found.group(2).split()))[0]
            if number == 1:
                runs.append(_Run(height, _named(text[free : found.start()]), [], height))
            if (
                runs and number == len(runs[-1].answers) + 1 and ":" not in words
            ):  # an item asks, no answer does
                runs[-1].answers.append(words.strip(" ;,-"))
                runs[-1].last, free = height, found.end()
    counted = [run for run in runs if len(run.answers) >= _LEAST and run.height < area.bottom]
    best = min(counted, key=lambda run: abs((run.height + run.last) / 2 - middle), default=None)
    return None if best is None else Numbered(best.label, tuple(best.answers))


def question_within(label: str) -> str | None:
    """The question of a label that holds its answers: ``Ho`` of ``1.3. Ho: 1. Có 2. Không``, or ``None``."""
    numbers = [found for found in _NUMBERED.finditer(label) if found.group(1) in {"1", "2"}]
    counts = [found.group(1) for found in numbers]
    at = next((n for n in range(len(counts) - 1) if counts[n : n + 2] == ["1", "2"]), None)
    return None if at is None else _named(label[: numbers[at].start()])


def _named(text: str) -> str:
    """Words before answers without the item's number."""
    return label_of(_ITEM.sub("", text))


def _lines_at(prints: Iterable[Print], area: Area) -> list[tuple[float, str]]:
    """The print on lines around an area and left of its end: middle height and text, from the top."""
    lines: list[list[Print]] = []
    for one in sorted(prints, key=lambda p: (p.y, p.x)):
        if not (area.top - one.size < one.y < area.bottom + 2 * one.size and one.x < area.right):
            continue
        if lines and abs(lines[-1][0].y - one.y) < 0.5 * one.size:
            lines[-1].append(one)
        else:
            lines.append([one])
    return [
        (line[0].y - 0.3 * line[0].size, " ".join(p.text for p in sorted(line, key=lambda p: p.x)))
        for line in lines
    ]
