"""Goes on training the line reader on confirmed lines of one hospital, and says honestly whether it helped.

Confirmed lines are mixed with drawn ones, so that print and rare letters are not forgotten; old and new
weights are compared on confirmed lines of documents held out, and only better ones are worth installing.
"""

from __future__ import annotations

import importlib
import math
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from formscan.engines.ctc import best_path
from formscan.engines.line_net import LineNet
from formscan.learning.distance import edits
from formscan.learning.line_data import Line, batches
from formscan.learning.line_net import started_from
from formscan.learning.shelf import Compared
from formscan.learning.train_lines import export, loss_of, stepped

_RATE: Final = 6e-4
_BATCH: Final = 24
_WARM: Final = 30
_STEEPEST: Final = 2.0
_REPLAY: Final = 0.5
"""Drawn lines a confirmed one."""
_LEAST_REPLAY: Final = 200
"""Drawn lines a pass at least: with 15 to 60 of them print was forgotten (its errors 1.7 to 4.3 %)."""
_DRAWS: Final = 2000


@dataclass(frozen=True, slots=True)
class Effort:
    """How long to train: lines gone over in all, at least ``passes`` times each confirmed line."""

    lines: int = 12_000
    passes: int = 4
    threads: int = 1
    seed: int = 5


def adapt(
    start: Path,
    confirmed: Sequence[Line],
    drawn: Sequence[Line],
    out: Path,
    effort: Effort | None = None,
    told: Callable[[float], bool] = lambda _: True,
) -> None:
    """Write new weights to ``out``, trained from ``start`` on confirmed lines with drawn ones between them.

    Args:
        start: ``lines.onnx`` in use.
        confirmed: Lines people have confirmed, none of the held-out documents.
        drawn: Lines of ``line_data.drawn``, to be repeated.
        out: Where the new ``lines.onnx`` goes; nothing is written where ``told`` stops it.
        effort: How long.
        told: Is given the share done, 0..1; False stops.

    Raises:
        ImportError: Without the extra ``train``.
        ValueError: Without confirmed lines.
    """
    if not confirmed:
        raise ValueError("no confirmed lines")
    torch = importlib.import_module("torch")
    effort = effort or Effort()
    torch.manual_seed(effort.seed)
    torch.set_num_threads(effort.threads)
    rng = np.random.default_rng(effort.seed)
    net = started_from(torch, start).to(memory_format=torch.channels_last)
    adam = torch.optim.AdamW(net.parameters(), lr=_RATE, weight_decay=1e-3)
    wanted = max(effort.lines, effort.passes * len(confirmed))
    seen = step = 0
    net.train()
    while seen < wanted:
        again = rng.permutation(len(drawn))[: max(_LEAST_REPLAY, round(_REPLAY * len(confirmed)))]
        for batch in batches([*confirmed, *[drawn[int(k)] for k in again]], _BATCH, rng):
            done = min(1.0, seen / wanted)
            adam.param_groups[0]["lr"] = (
                _RATE * min(1, (step + 1) / _WARM) * (0.51 + 0.49 * math.cos(math.pi * done))
            )
            stepped(torch, net, adam, loss_of(torch, net, batch, rng), _STEEPEST)
            seen, step = seen + len(batch), step + 1
            if not told(done):
                return
    with tempfile.TemporaryDirectory(dir=out.parent) as folder:
        fresh = Path(folder) / out.name
        export(torch, net, fresh)
        fresh.replace(out)


def compare(old: Path, new: Path, held: Sequence[Line], lines_used: int, seed: int = 3) -> Compared:
    """Read held-out confirmed lines with both weights.

    Raises:
        EngineError: If weights are missing or broken.
    """
    wrong = [_errors(path, held) for path in (old, new)]
    length = np.array([max(1, len(line.text)) for line in held], dtype=np.float64)
    rng = np.random.default_rng(seed)
    gain = wrong[0] - wrong[1]
    draws = rng.integers(0, len(held), (_DRAWS, len(held)))
    chance = float((gain[draws].sum(axis=1) <= 0).mean())
    rates = [float(each.sum() / length.sum()) for each in wrong]
    exact = [int((each == 0).sum()) for each in wrong]
    return Compared(len(held), rates[0], rates[1], exact[0], exact[1], chance, lines_used)


def _errors(path: Path, held: Sequence[Line]) -> Any:
    rows = LineNet(path).rows([line.picture for line in held])
    return np.array(
        [edits(best_path(each).text, line.text) for each, line in zip(rows, held, strict=True)],
        dtype=np.float64,
    )
