"""Dask: the same work on processes of this machine or on many machines; workers may come and go.

The ledger is the truth, Dask only carries orders out and outcomes back. So its own retries are switched off
(a try is counted in the ledger), and no more orders are sent than there are workers: a worker that dies had
one order, and only that order is suspected.
"""

from __future__ import annotations

import importlib
import logging
import os
import queue
import socket
import time
from typing import Any, Final, Self
from urllib.parse import urlsplit

from formscan.batch.orders import CLUSTER_LOST, CrewSetup, Lost, Order, Outcome, PageLimits
from formscan.errors import EngineError, FormScanError

LOOK_S: Final = 2.0
"""How often it is asked how many workers there are."""
CONNECT_S: Final = 20
LOST_S: Final = 300.0
"""How long a cluster may be out of reach before the run ends, as long as a database may; it is resumed by
running again. A scheduler that was started again on a busy machine took longer than the 20 s Dask waits."""


class Cluster:
    """Workers behind a Dask scheduler.

    Args:
        setup: What a worker needs; folders in it must be the same on every machine.
        address: Of a scheduler (``tcp://host:8786``); empty for workers of this machine.
        count: Workers of this machine, where there is no address.
        limits: Time and memory of a page.

    Raises:
        EngineError: ``engine.no_cluster`` where nobody answers at the address.
    """

    def __init__(self, setup: CrewSetup, address: str, count: int, limits: PageLimits) -> None:
        self._setup = setup
        self._address = address
        self._count = count
        self.limits = limits
        self._landed: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._orders: dict[str, tuple[Order, float, Any]] = {}
        self._slots, self._looked = max(count, 1), 0.0
        self._away_since: float | None = None
        self._number = 0
        self._scheduler = ""

    def __enter__(self) -> Self:
        distributed, dask = _untyped("distributed"), _untyped("dask")
        logging.getLogger("distributed").setLevel(logging.CRITICAL)
        os.environ.setdefault("OMP_THREAD_LIMIT", "1")
        self._local: Any = None
        self._quiet = dask.config.set(_SETTINGS)
        self._quiet.__enter__()
        if not self._address:
            self._local = distributed.LocalCluster(
                n_workers=self._count,
                threads_per_worker=1,
                processes=True,
                memory_limit=self.limits.worker_bytes,
                host="127.0.0.1",
                dashboard_address=None,
                silence_logs=logging.CRITICAL,
            )
        try:
            _knock(self._address)
            place = self._local or self._address
            self._client: Any = distributed.Client(place, timeout=LOST_S, set_as_default=False)
            self._ask()
        except OSError as error:
            self._quiet.__exit__(None, None, None)
            raise EngineError("engine.no_cluster", error=type(error).__name__) from error
        return self

    def __exit__(self, *_: object) -> None:
        try:
            for flying in self._orders.values():
                flying[2].release()
            self._client.close(timeout=CONNECT_S)
            if self._local is not None:
                self._local.close(timeout=CONNECT_S)
        finally:
            self._quiet.__exit__(None, None, None)
        self._orders.clear()

    @property
    def slots(self) -> int:
        """See ``Engine``."""
        self._mind_the_cluster()
        now = time.monotonic()
        if now - self._looked >= LOOK_S and self._client.status == "running":
            self._looked = now
            try:
                self._ask()
            except OSError:  # the scheduler went this moment; the client notices by itself
                return self._slots
        return self._slots

    def _ask(self) -> None:
        """How many workers there are, of a scheduler that knows how they are to be treated."""
        told = self._client.scheduler_info(n_workers=-1)
        self._slots = sum(int(worker["nthreads"]) for worker in told["workers"].values())
        if told["id"] != self._scheduler:  # another one, which was not told yet
            self._client.run_on_scheduler(_never_retry)
            self._scheduler = told["id"]

    def submit(self, order: Order) -> None:
        """See ``Engine``."""
        from formscan.batch.worker import work

        self._number += 1
        key = f"formscan-{os.getpid()}-{self._number}"
        future = self._client.submit(work, self._setup, order, key=key, pure=False, retries=0)
        self._orders[key] = (order, time.monotonic(), future)
        future.add_done_callback(self._landed.put)

    def wait(self, seconds: float) -> list[Outcome]:
        """See ``Engine``."""
        self._mind_the_cluster()
        found: list[Outcome] = []
        try:
            future = self._landed.get(timeout=seconds)
            while True:
                found += self._outcome(future)
                future = self._landed.get_nowait()
        except queue.Empty:
            return found

    def _outcome(self, future: Any) -> list[Outcome]:
        if future.key not in self._orders:
            return []
        order, since, _ = self._orders.pop(future.key)
        if future.status == "finished":
            try:
                return [(order, future.result(timeout=CONNECT_S))]
            except Exception as error:  # noqa: BLE001 - whatever keeps an outcome from arriving, the order is lost
                return [(order, Lost("read.worker_died", type(error).__name__))]
            finally:
                future.release()
        if future.status in {"cancelled", "lost"}:  # the scheduler went, not the worker
            return [(order, Lost(CLUSTER_LOST))]
        cause = future.exception(timeout=CONNECT_S)
        if isinstance(cause, FormScanError):  # templates or readers cannot be loaded: no page is to blame
            raise cause
        overdue = time.monotonic() - since >= self.limits.page_s
        worker = str(getattr(getattr(cause, "last_worker", None), "address", "") or "")
        future.release()
        return [(order, Lost("read.timeout" if overdue else "read.worker_died", worker))]

    def _mind_the_cluster(self) -> None:
        """Give the scheduler time to come back.

        Raises:
            EngineError: ``engine.cluster_lost``.
        """
        if self._client.status == "running":
            self._away_since = None
            return
        self._away_since = self._away_since or time.monotonic()
        if self._client.status == "closed" or time.monotonic() - self._away_since > LOST_S:
            raise EngineError(CLUSTER_LOST, orders=len(self._orders))


_SETTINGS: Final = {
    "distributed.scheduler.allowed-failures": 0,
    "distributed.scheduler.worker-saturation": 1.0,
    "distributed.worker.memory.target": False,
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": False,
    "distributed.worker.memory.terminate": 0.95,
    "distributed.worker.memory.monitor-interval": "500ms",
    "distributed.worker.profile.enabled": False,
    "distributed.scheduler.work-stealing": False,
    "distributed.scheduler.active-memory-manager.start": False,
    "distributed.admin.tick.interval": "1s",
    "distributed.admin.tick.limit": "60s",
    "distributed.admin.system-monitor.interval": "10s",
    "distributed.nanny.pre-spawn-environ.OMP_THREAD_LIMIT": "1",
}
"""Workers hold no data for each other, so there is nothing to spill; too much memory ends the worker. What
Dask sees of itself (a thread a hundred times a second, the loop fifty times) costs by the clock."""


def _knock(address: str) -> None:
    """Learn soon that nobody is at an address: the client would wait there as for a scheduler that went.

    Raises:
        OSError: If nobody is.
    """
    place = urlsplit(address)
    if place.hostname and place.port:
        socket.create_connection((place.hostname, place.port), CONNECT_S).close()


def _untyped(name: str) -> Any:
    """A library without types, loaded when it is needed: it takes a second."""
    return importlib.import_module(name)


def _never_retry(dask_scheduler: Any = None) -> None:
    """On the scheduler: the death of a worker is told at once, and each worker gets one order."""
    dask_scheduler.allowed_failures = 0
    dask_scheduler.WORKER_SATURATION = 1.0
