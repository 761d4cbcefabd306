"""The learning curve of the line reader on real writers: ``formscan bench adapt``.

The weights that ship are adapted to 50, 200, 800 and all lines of the writers not held out, and read those of
the others: best path, with words, decoded as addresses. Adapted weights are never shipped.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np

from formscan.bench.intervals import wilson
from formscan.bench.lines import grey, held_writer_lines
from formscan.bench.shared import shared_data
from formscan.engines.address import decoded
from formscan.engines.ctc import Rows, beam, best_path
from formscan.engines.language import word_prior
from formscan.engines.line_net import LineNet
from formscan.engines.line_picture import STEP, picture_of
from formscan.learning.adapt_lines import Effort, adapt
from formscan.learning.distance import edits
from formscan.learning.line_data import Line, Recipe, drawn, fonts_in, steps_needed
from formscan.paths import resources_dir

_STEPS: Final = ((50, 1_500), (200, 4_000), (800, 10_000), (1_000_000, 32_000))
"""Confirmed lines, and lines gone over in all."""
_DRAWN: Final = 1_000


@dataclass(frozen=True, slots=True)
class Held:
    """Held-out lines of one set with their pictures."""

    name: str
    lines: tuple[Line, ...]


def lines_of(data: Path, source: str, *, held: bool) -> tuple[Line, ...]:
    """Real lines of one set as training lines; those too narrow for their text are left out."""
    found = [Line(picture_of(grey(p), 0.0), t) for p, t in held_writer_lines(data, held=held)[source]]
    return tuple(x for x in found if x.text and steps_needed(x.text) <= x.picture.shape[1] // STEP)


def read(net: LineNet, held: Held) -> dict[str, Any]:
    """Error rates and whole lines right, three ways, and how many addresses are in the first five."""
    rows = net.rows([line.picture for line in held.lines])
    truth = [line.text for line in held.lines]
    best = [best_path(each).text for each in rows]
    words = [_words(each) for each in rows]
    meant = [
        [a.text for a in decoded(each, text, word_prior())] for each, text in zip(rows, words, strict=True)
    ]
    first = [texts[0] if texts else "" for texts in meant]
    ways = {"best path": best, "with words": words, "as addresses": first}
    told = {name: _scored(texts, truth) for name, texts in ways.items()}
    five = sum(text in texts for text, texts in zip(truth, meant, strict=True))
    return {"set": held.name, "n": len(truth), **told, "in_first_five": five}


def _words(rows: Rows) -> str:
    found = beam(rows, word_prior(), most=1)
    return found[0].text if found else ""


def _scored(told: Sequence[str], truth: Sequence[str]) -> dict[str, Any]:
    wrong = sum(edits(a, b) for a, b in zip(told, truth, strict=True))
    exact = sum(a == b for a, b in zip(told, truth, strict=True))
    low, high = wilson(exact, len(truth))
    cer = wrong / max(1, sum(len(text) for text in truth))
    return {"cer": round(cer, 4), "exact": exact, "interval": [round(low, 4), round(high, 4)]}


def curve(data: Path, fonts: Sequence[Path], out: Path) -> list[dict[str, Any]]:
    """Figures before and after each step."""
    start = resources_dir() / "models" / "lines.onnx"
    sets = [Held(name, lines_of(data, name, held=True)) for name in ("kalapa", "cinnamon")]
    lines = [x for name in ("kalapa", "cinnamon") for x in lines_of(data, name, held=False)]
    order = np.random.default_rng(1).permutation(len(lines))
    lines = [lines[int(k)] for k in order]
    recipe = Recipe(resources_dir() / "lexicons", fonts_in(fonts), fonts_in([data / "fonts_vn"]), 99, data)
    replay = drawn(recipe, 5, _DRAWN)
    found = [{"lines": 0, **read(LineNet(start), held)} for held in sets]
    for count, effort in _STEPS:
        new = out / f"adapted-{min(count, len(lines))}.onnx"
        began = time.process_time()
        adapt(start, lines[:count], replay, new, Effort(effort, passes=1))
        spent = round(time.process_time() - began)
        used = min(count, len(lines))
        found += [{"lines": used, "core_s": spent, **read(LineNet(new), held)} for held in sets]
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line of this module."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=None)
    parser.add_argument("--fonts", type=Path, nargs="+", default=[Path("/usr/share/fonts")])
    given = parser.parse_args(arguments)
    data = given.data or shared_data()
    if data is None:
        parser.error("the development data is not here; name its folder with --data")
    cv2.setNumThreads(1)
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(curve(data, given.fonts, Path(folder)), indent=1))  # noqa: T201  a command's output


if __name__ == "__main__":
    main()
