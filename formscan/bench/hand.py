"""Real ink: digits, capitals, whole written lines and marks made by people, lifted off their paper."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from formscan.bench.strokes import Alpha
from formscan.bench.truth import Split, split_of

_ROWS: Final = 96
"""Height to which lines are brought before they are cleaned."""


@dataclass(frozen=True, slots=True)
class WrittenLine:
    """A real line of writing: its file, its writer (or the set, where writers are not told) and its text."""

    path: Path
    writer: str
    text: str


class RealInk:
    """People's writing of one split.

    Args:
        data: The development data; digits are read from ``digits``, lines from
            ``vn_handwriting_lines``, capitals from ``letters_AZ``, marks from ``mark_crops``.
        split: Which half.
        digit_split: Tells the half of a digit by its index; the default hashes the index.
        shippable_only: Digits only: nothing whose licence is not stated.
    """

    def __init__(
        self,
        data: Path,
        split: Split,
        digit_split: Callable[[int], Split] | None = None,
        *,
        shippable_only: bool = False,
    ) -> None:
        self._digits, labels = _mnist(data / "digits" / "mnist.npz")
        chosen = digit_split or (lambda index: split_of("digits", index))
        mine = np.array([chosen(k) is split for k in range(len(labels))])
        self._by_digit = {str(d): np.flatnonzero(mine & (labels == d)) for d in range(10)}
        self.lines = () if shippable_only else _lines(data / "vn_handwriting_lines", split)
        self._capitals = {} if shippable_only else _capitals(data / "letters_AZ", split)
        self._marks = () if shippable_only else _marks(data / "mark_crops" / "checkboxes" / "marked", split)

    def digit(self, char: str, height: int, rng: np.random.Generator) -> Alpha:
        """One digit, ``height`` pixels tall, tight."""
        index = int(rng.choice(self._by_digit[char]))
        return _grown(self._digits[index], height)

    def digit_indices(self) -> frozenset[int]:
        """Indices of all digits that may be used."""
        return frozenset(int(k) for each in self._by_digit.values() for k in each)

    def capital(self, char: str, height: int, rng: np.random.Generator) -> Alpha | None:
        """One block capital, ``height`` pixels tall, tight; None where nobody wrote that letter."""
        paths = self._capitals.get(char)
        if not paths:
            return None
        with Image.open(paths[int(rng.integers(len(paths)))]) as image:
            dark = 255 - np.asarray(image.convert("L"), dtype=np.uint8)
        tight = _tight(dark, 100)
        if tight is None:
            return None
        thick = max(3, round(max(tight.shape) * 0.07)) | 1
        return _shrunk(np.asarray(cv2.GaussianBlur(tight, (thick, thick), 0), dtype=np.uint8), height)

    def line(self, width: int, height: int, rng: np.random.Generator) -> tuple[Alpha, str] | None:
        """A whole line that fits into ``width`` when its ink is ``height`` tall, with its text."""
        for _ in range(14):
            if not self.lines:
                return None
            written = self.lines[int(rng.integers(len(self.lines)))]
            ink = lifted(written.path)
            if ink is None:
                continue
            out_width = round(ink.shape[1] * height / ink.shape[0])
            if out_width <= width:
                return _shrunk(ink, height), written.text
        return None

    def mark(self, width: int, height: int, rng: np.random.Generator) -> tuple[Alpha, tuple[int, int]] | None:
        """A real mark with the box it was made in, scaled so that its box falls on the given one."""
        for _ in range(6):
            if not self._marks:
                return None
            found = boxed_mark(self._marks[int(rng.integers(len(self._marks)))])
            if found is None:
                continue
            ink, (left, top, side) = found
            scale = (width / side, height / side)
            size = (max(1, round(ink.shape[1] * scale[0])), max(1, round(ink.shape[0] * scale[1])))
            big = cv2.resize(ink, size, interpolation=cv2.INTER_CUBIC)
            return np.asarray(big, dtype=np.uint8), (-round(left * scale[0]), -round(top * scale[1]))
        return None


@lru_cache(maxsize=4)
def _mnist(path: Path) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    with np.load(path) as store:
        return np.asarray(store["x"], dtype=np.uint8), np.asarray(store["y"], dtype=np.int64)


def written_lines(data: Path, split: Split) -> tuple[WrittenLine, ...]:
    """Real lines of the writers of one split."""
    return _lines(data / "vn_handwriting_lines", split)


def _lines(folder: Path, split: Split) -> tuple[WrittenLine, ...]:
    rows = (folder / "labels.tsv").read_text("utf-8").splitlines() if folder.is_dir() else []
    kept = []
    for row in rows:
        name, source, writer, text = row.split("\t")
        key = (source, writer) if writer else (source, name)
        if split_of(*key) is split:
            kept.append(WrittenLine(folder / name, f"{source}/{writer}", text))
    return tuple(kept)


def _capitals(folder: Path, split: Split) -> dict[str, tuple[Path, ...]]:
    letters = sorted(folder.iterdir()) if folder.is_dir() else []
    return {
        letter.name: tuple(p for p in sorted(letter.glob("*.png")) if split_of("letters", p.name) is split)
        for letter in letters
    }


def _marks(folder: Path, split: Split) -> tuple[Path, ...]:
    paths = sorted(folder.glob("*.jpg")) if folder.is_dir() else []
    return tuple(p for p in paths if split_of("marks", p.name) is split)


@lru_cache(maxsize=4096)
def lifted(path: Path) -> Alpha | None:
    """The ink of a written line, tight, without its paper and without the rules of the box around it.

    Returns:
        None where writing of a neighbouring line or a cut-off line would come along.
    """
    with Image.open(path) as image:
        grey = np.asarray(image.convert("L"), dtype=np.uint8)
    scale = _ROWS / grey.shape[0]
    grey = np.asarray(
        cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC), dtype=np.uint8
    )
    dark = np.clip(_paper_of(grey) - grey, 0, 255)
    peak = max(float(np.percentile(dark[dark > 25], 90)) if (dark > 25).any() else 0.0, 40.0)
    ink = np.asarray(np.clip((dark / peak - 0.22) / 0.55, 0, 1) * 255, dtype=np.uint8)
    return _without_neighbours(_inside_rules(ink))


def _paper_of(grey: Alpha) -> npt.NDArray[np.float32]:
    """Brightness of the paper everywhere, without the ink."""
    light = np.asarray(cv2.dilate(grey, np.ones((15, 15), np.uint8)), dtype=np.uint8)
    small = cv2.resize(light, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    even = cv2.medianBlur(np.asarray(small, dtype=np.uint8), 13)
    full = cv2.resize(even, (grey.shape[1], grey.shape[0]), interpolation=cv2.INTER_LINEAR)
    return np.asarray(full, dtype=np.float32)


def _inside_rules(ink: Alpha) -> Alpha:
    """The part inside the printed box: rules are much longer than letters and straight."""
    solid = (ink > 60).astype(np.uint8)
    height, width = ink.shape
    flat = np.asarray(cv2.morphologyEx(solid, cv2.MORPH_OPEN, np.ones((1, 160), np.uint8)))
    rows = np.flatnonzero(flat.sum(axis=1) > 150)
    tall = np.asarray(cv2.morphologyEx(solid, cv2.MORPH_OPEN, np.ones((height * 17 // 20, 1), np.uint8)))
    cols = np.flatnonzero(tall.any(axis=0))
    top = max((int(r) for r in rows if r < height // 2), default=-3) + 3
    bottom = min((int(r) for r in rows if r >= height // 2), default=height + 2) - 2
    left = max((int(c) for c in cols if c < width * 0.1), default=-4) + 4
    right = min((int(c) for c in cols if c > width * 0.7), default=width + 3) - 3
    return ink[top:bottom, left:right]


def _without_neighbours(ink: Alpha) -> Alpha | None:
    """Drop what hangs in from the rims; None where much of the line itself touches a rim."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats((ink > 60).astype(np.uint8), connectivity=8)
    height, width = ink.shape
    out = ink.copy()
    cut = 0
    for k in range(1, count):
        left, top, wide, tall, area = (int(v) for v in stats[k][:5])
        rim = top <= 2 or top + tall >= height - 2 or left <= 2 or left + wide >= width - 2
        hanging = rim and (area <= 50 or (tall < 0.12 * height and wide < 0.5 * height))
        cut += rim and not hanging
        if hanging or area < 12:
            out[labels == k] = 0
    if cut > 0:
        return None
    tight = _tight(out, 60)
    return tight if tight is not None and tight.shape[0] >= 30 else None


@lru_cache(maxsize=256)
def boxed_mark(path: Path) -> tuple[Alpha, tuple[float, float, float]] | None:
    """Ink of a mark crop, four times enlarged, and (left, top, side) of the printed box in it."""
    with Image.open(path) as image:
        grey = np.asarray(image.convert("L"), dtype=np.uint8)
    big = np.asarray(cv2.resize(grey, None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC), dtype=np.float32)
    dark = np.clip(np.percentile(big, 70) - big, 0, None)
    dark /= max(float(np.percentile(dark, 98)), 1.0)
    best, place = 0.0, (0.0, 0.0, 0.0)
    for side in range(72, 96, 4):
        outline = np.full((side, side), -0.15, np.float32)
        cv2.rectangle(outline, (2, 2), (side - 3, side - 3), 1.0, 4)
        outline /= float(np.abs(outline).sum())
        score = np.asarray(cv2.matchTemplate(dark.astype(np.float32), outline, cv2.TM_CCORR))
        middle = (score.shape[0] // 2, score.shape[1] // 2)
        near = score[max(0, middle[0] - 22) : middle[0] + 23, max(0, middle[1] - 22) : middle[1] + 23]
        _, peak, _, inner = cv2.minMaxLoc(near)
        at = (inner[0] + max(0, middle[1] - 22), inner[1] + max(0, middle[0] - 22))
        if peak > best:
            best, place = peak, (at[0] + 1.5, at[1] + 1.5, side - 3.0)
    if best < 0.33:
        return None
    ink = np.asarray(np.clip((dark - 0.3) / 0.45, 0, 1) * 255, dtype=np.uint8)
    return _near_box(ink, place)


def _near_box(ink: Alpha, place: tuple[float, float, float]) -> tuple[Alpha, tuple[float, float, float]]:
    """The box with what touches it, at most 0.4 of a box around."""
    left, top, side = place
    reach = side * 0.4
    x0, y0 = max(0, round(left - reach)), max(0, round(top - reach))
    part = ink[y0 : round(top + side + reach), x0 : round(left + side + reach)]
    part = _without_outline(part, (left - x0, top - y0, side))
    count, labels = cv2.connectedComponents((part > 70).astype(np.uint8))
    inner = labels[round(top - y0) : round(top - y0 + side), round(left - x0) : round(left - x0 + side)]
    kept = np.isin(labels, np.setdiff1d(np.unique(inner), [0])) if count > 1 else np.zeros(part.shape, bool)
    grown = cv2.dilate(kept.astype(np.uint8), np.ones((5, 5), np.uint8))
    return np.where(np.asarray(grown) > 0, part, 0).astype(np.uint8), (left - x0, top - y0, side)


def _without_outline(ink: Alpha, place: tuple[float, float, float]) -> Alpha:
    """Take the printed box out of a mark and bridge the strokes that cross it."""
    left, top, side = (round(v) for v in place)
    band = np.zeros(ink.shape, np.uint8)
    cv2.rectangle(band, (left, top), (left + side, top + side), 255, 13)
    rest = np.where(band > 0, 0, ink).astype(np.uint8)
    bridged = np.asarray(cv2.morphologyEx(rest, cv2.MORPH_CLOSE, np.ones((17, 17), np.uint8)), dtype=np.uint8)
    return np.where(band > 0, np.minimum(bridged, ink), rest).astype(np.uint8)


def _tight(ink: Alpha, level: int) -> Alpha | None:
    rows, cols = np.flatnonzero((ink > level).any(axis=1)), np.flatnonzero((ink > level).any(axis=0))
    if not rows.size:
        return None
    return ink[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1]


def _grown(small: Alpha, height: int) -> Alpha:
    """A low-resolution glyph enlarged to crisp pen strokes."""
    tight = _tight(small, 60)
    assert tight is not None
    scale = height / tight.shape[0]
    padded = cv2.copyMakeBorder(tight, 2, 2, 2, 2, cv2.BORDER_CONSTANT, value=0)
    big = cv2.resize(np.asarray(padded), None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    soft = np.asarray(cv2.GaussianBlur(np.asarray(big), (0, 0), max(scale * 0.35, 0.3)), dtype=np.float32)
    out = np.asarray(np.clip((soft - 85) / 70, 0, 1) * 255, dtype=np.uint8)
    again = _tight(out, 40)
    return out if again is None else again


def _shrunk(ink: Alpha, height: int) -> Alpha:
    scale = height / ink.shape[0]
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    width = max(1, math.floor(ink.shape[1] * scale))
    return np.asarray(cv2.resize(ink, (width, height), interpolation=how), dtype=np.uint8)
