"""Rounds of drawn lines with their texts, made by worker processes; the same seed gives the same lines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Final, Protocol

import cv2
import numpy as np
import numpy.typing as npt
from PIL import ImageFont

from formscan.engines.letters import INDEX
from formscan.engines.line_picture import HEIGHT, STEP
from formscan.learning.glyphs import load_digits
from formscan.learning.hand_strokes import Writers
from formscan.learning.line_ink import Pens
from formscan.learning.line_text import TextSource
from formscan.learning.line_wear import worn
from formscan.model.page import Grey

HELD_OUT: Final = (
    "cousine",
    "FreeSerif",
    "FreeSans",
    "FreeMono",
    "Carlito",
    "sriracha",
    "playpen-sans",
    "mynerve",
    "mali",
    "mansalva",
)
"""Beginnings of the names of fonts that are never trained on: what is reported of print stands on them."""
_UNLIKELY: Final = ("Thin", "Hairline", "ExtraLight", "Black", "Heavy", "ExtraBold", "MathTeX", "RZ")
_HEAVY: Final = ("-700", "Bold", "baloo", "comfortaa", "lemonada")
_HANDS: Final = 0.58
_LONGEST: Final = 1400
_PROBE: Final = "ăặậệộợữỹĐƯ"


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """A picture (HEIGHT, width), uint8, 0 paper to 255 ink, and what it says."""

    picture: Grey
    text: str


@dataclass(frozen=True, slots=True)
class Recipe:
    """What lines are drawn from.

    Attributes:
        lexicons: Folder of the lexicons.
        printed: Font files of print.
        hands: Font files that look like handwriting.
        seed: Of all chance.
        penned: Font files whose letters are written with a pen; all of Vietnamese need not be in them.
        data: Folder with ``digits``, whose training part is used; None for none.
    """

    lexicons: Path
    printed: tuple[Path, ...]
    hands: tuple[Path, ...]
    seed: int
    data: Path | None = None
    penned: tuple[Path, ...] = ()


def fonts_in(folders: Sequence[Path], *, held: bool = False) -> tuple[Path, ...]:
    """Font files with all Vietnamese letters, without (or only) the held-out ones, by name."""
    found = sorted((p for f in folders for p in f.rglob("*.[ot]tf")), key=lambda path: (path.name, str(path)))
    kept: dict[str, Path] = {}
    for path in found:
        if path.stem.startswith(HELD_OUT) is not held or any(name in path.stem for name in _UNLIKELY):
            continue
        if path.name not in kept and _whole(path):
            kept[path.name] = path
    return tuple(kept.values())


def pens_in(folders: Sequence[Path]) -> tuple[Path, ...]:
    """Font files whose letters can be written with a pen, without held-out and heavy ones, by name."""
    found = {path.name: path for folder in folders for path in sorted(folder.rglob("*.[ot]tf"))}
    return tuple(
        path
        for _, path in sorted(found.items())
        if not path.stem.startswith(HELD_OUT) and not any(name in path.stem for name in (*_UNLIKELY, *_HEAVY))
    )


def _whole(path: Path) -> bool:
    """Whether a font draws the letters of Vietnamese, each its own shape."""
    try:
        font = ImageFont.truetype(str(path), 24, layout_engine=ImageFont.Layout.BASIC)
    except OSError:
        return False
    empty = font.getmask("\uffff")
    shapes = {bytes(font.getmask(letter)) for letter in _PROBE}
    return len(shapes) == len(_PROBE) and bytes(empty) not in shapes


class Texts(Protocol):
    """Text without end."""

    def line(self) -> str:
        """One line of known characters."""


def drawn(
    recipe: Recipe, number: int, count: int, source: Callable[[Path, list[int]], Texts] = TextSource
) -> list[Line]:
    """Chunk ``number`` of the endless series of lines; runs in any process."""
    cv2.setNumThreads(1)
    rng = np.random.default_rng([recipe.seed, number])
    texts = source(recipe.lexicons, [recipe.seed, number, 1])
    digits = load_digits(recipe.data, held=False) if recipe.data is not None else None
    pens = Pens(recipe.printed, recipe.hands, digits, _writers(recipe.penned, recipe.data))
    lines: list[Line] = []
    while len(lines) < count:
        line = _one(texts.line(), pens, rng)
        if line is not None:
            lines.append(line)
    return lines


@lru_cache(maxsize=2)
def _writers(fonts: tuple[Path, ...], data: Path | None) -> Writers | None:
    """Those who write with a pen; what was traced of their letters is kept for the next chunk."""
    return Writers(fonts, load_digits(data, held=False) if data is not None else None) if fonts else None


def _one(text: str, pens: Pens, rng: np.random.Generator) -> Line | None:
    hand = bool(pens.hands) and (not pens.printed or rng.random() < _HANDS)
    size = int(rng.integers(18, 32)) * 2
    ink = pens.written_line(text, size, rng) if hand else pens.printed_line(text, size, rng)
    picture = worn(ink, size, rng, hand=hand)
    if picture is None or picture.shape[1] > _LONGEST or steps_needed(text) > picture.shape[1] // STEP:
        return None
    return Line(picture, text)


def steps_needed(text: str) -> int:
    """Steps CTC needs at least for a text: one a character and one between equal ones."""
    return len(text) + sum(a == b for a, b in pairwise(text))


def classes_of(text: str) -> npt.NDArray[np.int64]:
    """int64 (characters,), classes of a text made of known characters."""
    return np.array([INDEX[character] for character in text], dtype=np.int64)


def batches(lines: Sequence[Line], size: int, rng: np.random.Generator) -> list[list[Line]]:
    """All lines once, in random order, in batches of about one width, larger where lines are short."""
    order = sorted(range(len(lines)), key=lambda k: lines[k].picture.shape[1] + rng.normal(0, 12))
    made: list[list[Line]] = []
    start = 0
    while start < len(order):
        width = lines[order[min(len(order) - 1, start + size // 2)]].picture.shape[1]
        count = int(np.clip(size * 320 / max(width, 40), size // 2, size * 2))
        made.append([lines[k] for k in order[start : start + count]])
        start += count
    return [made[int(k)] for k in rng.permutation(len(made))]


def stacked(lines: Sequence[Line], rng: np.random.Generator | None = None) -> npt.NDArray[np.float32]:
    """float32 (n, 1, HEIGHT, columns), padded; with ``rng`` paled, moved and made noisy a little."""
    wide = -(-max(line.picture.shape[1] for line in lines) // 16) * 16
    out = np.zeros((len(lines), 1, HEIGHT, wide), np.float32)
    for index, line in enumerate(lines):
        picture = line.picture
        row = int(rng.integers(-2, 3)) if rng is not None else 0
        source = picture[max(0, -row) : HEIGHT - max(0, row)]
        out[index, 0, max(0, row) : HEIGHT + min(0, row), : picture.shape[1]] = source
    out /= 255.0
    if rng is not None:
        out *= rng.uniform(0.6, 1.1, (len(lines), 1, 1, 1)).astype(np.float32)
        noise = rng.standard_normal(out.shape, dtype=np.float32)
        out += noise * rng.uniform(0, 0.05, (len(lines), 1, 1, 1)).astype(np.float32)
        np.clip(out, 0, 1, out=out)
    return out
