"""An unbroken run of pages of one form cut into documents, at the least cost of what must then be missing.

Every way to cut the run is weighed: a document costs a unit, each page it lacks another, pages out of order
more. The cheapest way is taken; a cut that a nearly as cheap way would not make, or would make elsewhere, is
doubtful and is told.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

DOCUMENT: Final = 1.0
LACKS: Final = 1.0
LACKS_END: Final = 0.7
"""The last pages of a form are left away sooner than those between."""
REVERSED: Final = 0.6
DISORDER: Final = 1.5
CLOSE: Final = 0.35
"""Another way at most so much dearer makes a cut doubtful."""
LONGEST: Final = 16
"""No form has more pages."""
NEVER: Final = float("inf")


@dataclass(frozen=True, slots=True)
class RunPage:
    """What is known of a page of a run.

    Attributes:
        number: Page of the form, 1-based.
        file: File it came in.
        leans: It counts only beside the page before it.
    """

    number: int
    file: str
    leans: bool = False


@dataclass(frozen=True, slots=True)
class Cut:
    """One document of a run: pages ``start`` to ``end`` (exclusive), and whether its begin is doubtful."""

    start: int
    end: int
    doubtful: bool = False


def cut_run(
    run: Sequence[RunPage], pages: int, apart: Callable[[int, int], bool] = lambda _one, _other: False
) -> list[Cut]:
    """Cut a run into documents.

    Args:
        run: In the order of the stack.
        pages: Pages the form has; 0 where nobody knows.
        apart: Whether two places of the run speak of different patients; they are never put together.
    """
    best = [_Ways() for _ in range(len(run) + 1)]
    best[0].add(0.0, ())
    for end in range(1, len(run) + 1):
        for start in range(max(0, end - LONGEST), end):
            cost = _cost(run[start:end], pages)
            if cost == NEVER or any(apart(a, b) for a in range(start, end) for b in range(a + 1, end)):
                continue
            for before, cuts in best[start].kept:
                best[end].add(before + cost, (*cuts, start))
    first = best[-1].kept[0]
    others = [cuts for cost, cuts in best[-1].kept[1:] if cost - first[0] <= CLOSE]
    return _told(first[1], others, len(run))


class _Ways:
    """The cheapest ways to cut the run up to a place; the first of equally cheap ones stays first."""

    def __init__(self) -> None:
        self.kept: list[tuple[float, tuple[int, ...]]] = []

    def add(self, cost: float, cuts: tuple[int, ...]) -> None:
        self.kept = sorted([*self.kept, (cost, cuts)], key=lambda way: (way[0], len(way[1])))[:3]


def _told(cuts: tuple[int, ...], others: list[tuple[int, ...]], length: int) -> list[Cut]:
    ends = (*cuts[1:], length)
    doubted = {start for way in others for start in set(cuts) ^ set(way)}
    return [
        Cut(start, end, any(start <= place <= end and place not in {0, length} for place in doubted))
        for start, end in zip(cuts, ends, strict=True)
    ]


def _cost(part: Sequence[RunPage], pages: int) -> float:
    """What it costs to call pages one document; ``NEVER`` where they cannot be one."""
    numbers = [page.number for page in part]
    if len(set(numbers)) < len(numbers):
        return NEVER
    falls = [at for at in range(1, len(numbers)) if numbers[at] < numbers[at - 1]]
    if any(part[at].file != part[at - 1].file for at in falls):
        return NEVER
    if any(page.leans and page.number - 1 not in numbers[:at] for at, page in enumerate(part)):
        return DOCUMENT + 2 * LACKS if len(part) == 1 else NEVER
    lacks = LACKS * (max(numbers) - len(numbers)) + LACKS_END * max(0, pages - max(numbers))
    backwards = len(falls) == len(numbers) - 1 and len(numbers) > 1
    if 1 in numbers[1:] and not backwards:
        return NEVER  # a first page behind others is more likely the next document's
    return DOCUMENT + lacks + (REVERSED if backwards else DISORDER * len(falls))


def whole(run: Sequence[RunPage], pages: int) -> bool:
    """Whether a run ends with all pages of a form in order: nothing that follows can change how it is cut."""
    if pages < 1 or len(run) < pages:
        return False
    return [page.number for page in run[-pages:]] == list(range(1, pages + 1))
