"""Labels and values of a page of no known form, from its print and its layout alone.

Words on one line that stand together are a segment; a colon ends one. A segment is taken for a label by what
it looks like (a colon, few words, a known meaning, a line to write on behind it), and a value is looked for
to its right, then below it; each value goes to the label it fits best. Nothing here was trained.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from formscan.designer.detect import BlankPage, sheet_from_pixels
from formscan.designer.fold import fold
from formscan.designer.from_pixels import read_pixels
from formscan.designer.meaning import meaning_of
from formscan.designer.print_reading import read_words
from formscan.designer.printed import Leader, PrintedSheet, Word
from formscan.designer.proposed import Place, PlaceKind
from formscan.designer.straighten import straightened
from formscan.model.geometry import Area, enclosing
from formscan.model.page import Grey
from formscan.model.template import ValueType

SAME_LINE: Final = 0.5
"""Share of the smaller height by which words on one line overlap."""
GAP: Final = 1.6
"""Usual heights of a word between two that belong together, at most."""
MOST_WORDS: Final = 7
"""A label is shorter."""
RIGHT: Final = 25.0
"""Heights between a label and a value to its right, at most."""
BELOW: Final = 1.9
"""Heights between a label and a value below it, at most."""
FURTHER: Final = 1.2
"""Heights between the lines of a value, at most."""
LEAST: Final = 0.6
"""Score of a label from which it may have a value."""
LEAST_BELOW: Final = 1.8
"""The same for a value below it: a column's head or a word with a colon."""
SURE: Final = 0.5
_DATE: Final = re.compile(r"\d{1,4}[./-]\d{1,2}([./-]\d{2,4})?")


@dataclass(frozen=True, slots=True)
class Segment:
    """Words that stand together on a line.

    Attributes:
        text: As read.
        area: Points of the straight page.
        height: Of its words, points.
        words: How many.
    """

    text: str
    area: Area
    height: float
    words: int


@dataclass(frozen=True, slots=True)
class Pair:
    """A label and what stands beside or below it.

    Attributes:
        label: Without its colon.
        label_area: Points of the straight page.
        value: As read; empty where nothing is written on the place.
        value_area: Where it stands, or would stand.
        type: What the label says of the value.
        name: Id the label's meaning has on known forms, or empty.
        sure: 0..1, for the order in which people look; not a probability.
    """

    label: str
    label_area: Area
    value: str
    value_area: Area
    type: ValueType
    name: str
    sure: float


def pairs_of(sheet: PrintedSheet) -> tuple[Pair, ...]:
    """Propose labels and values of a page.

    Args:
        sheet: Its print: words, lines to write on, cells.

    Returns:
        In reading order; each piece of text is in one pair at most.
    """
    segments = segments_of(sheet.words)
    scores = [_label_score(segment, sheet) for segment in segments]
    taken: set[int] = set()
    found: list[tuple[int, int, float]] = []
    for fit, label, value in sorted(_fits(segments, scores), reverse=True):
        used = {label, value} & taken or any(label == one for one, _, _ in found)
        if not used:
            found.append((label, value, fit))
            taken |= {label, value}
    pairs = [
        _pair(segments[label], _whole(segments, scores, value, taken), fit) for label, value, fit in found
    ]
    pairs += _empty(segments, scores, {label for label, _, _ in found} | taken, sheet)
    return tuple(sorted(pairs, key=lambda pair: (round(pair.label_area.top / 6), pair.label_area.left)))


def segments_of(words: Sequence[Word]) -> list[Segment]:
    """Words put together to segments, line by line."""
    out: list[Segment] = []
    heights = sorted(word.area.height for word in words)
    usual = heights[len(heights) // 2] if heights else 0.0
    for line in _lines(words):
        run: list[Word] = []
        for word in line:
            if run and (word.area.left - run[-1].area.right > GAP * usual or _ends(run[-1].text)):
                out.append(_segment(run))
                run = []
            run.append(word)
        out.append(_segment(run))
    return out


def _lines(words: Sequence[Word]) -> list[list[Word]]:
    """Words by line, each from left to right."""
    lines: list[list[Word]] = []
    for word in sorted(words, key=lambda one: (one.area.top + one.area.bottom, one.area.left)):
        line = next((one for one in reversed(lines[-6:]) if _on_line(one[-1].area, word.area)), None)
        if line is None:
            lines.append([word])
        else:
            line.append(word)
    return [sorted(line, key=lambda one: one.area.left) for line in lines]


def _on_line(one: Area, other: Area) -> bool:
    shared = min(one.bottom, other.bottom) - max(one.top, other.top)
    return shared >= SAME_LINE * min(one.height, other.height)


def _ends(text: str) -> bool:
    return text.endswith(":")


def _segment(run: Sequence[Word]) -> Segment:
    heights = sorted(word.area.height for word in run)
    text = " ".join(word.text for word in run)
    return Segment(text, enclosing(word.area for word in run), heights[len(heights) // 2], len(run))


def _label_score(segment: Segment, sheet: PrintedSheet) -> float:
    """How much a segment looks like a label; ``LEAST`` and more may have a value."""
    text = segment.text
    letters = sum(sign.isalpha() for sign in text)
    digits = sum(sign.isdigit() for sign in text)
    if letters < 2 or segment.words > MOST_WORDS + 3:
        return 0.0
    score = 2.0 if _ends(text) else 0.0
    score += 1.0 if _known(text) else 0.0
    score += 0.9 if _line_behind(segment, sheet) else 0.0
    score += 0.4 if segment.words <= 4 else 0.0 if segment.words <= MOST_WORDS else -1.0
    score += 0.3 if text[0].isupper() else 0.0
    score -= 1.2 if digits > 0.25 * (letters + digits) else 0.0
    score -= 1.0 if text.endswith((".", ",")) and segment.words > 3 else 0.0
    return score


def _known(text: str) -> bool:
    meant = meaning_of(Place(PlaceKind.TEXT_LINE, (), text.rstrip(": ")))
    return "." in meant.id or meant.type is not ValueType.TEXT


def _line_behind(segment: Segment, sheet: PrintedSheet) -> bool:
    """Whether a line to write on begins behind a segment."""
    return bool(_leaders_behind(segment, sheet))


def _leaders_behind(segment: Segment, sheet: PrintedSheet) -> list[Leader]:
    return [
        leader
        for leader in sheet.leaders
        if -segment.height <= leader.area.left - segment.area.right <= 2.5 * segment.height
        and abs(leader.baseline - segment.area.bottom) <= 0.7 * segment.height
    ]


def _fits(segments: Sequence[Segment], scores: Sequence[float]) -> Iterator[tuple[float, int, int]]:
    """How well values fit labels: (fit, label, value), larger is better."""
    for label, (mine, score) in enumerate(zip(segments, scores, strict=True)):
        if score < LEAST:
            continue
        for value, (other, looks) in enumerate(zip(segments, scores, strict=True)):
            if value == label or _ends(other.text):
                continue
            beside = _beside(mine, other)
            if beside is not None and not _between(segments, mine, other):
                yield score - 0.5 * max(0.0, looks - LEAST) - 0.06 * beside + 0.6, label, value
            below = _below(mine, other)
            if below is not None and score >= LEAST_BELOW:
                yield score - 0.7 * max(0.0, looks - LEAST) - 0.5 * below, label, value


def _beside(label: Segment, value: Segment) -> float | None:
    """Heights from a label to a value on its right, if it is one."""
    if not _on_line(label.area, value.area) or value.area.left < label.area.right - label.height:
        return None
    gap = (value.area.left - label.area.right) / max(label.height, 5.0)
    return gap if gap <= RIGHT else None


def _below(label: Segment, value: Segment) -> float | None:
    """Heights from a label to a value below it, with how far it is out of line added."""
    height = max(label.height, 5.0)
    gap = (value.area.top - label.area.bottom) / height
    if not -0.4 <= gap <= BELOW:
        return None
    shared = min(label.area.right, value.area.right) - max(label.area.left, value.area.left)
    if shared < 0.3 * min(label.area.width, value.area.width):
        return None
    aside = min(abs(label.area.left - value.area.left), abs(_middle(label) - _middle(value))) / height
    return max(gap, 0.0) + 0.15 * aside


def _middle(segment: Segment) -> float:
    return (segment.area.left + segment.area.right) / 2


def _between(segments: Sequence[Segment], label: Segment, value: Segment) -> bool:
    return any(
        label.area.right <= other.area.left
        and other.area.right <= value.area.left
        and _on_line(label.area, other.area)
        for other in segments
        if other is not label and other is not value
    )


def _whole(segments: Sequence[Segment], scores: Sequence[float], first: int, taken: set[int]) -> Segment:
    """A value with the lines that go on below it; they are taken up into ``taken``."""
    whole = segments[first]
    lines = [whole]
    while True:
        at = next(
            (
                at
                for at, other in enumerate(segments)
                if at not in taken and scores[at] < LEAST_BELOW and _goes_on(lines[-1], other)
            ),
            None,
        )
        if at is None:
            break
        lines.append(segments[at])
        taken.add(at)
    text = "\n".join(line.text for line in lines)
    return replace(whole, text=text, area=enclosing(line.area for line in lines))


def _goes_on(above: Segment, below: Segment) -> bool:
    gap = below.area.top - above.area.bottom
    aligned = abs(below.area.left - above.area.left) <= 1.2 * above.height
    alike = 0.7 <= below.height / max(above.height, 1.0) <= 1.4
    return -0.4 * above.height <= gap <= FURTHER * above.height and aligned and alike


def _pair(label: Segment, value: Segment, fit: float) -> Pair:
    text = label.text.rstrip(": ").strip()
    meant = meaning_of(Place(PlaceKind.TEXT_LINE, (), text))
    named = meant.id if "." in meant.id else ""
    kind = meant.type if meant.type is not ValueType.CHOICE else ValueType.TEXT
    if kind is ValueType.TEXT and _DATE.fullmatch(value.text.strip()) and "ngay" in fold(text):
        kind = ValueType.DATE
    sure = max(0.05, min(0.99, SURE + 0.2 * (fit - 1.5)))
    return Pair(text, label.area, value.text, value.area, kind, named, round(sure, 2))


def _empty(
    segments: Sequence[Segment], scores: Sequence[float], used: set[int], sheet: PrintedSheet
) -> Iterator[Pair]:
    """Labels with a line to write on and nothing read there: handwriting no print reader sees, or blank."""
    for at, (segment, score) in enumerate(zip(segments, scores, strict=True)):
        if at in used or score < LEAST:
            continue
        behind = _leaders_behind(segment, sheet)
        if behind:
            line = max(behind, key=lambda leader: leader.area.width)
            top = line.baseline - 1.6 * segment.height
            area = Area(line.area.left, top, line.area.right, line.baseline + 0.3 * segment.height)
            yield _pair(segment, Segment("", area, segment.height, 0), score - 0.5)


def nearest_pairs(sheet: PrintedSheet) -> tuple[Pair, ...]:
    """The simple way, to compare with: what ends with a colon gets the nearest text beside or below it."""
    segments = segments_of(sheet.words)
    out = []
    for label in (one for one in segments if _ends(one.text)):
        near = [
            (reach, at, value)
            for at, value in enumerate(segments)
            if value is not label
            for reach in (_beside(label, value), _below(label, value))
            if reach is not None
        ]
        if near:
            out.append(_pair(label, min(near, key=lambda one: one[:2])[2], 1.0))
    return tuple(out)


def read_filled(grey: Grey, dpi: float) -> PrintedSheet:
    """The print of a filled page: words of the whole picture, lines to write on, cells.

    On a blank form rules and dots are taken out before its words are read; on a filled one that takes words
    away with them (79 instead of 91 words in a hundred on half of funsd), so they stay.

    Args:
        grey: uint8 (height, width), right way up, skewed by no more than 6 degrees.
        dpi: Of it; 150 to 400.

    Raises:
        EngineError: If Tesseract cannot be had.
    """
    page = BlankPage(1, grey, dpi)
    straight, _, _ = straightened(grey, dpi)
    return sheet_from_pixels(page, read_pixels(grey, dpi), read_words(straight, dpi))
