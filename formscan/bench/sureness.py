"""Fits how sure the line reader may be of a line and of its words: ``formscan bench sureness``.

Logistic regressions on lines of composed pages of the tuning split; prints the weights that stand in
``engines.line_sureness`` and ``engines.word_sureness`` and how well they hold on pages left out of the fit.
Words of handwriting have weights of their own, as they are looked at twice.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from formscan.bench.jobs import Bench, composed_jobs, save
from formscan.bench.shared import shared_data
from formscan.bench.truth import FieldTruth, Split
from formscan.engines.letters import known
from formscan.engines.line_guess import judged
from formscan.engines.line_net import LineNet
from formscan.engines.text import written_in
from formscan.errors import UnknownFormError
from formscan.model.page import Held
from formscan.model.reading import Crop, FieldState
from formscan.model.same_words import shared
from formscan.model.template import CODED, FieldKind
from formscan.pipeline.acquire import acquire

_SEED: Final = 31
_PENALTY: Final = 1e-3
_BINS: Final = 10


@dataclass(frozen=True, slots=True)
class Judged:
    """A line or a word: features, whether its text was right, its page; of a line also its words."""

    features: tuple[float, ...]
    right: bool
    page: int
    source: str
    words: tuple[Judged, ...] = ()


def crops_of(
    data: Path, pages: int, seed: int, split: Split = Split.TUNE
) -> Iterator[tuple[int, Crop, FieldTruth]]:
    """Text crops of composed pages that were taken for what they are, with their truth."""
    bench = Bench(data, split)
    with tempfile.TemporaryDirectory() as folder:
        for number, job in enumerate(composed_jobs(bench.library, pages, seed, split)):
            composed = bench.compose(job)
            path = save(composed.pixels, composed.dpi, composed.damage.jpeg, Path(folder) / "page")
            page = next(iter(acquire(path)))
            if isinstance(page, Held):
                continue
            try:
                crops = bench.line.crops(page)
            except UnknownFormError:
                continue
            truths = {truth.field_id: truth for truth in composed.truth.fields}
            for crop in crops:
                if crop.field.kind is FieldKind.TEXT and crop.field.id in truths:
                    yield number, crop, truths[crop.field.id]


def judged_lines(crops: Iterator[tuple[int, Crop, FieldTruth]], net: LineNet) -> list[Judged]:
    """Every written line of words, read and compared with what is written there."""
    found: list[Judged] = []
    for page, crop, truth in crops:
        if truth.state is not FieldState.VALUE or crop.field.type in CODED:
            continue
        source = truth.source.value
        for index, text, doubt, words in judged(written_in(crop), net):
            true = known(truth.cells[index])
            same = shared(text.split(), true.split())
            each = (Judged(one.numbers(), k in same, page, source) for k, one in enumerate(words))
            found.append(Judged(doubt.numbers(), text == true, page, source, tuple(each)))
    return found


def words_of(lines: Sequence[Judged]) -> dict[str, list[Judged]]:
    """All words, those looked at once and those looked at twice."""
    every = [word for line in lines for word in line.words]
    most = max((len(word.features) for word in every), default=0)
    return {
        "one look": [word for word in every if len(word.features) < most],
        "two looks": [word for word in every if len(word.features) == most],
    }


def fitted(lines: Sequence[Judged]) -> npt.NDArray[np.float64]:
    """Weights and, last, the bias: least log loss with a small penalty."""
    x = np.array([[*line.features, 1.0] for line in lines])
    y = np.array([line.right for line in lines], dtype=np.float64)

    def loss(weights: npt.NDArray[np.float64]) -> float:
        score = x @ weights
        return float(
            np.mean(np.logaddexp(0, score) - y * score) + _PENALTY * np.dot(weights[:-1], weights[:-1])
        )

    return np.asarray(minimize(loss, np.zeros(x.shape[1]), method="BFGS").x, dtype=np.float64)


def held_up(weights: npt.NDArray[np.float64], lines: Sequence[Judged]) -> dict[str, Any]:
    """Expected calibration error and the lines by stated probability."""
    stated = np.array([1 / (1 + np.exp(-float(np.dot(weights, [*line.features, 1.0])))) for line in lines])
    right = np.array([line.right for line in lines])
    bins = np.minimum((stated * _BINS).astype(int), _BINS - 1)
    rows = [
        {
            "n": int((bins == b).sum()),
            "stated": round(float(stated[bins == b].mean()), 3),
            "right": round(float(right[bins == b].mean()), 3),
        }
        for b in range(_BINS)
        if (bins == b).any()
    ]
    error = sum(row["n"] * abs(row["stated"] - row["right"]) for row in rows) / max(1, len(lines))
    return {"n": len(lines), "expected_calibration_error": round(error, 4), "bins": rows}


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line of this module."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=None)
    parser.add_argument("--pages", type=int, default=100)
    parser.add_argument("--model", type=Path, default=None, help="another lines.onnx than the one that ships")
    given = parser.parse_args(arguments)
    data = given.data or shared_data()
    if data is None:
        parser.error("the development data is not here; name its folder with --data")
    lines = judged_lines(crops_of(data, given.pages, _SEED), LineNet(given.model))
    told = {"lines": _fitted_and_held(lines)}
    told |= {name: _fitted_and_held(words) for name, words in words_of(lines).items()}
    print(json.dumps(told, indent=1))  # noqa: T201  a command's output


def _fitted_and_held(given: Sequence[Judged]) -> dict[str, Any]:
    """Weights from two thirds of the pages, and how they hold on the rest."""
    weights = fitted([one for one in given if one.page % 3])
    held = held_up(weights, [one for one in given if not one.page % 3])
    return {"weights": [round(float(w), 4) for w in weights], "held_out_pages": held}


if __name__ == "__main__":
    main()
