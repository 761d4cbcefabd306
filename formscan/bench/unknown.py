"""Label-value pairs of pages of no known form (``formscan bench unknown``), on the scanned forms of FUNSD.

From pixels alone: Tesseract's words (the Vietnamese model that ships, on English pages), then
``formscan.designer.pairs``. A pair is right where the true words that lie in its label's and in its value's
area are those of a linked question and answer (Jaccard index at least 0.5 each), each true pair once. The
thresholds were tried on every second page (by name); the figures that count are of the others. In the same
job: the simple way, by which what ends with a colon has the nearest text beside or below it as its value.
FUNSD: Jaume, Ekenel and Thiran 2019, "FUNSD: A Dataset for Form Understanding in Noisy Scanned Documents".
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np

from formscan.bench.shared import shared_data
from formscan.designer.pairs import Pair, nearest_pairs, pairs_of, read_filled
from formscan.designer.printed import PrintedSheet
from formscan.model.geometry import Area
from formscan.pipeline.run import single_thread

DPI: Final = 200.0
PAGE_IN: Final = 11.0
"""Letter paper is so high; the pictures say no resolution."""
ALIKE: Final = 0.5
MARGIN: Final = 2.0
ROUNDS: Final = 1000
"""Of the bootstrap over pages."""
WordId = tuple[int, int]
Words = frozenset[WordId]


@dataclass(slots=True)
class Counts:
    """Pairs page by page: right, proposed, true."""

    pages: list[tuple[int, int, int]] = field(default_factory=list)

    def told(self) -> dict[str, Any]:
        """F1, precision and recall, with the 95 % bootstrap interval of F1 over pages."""
        table = np.array(self.pages or [(0, 0, 0)])
        right, proposed, true = (int(n) for n in table.sum(axis=0))
        rng = np.random.default_rng(64)
        drawn = table[rng.integers(0, len(table), (ROUNDS, len(table)))].sum(axis=1)
        f1 = 2 * drawn[:, 0] / np.maximum(drawn[:, 1] + drawn[:, 2], 1)
        low, high = np.quantile(f1, (0.025, 0.975))
        return {
            "pages": len(self.pages), "true": true, "proposed": proposed, "right": right,
            "precision": round(right / max(proposed, 1), 4), "recall": round(right / max(true, 1), 4),
            "f1": round(2 * right / max(proposed + true, 1), 4),
            "interval95": [round(float(low), 4), round(float(high), 4)],
        }  # fmt: skip


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print one JSON document.

    Returns:
        0; 2 without development data.
    """
    parser = argparse.ArgumentParser(prog="formscan bench unknown", description=__doc__)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--pages", type=int, default=0, help="at most so many; 0 for all")
    given = parser.parse_args(argv)
    data = given.data or shared_data()
    folder = data / "funsd" if data is not None else None
    if folder is None or not folder.is_dir():
        sys.stderr.write("no development data: give --data or set FORMSCAN_DATA\n")
        return 2
    single_thread()
    pictures = sorted(folder.glob("*.png"))
    chosen = pictures[: given.pages] if given.pages else pictures
    sys.stdout.write(json.dumps(measure(chosen), indent=1) + "\n")
    return 0


def measure(pictures: Sequence[Path]) -> dict[str, Any]:
    """Figures of pages; the first, third ... are those that were looked at while building."""
    ways: dict[str, Callable[[PrintedSheet], tuple[Pair, ...]]] = {
        "pairs": pairs_of,
        "nearest": nearest_pairs,
    }
    counts = {half: {way: Counts() for way in ways} for half in ("looked_at", "reported", "all")}
    started = time.process_time()
    for place, picture in enumerate(pictures):
        sheet, scale = _sheet(picture)
        entities = json.loads(picture.with_name(f"{picture.stem}.gt.json").read_text("utf-8"))
        for way, find in ways.items():
            row = _score(find(sheet), sheet, scale, entities)
            for half in ("all", "reported" if place % 2 else "looked_at"):
                counts[half][way].pages.append(row)
    spent = time.process_time() - started
    told: dict[str, Any] = {
        half: {way: found.told() for way, found in of.items()} for half, of in counts.items()
    }
    return told | {"seconds_a_page": round(spent / max(len(pictures), 1), 2)}


def _sheet(picture: Path) -> tuple[PrintedSheet, float]:
    grey = cv2.imread(str(picture), cv2.IMREAD_GRAYSCALE)
    if grey is None:
        raise OSError(picture.name)
    scale = DPI * PAGE_IN / grey.shape[0]
    large = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    return read_filled(np.asarray(large, dtype=np.uint8), DPI), scale


def _score(
    pairs: Sequence[Pair], sheet: PrintedSheet, scale: float, entities: Sequence[dict[str, Any]]
) -> tuple[int, int, int]:
    """Right, proposed and true pairs of a page."""
    places = [
        ((e["id"], n), _centre(word["box"]))
        for e in entities
        for n, word in enumerate(e["words"])
        if word["text"].strip()
    ]
    true = _links(entities)
    left = set(range(len(true)))
    written = [pair for pair in pairs if pair.value]
    for pair in written:
        label, value = (
            _within(_pixels(area, sheet, scale), places) for area in (pair.label_area, pair.value_area)
        )
        fits = [(min(_jaccard(label, true[at][0]), _jaccard(value, true[at][1])), -at) for at in left]
        if fits and max(fits)[0] >= ALIKE:
            left.discard(-max(fits)[1])
    return len(true) - len(left), len(written), len(true)


def _links(entities: Sequence[dict[str, Any]]) -> list[tuple[Words, Words]]:
    """Words of linked questions and answers that have any."""
    words = {
        e["id"]: frozenset((e["id"], n) for n, word in enumerate(e["words"]) if word["text"].strip())
        for e in entities
    }
    label = {e["id"]: e["label"] for e in entities}
    found = {
        (one, other)
        for e in entities
        for one, other in e["linking"]
        if label[one] == "question" and label[other] == "answer" and words[one] and words[other]
    }
    return [(words[one], words[other]) for one, other in sorted(found)]


def _centre(box: Sequence[float]) -> tuple[float, float]:
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def _pixels(area: Area, sheet: PrintedSheet, scale: float) -> tuple[float, float, float, float]:
    """An area of the sheet in pixels of the picture as it came."""
    corners = sheet.source_corners(area) / scale
    return (*corners.min(axis=0), *corners.max(axis=0))


def _within(
    box: tuple[float, float, float, float], places: Sequence[tuple[WordId, tuple[float, float]]]
) -> Words:
    left, top, right, bottom = box
    return frozenset(
        word
        for word, (x, y) in places
        if left - MARGIN <= x <= right + MARGIN and top - MARGIN <= y <= bottom + MARGIN
    )


def _jaccard(one: Words, other: Words) -> float:
    return len(one & other) / max(len(one | other), 1)


if __name__ == "__main__":
    sys.exit(main())
