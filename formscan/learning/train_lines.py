"""Trains the line reader: ``python -m formscan.learning.train_lines --lexicons DIR ... --out DIR``.

Needs the extra ``train`` (torch, onnx). Runs unattended, goes on where it was stopped, writes ``lines.onnx``
and ``lines.json`` (figures). Weights come from drawn lines only: the lexicons that ship, fonts under free
licences and the form's own dots and rules; no handwriting of unstated licence.
"""

from __future__ import annotations

import argparse
import importlib
import json
import math
import os
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

import numpy as np

from formscan.engines.letters import ALPHABET
from formscan.engines.line_picture import HEIGHT, STEP
from formscan.learning.distance import edits
from formscan.learning.line_data import Line, Recipe, batches, classes_of, drawn, fonts_in, pens_in, stacked
from formscan.learning.line_net import network, started_from
from formscan.paths import resources_dir

_SEED: Final = 20261
_CHUNK: Final = 512
_CHUNKS: Final = 16
_BATCH: Final = 48
_RATE: Final = 2.2e-3
_RATE_GOING_ON: Final = 6e-4
"""From weights that read already, which have no batch normalisation any more."""
_STEEPEST: Final = 5.0
_WARM: Final = 400
_REPLAYED: Final = 3
"""Rounds before this one from which as many lines are taken again."""
_CHECKED: Final = 200


@dataclass(frozen=True, slots=True)
class Figures:
    """What a run reached on lines in fonts it never saw.

    Attributes:
        print_cer, hand_cer: Character error rates, edits a character of the truth.
        print_exact, hand_exact: Shares of whole lines right.
        lines: Of each kind.
        drawn: Lines drawn for training.
        seen: Lines gone over, each several times.
        seconds: Wall time of this call.
    """

    print_cer: float
    hand_cer: float
    print_exact: float
    hand_exact: float
    lines: int
    drawn: int
    seen: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Plan:
    """How long and how wide.

    Attributes:
        lines: Lines to draw in all.
        workers: Processes that draw; 0 draws in this one.
        width: Of the network, 1 full.
        threads: Of torch.
        chunk: Lines a chunk.
        checked: Held-out lines of print and of hands read after each round.
        start: Exported weights to go on from; None begins with chance.
        device: Of torch: ``cpu`` or ``cuda``.
    """

    lines: int
    workers: int = 1
    width: float = 1.0
    threads: int = 2
    chunk: int = _CHUNK
    checked: int = _CHECKED
    start: Path | None = None
    device: str = "cpu"


def train(recipe: Recipe, held: Recipe, plan: Plan, out: Path) -> Figures:
    """Draw, train, check after every round, export.

    Args:
        recipe: What to train on.
        held: The same with held-out fonts, for checking.
        plan: How long.
        out: Folder for ``lines.onnx``, ``lines.json`` and the state a stopped run goes on from.

    Raises:
        ImportError: Without the extra ``train``.
    """
    torch = importlib.import_module("torch")
    torch.manual_seed(recipe.seed)
    torch.set_num_threads(plan.threads)
    out.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    net = started_from(torch, plan.start) if plan.start else network(torch, plan.width)
    net = net.to(plan.device, memory_format=torch.channels_last)
    rate = _RATE_GOING_ON if plan.start else _RATE
    adam = torch.optim.AdamW(net.parameters(), lr=rate, weight_decay=2e-3)
    rounds = max(1, -(-plan.lines // (plan.chunk * _CHUNKS)))
    first, seen = _resumed(torch, net, adam, out / "lines.state")
    checks = _checks(held, plan.checked)
    figures = Figures(1, 1, 0, 0, plan.checked, 0, seen, 0)
    for number, lines in _rounds(recipe, plan, first, rounds):
        seen = _round(torch, net, adam, lines, (number, rounds, seen), rate)
        figures = _checked(
            torch, net, checks, (number + 1) * plan.chunk * _CHUNKS, seen, time.monotonic() - started
        )
        print(json.dumps(asdict(figures)), flush=True)  # noqa: T201  a command's output
        state = {"net": net.state_dict(), "adam": adam.state_dict(), "next": number + 1, "seen": seen}
        torch.save(state, out / "lines.partial")
        (out / "lines.partial").replace(out / "lines.state")
    export(torch, net, out / "lines.onnx")
    (out / "lines.json").write_text(json.dumps(asdict(figures), indent=2) + "\n", encoding="utf-8")
    return figures


def _resumed(torch: Any, net: Any, adam: Any, path: Path) -> tuple[int, int]:
    if not path.is_file():
        return 0, 0
    state = torch.load(path, weights_only=True, map_location="cpu")
    net.load_state_dict(state["net"])
    adam.load_state_dict(state["adam"])
    return int(state["next"]), int(state["seen"])


def _rounds(recipe: Recipe, plan: Plan, first: int, rounds: int) -> Iterator[tuple[int, list[Line]]]:
    """Rounds of fresh lines with as many of the rounds before; the next one is drawn while one is learned."""
    kept: list[list[Line]] = []
    rng = np.random.default_rng([recipe.seed, 2])
    with ProcessPoolExecutor(max(1, plan.workers), mp_context=get_context("spawn")) as pool:
        coming = _asked(pool, recipe, plan, first)
        for number in range(first, rounds):
            if plan.workers:
                fresh = [line for future in coming for line in future.result()]
                coming = _asked(pool, recipe, plan, number + 1) if number + 1 < rounds else []
            else:
                fresh = [x for k in range(_CHUNKS) for x in drawn(recipe, number * _CHUNKS + k, plan.chunk)]
            old = [line for lines in kept for line in lines]
            again = [old[int(k)] for k in rng.permutation(len(old))[: len(fresh)]]
            yield number, [*fresh, *again]
            kept = [*kept[-_REPLAYED + 1 :], fresh]


def _asked(pool: ProcessPoolExecutor, recipe: Recipe, plan: Plan, number: int) -> list[Future[list[Line]]]:
    if not plan.workers:
        return []
    return [pool.submit(drawn, recipe, number * _CHUNKS + k, plan.chunk) for k in range(_CHUNKS)]


def _round(
    torch: Any, net: Any, adam: Any, lines: list[Line], place: tuple[int, int, int], rate: float
) -> int:
    """One pass over the lines of a round; the rate follows one cosine over all rounds."""
    number, rounds, seen = place
    rng = np.random.default_rng([_SEED, number])
    made = batches(lines, _BATCH, rng)
    net.train()
    for index, batch in enumerate(made):
        done = (number + index / len(made)) / rounds
        warm = min(1.0, (number * len(made) + index + 1) / _WARM)
        adam.param_groups[0]["lr"] = rate * warm * (0.505 + 0.495 * math.cos(math.pi * done))
        stepped(torch, net, adam, loss_of(torch, net, batch, rng), _STEEPEST)
        seen += len(batch)
    return seen


def stepped(torch: Any, net: Any, adam: Any, loss: Any, steepest: float) -> bool:
    """Go one step down the slope of a loss; not where the slope is no number, which one in thousands is.

    Args:
        torch: The module.
        net: The network.
        adam: Its optimiser.
        loss: Of a batch.
        steepest: Longest slope, longer ones are shortened to it.

    Returns:
        Whether a step was taken: one that is no number would leave nothing but such in the weights.
    """
    adam.zero_grad()
    loss.backward()
    slope = torch.nn.utils.clip_grad_norm_(net.parameters(), steepest)
    taken = bool(torch.isfinite(slope))
    if taken:
        adam.step()
    return taken


def loss_of(torch: Any, net: Any, batch: Sequence[Line], rng: np.random.Generator | None) -> Any:
    """CTC's loss (Graves et al., ICML 2006) of a batch, a character."""
    device = _device_of(net)
    inputs = torch.from_numpy(stacked(batch, rng)).to(device).contiguous(memory_format=torch.channels_last)
    with torch.autocast(device.type, dtype=torch.bfloat16, enabled=_short_floats(torch, device)):
        logits = net(inputs)
    rows = logits.float().log_softmax(-1).transpose(0, 1)
    wanted = [torch.from_numpy(classes_of(line.text)) for line in batch]
    steps = torch.tensor([-(-line.picture.shape[1] // STEP) for line in batch]).clamp(max=rows.shape[0])
    lengths = torch.tensor([len(each) for each in wanted])
    return torch.nn.functional.ctc_loss(
        rows, torch.cat(wanted).to(device), steps, lengths, zero_infinity=True
    )


def _device_of(net: Any) -> Any:
    return next(net.parameters()).device


def _short_floats(torch: Any, device: Any) -> bool:
    """Whether bfloat16 is multiplied in tiles, on a GPU or by AMX: there a step takes 0.43 of the time."""
    if device.type != "cpu":
        return bool(torch.cuda.is_bf16_supported())
    supported = getattr(torch.cpu, "_is_amx_tile_supported", None)
    return bool(supported and supported())


def said(torch: Any, net: Any, lines: Sequence[Line]) -> list[str]:
    """The best path's text of each line."""
    net.eval()
    found: list[str] = []
    with torch.no_grad():
        for line in lines:
            best = net(torch.from_numpy(stacked([line])).to(_device_of(net)))[0].argmax(-1).tolist()
            kept = [k for k, before in zip(best, [0, *best], strict=False) if k and k != before]
            found.append("".join(ALPHABET[k - 1] for k in kept))
    return found


def error_rate(told: Sequence[str], truth: Sequence[str]) -> tuple[float, float]:
    """Character error rate (edits a character of the truth) and share of whole lines right."""
    wrong = sum(edits(a, b) for a, b in zip(told, truth, strict=True))
    exact = sum(a == b for a, b in zip(told, truth, strict=True))
    return wrong / max(1, sum(len(text) for text in truth)), exact / max(1, len(truth))


def _checks(held: Recipe, count: int) -> tuple[list[Line], list[Line]]:
    printed = Recipe(held.lexicons, held.printed, (), held.seed)
    hands = Recipe(held.lexicons, (), held.hands, held.seed)
    return drawn(printed, 1_000_000, count), drawn(hands, 1_000_001, count)


def _checked(
    torch: Any, net: Any, checks: tuple[list[Line], list[Line]], drawn_so_far: int, seen: int, seconds: float
) -> Figures:
    rates = [error_rate(said(torch, net, lines), [line.text for line in lines]) for lines in checks]
    (print_cer, print_exact), (hand_cer, hand_exact) = rates
    return Figures(
        print_cer=round(print_cer, 4),
        hand_cer=round(hand_cer, 4),
        print_exact=round(print_exact, 4),
        hand_exact=round(hand_exact, 4),
        lines=len(checks[0]),
        drawn=drawn_so_far,
        seen=seen,
        seconds=round(seconds, 1),
    )


def export(torch: Any, net: Any, path: Path) -> None:
    """Write the network as ONNX with weights in half precision: ``lines`` in, ``logits`` out."""
    onnx = importlib.import_module("onnx")
    net = net.eval().to("cpu", memory_format=torch.contiguous_format)
    torch.onnx.export(
        net,
        (torch.zeros(2, 1, HEIGHT, 160),),
        str(path),
        input_names=["lines"],
        output_names=["logits"],
        dynamic_axes={"lines": {0: "count", 3: "columns"}, "logits": {0: "count", 1: "steps"}},
        opset_version=17,
        dynamo=False,
    )
    model = onnx.load(str(path))
    _halved(onnx, model)
    onnx.checker.check_model(model)
    onnx.save(model, str(path))


def _halved(onnx: Any, model: Any) -> None:
    """Weights kept as float16 and widened when the model is loaded: half the size, the same arithmetic."""
    graph = model.graph
    casts = []
    for tensor in list(graph.initializer):
        values = onnx.numpy_helper.to_array(tensor)
        if values.dtype != np.float32 or values.size < 1024:
            continue
        small = onnx.numpy_helper.from_array(values.astype(np.float16), tensor.name + ".half")
        graph.initializer.remove(tensor)
        graph.initializer.append(small)
        casts.append(onnx.helper.make_node("Cast", [small.name], [tensor.name], to=onnx.TensorProto.FLOAT))
    for node in reversed(casts):
        graph.node.insert(0, node)


def _office_first(fonts: tuple[Path, ...]) -> tuple[Path, ...]:
    """Fonts, those that fill forms most (Times, Arial, Courier, by their free twins) five times over."""
    office = tuple(path for path in fonts if path.stem.startswith("Liberation"))
    return fonts + office * 4


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line of this module."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--lexicons", type=Path, default=resources_dir() / "lexicons", help="folder of the lexicons that ship"
    )
    parser.add_argument("--print-fonts", type=Path, nargs="+", required=True, help="folders of print fonts")
    parser.add_argument(
        "--hand-fonts", type=Path, nargs="+", required=True, help="folders of handwriting-like fonts"
    )
    parser.add_argument(
        "--pen-fonts",
        type=Path,
        nargs="*",
        default=[],
        help="folders of fonts whose letters are written with a pen",
    )
    parser.add_argument("--start", type=Path, default=None, help="lines.onnx to go on from")
    parser.add_argument("--digits", type=Path, default=None, help="folder that holds digits/mnist.npz")
    parser.add_argument("--out", type=Path, required=True, help="folder for lines.onnx and lines.json")
    parser.add_argument("--lines", type=int, default=600_000, help="lines to draw")
    parser.add_argument(
        "--workers", type=int, default=None, help="processes that draw; by default a core is left"
    )
    parser.add_argument("--threads", type=int, default=2, help="threads that learn")
    parser.add_argument("--device", default=None, help="of torch; by default cuda where there is one")
    given = parser.parse_args(arguments)
    device = given.device or ("cuda" if importlib.import_module("torch").cuda.is_available() else "cpu")
    workers = max(1, (os.cpu_count() or 2) - 1) if given.workers is None else given.workers
    recipes = [
        Recipe(
            given.lexicons,
            _office_first(fonts_in(given.print_fonts, held=held)),
            tuple(path for path in fonts_in(given.hand_fonts, held=held) if path.stem != "cousine"),
            _SEED,
            given.digits,
            () if held else pens_in(given.pen_fonts),
        )
        for held in (False, True)
    ]
    plan = Plan(given.lines, workers, threads=given.threads, start=given.start, device=device)
    train(recipes[0], recipes[1], plan, given.out)


if __name__ == "__main__":
    main()
