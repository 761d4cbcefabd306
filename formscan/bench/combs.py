"""Whole numbers in combs, of real digits and capitals nobody trained on: ``formscan bench combs``.

Citizen ids, insurance numbers, dates, phone numbers and ICD-10 codes put together of people's glyphs in
printed cells, clean, as an office scans and badly damaged. In some a cell is left out, struck out, or holds
two characters: that must be told, never read over. Told are single cells, whole numbers, what both networks
agree on, and numbers whose length changed in silence. The digits are parted in two: on one half the limit
below which a cell is asked is looked for, the figures are of the other.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np

from formscan.bench.desk import DPI, Desk, spec
from formscan.bench.intervals import most_when_none, wilson
from formscan.bench.readers import put
from formscan.bench.shared import shared_data
from formscan.bench.strokes import mark
from formscan.engines.boxes import CombReader
from formscan.engines.glyphs import GlyphNet
from formscan.learning.glyphs import Digits, load_digits
from formscan.model.geometry import Box
from formscan.model.page import Grey
from formscan.model.reading import CellReading, Crop, FieldState, Reading
from formscan.model.template import FieldKind, ValueType

_SEED: Final = 5150
_BATCH: Final = 20
_CARDS: Final = ("DN", "HX", "CH", "HS", "TE", "GD", "HN", "CN", "XK", "BT")
"""Kinds of insurance cards (Decision 1351/QĐ-BHXH) whose letters people wrote."""
_CODES: Final = "ABCDEGHIJKLMNOPQRST"
LENGTHS: Final = {
    ValueType.CITIZEN_ID: 12,
    ValueType.INSURANCE_NUMBER: 15,
    ValueType.DATE: 8,
    ValueType.PHONE: 10,
    ValueType.ICD10: 4,
}
_COUNTS: Final = {
    ValueType.CITIZEN_ID: 1000,
    ValueType.INSURANCE_NUMBER: 300,
    ValueType.DATE: 250,
    ValueType.PHONE: 200,
    ValueType.ICD10: 300,
}
_AIM: Final = 0.997
_ODD: Final = 0.06
"""Share of numbers in which a cell is not as it should be."""
LOST, STRUCK, DOUBLED = "lost", "struck", "doubled"


@dataclass(frozen=True, slots=True)
class Wear:
    """Damage: slip of the blank in pixels, noise in grey levels, strength of ink, blur, JPEG quality."""

    name: str
    slip: float
    noise: float
    dark: float
    blur: float
    jpeg: int


WEARS: Final = (
    Wear("clean", 0.3, 3.0, 1.0, 0.0, 0),
    Wear("office", 0.8, 6.0, 0.85, 0.7, 60),
    Wear("hard", 1.3, 11.0, 0.6, 1.1, 35),
)


@dataclass(slots=True)
class Count:
    """Outcomes of one kind of number under one kind of damage."""

    cells: Counter[str] = field(default_factory=Counter)
    whole: Counter[str] = field(default_factory=Counter)
    odd: Counter[str] = field(default_factory=Counter)
    silent: int = 0

    def note(self, reading: Reading, number: Number) -> None:
        """Score one comb."""
        stands = reading.state is FieldState.VALUE
        for place, (cell, character) in enumerate(zip(reading.cells, number.text, strict=True)):
            if place == number.place:
                self._odd(cell, number.odd)
                continue
            sure = cell.state is FieldState.VALUE
            kind = "digits" if character.isdigit() else "letters"
            said = "right" if sure and cell.text == character else "wrong" if sure else "asked"
            self.cells[f"{kind} {said}"] += 1
        if number.odd:
            self.odd["whole stands"] += stands and "_" not in reading.text
            return
        right = reading.text == number.text
        both = "both" if "+" in reading.engine else "one"
        self.whole[f"{both} {'right' if right else 'wrong'}" if stands else "asked"] += 1
        self.silent += stands and "_" not in reading.text and len(reading.text) != len(number.text)

    def _odd(self, cell: CellReading, odd: str) -> None:
        """A left-out cell is told blank, a struck-out one as such; both and a doubled one may be asked."""
        told = {LOST: FieldState.BLANK, STRUCK: FieldState.STRUCK_OUT}.get(odd)
        asked = cell.state is not FieldState.VALUE
        self.odd[f"{odd}: {'told' if cell.state is told else 'asked' if asked else 'read over'}"] += 1

    def told(self) -> dict[str, Any]:
        """For JSON, with 95 % intervals."""
        agreed = self.whole["both right"] + self.whole["both wrong"]
        return {
            **{kind: self._cells(kind) for kind in ("digits", "letters") if self.cells[f"{kind} right"]},
            "numbers": self.whole.total(),
            "agreed_by_both": agreed,
            "agreed_wrong": self.whole["both wrong"],
            "agreed_wrong_at_most": round(_at_most(self.whole["both wrong"], agreed), 5),
            "by_one_right": self.whole["one right"],
            "by_one_wrong": self.whole["one wrong"],
            "asked": self.whole["asked"],
            "silent_length_errors": self.silent,
            "odd_cells": dict(self.odd),
        }

    def _cells(self, kind: str) -> dict[str, Any]:
        right, wrong, asked = (self.cells[f"{kind} {said}"] for said in ("right", "wrong", "asked"))
        shares = wilson(right, right + wrong), wilson(asked, right + wrong + asked)
        return {
            "n": right + wrong + asked,
            "answered": right + wrong,
            "right_of_answered": _with(right, right + wrong, shares[0]),
            "asked": _with(asked, right + wrong + asked, shares[1]),
        }

    def add(self, other: Count) -> None:
        """Take another count in."""
        for mine, theirs in ((self.cells, other.cells), (self.whole, other.whole), (self.odd, other.odd)):
            mine.update(theirs)
        self.silent += other.silent


def _with(part: int, n: int, interval: tuple[float, float]) -> list[float]:
    return [part, *(round(value, 5) for value in (part / max(1, n), *interval))]


def _at_most(wrong: int, n: int) -> float:
    return most_when_none(n) if not wrong else wilson(wrong, n)[1]


@dataclass(frozen=True, slots=True, eq=False)
class Number:
    """A scanned comb: what was meant, how worn, and what is odd about which cell (-1 for none)."""

    crop: Crop
    text: str
    wear: Wear
    odd: str = ""
    place: int = -1


class Combs:
    """Numbers without end of one half of the held-out digits.

    Args:
        data: Development data.
        half: 0 to tune, 1 to report.
    """

    def __init__(self, data: Path, half: int) -> None:
        held = load_digits(data, held=True)
        self._digits = Digits(held.images[half::2], held.values[half::2])
        self._capitals = _capitals(data / "letters_AZ", half)
        self._desk = Desk(np.random.default_rng([_SEED, half]))

    def number(self, kind: ValueType, wear: Wear) -> Number:
        """One comb of that type."""
        desk = self._desk
        text = _text(kind, desk.rng)
        blank, cells = desk.boxes(len(text))
        image = blank.copy()
        odd, place = "", -1
        if desk.rng.random() < _ODD:
            odd, place = str(desk.rng.choice([LOST, STRUCK, DOUBLED])), int(desk.rng.integers(len(text)))
        for index, (cell, character) in enumerate(zip(cells, text, strict=True)):
            self._write(image, cell, character, odd if index == place else "", wear)
        told = spec(FieldKind.COMB, kind, [str(k) for k in range(len(text))])
        return Number(self._scanned(told, image, blank, cells, wear), text, wear, odd, place)

    def _write(self, image: Grey, cell: Box, character: str, odd: str, wear: Wear) -> None:
        if odd == LOST:
            return
        if odd == DOUBLED:
            half = cell.width // 2
            other = str(self._desk.rng.integers(0, 10))
            left = Box(cell.left, cell.top, cell.left + half, cell.bottom)
            put(self._desk, image, left, self._glyph(character), wear.dark)
            put(self._desk, image, left.moved(half, 0), self._glyph(other), wear.dark)
            return
        put(self._desk, image, cell, self._glyph(character), wear.dark)
        if odd == STRUCK:
            shape = str(self._desk.rng.choice(["scribble", "fill", "cross"]))
            alpha, (dx, dy) = mark(shape, cell.width - 8, cell.height - 8, self._desk.rng)
            part = image[cell.top + 4 + dy :, cell.left + 4 + dx :][: alpha.shape[0], : alpha.shape[1]]
            np.minimum(part, 255 - np.asarray(alpha * wear.dark, dtype=np.uint8), out=part)

    def _scanned(self, told: Any, image: Grey, blank: Grey, cells: tuple[Box, ...], wear: Wear) -> Crop:
        shift = tuple(float(v) for v in self._desk.rng.normal(0, wear.slip, 2))
        scan = self._desk.scan(image, (shift[0], shift[1]), wear.noise)
        if wear.blur:
            scan = np.asarray(cv2.GaussianBlur(scan, (0, 0), wear.blur), dtype=np.uint8)
        if wear.jpeg:
            _, packed = cv2.imencode(".jpg", scan, [cv2.IMWRITE_JPEG_QUALITY, wear.jpeg])
            scan = np.asarray(cv2.imdecode(packed, cv2.IMREAD_GRAYSCALE), dtype=np.uint8)
        return Crop(told, scan, blank, cells, DPI, Box(0, 0, 10, 10), 0.08)

    def _glyph(self, character: str) -> Grey:
        rng = self._desk.rng
        if character.isdigit():
            options = np.flatnonzero(self._digits.values == int(character))
            return np.asarray(self._digits.images[int(rng.choice(options))], dtype=np.uint8)
        paths = self._capitals[character]
        image = cv2.imread(str(paths[int(rng.integers(len(paths)))]), cv2.IMREAD_GRAYSCALE)
        return np.asarray(255 - np.asarray(image), dtype=np.uint8)


def _text(kind: ValueType, rng: np.random.Generator) -> str:
    """A number as its type makes them."""

    def digits(count: int) -> str:
        return "".join(str(d) for d in rng.integers(0, 10, count))

    if kind is ValueType.CITIZEN_ID:
        return f"{rng.integers(1, 97):03d}{rng.integers(0, 4)}{digits(8)}"
    if kind is ValueType.INSURANCE_NUMBER:
        return f"{rng.choice(_CARDS)}{rng.integers(1, 6)}{rng.integers(1, 97):02d}{digits(10)}"
    if kind is ValueType.DATE:
        return f"{rng.integers(1, 29):02d}{rng.integers(1, 13):02d}{rng.integers(1930, 2026)}"
    if kind is ValueType.PHONE:
        return f"0{rng.choice([3, 5, 7, 8, 9])}{digits(8)}"
    return f"{rng.choice(list(_CODES))}{digits(3)}"


def _capitals(folder: Path, half: int) -> dict[str, list[Path]]:
    return {path.name: sorted(path.glob("*.png"))[half::2] for path in sorted(folder.iterdir())}


def measured(data: Path, counts: dict[ValueType, int], weights: Path | None = None) -> dict[str, Any]:
    """All figures; a third of the numbers under each kind of damage."""
    cv2.setNumThreads(1)
    reader = CombReader(GlyphNet(weights)) if weights else CombReader()
    tuned = _curve(reader, Combs(data, 0), {kind: count // 3 for kind, count in counts.items()})
    combs, every = Combs(data, 1), Count()
    found: dict[str, Count] = {}
    limits: list[tuple[float, bool]] = []
    for kind, count in counts.items():
        for numbers, readings in _read(reader, combs, kind, count):
            for number, reading in zip(numbers, readings, strict=True):
                one = Count()
                one.note(reading, number)
                every.add(one)
                found.setdefault(f"{kind.value}, {number.wear.name}", Count()).add(one)
                limits += _chances(reading, number)
    return {
        "all": every.told(),
        "by_kind": {name: count.told() for name, count in found.items()},
        "limit_found_on_the_other_half": round(tuned, 4),
        "digits_at_that_limit": _at(limits, tuned),
        "digits_at_limits": {
            f"{limit:.3f}": _at(limits, limit) for limit in (0.0, 0.5, 0.7, 0.9, 0.97, 0.99)
        },
    }


def _read(
    reader: CombReader, combs: Combs, kind: ValueType, count: int
) -> Iterator[tuple[list[Number], list[Reading]]]:
    for start in range(0, count, _BATCH):
        made = [
            combs.number(kind, WEARS[(start + k) % len(WEARS)]) for k in range(min(_BATCH, count - start))
        ]
        yield made, reader.read([number.crop for number in made])


def _chances(reading: Reading, number: Number) -> list[tuple[float, bool]]:
    """How sure every digit's cell is, and whether it is right; cells without a text are never sure."""
    cells = zip(reading.cells, number.text, strict=True)
    return [
        (
            cell.confidence if cell.text and cell.state is not FieldState.STRUCK_OUT else -1.0,
            cell.text == digit,
        )
        for place, (cell, digit) in enumerate(cells)
        if digit.isdigit() and place != number.place
    ]


def _curve(reader: CombReader, combs: Combs, counts: dict[ValueType, int]) -> float:
    """The lowest limit at which so many answered digits are right as are aimed at."""
    limits: list[tuple[float, bool]] = []
    for kind, count in counts.items():
        for numbers, readings in _read(reader, combs, kind, count):
            for number, reading in zip(numbers, readings, strict=True):
                limits += _chances(reading, number)
    limits.sort(key=lambda pair: -pair[0])
    right = np.cumsum([fits for _, fits in limits]) / np.arange(1, len(limits) + 1)
    enough = np.flatnonzero(right >= _AIM)
    return limits[int(enough[-1])][0] if enough.size else 1.0


def _at(limits: Sequence[tuple[float, bool]], limit: float) -> dict[str, Any]:
    answered = [fits for sure, fits in limits if sure >= limit and sure >= 0]
    interval = wilson(sum(answered), len(answered))
    return {
        "right_of_answered": _with(sum(answered), len(answered), interval),
        "asked": round(1 - len(answered) / max(1, len(limits)), 5),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line of this module."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=None)
    for kind, count in _COUNTS.items():
        parser.add_argument(f"--{kind.value.replace('_', '-')}", type=int, default=count)
    parser.add_argument(
        "--weights", type=Path, default=None, help="glyphs.onnx other than the one that ships"
    )
    given = parser.parse_args(arguments)
    data = given.data or shared_data()
    if data is None:
        parser.error("the development data is not here; name its folder with --data")
    counts = {kind: getattr(given, kind.value) for kind in _COUNTS}
    print(json.dumps(measured(data, counts, given.weights), indent=1))  # noqa: T201  a command's output


if __name__ == "__main__":
    main()
