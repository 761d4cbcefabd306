"""How right the mark reader is: ``formscan bench marks``.

At least 20,000 boxes of the forms with people's marks on scanned paper, box by box and question by question;
printed numbers that are ringed; hand-made marks on phone photos; whole pages of others. A plain threshold on
the share of dark pixels is measured on the same boxes. Fields go in slices; with ``--progress`` a stopped
run goes on where it stopped, and ``--seconds`` stops it with the figures of what it has.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import cv2

from formscan.bench.ballots import ballots
from formscan.bench.dark_share import dark_share, fitted_threshold
from formscan.bench.intervals import most_when_none, wilson
from formscan.bench.mark_boxes import EMPTY, MARKED, STRUCK, Filled, MarkDesk
from formscan.bench.mark_pages import checkbox_pages, irs_filled, omr_sheets
from formscan.bench.marks_report import page
from formscan.bench.readers import marks as photo_marks
from formscan.bench.shared import shared_data
from formscan.bench.truth import Split
from formscan.engines.marks import MarkReader
from formscan.model.reading import FieldState, Reading
from formscan.paths import resources_dir

_BATCH: Final = 25
_TUNED_ON: Final = 700
"""Fields of the other half of the marks the threshold is fitted on."""
_SAYS: Final = {FieldState.VALUE: MARKED, FieldState.BLANK: EMPTY, FieldState.STRUCK_OUT: STRUCK}


@dataclass(slots=True)
class Count:
    """Outcomes of boxes and of questions under one heading."""

    boxes: Counter[str] = field(default_factory=Counter)
    confused: Counter[str] = field(default_factory=Counter)
    fields: Counter[str] = field(default_factory=Counter)
    dark: Counter[str] = field(default_factory=Counter)
    spent: float = 0.0

    def note(self, filled: Filled, reading: Reading, threshold: float) -> None:
        """Score one field: its boxes, the question as a whole, and the threshold on the same boxes."""
        shares = dark_share(filled.crop)
        for cell, truth, share in zip(reading.cells, filled.truths, shares, strict=True):
            said = _SAYS.get(cell.state, "asked")
            self.boxes["asked" if said == "asked" else "right" if said == truth else "wrong"] += 1
            if said not in {"asked", truth}:
                self.confused[f"{truth} taken for {said}"] += 1
            self.boxes[f"asked of {truth}"] += said == "asked"
            self.boxes[f"all {truth}"] += 1
            taken = MARKED if share >= threshold else EMPTY
            self.dark["right" if taken == truth else "wrong"] += 1
            self.dark[f"{truth} taken for {taken}"] += taken != truth
        self.fields[_question(filled, reading)] += 1

    def kept(self) -> dict[str, Any]:
        """Everything counted, for ``again``."""
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def again(cls, kept: dict[str, Any]) -> Count:
        """The count ``kept`` is of."""
        counters = {name: Counter(of) for name, of in kept.items() if name != "spent"}
        return cls(**counters, spent=float(kept["spent"]))

    def told(self) -> dict[str, Any]:
        """For JSON, with 95 % intervals."""
        wrong, right = self.boxes["wrong"], self.boxes["right"]
        answered, n = wrong + right, wrong + right + self.boxes["asked"]
        dark_n = self.dark["right"] + self.dark["wrong"]
        asked = wilson(self.boxes["asked"], n)
        by_truth = {
            truth: [self.boxes[f"asked of {truth}"], self.boxes[f"all {truth}"]]
            for truth in (EMPTY, MARKED, STRUCK)
        }
        return {
            "boxes": n,
            "answered": answered,
            "wrong": wrong,
            "wrong_per_10000": _per_10000(wrong, answered),
            "asked": [self.boxes["asked"], *(round(v, 5) for v in asked)],
            "asked_by_truth": by_truth,
            "confused": dict(self.confused),
            "questions": dict(self.fields),
            "dark_share_wrong": self.dark["wrong"],
            "dark_share_wrong_per_10000": _per_10000(self.dark["wrong"], dark_n),
            "ms_a_box": round(1000 * self.spent / max(1, n), 3),
        }


def _per_10000(wrong: int, n: int) -> list[float]:
    low, high = wilson(wrong, n) if wrong else (0.0, most_when_none(n))
    return [round(1e4 * value, 2) for value in (wrong / max(1, n), low, high)]


def _question(filled: Filled, reading: Reading) -> str:
    """Right, wrong or asked; a contradiction on paper is right only when it is asked."""
    if reading.state is FieldState.UNVERIFIED:
        return "contradictions asked" if filled.contradicts else "asked"
    if filled.contradicts:
        return "contradictions answered"
    if MARKED in filled.truths:
        wanted = "true" if reading.text == "true" else filled.answer
        return "right" if reading.state is FieldState.VALUE and reading.text == wanted else "wrong"
    state = FieldState.STRUCK_OUT if STRUCK in filled.truths else FieldState.BLANK
    return "right" if reading.state is state else "wrong"


class Run:
    """The composed part: fields in slices, counts by severity and in all.

    Args:
        data: Development data.
        fields: How many fields of boxes; ``numbers`` of ringed numbers.
        weights: Of another reader than the one that ships.
    """

    def __init__(self, data: Path, fields: int, numbers: int, weights: Path | None = None) -> None:
        self._wanted = {"boxes": fields, "numbers": numbers}
        self._desk = MarkDesk(data, Split.REPORT)
        self._reader = MarkReader(weights)
        read = weights or resources_dir() / "models" / "marks.onnx"
        self._weights = hashlib.sha256(read.read_bytes()).hexdigest()
        tuned = MarkDesk(data, Split.TUNE)
        self.threshold = fitted_threshold(tuned.field(k) for k in range(_TUNED_ON))
        self.counts: dict[str, Count] = {}
        self.marks: Counter[str] = Counter()
        self._done = dict.fromkeys(self._wanted, 0)

    def keep(self, path: Path) -> None:
        """Write what is counted."""
        counts = {name: count.kept() for name, count in self.counts.items()}
        told = {"weights": self._weights, "done": self._done, "marks": self.marks, "counts": counts}
        path.write_text(json.dumps(told, indent=1), encoding="utf-8")

    def resume(self, path: Path) -> None:
        """Go on where ``keep`` was last called with the same weights; with others, begin anew."""
        if not path.is_file():
            return
        told = json.loads(path.read_text("utf-8"))
        if told["weights"] == self._weights:
            self._done, self.marks = dict(told["done"]), Counter(told["marks"])
            self.counts = {name: Count.again(kept) for name, kept in told["counts"].items()}

    def slices(self) -> Iterator[int]:
        """Work on; gives the number of fields done after each batch."""
        for kind, wanted in self._wanted.items():
            for start in range(self._done[kind], wanted, _BATCH):
                filled = [self._desk.field(k, kind) for k in range(start, min(start + _BATCH, wanted))]
                began = time.process_time()
                readings = self._reader.read([one.crop for one in filled])
                share = (time.process_time() - began) / max(1, len(filled))
                for one, reading in zip(filled, readings, strict=True):
                    self.marks.update(one.marks)
                    names = (kind, f"{kind}, {one.severity}") if kind == "boxes" else (kind,)
                    for name in names:
                        count = self.counts.setdefault(name, Count())
                        count.note(one, reading, self.threshold)
                        count.spent += share
                self._done[kind] = start + len(filled)
                yield sum(self._done.values())


def measured(
    data: Path, run: Run, weights: Path | None, progress: Path | None, until: float
) -> dict[str, Any]:
    """All figures; of the composed part those reached by ``until`` (``time.monotonic()``)."""
    if progress:
        run.resume(progress)
    for done in run.slices():
        over = time.monotonic() > until
        if progress and (over or done % 500 == 0):
            run.keep(progress)
        if over:
            break
    truths = (("empty", ""), ("marked", "true"), ("ambiguous", "true"))
    return {
        "composed": {name: count.told() for name, count in run.counts.items()},
        "different_marks": len(run.marks),
        "dark_share_threshold": round(run.threshold, 4),
        "photos": [photo_marks(data, folder, truth).told() for folder, truth in truths],
        "checkbox_pages": checkbox_pages(data / "checkbox_pages", weights),
        "ballots": ballots(data / "ballots_hamilton", weights),
        "irs_filled": irs_filled(data / "irs_filled", weights),
        "omr_sheets": omr_sheets(data / "omr_sheets", weights),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line of this module."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=None)
    parser.add_argument("--fields", type=int, default=8800, help="of boxes, 2.5 boxes each")
    parser.add_argument(
        "--numbers", type=int, default=500, help="rows of printed numbers of which one is ringed"
    )
    parser.add_argument("--weights", type=Path, default=None, help="marks.onnx other than the one that ships")
    parser.add_argument("--progress", type=Path, default=None, help="file of counts, for going on with them")
    parser.add_argument("--seconds", type=float, default=math.inf, help="time for the composed boxes")
    parser.add_argument("--figures", type=Path, default=None, help="Markdown to write")
    given = parser.parse_args(arguments)
    data = given.data or shared_data()
    if data is None:
        parser.error("the development data is not here; name its folder with --data")
    cv2.setNumThreads(1)
    until = time.monotonic() + given.seconds
    run = Run(data, given.fields, given.numbers, given.weights)
    figures = measured(data, run, given.weights, given.progress, until)
    if given.figures:
        given.figures.write_text(page(figures), encoding="utf-8")
    print(json.dumps(figures, indent=1))  # noqa: T201  a command's output


if __name__ == "__main__":
    main()
