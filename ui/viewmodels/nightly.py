"""The night of the core as the window's desk sees it; every call is in the database thread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, cast

from formscan.model.ledger import PageKey
from ui.viewmodels.backend import Backend

if TYPE_CHECKING:  # SQLAlchemy takes half a second to load; the window must not wait for it
    from formscan.batch.morning.room import NightRoom


class Nightly(Protocol):
    """A backend that knows about the night."""

    def offer_page(self, key: PageKey) -> None:
        """Put a held page up for the template studio."""

    @property
    def night(self) -> NightRoom:
        """The room; made in the thread of the first call."""


def nightly(backend: Backend) -> Nightly:
    """The backend, which must know about the night.

    Raises:
        TypeError: If it does not: the desk is not offered on such a core.
    """
    if not hasattr(type(backend), "night"):  # asking the object itself would open the store here
        raise TypeError(type(backend).__name__)
    return cast("Nightly", backend)
