"""Capitals and digits as pen strokes: a school alphabet that is bent, slanted and drawn with any pen.

The strokes were laid down by hand for this program after Vietnamese school block letters; nothing of a
data set is in them. Coordinates: x right, y down, the glyph in the unit square.
"""

from __future__ import annotations

import unicodedata
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from formscan.model.page import Grey

Points = npt.NDArray[np.float64]
"""float64, (n, 2), x and y."""

_O = "~.5,0 .08,.25 .05,.7 .45,1 .9,.78 .95,.3 .5,0"
_P = "0,1 0,0|~0,.02 .75,.02 .9,.28 .6,.52 0,.52"
_D = "0,0 0,1|~0,0 .6,.05 1,.45 .65,.95 0,1"

ALPHABET: Final[dict[str, tuple[str, ...]]] = {
    "0": ("~.5,0 .12,.25 .1,.75 .5,1 .88,.75 .9,.25 .5,0", "~.6,.02 .2,.1 .05,.6 .4,1 .9,.7 .85,.2 .45,.05"),
    "1": (
        ".5,0 .5,1",
        ".15,.3 .55,0 .55,1",
        ".25,.25 .55,0 .55,1|.25,1 .85,1",
        ".0,.45 .6,0 .5,1",
        ".0,.6 .75,0 .7,1",
        "~.1,.35 .5,.15 .6,0|.6,0 .5,1",
    ),
    "2": (
        "~.05,.22 .4,0 .88,.2 .6,.6 .03,1|.03,1 1,1",
        "~.05,.25 .45,0 .9,.25 .5,.65 .02,.98 .1,.8 .4,.9 1,1",
        "~.05,.22 .5,0 .9,.3 .03,1 .5,.95 1,1",
    ),
    "3": (
        "~.05,.12 .5,0 .9,.22 .4,.47|~.4,.47 .95,.7 .6,1 .02,.88",
        ".05,0 .9,0 .4,.42|~.4,.42 .95,.65 .55,1 .02,.9",
    ),
    "4": (
        ".6,0 0,.65 1,.65|.7,.3 .7,1",
        ".12,0 .05,.55 .95,.55|.8,0 .75,1",
        ".75,1 .75,0 0,.68 1,.68",
        "~.3,0 .1,.35 .05,.6|.05,.6 1,.58|.72,.25 .6,1",
        "~.35,.0 .05,.5 .3,.62 .95,.5|.8,.1 .7,1",
    ),
    "5": (
        ".9,0 .15,0 .1,.42|~.1,.42 .6,.35 .95,.68 .55,1 .02,.92",
        ".12,.02 .08,.45|~.08,.45 .6,.38 .92,.7 .5,1 .02,.9|.12,.02 .95,.0",
    ),
    "6": ("~.8,0 .3,.3 .05,.7 .4,1 .85,.8 .6,.52 .1,.68", "~.6,0 .1,.5 .1,.9 .6,1 .9,.75 .5,.55 .1,.75"),
    "7": (
        "0,0 1,0 .35,1",
        "0,0 1,0 .35,1|.2,.5 .85,.48",
        "0,.12 .02,0 .95,.02 .45,1",
        "0,0 .9,0 .5,1|.25,.55 .9,.5",
        "~0,.15 .2,.02 .9,.05 .6,.5 .4,1",
        ".05,.25 .05,0 .95,0 .35,1|.15,.52 .8,.44",
    ),
    "8": (
        "~.85,.15 .5,0 .12,.2 .5,.47 .9,.75 .5,1 .08,.78 .5,.47 .85,.15",
        "~.5,0 .1,.22 .5,.46 .9,.22 .5,0|~.5,.46 .02,.75 .5,1 .98,.75 .5,.46",
    ),
    "9": (
        "~.85,.25 .5,0 .1,.25 .45,.5 .85,.25 .8,.6 .5,1",
        "~.85,.2 .45,0 .08,.28 .4,.52 .85,.25|.87,.05 .85,1",
        "~.85,.25 .5,0 .1,.25 .45,.5 .85,.25 .85,.7 .5,1 .1,.9",
        "~.8,.1 .3,.02 .05,.3 .4,.5 .8,.3|.85,.05 .7,1",
        "~.9,.15 .4,.0 .1,.3 .5,.45 .85,.2 .7,.6 .2,1",
    ),
    "A": (
        "0,1 .5,0 1,1|.2,.62 .8,.62",
        "~0,1 .2,.35 .5,0 .8,.35 1,1|.1,.6 .9,.6",
        "0,1 .55,0 .85,1|.1,.65 1,.55",
    ),
    "B": (
        "0,0 0,1|~0,0 .7,.05 .75,.35 .35,.48 0,.48|~0,.48 .8,.52 .95,.78 .6,1 0,1",
        "~0,1 0,0 .75,.08 .7,.38 .15,.48 .9,.6 .85,.95 0,1",
        "~.1,.95 .1,.1 .5,.0 .85,.2 .5,.45 .3,.48 .9,.6 .8,.95 .3,1 .05,.9",
        "~-.1,.1 .6,.0 .8,.22 .3,.46 .9,.7 .5,1 -.05,.95|.1,.05 .1,.97",
    ),
    "C": (
        "~.8,.2 .6,0 .2,.1 .02,.5 .2,.92 .6,1 .9,.75",
        "~.95,.15 .6,0 .15,.2 0,.5 .15,.85 .6,1 .97,.82",
        "~.9,.05 .3,.08 0,.5 .3,.95 .95,.92",
    ),
    "D": (_D, "~.05,1 .05,.02 .7,.1 .98,.5 .6,.95 0,1"),
    "Đ": (_D + "|-.2,.5 .4,.5", "~.05,1 .05,.02 .7,.1 .98,.5 .6,.95 0,1|-.15,.48 .45,.5"),
    "E": (
        "1,0 0,0 0,1 1,1|0,.5 .8,.5",
        "~.9,.1 .4,0 .1,.2 .5,.45 .05,.75 .4,1 .95,.9",
        "0,0 0,1|0,0 .9,0|0,.5 .7,.5|0,1 .9,1",
    ),
    "F": ("1,0 0,0 0,1|0,.48 .75,.48", "0,0 0,1|-.1,0 1,.0|0,.45 .7,.45"),
    "G": (
        "~.95,.15 .55,0 .1,.25 0,.6 .3,.97 .75,.95 .95,.6|1,.58 .55,.58",
        "~.95,.15 .55,0 .05,.4 .25,.95 .7,.95 .95,.7|.55,.6 .95,.6 .95,1",
        "~.9,.1 .4,.02 .02,.5 .35,1 .9,.85|.9,.85 .9,.55 .5,.55",
    ),
    "H": ("0,0 0,1|1,0 1,1|0,.5 1,.5",),
    "I": (".5,0 .5,1", ".2,0 .8,0|.5,0 .5,1|.2,1 .8,1"),
    "J": (
        "~.7,0 .7,.75 .45,1 .05,.8",
        ".3,0 1,0|~.7,0 .7,.75 .4,1 .02,.75",
        "0,0 1,0|~.55,0 .55,.8 .35,1 .05,.9",
        "0,0 .95,0|~.6,0 .6,.7 .5,.97 .2,1 .0,.7",
        "~.8,0 .75,.8 .4,1 .05,.85 .15,.6",
    ),
    "K": ("0,0 0,1|1,0 0,.55 1,1", "0,0 0,1|.9,0 .05,.6|.3,.42 1,1"),
    "L": ("0,0 0,1 .9,1", "~.1,0 .05,.6 .1,.95 .9,.98"),
    "M": ("0,1 0,0 .5,.7 1,0 1,1", "0,1 .15,0 .5,.8 .85,0 1,1", "~0,1 .1,.05 .45,.6 .55,.6 .9,.05 1,1"),
    "N": ("0,1 0,0 1,1 1,0", "~0,1 .05,0 .3,.3 .75,.8 .95,.95 1,0"),
    "O": (_O, "~.5,0 .15,.15 0,.5 .15,.85 .5,1 .85,.85 1,.5 .85,.15 .5,0"),
    "P": (_P, "~.05,1 .0,.05 .7,.0 .9,.28 .6,.52 .05,.5"),
    "Q": (_O + "|.55,.7 1,1.08", _O + "|~.5,.75 .7,.8 1,1.1"),
    "R": (
        _P + "|.35,.52 1,1",
        "0,.02 0,1|~-.15,.1 .4,-.02 .9,.15 .7,.45 .15,.55|.25,.52 1,1",
        "0,.1 .05,1|~.0,.12 .5,.0 .95,.12 .8,.4 .25,.5 .55,.75 1,1",
        "~.1,.0 .1,1 .1,.3 .5,.0 .9,.2 .6,.5 .3,.55 .6,.8 1,.95",
        "~.05,1 .0,.05 .7,.0 .9,.28 .6,.5 .1,.5|.3,.5 .95,1",
    ),
    "S": (
        "~.92,.12 .5,0 .1,.2 .4,.45 .85,.65 .75,.95 .3,1 .02,.85",
        "~.85,.08 .3,.02 .15,.3 .7,.55 .85,.85 .4,1 .05,.92",
    ),
    "T": ("0,0 1,0|.5,0 .5,1",),
    "U": (
        "~0,0 0,.7 .3,1 .7,1 1,.7 1,0",
        "~0,0 .05,.8 .4,1 .85,.75 .95,0|.95,0 .95,1",
        "~.0,.0 .1,.15 .1,.8 .4,1 .8,.8 .85,.0 .85,.9 1,1",
        "~0,0 .0,.6 .1,.95 .5,1 .8,.85 .85,0|~.85,.5 .9,.9 1.05,.98",
    ),
    "V": ("0,0 .5,1 1,0", "~0,0 .35,.8 .5,1 .65,.8 1,0"),
    "W": ("0,0 .25,1 .5,.25 .75,1 1,0", "~0,0 .15,.8 .28,.95 .5,.35 .72,.95 .85,.8 1,0"),
    "X": ("0,0 1,1|1,0 0,1", "~.0,.08 .25,.1 .7,.9 1,.95|~.95,.0 .6,.3 .35,.7 .05,1"),
    "Y": (
        "0,0 .5,.5 1,0|.5,.5 .5,1",
        "0,0 .5,.5|1,0 .25,1",
        "~0,0 .1,.4 .5,.5 .95,.0|~.95,0 .9,.7 .5,1 .1,.9",
    ),
    "Z": ("0,0 1,0 0,1 1,1", "0,0 1,0 0,1 1,1|.2,.5 .8,.5", "~.05,.1 .5,0 .9,.08 .05,.95 .5,.92 1,1"),
}


MARKS: Final[dict[str, tuple[str, ...]]] = {
    "\u0300": (".3,0 .7,1", ".25,.2 .65,.8"),
    "\u0301": (".7,0 .3,1", ".75,.2 .35,.8"),
    "\u0303": ("~.1,.7 .35,.2 .65,.8 .9,.3", "~.05,.6 .4,.3 .6,.7 .95,.4"),
    "\u0309": ("~.35,.2 .55,0 .7,.3 .5,.6 .5,1", "~.4,.1 .65,.15 .6,.5 .45,.9"),
    "\u0302": (".1,1 .5,0 .9,1", "~.1,.9 .4,.1 .6,.1 .9,.95"),
    "\u0306": ("~.1,0 .3,.9 .7,.9 .9,0", "~.15,.1 .5,1 .85,.1"),
}
"""Tones and hats in a unit square above their letter; the horn and the dot below are drawn at the letter."""
_HORN: Final = ("~.85,.15 1.05,.1 1.12,-.12", "~.9,.2 1.15,.05 1.1,-.15")
_DOT: Final = (".48,1.2 .52,1.22", ".44,1.17 .54,1.22")
_HATS: Final = {"\u0302": "AEO", "\u0306": "A", "\u031b": "OU"}
_TONES: Final = ("\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
_ABOVE: Final = 0.26
"""Height of one mark above a capital, as a share of the whole character's."""


def known() -> frozenset[str]:
    """Every character ``draw`` can write: digits, capitals and all toned capitals of Vietnamese."""
    plain = set(ALPHABET)
    hats = [(letter, mark) for mark, letters in _HATS.items() for letter in letters]
    shaped = {unicodedata.normalize("NFC", letter + mark) for letter, mark in hats}
    vowels = {*"AEIOUY", *shaped}
    toned = {unicodedata.normalize("NFC", vowel + tone) for vowel in vowels for tone in _TONES}
    return frozenset(plain | shaped | toned)


def drawing_of(character: str, rng: np.random.Generator) -> list[tuple[Points, bool]]:
    """Strokes of a character in the unit square, its tones and hats above or below the squeezed letter."""
    if character in ALPHABET:
        options = ALPHABET[character]
        return parse(options[int(rng.integers(len(options)))])
    parts = unicodedata.normalize("NFD", character)
    base, marks = parts[0], parts[1:]
    strokes = drawing_of(base, rng)
    if "\u031b" in marks:
        strokes += parse(_HORN[int(rng.integers(len(_HORN)))])
    if "\u0323" in marks:
        strokes += parse(_DOT[int(rng.integers(len(_DOT)))])
    above = [mark for mark in ("\u0302", "\u0306", "\u0300", "\u0301", "\u0303", "\u0309") if mark in marks]
    if not above:
        return strokes
    beside = len(above) == 2 and rng.random() < 0.5
    levels = 1 if beside else len(above)
    room = _ABOVE * levels
    placed = [(points * (1, 1 - room) + (0, room), curved) for points, curved in strokes]
    for index, mark in enumerate(above):
        level = 0 if beside else levels - 1 - index
        left = 0.2 if not beside or index == 0 else 0.75
        scale = np.array([0.6 if not beside else 0.45, _ABOVE * 0.72])
        shift = np.array([left, level * _ABOVE - 0.02])
        drawn = parse(MARKS[mark][int(rng.integers(len(MARKS[mark])))])
        placed += [(points * scale + shift, curved) for points, curved in drawn]
    return placed


def parse(drawing: str) -> list[tuple[Points, bool]]:
    """Strokes of a drawing: points (n, 2) and whether they are joined by a smooth curve."""
    strokes = []
    for text in drawing.split("|"):
        pairs = [tuple(float(v) for v in pair.split(",")) for pair in text.lstrip("~").split()]
        strokes.append((np.array(pairs, dtype=np.float64), text.startswith("~")))
    return strokes


def smooth(points: Points, steps: int = 10) -> Points:
    """A Catmull-Rom curve through ``points`` (Catmull and Rom, 1974), ``steps`` pieces a span."""
    padded = np.vstack([2 * points[0] - points[1], points, 2 * points[-1] - points[-2]])
    t = np.linspace(0, 1, steps, endpoint=False)[:, None]
    spans = []
    for a, b, c, d in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        curve = 2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3
        spans.append(curve / 2)
    return np.vstack([*spans, points[-1:]])


def draw(character: str, height: int, rng: np.random.Generator) -> Grey:
    """Write a character with a random pen and hand.

    Args:
        character: One of ``known()``.
        height: Of the writing, pixels.
        rng: Source of all chance.

    Returns:
        uint8, 0 paper to 255 ink, with a margin of a third of ``height``.
    """
    strokes = drawing_of(character, rng)
    margin = height // 3
    size = np.array([height * rng.uniform(0.45, 0.95), height])
    canvas = np.zeros((height + 2 * margin, int(size[0]) + 2 * margin), np.uint8)
    pen = max(1, round(height * rng.uniform(0.05, 0.16)))
    loose = rng.uniform(0.015, 0.075)
    bend = rng.normal(0, 0.06, 2)
    for points, curved in strokes:
        moved = points + rng.normal(0, loose, points.shape) + rng.normal(0, loose / 2, (1, 2))
        moved = moved + np.stack(
            [bend[0] * np.sin(np.pi * moved[:, 1]), bend[1] * np.sin(np.pi * moved[:, 0])], 1
        )
        path = smooth(moved) if (curved or rng.random() < 0.15) and len(moved) > 2 else moved
        path = _slipped(path, rng)
        pixels = np.round((path * size + margin) * 8).astype(np.int32)
        cv2.polylines(
            canvas, [pixels[:, None]], isClosed=False, color=255, thickness=pen, lineType=cv2.LINE_AA, shift=3
        )
    return canvas


def _slipped(path: Points, rng: np.random.Generator) -> Points:
    """The path with its end drawn too far or not far enough, as a pen does."""
    if rng.random() < 0.5:
        return path
    last = path[-1] + (path[-1] - path[-2]) / (1e-6 + np.hypot(*(path[-1] - path[-2]))) * rng.normal(
        0.03, 0.05
    )
    return np.vstack([path[:-1], last[None]])
