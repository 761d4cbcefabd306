"""Readers of lines against each other on the same crops, in one job: ``formscan bench lines``.

Composed print in fonts nobody here trained on, and real handwritten lines of writers held out. Character
error rate (edits a character of the truth, case and accents count), whole lines right, milliseconds of one
core a line.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from PIL import Image

from formscan.bench.intervals import wilson
from formscan.bench.rival_lines import Rival, rivals
from formscan.bench.shared import shared_data
from formscan.engines.address import decoded
from formscan.engines.ctc import best_path
from formscan.engines.language import word_prior
from formscan.engines.letters import known
from formscan.engines.line_guess import spelled
from formscan.engines.line_net import LineNet
from formscan.engines.line_picture import picture_of
from formscan.learning.distance import edits
from formscan.learning.line_data import fonts_in
from formscan.learning.line_ink import Pens
from formscan.learning.line_text import TextSource
from formscan.learning.line_wear import alone, on_paper, sheet_of, trimmed
from formscan.model.page import Grey
from formscan.paths import resources_dir

HELD_WRITERS: Final = 16
_PRINTED: Final = 300
_SEED: Final = 77_001


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """A crop of a line, uint8 grey, and what it says."""

    image: Grey
    text: str


@dataclass(frozen=True, slots=True)
class Score:
    """What one reader reached on one set."""

    reader: str
    material: str
    n: int
    cer: float
    exact: int
    ms: float

    def told(self) -> dict[str, object]:
        """For JSON, with the 95 % Wilson interval of the share of whole lines right."""
        low, high = wilson(self.exact, self.n)
        return {
            "reader": self.reader,
            "material": self.material,
            "n": self.n,
            "cer": round(self.cer, 4),
            "exact": round(self.exact / max(1, self.n), 4),
            "interval": [round(low, 4), round(high, 4)],
            "ms": round(self.ms, 2),
        }


def held_writer_lines(data: Path, *, held: bool = True) -> dict[str, list[tuple[Path, str]]]:
    """Real lines by set, held out (16 of 80 writers; a fifth of the set without writers) or the others.

    Writers are ordered by the SHA-256 of their name; the first 16 are held out.
    """
    folder = data / "vn_handwriting_lines"
    rows = [row.split("\t") for row in (folder / "labels.tsv").read_text("utf-8").splitlines()]
    writers = sorted({row[2] for row in rows if row[2]}, key=_hashed)
    chosen = set(writers[:HELD_WRITERS])
    found: dict[str, list[tuple[Path, str]]] = {"kalapa": [], "cinnamon": []}
    for name, source, writer, text in rows:
        out = writer in chosen if writer else int(_hashed(name)[:8], 16) < 0.2 * 2**32
        if out is held:
            found[source].append((folder / name, known(text)))
    return found


def _hashed(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def handwritten(data: Path, source: str, most: int) -> list[Sample]:
    """Held-out handwritten lines of one set, at most so many, evenly taken."""
    lines = held_writer_lines(data)[source]
    step = max(1, len(lines) // most)
    return [Sample(grey(path), text) for path, text in lines[::step][:most]]


def printed(data: Path, fonts: Sequence[Path], count: int, *, dotted: bool) -> list[Sample]:
    """Composed print in held-out fonts, alone on white or on the form's dots and rules, as scanned."""
    rng = np.random.default_rng([_SEED, dotted])
    texts = TextSource(resources_dir() / "lexicons", [_SEED, dotted])
    pens = Pens(fonts_in(fonts, held=True), ())
    made: list[Sample] = []
    makers = (texts.name, texts.address, texts.number, texts.title, texts.note)
    while len(made) < count:
        text = known(makers[len(made) % len(makers)]())[:60].strip()
        size = int(rng.integers(18, 28)) * 2
        tight = trimmed(pens.printed_line(text, size, rng)) if text else None
        if tight is None:
            continue
        image = on_paper(sheet_of(tight, size, rng, hand=False), rng) if dotted else alone(tight, size, rng)
        made.append(Sample(image, text))
    return made


def grey(path: Path) -> Grey:
    """A picture as uint8 grey."""
    with Image.open(path) as image:
        return np.asarray(image.convert("L"), dtype=np.uint8)


def ours(net: LineNet, *, words: bool) -> Callable[[Grey], str]:
    """Our reader: the best path, or beam search with words and those that follow each other."""

    def read(image: Grey) -> str:
        (rows,) = net.rows([picture_of(image, 0.0)])
        if not words:
            return best_path(rows).text
        found = spelled(rows)
        return found[0].text if found else ""

    return read


def addresses(net: LineNet) -> Callable[[Grey], str]:
    """Our reader with the administrative units decoded along their hierarchy."""

    def read(image: Grey) -> str:
        (rows,) = net.rows([picture_of(image, 0.0)])
        found = spelled(rows)
        likely = decoded(rows, found[0].text, word_prior(), 1) if found else []
        return likely[0].text if likely else ""

    return read


def scored(reader: str, material: str, read: Callable[[Grey], str], samples: Sequence[Sample]) -> Score:
    """Let one reader read all samples, one after the other on one core."""
    wrong = exact = length = 0
    read(samples[0].image)
    spent = time.process_time()
    told = [known(read(sample.image)) for sample in samples]
    spent = time.process_time() - spent
    for text, sample in zip(told, samples, strict=True):
        wrong += edits(text, sample.text)
        exact += text == sample.text
        length += len(sample.text)
    return Score(reader, material, len(samples), wrong / max(1, length), exact, 1000 * spent / len(samples))


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line of this module."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=None)
    parser.add_argument(
        "--fonts", type=Path, nargs="+", default=[Path("/usr/share/fonts")], help="folders of fonts"
    )
    parser.add_argument("--model", type=Path, default=None, help="another lines.onnx than the one that ships")
    parser.add_argument("--lines", type=int, default=_PRINTED, help="lines a set, at most")
    parser.add_argument("--out", type=Path, default=None, help="folder for lines.json and lines.md")
    given = parser.parse_args(arguments)
    data = given.data or shared_data()
    if data is None:
        parser.error("the development data is not here; name its folder with --data")
    cv2.setNumThreads(1)
    rows = [score.told() for score in _all(data, given)]
    text = json.dumps(rows, indent=1, ensure_ascii=False)
    print(text)  # noqa: T201  a command's output
    if given.out is not None:
        given.out.mkdir(parents=True, exist_ok=True)
        (given.out / "lines.json").write_text(text + "\n", encoding="utf-8")
        (given.out / "lines.md").write_text(table(rows), encoding="utf-8")


def _all(data: Path, given: Any) -> list[Score]:
    fonts = [*given.fonts, data / "fonts_vn"]
    sets = {
        "print, alone": printed(data, fonts, given.lines, dotted=False),
        "print on dots and rules": printed(data, fonts, given.lines, dotted=True),
        "handwriting, 16 held-out writers": handwritten(data, "kalapa", given.lines),
        "handwriting, address set": handwritten(data, "cinnamon", given.lines),
    }
    net = LineNet(given.model)
    readers = [
        Rival("ours, best path", ours(net, words=False)),
        Rival("ours, with words", ours(net, words=True)),
        Rival("ours, as addresses", addresses(net)),
    ]
    found: list[Score] = []
    for reader in [*readers, *rivals(data)]:
        found += [scored(reader.name, name, reader.read, samples) for name, samples in sets.items()]
        reader.close()
    return found


def table(rows: Sequence[dict[str, Any]]) -> str:
    """A Markdown table of scores."""
    head = "| material | reader | n | CER | whole lines right | 95 % | ms a line, one core |\n"
    head += "|---|---|---|---|---|---|---|\n"
    body = "".join(
        f"| {r['material']} | {r['reader']} | {r['n']} | {r['cer']:.3f} | {r['exact']:.1%} | "
        f"{r['interval'][0]:.1%} to {r['interval'][1]:.1%} | {r['ms']:.1f} |\n"
        for r in sorted(rows, key=lambda r: (str(r["material"]), float(r["cer"])))
    )
    return "# Readers of lines\n\n" + head + body


if __name__ == "__main__":
    main()
