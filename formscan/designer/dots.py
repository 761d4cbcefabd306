"""Dotted fill-in lines out of pixels: rows of small marks at even steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from formscan.designer.printed import ASCENT, DESCENT, Leader
from formscan.model.geometry import Area

Blobs = npt.NDArray[np.float64]
"""float64 (n, 4): left, top, right, bottom of connected pieces of ink, points."""

_DOT_PT: Final = (0.3, 2.3)
"""Smallest and largest side of a dot."""
_STEP_PT: Final = (1.5, 6.0)
"""Least and largest step from dot to dot (a full stop of 6 pt, an ellipsis of 18 pt)."""
_LEAST_DOTS: Final = 4
_LEVEL_PT: Final = 0.75
_ELLIPSIS_STEP_PT: Final = 3.28
"""Dots this far apart are those of an ellipsis (a third of the size); nearer ones full stops (a quarter)."""
_JOIN_STEPS: Final = 3.3
_SLASH_PT: Final = 9.0
_RULE_PT: Final = 1.2


@dataclass(frozen=True, slots=True)
class _Run:
    left: float
    right: float
    baseline: float
    step: float
    count: int


def leaders_of(blobs: Blobs) -> list[Leader]:
    """The dotted lines among the pieces of ink of a straight page.

    Dots of letters, colons and full stops between words are left out: a line has four dots or more at even
    steps. Lines parted by a space are one; lines parted by a printed slash are one with several parts.
    """
    dots = _dots(blobs)
    runs = [run for chain in _chains(dots) if (run := _run(dots[chain])) is not None]
    groups = _joined(sorted(runs, key=lambda r: (r.left, r.right)), blobs)
    return [_leader(group, blobs) for group in groups if max(run.count for run in group) >= _LEAST_DOTS]


def _dots(blobs: Blobs) -> Blobs:
    sides = blobs[:, 2:] - blobs[:, :2]
    small = (sides.min(axis=1) >= _DOT_PT[0]) & (sides.max(axis=1) <= _DOT_PT[1])
    dots = blobs[small]
    order = np.argsort(dots[:, 0])
    dots = dots[order]
    return np.asarray(dots[~_of_colons(dots)], dtype=np.float64)


def _of_colons(dots: Blobs) -> npt.NDArray[np.bool_]:
    """Dots with another straight above or below them, within a letter's height."""
    out = np.zeros(len(dots), dtype=bool)
    middle = (dots[:, 0] + dots[:, 2]) / 2
    for at in range(len(dots)):
        ahead = np.searchsorted(dots[:, 0], dots[at, 0] + 0.8)
        others = np.arange(at + 1, ahead)
        if not len(others):
            continue
        rise = np.abs(dots[others, 3] - dots[at, 3])
        pair = others[(rise > 1.8) & (rise < 6.5) & (np.abs(middle[others] - middle[at]) < 0.5)]
        if len(pair):
            out[at] = True
            out[pair] = True
    return out


def _chains(dots: Blobs) -> list[list[int]]:
    """Indices of dots that follow each other on a level, each with the nearest one to its right."""
    middles = (dots[:, :2] + dots[:, 2:]) / 2
    after: dict[int, int] = {}
    taken: set[int] = set()
    for at in range(len(dots)):
        end = int(np.searchsorted(dots[:, 0], dots[at, 0] + _STEP_PT[1] + 1.0))
        near = np.arange(at + 1, end)
        step = middles[near, 0] - middles[at, 0]
        level = np.abs(middles[near, 1] - middles[at, 1]) < _LEVEL_PT
        good = near[level & (step >= _STEP_PT[0]) & (step <= _STEP_PT[1])]
        if len(good) and int(good[0]) not in taken:
            after[at] = int(good[0])
            taken.add(int(good[0]))
    chains = []
    for start in set(after) - taken:
        chain = [start]
        while chain[-1] in after:
            chain.append(after[chain[-1]])
        chains.append(chain)
    return chains


def _run(dots: Blobs) -> _Run | None:
    """A chain as a line, without strange ends; ``None`` where its steps are uneven."""
    middle = (dots[:, 0] + dots[:, 2]) / 2
    steps = np.diff(middle)
    step = float(np.median(steps))
    even = np.abs(steps - step) < 0.3 * step + 0.2
    if len(steps) > 2 and even.mean() < 0.6:
        return None
    start, end = 0, len(dots)
    while end - start > _LEAST_DOTS and steps[start] > 1.5 * step:  # the full stop of "1."
        start += 1
    kept = dots[start:end]
    return _Run(float(kept[0, 0]), float(kept[-1, 2]), float(np.median(kept[:, 3])), step, len(kept))


def _joined(runs: Sequence[_Run], blobs: Blobs) -> list[list[_Run]]:
    groups: list[list[_Run]] = []
    for run in runs:
        for group in groups:
            last = group[-1]
            gap = run.left - last.right
            if abs(run.baseline - last.baseline) < _LEVEL_PT and -0.5 < gap < _SLASH_PT:
                if gap < _JOIN_STEPS * max(last.step, 2.5) and _between(last, run, blobs) is None:
                    group[-1] = _Run(last.left, run.right, last.baseline, last.step, last.count + run.count)
                    break
                if _slash_between(last, run, blobs):
                    group.append(run)
                    break
        else:
            groups.append([run])
    return groups


def _between(a: _Run, b: _Run, blobs: Blobs) -> Blobs | None:
    """Pieces of ink between two runs, on their level; ``None`` where there are none."""
    middle = (blobs[:, 0] + blobs[:, 2]) / 2
    inside = (middle > a.right - 0.3) & (middle < b.left + 0.3)
    level = (blobs[:, 3] > a.baseline - 7) & (blobs[:, 1] < a.baseline + 1)
    tall = blobs[:, 3] - blobs[:, 1] > _DOT_PT[1]
    wide = blobs[:, 2] - blobs[:, 0] > _RULE_PT  # not the side of a box over the line
    found = blobs[inside & level & tall & wide]
    return found if len(found) else None


def _slash_between(a: _Run, b: _Run, blobs: Blobs) -> bool:
    found = _between(a, b, blobs)
    if found is None or len(found) != 1:
        return False
    left, top, right, bottom = found[0]
    return bool(right - left < 5.0 and 4.0 < bottom - top < 14.0)


def _leader(group: Sequence[_Run], blobs: Blobs) -> Leader:
    longest = max(group, key=lambda r: r.count)
    size = longest.step * (3.0 if longest.step > _ELLIPSIS_STEP_PT else 4.0)
    baseline = float(np.median([r.baseline for r in group]))
    # a full stop has white on both sides of its dot
    side = 0.07 * size
    area = Area(
        group[0].left - side, baseline - ASCENT * size, group[-1].right + side, baseline + DESCENT * size
    )
    return Leader(area, baseline, size, tuple(part for r in group for part in _parts(r, blobs)))


def _parts(run: _Run, blobs: Blobs) -> list[tuple[float, float]]:
    """A run cut at the slashes printed among its dots."""
    wide, high = blobs[:, 2] - blobs[:, 0], blobs[:, 3] - blobs[:, 1]
    inside = (blobs[:, 0] > run.left + 2) & (blobs[:, 2] < run.right - 2)
    level = (blobs[:, 3] > run.baseline - 2) & (blobs[:, 3] < run.baseline + 4)
    slashes = blobs[inside & level & (wide < 5.0) & (wide > _RULE_PT) & (high > 4.0) & (high < 14.0)]
    edges = [run.left, *(v for s in slashes[np.argsort(slashes[:, 0])] for v in (s[0], s[2])), run.right]
    pairs = [(float(a), float(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]
    return [pair for pair in pairs if pair[1] - pair[0] > 3.0] or [(run.left, run.right)]
