"""Where orders are worked off: one seam; behind it this process, processes of this machine, or a cluster."""

from __future__ import annotations

from collections import deque
from types import TracebackType
from typing import Protocol, Self

from formscan.batch.orders import CrewSetup, Order, Outcome, PageLimits


class Engine(Protocol):
    """Works off orders. An order gives exactly one outcome: what was found, or that its worker was lost.

    A worker has one order at a time, so that a page which takes its worker down takes no other page along.
    Used as a context manager, by one thread.
    """

    @property
    def slots(self) -> int:
        """How many orders can be under way now; it changes where workers come and go."""
        ...

    @property
    def limits(self) -> PageLimits:
        """What a page may cost here."""
        ...

    def submit(self, order: Order) -> None:
        """Begin with an order; only where fewer than ``slots`` are under way."""
        ...

    def wait(self, seconds: float) -> list[Outcome]:
        """Outcomes that are there, waiting at most so long for the first one.

        Raises:
            EngineError: ``engine.cluster_lost`` where no outcome can come any more.
            FormScanError: Where workers cannot load templates or readers: that is no page's fault.
        """
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class Inline:
    """Works in this process: for tests, and where a process more is not wanted. No limit can be kept here.

    Args:
        setup: What the work needs.
    """

    slots = 1
    limits = PageLimits()

    def __init__(self, setup: CrewSetup) -> None:
        self._setup = setup
        self._orders: deque[Order] = deque()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._orders.clear()

    def submit(self, order: Order) -> None:
        """See ``Engine``."""
        self._orders.append(order)

    def wait(self, seconds: float) -> list[Outcome]:
        """See ``Engine``."""
        if not self._orders:
            return []
        from formscan.batch.worker import work  # the stages take a second to load: only where they are used

        order = self._orders.popleft()
        return [(order, work(self._setup, order))]
