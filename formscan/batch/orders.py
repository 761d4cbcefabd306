"""What a worker is given: references to durable files and pages, never pixels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from formscan.model.ledger import FileOutcome, PageKey, StoredPage

if TYPE_CHECKING:  # a worker speaks no SQL and need not load who does
    from formscan.store import Waiting

GIB: Final = 2**30
CLUSTER_LOST: Final = "engine.cluster_lost"
"""The order is not suspected: what carried it is gone."""


@dataclass(frozen=True, slots=True)
class PageLimits:
    """What a page may cost before it is stopped.

    Attributes:
        page_s: Seconds for one page; then its worker is ended and the page quarantined. Opening a PDF has
            limits of its own below this.
        worker_bytes: Memory of one worker; beyond it the worker is ended.
        attempts: Tries of a page whose worker dies, before it is quarantined.
        pages_at_once: Pages of one file in one order: opening a PDF costs as much as a third of a page.
    """

    page_s: float = 180.0
    worker_bytes: int = 3 * GIB
    attempts: int = 2
    pages_at_once: int = 4


@dataclass(frozen=True, slots=True)
class CrewSetup:
    """What a worker needs to begin: places only.

    Attributes:
        images: Folder or fsspec URL of the image store.
        forms: Folder of further templates, besides those that ship with the program.
        page_s: Seconds a page may take before the process ends itself; 0 for no limit.
    """

    images: str
    forms: Path | None = None
    page_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Order:
    """Pages of one file to be opened and read.

    Attributes:
        file_id: Of the ledger.
        file_sha256: Name of the file's durable copy.
        name: As ``Source.name``.
        first: Page to begin with, 0-based.
        most: Pages at most.
        form_id: Only this form is tried; empty for all.
        stored: The page where its image is stored already; then the file is not opened.
    """

    file_id: str
    file_sha256: str
    name: str
    first: int
    most: int = 1
    form_id: str = ""
    stored: StoredPage | None = None

    @property
    def keys(self) -> tuple[PageKey, ...]:
        """The pages of the ledger it is about."""
        return tuple(PageKey(self.file_id, self.first + place) for place in range(self.most))


@dataclass(frozen=True, slots=True)
class Lost:
    """An order that ended with its worker.

    Attributes:
        reason: ``read.worker_died``, ``read.timeout``, ``read.memory`` or ``CLUSTER_LOST``.
        worker: Which one.
    """

    reason: str
    worker: str = ""


Outcome = tuple[Order, FileOutcome | Lost]


def orders_of(waiting: Iterable[Waiting], most: int) -> Iterator[Order]:
    """Orders for waiting work, in its order: neighbouring pages of a file go together.

    A page that was tried before goes alone, so that what it does happens to no other.
    """
    pending: Order | None = None
    for each in waiting:
        order = Order(
            each.key.file_id, each.file_sha256, each.name, each.key.index, 1, each.form_id, each.page
        )
        if pending is not None and each.single and not each.attempts and _follows(pending, order, most):
            pending = Order(
                pending.file_id, pending.file_sha256, pending.name, pending.first, pending.most + 1,
                pending.form_id,
            )  # fmt: skip
            continue
        if pending is not None:
            yield pending
        pending = order
        if each.attempts or each.page is not None or not each.single:
            yield order
            pending = None
    if pending is not None:
        yield pending


def _follows(pending: Order, order: Order, most: int) -> bool:
    return (
        order.stored is None
        and order.file_id == pending.file_id
        and order.first == pending.first + pending.most
        and pending.most < most
    )
