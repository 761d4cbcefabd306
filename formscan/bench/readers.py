"""How right the readers are on material they were not made with: ``formscan bench readers``.

Held-out handwritten digits and other people's capitals in drawn comb cells, hand-drawn marks on phone
photos, empty boxes and lines under misregistration, and real pages with and without codes.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from formscan.bench.desk import DPI, Desk, spec
from formscan.bench.intervals import wilson
from formscan.bench.shared import shared_data
from formscan.engines.boxes import CombReader
from formscan.engines.codes import find_codes
from formscan.engines.ink import Presence, measure
from formscan.engines.marks import MarkReader
from formscan.learning.glyphs import load_digits
from formscan.model.geometry import Box
from formscan.model.page import Grey
from formscan.model.reading import Crop, FieldState
from formscan.model.template import FieldKind, ValueType

_WHITE: Final = (255,)
_PICTURES: Final = {".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif"}


@dataclass(frozen=True, slots=True)
class Row:
    """One figure: how many of ``n`` were right, left to people, or wrong; milliseconds a crop."""

    what: str
    n: int
    right: int
    asked: int
    wrong: int
    ms: float

    def told(self) -> dict[str, object]:
        """For JSON, with the 95 % Wilson interval of the share right."""
        low, high = wilson(self.right, self.n)
        return {
            "what": self.what,
            "n": self.n,
            "right": round(self.right / max(1, self.n), 4),
            "interval": [round(low, 4), round(high, 4)],
            "asked": self.asked,
            "wrong": self.wrong,
            "ms": round(self.ms, 2),
        }


def _row(what: str, outcomes: Sequence[str], seconds: float) -> Row:
    count = max(1, len(outcomes))
    shares = [outcomes.count(kind) for kind in ("right", "asked", "wrong")]
    return Row(what, len(outcomes), shares[0], shares[1], shares[2], 1000 * seconds / count)


def _inked(desk: Desk, glyph: Grey, kind: ValueType) -> Crop:
    """A comb of one cell with a glyph in it."""
    blank, cells = desk.boxes(1)
    image = blank.copy()
    put(desk, image, cells[0], glyph)
    shift = (float(desk.rng.normal(0, 0.8)), float(desk.rng.normal(0, 0.8)))
    told = spec(FieldKind.COMB, kind, ["0"])
    return Crop(told, desk.scan(image, shift), blank, cells, DPI, Box(0, 0, 10, 10), 0.08)


def put(desk: Desk, image: Grey, cell: Box, glyph: Grey, dark: float = 1.0) -> None:
    """Put a glyph into a cell, 3 to 4.2 mm high, a little off the middle; ``dark`` is the ink's strength."""
    rows, cols = np.flatnonzero((glyph > 60).any(axis=1)), np.flatnonzero((glyph > 60).any(axis=0))
    body = glyph[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1]
    scale = desk.rng.uniform(36, 50) / max(body.shape)
    body = np.asarray(
        cv2.resize(body, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), dtype=np.uint8
    )
    x, y = (round(middle + desk.rng.normal(0, 3)) for middle in cell.centre)
    left, top = x - body.shape[1] // 2, y - body.shape[0] // 2
    place = image[top : top + body.shape[0], left : left + body.shape[1]]
    np.minimum(place, 255 - np.asarray(body * dark, dtype=np.uint8), out=place)


def combs(what: str, items: Sequence[tuple[Grey, str]], kind: ValueType) -> Row:
    """Single comb cells: the character, a doubt (below 0.5 or no value), or a wrong character."""
    desk = Desk()
    crops = [_inked(desk, glyph, kind) for glyph, _ in items]
    began = time.process_time()
    readings = CombReader().read(crops)
    spent = time.process_time() - began
    outcomes = []
    for reading, (_, true) in zip(readings, items, strict=True):
        stands = reading.state is FieldState.VALUE and reading.confidence >= 0.5
        outcomes.append("asked" if not stands else "right" if reading.text == true else "wrong")
    return _row(what, outcomes, spent)


def digits(data: Path) -> Row:
    """Digits that were never trained on."""
    held = load_digits(data, held=True)
    items = [(image, str(value)) for image, value in zip(held.images, held.values, strict=True)]
    return combs("digits, held out, in comb cells", items, ValueType.INTEGER)


def capitals(data: Path) -> Row:
    """Block capitals of people whose writing was never trained on, as first letter of an ICD-10 code."""
    items = []
    for path in sorted((data / "letters_AZ").glob("*/*.png")):
        image = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
        if image is not None and (image < 100).any():
            items.append((np.asarray(255 - image, dtype=np.uint8), path.parent.name))
    return combs("capitals, other people's, in comb cells", items, ValueType.ICD10)


def marks(data: Path, folder: str, truth: str) -> Row:
    """Boxes on phone photos against the median of ten empty ones (which are not scored)."""
    root = data / "mark_crops" / "checkboxes"
    empty = sorted((root / "empty").iterdir())
    blank = _level(np.asarray(np.median([_photo(path) for path in empty[:10]], axis=0), dtype=np.uint8))
    rows, cols = np.flatnonzero((blank < 160).any(axis=1)), np.flatnonzero((blank < 160).any(axis=0))
    cell = Box(int(cols[0]), int(rows[0]), int(cols[-1]) + 1, int(rows[-1]) + 1)
    files = empty[10:] if folder == "empty" else sorted((root / folder).iterdir())
    told = spec(FieldKind.MARK, ValueType.BOOLEAN, ["true"])
    crops = [Crop(told, _over(_level(_photo(f)), blank), blank, (cell,), DPI, cell, 0.3) for f in files]
    began = time.process_time()
    readings = MarkReader().read(crops)
    spent = time.process_time() - began
    outcomes = []
    for reading in readings:
        unsure = reading.state is FieldState.UNVERIFIED
        outcomes.append("asked" if unsure else "right" if reading.text == truth else "wrong")
    return _row(f"tick boxes, {folder}", outcomes, spent)


def _photo(path: Path) -> Grey:
    image = np.asarray(cv2.imread(str(path), cv2.IMREAD_GRAYSCALE), dtype=np.uint8)
    return np.asarray(cv2.resize(image, (120, 120), interpolation=cv2.INTER_CUBIC), dtype=np.uint8)


def _level(image: Grey) -> Grey:
    """Paper to white, the darkest print to black, as the cleaning stage leaves a page."""
    paper, black = np.percentile(image, 75), np.percentile(image, 1)
    stretched = (image.astype(np.float64) - black) / max(20.0, paper - black) * 255 + 8
    return np.clip(stretched, 0, 255).astype(np.uint8)


def _over(image: Grey, blank: Grey) -> Grey:
    """The photo moved so that its box lies on the blank's."""
    reach = 18
    inner = blank[reach:-reach, reach:-reach]
    _, _, _, (x, y) = cv2.minMaxLoc(cv2.matchTemplate(image, inner, cv2.TM_CCOEFF_NORMED))
    matrix = np.array([[1.0, 0.0, reach - x], [0.0, 1.0, reach - y]])
    return np.asarray(cv2.warpAffine(image, matrix, (120, 120), borderValue=_WHITE), dtype=np.uint8)


def blanks(count: int) -> Row:
    """Empty combs and dotted lines, moved by up to 2.5 pixels, noisy, some printed heavier, with dust."""
    desk = Desk(np.random.default_rng(99))
    outcomes, spent = [], 0.0
    for index in range(count):
        crop = desk.comb([""] * 4) if index % 2 else desk.line("")
        image = crop.blank.copy()
        if desk.rng.random() < 0.3:
            image = np.asarray(cv2.erode(image, np.ones((2, 2), np.uint8)), dtype=np.uint8)
        for _ in range(int(desk.rng.integers(0, 3))):
            x, y = (
                int(desk.rng.integers(8, image.shape[1] - 8)),
                int(desk.rng.integers(8, image.shape[0] - 8)),
            )
            cv2.circle(image, (x, y), int(desk.rng.integers(1, 3)), color=(80,), thickness=-1)
        shift = tuple(float(v) for v in desk.rng.uniform(-2.5, 2.5, 2))
        scan = desk.scan(image, (shift[0], shift[1]), float(desk.rng.uniform(1, 9)))
        seen = Crop(crop.field, scan, crop.blank, crop.cells, DPI, Box(0, 0, 10, 10), 0.2)
        began = time.process_time()
        found = measure(seen).presence(seen.cells)
        spent += time.process_time() - began
        outcomes.append({Presence.BLANK: "right", Presence.DOUBT: "asked", Presence.INK: "wrong"}[found])
    return _row("empty fields", outcomes, spent)


def codes(data: Path) -> list[Row]:
    """Code pictures whose text stands beside them, and pictures that only look like codes."""
    root, rows = data / "barcodes_zxing", []
    for folder in sorted(path for path in root.iterdir() if path.is_dir()):
        outcomes, began = [], time.process_time()
        for path in sorted(folder.iterdir()):
            image = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE) if path.suffix in _PICTURES else None
            if image is None:
                continue
            found = {code.text for code in find_codes(np.asarray(image, dtype=np.uint8))}
            outcomes.append(_code_outcome(found, path))
        rows.append(_row(f"codes, {folder.name}", outcomes, time.process_time() - began))
    return rows


def _code_outcome(found: set[str], path: Path) -> str:
    text = path.with_suffix(".txt")
    if path.parent.name.startswith("falsepositives"):
        return "wrong" if found else "right"
    if not text.is_file():
        return "asked" if not found else "right"
    true = text.read_text(encoding="utf-8", errors="replace").rstrip("\r\n")
    return (
        "right"
        if true in {one.replace("\r\n", "\n").rstrip("\n") for one in found}
        else "wrong"
        if found
        else "asked"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line; prints one JSON document."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=None)
    parser.add_argument("--blanks", type=int, default=2000)
    options = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    data = options.data or shared_data()
    if data is None:
        parser.error("no development data: set FORMSCAN_DATA or give --data")
    truths = (("empty", ""), ("marked", "true"), ("ambiguous", "true"))
    figures: list[Callable[[], Row]] = [lambda: digits(data), lambda: capitals(data)]
    rows = [figure() for figure in figures]
    rows += [marks(data, folder, truth) for folder, truth in truths]
    rows += [blanks(options.blanks), *codes(data)]
    print(json.dumps([row.told() for row in rows], indent=1))  # noqa: T201  a command's output
    return 0
