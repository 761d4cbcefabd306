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

from formscan.bench.hand import written_lines
from formscan.bench.intervals import wilson
from formscan.bench.lines import grey, held_writer_lines
from formscan.bench.shared import shared_data
from formscan.bench.truth import Split
from formscan.engines.address import decoded
from formscan.engines.ctc import Rows, best_path
from formscan.engines.language import word_prior
from formscan.engines.letters import known
from formscan.engines.line_guess import spelled
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
    return tuple(x for x in found if x.text and _fits(x))


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
    found = spelled(rows)
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
    replay = _replay(data, fonts)
    found = [{"lines": 0, **read(LineNet(start), held)} for held in sets]
    for count, effort in _STEPS:
        new = out / f"adapted-{min(count, len(lines))}.onnx"
        began = time.process_time()
        adapt(start, lines[:count], replay, new, Effort(effort, passes=1))
        spent = round(time.process_time() - began)
        used = min(count, len(lines))
        found += [{"lines": used, "core_s": spent, **read(LineNet(new), held)} for held in sets]
    return found


def weights_for_forms(data: Path, fonts: Sequence[Path], out: Path) -> dict[str, Any]:
    """Adapt to all lines of the writers composed forms are tuned on, for forms filled by the other writers.

    Args:
        data: Development data.
        fonts: Folders of print fonts, drawn between the lines.
        out: File of the weights; its folder is what ``FORMSCAN_MODELS`` names.
    """
    written = [(grey(line.path), known(line.text)) for line in written_lines(data, Split.TUNE)]
    lines = [x for x in (Line(picture_of(g, 0.0), t) for g, t in written) if x.text and _fits(x)]
    out.parent.mkdir(parents=True, exist_ok=True)
    began = time.process_time()
    effort = Effort(_STEPS[-1][1], passes=1)
    adapt(resources_dir() / "models" / "lines.onnx", lines, _replay(data, fonts), out, effort)
    return {"lines": len(lines), "core_s": round(time.process_time() - began)}


def _replay(data: Path, fonts: Sequence[Path]) -> list[Line]:
    lexicons = resources_dir() / "lexicons"
    return drawn(Recipe(lexicons, fonts_in(fonts), fonts_in([data / "fonts_vn"]), 99, data), 5, _DRAWN)


def _fits(line: Line) -> bool:
    return bool(steps_needed(line.text) <= line.picture.shape[1] // STEP)


def told(found: Sequence[dict[str, Any]]) -> str:
    """The curve for a person, as Markdown."""
    rows = [
        "# The line reader learns a hospital's writers",
        "",
        "The weights that ship, adapted to lines of the writers that are not held out (64 of 80, and four",
        "fifths of the address set, mixed), read the held-out ones (16 writers; a fifth). Character error",
        "rate, and lines read whole with Wilson's 95 % interval. `formscan bench adapt --out docs/figures`.",
        "",
        "| lines | set | n | CER | exact | with words | exact | as address | exact | in five | core-s |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for one in found:
        ways = [one[way] for way in ("best path", "with words", "as addresses")]
        cells = [f"{way['cer']:.3f} | {way['exact']} ({_percent(way['interval'])})" for way in ways]
        rows.append(
            f"| {one['lines']} | {one['set']} | {one['n']} | {' | '.join(cells)} | {one['in_first_five']} "
            f"| {one.get('core_s', '')} |"
        )
    return "\n".join([*rows, ""])


def _percent(interval: Sequence[float]) -> str:
    return f"{interval[0] * 100:.1f} to {interval[1] * 100:.1f} %"


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line of this module."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=None)
    parser.add_argument("--fonts", type=Path, nargs="+", default=[Path("/usr/share/fonts")])
    parser.add_argument("--out", type=Path, help="folder for adapt.json and adapt.md")
    parser.add_argument("--for-forms", type=Path, help="only make weights for composed forms, into this file")
    given = parser.parse_args(arguments)
    data = given.data or shared_data()
    if data is None:
        parser.error("the development data is not here; name its folder with --data")
    cv2.setNumThreads(1)
    if given.for_forms is not None:
        print(json.dumps(weights_for_forms(data, given.fonts, given.for_forms)))  # noqa: T201  a command's output
        return
    with tempfile.TemporaryDirectory() as folder:
        found = curve(data, given.fonts, Path(folder))
    if given.out is not None:
        given.out.mkdir(parents=True, exist_ok=True)
        (given.out / "adapt.json").write_text(json.dumps(found, indent=1) + "\n", "utf-8")
        (given.out / "adapt.md").write_text(told(found), "utf-8")
    print(told(found))  # noqa: T201  a command's output


if __name__ == "__main__":
    main()
