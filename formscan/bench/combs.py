"""Whole numbers in combs, of real digits and capitals nobody trained on: ``formscan bench combs``.

Citizen ids (12 digits) and insurance numbers (2 capitals, 13 digits) put together of people's glyphs in
printed cells, clean, as an office scans and badly damaged. Told are single cells, whole numbers, what both
networks agree on, and numbers whose length changed in silence.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np

from formscan.bench.desk import DPI, Desk, spec
from formscan.bench.intervals import most_when_none, wilson
from formscan.bench.readers import put
from formscan.bench.shared import shared_data
from formscan.engines.boxes import CombReader
from formscan.learning.glyphs import load_digits
from formscan.model.geometry import Box
from formscan.model.page import Grey
from formscan.model.reading import Crop, FieldState, Reading
from formscan.model.template import FieldKind, ValueType

_SEED: Final = 5150
_BATCH: Final = 20
_LETTERS: Final = "DNHXCTKBSGVQA"


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
    silent: int = 0

    def note(self, reading: Reading, truth: str) -> None:
        """Score one comb."""
        stands = reading.state is FieldState.VALUE
        for cell, character in zip(reading.cells, truth, strict=True):
            sure = cell.state is FieldState.VALUE
            self.cells["right" if sure and cell.text == character else "wrong" if sure else "asked"] += 1
        right = reading.text == truth
        both = "both" if "+" in reading.engine else "one"
        self.whole[f"{both} {'right' if right else 'wrong'}" if stands else "asked"] += 1
        self.silent += stands and "_" not in reading.text and len(reading.text) != len(truth)

    def told(self) -> dict[str, Any]:
        """For JSON, with 95 % intervals."""
        answered = self.cells["right"] + self.cells["wrong"]
        agreed = self.whole["both right"] + self.whole["both wrong"]
        low, high = wilson(self.cells["right"], answered)
        return {
            "cells": self.cells.total(),
            "cells_answered_right": [self.cells["right"], answered, round(low, 5), round(high, 5)],
            "cells_asked": self.cells["asked"],
            "numbers": self.whole.total(),
            "agreed_by_both": agreed,
            "agreed_wrong": self.whole["both wrong"],
            "agreed_wrong_at_most": round(_at_most(self.whole["both wrong"], agreed), 5),
            "by_one_right": self.whole["one right"],
            "by_one_wrong": self.whole["one wrong"],
            "asked": self.whole["asked"],
            "silent_length_errors": self.silent,
        }


def _at_most(wrong: int, n: int) -> float:
    return most_when_none(n) if not wrong else wilson(wrong, n)[1]


def measured(data: Path, citizens: int, insured: int) -> dict[str, dict[str, Any]]:
    """All figures; a third of the numbers under each kind of damage."""
    cv2.setNumThreads(1)
    desk = Desk(np.random.default_rng(_SEED))
    digits = load_digits(data, held=True)
    capitals = _capitals(data / "letters_AZ")
    reader = CombReader()
    counts: dict[str, Count] = {}
    for kind, count in ((ValueType.CITIZEN_ID, citizens), (ValueType.INSURANCE_NUMBER, insured)):
        for start in range(0, count, _BATCH):
            made = [
                _number(desk, kind, digits, capitals, WEARS[(start + k) % len(WEARS)])
                for k in range(min(_BATCH, count - start))
            ]
            for (_, truth, wear), reading in zip(
                made, reader.read([crop for crop, _, _ in made]), strict=True
            ):
                counts.setdefault(f"{kind.value}, {wear.name}", Count()).note(reading, truth)
    return {name: count.told() for name, count in counts.items()}


def _number(
    desk: Desk, kind: ValueType, digits: Any, capitals: dict[str, list[Path]], wear: Wear
) -> tuple[Crop, str, Wear]:
    letters = "".join(desk.rng.choice(list(_LETTERS), 2)) if kind is ValueType.INSURANCE_NUMBER else ""
    truth = letters + "".join(str(d) for d in desk.rng.integers(0, 10, 13 if letters else 12))
    blank, cells = desk.boxes(len(truth))
    image = blank.copy()
    for cell, character in zip(cells, truth, strict=True):
        put(desk, image, cell, _glyph(desk, character, digits, capitals), wear.dark)
    shift = tuple(float(v) for v in desk.rng.normal(0, wear.slip, 2))
    scan = desk.scan(image, (shift[0], shift[1]), wear.noise)
    if wear.blur:
        scan = np.asarray(cv2.GaussianBlur(scan, (0, 0), wear.blur), dtype=np.uint8)
    if wear.jpeg:
        _, packed = cv2.imencode(".jpg", scan, [cv2.IMWRITE_JPEG_QUALITY, wear.jpeg])
        scan = np.asarray(cv2.imdecode(packed, cv2.IMREAD_GRAYSCALE), dtype=np.uint8)
    told = spec(FieldKind.COMB, kind, [str(k) for k in range(len(truth))])
    return Crop(told, scan, blank, cells, DPI, Box(0, 0, 10, 10), 0.08), truth, wear


def _glyph(desk: Desk, character: str, digits: Any, capitals: dict[str, list[Path]]) -> Grey:
    if character.isdigit():
        options = np.flatnonzero(digits.values == int(character))
        return np.asarray(digits.images[int(desk.rng.choice(options))], dtype=np.uint8)
    paths = capitals[character]
    image = cv2.imread(str(paths[int(desk.rng.integers(len(paths)))]), cv2.IMREAD_GRAYSCALE)
    return np.asarray(255 - np.asarray(image), dtype=np.uint8)


def _capitals(folder: Path) -> dict[str, list[Path]]:
    return {letter: sorted((folder / letter).glob("*.png")) for letter in _LETTERS}


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line of this module."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=None)
    parser.add_argument("--citizens", type=int, default=1400)
    parser.add_argument("--insured", type=int, default=300)
    given = parser.parse_args(arguments)
    data = given.data or shared_data()
    if data is None:
        parser.error("the development data is not here; name its folder with --data")
    print(json.dumps(measured(data, given.citizens, given.insured), indent=1))  # noqa: T201  a command's output


if __name__ == "__main__":
    main()
